"""The work of a scan in cells: what a machine can be given to do.

A cell is one kind of check on one service, or on the repository as one where a scanner takes it no other way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import msgspec

from devsecops import selection
from devsecops.config import Config
from devsecops.listing import Listing
from devsecops.manifest import ManifestScanner
from devsecops.model import Kind
from devsecops.scanner import Scanner
from devsecops.services import Services
from devsecops.text import plural

_LEAST = 0.05  # seconds for a cell
_UNKNOWN_RATE = (1.0, 1.0)  # seconds to start, and for a megabyte: of a scanner that does not tell


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of check on one service."""

    kind: Kind
    service: str = ""
    """Empty for the repository as one."""
    files: int = 0
    size: int = 0
    """Bytes of these files together."""
    cost: float = 0.0
    """Estimated seconds, without the start of the scanners."""
    reason: str = ""
    """The scanners that have something to examine, and how much."""

    @property
    def work(self) -> tuple[str, str, int, int]:
        """What is to be examined: the same on every machine."""
        return (self.kind.value, self.service, self.files, self.size)


def cells(  # noqa: PLR0913  # each is a fact about the one scan
    listing: Listing,
    services: Services,
    config: Config,
    scanners: Iterable[Scanner],
    chosen: Callable[[str], bool],
    *,
    images: Iterable[str] = (),
    speed: Mapping[str, float],
) -> list[Cell]:
    """All cells that have something in them, in the order of kind and service.

    Which tools are installed does not matter: what is asked for and cannot be examined is said by the shard.

    Args:
        listing: the files of the repository.
        services: its services.
        config: the configuration in force.
        scanners: all scanners there are.
        chosen: whether a path belongs to a service that is to be scanned.
        images: the services whose images are to be scanned.
        speed: as `plan.tasks`.
    """
    wanted = [one for one in scanners if selection.is_wanted(one, config)]
    images = tuple(images)
    found: dict[tuple[Kind, str], list[_Work]] = defaultdict(list)
    for scanner in wanted:
        for place, (count, size) in _sizes(scanner, listing, services, config, chosen).items():
            cost = _rate(scanner)[1] * size / 1e6 * speed.get(scanner.name, 1.0)
            found[scanner.kind, place].append(_Work(scanner.name, count, size, cost))
        if scanner.needs.images:
            for service in images:
                cost = _rate(scanner)[0] * speed.get(scanner.name, 1.0)
                found[scanner.kind, service].append(_Work(scanner.name, 1, 0, cost))
    return [
        Cell(
            kind=kind,
            service=service,
            files=sum(work.count for work in works),
            size=sum(work.size for work in works),
            cost=round(max(sum(work.cost for work in works), _LEAST), 3),
            reason=", ".join(f"{work.scanner}: {_counted(work.count, kind)}" for work in works),
        )
        for (kind, service), works in sorted(found.items(), key=lambda one: (one[0][0].value, one[0][1]))
    ]


class _Work(msgspec.Struct, frozen=True):
    """What one scanner has to do in one cell."""

    scanner: str
    count: int
    size: int
    cost: float


def _counted(count: int, kind: Kind) -> str:
    return plural(count, "image" if kind is Kind.IMAGE else "file")


def _sizes(
    scanner: Scanner, listing: Listing, services: Services, config: Config, chosen: Callable[[str], bool]
) -> dict[str, tuple[int, int]]:
    """Files and bytes that a scanner is to examine, by service."""
    found: dict[str, tuple[int, int]] = {}
    whole = scanner.needs.whole
    for source in selection.sources(scanner, listing, config)[0]:
        if chosen(source.path):
            place = "" if whole else services.of(source.path)
            count, size = found.get(place, (0, 0))
            found[place] = (count + 1, size + source.size)
    return found


def starts(scanners: Iterable[Scanner], speed: Mapping[str, float]) -> dict[Kind, float]:
    """Seconds that the scanners of each kind need to start, once in each shard."""
    found: dict[Kind, float] = defaultdict(float)
    for scanner in scanners:
        if not scanner.needs.images:
            found[scanner.kind] += _rate(scanner)[0] * speed.get(scanner.name, 1.0)
    return dict(found)


def _rate(scanner: Scanner) -> tuple[float, float]:
    """Seconds to start, and for a megabyte."""
    if not isinstance(scanner, ManifestScanner):
        return _UNKNOWN_RATE
    return scanner.manifest.cost.start, scanner.manifest.cost.per_mb
