"""SARIF 2.1.0 with everything known: the canonical report."""

from __future__ import annotations

from collections.abc import Iterator

from devsecops.model import Outcome
from devsecops.sarif import to_sarif


def write(outcome: Outcome) -> Iterator[bytes]:
    """The log, piece by piece."""
    return to_sarif(outcome)
