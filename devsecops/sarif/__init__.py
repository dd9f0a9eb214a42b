"""The SARIF engine; knows the words of the model and nothing else of devsecops."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from devsecops.sarif.decode import from_sarif, located
    from devsecops.sarif.encode import to_sarif
    from devsecops.sarif.merging import Merged, Source, merge
    from devsecops.sarif.results import Tally

_HOMES = {
    "Merged": "merging",
    "Source": "merging",
    "Tally": "results",
    "from_sarif": "decode",
    "located": "decode",
    "merge": "merging",
    "to_sarif": "encode",
}

__all__ = ["Merged", "Source", "Tally", "from_sarif", "located", "merge", "to_sarif"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: a scan writes logs and merges none."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
