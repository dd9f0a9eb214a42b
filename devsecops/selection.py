"""Which scanners have something to examine here, and can."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from devsecops import databases, files, globs
from devsecops.config import Config, seconds
from devsecops.errors import ReportError, UsageError
from devsecops.listing import LeftOut, Listing
from devsecops.manifest import ManifestScanner
from devsecops.model import DataSource, Execution, Lock, Message, Service, Status, Tool, Unpinned
from devsecops.scanner import Scanner, Scope, SourceFile
from devsecops.text import shorten
from devsecops.tools import Tools

ASKED = frozenset({"bandit", "semgrep", "pip-audit", "dockerfile"})
"""Scanners that are asked for wherever they apply: they are installed with devsecops."""
_LOCK_LIMIT = 64 << 20  # bytes
_COMMON_OPTIONS = frozenset({"path", "timeout"})


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A scanner, with what it is to examine or why it does not."""

    scanner: Scanner
    asked: bool
    scope: Scope | None = None
    ended: Execution | None = None
    """How it ended before it began: nothing to examine, or not usable."""
    notes: tuple[Message, ...] = ()
    """What to know about it, gaps that were seen before it began included."""
    left_out: tuple[LeftOut, ...] = ()
    stale: str = ""
    """What is wrong with the age of its database; it runs nevertheless, and proves nothing by finding nothing."""

    @property
    def nothing_done(self) -> Execution:
        """How a scanner ended that had no job."""
        tool = self.scope.tool if self.scope else Tool(name=self.scanner.name)
        return Execution(tool=tool, kind=self.scanner.kind, status=Status.NOT_APPLICABLE)

    @property
    def unproven(self) -> list[SourceFile]:
        """The files that the scanner counts as examined even if it could not parse them."""
        endings = self.scanner.manifest.unproven_syntax if isinstance(self.scanner, ManifestScanner) else ()
        return [file for file in self.scope.files if file.path.endswith(endings)] if self.scope else []

    @property
    def proves(self) -> tuple[str, ...]:
        """Endings of the files of which the scanner names every one that does not parse."""
        return self.scanner.manifest.proves_syntax if isinstance(self.scanner, ManifestScanner) else ()


