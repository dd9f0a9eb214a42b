"""Whether a scanner has seen the image: exit code 0 and a valid report without findings do not say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from devsecops.errors import ReportError
from devsecops.images import systems
from devsecops.model import Message, Package, Result
from devsecops.readers.report import Found, Seen
from devsecops.scanner import Finished, Image
from devsecops.text import plural

_MANY: Final = 100  # packages that are named one by one


def judged(finished: Finished, image: Image, found: Found) -> tuple[Finished, Found]:
    """What was found in an image, as far as it proves anything.

    What the tool lists beyond our own inventory is added to what had to be examined; what it cannot know anything of,
    whether it lists it or not, is taken out of what it examined.

    Raises:
        ReportError: the report is about another image.
    """
    seen, listed = found.seen, found.examined
    if seen is None or listed is None:
        raise ReportError("its report does not say what it saw of the image")
    if seen.image != image.id:
        raise ReportError(f"its report is about another image: {seen.image[:19] or 'none'}, not {image.id[:19]}")
    known = {f"{one.name}=={one.version}" for one in image.packages}
    more = [_package(key, image) for key in sorted(listed - known)]
    job = msgspec.structs.replace(finished.job, packages=(*finished.job.packages, *more))
    blind = _blindness(image, seen, listed) or _unknown_release(image, seen, job.releases)
    silent = sorted(known - listed)
    many = f"{plural(len(silent), 'package')}, such as {silent[0]}, are not among those examined" if silent else ""
    texts = filter(None, [blind, many if len(silent) > _MANY and not blind else ""])
    gaps = [Message(id="not-examined", text=f"{job.scanner}: {text}", path=image.name) for text in texts]
    return (
        msgspec.structs.replace(finished, job=job),
        msgspec.structs.replace(
            found,
            examined=listed - (image.of_system if blind else frozenset()),
            messages=(*found.messages, *gaps),
        ),
    )


def results(image: Image, found: Found, scanner: str) -> Iterator[Result]:
    """What a scanner says of the image as a whole: that its operating system gets no updates any more."""
    seen = found.seen
    if seen and seen.ended and seen.system:
        yield systems.result(scanner, image.name, image.system or seen.system)


def _blindness(image: Image, seen: Seen, listed: frozenset[str]) -> str:
    """Why the scanner can know nothing of the operating system's packages, whether it lists them or not."""
    if not listed and not image.packages and not image.unread:
        return f"no package was found in {plural(image.files, 'file')} of the image: nothing was examined"
    if (image.of_system or image.unread) and not seen.system:
        what = plural(len(image.of_system), "package") if image.of_system else "the packages"
        named = f" ({image.system})" if image.system else ""
        return f"does not know the operating system{named}: {what} of it were not examined"
    if image.unread and not seen.of_system:
        return f"no package of {', '.join(image.unread)} is among those examined"
    if (image.ended or seen.ended) and (image.of_system or seen.of_system):
        system = image.system or seen.system
        return f"{system} gets no security updates any more: what is wrong with its packages cannot be told"
    return ""


def _unknown_release(image: Image, seen: Seen, releases: frozenset[str]) -> str:
    """Why advisories for the system's packages are not there; empty where they are, or nobody can tell.

    Names that a database does not have may be other names of what it has, and versions with letters have no end.
    """
    name, _, version = seen.system.partition(" ")
    numbered = version.replace(".", "").isdigit() and any(one.startswith(f"{name} ") for one in releases)
    if not image.of_system or not numbered or any(f"{seen.system}.".startswith(f"{one}.") for one in releases):
        return ""
    return f"its database has no advisories for {seen.system}: packages of it were not examined"


def _package(key: str, image: Image) -> Package:
    name, _, version = key.partition("==")
    return Package(name=name, version=version, path=image.name)
