"""Glob patterns over slash-separated paths, the same dialect in manifests, configuration and comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import lru_cache

_CHOICE = r"\{([^{}]*)\}"
_MOST = 4096  # patterns that choices in braces may stand for

Segments = tuple[re.Pattern[str] | None, ...]
"""A pattern without choices, segment by segment; None stands for `**`."""


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns matches the path or a folder above it.

    `*` and `?` stay within a path segment, a segment `**` stands for any number of segments, `[ab]` and `{a,b}`
    choose. A pattern without a slash matches at any depth, as in .gitignore; a leading slash ties it to the root. No
    pattern takes more time than its length times that of the path.
    """
    parts = path.split("/")
    return any(_ends(segments, parts) for pattern in patterns for segments in _compiled(pattern))


def is_file(path: str, pattern: str) -> bool:
    """Whether the pattern matches the path itself, and not only a folder above it."""
    parts = path.split("/")
    return any(len(parts) in _ends(segments, parts) for segments in _compiled(pattern))


def expanded(pattern: str) -> list[str]:
    """The patterns without choices that one with choices stands for: `*.{yml,yaml}` for `*.yml` and `*.yaml`."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        one = waiting.pop()
        found = re.search(_CHOICE, one)
        if not found or len(done) + len(waiting) > _MOST:
            done.append(one)
        else:
            before, after = one[: found.start()], one[found.end() :]
            waiting += [f"{before}{choice}{after}" for choice in reversed(found[1].split(","))]
    return list(dict.fromkeys(done))


def tail(pattern: str) -> str:
    """What every name that is matched ends with: `.py` for `**/*.py`, `go.mod` for `**/go.mod`; else empty."""
    last = pattern.rpartition("/")[2]
    return "" if re.search(r"[\[{]", last) else re.split(r"[*?]", last)[-1]


def head(pattern: str) -> str:
    """What every name that is matched begins with: `Dockerfile.` for `**/Dockerfile.*`; empty where that is open."""
    if not pattern.startswith("**/") or "/" in pattern[3:]:
        return ""
    return re.split(r"[*?\[{]", pattern[3:])[0]


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> list[Segments]:
    return [_segments(one) for one in expanded(pattern) if one.strip("/")]


def _segments(pattern: str) -> Segments:
    anywhere = "/" not in pattern.rstrip("/")
    parts = [part for part in pattern.split("/") if part]
    return tuple(None if part == "**" else _segment(part) for part in (["**", *parts] if anywhere else parts))


@lru_cache(maxsize=512)
def _segment(part: str) -> re.Pattern[str]:
    return re.compile(translate(re.sub(r"\*+", "*", part)))


def _ends(segments: Segments, parts: Sequence[str]) -> set[int]:
    """After how many parts of a path, none excepted, the pattern can be at its end."""
    reached = {0}
    for segment in segments:
        if segment is None:
            reached = set(range(min(reached), len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and segment.match(parts[at])}
        if not reached:
            break
    return reached - {0}