class Selection:
    """Chooses among scanners for one listing."""

    def __init__(  # noqa: PLR0913  # each is a fact about the one listing
        self,
        listing: Listing,
        services: Sequence[Service],
        config: Config,
        within: Callable[[Scanner, str], bool],
        *,
        alone: bool = False,
        images: Sequence[str] = (),
    ) -> None:
        """Prepare to choose.

        Args:
            listing: the files of the repository.
            services: its services.
            config: the configuration in force.
            within: whether a path is to be scanned by a scanner here.
            alone: whether the listing is one file, and its neighbours are none of our business.
            images: images to examine, each by the number it goes by.
        """
        self._listing = listing
        self._alone = alone
        self._images = tuple(images)
        self._services = tuple(services)
        self._config = config
        self._within = within
        self._tools = Tools(listing.root)

    def choices(self, scanners: Iterable[Scanner]) -> list[Choice]:
        """A choice for each scanner that is wanted.

        Raises:
            UsageError: the configuration names a scanner or an option that does not exist.
        """
        known = {scanner.name: scanner for scanner in scanners}
        _check_names(self._config, known)
        found = [self._choice(scanner) for scanner in known.values() if is_wanted(scanner, self._config)]
        self._tools.remember()
        return list(_with_engines(found, self._config.image.engine))

    def _choice(self, scanner: Scanner) -> Choice:
        scan = self._config.scan
        asked = scanner.name in {*ASKED, *scan.scanners, *scan.only}
        options = self._config.scanner.get(scanner.name, {})
        listed, left_out = sources(scanner, self._listing, self._config)
        inside = [source for source in listed if self._within(scanner, source.path)]
        images = self._images if scanner.needs.images else ()
        if not inside and not images:
            ended = Execution(
                tool=Tool(name=scanner.name, uri=scanner.needs.homepage),
                kind=scanner.kind,
                status=Status.NOT_APPLICABLE,
                asked=asked,
            )
            return Choice(scanner=scanner, asked=asked, ended=ended, left_out=tuple(left_out))
        program = self._tools.find(scanner.name, scanner.needs, str(options.get("path", "")))
        spec = scanner.needs.database
        database = databases.find(spec, os.environ) if spec and not program.problem else databases.Database(folder="")
        problem = program.problem or (database.problem and f"{scanner.name}: {database.problem}")
        if problem:
            ended = Execution(
                tool=program.tool,
                kind=scanner.kind,
                status=Status.FAILED if program.path else Status.MISSING,
                asked=asked,
                messages=(Message(id="failed", level="error", text=problem),),
            )
            return Choice(scanner=scanner, asked=asked, ended=ended, left_out=tuple(left_out))
        chosen = _options(scanner, options, self._listing.root)
        locks, gaps = self._locks(inside, resolving=bool(chosen.get("resolve"))) if scanner.needs.packages else ((), ())
        data = (DataSource(name=f"{scanner.name} database", date=database.date),) if spec else ()
        scope = Scope(
            tool=msgspec.structs.replace(program.tool, data=data),
            program=program.path,
            services=self._services,
            files=tuple(self._with_marks(scanner, inside)),
            locks=locks,
            images=images,
            database=database.folder,
            releases=database.releases,
            alone=self._alone,
            timeout=self._timeout(scanner.name),
            options=chosen,
        )
        newer = [Message(id="newer", level="note", text=program.note)] if program.note else []
        stale = databases.stale(database, self._oldest) if spec else ""
        return Choice(
            scanner=scanner,
            asked=asked,
            scope=scope,
            notes=(*newer, *gaps),
            left_out=tuple(left_out),
            stale=f"{scanner.name}: {stale}" if stale else "",
        )

    def _locks(self, sources: Sequence[SourceFile], *, resolving: bool) -> tuple[tuple[Lock, ...], tuple[Message, ...]]:
        """What lock files say, and a gap for each file or line that cannot be audited."""
        from devsecops import lockfiles  # noqa: PLC0415  # only where there are some

        locks: list[Lock] = []
        gaps: list[Message] = []
        for source in sources:
            try:
                locks.append(lockfiles.read(source.path, self._open))
            except ReportError as error:
                gaps.append(Message(id="not-parsed", text=error.message, path=source.path))
        left = [lock for lock in locks if not (resolving and lock.path.endswith(".txt"))]
        gaps += [_unpinned(one) for lock in left for one in lock.unpinned]
        return tuple(locks), tuple(dict.fromkeys(gaps))

    def _open(self, path: str) -> bytes:
        return files.read_inside(self._listing.root, self._listing.os_path(path), _LOCK_LIMIT)

    def _with_marks(self, scanner: Scanner, sources: Sequence[SourceFile]) -> Iterator[SourceFile]:
        """The files, those with a byte order mark marked where the scanner stumbles over it."""
        stumbles = _stumbles_over_marks(scanner)
        for source in sources:
            if source.path.endswith(stumbles) and files.has_bom(f"{self._listing.root}/{source.os_path}"):
                yield msgspec.structs.replace(source, bom=True)
            else:
                yield source

    @property
    def _oldest(self) -> float:
        return seconds(self._config.policy.max_database_age, "policy.max-database-age")

    def _timeout(self, name: str) -> float:
        text = str(self._config.scanner.get(name, {}).get("timeout", "")) or self._config.scan.timeout
        return seconds(text, f"scanner.{name}.timeout") if text else 0.0


def is_wanted(scanner: Scanner, config: Config) -> bool:
    """Whether the configuration lets a scanner run."""
    scan = config.scan
    return (
        scanner.name not in scan.skip
        and (not scan.only or scanner.name in scan.only)
        and (not scan.kinds or scanner.kind in scan.kinds)
    )


def sources(scanner: Scanner, listing: Listing, config: Config) -> tuple[list[SourceFile], list[LeftOut]]:
    """The files for a scanner, and what was left out of them; those that only an option asks for are optional."""
    needs = scanner.needs
    found, left_out = listing.sources(needs.files)
    if needs.unless:
        found = [one for one in found if not any(globs.is_file(one.path, pattern) for pattern in needs.unless)]
    more, _ = listing.sources(_offered(scanner, config.scanner.get(scanner.name, {})))
    known = {source.path for source in found} if more else set()
    found += [msgspec.structs.replace(one, optional=True) for one in more if one.path not in known]
    return found, left_out


