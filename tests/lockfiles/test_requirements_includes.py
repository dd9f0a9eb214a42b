"""Files that requirements files include, and constraints."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from devsecops.errors import ReportError
from devsecops.lockfiles import read
from devsecops.model import Lock


def lock(files: Mapping[str, str], path: str = "app/requirements.txt") -> Lock:
    def opener(wanted: str) -> bytes:
        if wanted not in files:
            raise FileNotFoundError(2, "No such file or directory", f"/home/me/{wanted}")
        return files[wanted].encode()

    return read(path, opener)


def packages(files: Mapping[str, str]) -> list[str]:
    return [f"{package.path}:{package.line} {package.name} {package.version}" for package in lock(files).packages]


def unpinned(files: Mapping[str, str]) -> list[str]:
    return [f"{item.path}:{item.line} {item.text}: {item.reason}" for item in lock(files).unpinned]


@pytest.mark.parametrize(
    "line",
    [
        "-r base.txt",
        "-rbase.txt",
        "-r ./base.txt",
        "-r ../app/base.txt",
        "-r 'base.txt'",
        "--requirement base.txt",
        "--requirement=base.txt",
        "--requirem=base.txt",
        "-r base.txt -r base.txt",
        "--pre -r base.txt",
    ],
)
def test_an_included_file_is_read_in_its_place(line: str) -> None:
    files = {"app/requirements.txt": f"flask==1.0\n{line}\njinja2==3.0", "app/base.txt": "\ndjango==3.2"}
    assert packages(files) == [
        "app/requirements.txt:1 flask 1.0",
        "app/base.txt:2 django 3.2",
        "app/requirements.txt:3 jinja2 3.0",
    ]
    assert unpinned(files) == []


def test_the_path_is_relative_to_the_file_that_includes() -> None:
    files = {
        "app/requirements.txt": "-r ../requirements/dev.txt",
        "requirements/dev.txt": "-r base.txt",
        "requirements/base.txt": "flask==1.0",
    }
    assert packages(files) == ["requirements/base.txt:1 flask 1.0"]


def test_cycles_and_doubles_are_read_once() -> None:
    files = {
        "app/requirements.txt": "-r a.txt\n-r b.txt\n-r requirements.txt",
        "app/a.txt": "-r b.txt\nflask==1.0",
        "app/b.txt": "-r a.txt\ndjango==3.2",
    }
    assert packages(files) == ["app/b.txt:2 django 3.2", "app/a.txt:2 flask 1.0"]
    assert unpinned(files) == []


def test_a_long_chain_of_files_is_read_to_its_end() -> None:
    files = {f"app/{number}.txt": f"-r {number + 1}.txt" for number in range(990)}
    files |= {"app/requirements.txt": "-r 0.txt", "app/990.txt": "flask==1.0"}
    assert packages(files) == ["app/990.txt:1 flask 1.0"]


def test_a_chain_without_end_is_cut_and_named() -> None:
    found = read("r.txt", lambda _: b"-r a/r.txt\n-r b/r.txt\nflask==1.0")
    assert len(found.packages) == 1_000
    assert {item.reason for item in found.unpinned} == {"the file cannot be read: more than 1,000 files are included"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-r absent.txt", "the file cannot be opened: No such file or directory"),
        ("-c absent.txt", "the file cannot be opened: No such file or directory"),
        ("-r ../../etc/passwd", "the file cannot be read: it lies outside the scanned root"),
        ("-r /etc/passwd", "the file cannot be read: it lies outside the scanned root"),
        ("-r https://example.org/r.txt", "the file cannot be read: it is at a URL, and nothing is downloaded"),
        ("-r file:r.txt", "the file cannot be read: it is at a URL, and nothing is downloaded"),
        ("-r ${NAME}.txt", "the file cannot be read: it depends on the environment variable NAME"),
        ("-r a\x07b.txt", "the file cannot be read: its path holds control characters"),
        ("-r broken.txt", "the file cannot be read: app/broken.txt: line 1: the encoding martian is not known"),
    ],
)
def test_an_include_that_cannot_be_read_is_named(line: str, reason: str) -> None:
    files = {"app/requirements.txt": f"{line}\nflask==1.0", "app/broken.txt": "# coding: martian"}
    assert packages(files) == ["app/requirements.txt:2 flask 1.0"]
    assert [(item.line, item.reason) for item in lock(files).unpinned] == [(1, reason)]


def test_credentials_of_an_include_are_masked() -> None:
    (item,) = lock({"app/requirements.txt": "-r https://me:secret@example.org/r.txt?token=secret"}).unpinned
    assert item.text == "-r https://***@example.org/r.txt?***"


def test_an_included_file_of_prose_is_named() -> None:
    files = {"app/requirements.txt": "-r prose.txt", "app/prose.txt": "This is a sentence.\n" * 21}
    (item,) = lock(files).unpinned
    assert "not a requirements file" in item.reason


@pytest.mark.parametrize("requirement", ["flask", "Flask", "flask[async]>=0.5", "flask; python_version > '3'"])
@pytest.mark.parametrize("order", ["{0}\n-c constraints.txt", "-c constraints.txt\n{0}"])
def test_a_constraint_pins_what_is_required_without_a_pin(requirement: str, order: str) -> None:
    content = order.format(requirement)
    line = content.split("\n").index(requirement) + 1
    files = {"app/requirements.txt": content, "app/constraints.txt": "django==3.2\nFLASK==1.0"}
    assert packages(files) == [f"app/requirements.txt:{line} flask 1.0"]
    assert unpinned(files) == []


def test_a_pin_of_the_requirement_itself_goes_before_constraints() -> None:
    files = {"app/requirements.txt": "flask==1.1\n-c c.txt", "app/c.txt": "flask==1.0"}
    assert packages(files) == ["app/requirements.txt:1 flask 1.1"]


def test_all_versions_that_constraints_allow_are_packages() -> None:
    files = {
        "app/requirements.txt": "numpy\n-c c.txt",
        "app/c.txt": "numpy==1.21; python_version < '3.8'\nnumpy==1.26; python_version >= '3.8'",
    }
    assert packages(files) == ["app/requirements.txt:1 numpy 1.21", "app/requirements.txt:1 numpy 1.26"]


def test_constraints_ask_for_nothing_themselves() -> None:
    files = {
        "app/requirements.txt": "-c c.txt\nflask",
        "app/c.txt": "django==3.2\nflask<2\njinja2\ngit+https://example.org/x\n./lib\n-e .",
    }
    assert packages(files) == []
    assert unpinned(files) == ["app/requirements.txt:2 flask: no version is pinned"]


def test_an_invalid_line_of_constraints_is_named() -> None:
    assert unpinned({"app/requirements.txt": "-c c.txt", "app/c.txt": "flask = 1"})[0].startswith(
        "app/c.txt:1 flask = 1"
    )


def test_constraints_include_constraints_and_requirements_as_in_pip() -> None:
    files = {
        "app/requirements.txt": "flask\n-c c.txt",
        "app/c.txt": "-c d.txt\n-r e.txt",
        "app/d.txt": "flask==1.0",
        "app/e.txt": "django==3.2",
    }
    assert packages(files) == ["app/requirements.txt:1 flask 1.0", "app/e.txt:1 django 3.2"]


def test_a_file_is_both_requirements_and_constraints_where_it_is_included_as_both() -> None:
    files = {"app/requirements.txt": "-r a.txt\n-c a.txt\nflask", "app/a.txt": "flask==1.0"}
    assert packages(files) == ["app/a.txt:1 flask 1.0", "app/requirements.txt:3 flask 1.0"]


def test_an_opener_that_refuses_a_file_says_why() -> None:
    def opener(path: str) -> bytes:
        if path == "requirements.txt":
            return b"-r big.txt"
        raise ReportError("larger than 10 MB")

    (item,) = read("requirements.txt", opener).unpinned
    assert item.reason == "the file cannot be read: larger than 10 MB"
