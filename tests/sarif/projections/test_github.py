"""What GitHub code scanning takes, line by line."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from devsecops.model import (
    Baseline,
    FileLocation,
    HttpLocation,
    Kind,
    Outcome,
    Rule,
    Service,
    Severity,
    Status,
    Suppression,
    Tool,
)
from devsecops.sarif.projections import github
from devsecops.sarif.projections.lines import line_hashes
from tests.difficult import OUTCOMES, many
from tests.factory import execution, result, vulnerable
from tests.sarif.projections.logs import CORPUS, Json, complaints, log, logs, only, project, results, run, said, valid
from tests.sarif.test_outcome import outcomes


def outcome(*found: Any, **fields: Any) -> Outcome:
    scanners = sorted({one.scanner for one in found})
    return Outcome(executions=tuple(execution(name) for name in scanners), results=found, **fields)


def place(found: Json) -> tuple[str, Json]:
    physical = found["locations"][0]["physicalLocation"]
    return physical["artifactLocation"]["uri"], physical["region"]


def rules(found: Json) -> dict[str, Json]:
    return {rule["id"]: rule for rule in found["tool"]["driver"]["rules"]}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_whatever_the_outcome_nothing_is_refused(found: Outcome) -> None:
    projected = project("github", found)
    assert complaints(projected, "github") == []
    assert project("github", found) == projected


@pytest.mark.parametrize("name", sorted(OUTCOMES))
def test_difficult_outcomes_are_taken(name: str) -> None:
    found = msgspec.structs.replace(valid(OUTCOMES[name]), executions=())
    assert complaints(project("github", found), "github") == []
    assert len(results(project("github", found))) > 0 or not found.results


@pytest.mark.needs("shared")
def test_logs_of_all_tools_are_taken() -> None:
    count = 0
    for path in sorted(CORPUS.glob("*/*.sarif")):
        try:
            found = json.loads(path.read_bytes().decode("utf-8-sig"))
        except ValueError:
            continue
        if isinstance(found, dict) and found.get("version") == "2.1.0" and isinstance(found.get("runs"), list):
            assert complaints(project("github", found), "github") == [], path
            count += 1
    assert count > 300


def test_a_finding_stands_once_in_the_run_of_its_most_telling_scanner_which_names_the_others() -> None:
    told = result(scanner="semgrep", rule=Rule(id="S1", help="how to mend it"), fingerprints=("rule/v1:1",))
    other = result(scanner="bandit", fingerprints=("rule/v1:1",))
    runs = logs(project("github", outcome(other, told)))[0]["runs"]
    assert [(run["tool"]["driver"]["name"], len(run["results"])) for run in runs] == [("bandit", 0), ("semgrep", 1)]
    assert runs[1]["results"][0]["message"]["text"] == "m\nAlso reported by: bandit"


def test_a_package_in_several_places_is_one_alert_that_names_the_others() -> None:
    first, second = vulnerable(path="a/lock"), vulnerable(path="b/lock")
    (found,) = results(project("github", outcome(first, second)))
    assert place(found)[0] == "a/lock"
    assert "Package: pkg:pypi/flask@1.0" in found["message"]["text"]
    assert "Also in: b/lock:3" in found["message"]["text"]


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("src/a.py", "src/a.py"),
        ("./src//a.py", "src/a.py"),
        ("src\\a.py", "src/a.py"),
        ("../../etc/passwd", "etc/passwd"),
        ("a/../b.py", "b.py"),
        ("a/%2e%2e/%2e%2e/b.py", "b.py"),
        ("https://shop.example/login?token=1#x", "shop.example/login"),
        ("https://user:secret@shop.example:8443/a b", "shop.example-8443/a%20b"),
        ("http://shop.example", "shop.example"),
        ("file:///home/runner/work/src/a.py", "home/runner/work/src/a.py"),
        ("file:///C:/checkout/a.py", "C%3A/checkout/a.py"),
        ("C:\\checkout\\a.py", "C%3A/checkout/a.py"),
        ("/etc/passwd", "etc/passwd"),
        ("library/python:3.9-slim", "library/python"),
        ("registry.example.com:5000/shop/web:1.2@sha256:00ff", "registry.example.com-5000/shop/web"),
        ("docker:shop/web:latest", "shop/web"),
        ("pkg:npm/left-pad@1.0.0", "npm/left-pad"),
        ("python:3.9 (debian 12.5)", "python%3A3.9%20%28debian%2012.5%29"),
        ("caf%C3%A9.py", "caf%C3%A9.py"),
        ("%FF.py", "%FF.py"),
        ("é.py", "%C3%A9.py"),
        ("", "tool"),
    ],
)
def test_every_uri_is_relative_and_has_no_scheme(uri: str, expected: str) -> None:
    (found,) = results(project("github", log(run(said(uri)))))
    assert place(found)[0] == expected


def test_base_ids_are_resolved_and_folders_of_the_machine_cut_off() -> None:
    bases = {"ROOT": {"uri": "file:///checkout/shop/"}, "DOCS": {"uri": "docs/", "uriBaseId": "ROOT"}}
    in_docs = said()
    in_docs["locations"][0]["physicalLocation"]["artifactLocation"] = {"uri": "a.md", "uriBaseId": "DOCS"}
    by_index = said(ruleId="R2")
    by_index["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 0}
    absolute = said("file:///checkout/shop/src/b.py", ruleId="R3")
    artifacts = [{"location": {"uri": "c.md", "uriBaseId": "DOCS"}}]
    found = results(
        project("github", log(run(in_docs, by_index, absolute, originalUriBaseIds=bases, artifacts=artifacts)))
    )
    assert {one["ruleId"]: place(one)[0] for one in found} == {"R1": "docs/a.md", "R2": "docs/c.md", "R3": "src/b.py"}


def test_every_result_has_a_region_line_1_where_none_is_known() -> None:
    found = results(project("github", outcome(result(location=FileLocation(path="a.py")))))
    assert place(found[0]) == ("a.py", {"startLine": 1})
    odd = said(ruleId="R1")
    odd["locations"][0]["physicalLocation"]["region"] = {
        "startLine": 0,
        "startColumn": 3,
        "endLine": -1,
        "endColumn": 0,
    }
    assert place(results(project("github", log(run(odd))))[0])[1] == {"startLine": 1}


def test_a_request_becomes_a_path_below_its_host_and_stands_in_the_message() -> None:
    attack = HttpLocation(url="https://shop.example/cart?id=1", method="POST", parameter="id")
    (found,) = results(project("github", outcome(result(scanner="zap", location=attack))))
    assert place(found) == ("shop.example/cart", {"startLine": 1})
    assert "Request: POST https://shop.example/cart?id=1, id" in found["message"]["text"]


def test_an_image_becomes_the_dockerfile_of_its_service() -> None:
    web = Service(name="web", image="registry.example.com/shop/web:1.2", dockerfile="web/Dockerfile")
    found = vulnerable(path="registry.example.com/shop/web:9.9@sha256:00")
    (one,) = results(project("github", outcome(found, services=(web,))))
    assert place(one)[0] == "web/Dockerfile"
    (other,) = results(project("github", outcome(vulnerable(path="shop/api:1"), services=(web,))))
    assert place(other)[0] == "shop/api"
    (odd,) = results(project("github", outcome(result(location=FileLocation(path="odd/name:1")))))
    assert place(odd)[0] == "odd/name%3A1"


def test_a_result_without_a_file_gets_the_best_place_there_is() -> None:
    logical = {"ruleId": "R1", "message": {"text": "m"}, "locations": [{"logicalLocations": [{"name": "shop::cart"}]}]}
    bare = {"ruleId": "R2", "message": {"text": "m"}}
    target = {"ruleId": "R3", "message": {"text": "m"}, "analysisTarget": {"uri": "a/b.py"}}
    found = results(project("github", log(run(logical, bare, target))))
    assert {one["ruleId"]: place(one)[0] for one in found} == {"R1": "shop%3A%3Acart", "R2": "tool", "R3": "a/b.py"}


def test_the_severity_stands_on_the_rule_and_a_rule_of_several_severities_becomes_several() -> None:
    found = only(
        project(
            "github",
            outcome(
                *(
                    result(severity=severity, location=FileLocation(path=f"{severity.value}.py", line=1))
                    for severity in Severity
                )
            ),
        )
    )
    said = {name: rule["properties"].get("security-severity") for name, rule in rules(found).items()}
    assert said == {
        "B602": "9.5",
        "B602/high": "8.0",
        "B602/unknown": None,
        "B602/medium": "5.5",
        "B602/low": "2.0",
        "B602/info": "0.0",
    }
    order = found["tool"]["driver"]["rules"]
    assert all(order[one["ruleIndex"]]["id"] == one["ruleId"] for one in found["results"])
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in order}
    assert all(levels[one["ruleId"]] == one["level"] for one in found["results"])


def test_the_score_is_kept_where_it_says_the_same_as_the_severity() -> None:
    high, odd = result(score=7.4), result(scanner="other", score=2.0)
    runs = logs(project("github", outcome(high, odd)))[0]["runs"]
    scores = [rules(one)["B602"]["properties"]["security-severity"] for one in runs]
    assert scores == ["7.4", "8.0"]


def test_all_texts_of_a_rule_are_there_and_none_is_too_long() -> None:
    long = Rule(
        id="R", name="n" * 2_000, help="h" * 2_000, cwe=(79, 89), owasp=tuple(f"A{n:02}:2021" for n in range(12))
    )
    bare, found = result(rule=Rule(id="bare")), result(rule=long, message="m" * 5_000, scanner="bandit")
    run = only(project("github", outcome(bare, found)))
    assert [len(rules(run)["R"][name]["text"]) for name in ("shortDescription", "fullDescription", "help")] == [
        1024
    ] * 3
    assert all(rules(run)["bare"][name]["text"] == "bare" for name in ("shortDescription", "fullDescription", "help"))
    assert max(len(one["message"]["text"]) for one in run["results"]) == 1024
    tags = rules(run)["R"]["properties"]["tags"]
    assert tags[:3] == ["security", "external/cwe/cwe-079", "external/cwe/cwe-089"]
    assert len(tags) == 10


def test_suppressed_and_waived_findings_are_left_out_and_counted() -> None:
    comment, waiver = Suppression(reason="nosec"), Suppression(external=True)
    projected = project(
        "github",
        outcome(
            result(suppressions=(comment,), fingerprints=("rule/v1:1",)),
            result(suppressions=(waiver,), fingerprints=("rule/v1:2",)),
            result(fingerprints=("rule/v1:3",)),
        ),
    )
    assert len(results(projected)) == 1
    assert [note.text[:22] for note in projected.notes] == ["2 findings left out th"]


def test_of_a_finding_only_the_results_that_are_not_suppressed_speak() -> None:
    hidden = result(suppressions=(Suppression(),), fingerprints=("rule/v1:1",), severity=Severity.CRITICAL)
    shown = result(scanner="semgrep", fingerprints=("rule/v1:1",), severity=Severity.LOW, message="shown")
    (found,) = results(project("github", outcome(hidden, shown)))
    assert (found["message"]["text"], found["level"]) == ("shown", "note")


def test_known_findings_are_kept_without_baseline_state_rank_or_bags_of_ours() -> None:
    (found,) = results(project("github", outcome(result(baseline=Baseline.UNCHANGED, score=9.8, confidence=None))))
    assert found.keys() == {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"}
    assert "devsecops" not in json.dumps(
        [rule.get("properties") for rule in rules(only(project("github", outcome(result())))).values()]
    )


def test_results_that_passed_or_are_gone_are_no_alerts() -> None:
    kinds = [said(kind="pass", level="none"), said(kind="notApplicable", level="none"), said(baselineState="absent")]
    assert results(project("github", log(run(*kinds)))) == []


def test_categories_end_in_a_slash_and_have_no_tag_or_digest() -> None:
    names = {
        "trivy/shop/web:1.2.3/": "trivy/shop/web/",
        "trivy/shop/web@sha256:00ff/": "trivy/shop/web/",
        "a/b:latest/2026-01-01": "a/b/",
        "nightly": "nightly/",
        "codeql.yml:analyze/language:python/": "codeql.yml:analyze/language:python/",
    }
    for name, expected in names.items():
        assert only(project("github", log(run(automationDetails={"id": name}))))["automationDetails"]["id"] == expected
    assert "automationDetails" not in only(project("github", log(run())))
    assert only(project("github", outcome(result())))["automationDetails"]["id"] == "devsecops/bandit/"


def test_runs_of_one_tool_and_category_become_one() -> None:
    first = run(said("a.py"), automationDetails={"id": "x/web:1/"})
    second = run(said("b.py"), automationDetails={"id": "x/web:2/"})
    second["tool"]["driver"]["version"] = "2"
    found = only(project("github", log(first, second)))
    assert sorted(place(one)[0] for one in found["results"]) == ["a.py", "b.py"]


@pytest.mark.parametrize("status", [Status.FAILED, Status.MISSING, Status.TIMED_OUT, Status.PARTIAL])
def test_a_category_that_is_not_complete_is_left_out_and_said(status: Status) -> None:
    executions = (execution("semgrep"), execution("bandit", status))
    lost = result(fingerprints=("rule/v1:1",))
    kept = result(scanner="semgrep", fingerprints=("rule/v1:2",))
    projected = project("github", Outcome(executions=executions, results=(lost, kept)))
    assert [run["tool"]["driver"]["name"] for run in logs(projected)[0]["runs"]] == ["semgrep"]
    assert [note.text for note in projected.notes] == [
        "devsecops/bandit is left out, as it is not complete and what it misses would pass for fixed",
        "1 finding left out with what is not complete",
    ]


def test_a_finding_of_an_incomplete_scanner_is_told_by_a_complete_one() -> None:
    executions = (execution("semgrep"), execution("bandit", Status.PARTIAL))
    first = result(rule=Rule(id="B1", help="help"), fingerprints=("rule/v1:1",))
    other = result(scanner="semgrep", fingerprints=("rule/v1:1",))
    (found,) = results(project("github", Outcome(executions=executions, results=(first, other))))
    assert "Also reported by: bandit" in found["message"]["text"]


def test_a_foreign_run_that_failed_is_left_out() -> None:
    failed = run(said(), invocations=[{"executionSuccessful": True}, {"executionSuccessful": False}])
    null = run(name="null") | {"results": None}
    assert logs(project("github", log(failed, null)))[0]["runs"] == []


def test_a_complete_run_without_findings_is_uploaded_so_that_its_alerts_close() -> None:
    clean = Outcome(executions=(execution(), execution("zap", Status.NOT_APPLICABLE, kind=Kind.DAST)))
    assert [one["results"] for one in logs(project("github", clean))[0]["runs"]] == [[], []]


SOURCE = "import subprocess\n\nsubprocess.call(x, shell=True)\n"


def hash_of(found: Json) -> str:
    return str(found["partialFingerprints"]["primaryLocationLineHash"])


def test_the_fingerprint_is_githubs_of_the_source_line() -> None:
    asked: list[str] = []

    def text_of(path: str) -> str:
        asked.append(path)
        return SOURCE

    one = result(location=FileLocation(path="a b/é.py", line=3), fingerprints=("rule/v1:00",))
    (found,) = results(project("github", outcome(one), text_of))
    assert asked == ["a b/é.py"]
    assert hash_of(found) == line_hashes(SOURCE, [3])[3]


def test_without_the_source_it_comes_from_our_own_fingerprint() -> None:
    one = result(location=FileLocation(path="a.py", line=3), fingerprints=("rule/v1:00",))
    (found,) = results(project("github", outcome(one)))
    assert hash_of(found) == sha256(b"rule/v1:00").hexdigest()[:16] + ":1"
    (beyond,) = results(project("github", outcome(one), lambda _: "one line"))
    assert hash_of(beyond) == hash_of(found)


def test_a_fingerprint_of_the_tool_is_kept() -> None:
    given = said(partialFingerprints={"primaryLocationLineHash": "39fa2ee980eb94b0:1"})
    (found,) = results(project("github", log(run(given)), lambda _: SOURCE))
    assert hash_of(found) == "39fa2ee980eb94b0:1"
    broken = said(partialFingerprints={"primaryLocationLineHash": "requires login"})
    (found,) = results(project("github", log(run(broken)), lambda _: SOURCE))
    assert hash_of(found) == line_hashes(SOURCE, [1])[1]


@pytest.mark.parametrize("fields", [{"fingerprints": ("secret/v1:00",)}, {"rule": Rule(id="R", cwe=(798,))}])
def test_a_line_with_a_secret_is_not_hashed(fields: dict[str, Any]) -> None:
    one = result(**fields)
    (found,) = results(project("github", outcome(one), lambda _: "password = 'hunter2'\n"))
    assert hash_of(found) != line_hashes("password = 'hunter2'\n", [1])[1]


def test_of_a_run_the_worst_are_kept_and_what_was_cut_is_said_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert github.RESULTS == 5_000
    monkeypatch.setattr(github, "RESULTS", 500)
    projected = project("github", many(1_200))
    runs = logs(projected)[0]["runs"]
    assert [len(run["results"]) for run in runs] == [500, 500]
    text = "devsecops/bandit: the least severe 100 of 600 findings left out: GitHub shows no more"
    assert text in [note.text for note in projected.notes]
    notification = runs[0]["invocations"][0]["toolExecutionNotifications"][0]
    assert (notification["message"]["text"], notification["level"]) == (text, "warning")
    levels = [one["level"] for one in runs[0]["results"]]
    assert levels == sorted(levels, key=["error", "warning", "note", "none"].index)
    assert "none" not in levels  # the 100 least severe of 600 are all there are of "info"
    assert complaints(projected, "github") == []


def test_more_than_20_runs_become_several_files() -> None:
    runs = [run(said(), name=f"tool-{number:02}") for number in range(45)]
    projected = project("github", log(*runs))
    assert [len(one["runs"]) for one in logs(projected)] == [20, 20, 5]
    names = [run["tool"]["driver"]["name"] for one in logs(projected) for run in one["runs"]]
    assert names == sorted({f"tool-{number:02}" for number in range(45)})


def test_files_are_small_enough_compressed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "BYTES", 20_000)

    def noise(number: int) -> Json:
        text = "".join(sha256(f"{number}/{part}".encode()).hexdigest() for part in range(4))
        return said(f"{number}.py", message={"text": text})

    runs = [run(*map(noise, range(200)), name=f"{letter}") for letter in "abc"]
    big = run(*map(noise, range(400)), name="big")
    projected = project("github", log(*runs, big))
    assert len(projected.files) > 2
    assert sum("left out" in note.text for note in projected.notes) >= 1
    sizes = [len(__import__("zlib").compress(b"".join(pieces))) for pieces in projected.files]
    assert max(sizes) < 20_000 * 1.2


def step(uri: str = "a.py", line: int = 1, **fields: Any) -> Json:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    return {"location": {"physicalLocation": place, "message": {"text": "step"}}} | fields


def test_code_flows_are_kept_with_their_indices_resolved_and_long_ones_cut_in_the_middle() -> None:
    flow = {"threadFlows": [{"locations": [{"index": 0}, *(step(line=line) for line in range(1, 2_001))]}]}
    short = {"threadFlows": [{"locations": [{"index": 0}, step("https://x.example/a")]}]}
    cached = [step("cached.py", 7)]
    found = only(
        project("github", log(run(said(codeFlows=[short]), said("b.py", codeFlows=[flow]), threadFlowLocations=cached)))
    )
    flows = {place(one)[0]: one["codeFlows"] for one in found["results"]}
    steps = flows["a.py"][0]["threadFlows"][0]["locations"]
    assert [one["location"]["physicalLocation"]["artifactLocation"]["uri"] for one in steps] == [
        "cached.py",
        "x.example/a",
    ]
    steps = flows["b.py"][0]["threadFlows"][0]["locations"]
    lines = [one["location"]["physicalLocation"]["region"]["startLine"] for one in steps]
    assert (len(lines), lines[0], lines[-1]) == (1_000, 7, 2_000)


def test_long_code_flows_are_said() -> None:
    flow = {"threadFlows": [{"locations": [step(line=line) for line in range(1, 1_100)]}]}
    projected = project("github", log(run(said(codeFlows=[flow]))))
    assert [note.text for note in projected.notes] == ["1 finding with code flows of more than 1,000 steps, cut"]


def test_locations_and_related_locations_are_kept_up_to_what_is_shown() -> None:
    one = said(relatedLocations=[{"id": 3, **step("rel.py")["location"]}, {"message": {"text": "nowhere"}}])
    one["locations"] += [step(f"{number}.py")["location"] for number in range(300)]
    (found,) = results(project("github", log(run(one))))
    assert len(found["locations"]) == 100
    assert [(near["id"], near["message"]["text"]) for near in found["relatedLocations"]] == [(3, "step")]


def test_hostile_text_is_cleaned() -> None:
    data = b"".join(pieces for parts in project("github", OUTCOMES["states"]).files for pieces in parts)
    evil = result(message="a\x1b[2Jb\u202ec", rule=Rule(id="R\u200b1", name="n\x00", uri="javascript:alert(1)"))
    found = only(project("github", outcome(evil)))
    assert found["results"][0]["message"]["text"] == "a[2Jbc"
    assert found["results"][0]["ruleId"] == "R1"
    assert "helpUri" not in rules(found)["R1"]
    assert b"\\u001b" not in data


def test_the_tool_is_named_and_no_time_path_or_argument_of_the_machine_is_told() -> None:
    tool = Tool(name="bandit", version="1.9.4", uri="https://bandit.example", digest="sha256:00")
    found = only(project("github", Outcome(executions=(execution(tool=tool, exit_code=1),))))
    driver = found["tool"]["driver"]
    assert driver == {"name": "bandit", "version": "1.9.4", "informationUri": "https://bandit.example", "rules": []}
    assert found["invocations"] == [{"executionSuccessful": True}]


def test_what_github_requires_is_there() -> None:
    projected = project("github", outcome(result()))
    (found,) = logs(projected)
    assert found["$schema"]
    assert found["version"] == "2.1.0"
    assert complaints(projected, "github") == []


def test_the_command_says_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from devsecops.cli import outputs  # noqa: PLC0415

    (tmp_path / "a.py").write_bytes(SOURCE.encode())
    found = outcome(result(suppressions=(Suppression(),)), result(rule=Rule(id="R2")))
    target = tmp_path / "github.sarif"
    assert outputs.write(found, [outputs.Target("github", str(target))], root=tmp_path)
    assert capsys.readouterr().err.startswith("note: github: 1 finding left out")
    (one,) = json.loads(target.read_bytes())["runs"][0]["results"]
    assert hash_of(one) == line_hashes(SOURCE, [1])[1]
