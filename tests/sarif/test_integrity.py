"""Whatever is broken in a log is found, at its place; a sound log has no problem."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.sarif import to_sarif
from devsecops.sarif.integrity import RunCheck, check
from devsecops.sarif.integrity.shape import CHILDREN, CLOSED, UNIQUE
from devsecops.sarif.integrity.tables import MOST
from tests.conftest import SHARED
from tests.sarif import every_index as sample
from tests.sarif.test_outcome import outcomes

Json = dict[str, Any]
SOUND = sample.log(sample.run(), sample.run([sample.plain(at) for at in range(3)], name="other"))
SCHEMA = SHARED / "data/schemas/sarif-2.1.0.json"


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value of a log with its place."""
    yield path, value
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from walk(below, (*path, key))


def changed(log: Json, path: tuple[str | int, ...], value: Any) -> Json:
    """A copy of the log with another value at a place."""
    new = copy.deepcopy(log)
    holder: Any = new
    for word in path[:-1]:
        holder = holder[word]
    holder[path[-1]] = value
    return new


def pointer(path: tuple[str | int, ...]) -> str:
    return "".join(f"/{word}" for word in path)


def places(log: Json) -> list[str]:
    return [problem.place for problem in check(log)]


def indices(log: Json) -> list[tuple[str | int, ...]]:
    """The places of all indices."""
    return [path for path, _ in walk(log) if path and str(path[-1]).lower().endswith("index")]


INDICES = list({tuple(word for word in path if isinstance(word, str)): path for path in indices(SOUND)}.values())
"""One index of each property that has one, in the last rows of the tables."""


def test_a_log_that_uses_every_index_is_sound() -> None:
    assert check(SOUND) == []


def test_the_sample_uses_every_index_of_the_standard() -> None:
    said = {str(path[-1]) for path in INDICES}
    assert said == {
        "index",
        "invocationIndex",
        "parentIndex",
        "resultGraphIndex",
        "ruleIndex",
        "runGraphIndex",
    }


@pytest.mark.parametrize("path", INDICES, ids=pointer)
def test_an_index_that_is_out_of_range_is_found_at_its_place(path: tuple[str | int, ...]) -> None:
    for value in (99, -2, "1", None, True):
        assert pointer(path) in places(changed(SOUND, path, value))


LOCAL = {"parentIndex", "invocationIndex", "resultGraphIndex"}  # nothing beside them says what they should lead to


@pytest.mark.parametrize("path", [path for path in INDICES if path[-1] not in LOCAL], ids=pointer)
def test_an_index_that_leads_to_another_row_than_is_named_is_found(path: tuple[str | int, ...]) -> None:
    index = next(value for at, value in walk(SOUND) if at == path)
    holder = next(value for at, value in walk(SOUND) if at == path[:-1])
    if holder == {"index": index}:
        pytest.skip("only the index is said: it cannot be inconsistent")
    assert len(places(changed(SOUND, path, (index + 1) % sample.TABLES))) > 0


@settings(deadline=None)
@given(sample.logs)
def test_generated_logs_are_sound(log: Json) -> None:
    assert check(log) == []


@settings(deadline=None)
@given(sample.logs.filter(lambda log: log["runs"]), st.data())
def test_one_broken_index_is_found(log: Json, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(indices(log)))
    assert pointer(path) in places(changed(log, path, data.draw(st.integers(3, 9) | st.integers(-9, -2))))


@settings(max_examples=50, deadline=None)
@given(outcomes)
def test_what_we_write_is_sound(outcome: Any) -> None:
    found = check(json.loads(b"".join(to_sarif(outcome))))
    wild = re.compile(r"/(startLine|endLine|endColumn|uri|suppressions/\d)$")  # as the values that were drawn
    assert [problem for problem in found if not wild.search(problem.place)] == []


