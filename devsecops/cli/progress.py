"""Progress: bars on a terminal, quiet lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from devsecops.scanner import End, Finished, Job, Observer
from devsecops.text import one_line, plural

if TYPE_CHECKING:
    from rich.progress import TaskID

_BEFORE = ""
"""The row of what comes before the jobs."""


class Lines(Observer):
    """One line for each job that ends."""

    def said(self, text: str) -> None:
        """Say it."""
        self._say(one_line(text))

    def planned(self, jobs: Sequence[Job]) -> None:
        """Say how many jobs there are."""
        if jobs:
            self._say(f"{plural(len(jobs), 'job')}: {', '.join(job.name for job in jobs)}")

    def finished(self, finished: Finished) -> None:
        """Say how a job ended, and after how long."""
        how = "" if finished.end is End.EXITED else f"  {finished.end.value}"
        self._say(f"{finished.job.name:<20} {finished.seconds:6.1f} s{how}")

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)  # noqa: T201


class Bars(Observer):
    """A spinner for each running job and a count of those that have ended."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._rows: dict[str, TaskID] = {}
        self._left = 0

    def said(self, text: str) -> None:
        """Show it beside a spinner."""
        if _BEFORE not in self._rows:
            self._rows[_BEFORE] = self._progress.add_task(one_line(text), total=None)
            self._progress.start()
        self._progress.update(self._rows[_BEFORE], description=one_line(text))

    def planned(self, jobs: Sequence[Job]) -> None:
        """Show the first spinners."""
        self._left = len(jobs)
        if _BEFORE in self._rows:
            self._progress.remove_task(self._rows.pop(_BEFORE))
            self._progress.stop()
        if jobs:
            self._progress.start()

    def started(self, job: Job) -> None:
        """Show a spinner for the job."""
        self._rows[job.name] = self._progress.add_task(job.name, total=None)

    def finished(self, finished: Finished) -> None:
        """Take the spinner away; the last one ends the display."""
        self._progress.remove_task(self._rows.pop(finished.job.name))
        self._left -= 1
        if not self._left:
            self._progress.stop()