def _with_engines(choices: Iterable[Choice], engines: Sequence[str]) -> Iterator[Choice]:
    """The choices; of the scanners of images, the first usable one of a list, or all where there is no list.

    One whose database is up to date comes first. Where none is usable, those that were wanted are asked for.
    """
    choices = list(choices)
    wanted = {one.scanner.name: one for one in choices if one.scanner.needs.images and not _is_idle(one)}
    usable = [wanted[name] for name in engines or wanted if name in wanted and wanted[name].scope]
    first = min(usable, key=lambda one: bool(one.stale), default=None)
    for choice in choices:
        name = choice.scanner.name
        unusable = name in engines and not choice.scope
        if name not in wanted or not engines or choice.asked or choice is first or unusable:
            asked = choice.asked or (name in wanted and not first) or (bool(engines) and choice is first)
            yield msgspec.structs.replace(choice, asked=asked)
        else:
            yield _passed_over(choice, f"the images are for {' or '.join(engines)}: image.engine")


def _passed_over(choice: Choice, why: str) -> Choice:
    tool = Tool(name=choice.scanner.name, uri=choice.scanner.needs.homepage)
    said = (Message(id="not-needed", level="note", text=f"{choice.scanner.name}: {why}"),)
    ended = Execution(tool=tool, kind=choice.scanner.kind, status=Status.NOT_APPLICABLE, messages=said)
    return Choice(scanner=choice.scanner, asked=False, ended=ended)


def _is_idle(choice: Choice) -> bool:
    return choice.ended is not None and choice.ended.status is Status.NOT_APPLICABLE


def _unpinned(one: Unpinned) -> Message:
    return Message(
        id="not-pinned",
        text=f"{shorten(one.text, 100)} cannot be audited: {one.reason}",
        path=one.path,
        line=one.line,
        package=one.name,
    )


def _stumbles_over_marks(scanner: Scanner) -> tuple[str, ...]:
    if not isinstance(scanner, ManifestScanner):
        return ()
    return tuple({suffix for job in scanner.manifest.job for suffix in job.copy_bom})


def _offered(scanner: Scanner, said: Mapping[str, object]) -> tuple[str, ...]:
    """Patterns of files that are offered besides, because of the options that are set."""
    if not isinstance(scanner, ManifestScanner):
        return ()
    return tuple(pattern for name, spec in scanner.manifest.options.items() if said.get(name) for pattern in spec.files)


def _options(scanner: Scanner, said: Mapping[str, object], root: Path) -> dict[str, tuple[str, ...]]:
    """The values of the options that the manifest declares; those that are paths count from the root."""
    if not isinstance(scanner, ManifestScanner):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, spec in scanner.manifest.options.items():
        value = said.get(name, [])
        values = value if isinstance(value, list) else [value] if value else []
        found[name] = tuple(str(root / str(one)) if spec.path else str(one) for one in values)
    return found


def _check_names(config: Config, known: Mapping[str, Scanner]) -> None:
    scan = config.scan
    for name in (*scan.scanners, *scan.only, *scan.skip, *config.scanner):
        if name not in known:
            raise UsageError(f"there is no scanner {name!r}", _near(name, known))
    engines = {name for name, scanner in known.items() if scanner.needs.images}
    for name in config.image.engine:
        if name not in engines:
            raise UsageError(f"image.engine: there is no scanner of images {name!r}", _near(name, engines))
    for name, said in config.scanner.items():
        scanner = known[name]
        if isinstance(scanner, ManifestScanner):
            options = _COMMON_OPTIONS | set(scanner.manifest.options)
            for option in said:
                if option not in options:
                    raise UsageError(f"unknown key 'scanner.{name}.{option}'", _near(option, options))


def _near(word: str, known: Iterable[str]) -> str:
    import difflib  # noqa: PLC0415  # only for a mistake

    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
