"""Writers turn an outcome into a report: one file a format."""

from collections.abc import Callable, Iterator

from devsecops.model import Outcome
from devsecops.writers import sarif, text

Writer = Callable[[Outcome], Iterator[bytes]]

WRITERS: dict[str, Writer] = {
    "sarif": sarif.write,
    "text": text.write,
}
"""The formats that `-o FORMAT=FILE` knows."""
