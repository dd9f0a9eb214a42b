"""Everything that is settled before the first scanner starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from devsecops import manifest, plan, process, services
from devsecops.config import Config, Raw
from devsecops.containers.reference import check_platform
from devsecops.errors import UsageError
from devsecops.images import source
from devsecops.listing import Listing, list_files
from devsecops.model import Kind
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
    images: tuple[source.Source | source.Named, ...]
    """Images to scan; jobs name them by their position."""
    choices: tuple[Choice, ...]
    tasks: tuple[Task, ...]
    cores: int
    clock: Clock

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.settled.config


def prepare(  # noqa: PLR0913  # each is a fact about the one scan
    path: str | Path | None,
    config: Config | None = None,
    *,
    image: Sequence[str] = (),
    trust: str = "auto",
    config_file: Path | None = None,
    over: Raw | None = None,
) -> Prepared:
    """Settle what a scan will do: configuration, services, scanners and jobs.

    Args:
        path: what to scan; None for images only: then the current folder is where configuration is looked for, and no
            file of it is scanned.
        config: the configuration; None to read a file.
        image: images to scan (`source.asked`).
        trust: `auto`, `untrusted`, `local` or `trusted`.
        config_file: a configuration file to be trusted, in place of the repository's own.
        over: configuration keys set on the command line.

    Raises:
        UsageError: the path, the configuration or a manifest is wrong.
    """
    named = tuple(map(source.asked, image))
    root, only = _target(Path(path or "."))
    settled = settle(root, trust, os.environ, config_file, over)
    if config is not None:
        settled = msgspec.structs.replace(settled, config=config, origin="", refused=())
    scanning = settled.config.scan
    if settled.config.image.platform:
        check_platform(settled.config.image.platform)
    listing = _listing(root, settled.config) if path and not only else Listing(root, [only] if path else [])
    found = services.discover(listing, settled.config.service) if path else Services(())
    chosen = found.chosen(scanning.services)
    scanners = manifest.all_scanners([root / folder for folder in settled.config.scanners.folders])
    sources = (*named, *_images_of_services(settled.config, found))
    numbers = [str(number) for number in range(len(sources))]
    choices = Selection(listing, found.all, settled.config, chosen, alone=bool(only), images=numbers).choices(scanners)
    if named and not any(choice.scanner.needs.images for choice in choices):
        raise UsageError("images are named, and no scanner of images may run", "leave out --kind, --scanner or --skip")
    if path is None:
        choices = [choice for choice in choices if choice.scanner.needs.images]
    clock = Clock()
    cores = scanning.jobs or process.cores()
    scopes = [(choice.scanner, choice.scope) for choice in choices if choice.scope]
    return Prepared(
        root=root,
        settled=settled,
        listing=listing,
        services=found,
        chosen=chosen,
        images=sources,
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


def _images_of_services(config: Config, found: Services) -> Iterator[source.Named]:
    """The images of the services that are to be scanned, where they are asked for."""
    scanning = config.scan
    if Kind.IMAGE in scanning.kinds or (config.image.services and not scanning.kinds and not scanning.only):
        here = [one for one in found.all if not scanning.services or one.name in scanning.services]
        images = {(one.image or one.name): one for one in here if one.image or one.dockerfile}
        yield from (source.of_service(one.name, one.image) for one in images.values())


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
