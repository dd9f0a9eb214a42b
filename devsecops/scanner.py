"""The common interface of all scanners, and the values that pass through it.

A scanner never starts anything: it says which jobs it wants (`jobs`) and what a finished job means (`read`).
Packages register theirs under the entry-point group `devsecops.scanners`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

import msgspec

from devsecops.model import Execution, Kind, Lock, Package, Result, Service, Tool


class DatabaseSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a tool keeps its vulnerability database: `[database]` of a manifest."""

    env: str
    """Environment variable that names the folder, as the tool itself reads it."""
    folder: str
    """The folder where that is not set, below the user's cache folder."""
    file: str
    """The database, below the folder."""
    smallest: int
    """Bytes; a smaller one holds nothing: tools say nothing of that."""
    update: str
    """The command that gets it, for people."""
    dated: str
    """The file that tells its date, below the folder."""
    key: str = ""
    """Member of the JSON document `dated` that is the date."""
    query: str = ""
    """Query on the SQLite file `dated` that gives the date, where that is no JSON document."""
    releases: str = ""
    """Query on the same file that lists the releases of operating systems it has advisories for: `debian 12`."""


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """The program a scanner starts, and the files it has something to say about."""

    program: str
    """Its name, as in PATH."""
    files: tuple[str, ...]
    """Glob patterns of the files that make the scanner applicable."""
    unless: tuple[str, ...] = ()
    """Glob patterns of files that are none of them after all, such as templates."""
    packages: bool = False
    """Whether it examines the packages that those files name, in place of the files."""
    images: bool = False
    """Whether it examines images, not files."""
    whole: bool = False
    """Whether it examines the repository as one, whatever services it is asked about."""
    database: DatabaseSpec | None = None
    """Its vulnerability database."""
    version_argv: tuple[str, ...] = ()
    """Arguments, without the program, that make it print its version."""
    version_pattern: str = r"\d+\.\d+\.\d+"
    supported: str = ""
    """Bounds of dotted numbers, such as `>=8.18,<9`. An older version fails; a newer one runs, with a note."""
    known_bad: tuple[str, ...] = ()
    distribution: str = ""
    """Name on PyPI of a Python tool: its version stands in the metadata beside it and need not be asked for."""
    homepage: str = ""
    install: str = ""
    """The command that brings it."""


