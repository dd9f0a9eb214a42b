"""Whatever a scanner does, what it did not check is never taken for clean, and what others found is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Command, clean_env, command

GOOD_SEMGREP = """
found = {'check_id': 'r', 'path': 'app.py', 'start': {'line': 1, 'col': 1}, 'end': {'line': 1, 'col': 2},
         'extra': {'message': 'eval', 'severity': 'LOW'}}
files = [word[2:] for word in sys.argv if word.startswith('./')]
report = {'results': [found], 'errors': [], 'paths': {'scanned': files}}
pathlib.Path(option('--output')).write_text(json.dumps(report))
"""
GOOD_BANDIT = """
files = [word for word in sys.argv if word.startswith('./')]
report = {'results': [], 'errors': [], 'metrics': dict.fromkeys([*files, '_totals'], {})}
pathlib.Path(option('-o')).write_text(json.dumps(report))
"""

FAULTS = {
    "exit 0 without a report": ("sys.exit(0)", "was not written"),
    "exit 1 without a report": ("sys.exit(1)", "was not written"),
    "an empty report": ("pathlib.Path(option('-o')).write_text('')", "the report is empty"),
    "a report of white space": ("pathlib.Path(option('-o')).write_text(' \\n')", "the report is empty"),
    "a truncated report": (
        GOOD_BANDIT.replace("json.dumps(report)", "json.dumps(report)[:-9]"),
        "the report is cut off",
    ),
    "garbage": ("pathlib.Path(option('-o')).write_text('<html>')", "the report is not JSON"),
    "another shape": ("pathlib.Path(option('-o')).write_text('[]')", "the report has an unexpected shape"),
    "deep nesting": ("pathlib.Path(option('-o')).write_text('[' * 100000)", "the report"),
    "not a number": ("pathlib.Path(option('-o')).write_text('{\"results\": NaN}')", "the report"),
    "a report in UTF-16, cut off": ("pathlib.Path(option('-o')).write_bytes(b'\\xff\\xfe\\xfd')", "is not UTF-16"),
    "a report in Latin-1": ("pathlib.Path(option('-o')).write_bytes(b'\\xe9')", "is not UTF-8"),
    "a folder in place of a report": ("os.mkdir(option('-o'))", "cannot be read"),
    "a FIFO in place of a report": ("os.mkfifo(option('-o'))", "is not a regular file"),
    "exit code 2": (GOOD_BANDIT + "sys.exit(2)", "ended with exit code 2"),
    "findings by exit code, none in the report": (GOOD_BANDIT + "sys.exit(1)", "its report has no result"),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by signal 9"),
    "a crash": ("raise SystemError('boom')", "report was not written"),
    "no file examined": (
        "pathlib.Path(option('-o')).write_text(json.dumps({'results': [], 'errors': [], 'metrics': {'_totals': {}}}))",
        "not among the files it examined",
    ),
}


@pytest.fixture
def scan(
    tool: Callable[..., Path], repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> Callable[..., tuple[int, str, dict[str, object]]]:
    """Scan a repository of one Python file with a faulty bandit and a semgrep that finds something."""

    def run(code: str, *arguments: str, version: str = "1.9.4") -> tuple[int, str, dict[str, object]]:
        config = tmp_path / "config.toml"
        config.write_text(
            f"[scanner.bandit]\npath = '{tool('bandit', code, version)}'\n"
            f"[scanner.semgrep]\npath = '{tool('semgrep', GOOD_SEMGREP, '1.150.0')}'\n"
        )
        root = repository({"app.py": "eval(x)\n"})
        report = tmp_path / "report.sarif"
        kinds = ("--scanner", "bandit", "--scanner", "semgrep")
        ran = devsecops("scan", root, "--config", config, "-o", f"sarif={report}", *kinds, *arguments)
        return ran.code, ran.out + ran.err, json.loads(report.read_bytes()) if report.exists() else {}

    return run


def results(log: dict[str, object], scanner: str) -> list[object]:
    for run in log["runs"]:  # type: ignore[attr-defined]
        if run["tool"]["driver"]["name"] == scanner:
            found: list[object] = run["results"]
            return found
    return []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_scanner_makes_the_scan_incomplete_and_others_are_kept(
    scan: Callable[..., tuple[int, str, dict[str, object]]], fault: str
) -> None:
    code, text = FAULTS[fault]
    exit_code, said, log = scan(code)
    folded = " ".join(said.split())
    assert exit_code == 3, said
    assert text in folded
    assert "INCOMPLETE" in said
    assert len(results(log, "semgrep")) == 1


def test_a_scanner_that_works_is_complete(scan: Callable[..., tuple[int, str, dict[str, object]]]) -> None:
    exit_code, said, _ = scan(GOOD_BANDIT)
    assert exit_code == 0, said
    assert "PASSED" in said


@pytest.mark.parametrize("flag", ["--no-gate", "--allow-incomplete"])
def test_only_two_options_turn_a_gap_into_success_and_it_is_said(
    scan: Callable[..., tuple[int, str, dict[str, object]]], flag: str
) -> None:
    exit_code, said, _ = scan("sys.exit(0)", flag)
    assert exit_code == 0
    assert "bandit failed" in said


def test_the_last_lines_of_stderr_are_shown_and_kept(
    scan: Callable[..., tuple[int, str, dict[str, object]]],
) -> None:
    lines = "sys.stderr.write('first\\nthe \\x1b[31mreason ' + os.getcwd()); sys.exit(9)"
    _, said, log = scan(lines)
    assert "the [31mreason ." in said
    assert "\x1b" not in said
    assert "the [31mreason ." in json.dumps(log)


def test_a_version_that_is_too_old_fails(scan: Callable[..., tuple[int, str, dict[str, object]]]) -> None:
    exit_code, said, _ = scan(GOOD_BANDIT, version="1.6.0")
    assert exit_code == 3
    assert "bandit 1.6.0 is too old" in " ".join(said.split())


def test_a_version_that_is_newer_runs_with_a_note(scan: Callable[..., tuple[int, str, dict[str, object]]]) -> None:
    exit_code, said, _ = scan(GOOD_BANDIT, version="3.0.0")
    assert exit_code == 0
    assert "bandit 3.0.0 is newer than" in said


def test_a_version_that_is_not_told_fails(scan: Callable[..., tuple[int, str, dict[str, object]]]) -> None:
    exit_code, said, _ = scan(GOOD_BANDIT, version="no idea")
    assert exit_code == 3
    assert "does not tell its version" in said


def test_a_hanging_scanner_ends_at_its_deadline_with_all_its_children(
    scan: Callable[..., tuple[int, str, dict[str, object]]], tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    hang = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(300)"
    )
    began = time.monotonic()
    exit_code, said, log = scan(hang, "--timeout", "1s")
    assert exit_code == 3
    assert "did not end within 1 s" in said
    assert time.monotonic() - began < 20
    assert len(results(log, "semgrep")) == 1
    assert not any(is_running(int(pid)) for pid in pids.read_text().split())


def test_children_that_a_scanner_leaves_behind_are_ended(
    scan: Callable[..., tuple[int, str, dict[str, object]]], tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    child = f"child = subprocess.Popen(['sleep', '300'])\npathlib.Path({str(pids)!r}).write_text(str(child.pid))\n"
    exit_code, _, _ = scan(child + GOOD_BANDIT)
    assert exit_code == 0
    assert not is_running(int(pids.read_text()))


def test_a_scanner_that_floods_its_output_is_stopped(
    scan: Callable[..., tuple[int, str, dict[str, object]]],
) -> None:
    flood = "block = b'x' * (1 << 20)\nwhile True:\n    sys.stdout.buffer.write(block)"
    exit_code, said, log = scan(flood)
    assert exit_code == 3
    assert "it wrote more than 512 MiB" in " ".join(said.split())
    assert len(results(log, "semgrep")) == 1


def test_a_huge_report_is_refused(scan: Callable[..., tuple[int, str, dict[str, object]]]) -> None:
    huge = "with open(option('-o'), 'wb') as file:\n    file.write(b'{\"results\": [')\n    file.truncate(400 << 20)"
    exit_code, said, _ = scan(huge)
    assert exit_code == 3
    assert "is larger than" in " ".join(said.split())


def test_a_scanner_sees_nothing_of_our_environment(
    tool: Callable[..., Path], repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    seen = tmp_path / "seen.json"
    spy = tool("bandit", f"pathlib.Path({str(seen)!r}).write_text(json.dumps(dict(os.environ)))\n{GOOD_BANDIT}")
    config = tmp_path / "config.toml"
    config.write_text(f"[scanner.bandit]\npath = '{spy}'\n")
    secret = {
        "GITHUB_TOKEN": "sentinel",
        "AWS_SECRET_ACCESS_KEY": "sentinel",
        "PYTHONPATH": ".",
        "HTTPS_PROXY": "sentinel",
    }
    ran = devsecops("scan", repository({"a.py": ""}), "--config", config, "--scanner", "bandit", env=secret)
    assert ran.code == 0, ran
    env = json.loads(seen.read_text())
    assert "sentinel" not in env.values()
    assert "PYTHONPATH" not in env
    assert env["PYTHONSAFEPATH"] == "1"
    assert str(tmp_path) not in env["HOME"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_scan_says_what_it_found_so_far(
    tool: Callable[..., Path], repository: Callable[..., Path], tmp_path: Path, number: int, code: int
) -> None:
    pids = tmp_path / "pids"
    hang = f"pathlib.Path({str(pids)!r}).write_text(str(os.getpid()))\ntime.sleep(300)"
    process, report = started(tool, repository, tmp_path, hang)
    wait_for(pids)
    time.sleep(0.5)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert b"INCOMPLETE" in out
    log = json.loads(report.read_bytes())
    assert len(results(log, "semgrep")) == 1
    assert not is_running(int(pids.read_text()))


def test_even_sigkill_leaves_no_orphan_and_no_folder(
    tool: Callable[..., Path], repository: Callable[..., Path], tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    hang = (
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{child.pid}} {{os.environ[\"HOME\"]}}')\n"
        "time.sleep(300)"
    )
    process, report = started(tool, repository, tmp_path, hang)
    wait_for(pids)
    time.sleep(0.2)
    process.kill()
    process.communicate(timeout=30)
    *numbers, home = pids.read_text().split()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (any(map(is_running, map(int, numbers))) or Path(home).exists()):
        time.sleep(0.05)
    assert not any(map(is_running, map(int, numbers)))
    assert not Path(home).exists()
    assert not report.exists()


def test_two_scans_at_once_do_not_disturb_each_other(
    tool: Callable[..., Path], repository: Callable[..., Path], tmp_path: Path
) -> None:
    slow = f"time.sleep(0.5)\n{GOOD_BANDIT}"
    both = [started(tool, repository, tmp_path, slow, report=f"report{number}.sarif") for number in (1, 2)]
    for process, report in both:
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert len(results(json.loads(report.read_bytes()), "semgrep")) == 1


def started(
    tool: Callable[..., Path], repository: Callable[..., Path], tmp_path: Path, code: str, report: str = "report.sarif"
) -> tuple[subprocess.Popen[bytes], Path]:
    config = tmp_path / "config.toml"
    config.write_text(
        f"[scanner.bandit]\npath = '{tool('bandit', code)}'\n"
        f"[scanner.semgrep]\npath = '{tool('semgrep', GOOD_SEMGREP, '1.150.0')}'\n"
    )
    root = repository({"app.py": "eval(x)\n"}, git=False)
    target = tmp_path / report
    only = ["--scanner", "bandit", "--scanner", "semgrep"]
    process = subprocess.Popen(
        [command(), "scan", str(root), "--config", str(config), "-o", f"sarif={target}", *only, "--jobs", "2"],
        env=clean_env(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    return process, target


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path.name} was never written"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether a process still runs two seconds from now; one that has ended and was not reaped yet does not."""
    deadline = time.monotonic() + 2
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
