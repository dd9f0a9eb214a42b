"""The command as a user meets it: options, outputs, exit codes, errors."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops import __version__, cli
from devsecops.sarif import from_sarif
from tests.conftest import Command, clean_env, command
from tests.e2e.test_faults import GOOD_BANDIT, GOOD_SEMGREP

FAILING_BANDIT = """
issue = dict(test_id='B602', filename='./app.py', line_number=1, issue_text='shell', issue_severity='HIGH',
             issue_confidence='HIGH', issue_cwe={'id': 78})
report = {'results': [issue], 'errors': [], 'metrics': {'./app.py': {}}}
pathlib.Path(option('-o')).write_text(json.dumps(report))
sys.exit(1)
"""


@pytest.fixture
def config(tool: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    """A trusted configuration in which bandit and semgrep are fakes."""

    def make(bandit: str = FAILING_BANDIT, text: str = "") -> Path:
        path = tmp_path / "config.toml"
        path.write_text(
            f"{text}\n[scanner.bandit]\npath = '{tool('bandit', bandit)}'\n"
            f"[scanner.semgrep]\npath = '{tool('semgrep', GOOD_SEMGREP, '1.150.0')}'\n"
        )
        return path

    return make


@pytest.fixture
def root(repository: Callable[..., Path]) -> Path:
    return repository({"app.py": "eval(x)\n"})


ONLY = ("--scanner", "bandit", "--scanner", "semgrep")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 1),
        (["--fail-on", "critical"], 0),
        (["--fail-on", "low"], 1),
        (["--fail-on", "none"], 0),
        (["--no-gate"], 0),
        (["--require", "sast"], 1),
        (["--require", "sast,dependencies"], 3),
        (["--require", "secrets", "--allow-incomplete"], 1),
        (["--service", "root"], 1),
    ],
)
def test_exit_codes_are_the_same_for_every_output(
    devsecops: Command, config: Callable[..., Path], root: Path, tmp_path: Path, arguments: list[str], code: int
) -> None:
    path = config()
    assert devsecops("scan", root, "--config", path, *ONLY, *arguments).code == code
    outputs = ["-o", f"sarif={tmp_path / 'a.sarif'}", "-o", f"text={tmp_path / 'a.txt'}", "-o", "sarif=-", "-q"]
    assert devsecops("scan", root, "--config", path, *ONLY, *arguments, *outputs).code == code


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--fail-onn", "high"], "Did you mean '--fail-on'"),
        (["--fail-on", "hihg"], "'hihg' is not one of"),
        (["--kind", "sats"], "'sats' is not one of"),
        (["--require", "sats"], "did you mean 'sast'?"),
        (["--scanner", "bandt"], "did you mean 'bandit'?"),
        (["--skip", "bandt"], "did you mean 'bandit'?"),
        (["--service", "web"], "there is no service 'web'"),
        (["--timeout", "5 fortnights"], "is not a duration"),
        (["--timeout", "0"], "is not a duration"),
        (["--jobs", "0"], "0 is not in the range"),
        (["-o", "sarif"], "give a format and a file"),
        (["-o", "srif=x"], "did you mean 'sarif'?"),
        (["-o", "sarif=/no/such/folder/x"], "the folder /no/such/folder does not exist"),
        (["-o", "sarif=."], "it is a folder"),
        (["-o", "sarif=x", "-o", "text=x"], "two reports would be written to x"),
        (["--config", "/no/such/file.toml"], "there is no such configuration file"),
        (["--trust", "me"], "'me' is not one of"),
        (["one", "two"], "unexpected extra argument"),
    ],
)
def test_wrong_usage_exits_2_before_anything_runs(
    devsecops: Command, root: Path, arguments: list[str], says: str
) -> None:
    path = [] if arguments[0] == "one" else [root]
    ran = devsecops("scan", *path, *arguments)
    assert ran.code == 2, ran
    assert says in " ".join(ran.err.split())
    assert "job" not in ran.err.replace("--jobs", "")


@pytest.mark.parametrize(
    ("path", "says"),
    [("nope", "there is no such file or folder"), ("fifo", "neither a folder nor a file"), ("loop", "cannot be read")],
)
def test_a_path_that_cannot_be_scanned_exits_2(devsecops: Command, tmp_path: Path, path: str, says: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    ran = devsecops("scan", tmp_path / path)
    assert ran.code == 2
    assert says in ran.err


def test_a_command_that_does_not_exist_names_the_nearest(devsecops: Command) -> None:
    ran = devsecops("scna")
    assert ran.code == 2
    assert "Did you mean 'scan'?" in ran.err


@pytest.mark.parametrize("files", [{}, {"README.md": "hello"}])
def test_a_repository_with_nothing_to_scan_passes_and_says_so(
    devsecops: Command, repository: Callable[..., Path], files: dict[str, str]
) -> None:
    ran = devsecops("scan", repository(files), "--skip", "gitleaks")
    assert ran.code == 0, ran
    assert "PASSED: nothing to scan" in ran.out


def test_nothing_to_scan_is_incomplete_where_something_is_required(
    devsecops: Command, repository: Callable[..., Path]
) -> None:
    ran = devsecops("scan", repository({}), "--skip", "gitleaks", "--require", "sast")
    assert ran.code == 3
    assert "nothing examined sast completely" in ran.out


@pytest.mark.parametrize(("kind", "says"), [("dast", "no scanner for it"), ("secrets", "gitleaks is not installed")])
def test_a_kind_that_was_asked_for_and_that_nothing_can_check_is_incomplete(
    devsecops: Command, config: Callable[..., Path], root: Path, kind: str, says: str
) -> None:
    path = config()
    path.write_text(path.read_text() + "[scanner.gitleaks]\npath = '/no/such/gitleaks'\n")
    ran = devsecops("scan", root, "--config", path, "--kind", kind)
    assert ran.code == 3
    assert says in " ".join(ran.out.split())


def test_a_scanner_that_was_asked_for_and_is_missing_makes_the_scan_incomplete(
    devsecops: Command, config: Callable[..., Path], root: Path
) -> None:
    path = config()
    path.write_text(path.read_text() + "[scanner.gitleaks]\npath = '/no/such/gitleaks'\n")
    named = devsecops("scan", root, "--config", path, *ONLY, "--scanner", "gitleaks")
    assert named.code == 3
    assert "/no/such/gitleaks is no program" in " ".join(named.out.split())
    unnamed = devsecops("scan", root, "--config", path, "--skip", "zizmor", "--fail-on", "critical")
    assert unnamed.code == 0, unnamed
    assert "gitleaks: not asked for and not installed" in unnamed.out


def test_the_sarif_that_is_written_reads_back_and_is_the_same_again(
    devsecops: Command, config: Callable[..., Path], root: Path, tmp_path: Path
) -> None:
    texts = []
    for jobs in ("1", "4"):
        target = tmp_path / f"{jobs}.sarif"
        devsecops("scan", root, "--config", config(), *ONLY, "-o", f"sarif={target}", "--jobs", jobs)
        texts.append(target.read_bytes())
    assert texts[0] == texts[1]
    outcome = from_sarif(texts[0])
    assert [one.scanner for one in outcome.executions] == ["bandit", "semgrep"]
    assert str(tmp_path).encode() not in texts[0]


def test_standard_output_is_kept_clean_for_a_report(
    devsecops: Command, config: Callable[..., Path], root: Path
) -> None:
    ran = devsecops("scan", root, "--config", config(), *ONLY, "-o", "sarif=-")
    assert json.loads(ran.out)["version"] == "2.1.0"
    assert "FAILED" in ran.err


def test_quiet_prints_the_verdict_only(devsecops: Command, config: Callable[..., Path], root: Path) -> None:
    ran = devsecops("scan", root, "--config", config(), *ONLY, "-q")
    assert ran.out.startswith("FAILED:")
    assert ran.err == ""


def test_a_dry_run_prints_commands_and_runs_none(
    devsecops: Command, config: Callable[..., Path], root: Path, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    ran = devsecops("scan", root, "--config", config(f"pathlib.Path({str(canary)!r}).touch()"), *ONLY, "--dry-run")
    assert ran.code == 0
    assert "--ignore-nosec" in ran.out
    assert "./app.py" in ran.out
    assert not canary.exists()


def test_an_output_that_cannot_be_written_after_the_scan_makes_it_incomplete(
    config: Callable[..., Path], root: Path, tmp_path: Path
) -> None:
    """A limit on file sizes stands for a full disk; the earlier report is kept."""
    target = tmp_path / "report.sarif"
    target.write_text("old")
    arguments = [command(), "scan", str(root), "--config", str(config()), "-o", f"sarif={target}", *ONLY]
    script = f"ulimit -f 1; exec {shlex.join(arguments)} --fail-on none"
    ran = subprocess.run(["sh", "-c", script], env=clean_env(tmp_path), capture_output=True, check=False)
    assert ran.returncode == 3, ran
    assert b"cannot write" in ran.stderr
    assert target.read_text() == "old"
    assert not list(tmp_path.glob(".report*"))


def test_colours_only_where_they_are_wanted(devsecops: Command, config: Callable[..., Path], root: Path) -> None:
    assert "\x1b" not in devsecops("scan", root, "--config", config(), *ONLY).out
    script = f"script -qec '{command()} scan {root} --config {config()} {' '.join(ONLY)}' /dev/null"
    env = clean_env(root) | {"TERM": "xterm"}
    coloured = subprocess.run(["sh", "-c", script], env=env, capture_output=True, check=False)
    assert b"\x1b[1;31mHIGH" in coloured.stdout
    plain = subprocess.run(["sh", "-c", script], env=env | {"NO_COLOR": "1"}, capture_output=True, check=False)
    assert b"\x1b[1;31mHIGH" not in plain.stdout


def test_lines_fit_80_columns(devsecops: Command, config: Callable[..., Path], root: Path) -> None:
    ran = devsecops("scan", root, "--config", config(), "-v")
    assert max(map(len, ran.out.splitlines())) <= 80


def test_one_file_can_be_scanned_and_its_neighbours_are_not(
    devsecops: Command, config: Callable[..., Path], root: Path
) -> None:
    (root / "other.py").write_text("eval(x)\n")
    ran = devsecops("scan", root / "app.py", "--config", config(), *ONLY, "--dry-run")
    assert "./app.py" in ran.out
    assert "other.py" not in ran.out


def test_the_version_costs_one_import(devsecops: Command) -> None:
    assert devsecops("--version").out == f"devsecops {__version__}\n"
    code = (
        "import sys; sys.argv = ['devsecops', '--version']; from devsecops.__main__ import main; main();"
        "print({'msgspec', 'click', 'rich', 'requests', 'docker', 'jinja2'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert ran.stdout.splitlines()[-1] == b"set()"


def test_a_bug_exits_70_with_a_report_to_paste(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("devsecops.cli.scan.prepare", lambda *_, **__: 1 / 0)
    assert cli.run(["scan", "."]) == 70
    said = capsys.readouterr().err
    assert "This is a bug in devsecops" in said
    assert "ZeroDivisionError" in said


def test_good_scanners_pass(devsecops: Command, config: Callable[..., Path], root: Path) -> None:
    ran = devsecops("scan", root, "--config", config(GOOD_BANDIT), *ONLY)
    assert ran.code == 0
    assert "PASSED: nothing of the policy is violated, 2 scanners complete" in ran.out
