"""What one requirements file says, line by line."""

from __future__ import annotations

import pytest

from devsecops.errors import ReportError
from devsecops.lockfiles import read
from devsecops.model import Lock

RANGE = "only a range of versions is given"
NO_VERSION = "no version is pinned"
ARCHIVE = "it is an archive file, not a release of a package index"
URL = "it comes from a URL, not from a package index"
REPOSITORY = "it comes from a source repository, not from a package index"
OUTSIDE = "the path lies outside the scanned root"


def lock(content: str | bytes, path: str = "app/requirements.txt") -> Lock:
    """The content, read as the only file of a repository."""
    data = content if isinstance(content, bytes) else content.encode()

    def opener(wanted: str) -> bytes:
        if wanted != path:
            raise FileNotFoundError(2, "No such file or directory", wanted)
        return data

    return read(path, opener)


def packages(content: str | bytes) -> list[str]:
    return [f"{package.line}: {package.name} {package.version}" for package in lock(content).packages]


def reasons(content: str | bytes) -> list[str]:
    return [unpinned.reason for unpinned in lock(content).unpinned]


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("flask==1.0", "flask 1.0"),
        ("Flask == 1.0", "flask 1.0"),
        ("flask (==1.0)", "flask 1.0"),
        ("zope.interface==5.0", "zope-interface 5.0"),
        ("a__b==1", "a-b 1"),
        ("requests[socks,security]==2.31.0", "requests 2.31.0"),
        ("flask==1.0; python_version < '3'", "flask 1.0"),
        ("flask==1.0 ; sys_platform == 'win32'", "flask 1.0"),
        ("flask==1.0 --hash=sha256:00 --hash sha256:11", "flask 1.0"),
        ("flask==1.0\t--hash=sha256:00", "flask 1.0"),
        ("flask==1.0 --config-settings=a=b", "flask 1.0"),
        ("flask==1.0  # why", "flask 1.0"),
        ("flask==1.2,>=1", "flask 1.2"),
        ("flask==1.2,==1.*", "flask 1.2"),
        ("flask==v1.2rc1+cpu.1", "flask v1.2rc1+cpu.1"),
        ("flask==1!2.0", "flask 1!2.0"),
        ("https://example.org/x/Flask_Login-1.0-py3-none-any.whl", "flask-login 1.0"),
        ("https://example.org/x/flask-1.0-1a-py3-none-any.whl#sha256=00", "flask 1.0"),
        ("https://example.org/torch-2.0%2Bcpu-cp311-none-any.whl?x=1", "torch 2.0+cpu"),
        ("https://example.org/flask-login-1.0.tar.gz ; python_version < '3'", "flask-login 1.0"),
        ("https://example.org/flask-1.0.tar.gz#egg=Flask", "flask 1.0"),
        ("Flask @ https://example.org/flask-1.0.tar.gz", "flask 1.0"),
        ("flask @ https://github.com/pallets/flask/archive/flask-1.0.tar.gz", "flask 1.0"),
    ],
)
def test_a_requirement_at_one_version_is_a_package(line: str, package: str) -> None:
    assert packages(line) == [f"1: {package}"]
    assert reasons(line) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("flask", NO_VERSION),
        ("flask[async]", NO_VERSION),
        ("flask; python_version < '3'", NO_VERSION),
        ("flask>=1.0", RANGE),
        ("flask~=1.0", RANGE),
        ("flask==1.2.*", RANGE),
        ("flask!=1.2", RANGE),
        ("flask==1.0,==1.1", "it pins several versions at once"),
        ("flask==${VERSION}", "it depends on the environment variable VERSION"),
        ("https://${TOKEN}@example.org/flask-1.0.tar.gz", "it depends on the environment variable TOKEN"),
        ("-e file:///${PROJECT_ROOT}/lib", "it depends on the environment variable PROJECT_ROOT"),
        ("flask===1.0é", "its version is not a valid version"),
        ("flask @ https://example.org/flask.zip", URL),
        ("flask @ https://example.org/django-1.0.tar.gz", URL),
        ("flask @ https://example.org/django-1.0-py3-none-any.whl", URL),
        ("https://example.org/flask-main.tar.gz", URL),
        ("https://example.org/flask-1.0.tar.gz#egg=django", URL),
        ("https://github.com/pallets/flask/archive/refs/tags/release-1.0.tar.gz", URL),
        (f"https://example.org/flask-{'1' * 5000}.tar.gz", URL),
        ("flask @ elsewhere", URL),
        ("s3://bucket/wheels/", URL),
        ("git+https://github.com/pallets/flask@2.0.1", REPOSITORY),
        ("-e git+ssh://git@github.com/pallets/flask.git@2.0.1#egg=flask", REPOSITORY),
        ("-e flask@git+https://github.com/pallets/flask", REPOSITORY),
        ("flask @ git+https://github.com/pallets/flask@2.0.1", REPOSITORY),
        ("./wheels/flask-1.0-py3-none-any.whl", ARCHIVE),
        ("wheels/flask-1.0.tar.gz", ARCHIVE),
        ("flask-1.0-py3-none-any.whl", ARCHIVE),
        ("file:wheels/flask-1.0-py3-none-any.whl", ARCHIVE),
        ("../../shared", OUTSIDE),
        ("-e ../../shared", OUTSIDE),
        ("-e ~/shared", OUTSIDE),
        ("/opt/shared", OUTSIDE),
        ("file:///opt/shared", OUTSIDE),
        ("file://server/shared", OUTSIDE),
        ("..\\..\\shared", OUTSIDE),
        ("C:\\shared", OUTSIDE),
        ("C:/shared", OUTSIDE),
    ],
)
def test_what_is_not_pinned_is_named_with_the_reason(line: str, reason: str) -> None:
    found = lock(line)
    assert found.packages == ()
    assert [(unpinned.line, unpinned.reason) for unpinned in found.unpinned] == [(1, reason)]


