"""Writers turn an outcome into a report: one file a format."""

from collections.abc import Callable, Iterator
from importlib import import_module

from devsecops.model import Outcome

Writer = Callable[[Outcome], Iterator[bytes]]

WRITERS = {
    "sarif": "devsecops.writers.sarif",
    "text": "devsecops.writers.text",
}
"""The formats that `-o FORMAT=FILE` knows, each with the module that writes it."""


def writer(name: str) -> Writer:
    """The writer of a format; its module is imported when it is first used."""
    found: Writer = import_module(WRITERS[name]).write
    return found
