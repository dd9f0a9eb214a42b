"""Finds the data that ships with the package: scanner manifests, templates and tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from devsecops.errors import DevsecopsError

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """The folder `scanners`, `templates` or `data`.

    In a wheel it lies inside the package. In a checkout `scanners` and `templates` stand beside it, which counts
    only when a `pyproject.toml` stands there too: otherwise that folder belongs to somebody else.

    Raises:
        DevsecopsError: the installation is broken.
    """
    inside = _PACKAGE / name
    if inside.is_dir():
        return inside
    beside = _PACKAGE.parent / name
    if beside.is_dir() and (_PACKAGE.parent / "pyproject.toml").is_file():
        return beside
    raise DevsecopsError(
        f"the folder {name!r} is missing from the installed package",
        "reinstall devsecops: its installation is incomplete",
    )
