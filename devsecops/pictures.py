"""The images of a scan: verified before any scanner gets them, looked into while scanners run.

What cannot be verified gets to no scanner; what cannot be looked into proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import msgspec

from devsecops import evidence, files
from devsecops._version import __version__
from devsecops.errors import DevsecopsError, ReportError
from devsecops.images import packages
from devsecops.images.source import Named, Source
from devsecops.model import (
    OURS,
    Component,
    Contents,
    DataSource,
    Execution,
    Kind,
    Message,
    Result,
    Service,
    Status,
    Tool,
)
from devsecops.plan import Task
from devsecops.preparation import Prepared
from devsecops.scanner import End, Finished, Image, Job, Observer, Reading

if TYPE_CHECKING:  # slow to import, and only used where there are images
    from concurrent.futures import Future


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """One image of a scan."""

    name: str
    image: Image | None = None
    """As it is given to scanners, not yet looked into."""
    inspection: Future[tuple[Image, tuple[Result, ...]]] | None = None
    """The image once it has been looked into, and what we found ourselves."""
    origin: tuple[DataSource, ...] = ()
    """What exactly Docker or the registry had by the name that was given."""
    problem: str = ""
    """Why it gets to no scanner."""


def taken(prepared: Prepared, folder: Path, cancel: Event, observer: Observer) -> dict[str, Picture]:
    """All images of a scan, by the number they go by; archives are written below a private folder."""
    if not prepared.images:
        return {}
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # only where there are images

    from devsecops.images import archive, verify  # noqa: PLC0415

    folder.mkdir()
    inspector = ThreadPoolExecutor(max_workers=1)
    services = {archive.repository(one.image): one.name for one in prepared.services.all if one.image}
    found: dict[str, Picture] = {}
    for number, wanted in enumerate(prepared.images):
        place = folder / f"{number}.acquired"
        origin: tuple[DataSource, ...] = ()
        try:
            source = wanted
            if isinstance(source, Named):
                source, origin = _acquired(source, prepared, place, cancel, observer)
            image, config = verify.verified(source, services, folder / f"{number}.tar", cancel.is_set)
            inspection = inspector.submit(verify.inspected, image, config)
            found[str(number)] = Picture(name=image.name, image=image, inspection=inspection, origin=origin)
        except DevsecopsError as error:
            problem = error.message if isinstance(error, ReportError) else f"{error.message}; {error.hint}".rstrip("; ")
            found[str(number)] = Picture(name=wanted.name, problem=problem, origin=origin)
        finally:
            files.remove(place)
    inspector.shutdown(wait=False)
    return found


def _acquired(
    named: Named, prepared: Prepared, place: Path, cancel: Event, observer: Observer
) -> tuple[Source, tuple[DataSource, ...]]:
    """An image that was named as an archive or layout; and what exactly it is."""
    from devsecops.images import acquisition  # noqa: PLC0415  # the SDK is heavy

    wanted = prepared.config.image
    terms = acquisition.Terms(
        root=prepared.root,
        platform=wanted.platform,
        registries=wanted.registries,
        offline=prepared.config.scan.offline,
        say=observer.said,
        cancelled=cancel.is_set,
    )
    source, facts = acquisition.acquired(named, place, terms)
    return source, (facts,)


def given(tasks: Mapping[str, Task], pictures: Mapping[str, Picture]) -> tuple[list[Job], dict[str, Reading]]:
    """The jobs that can run, each with its image, and what those end with whose image gets to no scanner."""
    jobs: list[Job] = []
    refused: dict[str, Reading] = {}
    for name, task in tasks.items():
        picture = pictures.get(task.job.source)
        if picture is None:
            jobs.append(task.job)
        elif picture.image is None:
            refused[name] = _refused(task, picture)
        else:
            jobs.append(_on(task.job, picture.image))
    return jobs, refused


def _on(job: Job, image: Image) -> Job:
    services = (Service(name=image.service),)
    return msgspec.structs.replace(job, target=image.name, image=image, services=services)


def _refused(task: Task, picture: Picture) -> Reading:
    reason = f"was not given {picture.name}: {picture.problem}"
    job = msgspec.structs.replace(task.job, target=picture.name)
    return task.scanner.read(Finished(job=job, end=End.NOT_STARTED, report=Path(), reason=reason), task.scope)


def inspected(finished: Finished, pictures: Mapping[str, Picture]) -> Finished:
    """A finished job with what is in its image; one that has failed where that cannot be told."""
    picture = pictures.get(finished.job.source)
    if picture is None:
        return finished
    image, _, problem = _inspected(picture)
    if image is None:
        reason = f"cannot be held against {picture.name}: {problem}"
        return msgspec.structs.replace(finished, end=End.NOT_STARTED, reason=reason)
    job = msgspec.structs.replace(finished.job, image=image, packages=image.packages)
    return msgspec.structs.replace(finished, job=job)


def _inspected(picture: Picture) -> tuple[Image | None, tuple[Result, ...], str]:
    """An image once it has been looked into, what we found ourselves, and what went wrong."""
    if picture.inspection is None:
        return None, (), picture.problem
    try:
        return *picture.inspection.result(), ""
    except ReportError as error:
        return None, (), error.message


def readings(pictures: Mapping[str, Picture]) -> Iterator[tuple[str, Reading]]:
    """What we find ourselves in each image."""
    for number, picture in pictures.items():
        _, results, problem = _inspected(picture)
        said = (Message(id="failed", level="error", text=problem),) if problem else ()
        execution = Execution(
            tool=Tool(name=OURS, version=__version__, data=picture.origin),
            kind=Kind.IMAGE,
            status=Status.FAILED if said else Status.COMPLETE,
            target=picture.name,
            messages=said,
        )
        yield f"{OURS} {number}", Reading(execution=execution, results=results)


def contents(pictures: Mapping[str, Picture]) -> Iterator[Contents]:
    """The packages of each image that could be looked into."""
    for picture in pictures.values():
        image, _, _ = _inspected(picture)
        if image is not None:
            purls = {packages.url(one, image.system) for one in image.packages}
            yield Contents(
                path=image.name,
                service=image.service,
                kind="image",
                digest=image.id,
                components=tuple(Component(purl=purl) for purl in sorted(purls)),
                partial=bool(image.unread),
            )


def results(readings: Mapping[str, Reading], pictures: Mapping[str, Picture]) -> Iterator[Result]:
    """The results in images, with fingerprints and service."""
    services = {one.name: one.image.service for one in pictures.values() if one.image}
    for _, reading in sorted(readings.items()):
        target = reading.execution.target
        if target:
            yield from evidence.in_image(reading.results, services.get(target, target))
