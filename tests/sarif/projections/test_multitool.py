"""SARIF Multitool, a referee nobody here wrote, finds no error in what goes to GitHub.

Its exit code is 0 whatever it finds, and a log it cannot read gives an empty report: its report is read, and the same
run must find a defect that was planted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devsecops.model import Outcome
from tests.difficult import OUTCOMES, many
from tests.sarif.projections.logs import CORPUS, Json, log, logs, project, run, said, valid
from tests.sarif.projections.test_github import step

pytestmark = pytest.mark.needs("sarif-multitool")


def errors(folder: Path, found: Json) -> list[str]:
    """The errors that Multitool reports of a log, by SARIF's rules and GitHub's."""
    program = shutil.which("sarif-multitool", path=str(Path(sys.executable).parent)) or shutil.which("sarif-multitool")
    assert program
    (folder / "log.sarif").write_text(json.dumps(found))
    options = ["--rule-kind", "Sarif;Ghas", "--level", "Error", "--output", "report.sarif", "--log", "ForceOverwrite"]
    subprocess.run(
        [program, "validate", "log.sarif", *options], cwd=folder, capture_output=True, check=False, timeout=60
    )
    (report,) = json.loads((folder / "report.sarif").read_bytes())["runs"]
    assert report["invocations"][0]["executionSuccessful"]
    return [f"{one['ruleId']}: {one['message']}" for one in report.get("results", []) if one.get("level") == "error"]


def test_a_planted_defect_is_found(tmp_path: Path) -> None:
    (found,) = logs(project("github", log(run(said()))))
    found["runs"][0]["results"][0]["locations"] = []
    found["runs"][0]["results"][0]["ruleIndex"] = 99
    ids = {error.partition(":")[0] for error in errors(tmp_path, found)}
    assert {"SARIF1009", "GH1017"} & ids


@pytest.mark.parametrize("name", ["clean", "states", "places", "hostile", "many"])
def test_our_outcomes_have_no_error(name: str, tmp_path: Path) -> None:
    outcome = many(30) if name == "many" else valid(OUTCOMES[name])
    if name == "hostile":
        outcome = Outcome(results=outcome.results, services=outcome.services)
    for found in logs(project("github", outcome)):
        assert errors(tmp_path, found) == []


def test_a_log_with_everything_has_no_error(tmp_path: Path) -> None:
    flows = [{"threadFlows": [{"locations": [step(), step("b.py", 3)]}]}]
    full = said("https://x.example/a", codeFlows=flows, relatedLocations=[{"id": 1, **step("c.py")["location"]}])
    rules = [{"id": "R1", "name": "Rule", "help": {"text": "help"}, "properties": {"tags": ["CWE-79"]}}]
    for found in logs(project("github", log(run(full, said("d.py"), rules=rules)))):
        assert errors(tmp_path, found) == []


@pytest.mark.needs("shared")
def test_logs_of_other_tools_have_no_error(tmp_path: Path) -> None:
    small = [path for path in sorted(CORPUS.glob("*/*.sarif")) if path.stat().st_size < 20_000]
    runs: list[Json] = []
    for path in small:
        found = json.loads(path.read_bytes().decode("utf-8-sig"))
        if found.get("version") == "2.1.0":
            runs += found.get("runs") or []
    some = [run for run in runs if run.get("results")][::6]
    for number, one in enumerate(some):
        one["automationDetails"] = {"id": f"{number}/"}
    files = logs(project("github", log(*some)))
    assert len(files) > 1
    for found in files:
        assert errors(tmp_path, found) == []
