"""gate, report and diff on logs of scans and of other tools."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devsecops.cli import logs
from devsecops.model import FileLocation, Outcome, Policy, Result, Severity, Status, Suppression
from devsecops.sarif import from_sarif, to_sarif
from devsecops.writers import PROJECTIONS, WRITERS
from tests import factory
from tests.cli.test_scan import FAILING_BANDIT
from tests.conftest import Command, clean_env, command
from tests.e2e.test_faults import GOOD_BANDIT, GOOD_SEMGREP

Json = dict[str, Any]


def foreign(*results: Json, name: str = "Linter", **fields: Any) -> bytes:
    run = {"tool": {"driver": {"name": name}}, "results": list(results), **fields}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def seen(path: str = "a.py", level: str = "error", text: str = "said", rule: str = "R") -> Json:
    where = {"physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": 3}}}
    return {"ruleId": rule, "level": level, "message": {"text": text}, "locations": [where]}


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a log: bytes, or an outcome judged by its policy."""

    def write(content: bytes | Outcome, name: str = "log.sarif") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else b"".join(to_sarif(logs.judged(content))))
        return path

    return write


def outcome(*results: Result, **fields: Any) -> Outcome:
    fields = {"executions": (factory.execution(),)} | fields
    return Outcome(results=results, **fields)


def printed(name: str, path: str = "a.py", **fields: Any) -> Result:
    return factory.result(fingerprints=(f"rule/v1:{name}",), location=FileLocation(path=path, line=1), **fields)


@pytest.mark.parametrize(
    ("bandit", "arguments", "code"),
    [
        (FAILING_BANDIT, [], 1),
        (FAILING_BANDIT, ["--fail-on", "critical"], 0),
        (FAILING_BANDIT, ["--fail-on", "none", "--require", "dependencies"], 3),
        (FAILING_BANDIT, ["--require", "secrets", "--allow-incomplete"], 1),
        (GOOD_BANDIT, [], 0),
        (GOOD_BANDIT, ["--fail-on", "low"], 1),
        ("sys.exit(3)", [], 3),
        ("sys.exit(3)", ["--allow-incomplete"], 0),
    ],
)
def test_the_gate_says_what_the_scan_has_said(
    devsecops: Command,
    tool: Callable[..., Path],
    repository: Callable[..., Path],
    tmp_path: Path,
    bandit: str,
    arguments: list[str],
    code: int,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f"[scanner.bandit]\npath = '{tool('bandit', bandit)}'\n"
        f"[scanner.semgrep]\npath = '{tool('semgrep', GOOD_SEMGREP, '1.150.0')}'\n"
    )
    written = tmp_path / "out.sarif"
    only = ("--scanner", "bandit", "--scanner", "semgrep")
    root = repository({"app.py": "eval(x)\n"})
    scanned = devsecops("scan", root, "--config", config, *only, *arguments, "-o", f"sarif={written}")
    gated = devsecops("gate", written)
    assert (scanned.code, gated.code) == (code, code), gated
    assert gated.out == scanned.out
    assert (
        devsecops("gate", "-q", written).out == devsecops("scan", root, "--config", config, *only, *arguments, "-q").out
    )
    stored = from_sarif(written.read_bytes())
    assert logs.judged(stored).verdict == stored.verdict


def test_an_edited_log_is_judged_by_what_it_now_says(devsecops: Command, log: Callable[..., Path]) -> None:
    path = log(outcome(printed("1")))
    assert devsecops("gate", path).code == 1
    path.write_bytes(path.read_bytes().replace(b'"level":"error"', b'"level":"note"'))
    assert devsecops("gate", path).code == 0


def test_options_and_configuration_come_before_the_stored_policy_and_that_is_said(
    devsecops: Command, log: Callable[..., Path], tmp_path: Path
) -> None:
    path = log(outcome(printed("1", severity=Severity.MEDIUM), policy=Policy(origin="devsecops.toml")))
    assert devsecops("gate", path).code == 0
    strict = devsecops("gate", path, "--fail-on", "low", "-q")
    assert strict.code == 1
    assert 'Policy: fail-on = "low" (command line), in place of "high" (devsecops.toml)' in strict.out
    config = tmp_path / "policy.toml"
    config.write_text('[policy]\nfail-on = "medium"\n[scan]\nrequire = ["dast"]\n')
    configured = devsecops("gate", path, "--config", config, "-q")
    assert configured.code == 3
    assert "nothing examined dast completely" in configured.out
    assert 'fail-on = "medium" (policy.toml)' in configured.out
    assert devsecops("gate", path, "--config", config, "--fail-on", "none", "--allow-incomplete").code == 0


