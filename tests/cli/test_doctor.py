"""`devsecops doctor` says what is there, what is not, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops import cli, process
from tests.conftest import Command

NOWHERE = {"DOCKER_HOST": "unix:///no/such/socket"}


@pytest.mark.needs("bandit", "semgrep", "pip-audit")
def test_all_that_every_scan_needs_is_there(devsecops: Command, tmp_path: Path) -> None:
    ran = devsecops("doctor", env=NOWHERE)
    assert ran.code == 0, ran
    assert "ok       bandit" in ran.out
    assert "nothing: audits ask the OSV service" in ran.out
    assert "-        DOCKER_HOST    unix:///no/such/socket" in ran.out
    assert "there is no socket: start Docker, or set DOCKER_HOST" in ran.out


def test_a_missing_scanner_is_named_with_the_command_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "which", lambda *_, **__: None)
    monkeypatch.setenv("DOCKER_HOST", NOWHERE["DOCKER_HOST"])
    assert cli.run(["doctor"]) == 3
    out = capsys.readouterr().out
    assert "MISSING  bandit" in out
    assert "bandit is not installed: pip" in out
    assert "-        gitleaks" in out  # no scan needs it


def test_advisories_that_are_damaged_are_said_and_hide_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "devsecops" / "advisories"
    folder.mkdir(parents=True)
    (folder / "PyPI.json").write_text("{")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", NOWHERE["DOCKER_HOST"])
    cli.run(["doctor"])
    out = capsys.readouterr().out
    assert "-        PyPI           damaged" in out
    assert "DOCKER_HOST" in out


@pytest.mark.needs("dockerd")
def test_the_daemon_that_is_used(devsecops: Command, dockerd: str) -> None:
    out = devsecops("doctor", env={"DOCKER_HOST": dockerd}).out
    assert f"ok       DOCKER_HOST    {dockerd}  " in out
    assert ", API 1." in out


def test_a_scanner_without_its_database_is_not_ready(
    tool: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    program = tool("trivy", "", "0.76.0")
    monkeypatch.setattr(process, "which", lambda name, **_: program if name == "trivy" else None)
    monkeypatch.setenv("DOCKER_HOST", NOWHERE["DOCKER_HOST"])
    monkeypatch.setenv("TRIVY_CACHE_DIR", str(tmp_path))
    cli.run(["doctor"])
    assert "-        trivy          0.76.0" in capsys.readouterr().out
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "trivy.db").write_bytes(bytes(1_000_000))
    (tmp_path / "db" / "metadata.json").write_text('{"UpdatedAt": "2026-08-01T00:00:00Z"}')
    cli.run(["doctor"])
    found = [line for line in capsys.readouterr().out.splitlines() if "trivy" in line]
    assert found[0].startswith("  ok       trivy          0.76.0")
    assert found[0].endswith("database of 2026-08-01")
