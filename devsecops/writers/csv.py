"""A table for spreadsheets: RFC 4180, one row a finding, then one a gap. No cell is a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import HttpLocation, Kind, Outcome, PackageLocation
from devsecops.text import inert, one_line, shorten
from devsecops.writers import parts
from devsecops.writers.parts import Gap

COLUMNS = (
    "state",
    "fails",
    "severity",
    "score",
    "service",
    "kind",
    "title",
    "place",
    "path",
    "line",
    "package",
    "version",
    "fixed",
    "identifiers",
    "cwe",
    "scanners",
    "rule",
    "message",
    "uri",
    "fingerprint",
)
"""The header. New columns are added at the end only."""
_CELL = 8_000  # characters; a cell of Excel holds 32,767
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def write(outcome: Outcome) -> Iterator[bytes]:
    """The rows. A gap is a row of state `not-checked`: a table without findings never stands alone for "clean"."""
    kinds = parts.kinds(outcome)
    behind = parts.failing(outcome)
    yield _row(COLUMNS)
    for finding in dedupe.findings(outcome.results):
        yield _record(_finding(finding, kinds, fails=parts.fails(finding, behind)))
    for gap in parts.gaps(outcome):
        yield _record(_gap(gap, fails=gap.serious and not outcome.policy.allow_incomplete))


def _gap(gap: Gap, *, fails: bool) -> dict[str, str]:
    return {
        "state": "not-checked",
        "fails": _yes(fails),
        "kind": gap.kind.value if gap.kind else "",
        "scanners": gap.scanner,
        "title": gap.text,
        "message": "; ".join(gap.details),
    }


def _finding(finding: Finding, kinds: Mapping[str, tuple[Kind, ...]], *, fails: bool) -> dict[str, str]:
    first = finding.first
    location = first.location
    score = parts.score(finding)
    name, version = parts.package(location) if isinstance(location, PackageLocation) else ("", "")
    return {
        "state": finding.standing,
        "fails": _yes(fails),
        "severity": finding.severity.value,
        "score": "" if score is None else f"{score:.1f}",
        "service": first.service,
        "kind": parts.kind(first, kinds).value,
        "title": parts.title(finding),
        "place": parts.place(finding),
        "path": "" if isinstance(location, HttpLocation) else location.path,
        "line": "" if isinstance(location, HttpLocation) or not location.line else str(location.line),
        "package": name,
        "version": version,
        "fixed": ", ".join(first.fixed),
        "identifiers": ", ".join(parts.identifiers(finding)),
        "cwe": ", ".join(f"CWE-{number}" for number in first.rule.cwe),
        "scanners": ", ".join(finding.scanners),
        "rule": first.rule.id,
        "message": first.message,
        "uri": parts.web(first.rule.uri),
        "fingerprint": finding.fingerprint,
    }


def _record(cells: Mapping[str, str]) -> bytes:
    return _row([cells.get(column, "") for column in COLUMNS])


def _row(cells: Sequence[str]) -> bytes:
    line = StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return line.getvalue().encode()


def _cell(text: str) -> str:
    """Text that is no formula (OWASP, CSV Injection), nor after a semicolon: some countries separate cells so."""
    return re.sub(_FORMULA, r"\1'\2", inert(shorten(one_line(text), _CELL)))


def _yes(value: bool) -> str:  # noqa: FBT001  # the value is what it is about
    return "yes" if value else "no"