def test_a_policy_that_asks_for_coverage_is_not_content_with_a_log_that_says_nothing_of_it(
    devsecops: Command, log: Callable[..., Path], tmp_path: Path
) -> None:
    path = log(foreign())
    accepted = devsecops("gate", path, "-q")
    assert accepted.code == 0
    assert 'nothing tells what was examined by Linter; unknown-coverage = "accept"' in " ".join(accepted.out.split())
    config = tmp_path / "policy.toml"
    config.write_text('[policy]\nunknown-coverage = "incomplete"\n')
    refused = devsecops("gate", path, "-q", "--config", config)
    assert refused.code == 3
    assert 'unknown-coverage = "incomplete"' in refused.out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (foreign(seen(level="warning")), 0),
        (foreign(seen()), 1),
        (foreign(seen(level="terrible")), 1),
        (foreign(seen() | {"suppressions": [{"kind": "inSource"}]}), 0),
        (foreign(seen() | {"kind": "pass"}), 0),
        (foreign(seen() | {"baselineState": "unchanged"}), 0),
        (foreign(invocations=[{"executionSuccessful": False}]), 3),
        (b'{"version": "2.1.0", "runs": []}', 3),
        (b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}', 3),
        (b"\xef\xbb\xbf" + foreign(seen()), 1),
        (foreign(seen()).decode().encode("utf-16"), 1),
    ],
)
def test_logs_of_other_tools_are_judged_too(
    devsecops: Command, log: Callable[..., Path], content: bytes, code: int
) -> None:
    ran = devsecops("gate", log(content))
    assert ran.code == code, ran
    assert max(map(len, ran.out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["gate", "report"])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "log.sarif: the log is empty"),
        (b"<html></html>", "log.sarif: the log is not JSON: line 1"),
        (b"[]", "log.sarif: this is not a SARIF log"),
        (b'{"version": "1.0.0", "runs": []}', "log.sarif: this is a SARIF 1.0.0 log"),
        (foreign(seen())[:-2], "log.sarif: the log is cut off"),
    ],
)
def test_what_is_no_log_is_incomplete_and_said(
    devsecops: Command, log: Callable[..., Path], name: str, content: bytes, says: str
) -> None:
    ran = devsecops(name, log(content))
    assert ran.code == 3
    assert says in ran.err


def test_a_log_that_is_not_there_is_incomplete(devsecops: Command, tmp_path: Path) -> None:
    assert devsecops("gate", tmp_path / "nope.sarif").code == 3
    assert devsecops("gate").code == 2


def test_a_log_may_come_by_standard_input(log: Callable[..., Path], tmp_path: Path) -> None:
    with log(foreign(seen())).open("rb") as stdin:
        ran = subprocess.run(
            [command(), "gate", "-"], stdin=stdin, env=clean_env(tmp_path), capture_output=True, check=False
        )
    assert ran.returncode == 1
    assert b"1 finding of severity high" in ran.stdout


def test_several_logs_are_judged_as_one(devsecops: Command, log: Callable[..., Path]) -> None:
    one, two = log(foreign(seen(level="note")), "1.sarif"), log(foreign(seen(), name="Other"), "2.sarif")
    assert devsecops("gate", one).code == 0
    assert devsecops("gate", one, two).code == 1
    broken = devsecops("gate", one, two, log(b"{", "3.sarif"))
    assert broken.code == 3
    assert "3.sarif could not be read" in broken.out
    assert devsecops("gate", one, one).code == 2


def test_a_report_of_a_foreign_log_keeps_what_we_have_no_words_for(
    devsecops: Command, log: Callable[..., Path], tmp_path: Path
) -> None:
    content = foreign(seen() | {"properties": {"theirs": [1, {"two": 3}]}}, properties={"also": "theirs"})
    out = tmp_path / "out.sarif"
    ran = devsecops("report", log(content), "-o", f"sarif={out}", "-o", f"csv={tmp_path / 'out.csv'}")
    assert ran.code == 0
    assert "FAILED" in ran.out
    assert out.read_bytes() == content
    assert "a.py" in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize("encode", [lambda data: b"\xef\xbb\xbf" + data, lambda data: data.decode().encode("utf-16")])
