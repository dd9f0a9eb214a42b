"""Reads the SARIF of any tool that prints it."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from devsecops.errors import ReportError
from devsecops.model import COVERAGE_UNKNOWN, Baseline, HttpLocation, Location, Message, Result, Severity
from devsecops.readers.report import Found, Grades, path_in_report
from devsecops.sarif import foreign, reading
from devsecops.scanner import Finished
from devsecops.text import plural


def read(data: bytes, finished: Finished, grades: Grades) -> Found:
    """What a SARIF report says: results, what the tool says it examined, and what it says went wrong.

    Examined is what stands in `run.artifacts` with the role `analysisTarget`, if anything does (SARIF 2.1.0, section
    3.24.6), less the files of which it notifies of an error. The manifest's words for severity come before those of
    devsecops; SARIF's levels may be among them.

    Raises:
        ReportError: it is no SARIF 2.1.0 log, has no runs, or one of them says that the tool failed.
    """
    log = reading.read(data, _ignore)
    if not log.runs:
        raise ReportError("the report has no runs")
    results: list[Result] = []
    messages: dict[Message, None] = {}
    examined: set[str] | None = None
    for run in log.runs:
        header = run.header(_ignore)
        found = foreign.read(header, _results(run), grades.severities)
        failures = [one.text for one in found.execution.messages if one.id == "failed"]
        if failures:
            raise ReportError(f"its report says: {failures[0]}")
        results += (_graded(one, finished, grades) for one in found.sightings)
        messages |= dict.fromkeys(_told(found, finished))
        listed = foreign.examined(header)
        examined = examined if listed is None else {*(examined or ()), *(_path(one, finished) for one in listed)}
    gaps = {one.path for one in messages if one.id == "not-examined"}
    return Found(
        results=tuple(results),
        examined=None if examined is None else frozenset(examined - gaps),
        messages=tuple(messages),
    )


def _results(run: reading.Run) -> Iterable[Any] | None:
    return None if run.results is None else [reading.one(raw, _ignore) for raw in run.results]


def _graded(sighting: foreign.Sighting, finished: Finished, grades: Grades) -> Result:
    """The result as one of the manifest's scanner; what comments in the code may silence is not for the tool to say."""
    result = sighting.result
    rated = sighting.rated and result.severity is not Severity.UNKNOWN
    return msgspec.structs.replace(
        result,
        scanner=finished.job.scanner,
        severity=grades.rules.get(result.rule.id) or (result.severity if rated else grades.default),
        location=_located(result.location, finished),
        suppressions=(),
        baseline=Baseline.NEW,
    )


def _located(location: Location, finished: Finished) -> Location:
    if isinstance(location, HttpLocation):
        return location
    return msgspec.structs.replace(location, path=_path(location.path, finished))


def _told(found: foreign.Reading, finished: Finished) -> Iterator[Message]:
    """The tool's notifications, less what only a log by itself has to say, and what is taken otherwise than it says."""
    name = finished.job.scanner
    for one in found.execution.messages:
        if one.id != COVERAGE_UNKNOWN:
            yield msgspec.structs.replace(one, text=f"{name}: {one.text}", path=_path(one.path, finished))
    silenced = sum(bool(one.result.suppressions) for one in found.sightings)
    if silenced:
        text = f"{name}: {plural(silenced, 'result')} that it marks as suppressed count like all others"
        yield Message(id="not-suppressed", level="note", text=text)


def _path(path: str, finished: Finished) -> str:
    return path_in_report(path, finished) if path else ""


def _ignore(_: str) -> None:
    """Repairs of a report are not worth a word."""
