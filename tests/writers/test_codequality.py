"""GitLab Code Quality: every issue is valid, as GitLab stops reading at the first that is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from devsecops import dedupe
from devsecops.model import (
    Baseline,
    FileLocation,
    HttpLocation,
    Message,
    Outcome,
    Rule,
    Severity,
    State,
    Status,
    Suppression,
)
from devsecops.writers import codequality, parts
from tests.difficult import OUTCOMES, outcomes
from tests.factory import execution, result, vulnerable


def written(outcome: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(b"".join(codequality.write(outcome)))
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_every_issue_of_any_outcome_is_valid_and_none_is_lost(outcome: Outcome) -> None:
    found = written(outcome)
    for issue in found:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["description"]
        assert issue["check_name"]
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        path = issue["location"]["path"]
        assert path
        assert not path.startswith(("/", "./"))
        assert issue["location"]["lines"]["begin"] >= 1
    assert len({issue["fingerprint"] for issue in found}) == len(found)
    standing = [one for one in dedupe.findings(outcome.results) if one.state in {State.NEW, State.KNOWN}]
    assert len(found) == len(standing) + sum(gap.serious for gap in parts.gaps(outcome))


def test_an_issue() -> None:
    found = result(
        rule=Rule(id="B602", name="Shell"),
        message="A shell runs this.",
        location=FileLocation(path="./web//a.py", line=7, end_line=9),
        fingerprints=("rule/v1:ab",),
    )
    (issue,) = written(Outcome(executions=(execution(),), results=(found,)))
    assert issue == {
        "description": "Shell: A shell runs this.",
        "check_name": "bandit/B602",
        "fingerprint": issue["fingerprint"],
        "severity": "critical",
        "location": {"path": "web/a.py", "lines": {"begin": 7, "end": 9}},
    }
    moved = result(location=FileLocation(path="web/a.py", line=70), fingerprints=("rule/v1:ab",))
    assert written(Outcome(results=(moved,)))[0]["fingerprint"] == issue["fingerprint"]


@pytest.mark.parametrize(
    ("severity", "word"),
    list(zip(Severity, ["blocker", "critical", "major", "minor", "info", "critical"], strict=True)),
)
def test_severities(severity: Severity, word: str) -> None:
    assert written(Outcome(results=(result(severity=severity),)))[0]["severity"] == word


def test_what_is_about_no_file_has_a_path_and_fixes_are_named() -> None:
    request = result(location=HttpLocation(url="https://shop.example/a"), fingerprints=("a",))
    package = vulnerable("flask", "PYSEC-1", "CVE-1", fixed=("1.2",), message="flask: bad", fingerprints=("b",))
    paths = {issue["location"]["path"]: issue for issue in written(Outcome(results=(request, package)))}
    assert set(paths) == {"shop.example/a", "a/lock"}
    assert paths["a/lock"]["description"] == "flask 1.0: CVE-1: flask: bad (upgrade to 1.2)"


def test_what_was_not_examined_is_an_issue_and_what_was_not_asked_for_is_none() -> None:
    failed = execution(status=Status.FAILED, messages=(Message(id="failed", text="ended with exit code 3"),))
    (issue,) = written(Outcome(executions=(failed, execution("zizmor", Status.MISSING, asked=False))))
    assert issue["description"] == "Not checked: bandit: failed: ended with exit code 3"
    assert issue["severity"] == "blocker"


def test_silenced_findings_are_left_out_and_known_ones_stay() -> None:
    found = (
        result(fingerprints=("a",), baseline=Baseline.UNCHANGED),
        result(fingerprints=("b",), suppressions=(Suppression(),)),
    )
    assert len(written(Outcome(results=found))) == 1
    assert written(OUTCOMES["empty"]) == []
