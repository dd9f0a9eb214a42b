"""The story of a scan, from a folder to an outcome."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import msgspec

from devsecops import coverage, dedupe, evidence, files, manifest, notes, plan, policy, process, services, timings
from devsecops.config import Config, Raw
from devsecops.errors import UsageError
from devsecops.files import Listing
from devsecops.model import Execution, Kind, Message, Outcome, Policy, Result
from devsecops.plan import Task
from devsecops.runner import Runner
from devsecops.scanner import Finished, Observer, Reading
from devsecops.selection import Choice, Selection
from devsecops.services import Services
from devsecops.trust import KeyClass, Settled, allows, settle


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is settled before the first scanner starts."""

    root: Path
    settled: Settled
    listing: Listing
    services: Services
    choices: tuple[Choice, ...]
    tasks: tuple[Task, ...]
    cores: int

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.settled.config


def scan(
    path: str | Path,
    config: Config | None = None,
    *,
    trust: str = "auto",
    observer: Observer | None = None,
    cancel: Event | None = None,
) -> Outcome:
    """Scan a repository, a folder or a single file.

    Args:
        path: what to scan.
        config: the configuration; None for the repository's own, as far as the run trusts it.
        trust: `auto`, `untrusted`, `local` or `trusted`: what the repository's own configuration and comments may do.
        observer: hears of progress.
        cancel: ends the scan early when it is set, with what was found so far.

    Returns:
        The outcome. A scanner that is missing, crashes or examines only a part is in its executions and makes its
        verdict incomplete; it raises nothing.

    Raises:
        UsageError: the path or the configuration is wrong.
    """
    return run(prepare(path, config, trust=trust), observer=observer, cancel=cancel)


def prepare(
    path: str | Path,
    config: Config | None = None,
    *,
    trust: str = "auto",
    config_file: Path | None = None,
    over: Raw | None = None,
) -> Prepared:
    """Settle what a scan will do: configuration, services, scanners and jobs.

    Args:
        path: what to scan.
        config: the configuration; None to read a file.
        trust: as for `scan`.
        config_file: a configuration file to be trusted, in place of the repository's own.
        over: configuration keys set on the command line.

    Raises:
        UsageError: the path, the configuration or a manifest is wrong.
    """
    root, only = _target(Path(path))
    settled = settle(root, trust, os.environ, config_file, over)
    if config is not None:
        settled = msgspec.structs.replace(settled, config=config, origin="", refused=())
    scanning = settled.config.scan
    if only:
        listing = Listing(root, [only])
    else:
        listing = files.listing(root, scanning.exclude, vendored=scanning.vendored)
    found = services.discover(listing, settled.config.service)
    scanners = manifest.all_scanners([root / folder for folder in settled.config.scanners.folders])
    choices = Selection(listing, found.all, settled.config, found.chosen(scanning.services)).choices(scanners)
    cores = scanning.jobs or process.cores()
    scopes = [(choice.scanner, choice.scope) for choice in choices if choice.scope]
    return Prepared(
        root=root,
        settled=settled,
        listing=listing,
        services=found,
        choices=tuple(choices),
        tasks=tuple(plan.tasks(scopes, cores, timings.speed())),
        cores=cores,
    )


def run(prepared: Prepared, *, observer: Observer | None = None, cancel: Event | None = None) -> Outcome:
    """Run what was prepared, and judge it."""
    observer = observer or Observer()
    tasks = {task.job.name: task for task in prepared.tasks}
    jobs = [task.job for task in prepared.tasks]
    readings: dict[str, Reading] = {}
    ended: list[Finished] = []
    observer.planned(jobs)
    with files.private_folder() as folder:
        for finished in Runner(prepared.root, folder, cores=prepared.cores, cancel=cancel).run(jobs, observer):
            task = tasks[finished.job.name]
            readings[finished.job.name] = task.scanner.read(finished, task.scope)
            ended.append(finished)
    timings.remember(ended, timings.speed())
    executions = _executions(prepared, [readings[name] for name in sorted(readings)])
    results = _results(prepared, [readings[name] for name in sorted(readings)])
    said = _notes(prepared)
    in_force = _policy(prepared.settled)
    return Outcome(
        services=prepared.services.all,
        executions=executions,
        results=results,
        notes=said,
        policy=in_force,
        verdict=policy.judge(in_force, dedupe.findings(results), executions, said),
    )


def _target(path: Path) -> tuple[Path, str]:
    """The root to scan, and the one file of it where the path is a file."""
    try:
        resolved = path.resolve(strict=True)
        if resolved.is_dir():
            os.listdir(resolved)
        elif not resolved.is_file():
            raise UsageError(f"{path}: is neither a folder nor a file")
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file or folder") from None
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return (resolved, "") if resolved.is_dir() else (resolved.parent, resolved.name)


def _executions(prepared: Prepared, readings: Sequence[Reading]) -> tuple[Execution, ...]:
    """One execution a scanner, of what its jobs proved together, with what the configuration accepts taken out."""
    parts: dict[str, list[Execution]] = defaultdict(list)
    for reading in readings:
        parts[reading.execution.scanner].append(reading.execution)
    found: list[Execution] = []
    for choice in prepared.choices:
        name = choice.scanner.name
        execution = choice.ended or coverage.joined(parts[name])
        execution = msgspec.structs.replace(execution, asked=choice.asked, messages=(*execution.messages, *choice.notes))
        found.append(execution)
    found = coverage.shared_parse_failures(found, {choice.scanner.name for choice in prepared.choices if not choice.parses})
    accepts = prepared.config.coverage.accept
    return tuple(coverage.accepted(execution, accepts) for execution in sorted(found, key=lambda one: one.scanner))


def _results(prepared: Prepared, readings: Sequence[Reading]) -> tuple[Result, ...]:
    """All results, with evidence, fingerprints, suppressions and service; in the order of every output."""
    kinds = {choice.scanner.name: choice.scanner.kind for choice in prepared.choices}
    annotated = evidence.annotated(
        (result for reading in readings for result in reading.results),
        prepared.root,
        prepared.listing.os_path,
        prepared.services.of,
        silence=allows(prepared.settled.trust, KeyClass.LOOSENING),
        secrets=frozenset(name for name, kind in kinds.items() if kind is Kind.SECRETS),
    )
    return tuple(sorted(annotated, key=dedupe.order))


def _notes(prepared: Prepared) -> tuple[Message, ...]:
    left_out = {entry for choice in prepared.choices for entry in choice.left_out} | set(prepared.listing.left_out)
    said = [
        *notes.refused(prepared.settled),
        *notes.left_out(left_out),
        *notes.fixtures(prepared.services.fixtures),
        *notes.not_covered(prepared.services.all, ()),
    ]
    return tuple(sorted(said, key=lambda note: (note.id, note.path, note.text)))


def _policy(settled: Settled) -> Policy:
    config = settled.config
    return Policy(
        fail_on=config.policy.threshold,
        require=config.scan.require,
        allow_incomplete=config.policy.allow_incomplete,
        origin=settled.origin or "default",
    )