@pytest.mark.parametrize(
    "line",
    [
        ".",
        "..",
        ".[dev]",
        "./lib",
        "./lib[dev] ; python_version > '3'",
        "../lib",
        "-e .",
        "-e ./lib",
        "-e lib",
        "-e lib ; python_version > '3'",
        "--editable=lib[dev]",
        "file:lib",
        "file:.",
        "file://./lib?x#egg=lib",
        "lib @ file:lib",
        "-e file:./lib",
    ],
)
def test_code_of_the_repository_itself_is_left_out(line: str) -> None:
    assert lock(line) == Lock(path="app/requirements.txt")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# flask==1.0",
        "   # flask==1.0",
        "-i https://example.org/simple",
        "--index-url=https://user:secret@example.org/simple",
        "--extra-index-url https://example.org/simple",
        "--index https://example.org",
        "-f ./wheels",
        "--find-links=wheels",
        "--no-index",
        "--pre",
        "--trusted-host example.org",
        "--no-binary :all:",
        "--only-binary=:all:",
        "--use-feature=fast-deps --require-hashes",
        "--hash=sha256:00",
        "-Z",
    ],
)
def test_comments_and_options_ask_for_nothing(line: str) -> None:
    assert lock(line) == Lock(path="app/requirements.txt")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("flask = 1.0", "Expected "),
        (
            "flask==1.0 extra words",
            "Expected ",
        ),
        ("?", "Expected "),
        ("flask==1.0; (((", ""),
        ("--unknown", "the option --unknown is not known"),
        ("--no flask", "the option --no is not known"),
        ("-", "the option - is not known"),
        ("-x", "the option -x is not known"),
        ("-r", "the option -r has no value"),
        ("-r 'other.txt", "No closing quotation"),
        ("--pre flask==1.0", "pip ignores what stands behind an option: flask==1.0"),
        ("and/or", "it is not a name, and there is no project at this path"),
        ("see docs/install.md for more", "it is not a name, and there is no project at this path"),
        ("...", "it is not a name, and there is no project at this path"),
        ("a/\x00b", "it is not a name, and there is no project at this path"),
        ("f" * 20_001, "it is longer than 20000 characters"),
        (f"-i {'x' * 5_000}", "its options are longer than 4096 characters"),
        (f"flask; {'(' * 19_000}", ""),
    ],
)
def test_an_invalid_line_is_named(line: str, reason: str) -> None:
    found = lock(f"{line}\ndjango==3.2\n")
    assert [package.name for package in found.packages] == ["django"]
    assert len(found.unpinned) == 1
    assert found.unpinned[0].reason.startswith(f"not a valid requirement: {reason}")


def test_an_option_that_is_not_known_does_not_hide_its_requirement() -> None:
    found = lock("flask==1.0 --unknown")
    assert [package.name for package in found.packages] == ["flask"]
    assert [unpinned.text for unpinned in found.unpinned] == ["flask==1.0 --unknown"]


def test_a_folder_without_a_dot_is_local_code_where_it_holds_a_project() -> None:
    files = {
        "app/requirements.txt": b"libs/a\nlibs/b\nlibs/c",
        "app/libs/a/pyproject.toml": b"",
        "libs/b/setup.py": b"",
    }

    def opener(path: str) -> bytes:
        if path not in files:
            raise ReportError("not there")
        return files[path]

    assert [unpinned.text for unpinned in read("app/requirements.txt", opener).unpinned] == ["libs/c"]


def test_prose_is_refused_from_a_length_that_is_no_accident() -> None:
    short, long = "This is a sentence.\n" * 20, "\n" + "This is a sentence.\n" * 21
    assert len(reasons(short)) == 20
    with pytest.raises(ReportError, match="line 2: not a requirements file: none of its 21 lines is a requirement"):
        lock(long)


@pytest.mark.parametrize("line", ["flask==1.0", "--pre", "-e .", "git+https://example.org/x"])
def test_prose_with_one_valid_line_is_kept(line: str) -> None:
    assert len(reasons("This is a sentence.\n" * 30 + line)) >= 30


def test_a_name_that_is_no_lock_file_is_read_as_requirements() -> None:
    found = lock("flask==1.0", "deps.in")
    assert [(package.path, package.name) for package in found.packages] == [("deps.in", "flask")]


def test_a_file_that_cannot_be_opened_is_an_error_that_names_it() -> None:
    def opener(path: str) -> bytes:
        raise PermissionError(13, "Permission denied", f"/secret/place/{path}")

    with pytest.raises(ReportError, match=r"^requirements.txt: cannot be opened: Permission denied$"):
        read("requirements.txt", opener)


def test_an_error_of_the_opener_itself_is_kept() -> None:
    def opener(path: str) -> bytes:
        raise ReportError(f"{path}: larger than 10 MB")

    with pytest.raises(ReportError, match="larger than 10 MB"):
        read("requirements.txt", opener)
