"""Reading Python dependency manifests and lock files, without running anything of the repository."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Final

from devsecops.lockfiles import pdm, pipfile, poetry, pylock, requirements, uv
from devsecops.lockfiles.documents import broken
from devsecops.model import Lock

__all__ = ["PATTERNS", "read"]

_REQUIREMENTS: Final = ("requirements*.txt", "*requirements.txt", "requirements/*.txt")
_LOCKS: Final[dict[str, Callable[[str, bytes], Lock]]] = {
    "uv.lock": uv.read,
    "poetry.lock": poetry.read,
    "Pipfile.lock": pipfile.read,
    "pdm.lock": pdm.read,
    "pylock.toml": pylock.read,
    "pylock.*.toml": pylock.read,
}

PATTERNS: Final[tuple[str, ...]] = tuple(f"**/{pattern}" for pattern in (*_REQUIREMENTS, *_LOCKS))
"""Glob patterns of the files that `read` understands."""


def read(path: str, opener: Callable[[str], bytes]) -> Lock:
    """Read one manifest or lock file; a name that no lock file has is read as a requirements file.

    Args:
        path: the file, relative to the scanned root, with forward slashes.
        opener: gives the bytes of a file below the root; raises OSError or DevsecopsError.

    Raises:
        ReportError: the file cannot be read as what its name says it is.
    """
    try:
        data = opener(path)
    except OSError as error:
        raise broken(path, f"cannot be opened: {error.strerror or type(error).__name__}") from error
    name = path.rpartition("/")[2]
    for pattern, reader in _LOCKS.items():
        if fnmatchcase(name, pattern):
            return reader(path, data)
    return requirements.read(path, data, opener)
