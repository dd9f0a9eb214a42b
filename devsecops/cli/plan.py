"""`devsecops plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from devsecops import division, files, work
from devsecops.cli import selecting
from devsecops.division import Plan
from devsecops.errors import UsageError
from devsecops.model import Kind
from devsecops.preparation import survey
from devsecops.text import one_line, plural

_FORMATS = ("text", "json", "github", "gitlab")


@click.command(short_help="Divide a scan into shards, for machines that work at the same time.")
@click.argument("path", required=False, default=".", type=click.Path(path_type=Path))
@selecting.options
@click.option("--shards", default="auto", metavar="N|auto", help="How many shards at most.  [default: auto]")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="What to print.  [default: text]")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the plan itself, JSON.")
def command(
    path: Path,
    shards: str,
    form: str,
    output: Path | None,
    *,
    config_file: Path | None,
    trust: str,
    **keys: Any,  # noqa: ANN401  # the options that are keys of the configuration, as click gives them
) -> int:
    """Divide the scan of PATH into shards of about equal work: the longest work first.

    A plan is for one commit: each `devsecops scan --plan FILE --shard I/N` does its share of it and writes a part, and
    `devsecops merge --plan FILE PART...` makes the report of the whole, if no part is missing. --format github prints
    the outputs of a job (matrix, shards), gitlab the variables of a dotenv report.
    """
    count = _count(shards)
    if output:
        files.check_writable(output)
    over = {name: value for name, value in selecting.table(keys).items() if value}
    there = survey(path, trust=trust, config_file=config_file, over={"scan": over} if over else {})
    plan = division.divided(there.cells(), work.starts(there.scanners, there.clock.speed), count, there.commit)
    data = division.encoded(plan)
    if output:
        files.write(output, [data])
    click.echo(_printed(plan, data, form), nl=False)
    return 0


def _count(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= division.LIMIT:
        raise UsageError(f"--shards {text}: is no number from 1 to {division.LIMIT}", "or auto")
    return int(text)


def _printed(plan: Plan, data: bytes, form: str) -> str:
    numbers = range(1, len(plan.shards) + 1)
    if form == "json":
        return data.decode()
    if form == "github":
        matrix = ",".join(f'{{"shard":{number}}}' for number in numbers)
        return f'matrix={{"include":[{matrix}]}}\nshards={len(plan.shards)}\n'
    if form == "gitlab":
        return f"DEVSECOPS_SHARDS={len(plan.shards)}\n"
    return "".join(f"{line}\n" for line in _lines(plan))


def _lines(plan: Plan) -> list[str]:
    lines: list[str] = []
    for number, shard in enumerate(plan.shards, 1):
        lines.append(f"shard {number}/{len(plan.shards)}  about {_duration(shard.cost)}")
        for cell in shard.cells:
            of = "the repository as one" if not cell.service and cell.kind is not Kind.IMAGE else cell.service
            lines.append(f"  {cell.kind.value:<12}  {one_line(of):<24}  {cell.reason}")
    whole = sum(shard.cost for shard in plan.shards)
    longest = max(shard.cost for shard in plan.shards)
    lines.append(f"{plural(len(plan.shards), 'shard')}, {_duration(whole)} of work, the longest {_duration(longest)}")
    return lines


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 90 else f"{seconds / 60:.1f} min"
