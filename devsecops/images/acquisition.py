"""Gets the images that are named: from the Docker daemon where there is one, else from their registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from devsecops.containers import archive, daemon
from devsecops.containers.reference import check_allowed, parse
from devsecops.errors import DockerError
from devsecops.images.source import Named, Source
from devsecops.model import DataSource
from devsecops.registry.pull import pull
from devsecops.text import clean


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all images of a scan."""

    root: Path
    """The scanned folder, whose programs are not to be trusted."""
    platform: str = ""
    registries: tuple[str, ...] = ()
    """Registries besides the default one that may be asked."""
    offline: bool = False
    say: Callable[[str], None]
    cancelled: Callable[[], bool]


def acquired(named: Named, place: Path, terms: Terms) -> tuple[Source, DataSource]:
    """An image as an archive or layout, and what exactly it is.

    Args:
        named: the image.
        place: a path in a private folder, where nothing is yet.
        terms: what holds for it.

    Raises:
        DevsecopsError: it was not to be had; says why, and what to do.
    """
    if not named.reference:
        raise DockerError(f"nothing says how the image of {named.name} is called", "say it: image in [[service]]")
    terms = msgspec.structs.replace(terms, registries=(*terms.registries, *named.registries))
    found, attempts = daemon.find()
    if found:
        with found:
            facts = _of_docker(found, named, place, terms)
    elif all(one.absent for one in attempts):
        facts = _of_registry(named, place, terms)
    else:
        raise daemon.unreachable(attempts)
    return Source(path=place, name=named.name), facts


def _of_docker(found: daemon.Daemon, named: Named, place: Path, terms: Terms) -> DataSource:
    image = archive.fetch(
        found,
        named.reference,
        place,
        platform=terms.platform,
        registries=terms.registries,
        offline=terms.offline,
        outside=terms.root,
        say=terms.say,
        cancelled=terms.cancelled,
    )
    return _facts(image.id, image.name, image.platform, *image.digests)


def _of_registry(named: Named, place: Path, terms: Terms) -> DataSource:
    reference = parse(named.reference)
    hint = f"crane pull {reference.local} FILE.tar, where that is possible; devsecops scan --image FILE.tar"
    check_allowed(
        reference, terms.registries, offline=terms.offline, lack="there is no Docker daemon to ask", hint=hint
    )
    image = pull(
        reference,
        place,
        platform=terms.platform,
        registries=terms.registries,
        outside=terms.root,
        say=terms.say,
        cancelled=terms.cancelled,
    )
    return _facts(image.id, image.name, image.platform, image.digest)


def _facts(identity: str, name: str, *more: str) -> DataSource:
    return DataSource(name=clean(", ".join((f"image {name}", *more))), digest=identity)
