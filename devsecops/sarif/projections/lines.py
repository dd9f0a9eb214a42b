"""The fingerprint that GitHub tracks an alert by: `primaryLocationLineHash`.

The algorithm is GitHub's (github/codeql-action, src/fingerprints.ts): a 64-bit polynomial hash, base 37, of the first
100 UTF-16 code units from the start of the line that are neither a space nor a tab, with every line end as one line
feed; the end of the file counts as the unit 65535 and zeros follow it. Behind a colon stands how many lines of the
file, this one included, have had the same hash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final

_WINDOW: Final = 100
_BASE: Final = 37
_MASK: Final = (1 << 64) - 1
_END: Final = "\uffff" + "\0" * _WINDOW


def line_hashes(text: str | None, lines: Collection[int]) -> dict[int, str]:
    """The hash of each of some lines, counted from 1; without those that the text, if any, does not have."""
    if text is None:
        return {}
    units = _units(text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", ""))
    last = max(lines, default=0)
    seen: Counter[str] = Counter()
    found: dict[int, str] = {}
    start, number = 0, 1
    padded = units + _END
    while number <= last and start >= 0:
        window = padded[start : start + _WINDOW]
        seen[window] += 1
        if number in lines:
            found[number] = f"{_hash(window):x}:{seen[window]}"
        start = units.find("\n", start) + 1 or -1
        number += 1
    return found


def _units(text: str) -> str:
    """Text with a character for each UTF-16 code unit."""
    if not text or max(text) <= "\uffff":
        return text
    return "".join(map(chr, memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")))


def _hash(window: str) -> int:
    value = 0
    for unit in window:
        value = (value * _BASE + ord(unit)) & _MASK
    return value
