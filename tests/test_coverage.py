"""What executions prove together, and what the configuration takes out of it."""

from __future__ import annotations

import pytest

from devsecops import coverage
from devsecops.config import Accept
from devsecops.model import Coverage, Execution, Message, Status
from tests.factory import execution


def gap(path: str, package: str = "") -> Message:
    return Message(id="not-examined", text="not examined", path=path, package=package)


def partial(*paths: str) -> Execution:
    covered = Coverage(expected=9, examined=9 - len(paths))
    return execution(status=Status.PARTIAL, coverage=covered, messages=tuple(map(gap, paths)))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([Status.COMPLETE, Status.COMPLETE], Status.COMPLETE),
        ([Status.COMPLETE, Status.PARTIAL], Status.PARTIAL),
        ([Status.PARTIAL, Status.TIMED_OUT], Status.TIMED_OUT),
        ([Status.COMPLETE, Status.FAILED], Status.FAILED),
        ([Status.NOT_APPLICABLE, Status.COMPLETE], Status.COMPLETE),
    ],
)
def test_split_work_is_as_good_as_its_worst_part(statuses: list[Status], expected: Status) -> None:
    assert coverage.joined([execution(status=status) for status in statuses]).status is expected


def test_split_work_covers_the_sum_of_its_parts() -> None:
    parts = [execution(coverage=Coverage(expected=3, examined=2)), execution(coverage=Coverage(expected=4, examined=4))]
    assert coverage.joined(parts).coverage == Coverage(expected=7, examined=6)


def web(_: str) -> str:
    return "web"


def test_the_exit_code_of_split_work_is_the_first_that_is_not_zero() -> None:
    assert coverage.joined([execution(exit_code=code) for code in (0, 1, 0)]).exit_code == 1


def test_how_work_was_split_does_not_show() -> None:
    messages = [gap("b"), gap("a"), gap("c")]
    one = coverage.joined([execution(messages=tuple(messages))])
    two = coverage.joined([execution(messages=tuple(messages[:1])), execution(messages=tuple(messages[1:]))])
    assert one.messages == two.messages


def test_files_known_not_to_parse_are_taken_out_of_what_was_examined() -> None:
    found = coverage.with_gaps(execution(coverage=Coverage(expected=3, examined=3)), [gap("a.py")], web)
    covered = Coverage(expected=3, examined=2, parts={"web": (0, 0)})
    assert (found.status, found.coverage) == (Status.PARTIAL, covered)


def test_a_gap_that_is_known_already_counts_once() -> None:
    before = partial("a.py")
    assert coverage.with_gaps(before, [gap("a.py")], web) == before


def test_gaps_seen_before_the_start_add_to_what_was_expected() -> None:
    before = Coverage(unit="packages", expected=3, examined=3, parts={"api": (1, 1), "web": (2, 2)})
    found = coverage.with_notes(execution(coverage=before), [gap("lock")], web)
    after = Coverage(unit="packages", expected=4, examined=3, parts={"api": (1, 1), "web": (3, 2)})
    assert (found.status, found.coverage) == (Status.PARTIAL, after)


def test_what_split_work_examined_is_added_up_by_service() -> None:
    parts = [{"web": (3, 2)}, {"api": (1, 1), "web": (1, 1)}]
    split = [execution(coverage=Coverage(expected=3, examined=2, parts=part)) for part in parts]
    found = coverage.joined(split).coverage
    assert found
    assert found.parts == {"api": (1, 1), "web": (4, 3)}


def test_a_lock_file_in_which_nothing_is_pinned_is_partial_and_not_inapplicable() -> None:
    found = coverage.with_notes(execution(status=Status.NOT_APPLICABLE), [gap("requirements.txt")], web)
    assert found.status is Status.PARTIAL


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (Accept(path="legacy/**", reason="r"), Status.COMPLETE),
        (Accept(path="legacy", reason="r"), Status.COMPLETE),
        (Accept(path="legacy/a.py", reason="r", scanner="bandit"), Status.COMPLETE),
        (Accept(path="legacy/a.py", reason="r", scanner="semgrep"), Status.PARTIAL),
        (Accept(path="other/**", reason="r"), Status.PARTIAL),
        (Accept(path="package:legacy", reason="r"), Status.PARTIAL),
    ],
)
def test_what_is_accepted_is_taken_out_and_stays_as_a_note(accept: Accept, status: Status) -> None:
    found = coverage.accepted(partial("legacy/a.py"), [accept])
    assert found.status is status
    if status is Status.COMPLETE:
        assert [(one.id, one.level, one.path) for one in found.messages] == [("accepted", "note", "legacy/a.py")]
        assert "accepted: r" in found.messages[0].text


def test_a_package_is_accepted_by_name() -> None:
    before = execution(status=Status.PARTIAL, messages=(gap("lock", "torch"),))
    assert coverage.accepted(before, [Accept(path="package:torch", reason="r")]).status is Status.COMPLETE


def test_accepting_one_gap_of_two_is_not_enough() -> None:
    assert coverage.accepted(partial("a.py", "b.py"), [Accept(path="a.py", reason="r")]).status is Status.PARTIAL


def test_a_failed_scanner_cannot_be_accepted() -> None:
    failed = execution(status=Status.FAILED, messages=(Message(id="failed", level="error", text="boom"),))
    assert coverage.accepted(failed, [Accept(path="**", reason="r")]) == failed
