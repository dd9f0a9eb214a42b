"""SARIF logs as the commands take them: read, merged where there are several, judged by a policy."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import msgspec

from devsecops import dedupe, files, notes, policy, weakness
from devsecops.errors import ReportError, UsageError
from devsecops.model import Outcome, Policy, Verdict
from devsecops.sarif import Source, from_sarif, merge
from devsecops.text import one_line

_LIMIT = 2 << 30  # bytes of a log


def read(names: Sequence[str]) -> tuple[bytes, Outcome]:
    """One log of all that are named, and its outcome, as it stands there.

    A single log that needs no repair keeps its bytes.

    Args:
        names: paths of files; `-` for standard input.

    Raises:
        ReportError: the only log cannot be read; names it, and the place in it.
        UsageError: a log is named twice.
    """
    if len(set(names)) != len(names):
        raise UsageError("a log is named twice", "name each once")
    if len(names) == 1:
        data = read_bytes(names[0])
        outcome = outcome_of(data, names[0])
        if not any(note.id == "repaired" for note in outcome.notes):
            return data, outcome
    sources = [Source(said(name), partial(read_bytes, name)) for name in names]
    data = b"".join(merge(sources, judge=verdict))
    return data, outcome_of(data)


def verdict(log: bytes) -> Verdict:
    """The verdict on a log, by its own policy."""
    return judged(outcome_of(log)).verdict


def judged(outcome: Outcome, by: Policy | None = None) -> Outcome:
    """The outcome with the verdict of a policy on what it now says; None for its own policy."""
    by = by or outcome.policy
    said = (*outcome.notes, *notes.apart(outcome.parts))
    found = policy.judge(by, dedupe.findings(outcome.results), outcome.executions, said)
    return msgspec.structs.replace(outcome, policy=by, verdict=found)


def outcome_of(data: bytes, name: str = "the merged log") -> Outcome:
    """The outcome that a log says; raises ReportError, with the name, where it says none."""
    try:
        return from_sarif(data, groups=weakness.groups)
    except ReportError as error:
        raise ReportError(f"{said(name)}: {error.message}", error.hint) from None


def said(name: str) -> str:
    """The name of a log for people, without its folder."""
    return "standard input" if name == "-" else one_line(Path(name).name)


def read_bytes(name: str) -> bytes:
    """The bytes of a log; raises ReportError where it cannot be read."""
    if name == "-":
        return _standard_input()
    if not Path(name).exists():
        raise ReportError("there is no such file")
    return files.read(Path(name), _LIMIT)


@cache
def _standard_input() -> bytes:
    if sys.stdin is None:
        raise ReportError("standard input is closed")
    data = sys.stdin.buffer.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise ReportError(f"standard input is larger than {_LIMIT:,} bytes")
    return data
