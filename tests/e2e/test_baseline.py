"""A scan compared with an earlier log, by the command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Command, run_git

WEAK = "import subprocess\n\n\ndef run(name):\n    subprocess.call(name, shell=True)\n"
MORE = "\n\ndef more(name):\n    return eval(name)\n"
BANDIT = ("--scanner", "bandit", "--trust", "local")

pytestmark = pytest.mark.needs("bandit")


def states(report: Path) -> dict[str, str]:
    log = json.loads(report.read_bytes())
    return {one["ruleId"]: one["baselineState"] for run in log["runs"] for one in run["results"]}


@pytest.fixture
def scanned(repository: Callable[..., Path], devsecops: Command, tmp_path: Path) -> tuple[Path, Path]:
    root = repository({"app.py": WEAK})
    run_git(root, "commit", "-qm", "first")
    report = tmp_path / "baseline.sarif"
    assert devsecops("scan", root, *BANDIT, "-o", f"sarif={report}").code == 1
    return root, report


def test_known_findings_do_not_fail_and_new_ones_do(
    scanned: tuple[Path, Path], devsecops: Command, tmp_path: Path
) -> None:
    root, before = scanned
    (root / "app.py").write_text(f"# moved\n{WEAK}")
    ran = devsecops("scan", root, *BANDIT, "--baseline", before)
    assert (ran.code, "Compared with baseline.sarif: 0 new, 2 known." in ran.out) == (0, True), ran
    (root / "app.py").write_text(f"{WEAK}{MORE}")
    now = tmp_path / "now.sarif"
    ran = devsecops("scan", root, *BANDIT, "--baseline", before, "--fail-on", "medium", "-o", f"sarif={now}")
    assert ran.code == 1, ran
    assert states(now) == {"B602": "unchanged", "B404": "unchanged", "B307": "new"}


def test_renamed_files_and_removed_ones(scanned: tuple[Path, Path], devsecops: Command, tmp_path: Path) -> None:
    root, before = scanned
    now = tmp_path / "now.sarif"
    run_git(root, "mv", "app.py", "main.py")
    assert devsecops("scan", root, *BANDIT, "--baseline", before, "-o", f"sarif={now}").code == 0
    assert states(now) == {"B602": "unchanged", "B404": "unchanged"}
    run_git(root, "rm", "-qf", "main.py")
    (root / "b.py").write_text("x = 1\n")
    ran = devsecops("scan", root, *BANDIT, "--baseline", now, "-o", f"sarif={tmp_path / 'then.sarif'}")
    assert (ran.code, "0 new, 2 fixed" in ran.out) == (0, True), ran
    assert states(tmp_path / "then.sarif") == {"B602": "absent", "B404": "absent"}


def test_a_first_run_says_that_there_is_no_baseline_and_fails_on_everything(
    scanned: tuple[Path, Path], devsecops: Command
) -> None:
    root, _ = scanned
    ran = devsecops("scan", root, *BANDIT, "--baseline", "none.sarif")
    assert (ran.code, "there is no baseline none.sarif yet: everything counts as new" in ran.out) == (1, True), ran


def test_a_broken_baseline_is_an_error_before_anything_is_scanned(
    scanned: tuple[Path, Path], devsecops: Command, tmp_path: Path
) -> None:
    root, before = scanned
    before.write_bytes(before.read_bytes()[:-20])
    ran = devsecops("scan", root, *BANDIT, "--baseline", before, "-o", f"sarif={tmp_path / 'now.sarif'}")
    assert (ran.code, "the baseline cannot be read" in ran.err) == (2, True), ran
    assert not (tmp_path / "now.sarif").exists()


def test_a_pull_request_cannot_bring_its_own_baseline(scanned: tuple[Path, Path], devsecops: Command) -> None:
    root, before = scanned
    (root / "baseline.sarif").write_bytes(before.read_bytes())
    (root / "link").symlink_to(".")
    for name in ("baseline.sarif", "link/baseline.sarif"):
        ran = devsecops("scan", root, "--scanner", "bandit", "--trust", "untrusted", "--baseline", root / name)
        assert (ran.code, "the repository could hold any baseline" in ran.err) == (2, True), ran
    outside = devsecops("scan", root, "--scanner", "bandit", "--trust", "untrusted", "--baseline", before)
    assert outside.code == 0, outside


def test_what_lies_in_files_that_are_left_out_is_not_fixed(
    scanned: tuple[Path, Path], devsecops: Command, tmp_path: Path
) -> None:
    root, before = scanned
    (root / "b.py").write_text("x = 1\n")
    ran = devsecops("scan", root, *BANDIT, "--exclude", "app.py", "--baseline", before)
    said = " ".join(ran.out.split())
    assert "Compared with baseline.sarif: 0 new." in said, ran
    assert "2 results of bandit in the baseline not looked for again" in said, ran
