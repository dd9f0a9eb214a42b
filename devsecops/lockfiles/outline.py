"""TOML lock files without their lists of files, hashes and dependencies: most of the text, and nothing read here."""

from __future__ import annotations

import re
from typing import Final

_PLAIN: Final = r"""(?:[^{}\[\]"'#\n]++|"[^"\\\n]*+")*+"""
_TABLE: Final = rf"\{{{_PLAIN}(?:(?:\{{{_PLAIN}\}}|\[{_PLAIN}\]){_PLAIN})*+\}}"
_LISTS: Final = re.compile(
    rf"^(?:[\w-]+ = \[\n(?: +{_TABLE},\n)++\]|[\w-]+ = \[{_TABLE}\]|sdist = {_TABLE})$", re.MULTILINE
)


def header(table: str) -> re.Pattern[str]:
    """The line that starts an entry of an array of tables."""
    return re.compile(rf"^[ \t]*\[\[[ \t]*{table}[ \t]*\]\]", re.MULTILINE)


def outline(text: str, table: str) -> str:
    """The text with every array of inline tables and every `sdist` left out, and as many lines as before.

    The text is returned as it is where the array `table` could itself be written inline: it cannot once a line starts
    an entry of it, and a line is what it looks like where no string has several lines.
    """
    if '"""' in text or "'''" in text or not header(table).search(text):
        return text
    return _LISTS.sub(lambda match: "\n" * match[0].count("\n"), text)
