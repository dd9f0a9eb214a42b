"""Services and scanners become jobs; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from devsecops.scanner import Job, Scanner, Scope


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A job, with whom to ask what its end means."""

    job: Job
    scanner: Scanner
    scope: Scope


def tasks(scopes: Sequence[tuple[Scanner, Scope]], cores: int, speed: Mapping[str, float] | None = None) -> list[Task]:
    """The jobs of all scanners, longest first.

    A scanner whose work would take longer than an even share of all work on the given cores is asked to split it.
    How work is split changes no result, only when it is there.

    Args:
        scopes: each scanner that can run, with what it is asked about.
        cores: jobs at the same time.
        speed: for each scanner, how its jobs have taken on this machine, relative to what its manifest estimates.
    """
    speed = speed or {}
    whole = [_tasks(scanner, scope, speed) for scanner, scope in scopes]
    costs = [sum(task.job.cost for task in group) for group in whole]
    share = sum(costs) / max(cores, 1)
    found: list[Task] = []
    for (scanner, scope), group, cost in zip(scopes, whole, costs, strict=True):
        split = cost > share and cores > 1
        found += _tasks(scanner, msgspec.structs.replace(scope, parts=cores), speed) if split else group
    return sorted(found, key=lambda task: (-task.job.cost, task.job.name))


def _tasks(scanner: Scanner, scope: Scope, speed: Mapping[str, float]) -> list[Task]:
    factor = speed.get(scanner.name, 1.0)
    return [Task(job=_with_cost(job, factor), scanner=scanner, scope=scope) for job in scanner.jobs(scope)]


def _with_cost(job: Job, factor: float) -> Job:
    return msgspec.structs.replace(job, cost=job.cost * factor)
