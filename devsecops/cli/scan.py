"""`devsecops scan`."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import click

from devsecops import division
from devsecops.cli import ending, outputs, publishing, selecting
from devsecops.config import Raw
from devsecops.division import Share
from devsecops.errors import UsageError
from devsecops.orchestrator import run
from devsecops.preparation import Prepared, Survey, prepare
from devsecops.scanner import Observer
from devsecops.text import one_line

_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@click.command(short_help="Scan a repository, a folder or a file.")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--image",
    "images",
    multiple=True,
    metavar="FILE|oci:FOLDER|NAME",
    help="An image in an archive of docker save or an OCI layout, or by its name in Docker or a registry; repeatable.",
)
@click.option("--platform", metavar="OS/ARCH", help="The platform that images must be for, such as linux/arm64.")
@selecting.options
@click.option("--require", multiple=True, metavar="KIND[,KIND]", help="Incomplete unless this kind was examined.")
@click.option(
    "--fail-on",
    type=click.Choice(["critical", "high", "medium", "low", "info", "none"]),
    help="Fail on findings of this severity or worse.  [default: high]",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A SARIF log to compare with: what is in it is known, and does not fail.",
)
@click.option("--no-gate", is_flag=True, help="Exit 0 once the reports stand; the verdict is in them.")
@click.option("--allow-incomplete", is_flag=True, help="Pass although something was not checked; it is said.")
@click.option(
    "--advisories", type=click.Path(path_type=Path), metavar="FOLDER", help="OSV records to audit dependencies with."
)
@click.option("--offline", is_flag=True, help="Use no network.")
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Jobs at the same time.  [default: cores]")
@click.option("--timeout", metavar="TIME", help="Deadline of each job, such as 90s or 5m.")
@click.option("--dry-run", is_flag=True, help="Print the commands that would run.")
@click.option("--plan", type=click.Path(path_type=Path), metavar="FILE", help="The plan that --shard is a part of.")
@click.option("--shard", metavar="I/N", help="Only this share of a plan: the report is a part, for devsecops merge.")
@outputs.option
@publishing.option
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict only.")
@click.option("-v", "--verbose", is_flag=True, help="Print all findings and progress.")
def command(  # one parameter for each option that is not a key of the configuration
    path: Path | None,
    config_file: Path | None,
    trust: str,
    reports: Sequence[str],
    gitlab_schema: str,
    *,
    baseline: Path | None,
    images: Sequence[str],
    no_gate: bool,
    dry_run: bool,
    plan: Path | None,
    shard: str | None,
    publish: bool,
    quiet: bool,
    verbose: bool,
    **keys: Any,  # noqa: ANN401  # the options that are keys of the configuration, as click gives them
) -> int:
    """Scan PATH: a repository, a folder or a single file.

    Without PATH, the current folder; with --image and without PATH, the images only.
    """
    targets = outputs.targets(reports, gitlab_schema)
    told = publishing.system() if publish else None
    share = _share(plan, shard, images=images)
    path = path or (None if images else Path())
    over = _overrides(keys)
    prepared = prepare(
        path, image=images, trust=trust, config_file=config_file, over=over, shard=share, baseline=baseline
    )
    if dry_run:
        _print_commands(prepared)
        return 0
    cancel = Event()
    with _signals(cancel) as caught:
        outcome = run(prepared, observer=_observer(quiet=quiet), cancel=cancel)
    written = outputs.write(outcome, targets, root=prepared.root)
    ending.summary(outcome, quiet=quiet, verbose=verbose, to_stderr=outputs.use_stdout(targets))
    code = ending.code(outcome, written=written, gate=not (no_gate or share))
    code = ending.told(told, outcome, code, to_stderr=outputs.use_stdout(targets)) if told else code
    return 128 + caught[0] if caught else code


def _share(plan: Path | None, shard: str | None, images: Sequence[str]) -> Callable[[Survey], Share] | None:
    """What gives the share of a plan, once it is known what there is to scan; None without a plan.

    Raises:
        UsageError: one option stands without the other, the plan is none, or it has no such shard.
    """
    if plan is None and shard is None:
        return None
    found = _SHARD.fullmatch(shard or "")
    if plan is None or found is None:
        raise UsageError("--plan FILE and --shard I/N go together", "write the plan: devsecops plan -o plan.json")
    if images:
        raise UsageError("--image names what is in no plan", "scan it by itself, and merge the reports")
    whole, digest = division.read(plan)
    mine = division.share(whole, digest, int(found[1]), int(found[2]))

    def checked(there: Survey) -> Share:
        division.check(whole, there.cells(), there.commit)
        return mine

    return checked


def _overrides(keys: dict[str, Any]) -> Raw:
    """Options as keys of the configuration."""
    scan = {
        **selecting.table(keys),
        "require": [kind.strip() for text in keys["require"] for kind in text.split(",") if kind.strip()],
        "timeout": keys["timeout"],
        "jobs": keys["jobs"],
        "offline": keys["offline"],
    }
    policy = {"fail-on": keys["fail_on"], "allow-incomplete": keys["allow_incomplete"]}
    image = {"platform": keys["platform"]}
    advisories = {"folder": str(keys["advisories"].resolve()) if keys["advisories"] else ""}
    tables = {"scan": scan, "policy": policy, "advisories": advisories, "image": image}
    said = {name: {key: value for key, value in table.items() if value} for name, table in tables.items()}
    return {name: table for name, table in said.items() if table}


def _print_commands(prepared: Prepared) -> None:
    for task in prepared.tasks:
        words = [word for part in task.job.argv for word in (task.job.arguments if part == "{files}" else [part])]
        click.echo(f"# {task.job.name}\n{one_line(shlex.join(words))}")
    for choice in prepared.choices:
        if choice.ended:
            said = "; ".join(message.text for message in choice.ended.messages)
            click.echo(f"# {choice.scanner.name}: {choice.ended.status.value}{f': {said}' if said else ''}")


def _observer(*, quiet: bool) -> Observer:
    from devsecops.cli import progress  # noqa: PLC0415  # rich is heavy

    if quiet:
        return Observer()
    return progress.Bars() if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else progress.Lines()


@contextmanager
def _signals(cancel: Event) -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM end the scan, which then says what it has found; a second one ends it at once."""
    caught: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        if caught:
            os._exit(128 + number)  # the guard process ends what still runs
        caught.append(number)
        cancel.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
