"""The words of `scanner.toml`."""

from typing import Literal

import msgspec

from devsecops.coverage import Warnings
from devsecops.model import Confidence, Kind, Severity
from devsecops.readers.expressions import Expressions
from devsecops.scanner import DatabaseSpec, Meaning


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the manifest."""


class VersionSpec(_Table, frozen=True, kw_only=True):
    """`[version]`: how to learn the version of the tool, and which versions will do."""

    argv: tuple[str, ...]
    supported: str
    """A PEP 440 specifier. An older version fails; a newer one runs, with a note."""
    pattern: str = r"\d+\.\d+\.\d+"
    known_bad: tuple[str, ...] = ()
    distribution: str = ""
    """Name on PyPI of a Python tool: its version stands in the metadata beside it and need not be asked for."""


class DetectSpec(_Table, frozen=True, kw_only=True):
    """`[detect]`: the files that the scanner has something to say about."""

    files: tuple[str, ...] = ()
    """Glob patterns; none where the scanner examines images."""
    unless: tuple[str, ...] = ()
    """Glob patterns of files that are none of them after all, such as templates."""


class ExitSpec(_Table, frozen=True, kw_only=True):
    """What exit codes mean; every code that is not listed is a failure."""

    clean: tuple[int, ...] = ()
    findings: tuple[int, ...] = ()
    not_applicable: tuple[int, ...] = ()

    def meanings(self) -> dict[int, Meaning]:
        """Exit code to meaning; a code that stands for clean and findings alike says neither."""
        both = set(self.clean) & set(self.findings)
        return (
            dict.fromkeys(self.not_applicable, Meaning.NOT_APPLICABLE)
            | dict.fromkeys(self.clean, Meaning.CLEAN)
            | dict.fromkeys(self.findings, Meaning.FINDINGS)
            | dict.fromkeys(both, Meaning.DONE)
        )


class JobSpec(_Table, frozen=True, kw_only=True):
    """`[[job]]`: one way to start the tool."""

    scope: Literal["repository", "files", "packages", "unpinned", "image"]
    """`unpinned`: each requirements file that has lines without a pin, by itself; `image`: each image."""
    option: str = ""
    """Only where this option is set; empty for always."""
    argv: tuple[str, ...]
    exit: ExitSpec
    report: str = "results"
    """The reader: `results` for the expressions of `[results]`, else a name of `readers.READERS`."""
    timeout: str = "10m"
    network: bool = False
    env: tuple[str, ...] = ()
    """Names of environment variables that are let through."""
    set_env: dict[str, str] = {}
    merged_rules: dict[str, tuple[str, ...]] = {}
    """Folders of YAML rule files beside the manifest, and the endings of the files that each is for. Those that a job
    needs are given to the tool as the one JSON file `{input:rules.json}`: semgrep takes seconds to read YAML."""
    split: bool = False
    """Whether the files may be shared out among several jobs."""
    alone_above: int = 0
    """Bytes; a larger file gets a job of its own, so that it cannot take others with it. 0 for never."""
    copy_bom: tuple[str, ...] = ()
    """Endings of files that the tool misreads when they start with a byte order mark: it gets copies without."""
    copy_odd_names: bool = False
    """Whether the tool cannot open names that are not UTF-8: it gets copies with other names."""


class CostSpec(_Table, frozen=True, kw_only=True):
    """`[cost]`: seconds on one core, for planning only."""

    start: float = 0.5
    per_mb: float = 1.0


class SeveritySpec(_Table, frozen=True, kw_only=True):
    """`[severity]`: the tool's words as ours; `rules` for those whose word is wrong."""

    default: Severity
    words: dict[str, Severity] = {}
    confidence: dict[str, Confidence] = {}
    rules: dict[str, Severity] = {}


class OptionSpec(_Table, frozen=True, kw_only=True):
    """`[options.<name>]`: a key of `[scanner.<tool>]` that becomes arguments; `{value}` stands for each value."""

    argv: tuple[str, ...]
    help: str
    path: bool = False
    """Whether values are paths, which count from the scanned root."""
    files: tuple[str, ...] = ()
    """Glob patterns of files that are offered besides, where the option has values."""


class Manifest(_Table, frozen=True, kw_only=True):
    """The whole of `scanner.toml`."""

    name: str
    kind: Kind
    homepage: str
    license: str
    install: str
    """The command that brings the tool."""
    version: VersionSpec
    detect: DetectSpec = DetectSpec()
    job: tuple[JobSpec, ...]
    severity: SeveritySpec
    cost: CostSpec = CostSpec()
    stderr: Warnings = Warnings()
    database: DatabaseSpec | None = None
    results: Expressions | None = None
    cwe: dict[str, tuple[int, ...]] = {}
    """More telling CWE numbers for some rules than the tool itself gives; `*` for all others."""
    options: dict[str, OptionSpec] = {}
    not_parsed: tuple[str, ...] = ()
    """Rules by which the tool says that it could not parse a file: gaps, not results."""
    proves_syntax: tuple[str, ...] = ()
    """Endings of files of which the tool names every one that it cannot parse."""
    unproven_syntax: tuple[str, ...] = ()
    """Endings of files that the tool counts as examined although it could not parse them."""
