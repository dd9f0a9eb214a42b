"""The verdict, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.dedupe import findings
from devsecops.model import (
    Baseline,
    Coverage,
    Execution,
    Kind,
    Message,
    Policy,
    Result,
    Severity,
    Status,
    Suppression,
    VerdictState,
)
from devsecops.policy import judge
from tests.factory import execution, result

COMPLETE = (execution(),)


def verdict(
    policy: Policy, *results: Result, executions: tuple[Execution, ...] = COMPLETE, notes: tuple[Message, ...] = ()
) -> str:
    return judge(policy, findings(results), executions, notes).state.value


@pytest.mark.parametrize(
    ("fail_on", "severity", "expected"),
    [
        (Severity.HIGH, Severity.CRITICAL, "failed"),
        (Severity.HIGH, Severity.HIGH, "failed"),
        (Severity.HIGH, Severity.UNKNOWN, "failed"),  # unknown counts as high
        (Severity.HIGH, Severity.MEDIUM, "passed"),
        (Severity.CRITICAL, Severity.HIGH, "passed"),
        (Severity.CRITICAL, Severity.UNKNOWN, "passed"),
        (Severity.MEDIUM, Severity.UNKNOWN, "failed"),
        (Severity.LOW, Severity.INFO, "passed"),
        (Severity.INFO, Severity.INFO, "failed"),
        (None, Severity.CRITICAL, "passed"),
    ],
)
def test_thresholds(fail_on: Severity | None, severity: Severity, expected: str) -> None:
    assert verdict(Policy(fail_on=fail_on), result(severity=severity)) == expected


@pytest.mark.parametrize(
    "fields", [{"baseline": Baseline.UNCHANGED}, {"baseline": Baseline.ABSENT}, {"suppressions": (Suppression(),)}]
)
def test_only_new_results_fail(fields: dict[str, object]) -> None:
    assert verdict(Policy(), result(**fields)) == "passed"


@pytest.mark.parametrize(
    ("status", "asked", "expected"),
    [
        (Status.COMPLETE, True, "passed"),
        (Status.NOT_APPLICABLE, True, "passed"),
        (Status.PARTIAL, True, "incomplete"),
        (Status.FAILED, True, "incomplete"),
        (Status.TIMED_OUT, True, "incomplete"),
        (Status.MISSING, True, "incomplete"),
        (Status.MISSING, False, "passed"),  # not there, and nobody asked for it
        (Status.FAILED, False, "incomplete"),  # but one that was there and failed leaves a gap
        (Status.PARTIAL, False, "incomplete"),
    ],
)
def test_coverage(status: Status, asked: bool, expected: str) -> None:  # noqa: FBT001
    assert verdict(Policy(), executions=(execution(status=status, asked=asked),)) == expected


def test_incomplete_outranks_failed_and_keeps_the_reasons_of_both() -> None:
    found = judge(Policy(), findings([result()]), (execution(status=Status.FAILED),))
    assert found.state is VerdictState.INCOMPLETE
    assert [reason.text for reason in found.reasons] == ["bandit failed", "1 finding of severity high or worse"]


def test_allow_incomplete_downgrades_visibly() -> None:
    found = judge(Policy(allow_incomplete=True), [], (execution(status=Status.FAILED),))
    assert found.state is VerdictState.PASSED
    assert [reason.text for reason in found.reasons] == ["bandit failed (allowed by --allow-incomplete)"]


def test_allow_incomplete_still_fails_on_findings() -> None:
    found = judge(Policy(allow_incomplete=True), findings([result()]), (execution(status=Status.FAILED),))
    assert found.state is VerdictState.FAILED


@pytest.mark.parametrize(
    ("executions", "expected"),
    [
        ((), "incomplete"),
        ((execution(status=Status.NOT_APPLICABLE),), "incomplete"),
        ((execution(),), "passed"),
        ((execution(), execution("semgrep", Status.NOT_APPLICABLE)), "passed"),
    ],
)
def test_a_required_kind_must_have_been_examined(executions: tuple[Execution, ...], expected: str) -> None:
    assert verdict(Policy(require=(Kind.SAST,)), executions=executions) == expected


def test_a_lock_file_that_nothing_audits_is_a_gap_where_dependencies_are_required() -> None:
    audited = (execution("pip-audit", kind=Kind.DEPENDENCIES),)
    uncovered = (Message(id="not-covered", text="not covered: dependencies of web (npm)"),)
    assert verdict(Policy(), executions=audited, notes=uncovered) == "passed"
    assert verdict(Policy(require=(Kind.DEPENDENCIES,)), executions=audited, notes=uncovered) == "incomplete"


def test_something_that_could_not_be_read_is_a_gap() -> None:
    assert verdict(Policy(), notes=(Message(id="unreadable", level="error", text="cannot be read: x"),)) == "incomplete"


def test_each_reason_names_the_policy_and_the_findings_behind_it() -> None:
    found = judge(Policy(origin="devsecops.toml"), findings([result(fingerprints=("rule/v1:a",))]), COMPLETE)
    assert found.reasons[0].policy == 'fail-on = "high" (devsecops.toml)'
    assert found.reasons[0].fingerprints == ("rule/v1:a",)


def test_a_partial_execution_says_how_much_was_examined() -> None:
    partial = execution(status=Status.PARTIAL, coverage=Coverage(expected=9, examined=8))
    assert judge(Policy(), [], (partial,)).reasons[0].text == "bandit examined 8 of 9 files"


def test_where_no_scanner_ran_at_all_nothing_has_passed() -> None:
    assert judge(Policy(), [], ()).state is VerdictState.INCOMPLETE


SEVERITIES = st.lists(st.sampled_from(Severity), max_size=6)
STATUSES = st.lists(st.sampled_from(Status), min_size=1, max_size=4)
GOOD = "passed"


@given(SEVERITIES, STATUSES, st.sampled_from(Severity), st.sampled_from(Status), st.sampled_from(Severity))
def test_nothing_more_found_and_nothing_more_broken_ever_turns_a_verdict_into_passed(
    severities: list[Severity], statuses: list[Status], more: Severity, broken: Status, fail_on: Severity
) -> None:
    def judged(found: list[Severity], ended: list[Status], threshold: Severity) -> str:
        results = [result(severity=severity, fingerprints=(str(at),)) for at, severity in enumerate(found)]
        return verdict(Policy(fail_on=threshold), *results, executions=tuple(execution(status=one) for one in ended))

    before = judged(severities, statuses, fail_on)
    if before != GOOD:
        assert judged([*severities, more], statuses, fail_on) != GOOD
        assert judged(severities, [*statuses, broken], fail_on) != GOOD
        assert judged(severities, statuses, Severity.INFO) != GOOD
