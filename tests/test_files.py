"""Which files there are, that each is looked at or said not to be, and how files are read and written."""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops import files
from devsecops.errors import OutputError, ReportError, UsageError
from devsecops.listing import LeftOut, Listing, list_files, model_path
from tests.conftest import run_git

Repository = Callable[..., Path]
PYTHON = ("**/*.py",)
linux_names = pytest.mark.skipif(sys.platform == "darwin", reason="macOS takes only names that are UTF-8")


def listed(root: Path, *exclude: str, vendored: bool = False) -> list[str]:
    return sorted(list_files(root, exclude, vendored=vendored).paths)


def examined(root: Path) -> list[str]:
    return [source.path for source in list_files(root).sources(PYTHON)[0]]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def left_out(root: Path, *exclude: str) -> list[tuple[str, str, int]]:
    """What is not looked at: reason, path and count."""
    listing = list_files(root, exclude)
    entries = [*listing.left_out, *listing.sources(PYTHON)[1]]
    return [(entry.reason, entry.path, entry.count) for entry in entries]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


def as_nobody(code: str, *arguments: str | Path, timeout: float = 10) -> str:
    """What an expression is for a user without rights, or the error that it is."""
    program = (
        "import os, sys; from pathlib import Path; from devsecops import errors, files\n"
        "from tests.test_files import examined, left_out\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"try: print({code})\n"
        "except errors.DevsecopsError as error: print(type(error).__name__, error.message)\n"
    )
    argv = [sys.executable, "-c", program, *map(str, arguments)]
    try:
        done = subprocess.run(
            argv, env={"PATH": os.defpath}, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return "it hung"
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]


# --- Which files there are


@pytest.mark.parametrize("git", [True, False])
def test_all_files_are_listed(repository: Repository, *, git: bool) -> None:
    root = repository({"a.py": "", ".hidden/b": "", "x/y/z/c.py": "", ".github/workflows/d.yml": "", "e": ""}, git=git)
    (root / "new").touch()
    (root / "empty").mkdir()
    listing = list_files(root)
    assert sorted(listing.paths) == [".github/workflows/d.yml", ".hidden/b", "a.py", "e", "new", "x/y/z/c.py"]
    assert (len(listing), listing.left_out, listing.root) == (6, [], root)
    assert listing.has("x/y/z/c.py")
    assert not listing.has("x/y")
    assert listing.os_path("a.py") == listing.os_path("./a.py") == root / "a.py"


def test_where_there_is_no_git_nothing_is_ignored_but_its_folder(repository: Repository) -> None:
    names = {".gitignore": "*", "a.py": "", ".git/x.py": "", "sub/.git/x.py": "", ".hg/x.py": ""}
    assert listed(repository(names, git=False)) == [".gitignore", ".hg/x.py", "a.py"]


@pytest.mark.parametrize("folder", ["__pycache__", ".hg", ".svn"])
@pytest.mark.parametrize("git", [True, False])
def test_no_folder_hides_python_files_without_a_word(repository: Repository, folder: str, *, git: bool) -> None:
    root = repository({"a.py": "", f"{folder}/b.py": ""}, git=git)
    assert f"{folder}/b.py" in examined(root) or any(folder in path for _, path, _ in left_out(root))


@pytest.mark.parametrize("commits", [True, False])
def test_a_nested_repository_that_is_not_tracked_is_looked_into(repository: Repository, *, commits: bool) -> None:
    root = repository({"a.py": ""})
    nested = repository({"b.py": "", "x/c.py": "", ".gitignore": "x\n"}, name="repository/nested")
    if commits:
        run_git(nested, "commit", "-qm", "m")
    assert [path for path in listed(root) if path.endswith(".py")] == ["a.py", "nested/b.py", "nested/x/c.py"]
    assert not [path for path in listed(root) if ".git/" in path]


