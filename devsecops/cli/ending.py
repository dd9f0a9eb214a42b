"""How a command that judges ends: what it prints, and its exit code."""

from __future__ import annotations

import os
import sys

from devsecops.cli import publishing
from devsecops.model import Outcome, VerdictState
from devsecops.writers import text

_CODES = {VerdictState.PASSED: 0, VerdictState.FAILED: 1, VerdictState.INCOMPLETE: 3}
_NOT_WRITTEN = 3


def summary(outcome: Outcome, *, quiet: bool, verbose: bool, to_stderr: bool) -> None:
    """Print what the outcome says, as wide as the terminal is."""
    stream = sys.stderr if to_stderr else sys.stdout
    colour = stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    width = min(os.get_terminal_size(stream.fileno()).columns, 100) if stream.isatty() else 80
    render = text.verdict if quiet else text.render
    with publishing.silenced(stream):
        stream.write(render(outcome, width=width, colour=colour, everything=verbose))


def told(outcome: Outcome, code: int) -> int:
    """The exit code, once the CI system knows what was found: that of an incomplete run where it could not be told.

    Raises:
        UsageError: this is no CI system.
    """
    return code if publishing.publish(outcome, _CODES[outcome.verdict.state]) else code or _NOT_WRITTEN


def code(outcome: Outcome, *, written: bool = True, gate: bool = True) -> int:
    """The exit code (docs/exit-codes.md): of the verdict, unless a report is missing or nobody asked for a gate."""
    if not written:
        return _NOT_WRITTEN
    return _CODES[outcome.verdict.state] if gate else 0
