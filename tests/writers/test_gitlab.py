"""GitLab's security reports: their schemas accept whatever the outcome, and each finding stands in one of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings

from devsecops import dedupe
from devsecops.model import (
    Baseline,
    DataSource,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Message,
    Outcome,
    PackageLocation,
    Rule,
    Severity,
    State,
    Status,
    Suppression,
    Tool,
)
from devsecops.writers import GITLAB_SCHEMAS, WRITERS, writer
from devsecops.writers.gitlab_native import SCHEMAS
from tests.conftest import SHARED
from tests.difficult import OUTCOMES, outcomes
from tests.factory import execution, result, vulnerable

REPORTS = [name for name in WRITERS if name.startswith("gitlab-") and "native" in WRITERS[name]]


@cache
def validator(report: str, schema: str) -> Any:
    path = (
        SHARED
        / "data"
        / "schemas"
        / "gitlab"
        / SCHEMAS[schema]
        / f"{report.removeprefix('gitlab-')}-report-format.json"
    )
    return jsonschema.Draft7Validator(json.loads(path.read_bytes()))


def written(report: str, outcome: Outcome, schema: str = "") -> Any:
    return json.loads(b"".join(writer(report, gitlab_schema=schema)(outcome)))


def only(report: str, outcome: Outcome) -> Any:
    (found,) = written(report, outcome)["vulnerabilities"]
    return found


def check(report: str, outcome: Outcome, schema: str) -> None:
    found = written(report, outcome, schema)
    errors = [f"{list(error.path)}: {error.message[:300]}" for error in validator(report, schema).iter_errors(found)]
    assert not errors
    ids = [one["id"] for one in found["vulnerabilities"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.needs("shared")
@pytest.mark.parametrize("schema", GITLAB_SCHEMAS)
@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("case", OUTCOMES)
def test_the_schema_accepts_difficult_outcomes(report: str, case: str, schema: str) -> None:
    check(report, OUTCOMES[case], schema)


@pytest.mark.needs("shared")
@pytest.mark.parametrize("schema", GITLAB_SCHEMAS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_the_schema_accepts_any_outcome(schema: str, outcome: Outcome) -> None:
    for report in REPORTS:
        check(report, outcome, schema)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
@example(OUTCOMES["places"])
def test_each_finding_that_stands_is_in_one_report(outcome: Outcome) -> None:
    standing = [one for one in dedupe.findings(outcome.results) if one.state in {State.NEW, State.KNOWN}]
    assert sum(len(written(report, outcome)["vulnerabilities"]) for report in REPORTS) == len(standing)


def test_formats_and_schemas_are_the_same_in_the_table_and_the_module() -> None:
    assert set(GITLAB_SCHEMAS) == set(SCHEMAS)
    assert len(REPORTS) == 5


@pytest.mark.parametrize(
    ("kind", "report"),
    [
        (Kind.SAST, "gitlab-sast"),
        (Kind.CI, "gitlab-sast"),
        (Kind.IAC, "gitlab-sast"),
        (Kind.API, "gitlab-sast"),
        (Kind.SECRETS, "gitlab-secret-detection"),
        (Kind.DEPENDENCIES, "gitlab-dependency-scanning"),
        (Kind.IMAGE, "gitlab-container-scanning"),
        (Kind.DAST, "gitlab-dast"),
    ],
)
def test_the_kind_of_the_scanner_decides_the_report(kind: Kind, report: str) -> None:
    outcome = Outcome(executions=(execution("x", kind=kind),), results=(result(scanner="x"),))
    assert only(report, outcome)
    assert written(report, outcome)["scan"]["status"] == "success"


def test_without_an_execution_fingerprint_and_place_decide() -> None:
    found = (
        result(fingerprints=("secret/v1:1",)),
        vulnerable(fingerprints=("advisory/v1:1",)),
        result(location=HttpLocation(url="https://x.example/")),
    )
    outcome = Outcome(results=found)
    counts = {report: len(written(report, outcome)["vulnerabilities"]) for report in REPORTS}
    assert [counts[name] for name in REPORTS] == [0, 1, 1, 0, 1]


def test_a_vulnerability_in_source() -> None:
    first = result(
        rule=Rule(
            id="B602", name="Shell", help="Pass a list.", uri="https://x.example/B602", cwe=(78,), owasp=("A03:2021",)
        ),
        location=FileLocation(path="web/a.py", line=7, end_line=8),
        message="A shell runs [this](http://evil.example), @all.",
        evidence="call(x)",
        fingerprints=("rule/v1:ab", "weakness/v1:cd"),
    )
    second = result(scanner="semgrep", rule=Rule(id="sh"), severity=Severity.LOW, fingerprints=("weakness/v1:cd",))
    outcome = Outcome(executions=(execution(), execution("semgrep")), results=(second, first))
    place = {"file": "web/a.py", "start_line": 7, "end_line": 8}
    found = only("gitlab-sast", outcome)
    assert found.pop("id") == only("gitlab-sast", outcome)["id"]
    assert found == {
        "name": "Shell",
        "description": "A shell runs \\[this](http://evil.example), \\@all.\n\nPass a list.\n\nAlso at a.py:1.\n\n"
        "Found by bandit B602, semgrep sh.",
        "severity": "High",
        "identifiers": [
            {"type": "bandit_rule_id", "name": "bandit B602", "value": "B602"},
            {"type": "semgrep_rule_id", "name": "semgrep sh", "value": "sh"},
            {"type": "cwe", "name": "CWE-78", "value": "78", "url": "https://cwe.mitre.org/data/definitions/78.html"},
            {"type": "owasp", "name": "A03:2021", "value": "A03:2021"},
        ],
        "links": [{"url": "https://x.example/B602"}],
        "location": place,
        "raw_source_code_extract": "call(x)",
        "tracking": {
            "type": "source",
            "items": [place | {"signatures": [{"algorithm": "hash", "value": "rule/v1:ab"}]}],
        },
    }


def test_a_vulnerable_package_is_known_by_its_cve_whoever_reports_it() -> None:
    pypa = vulnerable("flask", "PYSEC-1", "CVE-2026-1234", "GHSA-aaaa-bbbb-cccc", fixed=("1.2", "2.0"))
    ghsa = vulnerable("flask", "GHSA-aaaa-bbbb-cccc", "CVE-2026-1234", "PYSEC-1")
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    executions = (execution("pip-audit", kind=Kind.DEPENDENCIES),)
    names = []
    for one in (pypa, ghsa):
        found = only("gitlab-dependency-scanning", Outcome(executions=executions, results=(one,)))
        names.append([(name["type"], name["value"]) for name in found["identifiers"]][:3])
    assert names[0] == names[1]
    assert names[0] == [("cve", "CVE-2026-1234"), ("ghsa", "GHSA-aaaa-bbbb-cccc"), ("osv", "PYSEC-1")]
    scored = vulnerable("flask", "CVE-2026-1234", fixed=("1.2",), vector=vector)
    found = only("gitlab-dependency-scanning", Outcome(executions=executions, results=(scored,)))
    assert found["solution"] == "Upgrade to 1.2."
    assert found["cvss_vectors"] == [{"vendor": "unknown", "vector": vector}]
    assert found["location"] == {"file": "a/lock", "dependency": {"package": {"name": "flask"}, "version": "1.0"}}


def test_15_0_lists_the_files_of_vulnerable_packages() -> None:
    found = (vulnerable("flask", path="a/uv.lock"), vulnerable("django", "PYSEC-2", path="b/requirements.txt"))
    outcome = Outcome(executions=(execution("pip-audit", kind=Kind.DEPENDENCIES),), results=found)
    assert written("gitlab-dependency-scanning", outcome, "15.0")["dependency_files"] == [
        {
            "path": "a/uv.lock",
            "package_manager": "uv",
            "dependencies": [{"package": {"name": "flask"}, "version": "1.0"}],
        },
        {
            "path": "b/requirements.txt",
            "package_manager": "pip",
            "dependencies": [{"package": {"name": "django"}, "version": "1.0"}],
        },
    ]
    assert "dependency_files" not in written("gitlab-dependency-scanning", outcome)


def test_a_package_of_an_image() -> None:
    location = PackageLocation(purl="pkg:deb/debian/zlib1g@1.2?arch=amd64&distro=debian-12", path="shop/web")
    executions = (execution("trivy", kind=Kind.IMAGE, target="registry.example/shop/web:1"),)
    outcome = Outcome(executions=executions, results=(result(scanner="trivy", location=location),))
    assert only("gitlab-container-scanning", outcome)["location"] == {
        "image": "registry.example/shop/web:1",
        "operating_system": "debian 12",
        "dependency": {"package": {"name": "debian/zlib1g"}, "version": "1.2"},
    }


def test_a_secret_has_a_commit_and_a_request_its_host() -> None:
    secret = Outcome(executions=(execution("gitleaks", kind=Kind.SECRETS),), results=(result(scanner="gitleaks"),))
    found = only("gitlab-secret-detection", secret)["location"]
    assert found == {"file": "a.py", "start_line": 1, "end_line": 1, "commit": {"sha": "0" * 40}}
    location = HttpLocation(url="https://shop.example:8443/find?q=1", method="POST", parameter="q")
    zap = execution("zap", kind=Kind.DAST, target="https://shop.example:8443")
    request = Outcome(executions=(zap,), results=(result(scanner="zap", location=location, evidence="<b>"),))
    found = only("gitlab-dast", request)
    assert found["location"] == {
        "hostname": "https://shop.example:8443",
        "path": "/find?q=1",
        "method": "POST",
        "param": "q",
    }
    assert found["evidence"]["summary"] == "<b>"
    assert {one["url"] for one in written("gitlab-dast", request)["scan"]["scanned_resources"]} == {
        "https://shop.example:8443",
        "https://shop.example:8443/find?q=1",
    }


def test_known_findings_stay_and_silenced_ones_are_counted() -> None:
    found = (
        result(fingerprints=("a",)),
        result(fingerprints=("b",), baseline=Baseline.UNCHANGED),
        result(fingerprints=("c",), suppressions=(Suppression(),)),
        result(fingerprints=("d",), suppressions=(Suppression(external=True),)),
    )
    report = written("gitlab-sast", Outcome(executions=(execution(),), results=found))
    assert len(report["vulnerabilities"]) == 2
    assert report["scan"]["messages"] == [{"level": "info", "value": "left out of this report: 1 suppressed, 1 waived"}]


@pytest.mark.parametrize("status", [Status.PARTIAL, Status.FAILED, Status.MISSING, Status.TIMED_OUT])
def test_what_is_not_complete_is_a_failure_with_its_messages(status: Status) -> None:
    gap = Message(id="not-examined", text="does not parse", path="a.py")
    scan = written("gitlab-sast", Outcome(executions=(execution(), execution("semgrep", status, messages=(gap,)))))[
        "scan"
    ]
    assert scan["status"] == "failure"
    assert {"level": "warn", "value": "a.py: does not parse"} in scan["messages"]
    other = written("gitlab-secret-detection", Outcome(executions=(execution("gitleaks", kind=Kind.SECRETS),)))["scan"]
    assert other["status"] == "success"


@pytest.mark.parametrize(
    "executions",
    [(), (execution(),), (execution("trivy", Status.MISSING, kind=Kind.IMAGE, asked=False),)],
    ids=["nothing ran", "only others ran", "not installed"],
)
def test_a_report_of_a_kind_that_nothing_examined_is_a_failure(executions: tuple[Execution, ...]) -> None:
    scan = written("gitlab-container-scanning", Outcome(executions=executions))["scan"]
    assert scan["status"] == "failure"
    assert scan["messages"][0]["level"] == "fatal"


def test_a_kind_with_nothing_to_examine_is_a_success() -> None:
    outcome = Outcome(executions=(execution("trivy", Status.NOT_APPLICABLE, kind=Kind.IMAGE),))
    assert written("gitlab-container-scanning", outcome)["scan"]["status"] == "success"


def test_lock_files_that_nothing_audits_are_said_where_they_belong() -> None:
    note = Message(id="not-covered", text="not covered: npm dependencies of web")
    outcome = Outcome(executions=(execution(), execution("pip-audit", kind=Kind.DEPENDENCIES)), notes=(note,))
    said = {"level": "warn", "value": "not covered: npm dependencies of web"}
    assert written("gitlab-dependency-scanning", outcome)["scan"]["messages"] == [said]
    assert written("gitlab-sast", outcome)["scan"]["messages"] == []


def test_messages_beyond_a_hundred_are_counted() -> None:
    messages = written("gitlab-sast", OUTCOMES["gaps"])["scan"]["messages"]
    assert len(messages) == 100
    assert messages[-1] == {"level": "warn", "value": "and 205 more messages, see the other reports"}


def test_times_are_those_of_the_data_or_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert written("gitlab-sast", Outcome())["scan"]["start_time"] == "1970-01-01T00:00:00"
    data = (DataSource(name="OSV", date="2026-07-14T01:02:03Z"), DataSource(name="old", date="2025-01-01T00:00:00Z"))
    dated = Outcome(executions=(execution(tool=Tool(name="bandit", data=data)),))
    assert written("gitlab-sast", dated)["scan"]["end_time"] == "2026-07-14T01:02:03"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert written("gitlab-sast", dated)["scan"]["start_time"] == "1970-01-02T00:00:00"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "99999999999999999999")
    assert written("gitlab-sast", dated)["scan"]["start_time"] == "2026-07-14T01:02:03"


def test_long_texts_are_cut_with_a_mark() -> None:
    long = result(rule=Rule(id="r" * 900, name="n" * 900, help="h" * 2_000_000), message="m" * 2_000_000)
    found = only("gitlab-sast", Outcome(executions=(execution(),), results=(long,)))
    assert len(found["name"]) == 255
    assert found["name"].endswith("…")
    assert found["description"].endswith("…")
    assert len(found["description"]) <= 20_000
    assert all(len(text) <= 255 for name in found["identifiers"] for text in name.values())
