"""The check of a whole log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from devsecops.sarif.integrity.run import RunCheck
from devsecops.sarif.integrity.tables import Json, Problem, listed, objects


def check(log: Any) -> list[Problem]:  # noqa: ANN401  # any JSON value
    """What is wrong in a log, in the order of the log; an empty list where nothing is. Never raises.

    A log that is written piece by piece is checked by one `RunCheck` a run, and `keys` over its runs.
    """
    if not isinstance(log, dict) or log.get("version") != "2.1.0" or not isinstance(log.get("runs"), list):
        return [Problem("", "is not a SARIF 2.1.0 log with runs")]
    found: list[Problem] = []
    for number, run in enumerate(log["runs"]):
        found += _run(run, number) if isinstance(run, dict) else [Problem(f"/runs/{number}", "must be an object")]
    return found + keys(log["runs"])


def keys(runs: Iterable[Any]) -> list[Problem]:
    """The runs of a log that have the key of an earlier one; their results are not looked at."""
    found: list[Problem] = []
    seen: dict[tuple[str, str, str], int] = {}
    for number, run in enumerate(runs):
        if not isinstance(run, dict):
            continue
        first = seen.setdefault(run_key(run), number)
        if first != number:
            found.append(Problem(f"/runs/{number}", f"has the tool, the version and the category of run {first}"))
    return found


def run_key(run: Json) -> tuple[str, str, str]:
    """Name of the tool, its version, and the category: the text of `automationDetails.id` up to its last `/`."""
    driver = objects(objects(run, "tool"), "driver")
    version = driver.get("semanticVersion") or driver.get("version") or ""
    category = str(objects(run, "automationDetails").get("id", "")).rpartition("/")[0]
    return str(driver.get("name", "")), str(version), category


def _run(run: Json, number: int) -> list[Problem]:
    check = RunCheck(run, number)
    for place, result in enumerate(listed(run, "results")):
        check.result(result, place)
    found = check.problems
    if not isinstance(run.get("results"), list) and "results" not in objects(run, "externalPropertyFileReferences"):
        found.append(Problem(f"/runs/{number}/results", "must be a list: empty where nothing was found"))
    return found
