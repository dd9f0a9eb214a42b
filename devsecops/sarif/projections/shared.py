"""What the projections share: their input, their output, and a raw run with its indices resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from devsecops.model import Message, Result
from devsecops.sarif.encode import BAG, SCHEMA
from devsecops.text import clean

Json = dict[str, Any]
Located = tuple[int, int, Result]
"""A result with its place in the log: number of the run, number of the result in it. Results that say that nothing is
wrong (of kind `pass` or `notApplicable`, or gone since the baseline) are none."""
Group = Sequence[Located]
"""The results of one finding, most telling first."""
TextOf = Callable[[str], str | None]
"""From a path relative to the scanned root to the text of the file, line ends untouched; None where there is none."""

_BROKEN: Final = frozenset({"failed", "missing", "timed-out", "partial"})


class Projected(msgspec.Struct, frozen=True):
    """A projected log."""

    files: tuple[tuple[bytes, ...], ...]
    """Each file as pieces that follow each other; there is at least one file."""
    notes: tuple[Message, ...] = ()
    """What was left out or cut, for people."""


def of_runs(runs: Iterable[bytes]) -> tuple[bytes, ...]:
    """A log of runs that are already JSON."""
    pieces = [b'{"$schema":' + dump(SCHEMA) + b',"version":"2.1.0","runs":[']
    for number, run in enumerate(runs):
        pieces += [b",\n" if number else b"\n", run]
    return (*pieces, b"\n]}\n")


def dump(value: object) -> bytes:
    """JSON of a value."""
    return msgspec.json.encode(value)


def bag(holder: Json) -> Json:
    """Our property bag of an object; an empty one where there is none."""
    return objects(objects(holder, "properties"), BAG)


def objects(holder: Any, name: str) -> Json:  # noqa: ANN401  # any JSON value
    """A property that is an object; an empty one where it is not."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def listed(holder: Any, name: str) -> list[Json]:  # noqa: ANN401
    """The objects of a property that is a list."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def written(holder: Any, name: str) -> str:  # noqa: ANN401
    """A property that is text, cleaned; empty where it is not."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return clean(found).strip() if isinstance(found, str) else ""


def is_incomplete(run: Json) -> bool:
    """Whether some of a run was not examined, so that the absence of a result proves nothing.

    A run that says nothing of its invocations, as those of many tools, counts as complete.
    """
    return not isinstance(run.get("results"), list) or any(
        invocation.get("executionSuccessful") is False or bag(invocation).get("status") in _BROKEN
        for invocation in listed(run, "invocations")
    )
