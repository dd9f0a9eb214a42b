"""Findings: results that are the same, and results with one cause, shown once and counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from devsecops.model import Baseline, FileLocation, HttpLocation, PackageLocation, Result, Severity, State, same_package


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Results that share a fingerprint, and those of one package and advisory in several places of a service."""

    results: tuple[Result, ...]
    """Worst first; the first one speaks for the finding."""

    @property
    def first(self) -> Result:
        """The most telling result."""
        return self.results[0]

    @property
    def severity(self) -> Severity:
        """The worst severity that any of its new results has; of all of them where none is new."""
        new = [result.severity for result in self.results if result.state is State.NEW]
        return Severity.worst(new or [result.severity for result in self.results])

    @property
    def state(self) -> State:
        """New if any of its results is; else the state of the first."""
        states = [result.state for result in self.results]
        return State.NEW if State.NEW in states else states[0]

    @property
    def standing(self) -> str:
        """The state in a word for people, who want to know of a new one that it had been fixed before."""
        again = any(result.baseline is Baseline.REAPPEARED for result in self.results)
        return "reappeared" if again and self.state is State.NEW else self.state.value

    @property
    def fingerprint(self) -> str:
        """The fingerprint that stands for it: the first of its most telling result."""
        return self.first.fingerprints[0] if self.first.fingerprints else ""

    @property
    def scanners(self) -> tuple[str, ...]:
        """Names of all scanners that report it, sorted."""
        return tuple(sorted({result.scanner for result in self.results}))


def findings(results: Iterable[Result]) -> list[Finding]:
    """The findings behind some results, worst first; pure, and independent of the order of the results."""
    ordered = sorted(results, key=order)
    parent = list(range(len(ordered)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first_with: dict[object, int] = {}
    for at, result in enumerate(ordered):
        for key in _keys(result):
            other = first_with.setdefault(key, at)
            here, there = root(at), root(other)
            parent[max(here, there)] = min(here, there)
    groups: dict[int, list[Result]] = defaultdict(list)
    for at, result in enumerate(ordered):
        groups[root(at)].append(result)
    return sorted((_finding(group) for group in groups.values()), key=lambda finding: order(finding.first))


def order(result: Result) -> tuple[object, ...]:
    """The order of results in every output: worst first, then by place, scanner and rule."""
    location = result.location
    path = location.url if isinstance(location, HttpLocation) else location.path
    line = 0 if isinstance(location, HttpLocation) else location.line
    column = location.column if isinstance(location, FileLocation) else 0
    extra = location.purl if isinstance(location, PackageLocation) else ""
    return (
        result.state is not State.NEW,
        result.severity.rank,
        result.service,
        path,
        line,
        column,
        extra,
        result.scanner,
        result.rule.id,
        result.message,
        result.fingerprints,
    )


def _keys(result: Result) -> Iterator[object]:
    """What makes results one finding; what is fixed is never one with what is there."""
    if result.state is State.FIXED:
        yield from ((State.FIXED, key) for key in _of_same(result))
    else:
        yield from _of_same(result)


def _of_same(result: Result) -> Iterator[object]:
    yield from result.fingerprints
    if isinstance(result.location, PackageLocation):
        package = same_package(result.location.purl)
        for name in (result.rule.id, *result.aliases):
            yield result.service, package, name.upper()


def _finding(group: Sequence[Result]) -> Finding:
    return Finding(results=tuple(sorted(group, key=_telling)))


def _telling(result: Result) -> tuple[object, ...]:
    """The order within a finding: new and worst first, then the one with most help."""
    return (result.state is not State.NEW, result.severity.rank, not result.rule.help, *order(result)[2:])
