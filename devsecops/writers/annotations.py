"""Annotations of GitHub Actions: workflow commands that the runner reads from standard output.

Limits: ten of each kind for a step, the rest is dropped by GitHub without a word; so the worst come first and the last
notice says what was left out. Escapes: docs.github.com, "Workflow commands for GitHub Actions", and actions/toolkit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import FileLocation, HttpLocation, Outcome, Severity, State
from devsecops.text import inert, one_line, plural, shorten
from devsecops.writers import parts

EACH = 10
"""Annotations of one kind that GitHub shows for a step."""
_TITLE = 200  # characters; GitHub's limit is 255
_TEXT = 2_000  # characters; GitHub's limit is 64 KB
_GAPS = 5  # named in one annotation
_COMMANDS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.UNKNOWN: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = _ESCAPES | {":": "%3A", ",": "%2C"}


def write(outcome: Outcome) -> Iterator[bytes]:
    """One command a line: what was not checked, new findings, worst first, and a notice with verdict and the rest."""
    findings = dedupe.findings(outcome.results)
    new = [finding for finding in findings if finding.state is State.NEW]
    lines: dict[str, list[str]] = defaultdict(list)
    lines["error"] += _gaps(outcome)
    lines["notice"] = []
    left: list[Finding] = []
    for finding in new:
        command = _COMMANDS[finding.severity]
        if len(lines[command]) < EACH - (command == "notice"):
            lines[command].append(_annotation(command, finding))
        else:
            left.append(finding)
    lines["notice"].append(_summary(outcome, findings, left))
    for command in ("error", "warning", "notice"):
        for line in lines[command]:
            yield f"{line}\n".encode()


def _gaps(outcome: Outcome) -> list[str]:
    """One annotation that names all that was asked for and not examined; none where there is nothing of the sort."""
    serious = [gap for gap in parts.gaps(outcome) if gap.serious]
    if not serious:
        return []
    named = [shorten("; ".join([gap.text, *gap.details]), 300) for gap in serious[:_GAPS]]
    more = [f"and {len(serious) - _GAPS:,} more"] if len(serious) > _GAPS else []
    title = f"Not checked: {plural(len(serious), 'gap')}"
    return [_command("error", {"title": title}, "\n".join([*named, *more]))]


def _annotation(command: str, finding: Finding) -> str:
    first = finding.first
    fix = parts.fix(finding)
    message = shorten(one_line(first.message), 1_500)
    said = [
        message if message != parts.title(finding) else "",
        f"Fix: {fix}." if fix else "",
        f"({parts.rules(finding)})",
    ]
    if isinstance(first.location, HttpLocation):
        said.insert(0, parts.place(finding))
    title = f"{finding.severity.value.upper()}: {parts.title(finding)}"
    return _command(command, {**_place(finding), "title": title}, "\n".join(text for text in said if text))


def _place(finding: Finding) -> dict[str, str]:
    location = finding.first.location
    if isinstance(location, HttpLocation) or not one_line(location.path):
        return {}
    numbers = {"line": location.line}
    if isinstance(location, FileLocation) and location.line:
        numbers["endLine"] = location.end_line
        numbers["col"] = location.column
        if location.end_line in {0, location.line}:
            numbers["endColumn"] = location.end_column  # GitHub takes columns for a single line only
    return {"file": one_line(location.path)} | {name: str(number) for name, number in numbers.items() if number}


def _summary(outcome: Outcome, findings: Sequence[Finding], left: Sequence[Finding]) -> str:
    verdict = outcome.verdict
    reasons = [shorten(one_line(reason.text), 200) for reason in verdict.reasons[:_GAPS]]
    new = sum(finding.state is State.NEW for finding in findings)
    said = ["; ".join(reasons), f"{plural(new, 'finding')}, {new - len(left):,} of them annotated."]
    if left:
        said.append(f"Left out, as GitHub shows {EACH} of each kind: {parts.by_severity(left)}.")
    if outcome.baseline:
        said.append(f"{parts.comparison(outcome, findings)}.")
    if parts.not_counted(findings):
        said.append(f"Not counted: {parts.not_counted(findings)}.")
    return _command("notice", {"title": f"devsecops: {verdict.state.value}"}, "\n".join(text for text in said if text))


def _command(command: str, properties: dict[str, str], text: str) -> str:
    said = ",".join(f"{name}={_escaped(value, _IN_PROPERTIES)}" for name, value in properties.items())
    return f"::{command} {said}::{_escaped(shorten(text, _TEXT), _ESCAPES)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    """Text that ends neither property nor command, and begins none."""
    return re.sub("[%\r\n:,]", lambda found: escapes.get(found[0], found[0]), inert(text))
