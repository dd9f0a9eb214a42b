"""Glob patterns over slash-separated paths, the same dialect in manifests and configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|\{[^{}]*\}|[^*?\[{]+|[\[{]")

_CHOICE = re.compile(r"\{([^{}]*)\}")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression for one pattern.

    `*` and `?` stay within a path segment, `**` crosses segments, `[ab]` and `{a,b}` choose. A pattern without a
    slash matches at any depth, as in .gitignore; a leading slash ties it to the root. A pattern that matches a
    folder matches all that lies below it. Backtracking is bounded: no nested repetition is ever built.
    """
    anchored = "/" in pattern.rstrip("/")
    body = _expression(pattern.strip("/"))
    return re.compile(("" if anchored else "(?:.*/)?") + body + "(?:/.*)?", re.DOTALL)


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns matches the path or a folder above it."""
    return any(compiled(pattern).fullmatch(path) for pattern in patterns)


def expanded(pattern: str) -> list[str]:
    """The pattern without choices in braces: `*.{yml,yaml}` becomes `*.yml` and `*.yaml`."""
    found = _CHOICE.search(pattern)
    if not found:
        return [pattern]
    before, after = pattern[: found.start()], pattern[found.end() :]
    return [one for choice in found[1].split(",") for one in expanded(f"{before}{choice}{after}")]


def tail(pattern: str) -> str:
    """What every name that is matched ends with: `.py` for `**/*.py`, `go.mod` for `**/go.mod`; else empty."""
    last = pattern.rpartition("/")[2]
    return re.split(r"[*?\]}]", last)[-1] if not re.search(r"[\[{]", last.rpartition("*")[2]) else ""


def head(pattern: str) -> str:
    """What every name that is matched begins with: `Dockerfile.` for `**/Dockerfile.*`; empty where that is open."""
    if not pattern.startswith("**/") or "/" in pattern[3:]:
        return ""
    return re.split(r"[*?\[{]", pattern[3:])[0]


def _expression(pattern: str) -> str:
    return "".join(_translated(part) for part in _PART.findall(pattern))


def _translated(part: str) -> str:
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if part in fixed:
        return fixed[part]
    if part.startswith("[") and len(part) > 2:
        inside = part[1:-1].replace("\\", r"\\").replace("[", r"\[").replace("&", r"\&").replace("~", r"\~")
        return f"[^/{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    if part.startswith("{") and part.endswith("}"):
        return "(?:" + "|".join(_expression(choice) for choice in part[1:-1].split(",")) + ")"
    return re.escape(part)
