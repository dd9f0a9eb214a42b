"""Remembers how long scanners take on this machine: for planning, never for a result."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import msgspec

from devsecops import files
from devsecops.scanner import End, Finished

_NAME = "timings.json"
_OLD = 0.7  # how much of the earlier factor is kept
_WORTH = 0.1  # a change of a factor that is worth a write


class Clock:
    """How long the jobs of scanners take, relative to what their manifests estimate."""

    def __init__(self) -> None:
        self._file = files.cache_folder() / _NAME
        self.speed = _remembered(self._file)
        self._took: dict[str, float] = defaultdict(float)
        self._planned: dict[str, float] = defaultdict(float)

    def ended(self, finished: Finished) -> None:
        """Learn from a job. Its cost is the estimate that was planned with."""
        if finished.end is End.EXITED:
            self._took[finished.job.scanner] += finished.seconds
            self._planned[finished.job.scanner] += finished.job.cost

    def remember(self) -> None:
        """Keep what was learned, where it changes anything."""
        factors = self.speed | {scanner: self._factor(scanner) for scanner in self._took if self._planned[scanner] > 0}
        if any(abs(factor - self.speed.get(scanner, 0.0)) > _WORTH for scanner, factor in factors.items()):
            files.write_cache(self._file, msgspec.json.encode(factors))

    def _factor(self, scanner: str) -> float:
        old = self.speed.get(scanner)
        new = (old or 1.0) * self._took[scanner] / self._planned[scanner]
        mixed = new if old is None else _OLD * old + (1 - _OLD) * new
        return round(min(max(mixed, 0.05), 20.0), 2)


def _remembered(path: Path) -> dict[str, float]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, float])
    except (OSError, msgspec.DecodeError):
        return {}
