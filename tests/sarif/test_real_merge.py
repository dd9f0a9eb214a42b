"""Logs of about a hundred real tools, merged one by one and all together."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devsecops.sarif import Merged, Source, from_sarif, merge
from devsecops.sarif.integrity import check, validate
from tests.conftest import SHARED

LOGS = sorted((SHARED / "data" / "sarif").glob("*/*.sarif"))
UNKNOWN = {
    "3076b7530f43.sarif": "toolExecutionSuccessful",
    "d6517d3167a0.sarif": "artifact",
    "e48ce5797c19.sarif": "analysisToolLogFileLocation",
}
"""Members that the standard does not have stay where they stood, whatever the schema says of that."""
pytestmark = pytest.mark.needs("shared")


def source(path: Path) -> Source:
    return Source(path.name, path.read_bytes)


def run(*paths: Path) -> tuple[Merged, bytes]:
    found = merge(map(source, paths))
    return found, b"".join(found)


def read(path: Path) -> Any:
    return json.loads(path.read_bytes().decode("utf-8-sig"))


def counts(log: Any) -> Counter[str]:
    """How many results there are, by name of the tool."""
    found: Counter[str] = Counter()
    for one in log["runs"]:
        found[one.get("tool", {}).get("driver", {}).get("name", "unnamed tool")] += len(one.get("results") or ())
    return found


def is_readable(path: Path) -> bool:
    log = read(path)
    return log.get("version", "2.1.0") == "2.1.0" and isinstance(log.get("runs"), list)


@pytest.fixture(scope="module")
def schema() -> bytes:
    return (SHARED / "data" / "schemas" / "sarif-2.1.0.json").read_bytes()


@pytest.mark.parametrize("part", range(4))
def test_each_log_becomes_one_that_is_valid_sound_and_complete(part: int, schema: bytes) -> None:
    for path in LOGS[part::4]:
        found, data = run(path)
        problems = [one.text for one in validate(data, schema) if UNKNOWN.get(path.name, "\0") not in one.text]
        assert [text for text in problems if "member-inject" not in text] == [], path
        assert found.problems == check(json.loads(data)) == [], path
        assert b"".join(merge([data, data])) == data, path
        if is_readable(path):
            assert reconciled(found, data) == counts(read(path)), path


def reconciled(found: Merged, data: bytes) -> Counter[str]:
    """How many results were read, by tool; what was written is what the log has."""
    written = counts(json.loads(data))
    for name, tally in found.tallies.items():
        assert tally.written == written[name], name
        assert tally.read == tally.written + tally.duplicates + tally.set_aside, name
    return Counter({name: tally.read for name, tally in found.tallies.items()})


def test_all_logs_become_one_that_is_sound_and_complete_in_any_order(schema: bytes) -> None:
    found, data = run(*LOGS)
    expected: Counter[str] = Counter()
    refused = [path for path in LOGS if not is_readable(path)]
    for path in set(LOGS) - set(refused):
        expected.update(counts(read(path)))
    assert reconciled(found, data) == expected
    assert len([note for note in found.notes if note.id == "unreadable"]) == len(refused)
    assert found.problems == check(json.loads(data)) == []
    known = {*UNKNOWN.values(), "member-inject"}
    assert [one for one in validate(data, schema) if not any(name in one.text for name in known)] == []
    assert run(*reversed(LOGS))[1] == data
    halves = [run(*LOGS[half::2])[1] for half in (0, 1)]
    assert b"".join(merge(halves)) == data
    assert len(from_sarif(data).results) > 0


def test_a_log_that_was_merged_says_to_readers_what_it_said_before() -> None:
    """Every result keeps rule, severity, message and place; only what is the same observation is one now."""
    for path in filter(is_readable, LOGS[::5]):
        before, after = (from_sarif(data) for data in (path.read_bytes(), run(path)[1]))
        said = partial(sorted, key=str)
        facts = [
            said({(one.scanner, one.rule.id, one.severity, one.message) for one in outcome.results})
            for outcome in (before, after)
        ]
        assert facts[0] == facts[1], path
        assert {one.status for one in before.executions} == {one.status for one in after.executions}, path
