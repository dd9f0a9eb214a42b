"""What `--image` may name."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from devsecops.errors import UsageError
from devsecops.text import one_line, shorten

_LAYOUT = "oci:"
_ENDINGS = re.compile(r"(?i)(\.tar|\.tar\.gz|\.tgz|\.oci)$")


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where an image lies: an archive of `docker save`, or an OCI layout."""

    path: Path
    name: str
    """What it is called until the archive itself says how."""


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
                "images are read from archives: docker save NAME -o FILE.tar, or crane pull NAME FILE.tar",
            )
        resolved = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageError(f"{shown}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return Source(path=resolved, name=one_line(_ENDINGS.sub("", resolved.name)) or "image")
