"""SARIF of about a hundred real tools: read, or refused with a reason, and understood as the tool means it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops import dedupe, evidence, policy, weakness
from devsecops.errors import ReportError
from devsecops.listing import Listing
from devsecops.model import Kind, Outcome, Severity, Status
from devsecops.readers import bandit
from devsecops.readers.report import Grades
from devsecops.sarif import from_sarif, located, to_sarif
from devsecops.scanner import End, Finished, Job
from tests.conftest import SHARED

LOGS = sorted((SHARED / "data" / "sarif").glob("*/*.sarif"))


def outcome(path: Path) -> Outcome:
    return from_sarif(path.read_bytes(), groups=weakness.groups)


@pytest.mark.needs("shared")
@pytest.mark.parametrize("folder", ["valid", "invalid"])
def test_every_log_of_2_1_0_is_read_and_no_result_is_lost(folder: str) -> None:
    for path in LOGS:
        log = json.loads(path.read_bytes().decode("utf-8-sig"))
        if path.parent.name != folder or log["runs"] is None:
            continue
        found = outcome(path)
        lists = [run.get("results") for run in log["runs"]]
        some = [result for results in lists if isinstance(results, list) for result in results]
        gone = sum(one.get("kind") in {"pass", "notApplicable"} or one.get("baselineState") == "absent" for one in some)
        assert len(found.results) == len(some) - gone, path
        assert all(result.fingerprints and result.scanner and result.rule.id for result in found.results), path


@pytest.mark.needs("shared")
def test_logs_of_other_versions_and_without_runs_are_refused_with_a_reason() -> None:
    refused = Counter(refusal for path in LOGS if (refusal := refused_with(path)))
    assert len(LOGS) == 593
    assert refused.pop("runs is null: the log says nothing") == 1
    assert all(text.startswith("this is a SARIF ") for text in refused)
    others = [json.loads(path.read_bytes().decode("utf-8-sig")) for path in LOGS if path.parent.name == "other-version"]
    assert sum(refused.values()) == sum("version" in log for log in others)


def refused_with(path: Path) -> str:
    try:
        outcome(path)
    except ReportError as error:
        return error.message
    return ""


@pytest.mark.needs("shared")
def test_every_log_survives_being_one_of_ours_and_is_judged() -> None:
    for path in LOGS:
        if path.parent.name == "other-version":
            continue
        try:
            found = outcome(path)
        except ReportError:
            continue
        again = from_sarif(to_sarif(found))
        assert sorted(again.results, key=dedupe.order) == sorted(found.results, key=dedupe.order), path
        assert Counter(again.executions) == Counter(found.executions), path
        policy.judge(found.policy, dedupe.findings(found.results), found.executions, found.notes)


@pytest.mark.needs("shared")
def test_results_are_located_as_they_are_read() -> None:
    for path in LOGS[::7]:
        try:
            found = outcome(path)
        except ReportError:
            continue
        log = json.loads(path.read_bytes().decode("utf-8-sig"))
        assert tuple(result for _, _, result in located(log, groups=weakness.groups)) == found.results


H, M, L, I, C, U = (  # noqa: E741  # as short as a table needs
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.INFO,
    Severity.CRITICAL,
    Severity.UNKNOWN,
)
RECORDED: list[tuple[str, Kind, Status, dict[Severity, int]]] = [
    ("bandit/1.9.4/findings.sarif", Kind.SAST, Status.COMPLETE, {H: 5, M: 8, L: 6}),
    ("bandit/1.9.4/incomplete-mixed.sarif", Kind.SAST, Status.PARTIAL, {M: 4}),
    ("checkov/3.3.30/findings.sarif", Kind.IAC, Status.COMPLETE, {H: 42}),
    ("gitleaks/8.30.1/findings-git.sarif", Kind.SECRETS, Status.COMPLETE, {U: 7}),
    ("grype/0.120.1/findings-image-distroless.sarif", Kind.IMAGE, Status.COMPLETE, {H: 2, M: 4, L: 11}),
    ("hadolint/2.15.1/findings.sarif", Kind.IAC, Status.COMPLETE, {H: 2, M: 7, L: 2}),
    ("njsscan/1.0.2/findings.sarif", Kind.SAST, Status.COMPLETE, {H: 3}),
    ("opengrep/1.30.0/findings.sarif", Kind.SAST, Status.COMPLETE, {C: 3, H: 4, M: 1, L: 3}),
    ("osv-scanner/1.9.2/findings-requirements.sarif", Kind.DEPENDENCIES, Status.COMPLETE, {M: 19}),
    ("ruff/0.17.6/findings.sarif", Kind.SAST, Status.COMPLETE, {H: 19}),
    ("semgrep/1.182.0/findings.sarif", Kind.SAST, Status.COMPLETE, {C: 3, H: 4, M: 1, L: 3}),
    ("spectral/6.16.3/findings-oas.sarif", Kind.API, Status.COMPLETE, {H: 1, M: 8}),
    ("trivy/0.76.0/findings-fs.sarif", Kind.IAC, Status.COMPLETE, {C: 4, H: 17, M: 8, L: 17}),
    ("trivy/0.76.0/findings-image-distroless.sarif", Kind.IMAGE, Status.COMPLETE, {C: 1, H: 2, U: 9, M: 4, L: 2}),
    ("zap/2.17.0/findings-full/report.sarif.json", Kind.DAST, Status.COMPLETE, {H: 4, M: 13, L: 11, I: 4}),
    ("zizmor/1.32.0/findings.sarif", Kind.CI, Status.COMPLETE, {H: 4, M: 2}),
]
FOREIGN: list[tuple[str, str, Kind, Status, dict[Severity, int]]] = [
    ("valid/0e566c7976f5.sarif", "AndroidStudio", Kind.SAST, Status.COMPLETE, {M: 1}),
    ("valid/1e0e2a1a93e4.sarif", "BinSkim", Kind.SAST, Status.PARTIAL, {H: 187}),
    ("valid/56591a72aba5.sarif", "CisCat", Kind.SAST, Status.COMPLETE, {H: 1}),
    ("valid/06fd11abe2a8.sarif", "CodeQL", Kind.SAST, Status.COMPLETE, {M: 1, L: 4}),
    ("valid/75e918964bef.sarif", "Cppcheck", Kind.SAST, Status.COMPLETE, {C: 1}),
    ("valid/94effa2768e1.sarif", "Dockle", Kind.IMAGE, Status.COMPLETE, {H: 1, L: 3}),
    ("valid/d50cd7b2dc4e.sarif", "ESLint", Kind.SAST, Status.COMPLETE, {H: 1}),
    ("invalid/439dbcc36fda.sarif", "Example-Application", Kind.DEPENDENCIES, Status.COMPLETE, {C: 1, H: 2, M: 1, L: 1}),
    (
        "valid/84a9bbfdd9a7.sarif",
        "FailureLevelRoundtrippingTester",
        Kind.SAST,
        Status.COMPLETE,
        {H: 1, M: 1, L: 1, I: 2},
    ),
    ("valid/1c56bc302de9.sarif", "Flawfinder", Kind.SAST, Status.COMPLETE, {H: 3, L: 1}),
    ("valid/4ecb596b3577.sarif", "Fortify", Kind.SAST, Status.COMPLETE, {H: 33}),
    ("valid/b9d822a48c58.sarif", "Gitleaks", Kind.SECRETS, Status.COMPLETE, {U: 8}),
    ("valid/64a00e64f8ad.sarif", "Grype", Kind.IMAGE, Status.COMPLETE, {C: 1, H: 11, M: 4, L: 6}),
    ("invalid/1ea87d5c98cf.sarif", "LGTM.com", Kind.SAST, Status.COMPLETE, {H: 31, M: 122, L: 357}),
    ("valid/94b70956fba9.sarif", "Micro Focus Fortify Static Code Analyzer", Kind.SAST, Status.COMPLETE, {M: 1}),
    ("valid/2f8f12bf4edc.sarif", "Nessus", Kind.DAST, Status.COMPLETE, {C: 1, L: 1}),
    ("invalid/f65bc7d151af.sarif", "Semmle QL", Kind.SAST, Status.COMPLETE, {H: 2, M: 27, L: 51}),
    ("valid/05fa2cb2c2f1.sarif", "Shell Script Analysis", Kind.SAST, Status.COMPLETE, {L: 27}),
    ("valid/534ac73514e7.sarif", "SnykCode", Kind.SAST, Status.COMPLETE, {H: 13, M: 17, L: 176}),
    ("valid/7a604dec65b7.sarif", "TSLint", Kind.SAST, Status.COMPLETE, {H: 501}),
    ("valid/9cb659e4a021.sarif", "Trivy", Kind.DEPENDENCIES, Status.COMPLETE, {C: 1, H: 1}),
    ("valid/3a46c839b90b.sarif", "dependency-check", Kind.DEPENDENCIES, Status.COMPLETE, {M: 12, L: 1}),
    ("valid/84d5ea24b564.sarif", "devskim", Kind.SAST, Status.COMPLETE, {H: 2, M: 4, L: 1}),
    ("valid/de7f635e821f.sarif", "govulncheck", Kind.DEPENDENCIES, Status.COMPLETE, {H: 1, M: 1, L: 1}),
    ("valid/1a97ed8afb20.sarif", "mAPI", Kind.DAST, Status.COMPLETE, {H: 3, M: 17}),
    ("valid/06f6529c6e56.sarif", "mobsfscan", Kind.SAST, Status.COMPLETE, {H: 1, M: 1, L: 7}),
    ("valid/21e2a7336c19.sarif", "nodejsscan", Kind.SAST, Status.COMPLETE, {H: 1, M: 1}),
    ("valid/880154487532.sarif", "semgrep", Kind.SAST, Status.COMPLETE, {M: 1768}),
    ("valid/73eedf284108.sarif", "Heimdall Tools", Kind.SAST, Status.COMPLETE, {H: 43, M: 32, L: 91}),
    ("valid/02c7e70f002b.sarif", "Semgrep OSS", Kind.SAST, Status.COMPLETE, {H: 1}),
]


@pytest.mark.needs("shared")
@pytest.mark.parametrize(("name", "kind", "status", "severities"), RECORDED)
def test_recorded_tools_are_understood(
    recorded: Path, name: str, kind: Kind, status: Status, severities: dict[Severity, int]
) -> None:
    found = outcome(recorded / name)
    (execution,) = found.executions
    assert (execution.kind, execution.status) == (kind, status)
    assert Counter(result.severity for result in found.results) == severities


@pytest.mark.needs("shared")
@pytest.mark.parametrize(("name", "tool", "kind", "status", "severities"), FOREIGN)
def test_tools_of_others_are_understood(
    name: str, tool: str, kind: Kind, status: Status, severities: dict[Severity, int]
) -> None:
    found = outcome(SHARED / "data" / "sarif" / name)
    assert {(one.scanner, one.kind, one.status) for one in found.executions} == {(tool, kind, status)}
    assert Counter(result.severity for result in found.results) == severities


@pytest.mark.needs("shared")
def test_bandit_has_the_same_fingerprints_by_its_sarif_as_by_a_scan(
    recorded: Path, repository: Callable[..., Path]
) -> None:
    """The SARIF has the text of each line; the scan reads it from the file."""
    sources = recorded / "_inputs" / "vuln"
    root = repository({"app.py": (sources / "app.py").read_bytes()})
    report = Path(recorded / "bandit" / "1.9.4" / "findings.json").read_bytes()
    job = Job(scanner="Bandit", name="bandit", argv=("bandit",), exits={})
    read = bandit.read(report, Finished(job=job, end=End.EXITED, report=Path("none")), Grades())
    scanned = list(evidence.annotated(read.results, Listing(root, ["app.py"]), lambda _: ""))
    logged = outcome(recorded / "bandit" / "1.9.4" / "findings.sarif").results
    shared = {one.fingerprints[0] for one in scanned} & {one.fingerprints[0] for one in logged}
    assert len(shared) >= 0.8 * len(scanned)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.just(10**30)
    | st.just(float("nan"))
    | st.just("\ud800")
    | st.sampled_from(["", "error", "A/B/C", "file:///../..", "%SRCROOT%", "{0}"])
    | st.lists(st.none() | st.integers(-1, 1), max_size=2)
    | st.dictionaries(
        st.sampled_from(["text", "uri", "index", "id", "name"]), st.none() | st.integers(-1, 1), max_size=2
    )
)
BASES: list[Any] = []
for path in LOGS:
    if path.parent.name != "other-version" and path.stat().st_size < 6000:
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
        BASES += [value] if isinstance(value, dict) and value.get("runs") else []


def spots(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value: holder and key."""
    found: list[tuple[Any, Any]] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [(value, key), *spots(inner)]
    return found


@pytest.mark.needs("shared")
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_broken_log_raises_anything_but_a_report_error(data: st.DataObject) -> None:
    value = json.loads(json.dumps(data.draw(st.sampled_from(BASES))))
    for _ in range(data.draw(st.integers(1, 4))):
        places = spots(value)
        if places:
            holder, key = data.draw(st.sampled_from(places))
            holder[key] = data.draw(VALUES)
    text = json.dumps(value)
    try:
        found = from_sarif(text.encode(data.draw(st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))))
    except ReportError:
        return
    policy.judge(found.policy, dedupe.findings(found.results), found.executions, found.notes)
    again = from_sarif(to_sarif(found))
    assert len(again.results) == len(found.results)


@pytest.mark.needs("shared")
@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_cut_or_flipped_bytes_raise_anything_but_a_report_error(data: st.DataObject) -> None:
    text = bytearray(json.dumps(data.draw(st.sampled_from(BASES))).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ReportError):
        from_sarif(bytes(text[: data.draw(st.integers(0, len(text)))]))
