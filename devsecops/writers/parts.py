"""What several writers say alike: titles, places, identifiers, kinds, gaps; all of it harmless to print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from devsecops.coverage import GAPS
from devsecops.dedupe import Finding
from devsecops.model import (
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Message,
    Outcome,
    PackageLocation,
    Result,
    Severity,
    State,
    Status,
)
from devsecops.text import one_line, plural, shorten

ORDER = tuple(sorted(Severity, key=lambda severity: severity.rank))
"""Severities, worst first."""
_STANDINGS = ("new", "reappeared", "known", "fixed")
_UNCOVERED = "not-covered"
_HARMLESS = frozenset({Status.COMPLETE, Status.NOT_APPLICABLE})
_BY_PLACE = {FileLocation: Kind.SAST, PackageLocation: Kind.DEPENDENCIES, HttpLocation: Kind.DAST}
_BY_FINGERPRINT = {"secret": Kind.SECRETS, "advisory": Kind.DEPENDENCIES, "request": Kind.DAST}


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was not examined, or not wholly."""

    text: str
    details: tuple[str, ...] = ()
    """Item by item."""
    serious: bool = False
    """Whether it had been asked for: then the absence of findings means nothing."""
    scanner: str = ""
    kind: Kind | None = None


def gaps(outcome: Outcome) -> list[Gap]:
    """What was not checked: executions that are not complete or have exceptions, then the notes of the scan."""
    uncovered = [note for note in outcome.notes if note.id == _UNCOVERED]
    together = uncovered if len(uncovered) > 1 else []
    notes = [Gap(text=_note(note), serious=note.level == "error") for note in outcome.notes if note not in together]
    if together:
        details = tuple(_note(note).removeprefix("not covered: ") for note in together)
        notes.append(Gap(text="not covered: dependencies that no scanner audits", details=details))
    return [*_not_examined(outcome.executions), *notes]


def is_gap(execution: Execution) -> bool:
    """Whether an execution was asked for, or had begun, and did not examine everything."""
    return execution.status not in _HARMLESS and (execution.status is not Status.MISSING or execution.asked)


def named(execution: Execution) -> str:
    """The scanner, with its target where it has one: `zap on https://shop.example`."""
    return one_line(f"{execution.scanner} on {execution.target}" if execution.target else execution.scanner)


def nothing_to_scan(outcome: Outcome) -> bool:
    """Whether no scanner had anything to examine."""
    return not outcome.results and all(
        execution.status is Status.NOT_APPLICABLE or (execution.status is Status.MISSING and not execution.asked)
        for execution in outcome.executions
    )


def _not_examined(executions: Iterable[Execution]) -> Iterator[Gap]:
    for execution in executions:
        details = [_message(message) for message in execution.messages if message.id != "stderr"]
        gap = Gap(
            text=named(execution), serious=is_gap(execution), scanner=one_line(execution.scanner), kind=execution.kind
        )
        if execution.status is Status.NOT_APPLICABLE:
            continue
        if execution.status is Status.COMPLETE:
            if details:
                yield _with(gap, "complete, with exceptions", details)
        elif not gap.serious:
            yield _with(gap, "not asked for and not installed", [])
        else:
            stderr = [line for one in execution.messages if one.id == "stderr" for line in one.text.splitlines()]
            yield _with(gap, f"{execution.status.value}{_share(execution)}", [*details, *map(one_line, stderr[-5:])])


def _note(note: Message) -> str:
    """The text of a note, with its place where the text does not name it."""
    text = one_line(note.text) or one_line(note.id) or "note"
    place = one_line(note.path) + (f":{note.line}" if note.line else "")
    return text if not place or one_line(note.path) in text else f"{text} ({place})"


def _with(gap: Gap, text: str, details: Sequence[str]) -> Gap:
    return msgspec.structs.replace(gap, text=f"{gap.text}: {text}", details=tuple(details))


def _share(execution: Execution) -> str:
    coverage = execution.coverage
    if coverage is None or execution.status is not Status.PARTIAL:
        return ""
    return f", {coverage.examined:,} of {plural(coverage.expected, coverage.unit.removesuffix('s'))} examined"


def _message(message: Message) -> str:
    place = message.path + (f":{message.line}" if message.line else "")
    said = place and message.id in {*GAPS, "accepted"}
    return one_line(f"{place}: {message.text}" if said else message.text)


def kinds(outcome: Outcome) -> dict[str, tuple[Kind, ...]]:
    """The kinds of each scanner's executions, by the scanner's name."""
    found: dict[str, dict[Kind, None]] = {}
    for execution in outcome.executions:
        found.setdefault(execution.scanner, {})[execution.kind] = None
    return {scanner: tuple(some) for scanner, some in found.items()}


def kind(result: Result, of_scanner: Mapping[str, tuple[Kind, ...]]) -> Kind:
    """The kind of a result: that of its scanner; of several, or where none is known, the one that fits the place."""
    some = of_scanner.get(result.scanner, ())
    if len(some) == 1:
        return some[0]
    marked = result.fingerprints[0].partition("/")[0] if result.fingerprints else ""
    fitting = _BY_FINGERPRINT.get(marked) or _BY_PLACE[type(result.location)]
    return fitting if not some or fitting in some else some[0]