R = ("runs", 0, "results", 0)
P = ("runs", 1, "results", 0)
L = (*R, "locations", 0, "physicalLocation")
LP = (*P, "locations", 0, "physicalLocation")
STEP = (*P, "codeFlows", 0, "threadFlows", 0, "locations", 0, "location", "physicalLocation")

DEFECTS: list[tuple[tuple[str | int, ...], Any]] = [
    *[((*place, "region", "startLine"), bad) for place in (L, LP, STEP) for bad in (0, -1, 1.5, "1", True, None)],
    *[((*place, "region"), {"startLine": 1, "startColumn": 0}) for place in (L, LP)],
    *[((*place, "region"), {"startLine": 3, "endLine": 2}) for place in (L, LP, STEP)],
    *[((*place, "region"), {"startLine": 1, "startColumn": 4, "endColumn": 3}) for place in (L, LP, STEP)],
    *[((*place, "region"), {"startLine": 1, "endColumn": 0}) for place in (L, LP)],
    *[((*place, "region"), {"endLine": 1}) for place in (L, LP)],
    *[((*place, "region"), {"startLine": 1, "charLength": -1}) for place in (L, LP)],
    ((*L, "contextRegion", "endLine"), 0),
    *[((*place, "message"), bad) for place in (R, P) for bad in ({}, None, "m", {"markdown": "m"}, {"text": 1})],
    *[((*place, "level"), bad) for place in (R, P) for bad in ("critical", None, 1, ["note"], "Error")],
    *[((*place, "kind"), "bad") for place in (R, P)],
    *[((*place, "baselineState"), "old") for place in (R, P)],
    ((*R, "suppressions", 0, "kind"), "inCode"),
    ((*R, "suppressions", 0, "status"), "ok"),
    ((*R, "codeFlows", 0, "threadFlows", 0, "locations", 0, "importance"), "high"),
    (("runs", 0, "columnKind"), "bytes"),
    (("runs", 0, "tool", "driver", "rules", 0, "defaultConfiguration"), {"level": "high"}),
    (("runs", 0, "invocations", 0, "toolExecutionNotifications", 0, "level"), "fatal"),
    (("runs", 0, "invocations", 0, "toolExecutionNotifications", 0, "message"), {}),
    *[((*place, "ruleId"), "driver/rule-1") for place in (R, P)],
    ((*P, "ruleId"), "driver/rule-00"),
    ((*R, "rule", "id"), "extension-0/rule-1"),
    ((*R, "rule", "guid"), "0"),
    ((*R, "taxa", 0, "id"), "CWE-89"),
    ((*R, "taxa", 0, "toolComponent", "name"), "CWE"),
    ((*R, "taxa", 0, "toolComponent", "guid"), "00000000-0000-4000-8000-000000000000"),
    *[((*place, "artifactLocation", "uri"), bad) for place in (L, LP, STEP) for bad in ("b.py", 1, "a\\0.py")],
    *[((*place, "artifactLocation", "uriBaseId"), "LOST") for place in (L, LP, STEP)],
    *[
        ((*place, "artifactLocation"), {"uri": bad, "uriBaseId": "SRCROOT"})
        for place in (L, LP)
        for bad in (
            "https://example.com/a",
            "/etc/passwd",
            "file:///a",
            "a\\b",
        )
    ],
    *[
        ((*place, "artifactLocation"), {"uri": bad})
        for place in (L, LP)
        for bad in ("file:///home/me/a.py", "FILE:/a", "/home/me/a.py", "C:\\a.py")
    ],
    *[((*place, "artifactLocation"), {"uri": "a.py", "uriBaseId": "LOST"}) for place in (L, LP)],
    ((*R, "locations", 0, "logicalLocations", 0, "fullyQualifiedName"), "other"),
    ((*R, "webRequest", "target"), "https://example.com/other"),
    ((*R, "webResponse", "statusCode"), 500),
    ((*L, "address", "fullyQualifiedName"), "other"),
    ((*R, "graphTraversals", 0, "edgeTraversals", 0, "edgeId"), "lost"),
    ((*R, "graphTraversals", 1, "edgeTraversals", 0, "edgeId"), "lost"),
    ((*R, "graphTraversals", 0), {}),
    ((*R, "graphTraversals", 0, "resultGraphIndex"), 0),
    ((*R, "graphs", 0, "edges", 0, "targetNodeId"), "lost"),
    ((*R, "graphs", 0, "nodes", 0, "children", 0, "id"), "result-0/n0"),
    (("runs", 0, "artifacts", 0, "parentIndex"), 2),
    (("runs", 0, "artifacts", 0, "parentIndex"), 0),
    (("runs", 0, "logicalLocations", 0, "parentIndex"), 1),
    (("runs", 0, "addresses", 0, "parentIndex"), 1),
    (("runs", 0, "originalUriBaseIds", "SRCROOT", "uri"), "file:///checkout"),
    (("runs", 0, "originalUriBaseIds", "SRCROOT", "uri"), "work/"),
    (("runs", 0, "originalUriBaseIds", "SRCROOT", "uriBaseId"), "DOCS"),
    (("runs", 0, "originalUriBaseIds", "DOCS", "uriBaseId"), "LOST"),
    (("runs", 0, "originalUriBaseIds", "DOCS", "uri"), "../docs/"),
    (("runs", 0, "originalUriBaseIds", "DOCS"), None),
    (("runs", 0, "results"), None),
    (("runs", 0, "results", 0), "a result"),
    (("runs", 0), []),
    (("runs", 1), sample.run([])),
    (("runs",), None),
    (("version",), "2.0.0"),
]