def test_a_log_that_has_to_be_repaired_is_reported_repaired(
    devsecops: Command, log: Callable[..., Path], tmp_path: Path, encode: Callable[[bytes], bytes]
) -> None:
    path = log(encode(foreign(seen() | {"properties": {"theirs": 1}})))
    targets = [f"{name}={tmp_path / name}" for name in ("sarif", "github", "plain")]
    ran = devsecops("report", path, *(word for target in targets for word in ("-o", target)))
    assert ran.code == 0, ran
    assert json.loads((tmp_path / "sarif").read_bytes())["runs"][0]["results"][0]["properties"]["theirs"] == 1
    assert json.loads((tmp_path / "github").read_bytes())["runs"][0]["results"]


def test_every_format_is_written_of_a_foreign_log(devsecops: Command, log: Callable[..., Path], tmp_path: Path) -> None:
    bare = {"message": {"text": "no rule, no place"}}
    request = {"message": {"text": "m"}, "webRequest": {"target": "https://x.example/a", "method": "GET"}}
    path = log(foreign(seen(), bare, request, {}, seen(path="../../etc/passwd"), seen(path="/abs/a.py")))
    formats = [*WRITERS, *PROJECTIONS]
    targets = [word for name in formats for word in ("-o", f"{name}={tmp_path / name}")]
    ran = devsecops("report", path, *targets)
    assert ran.code == 0, ran
    assert all((tmp_path / name).exists() for name in formats)


def test_new_fixed_and_unchanged_findings_are_told_apart(devsecops: Command, log: Callable[..., Path]) -> None:
    old = log(outcome(printed("1", "same.py"), printed("2", "gone.py")), "old.sarif")
    new = log(outcome(printed("1", "same.py"), printed("3", "came.py", severity=Severity.LOW)), "new.sarif")
    ran = devsecops("diff", old, new)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "New",
        "  LOW       B602",
        "            came.py:1 (bandit B602)",
        "",
        "Fixed",
        "  HIGH      B602",
        "            gone.py:1 (bandit B602)",
        "",
        "1 new, 1 fixed, 1 unchanged.",
    ]
    assert "same.py" in devsecops("diff", "-v", old, new).out
    assert devsecops("diff", old, old).out == "0 new, 0 fixed, 2 unchanged.\n"


@pytest.mark.parametrize("status", [Status.PARTIAL, Status.FAILED, Status.MISSING, Status.TIMED_OUT])
def test_what_was_not_examined_again_is_not_fixed(devsecops: Command, log: Callable[..., Path], status: Status) -> None:
    old = log(outcome(printed("1")), "old.sarif")
    new = log(outcome(executions=(factory.execution(status=status),)), "new.sarif")
    ran = devsecops("diff", old, new)
    assert "0 new, 0 fixed, 0 unchanged." in ran.out
    assert "1 finding not examined again: bandit did not run to the end in NEW." in ran.out
    assert "0 new, 0 fixed" in devsecops("diff", old, log(outcome(executions=()), "none.sarif")).out


def test_a_finding_that_is_suppressed_now_is_unchanged_and_says_so(
    devsecops: Command, log: Callable[..., Path]
) -> None:
    silent = msgspec.structs.replace(printed("1"), suppressions=(Suppression(reason="because"),))
    ran = devsecops("diff", "-v", log(outcome(printed("1")), "old.sarif"), log(outcome(silent), "new.sarif"))
    assert "1 unchanged" in ran.out


def test_logs_of_other_tools_are_compared_when_lines_move(devsecops: Command, log: Callable[..., Path]) -> None:
    moved = seen("b.py", text="other")
    moved["locations"][0]["physicalLocation"]["region"]["startLine"] = 30
    old = log(foreign(seen(), seen("b.py", text="other")), "old.sarif")
    assert "1 new, 1 fixed, 1 unchanged." in devsecops("diff", old, log(foreign(moved, seen("c.py")), "new.sarif")).out


def test_what_a_log_says_does_nothing_to_the_terminal(devsecops: Command, log: Callable[..., Path]) -> None:
    evil = "\x1b[31mred\x07 \u202e ::error::boom"
    path = log(foreign(seen(path=f"{evil}.py", text=evil, rule=evil), name=evil))
    other = log(foreign(name=evil), "other.sarif")
    command_path = log(foreign(seen(path="::error::x", text="::error::y", rule="::error::z")), "command.sarif")
    runs = [
        ("gate", path),
        ("diff", other, path),
        ("diff", path, other),
        ("gate", command_path),
        ("diff", other, command_path),
    ]
    for ran in (devsecops(*arguments) for arguments in runs):
        assert not re.search(r"(?m)^\s*::", ran.out), ran
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", ran.out), ran
        assert max(map(len, ran.out.splitlines())) <= 80
