"""What git says of a folder, whatever the repository does to git."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path

import pytest

from devsecops import git
from devsecops.listing import list_files
from tests.conftest import run_git

Repository = Callable[..., Path]
ALL = {"a.py": "1", "sub/b.py": "2"}
HOOKS = ("post-index-change", "post-checkout", "pre-commit", "fsmonitor-watchman", "reference-transaction")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


def listed(root: Path) -> list[str]:
    return sorted(list_files(root).paths)


def configure(root: Path, *pairs: str) -> None:
    """Set keys in a repository's own configuration, `key=value` each."""
    for pair in pairs:
        key, _, value = pair.partition("=")
        subprocess.run(["git", "config", "-f", str(root / ".git/config"), "--add", key, value], check=True)


def ignored(root: Path) -> int:
    return sum(entry.count for entry in list_files(root).left_out if entry.reason == "ignored")


def test_tracked_and_untracked_files_are_listed_but_not_ignored_ones(repository: Repository) -> None:
    root = repository({"a.py": "", "sub/b.py": "", ".gitignore": "*.log\n/build/\n"})
    for path in ("new.py", "sub/new.py", "a.log", "sub/b.log", "build/c.py", "build/d/e.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    found = git.listing(root)
    assert found
    assert sorted(found.files) == [b".gitignore", b"a.py", b"sub/b.py"]
    assert sorted(found.others) == [b"new.py", b"sub/new.py"]
    assert (found.ignored, found.warnings) == (3, "")  # the folder counts once


def test_a_tracked_file_is_listed_even_if_it_is_ignored(repository: Repository) -> None:
    root = repository({"a.py": "", "build/b.py": "", ".gitignore": "*\n"})
    assert listed(root) == [".gitignore", "a.py", "build/b.py"]


@pytest.mark.parametrize("committed", [False, True])
def test_a_deleted_file_is_not_looked_at(repository: Repository, *, committed: bool) -> None:
    root = repository(ALL)
    if committed:
        run_git(root, "commit", "-qm", "m")
    (root / "a.py").unlink()
    sources, left_out = list_files(root).sources(["**/*.py"])
    assert ([source.path for source in sources], left_out) == (["sub/b.py"], [])


def test_a_file_in_conflict_is_listed_once(repository: Repository) -> None:
    root = repository({"a.py": "base"})
    run_git(root, "commit", "-qm", "m")
    run_git(root, "checkout", "-qb", "other")
    for branch, text in (("other", "one"), ("-", "two")):
        run_git(root, "checkout", "-q", branch)
        (root / "a.py").write_text(text)
        run_git(root, "commit", "-qam", "m")
    subprocess.run(["git", "merge", "other"], cwd=root, capture_output=True, check=False)
    assert listed(root) == ["a.py"]


@pytest.mark.parametrize("where", ["info", "excludesFile", "global"])
def test_what_no_reviewer_sees_hides_nothing(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    root = repository({"a.py": ""})
    (root / "b.py").touch()
    everything = tmp_path / "everything"
    everything.write_text("*\n")
    if where == "info":
        (root / ".git/info").mkdir(exist_ok=True)
        shutil.copy(everything, root / ".git/info/exclude")
    elif where == "excludesFile":
        configure(root, f"core.excludesFile={everything}")
    else:
        (tmp_path / "home/.config/git").mkdir(parents=True)
        shutil.copy(everything, tmp_path / "home/.config/git/ignore")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert listed(root) == ["a.py", "b.py"]


def test_what_is_ignored_is_counted_even_if_the_list_ignores_itself(repository: Repository) -> None:
    root = repository({"a.py": ""})
    (root / ".gitignore").write_text(".gitignore\nb.py\n")
    (root / "b.py").touch()
    assert listed(root) == ["a.py"]
    assert ignored(root) == 2


def test_what_a_folder_above_ignores_is_counted(repository: Repository) -> None:
    root = repository({".gitignore": "b.py\n", "sub/a.py": ""})
    (root / "sub/b.py").touch()
    assert listed(root / "sub") == ["a.py"]
    assert ignored(root / "sub") == 1


def test_a_folder_of_a_repository_may_be_the_root(repository: Repository) -> None:
    root = repository({"a.py": "", "sub/b.py": "", "sub/x/c.py": ""})
    (root / "sub/new.py").touch()
    assert listed(root / "sub") == ["b.py", "new.py", "x/c.py"]


@pytest.mark.parametrize("tracked", [(), ("build/a.py",)])
def test_a_root_that_a_folder_above_ignores_is_listed_completely(
    repository: Repository, tracked: tuple[str, ...]
) -> None:
    root = repository({".gitignore": "build/\n", "x.py": ""})
    for path in ("build/a.py", "build/b.py", "build/c/d.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    for path in tracked:
        run_git(root, "add", "-f", path)
    assert listed(root / "build") == ["a.py", "b.py", "c/d.py"]


def test_a_folder_without_a_repository_is_not_for_git(repository: Repository) -> None:
    root = repository(ALL, git=False)
    assert git.listing(root) is None
    assert listed(root) == sorted(ALL)


def test_an_empty_repository_is_not_for_git(repository: Repository) -> None:
    assert git.listing(repository({})) is None


def test_without_git_every_file_is_walked(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(ALL | {".gitignore": "sub\n"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.listing(root) is None
    assert listed(root) == [".gitignore", *sorted(ALL)]


def test_a_git_inside_the_scanned_folder_is_not_started(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(ALL | {"bin/git": f"#!/bin/sh\ntouch {tmp_path}/canary\n"})
    (root / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{root}/bin{os.pathsep}{os.environ['PATH']}")
    assert listed(root) == ["a.py", "bin/git", "sub/b.py"]
    assert not (tmp_path / "canary").exists()


def test_a_folder_of_path_that_cannot_be_entered_is_passed_over(repository: Repository, open_folder: Path) -> None:
    root = open_folder / "repository"
    shutil.copytree(repository(ALL), root)
    (open_folder / "locked").mkdir(0)
    code = (
        "import os, sys; from pathlib import Path; from devsecops import git\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "print(git.listing(Path(sys.argv[1])) is not None)"
    )
    env = {"PATH": f"{open_folder}/locked{os.pathsep}{os.defpath}"}
    done = subprocess.run([sys.executable, "-c", code, str(root)], env=env, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"True\n", b"")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_is_listed(repository: Repository) -> None:
    root = repository(ALL | {".gitignore": "*.log\n"})
    (root / "a.log").touch()
    for path in [root, *root.rglob("*")]:
        os.chown(path, 1234, 1234, follow_symlinks=False)
    refused = subprocess.run(
        ["git", "ls-files"], cwd=root, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False
    )
    assert b"dubious ownership" in refused.stderr
    assert git.listing(root)
    assert listed(root) == [".gitignore", *sorted(ALL)]


def test_our_own_git_environment_does_not_matter(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository({"other.py": ""}, name="other")
    root = repository(ALL)
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"touch {tmp_path}/canary",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_TRACE": str(tmp_path / "canary"),
    }.items():
        monkeypatch.setenv(name, value)
    assert listed(root) == sorted(ALL)
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    "settings",
    [
        ["core.fsmonitor=touch {canary}"],
        ["core.fsmonitor=true", "core.fsmonitorHookVersion=2"],
        ["core.hooksPath={hooks}"],
        ["core.hooksPath=.git/hooks", "core.untrackedCache=true", "core.splitIndex=true", "index.threads=1"],
        ["core.sshCommand=touch {canary}", "core.gitProxy=touch {canary}", "core.askPass=touch {canary}"],
        ["core.pager=touch {canary}", "pager.ls-files=touch {canary}", "core.editor=touch {canary}"],
        ["alias.ls-files=!touch {canary}", "alias.ls=!touch {canary}"],
        ["filter.x.clean=touch {canary}", "filter.x.smudge=touch {canary}", "filter.x.process=touch {canary}"],
        ["diff.external=touch {canary}", "diff.x.textconv=touch {canary}", "diff.x.command=touch {canary}"],
        ["credential.helper=!touch {canary}", "uploadpack.packObjectsHook=touch {canary}"],
        ["include.path={included}"],
        ["includeIf.gitdir:/.path={included}"],
        ["extensions.worktreeConfig=true", "core.repositoryFormatVersion=1"],
        ["trace2.normalTarget={canary}", "trace2.eventTarget={canary}", "core.alternateRefsCommand=touch {canary}"],
    ],
    ids=lambda settings: settings[0].partition("=")[0],
)
def test_a_hostile_configuration_runs_nothing_and_hides_nothing(
    repository: Repository, tmp_path: Path, settings: list[str]
) -> None:
    root = repository(ALL | {".gitattributes": "* filter=x diff=x\n", ".gitignore": "*.log\n"})
    (root / "new.py").touch()
    canary, hooks, included = tmp_path / "canary", tmp_path / "hooks", tmp_path / "included"
    for folder in (hooks, root / ".git/hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(f"#!/bin/sh\ntouch {canary}\n")
            (folder / name).chmod(0o755)
    included.write_text(f"[core]\nfsmonitor = touch {canary}\n")
    shutil.copy(included, root / ".git/config.worktree")
    configure(root, *(one.format(canary=canary, hooks=hooks, included=included) for one in settings))
    assert listed(root) == [".gitattributes", ".gitignore", *sorted(ALL | {"new.py": ""})]
    assert not canary.exists()


def test_such_a_configuration_would_run_something(repository: Repository, tmp_path: Path) -> None:
    root = repository(ALL)
    configure(root, f"core.fsmonitor=touch {tmp_path}/canary")
    subprocess.run(["git", "status"], cwd=root, capture_output=True, check=False)
    assert (tmp_path / "canary").exists()


@pytest.mark.parametrize("transport", ["file", "ssh", "ext"])
def test_a_missing_object_is_not_fetched(repository: Repository, tmp_path: Path, transport: str) -> None:
    """A partial clone fetches what is absent, here an ignore list, by a command of its own configuration."""
    root = repository(ALL | {".gitignore": "*.log\n"})
    (root / "new.py").touch()
    run_git(root, "update-index", "--skip-worktree", ".gitignore")
    (root / ".gitignore").unlink()
    shutil.rmtree(root / ".git/objects")
    (root / ".git/objects").mkdir()
    canary = tmp_path / "canary"
    url = {"file": str(root), "ssh": "ssh://host/x", "ext": f"ext::touch {canary}"}[transport]
    configure(
        root,
        "core.repositoryFormatVersion=1",
        "extensions.partialClone=origin",
        "remote.origin.promisor=true",
        f"remote.origin.url={url}",
        f"remote.origin.uploadpack=touch {canary}; true",
        f"core.sshCommand=touch {canary}; true",
        f"protocol.{transport}.allow=always",
    )
    assert set(ALL) | {"new.py"} <= set(listed(root))
    assert not canary.exists()
    if transport == "file":  # which git by itself would have done
        plain = ["git", "ls-files", "-o", "--exclude-per-directory=.gitignore"]
        subprocess.run(plain, cwd=root, capture_output=True, check=False)
        assert canary.exists()


@pytest.mark.parametrize("below", ["", "sub"])
@pytest.mark.parametrize(
    "settings",
    [
        ["core.worktree={other}"],
        ["core.worktree={empty}"],
        ["core.worktree=/nowhere"],
        ["core.worktree=../.."],
        ["core.bare=true"],
        ["core.sparseCheckout=true", "core.sparseCheckoutCone=true", "index.sparse=true"],
        ["core.repositoryFormatVersion=99"],
        ["core.repositoryFormatVersion=1", "extensions.unknown=true"],
        ["core.repositoryFormatVersion=1", "extensions.objectFormat=sha256"],
        ["core.ignoreCase=true", "core.precomposeUnicode=true", "core.quotePath=true"],
        ["core.excludesFile={everything}"],
    ],
    ids=lambda value: value or "root" if isinstance(value, str) else value[0],
)
def test_no_configuration_makes_git_list_something_else(
    repository: Repository, tmp_path: Path, settings: list[str], below: str
) -> None:
    other = repository({"sub/other.py": ""}, git=False, name="other")
    (tmp_path / "empty/sub").mkdir(parents=True)
    everything = tmp_path / "everything"
    everything.write_text("*\n")
    root = repository(ALL | {"sub/x/c.py": ""})
    (root / "sub/new.py").touch()
    configure(root, *(one.format(other=other, empty=tmp_path / "empty", everything=everything) for one in settings))
    inside = ["b.py", "new.py", "x/c.py"]
    assert listed(root / below) == (inside if below else ["a.py", *(f"sub/{path}" for path in inside)])


@pytest.mark.parametrize("settings", [[], ["core.bare=false"], ["core.bare=false", "core.worktree={other}"]])
def test_a_folder_that_looks_like_a_bare_repository_is_walked(
    repository: Repository, tmp_path: Path, settings: list[str]
) -> None:
    """All that it takes are files that can be committed: HEAD, config, objects/ and refs/."""
    other = repository({"other.py": ""}, git=False, name="other")
    root = repository(ALL, git=False)
    run_git(root, "init", "-q", "--bare", ".")
    for pair in settings:
        key, _, value = pair.format(other=other).partition("=")
        subprocess.run(["git", "config", "-f", str(root / "config"), key, value], check=True)
    assert set(ALL) | {"HEAD", "config"} <= set(listed(root))


@pytest.mark.parametrize(
    ("path", "damage"),
    [
        ("index", b"garbage"),
        ("index", b""),
        ("index", "gone"),
        ("index", "cut"),
        ("index", "changed"),
        ("HEAD", "gone"),
        ("HEAD", b"nonsense"),
        ("config", b"[core\n"),
        ("config", b"\x00\xff"),
        ("objects", "gone"),
        ("", "empty folder"),
        ("", b"gitdir: /nowhere"),
        ("", b"nonsense"),
        ("", "link"),
    ],
    ids=str,
)
def test_in_a_damaged_repository_every_file_is_listed(repository: Repository, path: str, damage: str | bytes) -> None:
    root = repository(ALL)
    (root / "new.py").touch()
    target = root / ".git" / path
    before = target.read_bytes() if path == "index" else b""
    if target.is_dir():
        shutil.rmtree(target)
    else:
        target.unlink()
    if damage == "empty folder":
        target.mkdir()
    elif damage == "link":
        target.symlink_to("/nowhere")
    elif damage != "gone":
        content = {"cut": before[:-30], "changed": before.replace(b"a.py", b"x.py")}
        target.write_bytes(damage if isinstance(damage, bytes) else content[damage])
    assert {*ALL, "new.py"} <= set(listed(root))


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_flags_in_the_index_hide_nothing(repository: Repository, flag: str) -> None:
    root = repository(ALL)
    run_git(root, "update-index", flag, "a.py")
    assert listed(root) == sorted(ALL)


@pytest.mark.parametrize("target", ["../outside.py", "/////outside.py", ".git/config.py"])
def test_an_index_that_names_files_elsewhere_is_not_followed(
    repository: Repository, tmp_path: Path, target: str
) -> None:
    (tmp_path / "outside.py").write_text("outside")
    placeholder = "x" * (len(target) - 3) + ".py"
    root = repository(ALL | {placeholder: ""})
    (root / placeholder).unlink()
    (root / ".git/config.py").write_text("inside .git")
    index = root / ".git/index"
    body = index.read_bytes()[:-20].replace(placeholder.encode(), target.encode())
    index.write_bytes(body + sha1(body).digest())
    sources, _ = list_files(root).sources(["**/*.py"])
    assert [source.path for source in sources] == sorted(ALL)


def test_a_worktree_is_a_repository_too(repository: Repository, tmp_path: Path) -> None:
    root = repository(ALL | {".gitignore": "*.log\n"})
    run_git(root, "commit", "-qm", "m")
    run_git(root, "worktree", "add", "-q", str(tmp_path / "tree"))
    (tmp_path / "tree/a.log").touch()
    assert listed(tmp_path / "tree") == [".gitignore", *sorted(ALL)]
    assert ignored(tmp_path / "tree") == 1


def test_nothing_in_the_repository_is_changed_by_listing(repository: Repository) -> None:
    root = repository(ALL)
    os.utime(root / "a.py", (1, 1))
    before = (root / ".git/index").read_bytes(), sorted(path.name for path in (root / ".git").iterdir())
    git.listing(root)
    assert before == ((root / ".git/index").read_bytes(), sorted(path.name for path in (root / ".git").iterdir()))


def test_a_git_that_fails_is_no_git(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f"#!{sys.executable}\nprint('a.py', end='\\0', flush=True); raise SystemExit(1)\n")
    fake.chmod(0o755)
    root = repository(ALL)
    monkeypatch.setenv("PATH", str(fake.parent))
    assert git.listing(root) is None
    assert listed(root) == sorted(ALL)
