"""Advisories for the length of a scan."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from devsecops.config import AdvisoriesConfig
from devsecops.errors import AdvisoryError
from devsecops.model import DataSource, Result

if TYPE_CHECKING:
    from devsecops.advisories.server import Server
    from devsecops.advisories.source import Source


class Session:
    """Opens the source and serves it; a source that cannot be opened is a problem to report, not an exception."""

    def __init__(self, config: AdvisoriesConfig, root: Path, *, offline: bool, wanted: bool) -> None:
        """Prepare.

        Args:
            config: `[advisories]`.
            root: the scanned folder, from which the configured folder counts.
            offline: whether no network may be used.
            wanted: whether any scanner asks for advisories; if none does, nothing is opened.
        """
        self._config = config
        self._root = root
        self._offline = offline
        self._wanted = wanted
        self._stack = ExitStack()
        self._source: Source | None = None
        self._server: Server | None = None
        self._problem = ""

    @property
    def url(self) -> str:
        """Where the OSV server answers; empty where there is none."""
        return self._server.url if self._server else ""

    @property
    def data(self) -> tuple[DataSource, ...]:
        """What the answers depend on."""
        return (self._source.data,) if self._source else ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why there are no advisories, or why some questions were not answered."""
        return tuple(dict.fromkeys([self._problem] if self._problem else self._server.problems if self._server else []))

    def enriched(self, results: Iterable[Result]) -> list[Result]:
        """The results, with what the advisories say of them, as far as they can be asked."""
        results = list(results)
        if self._source is None:
            return results
        from devsecops.advisories.enrichment import enriched  # noqa: PLC0415  # only where there are advisories

        try:
            return enriched(results, self._source)
        except AdvisoryError as error:
            self._problem = error.message
            return results

    def __enter__(self) -> Self:
        if not self._wanted:
            return self
        from devsecops.advisories.server import Server  # noqa: PLC0415  # only where somebody asks
        from devsecops.advisories.source import open_source  # noqa: PLC0415

        folder = self._root / self._config.folder if self._config.folder else None
        try:
            self._source = open_source("PyPI", folder=folder, service=self._config.service, offline=self._offline)
        except AdvisoryError as error:
            self._problem = f"{error.message}; {error.hint}" if error.hint else error.message
            return self
        self._stack.callback(self._source.close)
        self._server = self._stack.enter_context(Server(self._source))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
