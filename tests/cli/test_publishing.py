"""What a command tells GitHub: nothing that was scanned ends a value, names an output or gives a command."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops import cli
from devsecops.cli import ending, publishing
from devsecops.model import Outcome
from tests.factory import result


def parsed(text: str) -> dict[str, str]:
    """The file of outputs as the runner reads it (actions/runner, FileCommandManager)."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, separator, end = line.partition("<<")
        if not separator:
            name, _, found[name] = line.partition("=")
            continue
        value: list[str] = []
        for inner in lines:
            if inner == end:
                break
            value.append(inner)
        found[name] = "\n".join(value)
    return found


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text() | st.just("x\nadmin=true\nb<<E\n")))
def test_outputs_are_read_as_they_were_meant(values: dict[str, str]) -> None:
    found = parsed(publishing.outputs(values))
    assert found.keys() == values.keys()
    assert all("\n" not in value for value in found.values())


def test_a_step_summary_outputs_and_annotations_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    summary, out = tmp_path / "summary", tmp_path / "output"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_OUTPUT", str(out))
    run = publishing.system()
    assert ending.told(run, Outcome(results=(result(),)), 1, to_stderr=False) == 1
    assert summary.read_text().startswith("before\n")
    found = parsed(out.read_text())
    assert (found["new-findings"], found["findings-total"]) == ("1", "1")
    assert b"::error " in capfdbinary.readouterr().out
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "missing" / "output"))
    assert ending.told(run, Outcome(), 0, to_stderr=False) == 3
    assert ending.told(run, Outcome(), 1, to_stderr=False) == 3  # that something was not written outranks findings


def test_annotations_leave_standard_output_to_a_report(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ending.told(publishing.system(), Outcome(results=(result(),)), 1, to_stderr=True)
    found = capfdbinary.readouterr()
    assert not found.out
    assert b"::error " in found.err


@pytest.mark.parametrize("command", ["scan", "gate"])
def test_that_there_is_nobody_to_tell_is_said_before_the_work(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("devsecops.ci.recognised", lambda _: None)
    assert cli.run([command, "--ci", "/nonexistent"]) == 2
    assert "--ci: this is no CI system" in capsys.readouterr().err


def test_text_on_github_stands_between_a_token_that_nobody_can_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for _ in range(2):
        stream = io.StringIO()
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        with publishing.silenced(stream):
            stream.write("::error::x")
        found = re.fullmatch(r"::stop-commands::([0-9a-f]{32})\n::error::x\n::\1::\n", stream.getvalue())
        assert found
        seen.add(found[1])
    assert len(seen) == 2
    monkeypatch.delenv("GITHUB_ACTIONS")
    stream = io.StringIO()
    with publishing.silenced(stream):
        stream.write("x")
    assert stream.getvalue() == "x"
