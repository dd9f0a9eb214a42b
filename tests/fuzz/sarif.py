"""Whatever the bytes: reading and merging SARIF end with a log or with an error that says why, never otherwise.

By Atheris, which is not a dependency (`pip install atheris`), from a folder of logs:

    python tests/fuzz/sarif.py LOGS -max_len=65536

Without Atheris the files that are named, or those in the folders, are tried once each:

    python tests/fuzz/sarif.py FILE...
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from devsecops.errors import ReportError
from devsecops.sarif import from_sarif, merge

OTHER = b'{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"other"}},"results":[]}]}'


def attempt(data: bytes) -> None:
    """Read and merge some bytes; raises AssertionError where something does not hold that must."""
    with suppress(ReportError):
        from_sarif(data)
    found = merge([data, OTHER])
    log = b"".join(found)
    names = [run["tool"]["driver"]["name"] for run in json.loads(log)["runs"]]
    assert "other" in names, "a log was lost for another's fault"
    for tally in found.tallies.values():
        assert tally.read == tally.written + tally.duplicates + tally.set_aside, "results do not add up"
    assert b"".join(merge([log])) == log, "merging again changes the log"


def main(arguments: list[str]) -> None:
    """Fuzz by Atheris where it is installed, else try the files that are named."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        for path in _files(map(Path, arguments[1:])):
            attempt(path.read_bytes())
        return
    atheris.instrument_all()
    atheris.Setup(arguments, attempt)
    atheris.Fuzz()


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        yield from (one for one in sorted(path.rglob("*")) if one.is_file()) if path.is_dir() else [path]


if __name__ == "__main__":
    main(sys.argv)
