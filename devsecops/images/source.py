"""What `--image` may name."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from devsecops.containers import reference as names
from devsecops.errors import UsageError
from devsecops.text import one_line, shorten

_LAYOUT = "oci:"
_ENDINGS = re.compile(r"(?i)(\.tar|\.tar\.gz|\.tgz|\.oci)$")
_PLACES = ("/", "./", "../")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where an image lies: an archive of `docker save`, or an OCI layout."""

    path: Path
    name: str
    """What it is called until the archive itself says how."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An image that Docker is asked for."""

    reference: str
    """As it was given; empty where a service has an image, and nothing says how it is called."""
    name: str
    """What it is called here: without tag and digest."""
    registries: tuple[str, ...] = ()
    """Registries that may be asked for it besides those that are configured: the one that the user has named."""


def asked(text: str) -> Source | Named:
    """The image that a text of the user's names.

    Args:
        text: an archive (a file that ends in `.tar`, `.tar.gz`, `.tgz` or `.oci`, or a path that begins with `/`, `./`
            or `../`), a layout (`oci:FOLDER`), or the name or id of an image in Docker. A file that is called like an
            image is none of them: the scanned folder may hold one.

    Raises:
        UsageError: there is no such file or folder, or it is none of these.
    """
    if text.startswith((_LAYOUT, *_PLACES)) or _ENDINGS.search(text) or not _is_name(text):
        return find(text)
    return Named(reference=text, name=_name(text), registries=(names.parse(text).registry,))


def find(reference: str) -> Source:
    """The archive or layout that a reference names.

    Args:
        reference: `FILE.tar`, `FILE.tar.gz` or `oci:FOLDER`.

    Raises:
        UsageError: there is no such file or folder.
    """
    path = Path(reference.removeprefix(_LAYOUT))
    shown = shorten(one_line(reference), 200)
    try:
        if reference.startswith(_LAYOUT):
            if not path.is_dir():
                raise UsageError(f"{shown}: there is no such folder", "oci:FOLDER names an OCI image layout")
        elif not path.is_file():
            raise UsageError(
                f"{shown}: there is no such archive",
                "an image is FILE.tar, oci:FOLDER, or its name: [REGISTRY/]PATH[:TAG][@sha256:DIGEST]",
            )
        resolved = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{shown}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return Source(path=resolved, name=_called(resolved.name))


def of_service(name: str, image: str) -> Named:
    """The image of a service, as the repository calls it: a name that is none comes to light with that image."""
    return Named(reference=image, name=_name(image) if _is_name(image) else name)


def _is_name(text: str) -> bool:
    try:
        return bool(names.parse(text))
    except UsageError:
        return False


def _name(text: str) -> str:
    found = names.parse(text)
    registry = "" if found.registry == names.DEFAULT_REGISTRY else f"{found.registry}/"
    return f"{registry}{found.path}" if found.path else found.digest


def _called(file: str) -> str:
    """What an image is called that does not say so itself: by its file, as far as that can be a name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", _ENDINGS.sub("", file)).strip("-._") or "image"
