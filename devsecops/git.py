"""Reads git: the only module that does. A repository's own git configuration never runs anything here."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from devsecops import process

_SAFE = (
    "safe.directory=*",  # reading a listing is safe whoever owns it, and containers often own it wrongly
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "protocol.allow=never",
    "protocol.ext.allow=never",
    "core.quotePath=false",
)
_IGNORE = "--exclude-per-directory=.gitignore"  # not info/exclude and core.excludesFile: no reviewer sees those


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What git knows of a folder."""

    paths: bytes
    """Paths relative to the folder, tracked or untracked but not ignored, each ended by NUL; unsorted."""
    ignored: int = 0
    """Files and folders that .gitignore leaves out; an ignored folder counts once."""
    warnings: str = ""


def listing(root: Path) -> Tracked | None:
    """What git lists below a folder; None where git is absent or the folder belongs to no repository."""
    program = process.which("git", outside=root)
    if program is None:
        return None
    code, paths, warnings = _git(program, root, "ls-files", "-z", "-co", _IGNORE)
    if code != 0 or not paths:
        return None
    ignored = b""
    if b".gitignore\0" in paths:
        _, ignored, _ = _git(program, root, "ls-files", "-z", "-oi", _IGNORE, "--directory", "--no-empty-directory")
    return Tracked(paths=paths, ignored=ignored.count(b"\0"), warnings=warnings.strip())


def _git(program: Path, root: Path, *arguments: str) -> tuple[int, bytes, str]:
    settings = [word for setting in _SAFE for word in ("-c", setting)]
    env = {
        "PATH": os.defpath,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    if (root / ".git").exists():  # so that core.worktree cannot point elsewhere
        env |= {"GIT_DIR": str(root / ".git"), "GIT_WORK_TREE": str(root)}
    return process.output([str(program), *settings, *arguments], cwd=root, env=env, timeout=120)
