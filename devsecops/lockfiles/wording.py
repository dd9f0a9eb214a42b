"""Text of a repository made fit to be shown: no credentials, no control characters, not endless."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 200
_EXAMINED: Final = 4_000

_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # controls
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"  # zero width, separators, bidirectional marks
    "\ud800-\udfff]"  # lone surrogates
)
_USER: Final = re.compile(
    r"(?<=://)(?:[^\s/?#]*@|[^\s/?#:@]*:(?!\d*(?:[/?#\s]|$))\S*@)"  # the second: a password with a raw slash
)
_QUERY: Final = re.compile(r"(://[^\s?#]*\?)[^\s#]+")


def clean(text: str) -> str:
    """The text with every control character, bidirectional mark and lone surrogate escaped."""
    return _UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def masked(text: str) -> str:
    """The text without the user, password and query of each URL."""
    return _QUERY.sub(r"\1***", _USER.sub("***@", text))


def shown(text: str) -> str:
    """The text on one line: masked, cleaned and cut."""
    line = clean(masked(" ".join(text[:_EXAMINED].split())))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
