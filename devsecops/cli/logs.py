"""SARIF logs as the commands take them: read, and judged by a policy."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from devsecops import dedupe, files, policy, weakness
from devsecops.errors import ReportError
from devsecops.model import Outcome, Policy
from devsecops.sarif import from_sarif
from devsecops.text import one_line

_LIMIT = 2 << 30  # bytes of a log


def read(name: str) -> tuple[bytes, Outcome]:
    """The bytes of a log and its outcome, as it stands there.

    Args:
        name: path of the file; `-` for standard input.

    Raises:
        ReportError: it cannot be read; names it, and the place in it.
    """
    data = _standard_input() if name == "-" else files.read(Path(name), _LIMIT)
    try:
        return data, from_sarif(data, groups=weakness.groups)
    except ReportError as error:
        where = "standard input" if name == "-" else one_line(name)
        raise ReportError(f"{where}: {error.message}", error.hint) from None


def judged(outcome: Outcome, by: Policy | None = None) -> Outcome:
    """The outcome with the verdict of a policy on what it now says; None for its own policy."""
    by = by or outcome.policy
    verdict = policy.judge(by, dedupe.findings(outcome.results), outcome.executions, outcome.notes)
    return msgspec.structs.replace(outcome, policy=by, verdict=verdict)


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise ReportError("standard input is closed")
    data = sys.stdin.buffer.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise ReportError(f"standard input is larger than {_LIMIT:,} bytes")
    return data
