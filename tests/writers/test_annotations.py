"""Annotations of GitHub Actions: ten of each kind, worst first, and no text that becomes a command."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, given, settings

from devsecops.model import (
    Baseline,
    FileLocation,
    HttpLocation,
    Message,
    Outcome,
    Reason,
    Rule,
    Severity,
    State,
    Status,
    Suppression,
    Verdict,
    VerdictState,
)
from devsecops.writers import annotations as commands
from tests.difficult import OUTCOMES, many, outcomes
from tests.factory import execution, result, vulnerable

COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:\r\n]*,?)+)::([^\r\n]+)")


def written(outcome: Outcome) -> list[str]:
    return b"".join(commands.write(outcome)).decode().removesuffix("\n").split("\n")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it: kind, properties, text."""
    found = COMMAND.fullmatch(line)
    assert found, line
    properties = dict(pair.split("=", 1) for pair in found[2].split(","))

    def back(text: str) -> str:
        for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            text = text.replace(escape, character)
        return text

    return found[1], {name: back(value) for name, value in properties.items()}, back(found[3])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes)
def test_any_outcome_is_nothing_but_our_own_commands(outcome: Outcome) -> None:
    lines = [read(line) for line in written(outcome)]
    assert all(count <= commands.EACH for count in Counter(kind for kind, _, _ in lines).values())
    for _, properties, _ in lines:
        assert properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert len(properties["title"]) <= 255
        assert all(properties[name].isdigit() for name in properties.keys() - {"file", "title"})
    assert lines[-1][0] == "notice"
    assert outcome.verdict.state.value in lines[-1][1]["title"]


def test_an_annotation_survives_its_escapes() -> None:
    found = result(
        rule=Rule(id="B602", name="Shell: 100%, really"),
        location=FileLocation(path="a,b:c%0A.py", line=7, column=3, end_column=9),
        message="50% of ::error:: ##[error]x",
    )
    kind, properties, text = read(written(Outcome(results=(found,)))[0])
    assert kind == "error"
    assert properties == {
        "file": "a,b:c%0A.py",
        "line": "7",
        "col": "3",
        "endColumn": "9",
        "title": "HIGH: Shell: 100%, really",
    }
    assert text == "50% of ::error:: # #[error]x\n(bandit B602)"


def test_columns_are_given_for_one_line_only_and_requests_have_no_file() -> None:
    wide = result(location=FileLocation(path="a.py", line=7, end_line=9, column=3, end_column=4))
    _, properties, _ = read(written(Outcome(results=(wide,)))[0])
    assert (properties["endLine"], "endColumn" in properties) == ("9", False)
    request = result(location=HttpLocation(url="https://shop.example/a", method="POST"))
    _, properties, text = read(written(Outcome(results=(request,)))[0])
    assert "file" not in properties
    assert text.startswith("POST https://shop.example/a\n")


def test_the_worst_come_first_and_what_is_left_out_is_counted() -> None:
    outcome = many(600)
    lines = [read(line) for line in written(outcome)]
    assert Counter(kind for kind, _, _ in lines) == {"error": 10, "warning": 10, "notice": 10}
    assert all(properties["title"].startswith("CRITICAL: ") for kind, properties, _ in lines if kind == "error")
    _, properties, text = lines[-1]
    assert properties == {"title": "devsecops: failed"}
    assert "600 findings, 29 of them annotated." in text
    assert (
        "Left out, as GitHub shows 10 of each kind: 90 critical, 100 high, 100 unknown, 90 medium, 91 low, 100 info."
        in text
    )


def test_nothing_left_out_is_not_said() -> None:
    (line,) = written(OUTCOMES["clean"])
    assert read(line) == ("notice", {"title": "devsecops: passed"}, "0 findings, 0 of them annotated.")


def test_what_was_not_checked_is_the_first_error() -> None:
    gaps = tuple(execution(f"s{number}", Status.FAILED) for number in range(7))
    found = tuple(result(fingerprints=(str(number),)) for number in range(20))
    lines = [read(line) for line in written(Outcome(executions=gaps, results=found))]
    assert lines[0] == (
        "error",
        {"title": "Not checked: 7 gaps"},
        "s0: failed\ns1: failed\ns2: failed\ns3: failed\ns4: failed\nand 2 more",
    )
    assert sum(kind == "error" for kind, _, _ in lines) == 10


def test_only_new_findings_are_annotated_and_the_others_counted() -> None:
    found = (
        result(fingerprints=("a",), baseline=Baseline.UNCHANGED),
        result(fingerprints=("b",), suppressions=(Suppression(),)),
        vulnerable(severity=Severity.LOW, fixed=("1.2",), fingerprints=("c",)),
    )
    reason = Reason(text="why", fingerprints=("c",))
    lines = [
        read(line)
        for line in written(Outcome(results=found, verdict=Verdict(state=VerdictState.FAILED, reasons=(reason,))))
    ]
    assert [kind for kind, _, _ in lines] == ["notice", "notice"]
    assert "Fix: upgrade to 1.2." in lines[0][2]
    assert lines[1][2] == f"why\n1 finding, 1 of them annotated.\nNot counted: 1 suppressed, 1 {State.KNOWN.value}."


def test_notes_that_are_no_gaps_of_what_was_asked_for_are_no_errors() -> None:
    outcome = Outcome(executions=(execution(),), notes=(Message(id="left-out", text="x"),))
    assert [read(line)[0] for line in written(outcome)] == ["notice"]
