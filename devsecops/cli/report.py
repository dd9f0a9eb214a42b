"""`devsecops report`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from devsecops.cli import ending, logs, outputs


@click.command(short_help="Write reports of a SARIF log.")
@click.argument("log", metavar="LOG...", nargs=-1, required=True)
@outputs.option
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict only.")
@click.option("-v", "--verbose", is_flag=True, help="Print all findings.")
def command(log: tuple[str, ...], reports: Sequence[str], *, gitlab_schema: str, quiet: bool, verbose: bool) -> int:
    """Write reports of LOG, a SARIF 2.1.0 log of devsecops or of any other tool; - for standard input.

    Several logs are merged.

    The exit code is 0 once all reports stand; `devsecops gate` gives that of the verdict.
    """
    targets = outputs.targets(reports, gitlab_schema)
    data, outcome = logs.read(log)
    outcome = logs.judged(outcome)
    written = outputs.write(outcome, targets, data)
    ending.summary(outcome, quiet=quiet, verbose=verbose, to_stderr=outputs.use_stdout(targets))
    return ending.code(outcome, written=written, gate=False)
