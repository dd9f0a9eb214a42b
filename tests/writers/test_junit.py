"""JUnit: red exactly where the verdict is not "passed", and well-formed whatever the text."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, given, settings

from devsecops import dedupe
from devsecops.model import (
    Coverage,
    FileLocation,
    Kind,
    Message,
    Outcome,
    Policy,
    Rule,
    Severity,
    Status,
    Suppression,
    VerdictState,
)
from devsecops.writers import junit
from tests.difficult import OUTCOMES, hostile, judged, outcomes
from tests.factory import execution, result


def written(outcome: Outcome) -> ET.Element:
    return ET.fromstring(b"".join(junit.write(outcome)))


def became(suite: ET.Element) -> dict[str, str]:
    """What became of each test of a suite, by its name."""
    return {case.get("name", ""): case[0].tag if len(case) else "passed" for case in suite}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_any_outcome_is_red_exactly_where_the_verdict_is(outcome: Outcome) -> None:
    root = written(outcome)
    assert bool(root.findall(".//failure") + root.findall(".//error")) == (
        outcome.verdict.state is not VerdictState.PASSED
    )
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite) > 0
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count, "")) == len(suite.findall(f"./testcase/{tag}"))
    of_scan = re.compile(r"coverage|verdict|note \d+")
    cases = [case for case in root.iter("testcase") if not of_scan.fullmatch(case.get("name", ""))]
    assert len(cases) == len(dedupe.findings(outcome.results))
    assert not any(len(case) == 0 for case in cases), "no finding is green"


def test_a_whole_document() -> None:
    outcome = judged(
        Outcome(
            executions=(
                execution(),
                execution(
                    "semgrep",
                    Status.PARTIAL,
                    coverage=Coverage(expected=3, examined=2),
                    messages=(Message(id="not-parsed", text="does not parse", path="b.py"),),
                ),
                execution("zap", Status.NOT_APPLICABLE, kind=Kind.DAST),
                execution("zizmor", Status.MISSING, kind=Kind.CI, asked=False),
            ),
            results=(
                result(fingerprints=("a",), rule=Rule(id="B602", name="Shell"), evidence="call(x)"),
                result(fingerprints=("b",), severity=Severity.LOW, location=FileLocation(path="b.py", line=2)),
                result(fingerprints=("c",), suppressions=(Suppression(),), location=FileLocation(path="c.py", line=3)),
                result(scanner="other", fingerprints=("d",), location=FileLocation(path="d.py")),
            ),
        )
    )
    root = written(outcome)
    assert {suite.get("name"): became(suite) for suite in root} == {
        "devsecops": {"verdict": "error"},
        "bandit": {
            "coverage": "passed",
            "Shell at a.py:1": "failure",
            "B602 at b.py:2": "skipped",
            "B602 at c.py:3": "skipped",
        },
        "semgrep": {"coverage": "error"},
        "zap": {"coverage": "skipped"},
        "zizmor": {"coverage": "skipped"},
        "other": {"coverage": "skipped", "B602 at d.py": "failure"},
    }
    (error,) = root.findall("./testsuite[@name='semgrep']/testcase/error")
    assert error.text == "semgrep: partial, 2 of 3 files examined\nb.py: does not parse"
    (failure,) = root.findall("./testsuite[@name='bandit']/testcase/failure")
    assert failure.text == "high, new: a.py:1\nm\ncall(x)\n(bandit B602)"
    (case,) = root.findall(".//testcase[@name='Shell at a.py:1']")
    assert (case.get("classname"), case.get("file"), case.get("line")) == ("bandit.B602", "a.py", "1")


def test_a_crash_that_is_allowed_is_not_red_and_never_green() -> None:
    crashed = execution(status=Status.FAILED)
    root = written(judged(Outcome(executions=(crashed,), policy=Policy(allow_incomplete=True))))
    assert became(root[1]) == {"coverage": "skipped"}
    assert became(written(judged(Outcome(executions=(crashed,))))[1]) == {"coverage": "error"}


def test_findings_of_a_scanner_with_several_executions_stand_with_the_right_one() -> None:
    trivy = (execution("trivy", kind=Kind.IMAGE, target="shop/web"), execution("trivy", kind=Kind.SECRETS))
    root = written(Outcome(executions=trivy, results=(result(scanner="trivy", fingerprints=("secret/v1:1",)),)))
    assert [len(suite) for suite in root] == [1, 1, 2]
    assert [suite.get("name") for suite in root] == ["devsecops", "trivy on shop/web", "trivy"]


def test_hostile_text_is_only_text() -> None:
    data = b"".join(junit.write(hostile()))
    root = ET.fromstring(data)
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
        "skipped",
    }
    assert b"system-out" not in data  # GitLab takes attachments from there
    assert {element.get("type") for element in root.iter() if element.get("type")} <= {
        *(severity.value for severity in Severity),
        *(status.value for status in Status),
        *(state.value for state in VerdictState),
        "unknown",
        "note",
    }


def test_long_lists_are_counted() -> None:
    (error,) = written(OUTCOMES["gaps"]).findall("./testsuite[@name='bandit']/testcase/error")
    assert error.text
    assert error.text.endswith("and 250 more")
