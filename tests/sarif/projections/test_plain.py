"""The plain log is the canonical one without what is ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from devsecops.model import Outcome
from tests.difficult import OUTCOMES
from tests.factory import execution, result
from tests.sarif import every_index
from tests.sarif.projections.logs import complaints, logs, project
from tests.sarif.test_outcome import outcomes, written


def bags(value: Any) -> list[Any]:
    """All property bags in a log."""
    found = []
    if isinstance(value, dict):
        found = [value["properties"]] if "properties" in value else []
        found += [bag for below in value.values() for bag in bags(below)]
    elif isinstance(value, list):
        found = [bag for below in value for bag in bags(below)]
    return found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_nothing_of_ours_is_left_and_nothing_else_is_lost(found: Outcome) -> None:
    (plain,) = logs(project("plain", found))
    assert all(bag and "devsecops" not in bag for bag in bags(plain))

    def same(ours: Any, theirs: Any) -> None:
        if isinstance(ours, dict):
            assert {*theirs} == {*ours} - ({"properties"} - {*theirs})
            for name in theirs:
                if name != "properties":
                    same(ours[name], theirs[name])
                else:
                    assert theirs[name] == {key: value for key, value in ours[name].items() if key != "devsecops"}
        elif isinstance(ours, list):
            assert len(ours) == len(theirs)
            for mine, their in zip(ours, theirs, strict=True):
                same(mine, their)
        else:
            assert ours == theirs

    same(json.loads(written(found)), plain)


@settings(deadline=None)
@given(every_index.logs)
def test_a_log_without_anything_of_ours_stays_as_it_is(log: Any) -> None:
    assert logs(project("plain", log)) == [log]


@pytest.mark.parametrize("name", ["clean", "gaps", "states", "places"])
def test_it_is_valid(name: str) -> None:
    assert complaints(project("plain", OUTCOMES[name]), "plain") == []


def test_bags_of_others_stay_and_one_result_stands_on_a_line() -> None:
    log = json.loads(written(Outcome(executions=(execution(),), results=(result(), result(message="n")))))
    log["runs"][0]["results"][0]["properties"] = {"devsecops": {"service": "a"}, "theirs": {"devsecops": 1}}
    projected = project("plain", log)
    (found,) = logs(projected)
    assert found["runs"][0]["results"][0]["properties"] == {"theirs": {"devsecops": 1}}
    assert len(b"".join(projected.files[0]).splitlines()) == 4
