"""What scanners have said, put together: executions, results and notes of a scan."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from devsecops import coverage, dedupe, evidence, notes, syntax
from devsecops.advisories import Session
from devsecops.model import (
    OURS,
    Component,
    Contents,
    Execution,
    HttpLocation,
    Kind,
    Message,
    Policy,
    Result,
    Service,
    Status,
)
from devsecops.preparation import Prepared
from devsecops.scanner import Job, Reading
from devsecops.selection import Choice
from devsecops.trust import KeyClass, allows

_RAN = frozenset({Status.COMPLETE, Status.PARTIAL})


def results(prepared: Prepared, found: Iterable[Result], in_images: Iterable[Result]) -> tuple[Result, ...]:
    """All results, with evidence, fingerprints, suppressions and service; in the order of every output."""
    annotated = evidence.annotated(
        (result for result in found if _is_wanted(prepared, result)),
        prepared.listing,
        prepared.services.of,
        silence=allows(prepared.settled.trust, KeyClass.LOOSENING),
        secrets=prepared.secret_scanners,
    )
    return tuple(sorted([*annotated, *in_images], key=dedupe.order))


def executions(prepared: Prepared, readings: Mapping[str, Reading], advice: Session) -> tuple[Execution, ...]:
    """One execution a scanner and target, of what its jobs proved together, less what the configuration accepts."""
    parts: dict[str, dict[str, list[Execution]]] = defaultdict(lambda: defaultdict(list))
    for name in sorted(readings):
        execution = readings[name].execution
        parts[execution.scanner][execution.target].append(execution)
    asking = {task.job.scanner for task in prepared.tasks if asks_advisories(task.job)}
    found: list[tuple[Choice, Execution]] = []
    for choice in prepared.choices:
        name = choice.scanner.name
        done = [coverage.joined(some) for _, some in sorted(parts[name].items())]
        for one in [choice.ended] if choice.ended else done or [choice.nothing_done]:
            informed = coverage.with_advisories(one, advice.data, advice.problems) if name in asking else one
            dated = coverage.with_stale_data(msgspec.structs.replace(informed, asked=choice.asked), choice.stale)
            found.append((choice, coverage.with_notes(dated, choice.notes, prepared.services.of)))
    ours = [coverage.joined(some) for _, some in sorted(parts[OURS].items())]
    accepts = prepared.config.coverage.accept
    together = [*_with_parse_failures(prepared, found), *ours]
    return tuple(coverage.accepted(one, accepts) for one in sorted(together, key=lambda one: (one.scanner, one.target)))


def said(
    prepared: Prepared, found: Iterable[Result], ended: Iterable[Execution], more: Iterable[Message] = ()
) -> tuple[Message, ...]:
    """What the scan says about itself, and what else there is to say."""
    left_out = {entry for choice in prepared.choices for entry in choice.left_out} | set(prepared.listing.left_out)
    read = [lock.path for choice in prepared.choices if choice.scope for lock in choice.scope.locks]
    messages = [
        *more,
        *notes.refused(prepared.settled),
        *notes.no_scanner(prepared.config.scan.kinds, ended),
        *notes.left_out(left_out),
        *notes.fixtures(prepared.services.fixtures),
        *notes.not_covered(
            [one for one in prepared.services.all if prepared.takes(Kind.DEPENDENCIES, _inside(one))], read
        ),
        *notes.set_aside(Counter(result.scanner for result in found if not _is_listed(prepared, result))),
    ]
    return tuple(sorted(dict.fromkeys(messages), key=lambda note: (note.id, note.path, note.text)))


def contents(prepared: Prepared) -> Iterator[Contents]:
    """The packages of each lock file that was read."""
    for lock in {lock.path: lock for one in prepared.choices if one.scope for lock in one.scope.locks}.values():
        yield Contents(
            path=lock.path,
            service=prepared.services.of(lock.path),
            components=tuple(sorted({Component(purl=one.purl, line=one.line) for one in lock.packages}, key=_purl)),
            partial=bool(lock.unpinned),
        )


def _purl(component: Component) -> tuple[str, int]:
    return component.purl, component.line


def policy_in_force(prepared: Prepared) -> Policy:
    """The policy, as the configuration says it."""
    config = prepared.config
    return Policy(
        fail_on=config.policy.threshold,
        require=config.scan.require,
        allow_incomplete=config.policy.allow_incomplete,
        unknown_coverage=config.policy.unknown_coverage,
        origin=prepared.settled.threshold_origin,
    )


def asks_advisories(job: Job) -> bool:
    """Whether a job needs the OSV server."""
    return any("{osv}" in word for word in job.argv)


def _is_wanted(prepared: Prepared, result: Result) -> bool:
    """Whether a result lies in a file that is to be scanned: some scanners look at whatever lies below the root."""
    location = result.location
    if isinstance(location, HttpLocation):
        return True
    return _is_listed(prepared, result) and prepared.chosen(location.path)


def _is_listed(prepared: Prepared, result: Result) -> bool:
    return isinstance(result.location, HttpLocation) or prepared.listing.has(result.location.path)


def _inside(service: Service) -> str:
    """A path that belongs to a service."""
    return "x" if service.folder == "." else f"{service.folder}/x"


def _with_parse_failures(prepared: Prepared, found: Sequence[tuple[Choice, Execution]]) -> Iterator[Execution]:
    """The executions; those of scanners that count unparsable files as examined, with these as gaps.

    Which files do not parse is taken from a scanner that says so; where none has run, they are parsed here.
    """
    ran = {execution.scanner for _, execution in found if execution.status in _RAN}
    proven = tuple(ending for one in prepared.choices if one.scanner.name in ran for ending in one.proves)
    failures = coverage.not_parsed(execution for _, execution in found)
    for choice, execution in found:
        unproven = choice.unproven if execution.scanner in ran else []
        paths = {file.path for file in unproven}
        gaps = [failure for failure in failures if failure.path in paths]
        gaps += syntax.gaps(prepared.root, [file for file in unproven if not file.path.endswith(proven)])
        yield coverage.with_gaps(execution, gaps, prepared.services.of)
