"""The command that merges logs: what it says, writes and ends with."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_logs import foreign, seen
from tests.conftest import SHARED, Command, clean_env, command

SCHEMA = SHARED / "data" / "schemas" / "sarif-2.1.0.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two logs of one tool that share a result, and a log of another tool in a folder below."""
    (tmp_path / "below").mkdir()
    (tmp_path / "a.sarif").write_bytes(foreign(seen(), seen("b.py")))
    (tmp_path / "b.sarif").write_bytes(foreign(seen()))
    (tmp_path / "below" / "c.sarif").write_bytes(foreign(seen("c.py"), name="Other"))
    return tmp_path


def test_a_folder_becomes_one_log_and_its_counts_are_said(devsecops: Command, folder: Path) -> None:
    ran = devsecops("merge", folder, "-o", f"sarif={folder / 'out.sarif'}")
    assert ran.code == 0, ran
    assert "4 results read: 3 written, 1 duplicates" in ran.out
    assert "Linter: 2 written, 1 duplicates" in ran.out
    runs = json.loads((folder / "out.sarif").read_bytes())["runs"]
    assert [(run["tool"]["driver"]["name"], len(run["results"])) for run in runs] == [("Linter", 2), ("Other", 1)]


def test_quiet_says_nothing_where_nothing_is_wrong(devsecops: Command, folder: Path) -> None:
    ran = devsecops("merge", "-q", folder, "-o", f"sarif={folder / 'out.sarif'}")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_log_that_cannot_be_read_is_incomplete_and_the_rest_is_written(devsecops: Command, folder: Path) -> None:
    (folder / "bad.sarif").write_bytes(foreign(seen())[:-9])
    ran = devsecops("merge", "-q", folder, folder / "no.sarif", "-o", f"sarif={folder / 'out.sarif'}")
    assert ran.code == 3
    assert "error: bad.sarif could not be read: the log is cut off" in ran.out
    assert "error: no.sarif could not be read: there is no such file" in ran.out
    assert len(json.loads((folder / "out.sarif").read_bytes())["runs"]) == 2


def test_what_was_repaired_is_said(devsecops: Command, folder: Path) -> None:
    (folder / "a.sarif").write_bytes(foreign(seen(level="fatal")))
    ran = devsecops("merge", folder, "-o", f"sarif={folder / 'out.sarif'}")
    assert ran.code == 0
    assert "repaired: a.sarif: level 'fatal'" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.sarif"], "nothing says where the merged log is to go"),
        (["a.sarif", "-o", "sarfi=x"], "did you mean 'sarif'?"),
        (["a.sarif", "-o", "sarif"], "give a format and a file"),
        (["below/empty", "-o", "sarif=x"], "there is no *.sarif file in this folder"),
        ([], "LOG"),
        (["a.sarif", "-o", "sarif=x", "-o", "text=x"], "two reports would be written to x"),
    ],
)
def test_wrong_usage_is_code_two(devsecops: Command, folder: Path, arguments: list[str], said: str) -> None:
    (folder / "below" / "empty").mkdir()
    ran = devsecops("merge", *arguments, cwd=folder)
    assert ran.code == 2, ran
    assert said in ran.out + ran.err
    assert not (folder / "x").exists()


def test_standard_input_and_output(folder: Path) -> None:
    ran = subprocess.run(
        [command(), "merge", "-", "a.sarif", "-o", "sarif=-"],
        input=foreign(seen("stdin.py")),
        capture_output=True,
        cwd=folder,
        env=clean_env(folder),
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0
    assert len(json.loads(ran.stdout)["runs"][0]["results"]) == 3
    assert b"3 results read: 3 written" in ran.stderr


def test_several_formats_at_once_and_the_same_log_as_alone(devsecops: Command, folder: Path) -> None:
    alone = devsecops("merge", "a.sarif", "b.sarif", "-o", "sarif=alone.sarif", cwd=folder)
    outputs = ["-o", "sarif=with.sarif", "-o", "csv=out.csv", "-o", "text=-"]
    ran = devsecops("merge", "b.sarif", "a.sarif", *outputs, cwd=folder)
    assert (alone.code, ran.code) == (0, 0), ran
    assert (folder / "with.sarif").read_bytes() == (folder / "alone.sarif").read_bytes()
    assert b"b.py" in (folder / "out.csv").read_bytes()
    assert "b.py" in ran.out
    assert "3 results read" in ran.err


def test_a_place_that_cannot_be_written_is_code_two_before_any_work(devsecops: Command, folder: Path) -> None:
    ran = devsecops("merge", "a.sarif", "-o", "sarif=no/such/folder/x.sarif", cwd=folder)
    assert ran.code == 2, ran


def test_a_bad_schema_is_wrong_usage(devsecops: Command, folder: Path) -> None:
    ran = devsecops("merge", "a.sarif", "-o", "sarif=x", "--verify", "b.txt", cwd=folder)
    assert ran.code != 0
    assert not (folder / "x").exists()


@pytest.mark.needs("shared")
def test_verify_checks_against_the_schema(devsecops: Command, folder: Path) -> None:
    arguments = ["-q", "-o", "sarif=out.sarif", "--verify", SCHEMA]
    assert devsecops("merge", "a.sarif", *arguments, cwd=folder).code == 0
    (folder / "a.sarif").write_bytes(foreign(seen(), artefacts=[1]))
    ran = devsecops("merge", "a.sarif", *arguments, cwd=folder)
    assert ran.code == 3, ran
    assert "artefacts" in ran.out
