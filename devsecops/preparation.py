"""Everything that is settled before the first scanner starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from devsecops import baseline as baselines
from devsecops import git, manifest, plan, process, services, work
from devsecops.config import Config, Raw
from devsecops.containers.reference import check_platform
from devsecops.division import Share
from devsecops.errors import UsageError
from devsecops.images import source
from devsecops.listing import Listing, list_files
from devsecops.model import Kind, Outcome, Part, Service
from devsecops.plan import Task
from devsecops.scanner import Scanner
from devsecops.selection import Choice, Selection
from devsecops.services import Services
from devsecops.settings import Settled, settle
from devsecops.text import one_line
from devsecops.timings import Clock
from devsecops.trust import Trust
from devsecops.work import Cell


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to scan, and by which rules."""

    root: Path
    only: str
    """The one file to scan; empty for the whole folder."""
    settled: Settled
    listing: Listing
    services: Services
    chosen: Callable[[str], bool]
    """Whether a path belongs to a service that is to be scanned."""
    scanners: tuple[Scanner, ...]
    clock: Clock

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.settled.config

    @property
    def commit(self) -> str:
        """What is checked out."""
        return git.commit(self.root)

    def cells(self) -> list[Cell]:
        """The work, in cells that can be shared out."""
        return work.cells(
            self.listing,
            self.services,
            self.config,
            self.scanners,
            self.chosen,
            images=[service.name for service in _with_images(self.config, self.services)],
            speed=self.clock.speed,
        )


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline that was asked for."""

    name: str
    """What it is, for people."""
    outcome: Outcome | None
    """None where there is none yet: then everything is new."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan will do."""

    root: Path
    settled: Settled
    listing: Listing
    services: Services
    chosen: Callable[[str], bool]
    """Whether a path belongs to a service that is to be scanned."""
    share: Share | None
    """What this scan does of one that was divided; None for everything."""
    images: tuple[source.Source | source.Named, ...]
    """Images to scan; jobs name them by their position."""
    choices: tuple[Choice, ...]
    tasks: tuple[Task, ...]
    cores: int
    clock: Clock
    baseline: Earlier | None = None
    """What the results are compared with."""

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.settled.config

    @property
    def compared_with(self) -> str:
        """The name of the baseline, for people; empty where there is none."""
        return self.baseline.name if self.baseline and self.baseline.outcome else ""

    @property
    def secret_scanners(self) -> frozenset[str]:
        """The names of the scanners whose places hold secrets."""
        return frozenset(one.scanner.name for one in self.choices if one.scanner.kind is Kind.SECRETS)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The part of a divided scan that this is."""
        return (self.share.part,) if self.share else ()

    def takes(self, kind: Kind, path: str) -> bool:
        """Whether this scan does a kind of check on the service of a path."""
        return self.chosen(path) and (self.share is None or self.share.takes(kind, self.services.of(path)))


def survey(  # noqa: PLR0913  # each is a fact about the one scan
    path: str | Path,
    config: Config | None = None,
    *,
    trust: str = "auto",
    config_file: Path | None = None,
    over: Raw | None = None,
    empty: bool = False,
) -> Survey:
    """See what there is to scan: as `prepare`, whose arguments these are.

    Args:
        path: what to scan.
        config: the configuration; None to read a file.
        trust: `auto`, `untrusted`, `local` or `trusted`.
        config_file: a configuration file to be trusted, in place of the repository's own.
        over: configuration keys set on the command line.
        empty: whether no file is to be scanned, and the path only says where configuration is looked for.

    Raises:
        UsageError: the path, the configuration or a manifest is wrong.
    """
    root, only = _target(Path(path))
    settled = settle(root, trust, os.environ, config_file, over)
    if config is not None:
        settled = msgspec.structs.replace(settled, config=config, origin="", refused=())
    if settled.config.image.platform:
        check_platform(settled.config.image.platform)
    listing = Listing(root, [only] if only else []) if empty or only else _listing(root, settled.config)
    found = Services(()) if empty else services.discover(listing, settled.config.service)
    return Survey(
        root=root,
        only=only,
        settled=settled,
        listing=listing,
        services=found,
        chosen=found.chosen(settled.config.scan.services),
        scanners=tuple(manifest.all_scanners([root / folder for folder in settled.config.scanners.folders])),
        clock=Clock(),
    )


def prepare(  # noqa: PLR0913  # each is a fact about the one scan
    path: str | Path | None,
    config: Config | None = None,
    *,
    image: Sequence[str] = (),
    trust: str = "auto",
    config_file: Path | None = None,
    over: Raw | None = None,
    shard: Callable[[Survey], Share] | None = None,
    baseline: Path | None = None,
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
        shard: gives the share of the work that is to be done, of all that there is; None for everything.
        baseline: a SARIF log to compare the results with.

    Raises:
        UsageError: the path, the configuration, the baseline or a manifest is wrong.
    """
    named = tuple(map(source.asked, image))
    there = survey(path or ".", config, trust=trust, config_file=config_file, over=over, empty=path is None)
    share = shard(there) if shard else None
    scanning = there.config.scan

    def within(scanner: Scanner, path: str) -> bool:
        if share is None or not there.chosen(path):
            return there.chosen(path)
        return share.takes(scanner.kind, "" if scanner.needs.whole else there.services.of(path))

    of_services = _with_images(there.config, there.services)
    taken = [one for one in of_services if share is None or share.takes(Kind.IMAGE, one.name)]
    sources = (*named, *(source.of_service(one.name, one.image) for one in taken))
    numbers = [str(number) for number in range(len(sources))]
    selection = Selection(
        there.listing, there.services.all, there.config, within, alone=bool(there.only), images=numbers
    )
    choices = selection.choices(there.scanners)
    if named and not any(choice.scanner.needs.images for choice in choices):
        raise UsageError("images are named, and no scanner of images may run", "leave out --kind, --scanner or --skip")
    if path is None:
        choices = [choice for choice in choices if choice.scanner.needs.images]
    cores = scanning.jobs or process.cores()
    scopes = [(choice.scanner, choice.scope) for choice in choices if choice.scope]
    return Prepared(
        root=there.root,
        settled=there.settled,
        listing=there.listing,
        services=there.services,
        chosen=there.chosen,
        share=share,
        images=sources,
        choices=tuple(choices),
        tasks=tuple(plan.tasks(scopes, cores, there.clock.speed)),
        cores=cores,
        clock=there.clock,
        baseline=Earlier(name=one_line(baseline.name), outcome=_earlier(baseline, there)) if baseline else None,
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


def _earlier(path: Path, there: Survey) -> Outcome | None:
    """The baseline, unless the scanned repository could have made it as it likes.

    Raises:
        UsageError: it cannot be read, or lies in a repository that is not trusted.
    """
    if there.settled.trust is Trust.UNTRUSTED and path.resolve().is_relative_to(there.root):
        why = f"this run is untrusted ({there.settled.why}): the repository could hold any baseline"
        raise UsageError(f"{path}: lies inside the scanned folder, and {why}", "keep it outside of the checkout")
    return baselines.read(path)


def _with_images(config: Config, found: Services) -> list[Service]:
    """The services whose images are to be scanned, where these are asked for; each image once."""
    scanning = config.scan
    if not (Kind.IMAGE in scanning.kinds or (config.image.services and not scanning.kinds and not scanning.only)):
        return []
    here = [one for one in found.all if not scanning.services or one.name in scanning.services]
    return list({(one.image or one.name): one for one in here if one.image or one.dockerfile}.values())


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
