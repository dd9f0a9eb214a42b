"""What OSV records say (https://ossf.github.io/osv-schema/)."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from devsecops.model import Severity

_WORDS = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
}
"""`database_specific.severity` of the GitHub Advisory Database."""
_LEAST = Version("0.dev0")
_VERSIONS = ("CVSS_V4", "CVSS_V3", "CVSS_V2")  # newest first


class _Event(msgspec.Struct):
    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""


class _Range(msgspec.Struct):
    type: str
    events: list[_Event] = []


class _Package(msgspec.Struct):
    ecosystem: str
    name: str


class _Score(msgspec.Struct):
    type: str
    score: str


class _Affected(msgspec.Struct):
    package: _Package | None = None
    ranges: list[_Range] = []
    versions: list[str] = []
    severity: list[_Score] = []


class _Database(msgspec.Struct):
    severity: str | None = None
    cwe_ids: list[str] | None = None


class Record(msgspec.Struct):
    """An OSV record, as far as it is used here."""

    id: str
    modified: str
    affected: list[_Affected] = []
    aliases: list[str] = []
    withdrawn: str | None = None
    summary: str = ""
    details: str = ""
    severity: list[_Score] = []
    database_specific: _Database = msgspec.field(default_factory=_Database)

    def packages(self, ecosystem: str) -> set[str]:
        """The canonical names of the packages of an ecosystem that it is about."""
        return {name_of(one.package.name) for one in self.affected if one.package and _is_of(one.package, ecosystem)}


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """How severe an advisory is, by whatever says it best."""

    severity: Severity = Severity.UNKNOWN
    score: float | None = None
    vector: str = ""


def parse(data: bytes) -> Record:
    """A record.

    Raises:
        ValueError: it is none.
    """
    return msgspec.json.decode(data, type=Record)


def name_of(name: str) -> str:
    """The name of a Python package as names are compared (PEP 503)."""
    return canonicalize_name(name)


def affects(record: Record, ecosystem: str, name: str, version: str) -> bool:
    """Whether a version of a package is affected, as the OSV schema evaluates it: named, or within a range.

    A version that cannot be compared is taken to lie in every range: silence must not look like safety.
    """
    return any(_is_affected(one, version) for one in _about(record, ecosystem, name))


def fixed(records: Iterable[Record], ecosystem: str, name: str, version: str) -> tuple[str, ...]:
    """The versions that end an affected range in which the given one lies, lowest first."""
    installed = _version(version)
    found: dict[Version, str] = {}
    for record in records:
        for affected in _about(record, ecosystem, name):
            for one in _ranges(affected):
                if installed and _within(one.events, installed):
                    ends = [(at, text) for text in _fixes(one) if (at := _version(text)) and at > installed]
                    found.update([min(ends)] if ends else [])
    return tuple(found[at] for at in sorted(found))


def grade(records: Sequence[Record]) -> Grade:
    """The grade of an advisory that several records describe.

    The newest version of CVSS that any of them gives, the highest score in it; without a vector the word of the
    database; without that, unknown.
    """
    vectors = [score for record in records for score in _scores(record)]
    for kind in _VERSIONS:
        scored = [(_score(one.score, kind), one.score) for one in vectors if one.type == kind]
        known = [(score, vector) for score, vector in scored if score is not None]
        if known:
            score, vector = max(known)
            return Grade(severity=Severity.of_score(score), score=score, vector=vector)
    words = [_WORDS[word] for one in records if (word := (one.database_specific.severity or "").upper()) in _WORDS]
    return Grade(severity=Severity.worst(words)) if words else Grade()


def cwe(records: Iterable[Record]) -> tuple[int, ...]:
    """The CWE numbers that any of the records names, sorted."""
    texts = (text for record in records for text in record.database_specific.cwe_ids or ())
    return tuple(sorted({int(text[4:]) for text in texts if text.startswith("CWE-") and text[4:].isdigit()}))


def _about(record: Record, ecosystem: str, name: str) -> Iterator[_Affected]:
    for affected in record.affected:
        package = affected.package
        if package and _is_of(package, ecosystem) and name_of(package.name) == name:
            yield affected


def _is_of(package: _Package, ecosystem: str) -> bool:
    return package.ecosystem.partition(":")[0] == ecosystem


def _ranges(affected: _Affected) -> list[_Range]:
    return [one for one in affected.ranges if one.type in {"ECOSYSTEM", "SEMVER"}]


def _fixes(one: _Range) -> list[str]:
    return [event.fixed for event in one.events if event.fixed]


def _is_affected(affected: _Affected, version: str) -> bool:
    ranges = _ranges(affected)
    wanted = _version(version)
    if wanted is None:
        return version in affected.versions or bool(ranges)
    if version in affected.versions or any(_within(one.events, wanted) for one in ranges):
        return True
    return any(_version(one) == wanted for one in affected.versions)


def _within(events: Sequence[_Event], wanted: Version) -> bool:
    inside = False
    for at, kind in _ordered(events):
        if kind == "introduced" and wanted >= at:
            inside = True
        elif (kind == "fixed" and wanted >= at) or (kind == "last_affected" and wanted > at):
            inside = False
    return inside


def _ordered(events: Sequence[_Event]) -> list[tuple[Version, Literal["introduced", "fixed", "last_affected"]]]:
    found: list[tuple[Version, Literal["introduced", "fixed", "last_affected"]]] = []
    for event in events:
        if event.introduced:
            start = None if event.introduced == "0" else _version(event.introduced)
            found.append((start or _LEAST, "introduced"))
        if event.fixed and (at := _version(event.fixed)):
            found.append((at, "fixed"))
        if event.last_affected and (at := _version(event.last_affected)):
            found.append((at, "last_affected"))
    return sorted(found, key=lambda one: one[0])


@lru_cache(maxsize=1 << 16)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _scores(record: Record) -> Iterator[_Score]:
    yield from record.severity
    for affected in record.affected:
        yield from affected.severity


def _score(vector: str, kind: str) -> float | None:
    from cvss import CVSS2, CVSS3, CVSS4  # noqa: PLC0415  # only where there is something to score
    from cvss.exceptions import CVSSError  # noqa: PLC0415

    classes = {"CVSS_V2": CVSS2, "CVSS_V3": CVSS3, "CVSS_V4": CVSS4}
    try:
        return float(classes[kind](vector).scores()[0])
    except CVSSError:
        return None
