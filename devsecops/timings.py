"""Remembers how long scanners take on this machine: for planning, never for a result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from devsecops import files
from devsecops.scanner import End, Finished

_NAME = "timings.json"
_OLD = 0.7  # how much of the earlier factor is kept


def speed() -> dict[str, float]:
    """For each scanner, how long its jobs have taken, relative to what its manifest estimates."""
    try:
        return msgspec.json.decode((files.cache_folder() / _NAME).read_bytes(), type=dict[str, float])
    except (OSError, msgspec.DecodeError):
        return {}


def remember(finished: Iterable[Finished], before: dict[str, float]) -> None:
    """Learn from the jobs of one scan. Their cost is the estimate that was planned with."""
    took: dict[str, float] = defaultdict(float)
    planned: dict[str, float] = defaultdict(float)
    for one in finished:
        if one.end is End.EXITED:
            took[one.job.scanner] += one.seconds
            planned[one.job.scanner] += one.job.cost
    factors = dict(before)
    for scanner, seconds in took.items():
        if planned[scanner] > 0:
            old = before.get(scanner, 1.0)
            new = min(max(old * seconds / planned[scanner], 0.05), 20.0)
            factors[scanner] = round(_OLD * old + (1 - _OLD) * new if scanner in before else new, 2)
    if factors != before:
        files.write_cache(files.cache_folder() / _NAME, msgspec.json.encode(factors))
