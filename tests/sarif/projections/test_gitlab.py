"""What GitLab takes of `artifacts:reports:sarif`, line by line."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings

from devsecops.model import Baseline, FileLocation, HttpLocation, Outcome, Rule, Severity, Status, Suppression
from devsecops.sarif.projections import gitlab
from tests.difficult import OUTCOMES, many
from tests.factory import execution, result, vulnerable
from tests.sarif.projections.logs import CORPUS, Json, complaints, log, logs, only, project, results, run, said, valid
from tests.sarif.projections.test_github import outcome, place, rules
from tests.sarif.test_outcome import outcomes


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_whatever_the_outcome_nothing_is_refused(found: Outcome) -> None:
    projected = project("gitlab", found)
    assert complaints(projected, "gitlab") == []
    assert project("gitlab", found) == projected


@pytest.mark.parametrize("name", sorted(OUTCOMES))
def test_difficult_outcomes_are_taken(name: str) -> None:
    assert complaints(project("gitlab", valid(OUTCOMES[name])), "gitlab") == []


@pytest.mark.needs("shared")
def test_logs_of_all_tools_are_taken() -> None:
    count = 0
    for path in sorted(CORPUS.glob("*/*.sarif")):
        try:
            found = json.loads(path.read_bytes().decode("utf-8-sig"))
        except ValueError:
            continue
        if isinstance(found, dict) and found.get("version") == "2.1.0" and isinstance(found.get("runs"), list):
            assert complaints(project("gitlab", found), "gitlab") == [], path
            count += 1
    assert count > 300


def test_the_rank_reads_as_the_severity() -> None:
    bands = {
        Severity.CRITICAL: range(90, 101),
        Severity.HIGH: range(70, 90),
        Severity.MEDIUM: range(40, 70),
        Severity.LOW: range(10, 40),
        Severity.INFO: range(10),
    }
    for severity, band in bands.items():
        (found,) = results(project("gitlab", outcome(result(severity=severity))))
        assert int(found["rank"]) in band
    (found,) = results(project("gitlab", outcome(result(severity=Severity.UNKNOWN))))
    assert ("rank" in found, found["level"]) == (False, "warning")


def test_the_rank_of_a_tool_is_no_severity() -> None:
    (found,) = results(project("gitlab", log(run(said(rank=1.0, level="error")))))
    assert found["rank"] == 80.0


def test_suppressions_are_kept_where_all_results_are_suppressed() -> None:
    hidden = result(suppressions=(Suppression(external=True, reason="r\x1b" * 900),), fingerprints=("rule/v1:1",))
    (found,) = results(project("gitlab", outcome(hidden)))
    (suppression,) = found["suppressions"]
    assert (suppression["kind"], suppression["status"], len(suppression["justification"])) == (
        "external",
        "accepted",
        900,
    )
    shown = result(scanner="semgrep", fingerprints=("rule/v1:1",), message="shown")
    (found,) = results(project("gitlab", outcome(hidden, shown)))
    assert ("suppressions" in found, found["message"]["text"]) == (False, "shown\nAlso reported by: bandit")


def test_results_without_a_line_keep_apart() -> None:
    found = [
        result(scanner="zap", location=HttpLocation(url="https://x.example/a", parameter=name), fingerprints=(name,))
        for name in ("p", "q", "r")
    ]
    projected = project("gitlab", outcome(*found))
    assert [place(one) for one in results(projected)] == [("x.example/a", {"startLine": line}) for line in (1, 2, 3)]
    assert projected.notes == ()


def test_results_that_gitlab_takes_for_one_are_said() -> None:
    same = [
        result(location=FileLocation(path="a.py", line=3, column=column), fingerprints=(f"rule/v1:{column}",))
        for column in (1, 9)
    ]
    projected = project("gitlab", outcome(*same))
    assert len(results(projected)) == 2
    assert [(note.level, note.text) for note in projected.notes] == [
        ("note", "1 finding with the rule and the lines of another, which GitLab shows as one")
    ]


def test_identifiers_stand_in_tags_as_gitlab_reads_them() -> None:
    found = vulnerable("flask", "PYSEC-2018-66", "CVE-2018-1000656", "GHSA-562c-5r94-xh97")
    (run,) = logs(project("gitlab", outcome(found, result())))[0]["runs"][1:]
    assert rules(run)["PYSEC-2018-66"]["properties"]["tags"] == ["security", "cve:CVE-2018-1000656"]
    (run,) = logs(project("gitlab", outcome(found, result())))[0]["runs"][:1]
    assert rules(run)["B602"]["properties"]["tags"] == ["security", "cwe-78"]


def test_no_text_is_so_long_that_a_result_is_skipped() -> None:
    long = Rule(id="R", name="n" * 3_000, help="h" * 3_000, uri="https://x.example/" + "u" * 3_000)
    found = only(project("gitlab", outcome(result(rule=long, message="m" * 3_000))))
    assert len(found["results"][0]["message"]["text"]) == 1_024
    assert "helpUri" not in rules(found)["R"]
    assert complaints(project("gitlab", outcome(result(rule=long))), "gitlab") == []


def test_of_a_run_the_worst_are_kept_and_the_rest_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gitlab.RESULTS == 5_000
    monkeypatch.setattr(gitlab, "RESULTS", 500)
    projected = project("gitlab", many(1_200))
    (found,) = logs(projected)
    assert [len(one["results"]) for one in found["runs"]] == [500, 500]
    text = "devsecops/bandit: the least severe 100 findings left out: GitLab takes no more"
    assert text in [note.text for note in projected.notes]
    assert found["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"] == text
    ranks = [one.get("rank", 70) for one in found["runs"][0]["results"]]
    assert ranks == sorted(ranks, reverse=True)
    assert complaints(projected, "gitlab") == []


def test_of_more_than_20_runs_those_with_the_worst_findings_are_kept() -> None:
    clean = [run(name=f"clean-{number:02}") for number in range(15)]
    bad = [run(said(f"{number}.py", level="error"), name=f"zz-{number:02}") for number in range(15)]
    projected = project("gitlab", log(*clean, *bad))
    names = [one["tool"]["driver"]["name"] for one in logs(projected)[0]["runs"]]
    assert names == [f"clean-{number:02}" for number in range(5)] + [f"zz-{number:02}" for number in range(15)]
    assert "clean-05, clean-06" in projected.notes[0].text


def test_the_file_is_small_enough_and_the_worst_are_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "BYTES", 60_000)

    def noise(number: int, level: str) -> Json:
        text = "".join(sha256(f"{number}/{part}".encode()).hexdigest() for part in range(8))
        return said(f"{level}/{number}.py", level=level, message={"text": text})

    low = run(*(noise(number, "note") for number in range(100)), name="low")
    high = run(*(noise(number, "error") for number in range(60)), name="high")
    projected = project("gitlab", log(low, high))
    (pieces,) = projected.files
    assert 50_000 < len(b"".join(pieces)) < 60_000
    counts = {one["tool"]["driver"]["name"]: len(one["results"]) for one in logs(projected)[0]["runs"]}
    assert counts["high"] == 60
    assert 0 < counts["low"] < 100
    assert f"low: the least severe {100 - counts['low']} findings left out" in projected.notes[0].text


def test_what_is_not_complete_is_kept_and_said() -> None:
    found = Outcome(executions=(execution("bandit", Status.TIMED_OUT),), results=(result(),))
    projected = project("gitlab", found)
    invocation = only(projected)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
    assert [note.level for note in projected.notes] == ["error"]


def test_members_of_ours_and_of_a_baseline_are_not_in_it() -> None:
    (found,) = results(project("gitlab", outcome(result(baseline=Baseline.UNCHANGED, aliases=("A",)))))
    assert found.keys() == {"ruleId", "ruleIndex", "level", "message", "locations", "rank"}
