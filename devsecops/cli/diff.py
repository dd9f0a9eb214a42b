"""`devsecops diff`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import click

from devsecops import dedupe
from devsecops.cli import logs
from devsecops.dedupe import Finding
from devsecops.model import Execution, Outcome, State, Status
from devsecops.text import inert, one_line, plural, shorten
from devsecops.writers import parts

_WIDTH = 80
_SEVERITY = 8  # columns: the longest word
_NEW, _FIXED, _GONE, _UNCHANGED = "New", "Fixed", "Not examined again", "Unchanged"


@click.command(short_help="Compare two SARIF logs: what is new, fixed and unchanged.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("-v", "--verbose", is_flag=True, help="List unchanged findings too.")
def command(old: str, new: str, *, verbose: bool) -> None:
    """List the findings of NEW that OLD does not have, those that are gone, and how many are in both.

    OLD and NEW are SARIF 2.1.0 logs of devsecops or of any other tool. Two results are the same when they share a
    fingerprint. A finding that is gone counts as fixed only where every scanner that had reported it ran to its end.
    """
    _, before = logs.read([old])
    _, after = logs.read([new])
    groups = _compared(before, after)
    for name in (_NEW, _FIXED, _GONE, *([_UNCHANGED] if verbose else [])):
        if groups[name]:
            click.echo(inert(f"{name}\n" + "".join(f"{_line(one)}\n" for one in groups[name])))
    click.echo(", ".join(f"{len(groups[name]):,} {name.lower()}" for name in (_NEW, _FIXED, _UNCHANGED)) + ".")
    _warn(after.executions, groups[_GONE])


def _compared(before: Outcome, after: Outcome) -> dict[str, list[Finding]]:
    """The findings of both logs by what became of them, worst first."""
    now = {id(result) for result in after.results}
    complete = _complete(after.executions)
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in dedupe.findings([*before.results, *after.results]):
        here = [id(result) in now for result in finding.results]
        if all(here):
            groups[_NEW].append(finding)
        elif any(here):
            groups[_UNCHANGED].append(finding)
        else:
            groups[_FIXED if complete.issuperset(finding.scanners) else _GONE].append(finding)
    return groups


def _complete(executions: Iterable[Execution]) -> set[str]:
    """The scanners whose silence means something: all their executions are complete."""
    ended: dict[str, set[Status]] = defaultdict(set)
    for execution in executions:
        ended[execution.scanner].add(execution.status)
    return {scanner for scanner, statuses in ended.items() if statuses <= {Status.COMPLETE, Status.NOT_APPLICABLE}}


def _line(finding: Finding) -> str:
    state = "" if finding.state is State.NEW else f" ({finding.state.value})"
    text = f"{parts.title(finding)}{state}"
    place = f"{parts.place(finding)} ({parts.rules(finding)})"
    head = f"  {finding.severity.value.upper().ljust(_SEVERITY)}  "
    return f"{head}{shorten(text, _WIDTH - len(head))}\n{' ' * len(head)}{shorten(place, _WIDTH - len(head))}"


def _warn(executions: Sequence[Execution], gone: Sequence[Finding]) -> None:
    """Say why findings that are gone may still be there."""
    if not gone:
        return
    silent = {scanner for finding in gone for scanner in finding.scanners} - _complete(executions)
    click.echo(
        f"{plural(len(gone), 'finding')} not examined again: {', '.join(sorted(map(one_line, silent)))} did not run "
        "to the end in NEW."
    )