@pytest.mark.parametrize(("path", "value"), DEFECTS, ids=lambda part: pointer(part) if isinstance(part, tuple) else "")
def test_a_planted_defect_is_found(path: tuple[str | int, ...], value: Any) -> None:
    found = places(changed(SOUND, path, value))
    assert any(place.startswith(pointer(path[:2])) for place in found) or found == [""]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("run", name) for name in sorted(UNIQUE["run"])] + [("result", name) for name in sorted(UNIQUE["result"])],
)
def test_a_row_that_stands_twice_is_found(kind: str, name: str) -> None:
    log = sample.log(sample.run())
    holder = log["runs"][0] if kind == "run" else log["runs"][0]["results"][0]
    row = (holder.get(name) or [{"name": "a"}])[0]
    holder[name] = [row, *holder.get(name, [row])]
    assert any(problem.text.startswith("is the same") for problem in check(log))


def test_runs_of_one_key_are_found_and_a_run_id_makes_no_difference() -> None:
    first, second = sample.run([], category="a/1"), sample.run([], category="a/2")
    assert places(sample.log(first, second)) == ["/runs/1"]
    second["tool"]["driver"]["semanticVersion"] = "1.0.0"
    assert check(sample.log(first, second)) == []
    assert check(sample.log(first, sample.run([], category="b/1"))) == []


def test_tables_that_stand_in_another_file_prove_nothing() -> None:
    run = sample.run()
    del run["artifacts"]
    assert check(sample.log(run))
    run["externalPropertyFileReferences"] = {"artifacts": [{"location": {"uri": "a.sarif-external-properties"}}]}
    assert check(sample.log(run)) == []


@settings(deadline=None)
@given(sample.results, st.data())
def test_a_glance_never_passes_what_the_walk_finds(result: Json, data: st.DataObject) -> None:
    paths = [path for path, _ in walk(result) if path]
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [None, 0, -1, 2, 99, 1.5, "", "x", "../x", "file:///x", [], {}, [{}], {"text": "x"}]
    )
    broken = changed(result, data.draw(st.sampled_from(paths)), data.draw(odd))
    check = RunCheck(sample.run([]))
    for at in range(3):
        check.result(sample.plain(at), at)
    assert check.problems == []
    if check._is_plain(broken):
        check._safely("result", broken, (None, 0))
        assert check.problems == []


