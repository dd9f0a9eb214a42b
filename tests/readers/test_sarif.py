"""Any tool that prints SARIF is a scanner by its manifest alone."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devsecops.errors import ReportError
from devsecops.model import Baseline, FileLocation, Severity
from devsecops.readers import sarif
from devsecops.readers.report import Found, Grades
from devsecops.sarif import from_sarif
from devsecops.scanner import End, Finished, Job
from tests.conftest import Command, Ran

Json = dict[str, Any]

JOB = Job(scanner="linter", name="linter", argv=("linter",), exits={}, files=("a.py",))
FINISHED = Finished(job=JOB, end=End.EXITED, report=Path("none"), alias="/private/root-1", folder="/repo")


def read(*runs: Json, grades: Grades = Grades()) -> Found:  # noqa: B008  # frozen
    return sarif.read(json.dumps({"version": "2.1.0", "runs": runs}).encode(), FINISHED, grades)


def run(*results: Json, **fields: Any) -> Json:
    return {"tool": {"driver": {"name": "Some Linter"}}, "results": list(results), **fields}


def result(uri: str = "a.py", **fields: Any) -> Json:
    where = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 3}}}
    return {"ruleId": "R", "message": {"text": "said"}, "locations": [where], **fields}


@pytest.mark.parametrize(
    "uri", ["a.py", "./a.py", "file:///repo/a.py", "/private/root-1/a.py", "file:///private/root-1/a.py"]
)
def test_results_are_the_manifests_scanners_and_their_paths_count_from_the_root(uri: str) -> None:
    (found,) = read(run(result(uri, level="error"))).results
    assert (found.scanner, found.severity) == ("linter", Severity.HIGH)
    assert found.location == FileLocation(path="a.py", line=3)


def test_the_manifest_knows_better_what_words_mean() -> None:
    grades = Grades(
        severities={"error": Severity.MEDIUM, "P1": Severity.CRITICAL}, rules={"Q": Severity.INFO}, default=Severity.LOW
    )
    one = run(
        result(level="error"),
        result(level="P1"),
        result(level="error", ruleId="Q"),
        result(),
        result(level="odd"),
        result(level="warning"),
    )
    severities = [found.severity.value for found in read(one, grades=grades).results]
    assert severities == ["medium", "critical", "info", "low", "low", "medium"]


def test_what_the_tool_examined_is_what_it_lists_as_targets() -> None:
    artifacts = [{"location": {"uri": "a.py"}, "roles": ["analysisTarget"]}, {"location": {"uri": "b.py"}}]
    assert read(run(artifacts=artifacts)).examined == frozenset({"a.py"})
    assert read(run(artifacts=artifacts[1:])).examined is None
    assert read(run(), run(artifacts=artifacts)).examined == frozenset({"a.py"})


def test_comments_in_the_scanned_code_silence_nothing_by_way_of_the_tool() -> None:
    found = read(run(result(suppressions=[{"kind": "inSource"}], baselineState="unchanged")))
    assert not found.results[0].suppressions
    assert found.results[0].baseline is Baseline.NEW
    assert [message.text for message in found.messages] == [
        "linter: 1 result that it marks as suppressed count like all others"
    ]


def test_errors_that_the_tool_notifies_of_are_gaps() -> None:
    where = [{"physicalLocation": {"artifactLocation": {"uri": "file:///repo/a.py"}}}]
    notified = {"level": "error", "message": {"text": "syntax error"}, "locations": where}
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": [notified]}
    (message,) = read(run(invocations=[invocation])).messages
    assert (message.id, message.path, message.text) == ("not-examined", "a.py", "linter: syntax error")
    artifacts = [{"location": {"uri": uri}, "roles": ["analysisTarget"]} for uri in ("a.py", "b.py")]
    assert read(run(invocations=[invocation], artifacts=artifacts)).examined == frozenset({"b.py"})


@pytest.mark.parametrize(
    ("runs", "says"),
    [
        ([], "no runs"),
        ([run(results=None)], "wrote no results"),
        ([run(), run(invocations=[{"executionSuccessful": False, "exitCode": 3}])], "failed with exit code 3"),
    ],
)
def test_a_report_that_proves_nothing_is_an_error(runs: list[Json], says: str) -> None:
    with pytest.raises(ReportError, match=says):
        read(*runs)


REPORTS = [
    ("bandit/1.9.4/findings.sarif", ["app.py"], 19),
    ("bandit/1.9.4/incomplete-mixed.sarif", ["good.py", "bom.py", "latin_declared.py", "broken.py"], 3),
    ("checkov/3.3.30/findings.sarif", ["k8s/pod.yaml"], None),
    ("gitleaks/8.30.1/findings-git.sarif", ["key.pem", "Dockerfile", "config.env", "app.py"], 7),
    ("hadolint/2.15.1/findings.sarif", ["Dockerfile"], 11),
    ("njsscan/1.0.2/findings.sarif", ["server.js"], 3),
    ("opengrep/1.30.0/findings.sarif", ["app.py", "server.js"], 11),
    ("semgrep/1.182.0/findings.sarif", ["app.py", "server.js"], 11),
    ("spectral/6.16.3/findings-oas.sarif", ["api.yaml"], 9),
    ("trivy/0.76.0/findings-fs.sarif", ["Dockerfile"], None),
    ("zizmor/1.32.0/findings.sarif", [".github/workflows/ci.yml"], 6),
]
MANIFEST = """
name = "sarif-tool"
kind = "sast"
homepage = "https://example.com"
license = "MIT"
install = "none"
severity.default = "unknown"
[version]
argv = ["sarif-tool", "version"]
supported = ">=1"
[detect]
files = ["**/*"]
[[job]]
scope = "repository"
argv = ["sarif-tool", "--out", "{report}"]
report = "sarif"
exit = { clean = [0], findings = [0] }
"""


@pytest.fixture
def scan(
    tool: Callable[..., Path], repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> Callable[[Path, list[str]], tuple[Ran, bytes]]:
    """Scan some files with a tool that does nothing but write a recorded report."""

    def run(report: Path, files: list[str]) -> tuple[Ran, bytes]:
        folder = tmp_path / "scanners" / "sarif-tool"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scanner.toml").write_text(MANIFEST)
        program = tool("sarif-tool", f"import shutil\nshutil.copy({str(report)!r}, option('--out'))")
        config = tmp_path / "config.toml"
        config.write_text(f"[scanners]\nfolders = ['{folder.parent}']\n[scanner.sarif-tool]\npath = '{program}'\n")
        root = repository(dict.fromkeys(files, "text\n" * 60))
        written = tmp_path / "out.sarif"
        ran = devsecops("scan", root, "--config", config, "--scanner", "sarif-tool", "-o", f"sarif={written}")
        return ran, written.read_bytes()

    return run


@pytest.mark.needs("shared")
@pytest.mark.parametrize(("report", "files", "count"), REPORTS)
def test_recorded_sarif_is_what_a_scan_reports(
    recorded: Path,
    scan: Callable[[Path, list[str]], tuple[Ran, bytes]],
    report: str,
    files: list[str],
    count: int | None,
) -> None:
    ran, written = scan(recorded / report, files)
    outcome = from_sarif(written)
    (execution,) = (one for one in outcome.executions if one.scanner == "sarif-tool")
    said = from_sarif((recorded / report).read_bytes()).results
    inside = [one for one in said if isinstance(one.location, FileLocation) and one.location.path in files]
    assert len(outcome.results) == len(inside) == (len(inside) if count is None else count), ran
    assert inside
    partial = "incomplete" in report
    assert execution.status.value == ("partial" if partial else "complete"), ran
    assert execution.coverage is not None
    assert execution.coverage.evidence == "claimed"
    assert ran.code == (3 if partial else 1 if any(one.severity.rank <= 2 for one in outcome.results) else 0), ran


@pytest.mark.needs("shared")
def test_a_cut_report_fails_the_scanner(
    recorded: Path, scan: Callable[[Path, list[str]], tuple[Ran, bytes]], tmp_path: Path
) -> None:
    shutil.copy(recorded / "bandit" / "1.9.4" / "findings.sarif", tmp_path / "cut.sarif")
    os.truncate(tmp_path / "cut.sarif", 5000)
    ran, _ = scan(tmp_path / "cut.sarif", ["app.py"])
    assert ran.code == 3
    assert "the log is not JSON: line 151" in " ".join(ran.out.split())
