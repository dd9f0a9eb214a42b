"""Each repair: what is said of it, and what the result is then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devsecops.model import Status
from devsecops.sarif import from_sarif, merge
from tests.sarif.every_index import Json
from tests.sarif.test_merging import dumped, one, outcome, seen

REGION = ("locations", 0, "physicalLocation", "region")
URI = ("locations", 0, "physicalLocation", "artifactLocation", "uri")
CHANGE = {"artifactLocation": {"uri": "a"}, "replacements": [{"deletedRegion": {"startLine": 1}}]}
NOWHERE = CHANGE | {"artifactLocation": True}


@pytest.mark.parametrize(
    ("path", "value", "expected", "said"),
    [
        (("level",), "critical", "error", "level 'critical'"),
        (("level",), "LOW", "note", "level 'LOW'"),
        (("level",), "typo", "error", "level 'typo'"),
        (("kind",), "typo", None, "kind 'typo'"),
        (("baselineState",), "typo", None, "baselineState 'typo'"),
        (("message",), "plain text", {"text": "plain text"}, "message that is no object"),
        (("message",), {"markdown": "*x*"}, {"markdown": "*x*", "text": "*x*"}, "message without text"),
        (("message",), None, {"text": "R"}, "no message"),
        (("ruleId",), 7, "7", "ruleId that is no string"),
        (("rank",), 101, None, "rank outside of 0 to 100"),
        (("occurrenceCount",), 0, None, "occurrenceCount below 1"),
        (("guid",), "no guid", None, "guid that is none"),
        (("hostedViewerUri",), "no uri", None, "hostedViewerUri that is none"),
        (("properties",), [], None, "properties of a wrong type"),
        (("partialFingerprints",), {"a": 1}, {"a": "1"}, "partialFingerprints that are no strings"),
        (("suppressions",), [{"kind": "typo"}], [], "suppression without a valid kind or status"),
        (("fixes",), [{"artifactChanges": []}, {"artifactChanges": [CHANGE]}], [{"artifactChanges": [CHANGE]}], "fix"),
        (
            ("fixes",),
            [{"artifactChanges": [NOWHERE]}, {"artifactChanges": [CHANGE]}],
            [{"artifactChanges": [CHANGE]}],
            "fix",
        ),
        (("ruleIndex",), 5, None, "ruleIndex that leads nowhere"),
        (REGION, {"startLine": 0}, None, "startLine below 1"),
        (REGION, {"startLine": "1"}, None, "startLine that is no number"),
        (REGION, {"startLine": 3, "endColumn": 0}, {"startLine": 3}, "endColumn below 1"),
        (REGION, {"startLine": 3, "endLine": 2, "endColumn": 9}, {"startLine": 3}, "endLine before startLine"),
        (REGION, {"startLine": 3, "startColumn": 4, "endColumn": 2}, {"startLine": 3, "startColumn": 4}, "endColumn"),
        (REGION, {"endLine": 3}, None, "endLine without startLine"),
        (REGION, {"charOffset": 0, "charLength": -5}, {"charOffset": 0}, "charLength below 0"),
        (URI, "a\\b.py", "a/b.py", ""),
        (URI, "./a/../b.py", "b.py", ""),
        (URI, "/etc/passwd", "etc/passwd", ""),
        (URI, "C:\\x\\y.py", "C%3A/x/y.py", ""),
        (URI, "file:///x/y.py", "x/y.py", ""),
        (URI, "https://example.com/a?b", "a?b", ""),
        (URI, "python:3.9", "python%3A3.9", ""),
        (URI, "a b%zz.py", "a%20b%25zz.py", ""),
        (URI, "../up.py", "../up.py", ""),
        ((*URI[:-1], "uriBaseId"), 7, None, "uriBaseId that is no string"),
    ],
)
def test_a_repair_is_said_and_the_result_is_sound(
    path: tuple[str | int, ...], value: Any, expected: Any, said: str
) -> None:
    result = seen()
    holder: Any = result
    for word in path[:-1]:
        holder = holder[word]
    holder[path[-1]] = value
    found, log = outcome(one(result))
    place: Any = log["runs"][0]["results"][0]
    for word in path[:-1]:
        place = place[word]
    assert place.get(path[-1]) == expected
    assert not found.problems
    assert not found.notes
    assert any(text.startswith(said) for _, text in found.repairs) if said else not found.repairs


@pytest.mark.parametrize("results", [None, "absent"])
def test_results_that_are_null_or_absent_say_that_the_scan_failed(results: str | None) -> None:
    log = one(results=None)
    if results:
        del log["runs"][0]["results"]
    found = merge([dumped(log)])
    data = b"".join(found)
    assert [one.status for one in from_sarif(data).executions] == [Status.FAILED]
    assert any("the scan failed" in text for _, text in found.repairs)
    assert b"".join(merge([data, dumped(log)])) == data


def joined(*results: Json) -> Json:
    """The result of runs that have one each."""
    _, log = outcome(*map(one, results))
    (found,) = log["runs"][0]["results"]
    return dict(found)


ACCEPTED = {"kind": "external", "status": "accepted"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"level": "note"}, {"level": "warning"}, {"level": "warning"}),
        ({"rank": 10.0}, {"rank": 90.0}, {"rank": 90.0}),
        ({"suppressions": [ACCEPTED]}, {}, {"suppressions": None}),
        ({"suppressions": [ACCEPTED]}, {"suppressions": []}, {"suppressions": []}),
        ({"suppressions": [ACCEPTED]}, {"suppressions": [ACCEPTED]}, {"suppressions": [ACCEPTED]}),
        ({"baselineState": "unchanged"}, {"baselineState": "new"}, {"baselineState": "new"}),
        ({"baselineState": "unchanged"}, {}, {"baselineState": None}),
        ({"occurrenceCount": 3}, {"occurrenceCount": 2}, {"occurrenceCount": 3}),
        ({"taxa": [{"id": "a"}]}, {"taxa": [{"id": "b"}]}, {"taxa": [{"id": "a"}, {"id": "b"}]}),
    ],
)
def test_of_two_that_are_the_same_the_graver_word_stands(first: Json, second: Json, expected: Json) -> None:
    for pair in ((first, second), (second, first)):
        found = joined(*(seen(**fields) for fields in pair))
        assert {name: found.get(name) for name in expected} == expected


def test_graphs_of_two_that_are_the_same_are_united_and_walked_as_before() -> None:
    def walked(name: str) -> Json:
        graph = {"nodes": [{"id": name}], "edges": [{"id": name, "sourceNodeId": name, "targetNodeId": name}]}
        traversal = {"resultGraphIndex": 0, "edgeTraversals": [{"edgeId": name}]}
        return seen(graphs=[graph], graphTraversals=[traversal])

    found = joined(walked("b"), walked("a"))
    assert len(found["graphTraversals"]) == len(found["graphs"]) == 2
    for walk in found["graphTraversals"]:
        graph = found["graphs"][walk["resultGraphIndex"]]
        assert graph["edges"][0]["id"] == walk["edgeTraversals"][0]["edgeId"]


def test_within_a_run_occurrences_add_up() -> None:
    _, log = outcome(one(seen(), seen(), seen()), one(seen()))
    assert log["runs"][0]["results"][0]["occurrenceCount"] == 3


def test_rules_of_one_id_and_other_severity_are_variants() -> None:
    def graded(score: str) -> Json:
        rules = [{"id": "R", "properties": {"security-severity": score}}]
        return one(seen(score, ruleIndex=0), tool={"driver": {"name": "tool", "rules": rules}})

    _, log = outcome(graded("9.8"), graded("2.0"), graded("9.8"))
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    assert len(rules) == 2
    for result in log["runs"][0]["results"]:
        assert rules[result["ruleIndex"]]["properties"]["security-severity"] == result["message"]["text"]


@pytest.mark.parametrize(
    "fields",
    [
        {"automationDetails": {"id": "other/"}},
        {"columnKind": "unicodeCodePoints"},
        {"tool": {"driver": {"name": "tool", "version": "2"}}},
        {"versionControlProvenance": [{"repositoryUri": "https://x/a", "revisionId": "2"}]},
    ],
)
def test_runs_that_are_read_differently_stay_apart(fields: Json) -> None:
    base = {"columnKind": "utf16CodeUnits"}
    found, log = outcome(one(seen(), **base), one(seen(), **base | fields))
    assert len(log["runs"]) == 2
    assert not found.problems  # their keys differ
    again = merge([json.dumps(log).encode(), dumped(one(seen(), **base | fields))])
    assert json.loads(b"".join(again)) == log


def test_the_level_of_a_configuration_stands_in_the_result() -> None:
    override = {"descriptor": {"id": "R"}, "configuration": {"level": "note"}}
    result = seen()
    del result["level"]
    _, log = outcome(one(result, invocations=[{"executionSuccessful": True, "ruleConfigurationOverrides": [override]}]))
    assert log["runs"][0]["results"][0]["level"] == "note"