@pytest.fixture
def with_submodule(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a submodule, `sub/module`, that has one of its own."""
    for name, value in {"COUNT": "1", "KEY_0": "protocol.file.allow", "VALUE_0": "always"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    inner, outer = repository({"c.py": ""}, name="inner"), repository({"b.py": ""}, name="outer")
    root = repository({"a.py": "", "sub/a.py": ""})
    run_git(inner, "commit", "-qm", "m")
    run_git(outer, "submodule", "add", "-q", str(inner), "deep")
    run_git(outer, "commit", "-qam", "m")
    run_git(root, "submodule", "add", "-q", str(outer), "sub/module")
    run_git(root, "submodule", "update", "-q", "--init", "--recursive")
    return root


def test_submodules_are_looked_into(with_submodule: Path) -> None:
    assert examined(with_submodule) == ["a.py", "sub/a.py", "sub/module/b.py", "sub/module/deep/c.py"]


def test_submodules_below_a_folder_are_looked_into(with_submodule: Path) -> None:
    assert examined(with_submodule / "sub") == ["a.py", "module/b.py", "module/deep/c.py"]


@pytest.mark.parametrize("hidden", ["delete", "ignore"])
def test_submodules_are_looked_into_without_their_list(with_submodule: Path, hidden: str) -> None:
    run_git(with_submodule, "rm", "-q", "--cached", ".gitmodules")
    if hidden == "delete":
        (with_submodule / ".gitmodules").unlink()
    else:
        (with_submodule / ".gitignore").write_text(".gitmodules\n")
    assert examined(with_submodule) == ["a.py", "sub/a.py", "sub/module/b.py", "sub/module/deep/c.py"]


def test_a_submodule_is_a_repository_too(with_submodule: Path) -> None:
    assert examined(with_submodule / "sub/module") == ["b.py", "deep/c.py"]


def test_a_file_where_a_folder_was_is_looked_at_and_what_is_gone_is_not_missed(repository: Repository) -> None:
    root = repository({"a/b.py": "", "c.py": ""})
    shutil.rmtree(root / "a")
    (root / "a").touch()
    (root / "c.py").unlink()
    (root / "c.py").mkdir()
    (root / "c.py/d.py").touch()
    assert (examined(root), left_out(root)) == (["c.py/d.py"], [])


# --- Links, pipes and other things that are no files


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize(
    ("target", "looked_at", "reason"),
    [
        ("a.py", False, ""),  # it is looked at under its own name
        ("./sub/../a.py", False, ""),
        ("link2.py", False, ""),  # a link to a link to a.py
        ("data.txt", True, ""),  # no Python by its own name, but by this one
        ("sub/node_modules/x.py", True, ""),  # left out under its own name
        ("../outside.py", False, "link"),
        ("../repository-2/x.py", False, "link"),
        ("/dev/null", False, "link"),
        ("nowhere.py", False, ""),
        ("../nowhere.py", False, ""),
        ("link.py", False, "unreadable"),  # a loop
        ("sub", False, ""),  # a folder
    ],
)
def test_a_link_is_followed_only_to_a_file_inside_that_is_not_looked_at_itself(
    repository: Repository, target: str, reason: str, *, looked_at: bool, git: bool
) -> None:
    outside = repository({"x.py": ""}, name="repository-2", git=False)
    (outside.parent / "outside.py").touch()
    root = repository({"a.py": "", "data.txt": "12345", "sub/node_modules/x.py": "12345"}, git=git)
    (root / "link2.py").symlink_to("a.py")
    (root / "link.py").symlink_to(target)
    sources, _ = list_files(root).sources(PYTHON)
    assert [source.path for source in sources] == ["a.py", *["link.py"] * looked_at]
    assert all(source.size == 5 for source in sources[1:])
    reasons = [entry for entry in left_out(root) if entry[1] == "link.py"]
    assert reasons == ([(reason, "link.py", 1)] if reason else [])


def test_a_link_to_an_ignored_file_is_looked_at(repository: Repository) -> None:
    root = repository({".gitignore": "build\n"})
    (root / "build").mkdir()
    (root / "build/x.py").touch()
    (root / "link.py").symlink_to("build/x.py")
    assert examined(root) == ["link.py"]


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize("target", ["sub", "..", ".", "../outside"])
def test_a_link_to_a_folder_is_not_followed(repository: Repository, target: str, *, git: bool) -> None:
    outside = repository({"x.py": ""}, name="outside", git=False)
    root = repository({"a.py": "", "sub/b.py": ""}, git=git)
    (root / "link").symlink_to(target)
    assert examined(root) == ["a.py", "sub/b.py"]
    assert (outside / "x.py").exists()


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize("target", ["..", "../outside"])
def test_a_link_to_a_folder_outside_is_said(repository: Repository, target: str, *, git: bool) -> None:
    repository({"x.py": ""}, name="outside", git=False)
    root = repository({"a.py": ""}, git=git)
    (root / "link").symlink_to(target)
    assert left_out(root) == [("link", "link", 1)]


def test_a_folder_that_became_a_link_leads_nowhere_outside(repository: Repository) -> None:
    outside = repository({"b.py": "outside"}, name="outside", git=False)
    root = repository({"a.py": "", "sub/b.py": ""})
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to(outside)
    assert examined(root) == ["a.py"]


@pytest.mark.parametrize("git", [True, False])
def test_pipes_sockets_and_devices_are_no_files(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, *, git: bool
) -> None:
    root = repository({"a.py": ""}, git=git)
    os.mkfifo(root / "pipe.py")
    (root / "link.py").symlink_to("pipe.py")
    monkeypatch.chdir(root)  # names of sockets must be short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.py")
        assert (examined(root), left_out(root)) == (["a.py"], [])


# --- Names

NAMES = [
    "with space.py",
    " lead.py",
    "trail .py",
    "two\nlines.py",
    "tab\t.py",
    'it\'s "quoted" `x` $(y).py',
    "-x.py",
    "--exit-zero.py",
    "*?[a]{b}.py",
    "back\\slash.py",
    "percent%20.py",
    "bücher.py",
    "bu\u0308cher.py",
    "日本語.py",
    "🎉.py",
    "\x1b[31mred.py",
    "user\u202enimda.py",
    "x" * 252 + ".py",
    ".py",
    "..py",
    "#:;,&|<>!~^.py",
]


@pytest.mark.parametrize("git", [True, False])
def test_any_name_is_a_name(repository: Repository, *, git: bool) -> None:
    paths = sorted(f"{folder}{name}" for name in NAMES for folder in ("", "-d/", "d d/\n/"))
    root = repository(dict.fromkeys(paths, "12345"), git=git)
    listing = list_files(root)
    sources, left = listing.sources(PYTHON)
    assert [source.path for source in sources] == paths
    assert [(source.size, source.os_path) for source in sources] == [(5, path) for path in paths]
    assert (left, listing.left_out) == ([], [])


@linux_names
@pytest.mark.parametrize("git", [True, False])
def test_a_name_that_is_not_utf8_is_percent_encoded(repository: Repository, *, git: bool) -> None:
    root = repository({}, git=git)
    name = os.fsdecode(b"caf\xe9 100%.py")
    (root / name).write_text("12345")
    source = list_files(root).sources(PYTHON)[0][0]
    assert (source.path, source.os_path, source.size) == ("caf%E9 100%25.py", name, 5)
    assert list_files(root).os_path("caf%E9 100%25.py").read_text() == "12345"


@linux_names
@pytest.mark.parametrize("git", [True, False])
def test_of_two_names_that_are_spelt_alike_both_files_are_looked_at(repository: Repository, *, git: bool) -> None:
    root = repository({"a%FF.py": "1"}, git=git)
    (root / os.fsdecode(b"a\xff.py")).write_text("22")
    sources, left = list_files(root).sources(PYTHON)
    assert sorted(source.size for source in sources) == [1, 2] or left
    assert len({source.path for source in sources}) == len(sources)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.binary().map(os.fsdecode))
def test_a_model_path_is_valid_text_without_loss(name: str) -> None:
    path = model_path(name)
    assert path.encode().decode() == path
    assert path == name or "%" in path
    assert model_path(path) == path


def test_a_path_that_is_too_long_for_the_system_is_said_to_be_unreadable(repository: Repository) -> None:
    root = repository({"a.py": ""}, git=False)
    folder = os.open(root, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=folder)
        folder, above = os.open("x" * 250, os.O_RDONLY, dir_fd=folder), folder
        os.close(above)
    os.close(os.open("deep.py", os.O_CREAT, dir_fd=folder))
    os.close(folder)
    assert "unreadable" in {reason for reason, _, _ in left_out(root)}
    run_git(root, "init", "-q")
    assert "unreadable" in {reason for reason, _, _ in left_out(root)}


# --- What cannot be read, and what is left out


@pytest.mark.parametrize("git", [True, False])
def test_what_cannot_be_read_is_said(repository: Repository, open_folder: Path, *, git: bool) -> None:
    root = open_folder / "repository"
    shutil.copytree(repository({"a.py": "", "b.py": "", "locked/c.py": "", ".gitignore": ""}, git=git), root)
    (root / "locked/new.py").touch()
    (root / "b.py").chmod(0)
    (root / "locked").chmod(0)
    assert as_nobody("examined(Path(sys.argv[1]))", root) == "['a.py']"
    said = as_nobody("[(reason, path) for reason, path, _ in left_out(Path(sys.argv[1]))]", root)
    assert "('unreadable', 'b.py')" in said
    assert "locked" in said
    assert said.count("unreadable") >= 2


def test_an_ignore_list_that_cannot_be_read_hides_nothing(repository: Repository, open_folder: Path) -> None:
    root = open_folder / "repository"
    shutil.copytree(repository({"a.py": "", ".gitignore": "b.py\n"}), root)
    (root / "b.py").touch()
    (root / ".gitignore").chmod(0)
    assert as_nobody("examined(Path(sys.argv[1]))", root) == "['a.py', 'b.py']"


@pytest.mark.parametrize(
    ("paths", "folder", "count"),
    [
        (["node_modules/a.py", "node_modules/x/b.py"], "node_modules", 2),
        (["web/node_modules/a.py"], "web/node_modules", 1),
        (["web/node_modules/x/node_modules/a.py"], "web/node_modules", 1),
        (["bower_components/a.py"], "bower_components", 1),
        (["lib/python3.12/site-packages/a.py"], "lib/python3.12/site-packages", 1),
        ([".venv/pyvenv.cfg", ".venv/lib/a.py"], ".venv", 2),
        (["venv/pyvenv.cfg", "venv/lib/a.py"], "venv", 2),
        (["go/vendor/modules.txt", "go/vendor/x/a.py"], "go/vendor", 2),
        (["vendor/autoload.php", "vendor/a.py"], "vendor", 2),
        (["vendor/bundle/a.py"], "vendor", 1),
        (["vendor/node_modules/a.py"], "vendor/node_modules", 1),
        (["two\nlines/node_modules/a.py"], "two\nlines/node_modules", 1),
    ],
)
def test_third_party_code_is_left_out_and_counted(
    repository: Repository, paths: list[str], folder: str, count: int
) -> None:
    root = repository(dict.fromkeys([*paths, "own.py"], ""))
    assert listed(root) == ["own.py"]
    assert left_out(root) == [("vendored", folder, count)]
    assert listed(root, vendored=True) == sorted([*paths, "own.py"])


@pytest.mark.parametrize(
    "path",
    [
        "vendor/a.py",
        "services/vendor/a.py",
        "venv/a.py",
        ".venv/a.py",
        "vendor/x/modules.txt",
        "node_modules_2/a.py",
        "my_node_modules/a.py",
        "node_modules",
        "Node_Modules/a.py",
        "site-packages.py",
    ],
)
def test_without_proof_nothing_is_third_party_code(repository: Repository, path: str) -> None:
    root = repository({path: ""})
    assert (listed(root), left_out(root)) == ([path], [])


def test_what_the_configuration_excludes_is_counted_by_pattern(repository: Repository) -> None:
    root = repository({"a.py": "", "docs/b.py": "", "docs/x/c.py": "", "d.min.js": "", "x/e.min.js": "", "f.md": ""})
    assert listed(root, "docs", "*.min.js", "*.md", "none/**") == ["a.py"]
    assert left_out(root, "docs", "*.min.js", "*.md", "none/**") == [
        ("excluded", "*.md", 1),
        ("excluded", "*.min.js", 2),
        ("excluded", "docs", 2),
    ]
    assert listed(root, "**") == []
    assert left_out(root, "**") == [("excluded", "**", 6)]


def test_ignored_files_are_counted(repository: Repository) -> None:
    root = repository({"a.py": "", ".gitignore": "*.log\nbuild/\n"})
    for path in ("a.log", "b.log", "build/c.py", "build/d.py"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).touch()
    assert left_out(root) == [("ignored", ".gitignore", 3)]


def test_sources_are_sorted_and_only_of_the_patterns_asked_for() -> None:
    listing = Listing(
        Path(__file__).parent, [Path(__file__).name, "none.py", "conftest.py"], [LeftOut(reason="x", path="y")]
    )
    sources, left = listing.sources(["*.py", "test_*"])
    assert [source.path for source in sources] == ["conftest.py", "test_files.py"]
    assert (left, listing.left_out) == ([], [LeftOut(reason="x", path="y")])


# --- Reading


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"12345")
    assert files.read(path, 5) == b"12345"
    with pytest.raises(ReportError, match=r"^report is larger than 4 bytes$"):
        files.read(path, 4)


def test_what_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    for name, text in {
        "none": "none was not written",
        "": f"{tmp_path.name} cannot be read: Is a directory|{tmp_path.name} is not a regular file",
        "file/x": "x cannot be read: Not a directory",
        "loop": "loop cannot be read: Too many levels of symbolic links",
        "x" * 300: "x+ cannot be read: File name too long",
        "x\0y": ".*",
        "x\ud800": ".*",
    }.items():
        with pytest.raises(ReportError, match=f"^({text})$"):
            files.read(tmp_path / name, 10)


@pytest.mark.parametrize("function", ["read(Path(sys.argv[1]), 9)", "read_inside(Path('/'), Path(sys.argv[1]), 9)"])
@pytest.mark.parametrize("target", ["pipe", "/dev/zero", "/dev/null"])
def test_what_is_no_file_is_not_read(open_folder: Path, function: str, target: str) -> None:
    os.mkfifo(open_folder / "pipe")
    (open_folder / "pipe").chmod(0o666)
    (open_folder / "report").symlink_to(target)
    assert (
        as_nobody(f"files.{function}", open_folder / "report", timeout=3) == "ReportError report is not a regular file"
    )


def test_an_unreadable_file_is_an_error(open_folder: Path) -> None:
    (open_folder / "report").touch(0)
    said = as_nobody("files.read(Path(sys.argv[1]), 9)", open_folder / "report")
    assert said == "ReportError report cannot be read: Permission denied"


@pytest.mark.parametrize("path", ["a.py", "sub/../a.py", "sub/link.py", "up/repository/a.py"])
def test_a_file_inside_is_read(repository: Repository, path: str) -> None:
    root = repository({"a.py": "inside", "sub/b.py": ""})
    (root / "sub/link.py").symlink_to("../a.py")
    (root / "up").symlink_to("..")
    assert files.read_inside(root, root / path, 100) == b"inside"


@pytest.mark.parametrize(
    "path",
    [
        "../outside",
        "sub/../../outside",
        "link",
        "sub/folder/outside",
        "chain",
        "/etc/passwd",
        "../repository-2/a",
        "none",
        "sub/none",
        "loop",
        "sub",
        ".",
        "x\0y",
        "x\ud800",
        "x" * 300,
    ],
)
def test_a_file_outside_is_never_read(repository: Repository, path: str) -> None:
    root = repository({"a.py": "", "sub/b.py": ""})
    (root.parent / "outside").write_text("secret")
    repository({"a": "secret"}, name="repository-2")
    (root / "link").symlink_to("../outside")
    (root / "sub/folder").symlink_to("../..")
    (root / "chain").symlink_to("link")
    (root / "loop").symlink_to("loop")
    with pytest.raises(ReportError) as caught:
        files.read_inside(root, root / path, 100)
    assert str(root.parent) not in caught.value.message


@pytest.mark.parametrize(
    ("content", "limit", "end"),
    [(b"12345", 10, "12345"), (b"12345", 2, "45"), (b"", 10, ""), ("aé".encode(), 1, "�"), (b"\xff", 5, "�")],
)
def test_the_tail_of_a_file_is_read(tmp_path: Path, content: bytes, limit: int, end: str) -> None:
    (tmp_path / "stderr").write_bytes(content)
    assert files.tail(tmp_path / "stderr", limit) == end
    assert files.tail(tmp_path / "none", limit) == ""


@pytest.mark.parametrize(
    ("content", "marked"),
    [(b"\xef\xbb\xbfx", True), (b"\xef\xbb\xbf", True), (b"\xef\xbb", False), (b"", False), (b"x\xef\xbb\xbf", False)],
)
def test_a_byte_order_mark_is_seen_and_left_out_of_a_clean_copy(
    tmp_path: Path, content: bytes, *, marked: bool
) -> None:
    source = tmp_path / "source"
    source.write_bytes(content)
    assert files.has_bom(str(source)) == marked
    files.copy_clean(source, tmp_path / "clean")
    files.copy(source, tmp_path / "copy")
    assert (tmp_path / "clean").read_bytes() == content[3 if marked else 0 :]
    assert (tmp_path / "copy").read_bytes() == content
    assert source.read_bytes() == content


def test_an_absent_file_has_no_byte_order_mark_and_no_digest(tmp_path: Path) -> None:
    assert not files.has_bom(str(tmp_path / "none"))
    assert not files.has_bom(str(tmp_path))
    assert files.digest(tmp_path / "none") == files.digest(tmp_path) == ""


def test_only_the_first_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"\xef\xbb\xbf\xef\xbb\xbfx")
    files.copy_clean(tmp_path / "source", tmp_path / "clean")
    assert (tmp_path / "clean").read_bytes() == b"\xef\xbb\xbfx"


@pytest.mark.parametrize("size", [0, 3, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_a_digest_is_that_of_the_whole_content(tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    (tmp_path / "file").write_bytes(data)
    assert files.digest(tmp_path / "file") == files.digest_of(data)


def test_a_digest_is_written_like_this() -> None:
    assert files.digest_of(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# --- Writing


def test_a_file_is_written_and_nothing_else(tmp_path: Path) -> None:
    files.write(tmp_path / "new", [b"one ", b"two"])
    assert (tmp_path / "new").read_bytes() == b"one two"
    files.write(tmp_path / "new", [])
    assert (tmp_path / "new").read_bytes() == b""
    assert names(tmp_path) == ["new"]


def breaking(error: BaseException) -> Iterator[bytes]:
    yield b"new " * 100_000
    raise error


def raiser(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("function", ["replace", "fsync", "chmod", "fdopen", "write"])
def test_when_writing_fails_the_old_content_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, *, existing: bool
) -> None:
    target = tmp_path / "report"
    if existing:
        target.write_bytes(b"old")
    error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    chunks: Iterator[bytes] = iter([b"new"])
    if function == "write":
        chunks = breaking(error)
    elif function != "fdopen":
        monkeypatch.setattr(os, function, raiser(error))
    else:
        monkeypatch.setattr(tempfile, "mkstemp", raiser(error))
    with pytest.raises(OutputError, match=r"^cannot write .*report: No space left on device$"):
        files.write(target, chunks)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == ({"report": b"old"} if existing else {})


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyboardInterrupt()])
def test_whatever_stops_it_no_half_file_is_left(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "report").write_bytes(b"old")
    with pytest.raises(type(error)):
        files.write(tmp_path / "report", breaking(error))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"report": b"old"}


def test_on_a_full_disk_the_old_content_stays(tmp_path: Path) -> None:
    (tmp_path / "report").write_bytes(b"old")
    program = (
        "import resource, sys; from pathlib import Path; from devsecops import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999))\n"
        "files.write(Path(sys.argv[1]), [b'x' * 5000] * 3)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "report")], capture_output=True, text=True, check=False
    )
    assert "OutputError: cannot write" in done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"report": b"old"}


def test_whenever_the_process_is_killed_the_old_or_the_new_content_stands_there(tmp_path: Path) -> None:
    """One child writes two contents in turn and is killed at a random moment; again and again."""
    program = """if True:
        import os, random, signal, sys, time
        from pathlib import Path
        from devsecops import files
        target, contents, moments = Path(sys.argv[1]), [b"a" * 300_000, b"b" * 500_000], random.Random(1)
        files.write(target, [contents[0]])
        for _ in range(120):
            child = os.fork()
            if not child:
                while True:
                    for content in contents:
                        files.write(target, [content[at : at + 9_000] for at in range(0, len(content), 9_000)])
            time.sleep(moments.uniform(0.0, 0.02))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            assert target.read_bytes() in contents
        print("fine")
    """
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "report")], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    target, contents = tmp_path / "report", (b"a" * 100_000, b"b" * 200_000)
    files.write(target, [contents[0]])
    done = threading.Event()
    seen: list[bytes] = []

    def look() -> None:
        while not done.is_set():
            seen.append(target.read_bytes())

    reader = threading.Thread(target=look)
    reader.start()
    for at in range(100):
        files.write(target, [contents[at % 2][start : start + 10_000] for start in range(0, 200_000, 10_000)])
    done.set()
    reader.join()
    assert set(seen) <= set(contents)


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_of_any_other(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        files.write(tmp_path / "report", [b"new"])
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_an_existing_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    (tmp_path / "report").touch()
    (tmp_path / "report").chmod(mode)
    files.write(tmp_path / "report", [b"new"])
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == mode


@pytest.mark.parametrize("existing", [True, False])
def test_a_link_stays_a_link_and_its_target_is_written(tmp_path: Path, *, existing: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/target")
    if existing:
        (tmp_path / "folder/target").write_bytes(b"old")
    files.write(tmp_path / "link", [b"new"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder/target").read_bytes() == b"new"
    assert names(tmp_path) == ["folder", "link"]
    assert names(tmp_path / "folder") == ["target"]


def test_a_device_is_written_to_and_stays_one() -> None:
    files.write(Path(os.devnull), [b"x"])
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_full_device_is_an_error() -> None:
    with pytest.raises(OutputError, match="No space left on device"):
        files.write(Path("/dev/full"), [b"x"])


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = subprocess.Popen(["cat", str(tmp_path / "pipe")], stdout=subprocess.PIPE)
    files.write(tmp_path / "pipe", [b"one ", b"two"])
    assert reader.communicate()[0] == b"one two"


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_to_even_if_it_is_a_pipe(name: str) -> None:
    program = (
        "import sys; from pathlib import Path; from devsecops import files; files.write(Path(sys.argv[1]), [b'x'])"
    )
    done = subprocess.run([sys.executable, "-c", program, name], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"x")


@pytest.mark.parametrize("target", ["folder", "none/report", "file/report", "x" * 300, "loop", "nul\0"])
def test_what_cannot_be_written_is_an_error_that_names_it(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    before = names(tmp_path)
    with pytest.raises(OutputError, match=r"^cannot write "):
        files.write(tmp_path / target, [b"x"])
    assert names(tmp_path) == before


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    files.write_cache(tmp_path / "a/b/cache", b"x")
    assert (tmp_path / "a/b/cache").read_bytes() == b"x"
    files.write_cache(tmp_path / "a/b/cache/c", b"x")
    files.write_cache(tmp_path / "a/b", b"x")
    assert (tmp_path / "a/b/cache").read_bytes() == b"x"


# --- Seeing before the work whether a file can be written


@pytest.mark.parametrize("target", ["new", "file", "folder/new", "link", os.devnull])
def test_what_can_be_written_is_known_before(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("folder/target")
    files.check_writable(tmp_path / target)


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        ("folder", "cannot write {}/folder: it is a folder", "name a file"),
        ("none/report", "cannot write {}/none/report: the folder {}/none does not exist", "mkdir -p {}/none"),
        ("file/report", "cannot write {}/file/report: the folder {}/file does not exist", None),
        ("broken", None, None),
        ("loop", None, None),
        ("x" * 300, None, None),
    ],
)
def test_what_cannot_be_written_is_known_before(
    tmp_path: Path, target: str, message: str | None, hint: str | None
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "broken").symlink_to("none/report")
    with pytest.raises(UsageError, match=r"^cannot write ") as caught:
        files.check_writable(tmp_path / target)
    assert message is None or caught.value.message == message.replace("{}", str(tmp_path))
    assert hint is None or caught.value.hint == hint.replace("{}", str(tmp_path))


@pytest.mark.parametrize(
    ("target", "writable"),
    [
        ("open/new", True),
        ("open/file", True),
        ("closed/new", False),
        ("closed/file", False),
        ("closed/link", True),
        ("open/link", False),
        ("secret/new", False),
        ("secret/folder/new", False),
        ("/dev/null", True),
    ],
)
def test_whether_a_user_can_write_is_known_before(open_folder: Path, target: str, *, writable: bool) -> None:
    for name in ("open", "closed", "secret/folder"):
        (open_folder / name).mkdir(parents=True)
        (open_folder / name / "file").touch()
    (open_folder / "closed/link").symlink_to("../open/target")
    (open_folder / "open/link").symlink_to("../closed/target")
    for name, mode in {"open": 0o777, "closed": 0o555, "secret": 0}.items():
        (open_folder / name).chmod(mode)
    said = as_nobody("files.check_writable(Path(sys.argv[1]))", open_folder / target)
    assert said.startswith("None" if writable else "UsageError cannot write")
    written = as_nobody("files.write(Path(sys.argv[1]), [b'x'])", open_folder / target)
    assert written.startswith("None" if writable else "OutputError cannot write")


# --- Folders


def test_a_private_folder_is_private_and_removed() -> None:
    with files.private_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder == folder.resolve()
        (folder / "a/b").mkdir(parents=True)
        (folder / "a/b/c").touch(0)
    assert not folder.exists()


def test_a_private_folder_is_removed_after_an_error() -> None:
    with pytest.raises(KeyError), files.private_folder() as folder:
        raise KeyError
    assert not folder.exists()


@pytest.mark.parametrize(
    ("base", "folder"),
    [("/x/cache", "/x/cache/devsecops"), ("", "/home/me/.cache/devsecops"), ("relative", "/home/me/.cache/devsecops")],
)
def test_the_cache_folder_is_where_the_user_wants_it(monkeypatch: pytest.MonkeyPatch, base: str, folder: str) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    assert files.cache_folder() == Path(folder)
