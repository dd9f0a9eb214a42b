"""The dependency audit end to end, with the real pip-audit: it answers, or it says that it cannot."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.test_sources import PAIR, archive, folder, knows, osv
from tests.conftest import Command

pytestmark = pytest.mark.needs("pip-audit")
ONLY = ("--scanner", "pip-audit")


def messages(report: Path) -> str:
    log = json.loads(report.read_bytes())
    invocations = [one for run in log["runs"] for one in run["invocations"]]
    return "\n".join(
        note["message"]["text"] for one in invocations for note in one.get("toolExecutionNotifications", [])
    )


@pytest.fixture
def audit(repository: Callable[..., Path], devsecops: Command, tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Audit a repository against an OSV service: exit code, output, messages of the report."""

    def run(
        service: str, *arguments: str, files: dict[str, str] | None = None, env: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        config = tmp_path / "config.toml"
        config.write_text(f"[advisories]\nservice = '{service}'\n")
        root = repository(files or {"requirements.txt": "flask==1.0\nsix==1.16.0\n", "app.py": "x = 1\n"})
        report = tmp_path / "report.sarif"
        ran = devsecops("scan", root, "--config", config, "-o", f"sarif={report}", *ONLY, *arguments, env=env)
        return ran.code, " ".join((ran.out + ran.err).split()), messages(report)

    return run


def test_a_vulnerable_package_is_found_with_what_all_records_say(audit: Callable[..., tuple[int, str, str]]) -> None:
    with osv(
        lambda path, query: (200, json.dumps({"vulns": PAIR[:2]}).encode()) if is_canary(query) else knows(path, query)
    ) as url:
        code, said, _ = audit(url)
    assert code == 1
    assert "flask 1.0: 1 advisory" in said
    assert "CVE-1 (high, CVSS 7.5): Short" in said
    assert "requirements.txt:1" in said
    assert "Fix: upgrade to 2.0" in said


def is_canary(query: dict[str, Any]) -> bool:
    return bool(query.get("package", {}).get("name") == "jinja2")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda *_: (500, b""), "answered 500"),
        (lambda *_: (200, b"<html>"), "something else than OSV records"),
        (lambda *_: (200, b"{}"), "knows no advisory"),
        (lambda *_: (200, b'{"vulns": [{"nonsense": 1}]}'), ""),
    ],
    ids=["500", "malformed", "empty", "no records"],
)
def test_a_service_that_is_no_help_makes_the_audit_fail(
    audit: Callable[..., tuple[int, str, str]], answer: Callable[..., tuple[int, bytes]], says: str
) -> None:
    with osv(answer) as url:
        code, said, noted = audit(url)
    assert code == 3
    assert says in noted
    assert "INCOMPLETE" in said


def test_a_service_that_is_down_makes_the_audit_fail(audit: Callable[..., tuple[int, str, str]]) -> None:
    code, said, noted = audit("http://127.0.0.1:9")
    assert code == 3
    assert "did not answer" in noted
    assert "devsecops advisories import" in said


def test_a_service_that_fails_in_the_middle_makes_the_audit_fail(audit: Callable[..., tuple[int, str, str]]) -> None:
    def failing(path: str, query: dict[str, Any]) -> tuple[int, bytes]:
        return knows(path, query) if is_canary(query) else (500, b"")

    with osv(failing) as url:
        code, _, noted = audit(url)
    assert code == 3
    assert "answered 500" in noted


def test_a_slow_service_ends_at_the_deadline(audit: Callable[..., tuple[int, str, str]]) -> None:
    done = threading.Event()

    def slow(path: str, query: dict[str, Any]) -> tuple[int, bytes]:
        if not is_canary(query):
            done.wait(20)
        return knows(path, query)

    began = time.monotonic()
    with osv(slow) as url:
        code, _, noted = audit(url, "--timeout", "2s")
        done.set()
    assert code == 3
    assert "did not end within 2 s" in noted
    assert time.monotonic() - began < 15


