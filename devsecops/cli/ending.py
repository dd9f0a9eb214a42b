"""How a command that judges ends: what it prints, and its exit code."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from devsecops.ci import Run
from devsecops.cli import publishing
from devsecops.model import Outcome, VerdictState
from devsecops.writers import text

_CODES = {VerdictState.PASSED: 0, VerdictState.FAILED: 1, VerdictState.INCOMPLETE: 3}
_NOT_WRITTEN = 3


def summary(outcome: Outcome, *, quiet: bool, verbose: bool, to_stderr: bool) -> None:
    """Print what the outcome says, as wide as the terminal is."""
    stream = _stream(to_stderr=to_stderr)
    colour = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = min(os.get_terminal_size(stream.fileno()).columns, 100) if stream.isatty() else 80
    render = text.verdict if quiet else text.render
    with publishing.silenced(stream):
        stream.write(render(outcome, width=width, colour=colour, everything=verbose))


def told(run: Run, outcome: Outcome, code: int, *, to_stderr: bool) -> int:
    """The exit code, once the CI system knows what was found: that of an incomplete run where it could not be told."""
    told = publishing.publish(run, outcome, _CODES[outcome.verdict.state], _stream(to_stderr=to_stderr))
    return code if told else _NOT_WRITTEN


def _stream(*, to_stderr: bool) -> TextIO:
    """Where people read: not where a report goes."""
    return sys.stderr if to_stderr else sys.stdout


def code(outcome: Outcome, *, written: bool = True, gate: bool = True) -> int:
    """The exit code (docs/exit-codes.md): of the verdict, unless a report is missing or nobody asked for a gate."""
    if not written:
        return _NOT_WRITTEN
    return _CODES[outcome.verdict.state] if gate else 0