class SourceFile(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A regular file of the repository."""

    path: str
    """Relative to the scanned root, as in `FileLocation.path`."""
    size: int
    """Bytes."""
    os_path: str
    """The same path as the operating system spells it (surrogate escapes for bytes that are not UTF-8)."""
    optional: bool = False
    """Whether it is only offered: the scanner examines it if a rule of the user's asks for it."""
    bom: bool = False
    """Whether it starts with a UTF-8 byte order mark; looked up only where a scanner stumbles over one."""


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of an image."""

    digest: str
    """`sha256:<hex>` of its uncompressed content: the `diff_id` of the image's configuration."""
    instruction: str = ""
    """The step that made it, as the image's history says, secrets masked; empty where it does not."""


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image whose content has been verified, and what our own reading of it found."""

    name: str
    """Repository name without tag and digest."""
    service: str
    """The service that it is built of; where there is none, its own name."""
    path: str
    """An archive of `docker save` that holds just this image, written by us; absolute."""
    id: str
    """`sha256:<hex>` of its configuration."""
    layers: tuple[Layer, ...] = ()
    files: int = 0
    """Regular files in all layers."""
    system: str = ""
    """Its operating system, such as `debian 12`; empty where nothing tells."""
    ended: str = ""
    """Since when that gets no security updates (`2022-06-30`); empty where it does, or nobody knows."""
    packages: tuple[Package, ...] = ()
    """What package databases and metadata in it name; `Package.path` is the image's name."""
    unread: tuple[str, ...] = ()
    """Package databases that we cannot read."""

    @property
    def of_system(self) -> frozenset[str]:
        """Keys (`name==version`) of the operating system's packages."""
        return frozenset(f"{one.name}=={one.version}" for one in self.packages if one.ecosystem in SYSTEMS)


SYSTEMS = frozenset({"Debian", "Alpine", "RPM"})
"""Ecosystems of operating systems."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanner is asked about."""

    tool: Tool
    """The program as it was found."""
    program: str
    """Its absolute path."""
    services: tuple[Service, ...] = ()
    files: tuple[SourceFile, ...] = ()
    """The files that the scanner's `detect` patterns match, sorted by path."""
    locks: tuple[Lock, ...] = ()
    """Dependency manifests and lock files, for scanners of packages."""
    images: tuple[str, ...] = ()
    """Images to examine, each by the number it goes by in this scan."""
    database: str = ""
    """Folder of the tool's vulnerability database."""
    releases: frozenset[str] = frozenset()
    """Releases of operating systems that it has advisories for, such as `debian 12`; empty where it does not tell."""
    alone: bool = False
    """Whether these files are all that may be looked at below the root: no job may be given the whole root."""
    parts: int = 1
    """Into how many jobs of equal size the work should be split, where it can be."""
    timeout: float = 0.0
    """Seconds for each job; 0 for what the manifest says."""
    options: Mapping[str, tuple[str, ...]] = {}
    """Values of `[scanner.<name>]` that the manifest declares under `[options]`."""


class Meaning(Enum):
    """What an exit code of a tool means."""

    CLEAN = "clean"
    FINDINGS = "findings"
    DONE = "done"
    """Clean or findings: only the report tells."""
    NOT_APPLICABLE = "not-applicable"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One process to start: an argument list, never a string for a shell.

    `argv` may hold the placeholders `{report}`, `{alias}`, `{osv}`, `{image}` and `{input:NAME}`, which the runner
    fills in, and the word `{files}`, in whose place it puts `arguments`, untouched.
    """

    scanner: str
    name: str
    """Unique within a scan; the scanner's name, with `i/n` where its work is split."""
    argv: tuple[str, ...]
    """Absolute path of the program and its arguments."""
    arguments: tuple[str, ...] = ()
    exits: Mapping[int, Meaning]
    """What each exit code means; every other one is a failure."""
    report: str = "results"
    """Name of the reader. The report is the file `{report}`, or standard output where no argument names that."""
    files: tuple[str, ...] = ()
    """The files that must be examined."""
    size: int = 0
    """Bytes of these files together."""
    packages: tuple[Package, ...] = ()
    """The packages that must be examined."""
    source: str = ""
    """The image to examine, by the number it goes by in this scan; empty for the repository."""
    target: str = ""
    """The image's name; empty for the repository."""
    image: Image | None = None
    """That image, once it is verified; its packages are `packages`."""
    releases: frozenset[str] = frozenset()
    """As in `Scope`."""
    services: tuple[Service, ...] = ()
    """The services of the repository, to count by."""
    lines: Mapping[str, int] = {}
    """The line of the one file of a job that names a package, by the package's name."""
    inputs: Mapping[str, str] = {}
    """Generated input files: name to content."""
    copies: Mapping[str, str] = {}
    """Clean copies to work on in place of the originals: name of the copy to `SourceFile.os_path`."""
    isolated: tuple[str, ...] = ()
    """`SourceFile.os_path` of files that `{alias}` is to hold copies of, in place of the whole root."""
    renamed: Mapping[str, str] = {}
    """What a path in the report stands for, where it is not the path itself."""
    env: Mapping[str, str] = {}
    inherit: tuple[str, ...] = ()
    """Names of environment variables that are let through."""
    timeout: float = 600.0
    """Seconds."""
    network: bool = False
    cost: float = 1.0
    """Estimated seconds, for planning only."""


class End(Enum):
    """How a process ended."""

    EXITED = "exited"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    FLOODED = "flooded"
    NOT_STARTED = "not-started"


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A job after its process has ended and all its children are gone."""

    job: Job
    end: End
    report: Path
    """Where its report should be; the file may be absent, empty or wrong."""
    alias: str = ""
    """What `{alias}` stood for."""
    folder: str = ""
    """Absolute path of the folder it ran in."""
    stderr: str = ""
    """What it wrote to stderr, cut to the last part, paths of this machine taken out."""
    exit_code: int | None = None
    """Negative for a signal, as in `subprocess`."""
    seconds: float = 0.0
    reason: str = ""
    """Why it was not started or was stopped."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished job says."""

    execution: Execution
    results: tuple[Result, ...] = ()


class Scanner(Protocol):
    """What every scanner can do."""

    @property
    def name(self) -> str:
        """Its name, unique among all scanners."""

    @property
    def kind(self) -> Kind:
        """What it looks at."""

    @property
    def needs(self) -> Needs:
        """What it starts, and when."""

    def jobs(self, scope: Scope) -> Sequence[Job]:
        """The jobs that examine the scope; none where there is nothing for it to examine."""

    def read(self, finished: Finished, scope: Scope) -> Reading:
        """What a finished job means. Raises nothing: a report that cannot be read is a failed execution."""


class Observer:
    """Hears of progress; this one does nothing. All calls come from the thread that called `scan`."""

    def said(self, text: str) -> None:
        """How far the work is that comes before the jobs, such as the pull of an image."""

    def planned(self, jobs: Sequence[Job]) -> None:
        """The jobs that will run."""

    def started(self, job: Job) -> None:
        """A job has started."""

    def finished(self, finished: Finished) -> None:
        """A job has ended."""
