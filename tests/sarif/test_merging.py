"""What merging keeps of logs that use every kind of index, in whatever order they come."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops.sarif import Merged, merge, shapes
from devsecops.sarif.components import AREAS
from devsecops.sarif.integrity import check
from devsecops.sarif.whole import _WALKED
from tests.conftest import SHARED
from tests.sarif import every_index, pointers
from tests.sarif.every_index import Json

SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
INDICES = {"index", "parentIndex", "ruleIndex", "runGraphIndex", "invocationIndex"}


def dumped(log: Json) -> bytes:
    return json.dumps(log).encode()


def merged(*logs: Json | bytes) -> bytes:
    """The bytes of the merge of logs in which nothing is wrong."""
    found = merge([log if isinstance(log, bytes) else dumped(log) for log in logs])
    data = b"".join(found)
    assert not found.notes
    assert not found.repairs
    assert not found.problems
    return data


def outcome(*logs: Json) -> tuple[Merged, Json]:
    """The merge of any logs, and the log that it gives."""
    found = merge([dumped(log) for log in logs])
    return found, json.loads(b"".join(found))


def one(*results: Json, **fields: Any) -> Json:
    """A log of one run of `tool`, without tables."""
    return every_index.log({"tool": {"driver": {"name": "tool"}}, "results": list(results)} | fields)


def seen(text: str = "said", uri: str = "a.py", **fields: Any) -> Json:
    """A result of line 1."""
    where = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
    return {"ruleId": "R", "level": "error", "message": {"text": text}, "locations": [where]} | fields


class Recipe(NamedTuple):
    """What a run is made of; it is printed where a test fails."""

    numbers: tuple[int, ...]
    """Numbers that the rows of its tables have."""
    results: tuple[tuple[int, frozenset[str]], ...]
    """For each result its number, and the members that it has; a plain one has none."""
    category: str
    seed: int
    """Of the order of its rows."""


def run_of(recipe: Recipe) -> Json:
    """A run whose results have texts of their own, so that equal ones say the same of everything."""
    found = every_index.run([_result(*one) for one in recipe.results], category=recipe.category)
    found = pointers.renumbered(found, recipe.numbers)
    for result in found["results"]:
        result["message"]["text"] += f" {pointers.guid(f'{recipe.numbers} {json.dumps(result)}')}"
    return pointers.shuffled(found, recipe.seed)


def _result(number: int, names: frozenset[str]) -> Json:
    whole = every_index.result(number)
    always = {"ruleId", "rule", "message", "graphs"}
    some = {name: value for name, value in whole.items() if name in names | always}
    return some if names else every_index.plain(number)


def log_of(recipes: Iterable[Recipe]) -> Json:
    """A log of runs of different categories."""
    return every_index.log(*{recipe.category: run_of(recipe) for recipe in recipes}.values())


recipes = st.builds(
    Recipe,
    st.sampled_from(list(itertools.permutations(range(5), 3))),
    st.lists(
        st.tuples(
            st.integers(0, every_index.TABLES - 1),
            st.frozensets(st.sampled_from(sorted(every_index.result(0).keys() - {"baselineState"}))),
        ),
        max_size=4,
    ).map(tuple),
    st.sampled_from(["", "a/", "b/"]),
    st.integers(0, 99),
)
logs = st.lists(recipes, min_size=1, max_size=2)


@SOME
@given(logs, st.integers(0, 999))
def test_the_order_of_tables_and_results_does_not_show(recipes: list[Recipe], seed: int) -> None:
    log = log_of(recipes)
    other = every_index.log(*(pointers.shuffled(run, seed) for run in reversed(log["runs"])))
    assert merged(other) == merged(log)


@SOME
@given(st.lists(logs, min_size=1, max_size=4), st.integers(0, 999))
def test_merge_is_associative_commutative_and_idempotent(recipes: list[list[Recipe]], seed: int) -> None:
    some = [log_of(one) for one in recipes]
    rng = random.Random(seed)
    whole = merged(*some)
    assert merged(whole) == whole
    assert merged(whole, whole) == whole
    again = [*some, rng.choice(some)]
    rng.shuffle(again)
    at = rng.randint(0, len(again))
    parts = [merged(*part) for part in (again[:at], again[at:]) if part]
    assert merged(*parts) == whole


@SOME
@given(st.lists(logs, min_size=1, max_size=3))
def test_what_is_said_is_what_the_logs_say_together(recipes: list[list[Recipe]]) -> None:
    some = [log_of(one) for one in recipes]
    expected: pointers.Said = {}
    for log in some:
        for name, said in pointers.said(log).items():
            expected[name] = expected.get(name, set()) | said
    data = json.loads(merged(*some))
    assert pointers.said(data) == expected
    assert check(data) == []


@SOME
@given(st.lists(logs, min_size=1, max_size=3))
def test_the_count_of_results_adds_up(recipes: list[list[Recipe]]) -> None:
    some = [log_of(one) for one in recipes]
    found = merge(map(dumped, some))
    log = json.loads(b"".join(found))
    tally = found.tallies["tool"]
    assert tally.read == sum(len(run["results"]) for log in some for run in log["runs"])
    assert tally.written == sum(len(run["results"]) for run in log["runs"])
    assert tally.read == tally.written + tally.duplicates + tally.set_aside


@SOME
@given(st.lists(st.integers(0, 2), min_size=1, max_size=4), st.integers(0, 999))
def test_a_plain_result_is_written_alike_whichever_way_it_goes(numbers: list[int], seed: int) -> None:
    some = [every_index.plain(number) for number in numbers]
    for number, result in enumerate(some):
        result["message"]["text"] = f"{seed} {number}"
        result["properties"] = {"b": seed, "a": [None, "\u00e9"]}
    odd = [{**result, "rank": -1} for result in some]  # says "no rank", which no plain result says
    plainly, oddly = (
        every_index.log(pointers.renumbered(every_index.run(results), (0, 1, 2))) for results in (some, odd)
    )
    assert merged(plainly) == merged(oddly) == merged(plainly, oddly)


def test_unknown_members_and_property_bags_survive_everywhere() -> None:
    log = every_index.log(pointers.renumbered(every_index.run(), (0, 1, 2)))
    # Whatever an index points at keeps what it says; what stands in the place of a row does not matter.
    marked = Counter[str]()

    def mark(value: Any, name: str) -> None:
        for below in value if isinstance(value, list) else ():
            mark(below, name)
        if isinstance(value, dict):
            for key, below in list(value.items()):
                if key != "properties":
                    mark(below, key)
            if name not in {"partialFingerprints", "originalUriBaseIds", ""}:
                text = f"{name} {len(marked)}"
                value["properties"] = {"text": text}
                value["x-unknown"] = text
                marked[text] += 2

    mark(log["runs"], "runs")
    log["properties"] = {"text": "log"}
    log["x-unknown"] = "log"
    data = b"".join(merge([dumped(log)])).decode()
    assert [text for text, count in marked.items() if data.count(f'"{text}"') < count] == []
    assert json.loads(data)["properties"]["text"] == json.loads(data)["x-unknown"] == "log"


@pytest.mark.needs("shared")
def test_the_walk_reaches_every_index_of_the_standard() -> None:
    schema = json.loads((SHARED / "data" / "schemas" / "sarif-2.1.0.json").read_bytes())
    definitions = schema["definitions"]

    def below(name: str) -> list[tuple[str, str, bool]]:
        found = []
        for prop, said in definitions[name].get("properties", {}).items():
            many = said.get("type") == "array"
            target = (said["items"] if many else said).get("$ref", "").rpartition("/")[2]
            found += [(prop, target, many)] if target else []
        return found

    holders = {name for name, said in definitions.items() if INDICES & said.get("properties", {}).keys()}
    while more := {name for name in definitions if any(to in holders for _, to, _ in below(name))} - holders:
        holders |= more
    top = {"tool": "tool", **dict.fromkeys(AREAS[1:], "toolComponent"), **shapes.TABLES, **_WALKED}
    assert {prop for prop, to, _ in below("run") if to in holders} - top.keys() == {"results"}
    pairs = [("result", "result")] + [(top[prop], to) for prop, to, _ in below("run") if prop in top]
    done: set[tuple[str, str]] = set()
    while pairs:
        kind, name = pairs.pop()
        known = {prop: (to, many) for prop, to, many in shapes.SHAPES.get(kind, ())}
        for prop, to, many in below(name):
            if to in holders and (name, prop) not in OF_CONVERTERS.get(kind, set()):
                assert prop in known, f"{kind}.{prop}"
                assert known[prop][1] is many, f"{kind}.{prop}"
                if (known[prop][0], to) not in done:
                    done.add((known[prop][0], to))
                    pairs.append((known[prop][0], to))
    assert {kind for kind, _ in done} | {"result", *top.values()} >= shapes.SHAPES.keys()


OF_CONVERTERS = {
    "conversionInvocation": {
        ("invocation", "ruleConfigurationOverrides"),
        ("invocation", "notificationConfigurationOverrides"),
    },
    "conversionNotification": {("notification", "descriptor"), ("notification", "associatedRule")},
    "converterComponent": {("toolComponent", "associatedComponent")},
}
"""References to what the tool of a conversion has itself, which nobody else's can change."""
