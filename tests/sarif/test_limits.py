"""What a platform would refuse of a log is found, and the JSON Schema is asked where it can be."""

from __future__ import annotations

import builtins
import copy
import json
import random
from typing import Any

import pytest

from devsecops.errors import UsageError
from devsecops.model import Outcome, Rule
from devsecops.sarif.integrity import limits, validate
from devsecops.sarif.integrity.validation import MOST
from tests.factory import execution, result
from tests.sarif.projections.logs import SCHEMA, Json, logs, project

OUTCOME = Outcome(executions=(execution(),), results=(result(rule=Rule(id="R", cwe=(79,)), score=7.5),))
SOUND = {name: logs(project(name, OUTCOME))[0] for name in ("github", "gitlab")}
RUN = ("runs", 0)
RESULT = (*RUN, "results", 0)
RULE = (*RUN, "tool", "driver", "rules", 0)
PHYSICAL = (*RESULT, "locations", 0, "physicalLocation")
FLOW: Json = {"threadFlows": [{"locations": [{"location": {}}] * 1_001}]}


def changed(log: Json, path: tuple[str | int, ...], value: Any) -> Json:
    """A copy of the log with another value at a place."""
    new = copy.deepcopy(log)
    holder: Any = new
    for word in path[:-1]:
        holder = holder[word]
    holder[path[-1]] = value
    return new


@pytest.mark.parametrize("platform", sorted(SOUND))
def test_what_we_project_keeps_all_limits(platform: str) -> None:
    assert limits(SOUND[platform], platform) == []


BOTH: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("$schema",), "", "/$schema"),
    (("runs",), [{}] * 21, "/runs"),
    (("runs",), SOUND["github"]["runs"] * 2, "/runs/1"),
    ((*RUN, "tool", "driver", "name"), "", "/runs/0/tool/driver/name"),
    ((*RUN, "tool", "driver", "name"), "n" * 256, "/runs/0/tool/driver/name"),
    ((*RUN, "automationDetails", "id"), "no-slash", "/runs/0/automationDetails/id"),
    ((*RUN, "results"), [{}] * 5_001, "/runs/0/results"),
    ((*RUN, "tool", "driver", "rules"), [{}] * 25_001, "/runs/0/tool/driver/rules"),
    ((*RULE, "id"), "", "/runs/0/tool/driver/rules/0/id"),
    ((*RULE, "help", "text"), "", "/runs/0/tool/driver/rules/0/help/text"),
    ((*RULE, "fullDescription", "text"), "x" * 1_025, "/runs/0/tool/driver/rules/0/fullDescription/text"),
    ((*RULE, "shortDescription"), {}, "/runs/0/tool/driver/rules/0/shortDescription/text"),
    ((*RULE, "properties", "tags"), list("abcdefghijk"), "/runs/0/tool/driver/rules/0/properties/tags"),
    ((*RULE, "properties", "security-severity"), "high", "/runs/0/tool/driver/rules/0/properties/security-severity"),
    ((*RESULT, "message", "text"), "", "/runs/0/results/0/message/text"),
    ((*RESULT, "message", "text"), "x" * 1_025, "/runs/0/results/0/message/text"),
    ((*RESULT, "ruleId"), "R/part", "/runs/0/results/0/ruleId"),
    ((*RESULT, "ruleIndex"), 9, "/runs/0/results/0/ruleId"),
    ((*RESULT, "baselineState"), "new", "/runs/0/results/0/baselineState"),
    ((*RESULT, "locations"), [], "/runs/0/results/0/locations"),
    ((*RESULT, "codeFlows"), [FLOW], "/runs/0/results/0/codeFlows"),
    ((*PHYSICAL, "artifactLocation"), {}, "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri"),
    *[
        (
            (*PHYSICAL, "artifactLocation", "uri"),
            uri,
            "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri",
        )
        for uri in ("", "https://x.example", "python:3.9", "file:///a", "/a", "../a", "a/../../b", "a/%2e%2e/../b")
    ],
    ((*PHYSICAL, "region"), {}, "/runs/0/results/0/locations/0/physicalLocation/region/startLine"),
]
GITHUB: list[tuple[tuple[str | int, ...], Any, str]] = [
    ((*RESULT, "partialFingerprints"), {}, "/runs/0/results/0/partialFingerprints/primaryLocationLineHash"),
    ((*RESULT, "rank"), 50.0, "/runs/0/results/0/rank"),
    ((*RESULT, "suppressions"), [], "/runs/0/results/0/suppressions"),
]


@pytest.mark.parametrize(("path", "value", "place"), BOTH, ids=lambda part: part if isinstance(part, str) else "")
@pytest.mark.parametrize("platform", sorted(SOUND))
def test_what_goes_beyond_a_limit_is_found(platform: str, path: tuple[str | int, ...], value: Any, place: str) -> None:
    assert place in [problem.place for problem in limits(changed(SOUND[platform], path, value), platform)]


@pytest.mark.parametrize(("path", "value", "place"), GITHUB, ids=lambda part: part if isinstance(part, str) else "")
def test_what_github_does_not_know_is_found_for_github_only(
    path: tuple[str | int, ...], value: Any, place: str
) -> None:
    assert place in [problem.place for problem in limits(changed(SOUND["github"], path, value), "github")]
    assert limits(changed(SOUND["gitlab"], path, value), "gitlab") == []


def test_github_counts_compressed_bytes_and_gitlab_plain_ones() -> None:
    long = [{**SOUND["gitlab"]["runs"][0]["results"][0], "stacks": "x" * 3_000} for _ in range(4_000)]
    assert [problem.text for problem in limits(changed(SOUND["gitlab"], (*RUN, "results"), long), "gitlab")] == [
        "is too large"
    ]
    long = [{**SOUND["github"]["runs"][0]["results"][0], "stacks": "x" * 3_000} for _ in range(4_000)]
    assert limits(changed(SOUND["github"], (*RUN, "results"), long), "github") == []
    noise = {"noise": random.Random(0).randbytes(10_000_000).hex()}
    assert "is too large" in {problem.text for problem in limits(SOUND["github"] | noise, "github")}


@pytest.mark.needs("shared")
def test_the_schema_finds_what_it_knows() -> None:
    schema = SCHEMA.read_bytes()
    sound = json.dumps(SOUND["github"]).encode()
    assert validate(sound, schema) == []
    broken = changed(SOUND["github"], (*RESULT, "level"), "critical")
    assert [problem.place for problem in validate(json.dumps(broken).encode(), schema)] == ["/runs/0/results/0/level"]
    many = changed(SOUND["github"], (*RUN, "results"), [{"level": 1}] * 1_000)
    assert len(validate(json.dumps(many).encode(), schema)) == MOST
    assert validate(b"{", schema)[0].text.startswith("is not JSON")


@pytest.mark.parametrize("schema", [b"", b"{", b'{"type": 1}'])
def test_a_schema_that_is_none_is_a_wrong_usage(schema: bytes) -> None:
    with pytest.raises(UsageError, match="the JSON Schema cannot be used"):
        validate(b"{}", schema)


def test_without_jsonschema_rs_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "jsonschema_rs":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UsageError) as caught:
        validate(b"{}", b"{}")
    assert caught.value.hint == "pip install 'devsecops[verify]'"


def test_problems_are_in_the_order_of_the_log() -> None:
    broken = changed(changed(SOUND["github"], (*RULE, "id"), ""), (*RESULT, "message", "text"), "")
    places = [problem.place.removeprefix("/runs/0/") for problem in limits(broken, "github")]
    assert places == ["tool/driver/rules/0/id", "results/0/message/text", "results/0/ruleId"]
