"""JSON lines: a line on the scan, then a line a finding, with the same keys always."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import HealthCheck, given, settings

from devsecops import dedupe
from devsecops.model import FileLocation, Message, Outcome, Reason, Rule, Service, Status, Verdict, VerdictState
from devsecops.writers import jsonl
from tests.conftest import CHECKOUT
from tests.difficult import outcomes
from tests.factory import execution, result


def written(outcome: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in b"".join(jsonl.write(outcome)).splitlines()]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_any_outcome_is_a_line_on_the_scan_and_a_line_a_finding(outcome: Outcome) -> None:
    scan, *found = written(outcome)
    assert scan["type"] == "scan"
    assert scan["findings"] == len(found) == len(dedupe.findings(outcome.results))
    assert {tuple(one) for one in found} <= {tuple(found[0]) if found else ()}
    failing = any(reason.fingerprints for reason in outcome.verdict.reasons)
    assert any(one["fails"] for one in found) == failing


def test_lines() -> None:
    found = result(
        rule=Rule(id="B602", name="Shell", uri="javascript:x", cwe=(78,)),
        location=FileLocation(path="a.py", line=7),
        score=7.5,
        fingerprints=("rule/v1:ab",),
        message="one\ntwo",
    )
    outcome = Outcome(
        services=(Service(name="web"),),
        executions=(execution(status=Status.PARTIAL, messages=(Message(id="not-examined", text="x", path="b.py"),)),),
        results=(found,),
        verdict=Verdict(
            state=VerdictState.INCOMPLETE, reasons=(Reason(text="1 finding", fingerprints=("rule/v1:ab",)),)
        ),
    )
    scan, line = written(outcome)
    assert scan == {
        "type": "scan",
        "version": 1,
        "verdict": "incomplete",
        "reasons": ["1 finding"],
        "findings": 1,
        "baseline": "",
        "services": ["web"],
        "not_checked": [{"text": "bandit: partial", "details": ["b.py: x"], "asked": True}],
    }
    assert line == {
        "type": "finding",
        "fingerprint": "rule/v1:ab",
        "state": "new",
        "fails": True,
        "severity": "high",
        "score": 7.5,
        "vector": "",
        "confidence": None,
        "kind": "sast",
        "service": "web",
        "scanners": ["bandit"],
        "rule": {"id": "B602", "name": "Shell", "uri": "", "cwe": [78], "owasp": []},
        "identifiers": [],
        "message": "one\ntwo",
        "location": {"type": "file", "path": "a.py", "line": 7},
        "other_places": [],
        "evidence": "",
        "fixed": [],
        "reasons": [],
    }


def test_every_key_is_documented() -> None:
    text = (CHECKOUT / "docs" / "reports.md").read_text()
    for line in written(Outcome(results=(result(),))):
        for key in line:
            assert re.search(rf"`{key}`", text), key
