"""The story of a scan, from a folder to an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

from devsecops import advisories, assembly, dedupe, files, git, notes, pictures, policy, process, standing
from devsecops.config import Config
from devsecops.model import Outcome
from devsecops.preparation import Prepared, prepare
from devsecops.runner import Runner
from devsecops.scanner import Observer, Reading


def scan(  # noqa: PLR0913  # each is a fact about the one scan
    path: str | Path | None,
    config: Config | None = None,
    *,
    images: Sequence[str] = (),
    trust: str = "auto",
    baseline: Path | None = None,
    observer: Observer | None = None,
    cancel: Event | None = None,
) -> Outcome:
    """Scan a repository, a folder or a single file, and images.

    Args:
        path: what to scan; None for images only.
        config: the configuration; None for the repository's own, as far as the run trusts it.
        images: archives of images (`FILE.tar`, `FILE.tar.gz`, `oci:FOLDER`), or names of images in Docker.
        trust: `auto`, `untrusted`, `local` or `trusted`: what the repository's own configuration and comments may do.
        baseline: a SARIF log, of devsecops or of any tool, to compare the results with.
        observer: hears of progress.
        cancel: ends the scan early when it is set, with what was found so far.

    Returns:
        The outcome. A scanner that is missing, crashes or examines only a part is in its executions and makes its
        verdict incomplete; it raises nothing.

    Raises:
        UsageError: the path or the configuration is wrong.
    """
    return run(prepare(path, config, image=images, trust=trust, baseline=baseline), observer=observer, cancel=cancel)


def run(prepared: Prepared, *, observer: Observer | None = None, cancel: Event | None = None) -> Outcome:
    """Run what was prepared, and judge it: as `scan`."""
    observer, cancel = observer or Observer(), cancel or Event()
    scanning = prepared.config.scan
    wanted = any(assembly.asks_advisories(task.job) for task in prepared.tasks)
    advice = advisories.Session(prepared.config.advisories, prepared.root, offline=scanning.offline, wanted=wanted)
    readings: dict[str, Reading] = {}
    with files.private_folder() as folder, process.Guard(folder) as guard, advice:
        looked = pictures.taken(prepared, folder / "images", cancel, observer)
        tasks = {task.job.name: task for task in prepared.tasks if advice.url or not assembly.asks_advisories(task.job)}
        jobs, refused = pictures.given(tasks, looked)
        readings |= refused
        observer.planned(jobs)
        runner = Runner(prepared.root, folder, guard, cores=prepared.cores, osv=advice.url, cancel=cancel)
        for finished in runner.run(jobs, observer):
            task = tasks[finished.job.name]
            readings[finished.job.name] = task.scanner.read(pictures.inspected(finished, looked), task.scope)
            prepared.clock.ended(finished)
        readings |= pictures.readings(looked)
        here = [readings[name] for name in sorted(readings) if not readings[name].execution.target]
        found = advice.enriched(result for reading in here for result in reading.results)
    prepared.clock.remember()
    executions = assembly.executions(prepared, readings, advice)
    seen = assembly.results(prepared, found, pictures.results(readings, looked))
    compared = standing.settled(prepared, seen, executions)
    said = assembly.said(prepared, found, executions, compared.notes)
    contents = [*assembly.contents(prepared), *pictures.contents(looked)]
    in_force = assembly.policy_in_force(prepared)
    return Outcome(
        services=prepared.services.all,
        executions=executions,
        results=compared.results,
        notes=said,
        revision=git.commit(prepared.root),
        baseline=prepared.compared_with,
        contents=tuple(sorted(contents, key=lambda one: (one.kind, one.path))),
        policy=in_force,
        verdict=policy.judge(
            in_force, dedupe.findings(compared.results), executions, (*said, *notes.apart(prepared.parts))
        ),
        parts=prepared.parts,
    )
