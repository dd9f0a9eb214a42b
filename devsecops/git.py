"""Reads git: the only module that does. A repository's own git configuration never runs anything here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from devsecops import process

_SAFE = (
    "safe.directory=*",  # reading a listing is safe whoever owns it, and containers often own it wrongly
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.bare=false",
    "core.quotePath=false",
)
_IGNORE = "--exclude-per-directory=.gitignore"  # not info/exclude and core.excludesFile: no reviewer sees those
_TIMEOUT = 60.0  # seconds
_ENTRY = re.compile(rb"(?:H|S|M|C|K) (\d{6}) [0-9a-f]+ \d\t(.*)", re.DOTALL)
_OTHER = b"? "
_LINK, _COMMIT = b"120000", b"160000"


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between a commit and the index: paths relative to the scanned root."""

    paths: tuple[str, ...] = ()
    """Files that were added, changed, removed or renamed, both names of these; sorted."""
    renamed: dict[str, str] = {}
    """Former names of renamed files by their present ones."""


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What git knows of a folder: paths relative to it, not sorted."""

    files: tuple[bytes, ...]
    """Tracked regular files."""
    others: tuple[bytes, ...] = ()
    """Untracked and not ignored; an untracked repository stands as a folder, with a slash at its end."""
    links: tuple[bytes, ...] = ()
    """Symbolic links among the tracked ones."""
    submodules: tuple[bytes, ...] = ()
    """Folders that are repositories of their own."""
    ignored: int = 0
    """Files and folders that .gitignore leaves out; an ignored folder counts once."""
    warnings: str = ""


def listing(root: Path) -> Tracked | None:
    """What git lists below a folder; None where git is absent, fails, or has nothing to say about the folder."""
    program = process.which("git", outside=root)
    top = _top(root)
    if program is None or top is None:
        return None
    if top != root and _git(program, top, root, "check-ignore", "-q", "--no-index", str(root))[0] == 0:
        return None  # a repository above ignores the folder: that says nothing about its files
    code, listed, warnings = _git(program, top, root, "ls-files", "-z", "-s", "-t", "-c", "-o", _IGNORE)
    if code != 0 or not listed:
        return None
    _, ignored, _ = _git(program, top, root, "ls-files", "-z", "-o", "-i", _IGNORE, "--directory")
    entries = list(_entries(listed))
    return Tracked(
        files=tuple(path for mode, path in entries if mode not in {b"", _LINK, _COMMIT}),
        others=tuple(path for mode, path in entries if not mode),
        links=tuple(path for mode, path in entries if mode == _LINK),
        submodules=tuple(path for mode, path in entries if mode == _COMMIT),
        ignored=ignored.count(b"\0"),
        warnings=warnings.strip(),
    )


def commit(root: Path, name: str = "HEAD") -> str:
    """The id of a commit, that which is checked out if no other is named; empty where git does not tell."""
    return _said(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")


def changes(root: Path, since: str) -> Changes | None:
    """What has changed below a folder since a commit, as far as it is in the index; None where git cannot tell.

    Args:
        root: the folder.
        since: a commit.
    """
    found = _ran(root, "diff-index", "--cached", "--relative", "-M", "-l1000", "--name-status", "-z", since, "--")
    if found is None:
        return None
    words = iter(found.decode("utf-8", "surrogateescape").split("\0")[:-1])
    paths: set[str] = set()
    renamed: dict[str, str] = {}
    for status in words:
        path = next(words)
        paths.add(path)
        if status.startswith("R"):
            paths.add(new := next(words))
            renamed[new] = path
    return Changes(paths=tuple(sorted(paths)), renamed=renamed)


def _said(root: Path, *arguments: str) -> str:
    """The one line that git prints; empty where it fails."""
    return (_ran(root, *arguments) or b"").decode(errors="replace").strip()


def _ran(root: Path, *arguments: str) -> bytes | None:
    """What git prints about the repository that a folder belongs to; None where git is absent or fails."""
    program, top = process.which("git", outside=root), _top(root)
    if program is None or top is None:
        return None
    code, out, _ = _git(program, top, root, *arguments)
    return out if code == 0 else None


def _top(root: Path) -> Path | None:
    """The folder at or above the root that holds `.git`: we look for it ourselves, as git asks its configuration."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _entries(listed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Mode and path of each entry that stays inside; an index made by hand can name anything."""
    suspicious = b".." in listed or b".git/" in listed.lower() or b"\t/" in listed
    for line in listed.split(b"\0")[:-1]:
        found = _ENTRY.fullmatch(line)
        mode, path = (found[1], found[2]) if found else (b"", line[len(_OTHER) :])
        parts = path.lower().split(b"/") if suspicious else ()
        if not suspicious or not (path.startswith(b"/") or b".." in parts or b".git" in parts):
            yield mode, path


def _git(program: Path, top: Path, cwd: Path, *arguments: str) -> tuple[int, bytes, str]:
    settings = [word for setting in _SAFE for word in ("-c", setting)]
    env = {
        "PATH": os.defpath,
        "GIT_DIR": str(top / ".git"),  # so that core.worktree cannot point elsewhere
        "GIT_WORK_TREE": str(top),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    return process.output([str(program), *settings, *arguments], cwd=cwd, env=env, timeout=_TIMEOUT)