def test_a_plain_result_is_seen_at_a_glance() -> None:
    check = RunCheck(sample.run([]))
    assert not check._is_plain(sample.plain(0))
    check.result(sample.plain(0), 0)
    assert check._is_plain(sample.plain(0))


class Artifact:
    def __init__(self, uri: str, base: str = "", index: int = -1) -> None:
        self.uri, self.uriBaseId, self.index = uri, base, index


@pytest.mark.parametrize("artifact", [Artifact("a/0.py", "SRCROOT", 0), Artifact("b.py"), Artifact("b.py", "DOCS")])
def test_a_result_given_in_parts_is_checked_as_a_whole_one_is(
    artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = RunCheck(sample.run([]))
    check.plain("driver/rule-0", 0, "error", [artifact], 0)
    with monkeypatch.context() as patch:
        patch.setattr(check, "_walk", None)  # what was seen once is not walked again
        check.plain("driver/rule-0", 0, "error", [artifact], 1)
    assert check.problems == []
    check.plain("driver/rule-0", 1, "error", [artifact], 2)
    check.plain("driver/rule-0", 0, "fatal", [artifact], 3)
    check.plain("driver/rule-0", 0, "error", [Artifact("file:///x")], 4)
    check.plain("driver/rule-0", 0, "error", [Artifact("a/1.py", "SRCROOT", 0)], 5)
    assert [problem.place.split("/")[4] for problem in check.problems] == ["2", "3", "4", "5"]


def test_a_rule_of_an_extension_proves_nothing_of_the_drivers() -> None:
    result = {"ruleId": "extension-0/rule-0", "ruleIndex": 0, "message": {"text": "m"}, "locations": []}
    check = RunCheck(sample.run([]))
    check.result(result | {"rule": {"toolComponent": {"index": 0}}}, 0)
    assert check.problems == []
    check.result(result, 1)
    assert [problem.place for problem in check.problems] == ["/runs/0/results/1/ruleIndex"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(JSON)
def test_no_json_makes_it_raise(value: Any) -> None:
    assert check(value)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_value_anywhere_makes_it_raise(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path, _ in walk(SOUND) if path]))
    check(changed(SOUND, path, data.draw(JSON)))


def test_a_deep_log_is_a_problem_and_no_crash() -> None:
    node: Json = {"id": "n"}
    for _ in range(5_000):
        node = {"id": "n", "children": [node]}
    assert "is nested too deeply to be checked" in {
        p.text for p in check(sample.log(sample.run([]) | {"graphs": [{"nodes": [node]}]}))
    }


def test_of_very_many_problems_the_first_are_kept_and_the_rest_is_counted() -> None:
    found = check(sample.log(sample.run([{"ruleId": "a"}] * (MOST + 5))))
    assert len(found) == MOST + 1
    assert found[-1].text == "5 more problems"


def _reference(schema: Json) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    return _reference(schema["items"]) if "items" in schema else ""


@pytest.mark.needs("shared")
@pytest.mark.parametrize("kind", sorted(CHILDREN))
def test_the_tables_say_what_the_schema_says(kind: str) -> None:
    properties = json.loads(SCHEMA.read_bytes())["definitions"][kind]["properties"]
    children = {name: _reference(schema) for name, schema in properties.items() if _reference(schema) in CHILDREN}
    if kind == "run":
        assert children.pop("results") == "result"
    assert CHILDREN[kind] == children
    assert UNIQUE.get(kind, frozenset()) == {name for name in children if properties[name].get("uniqueItems")}
    closed = {name: frozenset(schema["enum"]) for name, schema in properties.items() if "enum" in schema}
    assert CLOSED.get(kind, {}) == closed


@pytest.mark.needs("shared")
def test_the_schema_has_no_index_in_an_object_that_is_not_checked() -> None:
    for kind, schema in json.loads(SCHEMA.read_bytes())["definitions"].items():
        if any(name.lower().endswith("index") for name in schema["properties"]):
            assert kind in CHILDREN
