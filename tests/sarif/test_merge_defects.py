"""What other mergers of SARIF lose: twelve defects that are known of them, and that this one has not."""

from __future__ import annotations

import json
from typing import Any

from devsecops.sarif import merge
from tests.sarif import every_index
from tests.sarif.every_index import Json
from tests.sarif.test_merging import dumped, merged, one, outcome, seen


def run(name: str = "tool", category: str = "", **fields: Any) -> Json:
    details = {"automationDetails": {"id": category}} if category else {}
    driver = {"name": name} | fields.pop("driver", {})
    return {"tool": {"driver": driver} | fields.pop("tool", {}), "results": []} | details | fields


def together(*runs: Json) -> Json:
    """The only run of the merge of logs of one run each."""
    log = json.loads(merged(*map(every_index.log, runs)))
    (found,) = log["runs"]
    return dict(found)


def test_01_a_log_that_cannot_be_read_is_an_error_and_others_are_kept() -> None:
    good = dumped(one(seen()))
    found = merge([good[: len(good) // 2], good])
    assert len(json.loads(b"".join(found))["runs"][0]["results"]) == 1
    assert [(note.level, note.id) for note in found.notes] == [("error", "unreadable")]
    assert "log 1 could not be read: the log is cut off" in found.notes[0].text


def test_02_a_run_without_results_is_kept_with_its_failure() -> None:
    crash = {"executionSuccessful": False, "toolExecutionNotifications": [{"message": {"text": "crash"}}]}
    assert together(run(invocations=[crash]))["invocations"] == [crash]
    both = together(run(results=[seen()]), run(invocations=[crash]))
    assert both["invocations"] == [crash]
    assert len(both["results"]) == 1


def test_03_categories_stay_apart() -> None:
    log = json.loads(merged(*(every_index.log(run(category=name)) for name in ("cat-b/", "cat-a/1", "cat-a/2"))))
    assert [found["automationDetails"]["id"] for found in log["runs"]] == ["cat-a/", "cat-b/"]


def test_04_extensions_of_all_runs_are_kept_and_pointed_into() -> None:
    def extended(name: str) -> Json:
        rule = {"id": name, "index": 0, "toolComponent": {"index": 0}}
        tool = {"extensions": [{"name": name, "rules": [{"id": name}]}]}
        return run(tool=tool, results=[seen(name) | {"ruleId": name, "rule": rule}])

    found = together(extended("b"), extended("a"))
    names = [extension["name"] for extension in found["tool"]["extensions"]]
    assert sorted(names) == ["a", "b"]
    for result in found["results"]:
        assert names[result["rule"]["toolComponent"]["index"]] == result["message"]["text"]


def test_05_a_rule_id_stays_where_there_is_a_rule_and_is_filled_where_it_was_not() -> None:
    rules = {"rules": [{"id": "A"}, {"id": "B"}]}
    said = seen(rule={"index": 1})
    del said["ruleId"]
    found = together(run(driver=rules, results=[said, seen("x") | {"ruleId": "A", "rule": {"id": "A"}}]))
    assert sorted(result["ruleId"] for result in found["results"]) == ["A", "B"]


def test_06_a_taxon_keeps_its_taxonomy() -> None:
    def classified(number: int) -> Json:
        taxonomy = {"name": "CWE", "taxa": [{"id": f"{number}"}]}
        taxon = {"index": 0, "toolComponent": {"index": 0, "name": "CWE"}}
        return run(taxonomies=[taxonomy], results=[seen(f"{number}", taxa=[taxon])])

    found = together(classified(79), classified(89), classified(22))
    (taxonomy,) = found["taxonomies"]
    for result in found["results"]:
        (taxon,) = result["taxa"]
        assert taxonomy["taxa"][taxon["index"]]["id"] == taxon["id"] == result["message"]["text"]


def test_07_thread_flow_locations_are_kept_and_pointed_into() -> None:
    def flowing(name: str) -> Json:
        flow = {"threadFlows": [{"locations": [{"index": 0}]}]}
        return run(threadFlowLocations=[{"module": name}], results=[seen(name, codeFlows=[flow])])

    found = together(flowing("b"), flowing("a"))
    for result in found["results"]:
        (step,) = result["codeFlows"][0]["threadFlows"][0]["locations"]
        assert found["threadFlowLocations"][step["index"]]["module"] == result["message"]["text"]


def test_08_a_file_keeps_its_base() -> None:
    def based(base: str) -> Json:
        result = seen(base)
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] = "SRCROOT"
        return run(originalUriBaseIds={"SRCROOT": {"uri": base}}, results=[result])

    found = together(based("file:///b/"), based("file:///a/"), based("file:///a/"))
    assert len(found["results"]) == 2
    for result in found["results"]:
        base = result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"]
        assert base.startswith("SRCROOT-")
        assert found["originalUriBaseIds"][base]["uri"] == result["message"]["text"]


def test_09_version_control_of_all_runs_is_kept_and_revisions_stay_apart() -> None:
    def of(*details: Json) -> Json:
        return run(versionControlProvenance=list(details))

    here = {"repositoryUri": "https://x/a", "revisionId": "1"}
    assert together(of(here), of(here))["versionControlProvenance"] == [here]
    others = [here, here | {"revisionId": "2"}, {"repositoryUri": "https://x/b", "revisionId": "1"}]
    log = json.loads(merged(*(every_index.log(of(one)) for one in others)))
    said = [found["versionControlProvenance"][0] for found in log["runs"]]
    assert sorted(map(str, said)) == sorted(map(str, others))
    assert len({found["automationDetails"]["id"] for found in log["runs"]}) == 3


def test_10_rules_that_nothing_refers_to_are_kept_whole() -> None:
    rules = [{"id": name, "help": {"text": name}} for name in "ab"]
    found = together(run(driver={"rules": rules}), run(driver={"rules": [{"id": "c"}]}, results=[seen()]))
    assert found["tool"]["driver"]["rules"] == [*rules, {"id": "c"}]


def test_11_results_that_differ_by_indices_alone_are_one() -> None:
    def indexed(*names: str) -> Json:
        place = {"artifactLocation": {"uri": "a", "index": names.index("a")}, "region": {"startLine": 1}}
        result = {"ruleId": "a", "ruleIndex": names.index("a"), "message": {"text": "m"}}
        result["locations"] = [{"physicalLocation": place}]
        rules = [{"id": name} for name in names]
        return run(driver={"rules": rules}, artifacts=[{"location": {"uri": name}} for name in names], results=[result])

    logs = [every_index.log(indexed(*names)) for names in ("ab", "ba", "cab")]
    found, log = outcome(*logs)
    assert len(log["runs"][0]["results"]) == 1
    assert found.tallies["tool"].duplicates == 2


def test_12_the_order_of_runs_is_one_and_nothing_is_added() -> None:
    logs = [every_index.log(run(name, results=[seen()])) for name in ("b", "c", "a")]
    data = merged(*logs)
    assert merged(*reversed(logs)) == data
    assert [found["tool"]["driver"]["name"] for found in json.loads(data)["runs"]] == ["a", "b", "c"]
    assert all(found.keys() == {"tool", "results"} for found in json.loads(data)["runs"])
