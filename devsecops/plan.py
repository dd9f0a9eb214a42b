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


def tasks(
    scopes: Sequence[tuple[Scanner, Scope]], cores: int, speed: Mapping[str, float] | None = None
) -> list[Task]:
    """The jobs of all scanners, longest first.

    A scanner whose work would take longer than an even share of all work on the given cores is asked to split it.
    How work is split changes no result, only when it is there.

    Args:
        scopes: each scanner that can run, with what it is asked about.
        cores: jobs at the same time.
        speed: for each scanner, how its jobs have taken on this machine, relative to what its manifest estimates.
    """
    speed = speed or {}
    planned = [(scanner, scope, list(scanner.jobs(scope))) for scanner, scope in scopes]
    costs = {scanner.name: sum(job.cost for job in jobs) * speed.get(scanner.name, 1.0) for scanner, _, jobs in planned}
    share = sum(costs.values()) / max(cores, 1)
    found: list[Task] = []
    for scanner, scope, jobs in planned:
        if costs[scanner.name] > share and cores > 1:
            scope = msgspec.structs.replace(scope, parts=cores)
            jobs = list(scanner.jobs(scope))
        found += [
            Task(job=_with_cost(job, speed.get(scanner.name, 1.0)), scanner=scanner, scope=scope) for job in jobs
        ]
    return sorted(found, key=lambda task: (-task.job.cost, task.job.name))


def _with_cost(job: Job, factor: float) -> Job:
    return msgspec.structs.replace(job, cost=job.cost * factor)
