"""The lines on which lock files name their packages, in one pass over the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from devsecops.lockfiles.origins import Entry, found
from devsecops.lockfiles.outline import header
from devsecops.lockfiles.places import Place, lock
from devsecops.model import Lock

_NAME: Final = re.compile(r"""[ \t]*(?:name|"name"|'name')[ \t]*=""")
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:\n]')


def listed(path: str, text: str, table: str, entries: Sequence[Entry]) -> Lock:
    """What the entries of an array of tables name, each at the line of its name.

    Where the text shows another number of entries, as in an array that is written inline, no line is known.
    """
    lines = [*_named_lines(text, header(table))]
    if len(lines) != len(entries):
        lines = [0] * len(entries)
    places = (Place(path, line) for line in lines)
    return lock(path, found(zip(places, entries, strict=True)))


def _named_lines(text: str, start: re.Pattern[str]) -> Iterator[int]:
    waiting = False
    for number, line in enumerate(text.split("\n"), start=1):
        if start.match(line):
            waiting = True
        elif waiting and _NAME.match(line):
            waiting = False
            yield number


def keys(text: str) -> dict[tuple[str, str], int]:
    """The line of each key in each member of a JSON object of objects."""
    lines: dict[tuple[str, str], int] = {}
    line, depth, latest, section = 1, 0, "", ""
    for token in _TOKEN.findall(text):
        match token:
            case "\n":
                line += 1
            case "{" | "[":
                depth += 1
            case "}" | "]":
                depth -= 1
            case ":" if depth == 1:
                section = json.loads(latest)
            case ":" if depth == 2:
                lines[section, json.loads(latest)] = line
            case _:
                latest = token
    return lines
