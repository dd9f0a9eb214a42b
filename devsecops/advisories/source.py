"""The one source of advisories of a scan: imported records, a folder of records, or the OSV service."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from devsecops import files
from devsecops.advisories import store
from devsecops.advisories.records import Record
from devsecops.errors import AdvisoryError
from devsecops.model import DataSource


class Source(Protocol):
    """Where advisories come from."""

    data: DataSource
    """What the answers depend on, with its date."""

    def affecting(self, name: str, version: str) -> list[bytes]:
        """The records, as they were published, that affect a version of a package. Raises AdvisoryError."""

    def alike(self, names: Iterable[str]) -> list[Record]:
        """All records that share an identifier with the given ones. Raises AdvisoryError."""

    def close(self) -> None:
        """Let go of what is held."""


def home() -> Path:
    """The folder of imported archives."""
    return files.cache_folder() / "advisories"


def open_source(ecosystem: str, *, folder: Path | None, service: str, offline: bool) -> Source:
    """The source for one ecosystem: the folder, if one is given; else what was imported; else the service.

    Raises:
        AdvisoryError: there is none, or it is damaged, empty or out of reach: an audit would prove nothing.
    """
    if folder is not None:
        return store.from_folder(folder, ecosystem)
    imported = store.imported(home(), ecosystem)
    if imported is not None:
        return imported
    if offline:
        raise AdvisoryError(
            f"there are no advisories for {ecosystem}, and --offline forbids to ask for them",
            f"devsecops advisories import {ecosystem} all.zip",
        )
    from devsecops.advisories.service import Service  # noqa: PLC0415  # needs the network, which is heavy

    return Service(service, ecosystem)
