"""Source scans end to end with the real tools, and the ways in which they look away by themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command

WEAK = "import subprocess\n\n\ndef run(name):\n    subprocess.call(name, shell=True)\n"


def runs(report: Path) -> dict[str, Any]:
    return {run["tool"]["driver"]["name"]: run for run in json.loads(report.read_bytes())["runs"]}


def status(run: dict[str, Any]) -> str:
    found: str = run["invocations"][0]["properties"]["devsecops"]["status"]
    return found


def gaps(run: dict[str, Any]) -> set[str]:
    return {
        note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for note in run["invocations"][0].get("toolExecutionNotifications", [])
        if note["descriptor"]["id"].startswith("not-")
    }


@pytest.mark.needs("bandit", "semgrep")
@pytest.mark.parametrize("scanners", [["bandit", "semgrep"], ["semgrep"]])
def test_files_that_do_not_parse_are_gaps_for_every_scanner(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path, scanners: list[str]
) -> None:
    files = {
        "good.py": WEAK,
        "syntax.py": "def (:\n",
        "python2.py": "print 'x'\n",
        "nul.py": b"x = 1\x00\n",
        "latin.py": b"x = '\xe9'\n",
        "utf16.py": "x = 1\n".encode("utf-16"),
        "declared.py": b"# coding: latin-1\nx = '\xe9'\n",
        "bom.py": b"\xef\xbb\xbf" + WEAK.encode(),
    }
    report = tmp_path / "r.sarif"
    only = [word for name in scanners for word in ("--scanner", name)]
    ran = devsecops("scan", repository(files), "-o", f"sarif={report}", *only)
    assert ran.code == 3, ran
    for name in scanners:
        run = runs(report)[name]
        assert status(run) == "partial"
        assert gaps(run) == {"syntax.py", "python2.py", "nul.py", "latin.py", "utf16.py"}, name
        found = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]}
        assert found == {"good.py", "bom.py"}


@pytest.mark.needs("semgrep")
def test_broken_files_of_other_languages_are_gaps(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    """A file in which no word of any rule stands is not parsed, and need not be: no rule could match."""
    files = {
        "a.js": "app.get('/', (req, res) => eval(req.query.x));\nfunction (( {\n",
        "b.go": 'package a\nimport "crypto/md5"\nfunc f() { md5.New() }\nfunc (( {\n',
        "C.java": 'class C { void f() { MessageDigest.getInstance("MD5"); }\n void ((( }\n',
        "d.js": "x()\n",
    }
    report = tmp_path / "r.sarif"
    assert devsecops("scan", repository(files), "-o", f"sarif={report}", "--scanner", "semgrep").code == 3
    assert gaps(runs(report)["semgrep"]) == {"a.js", "b.go", "C.java"}


@pytest.mark.needs("semgrep")
def test_large_files_and_folders_of_tests_are_looked_at(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    large = "x = 1  # " + "." * 1_500_000 + "\n" + WEAK
    files = {"large.py": large, "tests/a.py": WEAK, "test/a.py": WEAK, ".hidden/a.py": WEAK, ".tox/a.py": WEAK}
    report = tmp_path / "r.sarif"
    devsecops("scan", repository(files), "-o", f"sarif={report}", "--scanner", "semgrep", "--scanner", "bandit")
    for name, run in runs(report).items():
        assert status(run) == "complete", name
        found = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]}
        assert found == set(files), name


@pytest.mark.needs("bandit")
def test_a_file_on_which_bandit_does_not_end_takes_no_other_file_with_it(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    endless = "x = [\n" + "".join(f'    "text number {number}",\n' for number in range(60_000)) + "]\n"
    report = tmp_path / "r.sarif"
    root = repository({"a.py": WEAK, "data.py": endless})
    ran = devsecops("scan", root, "-o", f"sarif={report}", "--scanner", "bandit", "--timeout", "6s")
    assert ran.code == 3
    run = runs(report)["bandit"]
    assert status(run) == "timed-out"
    assert {one["ruleId"] for one in run["results"]} == {"B404", "B602"}


@pytest.mark.needs("semgrep")
def test_rules_of_the_user_run_besides_ours_and_broken_ones_are_a_failure(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    rule = "rules:\n- {id: mine, languages: [%s], severity: ERROR, message: m, pattern: %s}\n"
    files = {
        "a.py": WEAK,
        "b.rb": "danger(1)\n",
        "rules/ruby.yaml": rule % ("ruby", "danger(...)"),
        "devsecops.toml": "[scanner.semgrep]\nrules = ['rules']\n",
    }
    report = tmp_path / "r.sarif"
    arguments = ["-o", f"sarif={report}", "--scanner", "semgrep", "--trust", "untrusted"]
    assert devsecops("scan", repository(files), *arguments).code == 1
    assert {one["ruleId"] for one in runs(report)["semgrep"]["results"]} == {"mine", "python-shell-command-dynamic"}
    broken = repository({**files, "rules/ruby.yaml": rule % ("ruby", "'((('")}, name="broken")
    assert devsecops("scan", broken, *arguments).code == 3


@pytest.mark.needs("gitleaks")
def test_a_secret_is_found_and_shown_nowhere(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    secret = "d9f8" + "e7c6b5a4938271605f4e3d2c1b0a9f8e"
    report = tmp_path / "r.sarif"
    root = repository({"settings.py": f'API_KEY = "{secret}"\n'})
    ran = devsecops("scan", root, "-o", f"sarif={report}", "--scanner", "gitleaks", "-v")
    assert ran.code == 1, ran
    assert "generic-api-key" in ran.out
    assert secret not in ran.out + ran.err + report.read_text()


@pytest.mark.needs("gitleaks")
def test_what_is_left_out_is_not_reported_but_counted(repository: Callable[..., Path], devsecops: Command) -> None:
    secret = 'API_KEY = "d9f8' + 'e7c6b5a4938271605f4e3d2c1b0a9f8e"\n'
    root = repository({"ok.py": "x = 1\n", "legacy/settings.py": secret})
    ran = devsecops("scan", root, "--scanner", "gitleaks", "--exclude", "legacy/**")
    assert ran.code == 0, ran
    assert "1 file of legacy/**: excluded by configuration" in ran.out
    assert "1 result of gitleaks in files that are left out" in ran.out


@pytest.mark.needs("zizmor")
def test_a_broken_workflow_beside_a_good_one_is_a_gap(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    good = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: echo}]\n"
    files = {".github/workflows/good.yml": good, ".github/workflows/broken.yml": "on: [push\n"}
    report = tmp_path / "r.sarif"
    assert devsecops("scan", repository(files), "-o", f"sarif={report}", "--scanner", "zizmor").code == 3
    assert gaps(runs(report)["zizmor"]) == {".github/workflows/broken.yml"}


@pytest.mark.needs("bandit")
def test_comments_silence_in_a_local_run_and_are_counted(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    lines = WEAK.replace("shell=True)", "shell=True)  # nosec B602").replace(
        "import subprocess", "import subprocess  # nosec"
    )
    report = tmp_path / "r.sarif"
    root = repository({"a.py": lines})
    ran = devsecops("scan", root, "-o", f"sarif={report}", "--scanner", "bandit", "--fail-on", "low")
    assert ran.code == 0, ran
    assert "Not counted: 2 suppressed." in ran.out
    suppressed = [one["suppressions"][0] for one in runs(report)["bandit"]["results"]]
    assert [one["kind"] for one in suppressed] == ["inSource", "inSource"]
    assert devsecops("scan", root, "--scanner", "bandit", "--trust", "untrusted").code == 1


AS_NOBODY = """
import os, sys, traceback
from devsecops.cli import run
run(sys.argv[1:])  # everything is imported now: nobody may not read where it stands
os.setgroups([]); os.setgid(65534); os.setuid(65534)
sys.exit(run(sys.argv[1:]))
"""
BANDIT = """#!/bin/sh
[ "$1" = --version ] && echo bandit 1.9.4 && exit
while [ "$1" != -o ]; do shift; done
echo '{"results": [], "errors": [], "metrics": {"./a.py": {}}}' > "$2"
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become nobody, and nothing is unreadable to root")
def test_a_folder_that_cannot_be_read_makes_the_scan_incomplete() -> None:
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        (base / "repository" / "locked").mkdir(parents=True)
        (base / "repository" / "a.py").write_text("x = 1\n")
        (base / "repository" / "locked" / "b.py").write_text(WEAK)
        (base / "bandit").write_text(BANDIT)
        (base / "config.toml").write_text(f"[scanner.bandit]\npath = '{base}/bandit'\n")
        for path in (base, base / "bandit", base / "repository", base / "config.toml"):
            path.chmod(0o777)
        (base / "repository" / "locked").chmod(0o700)
        arguments = ["scan", f"{base}/repository", "--config", f"{base}/config.toml", "--scanner", "bandit"]
        env = {"PATH": os.environ["PATH"], "HOME": name, "TMPDIR": name, "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, *arguments], env=env, cwd=base, capture_output=True, check=False
        )
    assert ran.returncode == 3, ran
    assert b"cannot be read: locked" in ran.stdout
