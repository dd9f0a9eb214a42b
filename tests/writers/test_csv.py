"""The table: RFC 4180, the same header always, no formula, and no silence about gaps."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings

from devsecops import dedupe
from devsecops.model import HttpLocation, Kind, Message, Outcome, Policy, Rule, Severity, Status, Suppression
from devsecops.writers import csv as table
from devsecops.writers import parts
from tests.difficult import judged, outcomes
from tests.factory import execution, result, vulnerable

SIGNS = set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def written(outcome: Outcome) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(table.write(outcome)).decode(), newline=""), strict=True))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_any_outcome_is_a_row_a_finding_and_a_row_a_gap(outcome: Outcome) -> None:
    data = b"".join(table.write(outcome)).decode()
    rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    assert rows[0] == list(table.COLUMNS)
    assert len(rows) == 1 + len(dedupe.findings(outcome.results)) + len(parts.gaps(outcome))
    assert data.count("\r\n") == len(rows)
    for row in rows:
        assert len(row) == len(table.COLUMNS)
        assert not any(cell[:1] in SIGNS for cell in row)


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", "a;=1", "a; @x"])
def test_no_cell_is_a_formula(evil: str) -> None:
    (row,) = written(Outcome(results=(result(message=evil),)))
    cells = [cell.strip() for cell in row["message"].split(";")]
    assert not any(cell[:1] in SIGNS for cell in cells)
    assert row["message"].replace("'", "") == " ".join(evil.split())


def test_rows() -> None:
    outcome = judged(
        Outcome(
            executions=(
                execution("pip-audit", kind=Kind.DEPENDENCIES),
                execution(
                    status=Status.FAILED, messages=(Message(id="failed", text="a"), Message(id="failed", text="b"))
                ),
            ),
            results=(
                vulnerable(
                    "flask",
                    "PYSEC-1",
                    "CVE-1",
                    rule=Rule(id="PYSEC-1", name="Cookies, leaked", uri="https://x.example/1", cwe=(79, 80)),
                    fixed=("1.2", "2.0"),
                    score=9.1,
                    severity=Severity.CRITICAL,
                    message='say "x"',
                    fingerprints=("p",),
                ),
                result(fingerprints=("s",), suppressions=(Suppression(),), location=HttpLocation(url="http://x/")),
            ),
        )
    )
    first, second, gap = written(outcome)
    assert first == {
        "state": "new",
        "fails": "yes",
        "severity": "critical",
        "score": "9.1",
        "service": "web",
        "kind": "dependencies",
        "title": "flask 1.0: CVE-1: Cookies, leaked",
        "place": "a/lock:3",
        "path": "a/lock",
        "line": "3",
        "package": "flask",
        "version": "1.0",
        "fixed": "1.2, 2.0",
        "identifiers": "CVE-1, PYSEC-1",
        "cwe": "CWE-79, CWE-80",
        "scanners": "pip-audit",
        "rule": "PYSEC-1",
        "message": 'say "x"',
        "uri": "https://x.example/1",
        "fingerprint": "p",
    }
    assert (second["state"], second["fails"], second["place"], second["path"]) == (
        "suppressed",
        "no",
        "GET http://x/",
        "",
    )
    assert (gap["state"], gap["fails"], gap["title"], gap["message"]) == (
        "not-checked",
        "yes",
        "bandit: failed",
        "a; b",
    )


def test_a_gap_that_is_allowed_does_not_fail() -> None:
    crashed = Outcome(executions=(execution(status=Status.FAILED),), policy=Policy(allow_incomplete=True))
    assert written(crashed)[0]["fails"] == "no"
