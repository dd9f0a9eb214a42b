"""Whether a scanner has seen the image: exit code 0 and a valid report without findings do not say so."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from devsecops.errors import ReportError
from devsecops.images import systems
from devsecops.model import Message, Package, Result
from devsecops.readers.report import Found, Seen
from devsecops.scanner import Finished, Image
from devsecops.text import plural


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
    gaps = list(_gaps(image, seen, listed, job.scanner))
    blind = image.of_system if gaps else frozenset()
    return (
        msgspec.structs.replace(finished, job=job),
        msgspec.structs.replace(
            found,
            examined=listed - blind,
            messages=(*found.messages, *gaps),
        ),
    )


def results(image: Image, found: Found, scanner: str) -> Iterator[Result]:
    """What a scanner says of the image as a whole: that its operating system gets no updates any more."""
    seen = found.seen
    if seen and seen.ended and seen.system:
        yield systems.result(scanner, image.name, image.system or seen.system)


def _gaps(image: Image, seen: Seen, listed: frozenset[str], scanner: str) -> Iterator[Message]:
    """Why packages that are there count as not examined."""
    ended = image.ended or seen.ended
    if not listed and not image.packages and not image.unread:
        text = f"{scanner}: no package was found in {plural(image.files, 'file')} of the image: nothing was examined"
        yield _gap(image, text)
    elif (image.of_system or image.unread) and not seen.system:
        what = plural(len(image.of_system), "package") if image.of_system else "the packages"
        named = f" ({image.system})" if image.system else ""
        text = f"{scanner} does not know the operating system{named}: {what} of it were not examined"
        yield _gap(image, text)
    elif image.unread and not seen.of_system:
        yield _gap(image, f"{scanner}: no package of {', '.join(image.unread)} is among those it examined")
    elif ended and (image.of_system or seen.of_system):
        text = f"{scanner}: {image.system or seen.system} gets no security updates any more: what is wrong with its "
        yield _gap(image, f"{text}packages cannot be told")


def _gap(image: Image, text: str) -> Message:
    return Message(id="not-examined", text=text, path=image.name)


def _package(key: str, image: Image) -> Package:
    name, _, version = key.partition("==")
    return Package(name=name, version=version, path=image.name)
