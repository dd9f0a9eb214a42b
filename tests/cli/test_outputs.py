"""What `-o FORMAT=FILE` writes: every report that can be, and a complaint for every other."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from devsecops import writers
from devsecops.cli import outputs
from devsecops.cli.outputs import Target
from devsecops.model import Message, Outcome
from devsecops.sarif import from_sarif, to_sarif
from devsecops.sarif.projections import Projected, TextOf
from tests import factory

OUTCOME = Outcome(results=(factory.result(),), executions=(factory.execution(),))


@pytest.fixture
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A projection that writes the log's length, in two files where the log is a given one."""

    def project(log: bytes, outcome: Outcome, text_of: TextOf) -> Projected:
        files = [(b"%d" % len(log),), (b"second",)]
        note = Message(id="cut", text="something\nis left out")
        return Projected(files=tuple(files if log == b"given" else files[:1]), notes=(note,))

    module = ModuleType("parts")
    module.project = project  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parts", module)
    monkeypatch.setitem(writers.PROJECTIONS, "parts", "parts")


def test_without_a_log_the_outcome_makes_it(tmp_path: Path) -> None:
    assert outputs.write(OUTCOME, [Target("sarif", str(tmp_path / "a"))])
    assert from_sarif((tmp_path / "a").read_bytes()) == OUTCOME


def test_a_log_that_is_given_is_written_as_it_is(tmp_path: Path) -> None:
    assert outputs.write(OUTCOME, [Target("sarif", str(tmp_path / "a"))], b"given")
    assert (tmp_path / "a").read_bytes() == b"given"


@pytest.mark.usefixtures("_parts")
def test_a_projection_gets_the_log_and_may_write_several_files(tmp_path: Path) -> None:
    assert outputs.write(OUTCOME, [Target("parts", str(tmp_path / "a.sarif"))], b"given")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.sarif": b"5", "a-2.sarif": b"second"}


@pytest.mark.usefixtures("_parts")
def test_what_a_projection_leaves_out_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outputs.write(OUTCOME, [Target("parts", str(tmp_path / "a.sarif"))])
    assert capsys.readouterr().err == "warning: parts: something is left out\n"


@pytest.mark.usefixtures("_parts")
def test_a_projection_gets_the_log_of_the_outcome_where_none_is_given(tmp_path: Path) -> None:
    assert outputs.write(OUTCOME, [Target("parts", str(tmp_path / "a.sarif"))])
    assert (tmp_path / "a.sarif").read_text() == str(len(b"".join(to_sarif(OUTCOME))))


@pytest.mark.usefixtures("_parts")
def test_standard_output_takes_no_report_of_two_files(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert not outputs.write(OUTCOME, [Target("parts", "-")], b"given")
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert b"needs more than one file" in err
    assert outputs.write(OUTCOME, [Target("parts", "-")])


@pytest.mark.usefixtures("_parts")
def test_the_further_files_of_a_report_spare_other_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = Target("sarif", str(tmp_path / "a-2.sarif"))
    assert not outputs.write(OUTCOME, [other, Target("parts", str(tmp_path / "a.sarif"))], b"given")
    assert "another report is written there" in capsys.readouterr().err
    assert (tmp_path / "a-2.sarif").read_bytes() == b"given"


def test_what_cannot_be_written_does_not_keep_others_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = Target("sarif", str(tmp_path / "a"))
    assert not outputs.write(OUTCOME, [Target("sarif", str(tmp_path / "no" / "a")), good])
    assert "cannot write" in capsys.readouterr().err
    assert (tmp_path / "a").exists()
