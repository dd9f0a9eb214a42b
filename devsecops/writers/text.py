"""The summary that a developer reads in a terminal."""

from __future__ import annotations

import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import (
    FileLocation,
    HttpLocation,
    Outcome,
    PackageLocation,
    Severity,
    State,
    Status,
    VerdictState,
)
from devsecops.text import inert, one_line, plural, shorten
from devsecops.writers import parts

_SHOWN = 10  # groups of findings
_PLACES = 3  # of one group
_LINES = 6  # of a list of gaps
_COLOURS = {
    Severity.CRITICAL: "1;35",
    Severity.HIGH: "1;31",
    Severity.UNKNOWN: "1;33",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
    Severity.INFO: "2",
}
_VERDICTS = {VerdictState.PASSED: "1;32", VerdictState.FAILED: "1;31", VerdictState.INCOMPLETE: "1;33"}


def write(outcome: Outcome) -> Iterator[bytes]:
    """The summary as a text file, every finding in it."""
    yield render(outcome, everything=True).encode()


def render(outcome: Outcome, *, width: int = 80, colour: bool = False, everything: bool = False) -> str:
    """The summary.

    Args:
        outcome: what to summarise.
        width: columns of the terminal.
        colour: whether terminal colours may be used.
        everything: whether all findings and gaps are shown, not only the worst.
    """
    page = _Page(width, colour=colour)
    findings = dedupe.findings(outcome.results)
    _table(page, findings)
    _worst(page, [one for one in findings if one.state is State.NEW], everything=everything)
    _counted(page, outcome, findings)
    _data(page, outcome)
    _gaps(page, outcome, everything=everything)
    _verdict(page, outcome)
    return page.text()


def verdict(outcome: Outcome, *, width: int = 80, colour: bool = False, everything: bool = False) -> str:  # noqa: ARG001
    """The verdict alone, with its reasons; arguments as for `render`."""
    page = _Page(width, colour=colour)
    _verdict(page, outcome)
    return page.text()


