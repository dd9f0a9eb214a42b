"""A SARIF log, ours or that of any tool, as an outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

import msgspec

from devsecops.errors import ReportError
from devsecops.model import (
    Contents,
    Execution,
    Message,
    Outcome,
    Part,
    Policy,
    Result,
    Service,
    Severity,
    State,
    Verdict,
    VerdictState,
)
from devsecops.sarif import foreign, own, reading
from devsecops.sarif.foreign import Groups, Sighting

T = TypeVar("T")
Json = dict[str, Any]

_SHAPE: Final = (KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, msgspec.MsgspecError)
"""What an edit that broke a log of ours raises."""


def from_sarif(
    data: bytes | Iterable[bytes],
    *,
    groups: Groups | None = None,
    words: Mapping[str, Severity] = {},  # not changed
) -> Outcome:
    """The outcome that a log stands for.

    Of a log that `to_sarif` wrote it is the outcome that was given, with what has been changed in the log since. Other
    runs become executions and results as docs/sarif.md says; a log without a verdict of ours is incomplete until a
    policy has judged it.

    Args:
        data: the log.
        groups: groups of weaknesses by CWE numbers, so that results of different tools share fingerprints; None where
            nothing is compared across tools.
        words: what words for severity, SARIF's levels among them, mean to foreign tools, before our own table.

    Raises:
        ReportError: the bytes are not JSON, or not a SARIF 2.1.0 log; names the place.
    """
    repairs: Counter[str] = Counter()

    def complain(text: str) -> None:
        repairs[text] += 1

    log = reading.read(data if isinstance(data, bytes) else b"".join(data), complain)
    bag = own.bag(log.extra)
    outcome = _log_outcome(bag)
    executions: list[Execution] = []
    found: list[Result | Sighting] = []
    for number, run in enumerate(log.runs):
        some = None if run.results is None else (reading.one(raw, complain) for raw in run.results)
        ended, seen = _read(number, run.header(complain), some, bag, words)
        executions += ended
        found += seen
    return msgspec.structs.replace(
        outcome,
        executions=tuple(executions),
        results=tuple(_identified(found, groups)),
        notes=(*outcome.notes, *_said(repairs, empty=not log.runs and not bag)),
    )


def located(log: Json, *, groups: Groups | None = None) -> Iterator[tuple[int, int, Result]]:
    """The results of a decoded log, each with the place it stands at: index of the run, index in its results.

    Results that are no findings (of kind `pass` or `notApplicable`, or gone since the baseline) are left out.

    Args:
        log: the log, as JSON values.
        groups: as for `from_sarif`.

    Raises:
        ReportError: a run of ours has an unexpected shape; names the place.
    """
    places: list[tuple[int, int]] = []
    found: list[Result | Sighting] = []
    bag = own.bag(log)
    for number, run in enumerate(log.get("runs") or []):
        _, seen = _read(number, run, run.get("results"), bag, {})
        found += seen
        places += [(number, one.index if isinstance(one, Sighting) else at) for at, one in enumerate(seen)]
    for (run_index, index), result in zip(places, _identified(found, groups), strict=True):
        if result.state is not State.FIXED:
            yield run_index, index, result


def _read(
    number: int, run: Json, results: Iterable[Any] | None, bag: Json, words: Mapping[str, Severity]
) -> tuple[list[Execution], list[Result] | tuple[Sighting, ...]]:
    """The executions and results of one run."""
    if not own.is_ours(run, bag):
        said = foreign.read(run, results, words)
        return [said.execution], said.sightings
    if results is None:
        raise ReportError(f"runs[{number}] of the log has no results", "it was edited; write it again")
    try:
        return own.executions(run), list(own.results(run, results))
    except _SHAPE as error:
        raise ReportError(f"runs[{number}] of the log has an unexpected shape: {_said_by(error)}") from None


def _log_outcome(bag: Json) -> Outcome:
    """What stands on the log itself."""
    try:
        return Outcome(
            services=_convert(bag.get("services", []), tuple[Service, ...]),
            notes=_convert(bag.get("notes", []), tuple[Message, ...]),
            contents=_convert(bag.get("contents", []), tuple[Contents, ...]),
            revision=_convert(bag.get("revision", ""), str),
            baseline=_convert(bag.get("baseline", ""), str),
            policy=_convert(bag.get("policy", {}), Policy),
            parts=_convert(bag.get("parts", []), tuple[Part, ...]),
            verdict=_convert(bag["verdict"], Verdict) if "verdict" in bag else Verdict(state=VerdictState.INCOMPLETE),
        )
    except _SHAPE as error:
        raise ReportError(f"properties.devsecops of the log has an unexpected shape: {_said_by(error)}") from None


def _identified(found: list[Result | Sighting], groups: Groups | None) -> Iterator[Result]:
    """All results in their order, those of other tools with fingerprints."""
    sightings = [one for one in found if isinstance(one, Sighting)]
    identified = foreign.identified(sightings, groups)
    return (next(identified) if isinstance(one, Sighting) else one for one in found)


def _said(repairs: Mapping[str, int], *, empty: bool) -> Iterator[Message]:
    """What had to be repaired, and that a log without runs proves nothing."""
    for text, count in sorted(repairs.items()):
        times = f" ({count:,} times)" if count > 1 else ""
        yield Message(id="repaired", level="note", text=f"repaired in the log: {text}{times}")
    if empty:
        yield Message(id="no-runs", level="error", text="the log has no runs: nothing says that anything was scanned")


def _said_by(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


def _convert(value: object, kind: type[T]) -> T:
    return msgspec.convert(value, kind)
