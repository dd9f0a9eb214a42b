"""The tables of a run that indices point into, and the list of what was found wrong."""

from __future__ import annotations

from typing import Any, Final

import msgspec

Json = dict[str, Any]
Place = tuple[Any, str | int]
"""The place of a value: the place of what holds it (or None), and its name or number in there."""

MOST: Final = 1_000
"""Problems that are kept of one run; the rest is counted."""


class Problem(msgspec.Struct, frozen=True, order=True):
    """Something that is wrong in a log."""

    place: str
    """JSON pointer (RFC 6901) into the log."""
    text: str
    """What is wrong there."""


class Tables:
    """What the indices of one run point into."""

    def __init__(self, run: Json) -> None:
        self.found: list[Problem] = []
        self.more = 0
        elsewhere = run.get("externalPropertyFileReferences")
        self._elsewhere = frozenset(elsewhere) if isinstance(elsewhere, dict) else frozenset[str]()
        self._run = run
        self.bases = objects(run, "originalUriBaseIds")
        tool = objects(run, "tool")
        self.components = (objects(tool, "driver"), listed(tool, "extensions"), listed(run, "taxonomies"))
        """The driver, the extensions and the taxonomies."""

    @property
    def count(self) -> int:
        """How many problems there are."""
        return len(self.found) + self.more

    def table(self, name: str) -> list[Any] | None:
        """A table of the run; None where it stands in another file and nothing can be said of it."""
        return None if name in self._elsewhere else listed(self._run, name)

    def wrong(self, place: Place, text: str) -> None:
        """Note a problem."""
        if len(self.found) < MOST:
            self.found.append(Problem(pointer(place), text))
        else:
            self.more += 1


def pointer(place: Place | None) -> str:
    """A place as JSON pointer."""
    words: list[str] = []
    while place is not None:
        place, word = place
        words.append(str(word).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{word}" for word in reversed(words))


def listed(holder: Json, name: str) -> list[Any]:
    """A property that is a list; an empty one where it is not."""
    found = holder.get(name)
    return found if isinstance(found, list) else []


def objects(holder: Json, name: str) -> Json:
    """A property that is an object; an empty one where it is not."""
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def at(table: list[Any], index: int) -> Json:
    """An object of a table; an empty one where there is none."""
    found = table[index] if 0 <= index < len(table) else None
    return found if isinstance(found, dict) else {}