class _Page:
    """Lines of a given width, with or without colours."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self.width = max(width, 40)
        self._colour = colour
        self._lines: list[str] = []

    def add(self, line: str = "") -> None:
        self._lines.append(line.rstrip())

    def wrapped(self, text: str, indent: str = "", first: str = "", lines: int = 0) -> None:
        """Add a paragraph; `first` starts its first line, in place of the indent."""
        found = textwrap.wrap(
            one_line(text),
            self.width,
            initial_indent=first or indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        if lines and len(found) > lines:
            found = [*found[: lines - 1], shorten(f"{found[lines - 1]} …", self.width)]
        self._lines += found

    def styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text

    def text(self) -> str:
        return inert("\n".join(self._lines).strip("\n") + "\n")


def _table(page: _Page, findings: Sequence[Finding]) -> None:
    """New findings by service and severity."""
    counts: dict[str, Counter[Severity]] = defaultdict(Counter)
    for finding in findings:
        if finding.state is State.NEW:
            counts[one_line(finding.first.service) or "-"][finding.severity] += 1
    if not counts:
        return
    shown = [severity for severity in parts.ORDER if any(count[severity] for count in counts.values())]
    columns = sum(len(severity.value) + 2 for severity in shown)
    names = min(max(map(len, (*counts, "service"))), page.width - columns)
    page.add(page.styled("service".ljust(names) + "".join(f"  {severity.value}" for severity in shown), "1"))
    for name, count in sorted(counts.items()):
        cells = "".join(_cell(page, count[severity], severity) for severity in shown)
        page.add(f"{shorten(name, names).ljust(names)}{cells}")
    page.add()


def _cell(page: _Page, count: int, severity: Severity) -> str:
    text = (f"{count:,}" if count else "·").rjust(len(severity.value) + 2)
    return page.styled(text, _COLOURS[severity]) if count else text


def _worst(page: _Page, findings: Sequence[Finding], *, everything: bool) -> None:
    """The worst findings; those of one rule and service, or of one package, together."""
    groups: dict[tuple[object, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        first = finding.first
        if isinstance(first.location, PackageLocation):
            groups[first.service, first.location.purl].append(finding)
        else:
            groups[finding.severity, first.scanner, first.rule.id, first.service].append(finding)
    shown = list(groups.values()) if everything else list(groups.values())[:_SHOWN]
    for group in shown:
        _group(page, group, everything=everything)
    left = len(findings) - sum(map(len, shown))
    if left:
        page.add(f"and {plural(left, 'more finding')}; -v shows them all")
        page.add()


def _group(page: _Page, group: Sequence[Finding], *, everything: bool) -> None:
    finding = group[0]
    severity = page.styled(finding.severity.value.upper(), _COLOURS[finding.severity])
    page.add(f"{severity}  {shorten(_title(group), page.width - len(finding.severity.value) - 2)}")
    if isinstance(finding.first.location, PackageLocation):
        _advisories(page, group, everything=everything)
    else:
        _in_files(page, group, everything=everything)
    page.add()


def _advisories(page: _Page, group: Sequence[Finding], *, everything: bool) -> None:
    """The advisories of one package."""
    page.add(f"  {shorten(_where(group[0]), page.width - 2)}")
    for finding in group if everything else group[:_PLACES]:
        page.wrapped(
            f"{_names(finding)}: {parts.advisory_text(finding.first)}", indent="      ", first="    - ", lines=3
        )
    if len(group) > _PLACES and not everything:
        page.add(f"    - and {plural(len(group) - _PLACES, 'more advisory', 'more advisories')}")
    page.wrapped(_fix(group), indent="       ", first="  Fix: ", lines=2)


def _in_files(page: _Page, group: Sequence[Finding], *, everything: bool) -> None:
    """The places of one rule."""
    finding = group[0]
    if one_line(finding.first.message).rstrip(".") != _title(group).rstrip("."):
        page.wrapped(finding.first.message, indent="  ", lines=3)
    for one in group if everything else group[:_PLACES]:
        _places(page, one)
    if len(group) > _PLACES and not everything:
        page.add(f"  and {plural(len(group) - _PLACES, 'other place')}")
    rules = sorted({f"{result.scanner} {result.rule.id}" for result in finding.results})
    page.wrapped(f"({', '.join(rules)})", indent="  ")


def _places(page: _Page, finding: Finding) -> None:
    page.add(f"  {shorten(_where(finding), page.width - 2)}")
    first = finding.first
    if first.evidence and isinstance(first.location, FileLocation):
        page.add(f"    | {shorten(one_line(first.evidence), page.width - 6)}")


def _title(group: Sequence[Finding]) -> str:
    first = group[0].first
    if isinstance(first.location, PackageLocation):
        name, version = parts.package(first.location)
        return f"{name} {version}: {plural(len(group), 'advisory', 'advisories')}"
    return one_line(first.rule.name) or one_line(first.rule.id)


def _where(finding: Finding) -> str:
    first = finding.first
    location = first.location
    if isinstance(location, HttpLocation):
        return one_line(f"{location.method} {location.url}")
    line = f":{location.line}" if location.line else ""
    places = {_place(result.location) for result in finding.results}
    others = f" and {plural(len(places) - 1, 'other place')}" if len(places) > 1 else ""
    return f"{one_line(location.path)}{line}{others}"


def _place(location: FileLocation | PackageLocation | HttpLocation) -> tuple[str, int]:
    return (location.url, 0) if isinstance(location, HttpLocation) else (location.path, location.line)


def _names(finding: Finding) -> str:
    """The identifiers of an advisory, and how severe it is."""
    names = [name for name in parts.identifiers(finding) if name.startswith("CVE-")]
    score = parts.score(finding)
    grade = finding.severity.value if score is None else f"{finding.severity.value}, CVSS {score}"
    return f"{', '.join(names) or one_line(finding.first.rule.id)} ({grade})"


def _fix(group: Sequence[Finding]) -> str:
    """The version that ends all advisories of a package for which there is one."""
    lowest = [finding.first.fixed[0] for finding in group if finding.first.fixed]
    unfixed = sum(not finding.first.fixed for finding in group)
    left = "" if not unfixed else f"; no fixed version is known for {unfixed} of {len(group)}"
    return f"upgrade to {max(lowest, key=_natural)}{left}" if lowest else "no fixed version is known"


def _natural(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _counted(page: _Page, outcome: Outcome, findings: Sequence[Finding]) -> None:
    """What a baseline says, and what is kept and does not count."""
    compared, said = parts.comparison(outcome, findings), parts.not_counted(findings)
    if compared:
        page.wrapped(f"{compared}.", indent="  ")
    if said:
        page.add(f"Not counted: {said}.")
    if compared or said:
        page.add()


def _data(page: _Page, outcome: Outcome) -> None:
    """What the answers of scanners depend on, with its date."""
    sources = dict.fromkeys(source for execution in outcome.executions for source in execution.tool.data)
    for source in sources:
        newest = f", the newest of {one_line(source.date)[:10]}" if source.date else ""
        of = "Advisories" if source.date else "Examined"
        page.add(f"{of}: {one_line(source.name)}{newest}.")
    if sources:
        page.add()


def _gaps(page: _Page, outcome: Outcome, *, everything: bool) -> None:
    gaps = parts.gaps(outcome)
    if not gaps:
        return
    page.add(page.styled("Not checked", "1"))
    for gap in gaps:
        page.wrapped(gap.text, indent="    ", first="  ")
        for detail in gap.details if everything else gap.details[:_LINES]:
            page.wrapped(detail, indent="      ", first="    - ", lines=0 if everything else 4)
        if len(gap.details) > _LINES and not everything:
            page.add(f"    - and {len(gap.details) - _LINES:,} more; -v shows them all")
    page.add()


def _verdict(page: _Page, outcome: Outcome) -> None:
    verdict = outcome.verdict
    word = page.styled(verdict.state.value.upper(), _VERDICTS[verdict.state])
    if verdict.state is VerdictState.PASSED and parts.nothing_to_scan(outcome):
        page.wrapped("nothing to scan: no scanner has anything to examine here", first=f"{word}: ", indent="  ")
        return
    if not verdict.reasons and verdict.state is not VerdictState.PASSED:
        page.wrapped("no reason is given", first=f"{word}: ")
        return
    if not verdict.reasons:
        complete = [one for one in outcome.executions if one.status is Status.COMPLETE]
        page.wrapped(
            f"nothing of the policy is violated, {plural(len(complete), 'scanner')} complete", first=f"{word}: "
        )
        return
    page.add(f"{word}:")
    for reason in verdict.reasons:
        page.wrapped(reason.text + (f"; {reason.policy}" if reason.policy else ""), indent="    ", first="  - ")