def failing(outcome: Outcome) -> frozenset[str]:
    """The fingerprints of the findings behind the verdict."""
    return frozenset(print_ for reason in outcome.verdict.reasons for print_ in reason.fingerprints)


def fails(finding: Finding, behind: frozenset[str]) -> bool:
    """Whether a finding is among those behind the verdict, as `failing` gives them."""
    return finding.state is State.NEW and finding.fingerprint in behind


def keys(findings: Iterable[Finding]) -> Iterator[tuple[str, Finding]]:
    """Each finding with a text that no other has and that is stable: its fingerprint, else one of what it says."""
    seen: Counter[str] = Counter()
    for finding in findings:
        first = finding.first
        key = finding.fingerprint or "\0".join([first.scanner, first.rule.id, place(finding), first.message])
        seen[key] += 1
        yield (key if seen[key] == 1 else f"{key}#{seen[key]}"), finding


def title(finding: Finding, limit: int = 200) -> str:
    """What it is, in a few words; never empty."""
    first = finding.first
    said = one_line(first.rule.name) or one_line(first.rule.id) or "finding"
    if isinstance(first.location, PackageLocation):
        name = next(iter(identifiers(finding)), "") or one_line(first.rule.id)
        said = ": ".join(
            filter(None, [" ".join(filter(None, package(first.location))), name, one_line(first.rule.name)])
        )
    return shorten(said, limit)


def package(location: PackageLocation) -> tuple[str, str]:
    """Name, with namespace, and version of a package; an empty version where the purl has none."""
    from urllib.parse import unquote  # noqa: PLC0415  # only where there is a package

    path = re.split("[?#]", location.purl, maxsplit=1)[0].partition("/")[2]
    name, at, version = path.rpartition("@")
    if not at or "/" in version:  # the @ of a scope
        name, version = path, ""
    return one_line(unquote(name)) or "unknown", one_line(unquote(version))


def advisory_text(result: Result) -> str:
    """What an advisory is about: its name, else the message without the package's name before it."""
    return result.rule.name or result.message.partition(": ")[2] or result.message


def place(finding: Finding) -> str:
    """The place of the most telling result: `path:line`, or the method and URL of a request."""
    return place_of(finding.first.location)


def place_of(location: FileLocation | PackageLocation | HttpLocation) -> str:
    """`path:line`, or the method and URL of a request."""
    if isinstance(location, HttpLocation):
        return one_line(f"{location.method} {location.url}")
    return one_line(location.path) + (f":{location.line}" if location.line else "")


def other_places(finding: Finding) -> list[str]:
    """The places of the finding less the first one, sorted."""
    return sorted({place_of(result.location) for result in finding.results} - {place(finding)})


def rules(finding: Finding) -> str:
    """Every scanner with its rule: `bandit B602, semgrep python-shell`."""
    return ", ".join(sorted({one_line(f"{result.scanner} {result.rule.id}") for result in finding.results}))


def identifiers(finding: Finding) -> list[str]:
    """Identifiers of the advisory: CVE, then GHSA, then others, each sorted; empty where it is none."""
    found = {
        one_line(name)
        for result in finding.results
        if isinstance(result.location, PackageLocation) or result.aliases
        for name in (result.rule.id, *result.aliases)
    }
    return sorted(found - {""}, key=lambda name: (not name.startswith("CVE-"), not name.startswith("GHSA-"), name))


def fix(finding: Finding) -> str:
    """The lowest version that ends it, as `upgrade to 1.2.3`; empty where none is known."""
    fixed = next((result.fixed[0] for result in finding.results if result.fixed), "")
    return f"upgrade to {one_line(fixed)}" if one_line(fixed) else ""


def score(finding: Finding) -> float | None:
    """The highest CVSS score that any of its results has."""
    return max((result.score for result in finding.results if result.score is not None), default=None)


def not_counted(findings: Iterable[Finding]) -> str:
    """How many are kept and do not count: `5 suppressed, 1 waived`; empty where there are none."""
    states = Counter(finding.state for finding in findings)
    order = (State.SUPPRESSED, State.WAIVED, State.KNOWN, State.FIXED)
    return ", ".join(f"{states[state]:,} {state.value}" for state in order if states[state])


def comparison(outcome: Outcome, findings: Iterable[Finding]) -> str:
    """What a baseline says: `Compared with a.sarif: 2 new, 1 reappeared, 5 known`; empty where there is none."""
    if not outcome.baseline:
        return ""
    standings = Counter(finding.standing for finding in findings)
    said = ", ".join(f"{standings[word]:,} {word}" for word in _STANDINGS if standings[word] or word == "new")
    return f"Compared with {one_line(outcome.baseline)}: {said}"


def by_severity(findings: Iterable[Finding]) -> str:
    """How many of each severity: `2 critical, 5 high`."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counts[severity]:,} {severity.value}" for severity in ORDER if counts[severity])


def web(uri: str) -> str:
    """The URI where it is an http(s) one that is safe to link to, else empty."""
    return uri if re.fullmatch(r"(?i:https?)://[^\s<>\"'`\\^{}|\[\]\x00-\x1f\x7f-\U0010ffff]+", uri) else ""
