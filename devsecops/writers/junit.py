"""JUnit XML: a suite for each execution, a test for each finding, and no green for what was not examined.

A finding behind the verdict is a failure, any other one is skipped, as "passed" would be wrong to say of it. Each suite
begins with the test `coverage`, which is an error where the execution did not examine everything; the first suite holds
the verdict. So a viewer shows red exactly where the verdict is not "passed".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import Execution, HttpLocation, Kind, Outcome, PackageLocation, Status, VerdictState
from devsecops.text import clean, inert, one_line, plural, shorten
from devsecops.writers import parts

_TEXT = 5_000  # characters
_DETAILS = 50  # of one gap
_VERDICTS = {VerdictState.FAILED: "failure", VerdictState.INCOMPLETE: "error"}
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0, section 2.2, does not allow, and the carriage return, which no reader gives back."""


def write(outcome: Outcome) -> Iterator[bytes]:
    """The document, suite by suite."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="devsecops">\n'
    for suite in _suites(outcome):
        cases = list(suite)
        for count, tag in (("tests", None), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            suite.set(count, str(sum(tag is None or case.find(tag) is not None for case in cases)))
        ET.indent(suite)
        yield ET.tostring(suite, encoding="utf-8") + b"\n"
    yield b"</testsuites>\n"


def _suites(outcome: Outcome) -> Iterator[ET.Element]:
    yield _verdict(outcome)
    behind = parts.failing(outcome)
    places = _homes(outcome)
    for at, execution in enumerate(outcome.executions):
        suite = _suite(parts.named(execution))
        _coverage(suite, execution, allowed=outcome.policy.allow_incomplete)
        for finding in places.pop(at, ()):
            _finding(suite, finding, fails=parts.fails(finding, behind))
        yield suite
    homeless: dict[str, list[Finding]] = defaultdict(list)
    for finding in places.get(-1, ()):
        homeless[finding.first.scanner].append(finding)
    for scanner, findings in sorted(homeless.items()):
        suite = _suite(scanner)
        _say(_case(suite, scanner, "coverage"), "skipped", "unknown", "It is not known what was examined.")
        for finding in findings:
            _finding(suite, finding, fails=parts.fails(finding, behind))
        yield suite


def _homes(outcome: Outcome) -> dict[int, list[Finding]]:
    """The findings by the place of the execution that they belong to; -1 for those without one."""
    kinds = parts.kinds(outcome)
    of_scanner: dict[str, int] = {}
    of_kind: dict[tuple[str, Kind], int] = {}
    for at, execution in enumerate(outcome.executions):
        of_scanner.setdefault(execution.scanner, at)
        of_kind.setdefault((execution.scanner, execution.kind), at)
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in dedupe.findings(outcome.results):
        first = finding.first
        home = of_kind.get((first.scanner, parts.kind(first, kinds)), of_scanner.get(first.scanner, -1))
        found[home].append(finding)
    return found


def _verdict(outcome: Outcome) -> ET.Element:
    suite = _suite("devsecops")
    case = _case(suite, "devsecops", "verdict")
    verdict = outcome.verdict
    said = "\n".join(reason.text + (f"; {reason.policy}" if reason.policy else "") for reason in verdict.reasons)
    if verdict.state in _VERDICTS:
        _say(case, _VERDICTS[verdict.state], verdict.state.value, said or verdict.state.value)
    for number, gap in enumerate(gap for gap in parts.gaps(outcome) if not gap.scanner):
        _say(_case(suite, "devsecops", f"note {number + 1}"), "skipped", "note", gap.text)
    return suite


def _coverage(suite: ET.Element, execution: Execution, *, allowed: bool) -> None:
    case = _case(suite, execution.scanner, "coverage")
    gap = next(iter(parts.gaps(Outcome(executions=(execution,)))), None)
    if gap:
        more = [f"and {len(gap.details) - _DETAILS:,} more"] if len(gap.details) > _DETAILS else []
        text = "\n".join([gap.text, *gap.details[:_DETAILS], *more])
        serious = gap.serious and not allowed
        _say(case, "error" if serious else "skipped", execution.status.value, text)
    elif execution.status is Status.NOT_APPLICABLE:
        _say(case, "skipped", execution.status.value, "There is nothing for it to examine.")


def _finding(suite: ET.Element, finding: Finding, *, fails: bool) -> None:
    first = finding.first
    severity = finding.severity.value
    name = f"{parts.title(finding)} at {parts.place(finding) or 'no place'}"
    case = _case(suite, f"{first.scanner}.{first.rule.id}", name)
    if not isinstance(first.location, HttpLocation) and first.location.path:
        case.set("file", _xml(one_line(first.location.path)))
        if first.location.line:
            case.set("line", str(first.location.line))
    others = parts.other_places(finding)
    lines = [
        f"{severity}, {finding.standing}: {parts.place(finding)}",
        *([f"and {plural(len(others), 'other place')}: {', '.join(others[:_DETAILS])}"] if others else []),
        clean(first.message),
        first.evidence if not isinstance(first.location, PackageLocation) else "",
        f"Fix: {parts.fix(finding)}" if parts.fix(finding) else "",
        f"({parts.rules(finding)})",
    ]
    _say(case, "failure" if fails else "skipped", severity, "\n".join(line for line in lines if line))


def _suite(name: str) -> ET.Element:
    return ET.Element("testsuite", name=_xml(one_line(name)))


def _case(suite: ET.Element, classname: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_xml(one_line(classname)), name=_xml(one_line(name)))


def _say(case: ET.Element, tag: str, kind: str, text: str) -> None:
    """What became of a test: an element with a short message, and all of it as its text."""
    message = _xml(shorten(one_line(text), 250))
    ET.SubElement(case, tag, type=kind, message=message).text = _xml(shorten(clean(text), _TEXT))


def _xml(text: str) -> str:
    return inert(re.sub(_NOT_XML, "�", clean(text)))
