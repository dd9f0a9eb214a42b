"""A result: what one scanner says about one place."""

from __future__ import annotations

from typing import Final

import msgspec

from devsecops.model.severity import Baseline, Confidence, Severity, State

CREDENTIALS: Final = frozenset({256, 259, 260, 312, 321, 522, 547, 798})
"""CWEs whose place in the code holds a secret, which must not be shown."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a scanner checks for; in a dependency audit, the advisory."""

    id: str
    """The scanner's own identifier, such as `B602` or `GHSA-562c-5r94-xh97`."""
    name: str = ""
    """A short title for people."""
    help: str = ""
    """What the weakness is and how to mend it; plain text."""
    uri: str = ""
    """An http(s) page about the rule."""
    cwe: tuple[int, ...] = ()
    """CWE numbers, most telling first."""
    owasp: tuple[str, ...] = ()
    """OWASP Top 10 2021 categories, such as `A03:2021`."""


class FileLocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="file"):
    """A region of a file. Lines and columns count from 1; 0 means that it is not known."""

    path: str
    """Relative to the scanned root, with forward slashes; bytes that are not UTF-8 are percent-encoded."""
    line: int = 0
    column: int = 0
    end_line: int = 0
    """0 where the region ends on its first line."""
    end_column: int = 0
    """The column behind the last character."""


class PackageLocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="package"):
    """A package as it is named in a manifest, lock file or image."""

    purl: str
    """Package URL with version, such as `pkg:pypi/flask@0.12`."""
    path: str
    """The manifest or lock file, relative to the scanned root."""
    line: int = 0
    """The line of `path` that names the package, from 1; 0 where it is not known."""


class HttpLocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="http"):
    """A request that a running service answered."""

    url: str
    method: str = "GET"
    parameter: str = ""
    """The parameter, header or field that carried the attack; empty where none did."""


Location = FileLocation | PackageLocation | HttpLocation


class Suppression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a result is not judged (SARIF 2.1.0, section 3.35)."""

    external: bool = False
    """True for a waiver outside the code, false for a comment beside it."""
    reason: str = ""
    """The text that was given, or the comment itself."""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one scanner says about one place."""

    scanner: str
    """Name of the scanner, as in its manifest."""
    rule: Rule
    severity: Severity
    message: str
    """The scanner's own words about this place, secrets masked."""
    location: Location
    service: str = ""
    """Name of the service the place belongs to."""
    score: float | None = None
    """CVSS base score, 0.0 to 10.0 with one decimal; None where nobody gave one."""
    vector: str = ""
    """The CVSS vector behind `score`."""
    confidence: Confidence | None = None
    aliases: tuple[str, ...] = ()
    """Other identifiers of the same advisory, sorted; without `rule.id`."""
    fixed: tuple[str, ...] = ()
    """Versions that no longer have the weakness, lowest first."""
    kev: bool | None = None
    """Whether CISA's catalogue of known exploited vulnerabilities lists it; None where nobody has looked."""
    epss: float | None = None
    """EPSS: how probable exploitation within 30 days is, 0.0 to 1.0; None where nobody knows."""
    since: str = ""
    """The day it became known, such as `2026-03-01`; empty where nothing tells."""
    evidence: str = ""
    """The text at the place, secrets masked."""
    fingerprints: tuple[str, ...] = ()
    """`<kind>/v<N>:<hex>`; two results are the same when they share one (docs/fingerprints.md)."""
    suppressions: tuple[Suppression, ...] = ()
    baseline: Baseline = Baseline.NEW
    """What the baseline says of it."""

    @property
    def state(self) -> State:
        """Where the result stands: fixed before waived before suppressed before known before new."""
        if self.baseline is Baseline.ABSENT:
            return State.FIXED
        if any(suppression.external for suppression in self.suppressions):
            return State.WAIVED
        if self.suppressions:
            return State.SUPPRESSED
        return State.KNOWN if self.baseline is Baseline.UNCHANGED else State.NEW
