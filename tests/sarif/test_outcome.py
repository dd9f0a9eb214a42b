"""An outcome survives being SARIF, and what is changed in the SARIF is found again."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops.errors import ReportError
from devsecops.model import (
    Baseline,
    Component,
    Confidence,
    Contents,
    Coverage,
    DataSource,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Message,
    Outcome,
    PackageLocation,
    Policy,
    Reason,
    Result,
    Rule,
    Service,
    Severity,
    State,
    Status,
    Suppression,
    Tool,
    Verdict,
    VerdictState,
)
from devsecops.sarif import from_sarif, to_sarif

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
PATH = NAME.filter(lambda path: "\0" not in path)
HEX = st.text("0123456789abcdef", min_size=4, max_size=8)
COUNT = st.integers(0, 9)
TEXTS = st.lists(NAME, max_size=3).map(tuple)

messages = st.builds(
    Message,
    id=st.sampled_from(["not-examined", "failed", "stderr"]),
    text=TEXT,
    level=st.sampled_from(["error", "warning", "note"]),
    path=st.just("") | PATH,
).flatmap(
    lambda message: st.builds(
        Message,
        id=st.just(message.id),
        text=st.just(message.text),
        level=st.just(message.level),
        path=st.just(message.path),
        line=COUNT if message.path else st.just(0),
        package=st.just("") | NAME,
    )
)
tools = st.builds(
    Tool,
    name=st.sampled_from(["bandit", "semgrep", "zap"]),
    version=st.just("") | st.just("1.2.3"),
    digest=st.just("") | HEX.map("sha256:{}".format),
    uri=st.just("") | st.just("https://example.com"),
    data=st.lists(
        st.builds(DataSource, name=NAME, date=st.just("") | st.just("2026-01-01T00:00:00Z"), digest=st.just("") | HEX),
        max_size=2,
    ).map(tuple),
)
executions = st.builds(
    Execution,
    tool=tools,
    kind=st.sampled_from(Kind),
    status=st.sampled_from(Status),
    target=st.just("") | NAME,
    asked=st.booleans(),
    exit_code=st.none() | st.integers(-15, 255),
    coverage=st.none() | st.builds(Coverage, unit=st.just("files"), expected=COUNT, examined=COUNT),
    messages=st.lists(messages, max_size=3).map(tuple),
)
files = st.builds(FileLocation, path=PATH) | st.builds(
    FileLocation,
    path=PATH,
    line=st.integers(1, 99),
    column=COUNT,
    end_line=st.just(0) | st.integers(100, 120),
    end_column=st.just(0) | st.integers(9, 20),
)
packages = st.builds(PackageLocation, purl=NAME.map("pkg:pypi/{}@1".format), path=PATH, line=COUNT)
requests = st.builds(
    HttpLocation,
    url=NAME.map("https://{}".format),
    method=st.sampled_from(["GET", "PUT"]),
    parameter=st.just("") | NAME,
)
rules = st.builds(
    Rule,
    id=st.sampled_from(["A", "B", "C/1"]),
    name=TEXT,
    help=TEXT,
    uri=st.just("") | st.just("https://example.com/rule"),
    cwe=st.lists(st.integers(1, 1400), max_size=2).map(tuple),
    owasp=st.lists(st.sampled_from(["A01:2021", "A03:2021"]), max_size=2).map(tuple),
)
fingerprints = st.lists(
    st.builds("{}/v1:{}".format, st.sampled_from(["rule", "weakness", "advisory"]), HEX), max_size=4, unique=True
).map(tuple)
results = st.builds(
    Result,
    scanner=st.sampled_from(["bandit", "semgrep", "zap"]),
    rule=rules,
    severity=st.sampled_from(Severity),
    message=TEXT,
    location=files | packages | requests,
    service=st.just("") | NAME,
    score=st.none() | st.integers(0, 100).map(lambda tenths: tenths / 10),
    vector=st.just("") | NAME,
    confidence=st.none() | st.sampled_from(Confidence),
    aliases=TEXTS,
    fixed=TEXTS,
    kev=st.none() | st.booleans(),
    epss=st.none() | st.integers(0, 1000).map(lambda thousandths: thousandths / 1000),
    since=st.just("") | st.just("2026-03-01"),
    evidence=TEXT,
    fingerprints=fingerprints,
    suppressions=st.lists(st.builds(Suppression, external=st.booleans(), reason=TEXT), max_size=2, unique=True).map(
        tuple
    ),
    baseline=st.sampled_from(Baseline),
)
services = st.builds(Service, name=NAME, folder=PATH, languages=TEXTS, reasons=TEXTS, owners=TEXTS)
contents = st.builds(
    Contents,
    path=PATH,
    service=NAME,
    kind=st.sampled_from(["lock", "image", "sbom"]),
    digest=st.just("") | HEX,
    components=st.lists(st.builds(Component, purl=NAME, line=COUNT), max_size=2).map(tuple),
    partial=st.booleans(),
)
verdicts = st.builds(
    Verdict,
    state=st.sampled_from(VerdictState),
    reasons=st.lists(st.builds(Reason, text=TEXT, policy=TEXT, fingerprints=TEXTS), max_size=2).map(tuple),
)
policies = st.builds(
    Policy,
    fail_on=st.none() | st.sampled_from(Severity),
    require=st.lists(st.sampled_from(Kind), max_size=2).map(tuple),
    allow_incomplete=st.booleans(),
    origin=TEXT,
)


def in_order(found: Outcome) -> Outcome:
    """The outcome as a scan gives it: executions and results of one scanner together, in the order of runs."""

    def order(tool: Tool) -> tuple[str, str, str]:
        return tool.name, tool.version, tool.digest

    by_tool: dict[Tool, list[Execution]] = {}
    for execution in found.executions:
        by_tool.setdefault(execution.tool, []).append(execution)
    ordered = sorted(by_tool, key=order)
    return Outcome(
        services=found.services,
        executions=tuple(execution for tool in ordered for execution in by_tool[tool]),
        results=tuple(sorted(found.results, key=lambda result: result.scanner)),
        notes=found.notes,
        contents=found.contents,
        revision=found.revision,
        baseline=found.baseline,
        policy=found.policy,
        verdict=found.verdict,
    )


outcomes = st.builds(
    Outcome,
    services=st.lists(services, max_size=2).map(tuple),
    executions=st.lists(executions, max_size=3, unique_by=lambda execution: execution.tool.name).map(tuple),
    results=st.lists(results, max_size=4).map(tuple),
    notes=st.lists(messages, max_size=2).map(tuple),
    contents=st.lists(contents, max_size=2).map(tuple),
    revision=TEXT,
    baseline=TEXT,
    policy=policies,
    verdict=verdicts,
).map(in_order)


def written(outcome: Outcome) -> bytes:
    return b"".join(to_sarif(outcome))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_reading_back_gives_the_equal_outcome(outcome: Outcome) -> None:
    assert from_sarif(written(outcome)) == outcome


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes.filter(lambda outcome: outcome.results), st.data())
def test_what_is_changed_in_the_log_is_found_again(outcome: Outcome, data: st.DataObject) -> None:
    log = json.loads(written(outcome))
    places = [(run, at) for run in log["runs"] for at in range(len(run["results"]))]
    chosen = data.draw(st.integers(0, len(places) - 1))
    run, at = places[chosen]
    change = data.draw(st.sampled_from(["delete", "level", "suppression"]))
    if change == "delete":
        del run["results"][at]
        expected = outcome.results[:chosen] + outcome.results[chosen + 1 :]
        assert from_sarif(json.dumps(log).encode()).results == expected
    elif change == "level":
        level, severity = data.draw(st.sampled_from([("note", Severity.LOW), ("none", Severity.INFO)]))
        run["results"][at]["level"] = level
        assert from_sarif(json.dumps(log).encode()).results[chosen].severity is severity
    else:
        run["results"][at]["suppressions"] = [{"kind": "external", "justification": "because"}]
        found = from_sarif(json.dumps(log).encode()).results[chosen]
        assert found.suppressions == (Suppression(external=True, reason="because"),)
        assert found.state in {State.WAIVED, State.FIXED}


def result(**fields: Any) -> Result:
    base: dict[str, Any] = {
        "scanner": "bandit",
        "rule": Rule(id="B602"),
        "severity": Severity.HIGH,
        "message": "m",
        "location": FileLocation(path="a.py", line=1),
    }
    return Result(**base | fields)


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.UNKNOWN, "warning"),
        (Severity.LOW, "note"),
        (Severity.INFO, "none"),
    ],
)
def test_severity_stands_in_the_level_and_only_finer_ones_in_the_bag(severity: Severity, level: str) -> None:
    found = json.loads(written(Outcome(results=(result(severity=severity),))))["runs"][0]["results"][0]
    assert found["level"] == level
    said = found.get("properties", {}).get("devsecops", {}).get("severity")
    assert said == (severity.value if severity in {Severity.CRITICAL, Severity.UNKNOWN} else None)


def test_a_raised_level_wins_over_a_finer_severity_that_no_longer_fits() -> None:
    log = json.loads(written(Outcome(results=(result(severity=Severity.UNKNOWN),))))
    log["runs"][0]["results"][0]["level"] = "error"
    assert from_sarif(json.dumps(log).encode()).results[0].severity is Severity.HIGH


@pytest.mark.parametrize("suppression", [{"kind": "inSource", "status": "underReview"}, {"kind": "made up"}, {}])
def test_a_suppression_under_review_or_of_no_kind_silences_nothing(suppression: dict[str, str]) -> None:
    log = json.loads(written(Outcome(results=(result(),))))
    log["runs"][0]["results"][0]["suppressions"] = [suppression]
    assert from_sarif(json.dumps(log).encode()).results[0].state is State.NEW


def test_security_severity_is_the_score_else_a_number_of_the_band_and_absent_when_unknown() -> None:
    def said(*found: Result) -> str | None:
        rule = json.loads(written(Outcome(results=found)))["runs"][0]["tool"]["driver"]["rules"][0]
        value: str | None = rule["properties"].get("security-severity")
        return value

    assert said(result(score=7.2)) == "7.2"
    assert said(result(severity=Severity.CRITICAL)) == "9.5"
    assert said(result(severity=Severity.LOW), result(severity=Severity.MEDIUM)) == "5.5"
    assert said(result(severity=Severity.UNKNOWN)) is None


def test_a_failed_scanner_is_a_run_without_results_that_says_so() -> None:
    execution = Execution(tool=Tool(name="bandit"), kind=Kind.SAST, status=Status.FAILED)
    run = json.loads(written(Outcome(executions=(execution,))))["runs"][0]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False


def test_equal_outcomes_give_equal_bytes_whatever_the_order_of_rules() -> None:
    rules = [Rule(id=name) for name in "cab"]
    outcome = Outcome(results=tuple(result(rule=rule) for rule in rules))
    assert written(outcome) == written(outcome)
    found = [rule["id"] for rule in json.loads(written(outcome))["runs"][0]["tool"]["driver"]["rules"]]
    assert found == ["a", "b", "c"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"version":"2.1.0"}',
        b'{"version":"1.0.0","runs":[]}',
        b'{"version":"2.1.0","runs":null}',
        b'{"version":"2.1.0","runs":[1]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_no_log_is_an_error_that_says_why(data: bytes) -> None:
    with pytest.raises(ReportError, match=r"log|runs"):
        from_sarif(data)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["tool", "driver", "name", "results", "level", "invocations"]), inner)
        ),
    )
)
def test_nothing_but_a_report_error_leaves_the_reader(runs: object) -> None:
    with suppress(ReportError):
        from_sarif(json.dumps({"version": "2.1.0", "runs": runs}).encode())
