"""Runs commands by turns and takes the median of what the operating system says they cost."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What one command cost: seconds of wall time, seconds of CPU with all its children, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float
    code: int = 0
    """Its exit code."""


def once(argv: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end, whatever its exit code."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as sink:
        process = subprocess.Popen(
            [str(word) for word in argv], cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def by_turns(
    commands: Mapping[str, Sequence[str | Path]], cwd: Path, runs: int = 7, env: Mapping[str, str] | None = None
) -> dict[str, Cost]:
    """The median cost of each command, after a run of each that does not count."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, argv in commands.items():
            cost = once(argv, cwd, env)
            if turn:
                costs[name].append(cost)
    return {
        name: Cost(
            statistics.median(cost.wall for cost in found),
            statistics.median(cost.cpu for cost in found),
            max(cost.memory for cost in found),
        )
        for name, found in costs.items()
    }


def show(title: str, text: str) -> None:
    """Print one line of the result."""
    print(f"{title:<44} {text}")


@contextmanager
def workplace() -> Iterator[Path]:
    """A temporary folder."""
    with tempfile.TemporaryDirectory(prefix="devsecops-bench-") as folder:
        yield Path(folder).resolve()
