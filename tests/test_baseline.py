"""What a baseline says of results: each sentence of docs/baseline.md has its test here."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops import baseline, dedupe
from devsecops.baseline import compared
from devsecops.errors import UsageError
from devsecops.model import Baseline, Execution, FileLocation, Outcome, Result, Rule, State, Status
from devsecops.sarif import from_sarif, to_sarif
from tests.factory import execution, result, vulnerable

NEW, UNCHANGED, ABSENT, REAPPEARED = Baseline


def of(*prints: str, scanner: str = "bandit", line: int = 1, **fields: object) -> Result:
    return result(scanner=scanner, fingerprints=prints, location=FileLocation(path="a.py", line=line), **fields)


def earlier(*results: Result, executions: tuple[Execution, ...] = (execution(), execution("semgrep"))) -> Outcome:
    return Outcome(results=results, executions=executions)


def states(results: list[Result], before: Outcome, *now: Execution, **more: object) -> list[tuple[str, Baseline]]:
    found = compared(results, before, now or (execution(), execution("semgrep")), **more)  # type: ignore[arg-type]
    return sorted(((one.fingerprints[0], one.baseline) for one in found.results), key=str)


def test_what_is_in_the_baseline_is_known_and_the_rest_is_new() -> None:
    assert states([of("a"), of("b")], earlier(of("a"))) == [("a", UNCHANGED), ("b", NEW)]


def test_of_three_equal_ones_of_which_one_was_known_two_are_new() -> None:
    three = [of("eval", line=line) for line in (1, 2, 3)]
    assert sorted(state.value for _, state in states(three, earlier(of("eval")))) == ["new", "new", "unchanged"]


def test_a_known_place_does_not_make_known_what_another_rule_of_the_same_scanner_says_of_it() -> None:
    now = [of("rule-1", "weakness"), of("rule-2", "weakness")]
    assert states(now, earlier(of("rule-2", "weakness"))) == [("rule-1", NEW), ("rule-2", UNCHANGED)]


def test_what_another_scanner_had_reported_is_known_as_often_as_that_one_had() -> None:
    now = [of("s1", "weakness", scanner="semgrep"), of("s2", "weakness", scanner="semgrep")]
    before = earlier(of("b", "weakness"))
    assert sorted(state.value for _, state in states(now, before)) == ["new", "unchanged"]


def test_results_of_several_scanners_of_one_thing_count_once_not_once_for_each() -> None:
    before = earlier(of("b", "weakness"), of("s", "weakness", scanner="semgrep"))
    now = [of("b", "weakness"), of("b", "weakness", line=2)]
    assert {state for _, state in states(now, before)} == {UNCHANGED, NEW}


def test_a_new_rule_for_a_known_line_of_an_updated_tool_is_known_by_its_weakness() -> None:
    assert states([of("new-rule", "weakness")], earlier(of("old-rule", "weakness"))) == [("new-rule", UNCHANGED)]


def test_what_is_gone_is_fixed_where_its_scanner_has_looked_again() -> None:
    found = compared([of("a")], earlier(of("a"), of("b")), [execution(), execution("semgrep")])
    assert [(one.fingerprints, one.state) for one in found.results if one.baseline is ABSENT] == [(("b",), State.FIXED)]
    assert found.notes == ()


@pytest.mark.parametrize("status", [Status.PARTIAL, Status.FAILED, Status.MISSING, Status.TIMED_OUT])
def test_what_is_gone_is_not_fixed_where_its_scanner_did_not_end(status: Status) -> None:
    found = compared([of("a")], earlier(of("a"), of("b")), [execution(status=status), execution("semgrep")])
    assert [one.baseline for one in found.results] == [UNCHANGED]
    assert [note.text for note in found.notes] == [
        "1 result of bandit in the baseline not looked for again: not counted as fixed"
    ]


def test_what_is_gone_is_not_fixed_where_its_scanner_was_not_run_on_the_same_target() -> None:
    before = earlier(of("a"), of("b"), executions=(execution(), execution(target="shop:1")))
    assert states([of("a")], before, execution()) == [("a", UNCHANGED)]


def test_what_is_gone_is_not_fixed_where_its_file_was_left_out() -> None:
    found = compared([of("a")], earlier(of("a"), of("b")), [execution()], looked_at=lambda _: False)
    assert ABSENT not in {one.baseline for one in found.results}


def test_what_only_other_scanners_still_report_is_not_fixed() -> None:
    before = earlier(of("b", "weakness"), of("s", "weakness", scanner="semgrep"))
    assert states([of("b", "weakness")], before) == [("b", UNCHANGED)]


def test_one_of_two_equal_ones_that_is_gone_is_fixed() -> None:
    before = earlier(of("eval"), of("eval", line=2))
    assert [state for _, state in states([of("eval")], before)] == [ABSENT, UNCHANGED]


def test_what_had_been_fixed_and_is_back_has_reappeared_and_is_new() -> None:
    found = compared([of("a")], earlier(of("a", baseline=ABSENT)), [execution()])
    assert [(one.baseline, one.state) for one in found.results] == [(REAPPEARED, State.NEW)]
    (finding,) = dedupe.findings(found.results)
    assert finding.standing == "reappeared"


def test_one_that_is_there_is_matched_before_one_that_had_been_fixed() -> None:
    before = earlier(of("a", baseline=ABSENT), of("a"))
    assert states([of("a")], before) == [("a", UNCHANGED)]


def test_what_had_been_fixed_before_the_baseline_is_not_said_again() -> None:
    assert states([of("a")], earlier(of("a"), of("b", baseline=ABSENT))) == [("a", UNCHANGED)]


def test_a_fixed_result_is_never_one_finding_with_one_that_is_there() -> None:
    found = dedupe.findings([of("a", baseline=ABSENT), of("a", line=2)])
    assert [one.state for one in found] == [State.NEW, State.FIXED]


def test_former_names_of_files_count() -> None:
    assert states([of("b")], earlier(of("a")), former={0: ("a",)}) == [("b", UNCHANGED)]


def test_a_baseline_without_results_in_any_common_file_is_said_to_be_of_another_repository() -> None:
    before = earlier(result(fingerprints=("x",), location=FileLocation(path="other.go", line=1)))
    found = compared([of("a")], before, [execution()])
    assert [one.baseline for one in found.results] == [NEW]
    assert "another repository" in found.notes[0].text


def test_the_severity_and_the_version_of_the_tool_do_not_matter() -> None:
    old = vulnerable(fingerprints=("a",), severity=result().severity)
    now = vulnerable(fingerprints=("a",), score=9.8)
    assert states([now], earlier(old, executions=()), execution("pip-audit")) == [("a", UNCHANGED)]


PRINTS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=2, unique=True)
RESULTS = st.lists(
    st.builds(
        lambda prints, scanner, line, state: of(*prints, scanner=scanner, line=line, baseline=state),
        PRINTS,
        st.sampled_from(["bandit", "semgrep"]),
        st.integers(1, 4),
        st.sampled_from([NEW, UNCHANGED, ABSENT]),
    ),
    max_size=8,
)


@given(RESULTS, RESULTS)
def test_no_more_is_known_for_a_scanner_than_the_baseline_holds(now: list[Result], before: list[Result]) -> None:
    found = compared(now, earlier(*before), [execution(), execution("semgrep")])
    there = sum(one.baseline is not ABSENT for one in before)
    for scanner in ("bandit", "semgrep"):
        assert sum(one.scanner == scanner and one.baseline is UNCHANGED for one in found.results) <= there
    assert sum(one.baseline is not ABSENT for one in found.results) == len(now)


@given(RESULTS)
def test_a_scan_compared_with_itself_has_nothing_new_and_nothing_fixed(now: list[Result]) -> None:
    there = [one for one in now if one.baseline is not ABSENT]
    found = compared(there, earlier(*there), [execution(), execution("semgrep")])
    assert {one.baseline for one in found.results} <= {UNCHANGED}


@given(RESULTS, RESULTS, st.randoms())
def test_the_order_of_the_baseline_changes_no_count(
    now: list[Result], before: list[Result], shuffle: random.Random
) -> None:
    now, before = (
        [of(one.fingerprints[0], scanner=one.scanner, baseline=one.baseline) for one in x] for x in (now, before)
    )
    mixed = list(before)
    shuffle.shuffle(mixed)
    runs = [execution(), execution("semgrep")]
    one, other = (compared(now, earlier(*some), runs) for some in (before, mixed))
    assert sum(x.state is State.NEW for x in one.results) == sum(x.state is State.NEW for x in other.results)


def foreign(*results: dict[str, object]) -> bytes:
    run = {"tool": {"driver": {"name": "bandit"}}, "results": list(results)}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def at(line: int, **region: object) -> list[dict[str, object]]:
    place = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": line, **region}}
    return [{"physicalLocation": place}]


def test_a_foreign_baseline_without_the_text_of_lines_matches_by_message_and_count() -> None:
    said = {"ruleId": "B602", "message": {"text": "m"}}
    before = from_sarif(foreign({**said, "locations": at(7)}))
    now = [of(f"rule/v1:{line}", line=line) for line in (8, 9)]
    found = compared(now, before, [execution()])
    assert {one.baseline for one in found.results} == {UNCHANGED, NEW}


def test_states_are_written_in_sarif_and_read_again() -> None:
    found = compared([of("a/v1:1"), of("b/v1:2")], earlier(of("a/v1:1"), of("c/v1:3")), [execution()])
    again = compared(list(found.results), earlier(of("b/v1:2", baseline=ABSENT)), [execution()])
    for one in (found, again):
        outcome = Outcome(results=one.results, executions=(execution(),), baseline="before.sarif")
        data = b"".join(to_sarif(outcome))
        assert from_sarif(data) == outcome
    log = json.loads(b"".join(to_sarif(Outcome(results=found.results, executions=(execution(),)))))
    assert [one["baselineState"] for one in log["runs"][0]["results"]] == ["new", "unchanged", "absent"]


def test_a_run_that_was_compared_has_a_state_for_each_result_even_if_all_are_new() -> None:
    log = json.loads(b"".join(to_sarif(Outcome(results=(of("a/v1:1"),), baseline="before.sarif"))))
    assert log["runs"][0]["results"][0]["baselineState"] == "new"


def test_no_file_is_the_first_run(tmp_path: Path) -> None:
    assert baseline.read(tmp_path / "none.sarif") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b'{"version": "2.1.0", "runs": [', "cut off"),
        (b'{"version": "1.0.0", "runs": []}', "1.0.0"),
        (b"[]", ""),
    ],
)
def test_a_baseline_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "b.sarif"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="the baseline cannot be read") as caught:
        baseline.read(path)
    assert said in caught.value.message


def test_a_folder_or_a_dangling_link_is_no_first_run(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nothing")
    for path in (tmp_path, tmp_path / "link"):
        with pytest.raises(UsageError):
            baseline.read(path)


def test_matching_takes_time_and_memory_in_proportion() -> None:
    many = [of(f"r{n % 700}", f"w{n % 500}", line=n) for n in range(3000)]
    found = compared(many, earlier(*many), [execution(), execution("semgrep")])
    assert {one.baseline for one in found.results} == {UNCHANGED}


def test_a_rule_that_was_called_otherwise_is_known(repository: Callable[..., Path]) -> None:
    from devsecops import evidence, fingerprint  # noqa: PLC0415
    from devsecops.listing import list_files  # noqa: PLC0415

    root = repository({"a.py": "import hashlib\nhashlib.md5(b'')\n"})
    now = result(rule=Rule(id="B324", cwe=(327,)), location=FileLocation(path="a.py", line=2))
    (found,) = evidence.annotated([now], list_files(root), lambda _: "")
    old = of(fingerprint.of_rule("B303", "a.py", "hashlib.md5(b'')", 0))
    assert compared([found], earlier(old), [execution()]).results[0].baseline is UNCHANGED
