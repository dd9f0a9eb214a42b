"""Writers turn an outcome into a report: one file a format."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Final

from devsecops.model import Outcome

Writer = Callable[[Outcome], Iterator[bytes]]
Projection = Callable[[bytes, Outcome], Iterator[tuple[str, Iterable[bytes]]]]
"""From the canonical log and its outcome to the files of a report: the first has the suffix "", the next ones `-2`,
`-3`, …; nothing of a file needs to be read before the next one is asked for."""

WRITERS: Final = {
    "sarif": "devsecops.writers.sarif",
    "text": "devsecops.writers.text",
}
"""The formats that `-o FORMAT=FILE` knows, each with the module that writes it."""
PROJECTIONS: Final[dict[str, str]] = {}
"""Further formats, which keep what the outcome has no words for: each with the module that projects the log."""


def writer(name: str) -> Writer:
    """The writer of a format; its module is imported when it is first used."""
    found: Writer = import_module(WRITERS[name]).write
    return found


def projection(name: str) -> Projection:
    """The projection of a format; its module is imported when it is first used."""
    found: Projection = import_module(PROJECTIONS[name]).project
    return found
