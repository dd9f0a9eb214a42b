"""The story of a scan, from a folder to an outcome."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

import msgspec

from devsecops import advisories, coverage, dedupe, evidence, files, manifest, notes, plan, policy, process, services
from devsecops.config import Config, Raw
from devsecops.errors import UsageError
from devsecops.files import Listing
from devsecops.model import Execution, Kind, Message, Outcome, Policy, Result
from devsecops.plan import Task
from devsecops.runner import Runner
from devsecops.scanner import Job, Observer, Reading
from devsecops.selection import Choice, Selection
from devsecops.services import Services
from devsecops.timings import Clock
from devsecops.trust import KeyClass, Settled, Trust, allows, settle


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is settled before the first scanner starts."""

    root: Path
    settled: Settled
    listing: Listing
    services: Services
    choices: tuple[Choice, ...]
    tasks: tuple[Task, ...]
    cores: int
    clock: Clock

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
    clock = Clock()
    cores = scanning.jobs or process.cores()
    scopes = [(choice.scanner, choice.scope) for choice in choices if choice.scope]
    return Prepared(
        root=root,
        settled=settled,
        listing=listing,
        services=found,
        choices=tuple(choices),
        tasks=tuple(plan.tasks(scopes, cores, clock.speed)),
        cores=cores,
        clock=clock,
    )


def discovered(path: str | Path, config_file: Path | None = None) -> Services:
    """The services of a repository.

    Args:
        path: the repository.
        config_file: a configuration file in place of the repository's own.

    Raises:
        UsageError: the path or the configuration is wrong.
    """
    root, _ = _target(Path(path))
    config = settle(root, Trust.LOCAL.value, os.environ, config_file).config
    listing = files.listing(root, config.scan.exclude, vendored=config.scan.vendored)
    return services.discover(listing, config.service)


def run(prepared: Prepared, *, observer: Observer | None = None, cancel: Event | None = None) -> Outcome:
    """Run what was prepared, and judge it."""
    observer = observer or Observer()
    config = prepared.config
    wanted = any(_asks_advisories(task.job) for task in prepared.tasks)
    advice = advisories.Session(config.advisories, prepared.root, offline=config.scan.offline, wanted=wanted)
    with files.private_folder() as folder, advice:
        tasks = {task.job.name: task for task in prepared.tasks if advice.url or not _asks_advisories(task.job)}
        observer.planned([task.job for task in tasks.values()])
        runner = Runner(prepared.root, folder, cores=prepared.cores, osv=advice.url, cancel=cancel)
        readings: dict[str, Reading] = {}
        for finished in runner.run([task.job for task in tasks.values()], observer):
            task = tasks[finished.job.name]
            readings[finished.job.name] = task.scanner.read(finished, task.scope)
            prepared.clock.ended(finished)
        results = _results(prepared, advice.enriched(_in_order(readings)))
    prepared.clock.remember()
    executions = _executions(prepared, readings, advice)
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


def _asks_advisories(job: Job) -> bool:
    return any("{osv}" in word for word in job.argv)


def _in_order(readings: Mapping[str, Reading]) -> list[Result]:
    return [result for name in sorted(readings) for result in readings[name].results]


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


def _executions(
    prepared: Prepared, readings: Mapping[str, Reading], advice: advisories.Session
) -> tuple[Execution, ...]:
    """One execution a scanner, of what its jobs proved together, with what the configuration accepts taken out."""
    parts: dict[str, list[Execution]] = defaultdict(list)
    for name in sorted(readings):
        parts[readings[name].execution.scanner].append(readings[name].execution)
    asking = {task.job.scanner for task in prepared.tasks if _asks_advisories(task.job)}
    found: list[Execution] = []
    for choice in prepared.choices:
        name = choice.scanner.name
        execution = choice.ended or coverage.joined(parts[name] or [choice.nothing_done])
        if name in asking:
            execution = coverage.with_advisories(execution, advice.data, advice.problems)
        found.append(coverage.with_notes(msgspec.structs.replace(execution, asked=choice.asked), choice.notes))
    silent = {choice.scanner.name for choice in prepared.choices if not choice.parses}
    accepts = prepared.config.coverage.accept
    return tuple(coverage.accepted(one, accepts) for one in coverage.shared_parse_failures(found, silent))


def _results(prepared: Prepared, results: Sequence[Result]) -> tuple[Result, ...]:
    """All results, with evidence, fingerprints, suppressions and service; in the order of every output."""
    kinds = {choice.scanner.name: choice.scanner.kind for choice in prepared.choices}
    annotated = evidence.annotated(
        results,
        prepared.root,
        prepared.listing.os_path,
        prepared.services.of,
        silence=allows(prepared.settled.trust, KeyClass.LOOSENING),
        secrets=frozenset(name for name, kind in kinds.items() if kind is Kind.SECRETS),
    )
    return tuple(sorted(annotated, key=dedupe.order))


def _notes(prepared: Prepared) -> tuple[Message, ...]:
    left_out = {entry for choice in prepared.choices for entry in choice.left_out} | set(prepared.listing.left_out)
    read = [lock.path for choice in prepared.choices if choice.scope for lock in choice.scope.locks]
    said = [
        *notes.refused(prepared.settled),
        *notes.left_out(left_out),
        *notes.fixtures(prepared.services.fixtures),
        *notes.not_covered(prepared.services.all, read),
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
