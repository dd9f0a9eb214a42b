"""What a command tells the CI system it runs on: a summary, annotations, outputs for later steps (`--ci`)."""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from devsecops import ci, dedupe, files
from devsecops.errors import OutputError, UsageError
from devsecops.model import Outcome, Severity, State
from devsecops.text import one_line

option = click.option(
    "--ci", "publish", is_flag=True, help="Tell the CI system: summary, annotations and outputs of the step."
)


def system() -> ci.Run:
    """The run to tell something; to be asked for before the work.

    Raises:
        UsageError: this is no CI system that we know.
    """
    run = ci.recognised(os.environ)
    if run is None:
        raise UsageError("--ci: this is no CI system that we know", "leave it out")
    return run


def publish(run: ci.Run, outcome: Outcome, code: int, stream: TextIO) -> bool:
    """Tell GitHub what was found; other systems take reports from files, and there is nothing to tell them here.

    Args:
        run: as `system` gives it.
        outcome: what was found.
        code: the exit code that the verdict has.
        stream: where annotations go; GitHub reads standard output and standard error.

    Returns:
        Whether everything could be told; what could not is said.
    """
    from devsecops.writers import annotations, markdown  # noqa: PLC0415  # only where somebody reads it

    if run.system != ci.GITHUB:
        click.echo(f"--ci: {run.system} takes nothing but reports: -o FORMAT=FILE", err=True)
        return True
    try:
        _append("GITHUB_STEP_SUMMARY", markdown.render(outcome) + _link(run))
        _append("GITHUB_OUTPUT", outputs(values(outcome, code)))
    except OutputError as error:
        click.echo(f"error: {error.message}", err=True)
        return False
    stream.flush()
    stream.buffer.writelines(annotations.write(outcome))
    stream.buffer.flush()
    return True


def values(outcome: Outcome, code: int) -> dict[str, str]:
    """The outputs of a step: verdict, exit code and numbers of findings."""
    found = dedupe.findings(outcome.results)
    new = [one for one in found if one.state is State.NEW]
    counts = Counter(one.severity for one in new)
    return {
        "verdict": outcome.verdict.state.value,
        "exit-code": str(code),
        "findings-total": str(len(found)),
        "new-findings": str(len(new)),
        **{f"findings-{severity.value}": str(counts[severity]) for severity in Severity},
    }


def outputs(named: Mapping[str, str]) -> str:
    """Values as GitHub reads them from its file: no value can end itself or name another one."""
    lines: list[str] = []
    for name, value in named.items():
        end = f"devsecops-{secrets.token_hex(16)}"
        lines += [f"{name}<<{end}", one_line(value), end]
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def silenced(stream: TextIO) -> Iterator[None]:
    """Within it GitHub takes no text on the stream for a command: only a token that nobody can guess ends that."""
    run = ci.recognised(os.environ)
    if run is None or run.system != ci.GITHUB:
        yield
        return
    token = secrets.token_hex(16)
    stream.write(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        stream.write(f"\n::{token}::\n")
        stream.flush()


def _append(variable: str, text: str) -> None:
    """Append to the file that GitHub names; nothing where it names none, as in a step of an emulator."""
    name = os.environ.get(variable, "")
    if name:
        files.append(Path(name), text)


def _link(run: ci.Run) -> str:
    return f"\n[The run]({run.url})\n" if run.url.startswith("https://") else ""
