"""The conclusions that must be drawn from recorded reports of real tools, exit codes and all.

hadolint was recorded without `--no-fail`, with which it ends with 0 unless it fails.

`findings` and `clean` mean a complete execution, `incomplete` a partial one, `error` a failed one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops import manifest
from devsecops.manifest import ManifestScanner
from devsecops.model import Package, Tool
from devsecops.scanner import End, Finished, Job, Reading, Scope

BAD = ("bom.py", "good.py", "latin.py", "latin_declared.py", "nul.py", "py2.py", "syntax.py", "we ird ünï.py")
PINS = ("flask==0.12", "django==2.2.0", "requests==2.19.0", "pyyaml==5.1")

CASES = [
    # tool, file, exit code, what had to be examined, status, number of results
    ("bandit/1.9.4", "findings.json", 1, ("app.py",), "complete", 19),
    ("bandit/1.9.4", "clean.json", 0, ("ok.py",), "complete", 0),
    ("bandit/1.9.4", "incomplete-mixed.json", 1, (*BAD, "broken.py"), "partial", 4),
    ("bandit/1.9.4", "incomplete-nothing-parsed.json", 0, ("syntax.py", "nul.py"), "partial", 0),
    ("bandit/1.9.4", "error-missing-target.json", 0, ("nope",), "failed", 0),
    ("bandit/1.9.4", "error-unknown-test-id.stderr.txt", 0, ("ok.py",), "failed", 0),
    ("semgrep/1.182.0", "findings.json", 0, ("app.py", "server.js"), "complete", 9),
    ("semgrep/1.182.0", "clean.json", 0, ("ok.py",), "complete", 0),
    ("semgrep/1.182.0", "incomplete-partial-parse.json", 0, BAD, "partial", 5),
    ("semgrep/1.182.0", "incomplete-too-large.json", 0, ("big.py",), "partial", 0),
    ("semgrep/1.182.0", "error-missing-target.json", 2, ("nope",), "failed", 0),
    ("semgrep/1.182.0", "error-bad-pattern.json", 2, ("ok.py",), "failed", 0),
    ("semgrep/1.182.0", "error-no-rule-file.json", 7, ("ok.py",), "failed", 0),
    ("pip-audit/2.10.1", "findings.json", 1, PINS, "complete", 1),
    ("pip-audit/2.10.1", "incomplete-skipped.json", 0, PINS, "partial", 0),
    ("pip-audit/2.10.1", "error-server-500.stderr.txt", 1, PINS, "failed", 0),
    ("pip-audit/2.10.1", "error-unpinned.stderr.txt", 1, PINS, "failed", 0),
    ("gitleaks/8.30.1", "findings-git.json", 7, ("app.py",), "complete", 7),
    ("gitleaks/8.30.1", "findings-dir.json", 7, ("app.py",), "complete", 6),
    ("gitleaks/8.30.1", "clean.json", 0, ("ok.py",), "complete", 0),
    ("gitleaks/8.30.1", "error-not-a-repo.stderr.txt", 0, ("a",), "failed", 0),
    ("gitleaks/8.30.1", "error-dubious-ownership.stderr.txt", 0, ("a",), "failed", 0),
    ("gitleaks/8.30.1", "error-bad-range.stderr.txt", 0, ("a",), "failed", 0),
    ("gitleaks/8.30.1", "incomplete-timeout.stderr.txt", 1, ("a",), "failed", 0),
    ("hadolint/2.15.1", "findings.json", 0, ("vuln/Dockerfile",), "complete", 11),
    ("hadolint/2.15.1", "clean.json", 0, ("Dockerfile",), "complete", 0),
    ("hadolint/2.15.1", "incomplete-syntax.json", 0, ("Dockerfile",), "partial", 0),
    ("hadolint/2.15.1", "error-missing-file.stderr.txt", 1, ("Dockerfile", "nope"), "failed", 0),
    ("hadolint/2.15.1", "error-bad-config.stderr.txt", 0, ("vuln/Dockerfile",), "failed", 0),
    ("zizmor/1.32.0", "findings.json", 0, (".github/workflows/ci.yml",), "complete", 6),
    ("zizmor/1.32.0", "clean.json", 0, (".github/workflows/ok.yml",), "complete", 0),
    ("zizmor/1.32.0", "incomplete-one-unparsable.stderr.txt", 0, ("good.yml", "bad.yml"), "partial", 0),
    ("zizmor/1.32.0", "error-strict-collection.stderr.txt", 1, ("good.yml", "bad.yml"), "failed", 0),
    ("zizmor/1.32.0", "error-unparsable.stderr.txt", 3, ("bad.yml",), "failed", 0),
    ("zizmor/1.32.0", "not-applicable.stderr.txt", 3, (), "not-applicable", 0),
]


def conclude(scanner: ManifestScanner, path: Path, code: int, expected: tuple[str, ...]) -> Reading:
    spec = scanner.manifest.job[0]
    packages = [item.split("==") for item in expected if "==" in item]
    stderr = path.read_text("utf-8") if path.name.endswith(".stderr.txt") else ""
    with_report = scanner.name in {"gitleaks", "bandit", "hadolint"}
    report = path if not stderr else path.with_name("clean.json") if with_report else Path("none")
    if scanner.name == "zizmor" and code == 0:
        report = path if not stderr else path.with_name("clean.json")
        # these were recorded with --quiet, which we do not pass: without it each audited file is named
        stderr += "".join(f" INFO audit: zizmor: 🌈 completed ./{name}\n" for name in expected if name != "bad.yml")
    job = Job(
        scanner=scanner.name,
        name=scanner.name,
        argv=("tool",),
        exits=spec.exit.meanings(),
        report=spec.report,
        files=tuple(item for item in expected if "==" not in item),
        packages=tuple(Package(name=name, version=version, path="lock") for name, version in packages),
    )
    finished = Finished(job=job, end=End.EXITED, exit_code=code, report=report, stderr=stderr)
    return scanner.read(finished, Scope(tool=Tool(name=scanner.name), program="tool"))


@pytest.mark.needs("shared")
@pytest.mark.parametrize(("tool", "name", "code", "expected", "status", "count"), CASES)
def test_concludes_what_the_index_says(
    recorded: Path, tool: str, name: str, code: int, expected: tuple[str, ...], status: str, count: int
) -> None:
    scanners = {scanner.name: scanner for scanner in manifest.bundled()}
    reading = conclude(scanners[tool.partition("/")[0]], recorded / tool / name, code, expected)
    assert (reading.execution.status.value, len(reading.results)) == (status, count)
    if status == "failed":
        assert reading.execution.messages[0].level == "error"
