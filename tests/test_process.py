"""Processes end with all their children, in time, with a clean environment."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from devsecops import process
from tests.e2e.test_faults import is_running

FOREVER = "import time; time.sleep(300)"


def run(tmp_path: Path, code: str, **options: object) -> process.Ended:
    arguments: dict[str, Any] = {"timeout": 30, "env": {"PATH": os.defpath}} | options
    return process.run(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=tmp_path / "out", stderr=tmp_path / "err", **arguments
    )


def test_a_process_that_ends_by_itself(tmp_path: Path) -> None:
    ended = run(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(5)")
    assert (ended.exit_code, ended.stopped, ended.error) == (5, "", "")
    assert ((tmp_path / "out").read_text(), (tmp_path / "err").read_text()) == ("out\n", "err\n")


def test_much_output_on_both_streams_does_not_block(tmp_path: Path) -> None:
    ended = run(tmp_path, "import sys\nfor s in (sys.stderr, sys.stdout): s.write('x' * 3_000_000)")
    assert ended.exit_code == 0
    assert (tmp_path / "err").stat().st_size == 3_000_000


@pytest.mark.parametrize("argv", [["/no/such/program"], ["/etc/passwd"], ["/bin/sh", "a\0b"]])
def test_a_program_that_cannot_be_started_is_a_result(tmp_path: Path, argv: list[str]) -> None:
    out = tmp_path / "out"
    ended = process.run(argv, cwd=tmp_path, env={}, stdout=out, stderr=out, timeout=5)
    assert ended.exit_code is None
    assert ended.error


def test_a_deadline_ends_the_process(tmp_path: Path) -> None:
    began = time.monotonic()
    ended = run(tmp_path, FOREVER, timeout=0.5)
    assert (ended.stopped, ended.exit_code) == ("deadline", -15)
    assert time.monotonic() - began < 3


def test_one_that_ignores_being_asked_is_killed(tmp_path: Path) -> None:
    ended = run(tmp_path, f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}", timeout=0.5)
    assert (ended.stopped, ended.exit_code) == ("deadline", -9)


def test_cancellation_ends_the_process(tmp_path: Path) -> None:
    assert run(tmp_path, FOREVER, cancelled=lambda: True).stopped == "cancelled"


def test_a_file_that_grows_too_large_ends_the_process(tmp_path: Path) -> None:
    code = "import sys\nwhile True: sys.stdout.write('x' * 100_000)"
    assert run(tmp_path, code, watched=[(tmp_path / "out", 1_000_000)]).stopped == "flood"


def test_a_file_that_has_grown_too_large_at_the_end_is_noticed(tmp_path: Path) -> None:
    assert run(tmp_path, "print('x' * 2000)", watched=[(tmp_path / "out", 1000)]).stopped == "flood"


def test_children_end_with_the_process(tmp_path: Path) -> None:
    run(tmp_path, "import subprocess; print(subprocess.Popen(['sleep', '300']).pid)")
    assert not is_running(int((tmp_path / "out").read_text()))


def test_a_small_helper_that_hangs_is_given_up(tmp_path: Path) -> None:
    code, out, why = process.output([sys.executable, "-c", FOREVER], cwd=tmp_path, env={}, timeout=0.3)
    assert (code, out) == (127, b"")
    assert "did not end within" in why


def test_a_small_helper_that_is_not_there_is_a_result(tmp_path: Path) -> None:
    assert process.output(["/no/such/program"], cwd=tmp_path, env={})[0] == 127


def test_the_environment_holds_what_is_listed_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "PYTHONPATH", "HTTPS_PROXY", "LD_PRELOAD", "ALLOWED", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "sentinel")
    env = process.environment(tmp_path, inherit=["ALLOWED"], outside=tmp_path / "root")
    assert {name for name, value in env.items() if value == "sentinel"} == {"ALLOWED", "SSL_CERT_FILE"}
    assert env["HOME"] == env["TMPDIR"] == str(tmp_path)
    online = process.environment(tmp_path, network=True, outside=tmp_path / "root")
    assert online["HTTPS_PROXY"] == "sentinel"


def test_programs_of_the_scanned_folder_and_relative_folders_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("root/bin", "elsewhere"):
        path = tmp_path / folder / "thing"
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    monkeypatch.chdir(tmp_path / "root")
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(tmp_path / "root" / "bin"), "bin", "", str(tmp_path / "elsewhere")])
    )
    assert process.which("thing", outside=tmp_path / "root") == tmp_path / "elsewhere" / "thing"
    (tmp_path / "elsewhere" / "thing").unlink()
    (tmp_path / "elsewhere" / "thing").symlink_to(tmp_path / "root" / "bin" / "thing")
    assert process.which("thing", outside=tmp_path / "root") is None
    env = process.environment(tmp_path, outside=tmp_path / "root")
    assert str(tmp_path / "root") not in env["PATH"]