def test_a_proxy_in_the_environment_does_not_come_between(audit: Callable[..., tuple[int, str, str]]) -> None:
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    with osv(knows) as url:
        code, said, _ = audit(url, env={**proxies, "NO_PROXY": "127.0.0.1"})
    assert code == 1, said


def test_offline_without_an_archive_is_incomplete_and_with_one_is_not(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    root = repository({"requirements.txt": "six==1.16.0\n"})
    before = devsecops("scan", root, *ONLY, "--offline")
    assert before.code == 3
    assert "there are no advisories for PyPI" in " ".join(before.out.split())
    assert devsecops("advisories", "status").out.startswith("Nothing has been imported")
    imported = devsecops("advisories", "import", "PyPI", archive(tmp_path / "all.zip", PAIR))
    assert imported.out == "3 records of PyPI, the newest of 2026-02-03\n"
    assert "PyPI        3 records" in devsecops("advisories", "status").out
    after = devsecops("scan", root, *ONLY, "--offline")
    assert after.code == 0, after
    assert "Advisories: OSV PyPI, the newest of 2026-02-03." in after.out


def test_what_is_not_pinned_is_named_and_accepting_it_is_said(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    root = repository({"requirements.txt": "six==1.16.0\ndjango>=4\n"})
    records = folder(tmp_path / "osv", PAIR)
    before = devsecops("scan", root, *ONLY, "--advisories", records)
    assert before.code == 3
    assert "requirements.txt:2: django>=4 cannot be audited" in " ".join(before.out.split())
    accepted = devsecops(
        "accept", "package:django", "--reason", "only for 'development' \u2014 \"really\"", "--root", root
    )
    assert accepted.code == 0, accepted
    after = devsecops("scan", root, *ONLY, "--advisories", records)
    assert after.code == 0, after
    assert "accepted: only for 'development' \u2014 \"really\"" in " ".join(after.out.split())
    untrusted = devsecops("scan", root, *ONLY, "--advisories", records, "--trust", "untrusted")
    assert untrusted.code == 3


def test_nothing_of_the_repository_is_built(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    evil = f"import pathlib; pathlib.Path({str(canary)!r}).touch()\nfrom setuptools import setup; setup()\n"
    root = repository({"requirements.txt": "-e .\n./sub\nsix==1.16.0\n", "setup.py": evil, "sub/setup.py": evil})
    ran = devsecops("scan", root, *ONLY, "--advisories", folder(tmp_path / "osv", PAIR))
    assert ran.code == 0, ran
    assert not canary.exists()


def test_every_place_of_a_package_is_reported_and_counted_once(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    package = '[[package]]\nname = "flask"\nversion = "1.0"\nsource = { registry = "x" }\n'
    lock = f'version = 1\nrequires-python = ">=3.11"\n{package}'
    root = repository({"web/requirements.txt": "flask==1.0\n", "web/uv.lock": lock, "web/Dockerfile": ""})
    ran = devsecops("scan", root, *ONLY, "--advisories", folder(tmp_path / "osv", PAIR))
    assert ran.code == 1
    assert "web         1" in ran.out
    assert "web/requirements.txt:1 and 1 other place" in ran.out


def test_pip_resolves_where_trusted_configuration_says_so(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    """Needs a package index; without one the audit fails, which is the other right answer."""
    root = repository({"requirements.txt": "six<1.17\n", "devsecops.toml": "[scanner.pip-audit]\nresolve = true\n"})
    records = folder(tmp_path / "osv", PAIR)
    local = devsecops("scan", root, *ONLY, "--advisories", records)
    assert local.code == 3
    assert "scanner.pip-audit.resolve was not taken" in " ".join(local.out.split())
    trusted = devsecops("scan", root, *ONLY, "--advisories", records, "--trust", "trusted")
    assert trusted.code == 0 or "pip-audit" in trusted.out
    assert "cannot be audited" not in trusted.out
