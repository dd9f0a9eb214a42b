"""Everything that is settled before the first scanner starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from devsecops import manifest, plan, process, services
from devsecops.config import Config, Raw
from devsecops.errors import UsageError
from devsecops.listing import Listing, list_files
from devsecops.plan import Task
from devsecops.selection import Choice, Selection
from devsecops.services import Services
from devsecops.settings import Settled, settle
from devsecops.timings import Clock
from devsecops.trust import Trust


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan will do."""

    root: Path
    settled: Settled
    listing: Listing
    services: Services
    chosen: Callable[[str], bool]
    """Whether a path belongs to a service that is to be scanned."""
    choices: tuple[Choice, ...]
    tasks: tuple[Task, ...]
    cores: int
    clock: Clock

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.settled.config


def prepare(
    path: str | Path,
    config: Config | None = None,
    *,
    trust: str = "auto",
    config_file: Path | None = None,
    over: Raw | None = None,
) -> Prepared:
    """Settle what a scan will do: configuration, services, scanners and jobs.

    Args:
        path: what to scan.
        config: the configuration; None to read a file.
        trust: `auto`, `untrusted`, `local` or `trusted`.
        config_file: a configuration file to be trusted, in place of the repository's own.
        over: configuration keys set on the command line.

    Raises:
        UsageError: the path, the configuration or a manifest is wrong.
    """
    root, only = _target(Path(path))
    settled = settle(root, trust, os.environ, config_file, over)
    if config is not None:
        settled = msgspec.structs.replace(settled, config=config, origin="", refused=())
    scanning = settled.config.scan
    listing = Listing(root, [only]) if only else _listing(root, settled.config)
    found = services.discover(listing, settled.config.service)
    chosen = found.chosen(scanning.services)
    scanners = manifest.all_scanners([root / folder for folder in settled.config.scanners.folders])
    choices = Selection(listing, found.all, settled.config, chosen, alone=bool(only)).choices(scanners)
    clock = Clock()
    cores = scanning.jobs or process.cores()
    scopes = [(choice.scanner, choice.scope) for choice in choices if choice.scope]
    return Prepared(
        root=root,
        settled=settled,
        listing=listing,
        services=found,
        chosen=chosen,
        choices=tuple(choices),
        tasks=tuple(plan.tasks(scopes, cores, clock.speed)),
        cores=cores,
        clock=clock,
    )


def discovered(path: str | Path, config_file: Path | None = None) -> Services:
    """The services of a repository.

    Args:
        path: the repository.
        config_file: a configuration file in place of the repository's own.

    Raises:
        UsageError: the path or the configuration is wrong.
    """
    root, only = _target(Path(path))
    config = settle(root, Trust.LOCAL.value, os.environ, config_file).config
    return services.discover(Listing(root, [only]) if only else _listing(root, config), config.service)


def _listing(root: Path, config: Config) -> Listing:
    return list_files(root, config.scan.exclude, vendored=config.scan.vendored)


def _target(path: Path) -> tuple[Path, str]:
    """The root to scan, and the one file of it where the path is a file."""
    try:
        resolved = path.resolve(strict=True)
        if resolved.is_dir():
            os.scandir(resolved).close()
        elif not resolved.is_file():
            raise UsageError(f"{path}: is neither a folder nor a file")
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file or folder") from None
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return (resolved, "") if resolved.is_dir() else (resolved.parent, resolved.name)
