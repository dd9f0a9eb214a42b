"""What a developer reads in a terminal."""

from __future__ import annotations

import pytest

from devsecops.model import (
    Coverage,
    DataSource,
    FileLocation,
    Message,
    Outcome,
    Reason,
    Rule,
    Service,
    Severity,
    Status,
    Suppression,
    Tool,
    Verdict,
    VerdictState,
)
from devsecops.writers import text
from tests.factory import execution, result, vulnerable


def outcome(**fields: object) -> Outcome:
    return Outcome(**fields)  # type: ignore[arg-type]


def test_a_whole_summary() -> None:
    found = outcome(
        services=(Service(name="web"),),
        executions=(
            execution(),
            execution(
                "pip-audit",
                tool=Tool(name="pip-audit", data=(DataSource(name="OSV PyPI", date="2026-07-14T00:00:00Z"),)),
                status=Status.PARTIAL,
                coverage=Coverage(unit="packages", expected=9, examined=8),
                messages=(
                    Message(
                        id="not-pinned", text="django cannot be audited: no version is pinned", path="r.txt", line=3
                    ),
                ),
            ),
            execution("zizmor", Status.MISSING, asked=False),
        ),
        results=(
            result(
                rule=Rule(id="B602", name="Shell"),
                location=FileLocation(path="web/a.py", line=7),
                message="A shell runs this.",
                evidence="call(x, shell=True)",
                fingerprints=("w",),
            ),
            result(
                scanner="semgrep",
                rule=Rule(id="sh", name="Shell"),
                location=FileLocation(path="web/a.py", line=7),
                message="A shell runs this.",
                fingerprints=("w",),
            ),
            vulnerable(
                "flask",
                "PYSEC-1",
                "CVE-1",
                severity=Severity.MEDIUM,
                score=5.0,
                fixed=("1.2",),
                rule=Rule(id="PYSEC-1", name="Cookies leak"),
                fingerprints=("p",),
            ),
            result(fingerprints=("s",), suppressions=(Suppression(reason="nosec"),)),
        ),
        verdict=Verdict(
            state=VerdictState.INCOMPLETE, reasons=(Reason(text="pip-audit examined 8 of 9 packages", policy="all"),)
        ),
    )
    assert text.render(found) == (
        "service  high  medium\n"
        "web         1       1\n"
        "\n"
        "HIGH  Shell\n"
        "  A shell runs this.\n"
        "  web/a.py:7\n"
        "    | call(x, shell=True)\n"
        "  (bandit B602, semgrep sh)\n"
        "\n"
        "MEDIUM  flask 1.0: 1 advisory\n"
        "  a/lock:3\n"
        "    - CVE-1 (medium, CVSS 5.0): Cookies leak\n"
        "  Fix: upgrade to 1.2\n"
        "\n"
        "Not counted: 1 suppressed.\n"
        "\n"
        "Advisories: OSV PyPI, the newest of 2026-07-14.\n"
        "\n"
        "Not checked\n"
        "  pip-audit: partial, 8 of 9 packages examined\n"
        "    - r.txt:3: django cannot be audited: no version is pinned\n"
        "  zizmor: not asked for and not installed\n"
        "\n"
        "INCOMPLETE:\n"
        "  - pip-audit examined 8 of 9 packages; all\n"
    )


def test_all_advisories_of_a_package_stand_together_with_the_version_that_ends_them() -> None:
    found = tuple(
        vulnerable("flask", f"PYSEC-{number}", fixed=fixed, fingerprints=(str(number),), message="flask: x: words")
        for number, fixed in enumerate([("1.9",), ("1.10", "2.0"), (), ("1.2",)])
    )
    said = text.render(outcome(results=found))
    assert "HIGH  flask 1.0: 4 advisories\n" in said
    assert "    - and 1 more advisory\n" in said
    assert "  Fix: upgrade to 1.10; no fixed version is known for 1 of 4\n" in said


def test_nothing_found_and_nothing_missed_is_one_line() -> None:
    found = outcome(executions=(execution(), execution("semgrep")))
    assert text.render(found) == "PASSED: nothing of the policy is violated, 2 scanners complete\n"


def test_nothing_to_scan_is_said_in_place_of_a_result() -> None:
    found = outcome(executions=(execution(status=Status.NOT_APPLICABLE),))
    assert text.render(found) == "PASSED: nothing to scan: no scanner has anything to examine here\n"


def test_places_of_one_rule_stand_together_and_the_rest_is_counted() -> None:
    places = tuple(
        result(location=FileLocation(path="a.py", line=line), fingerprints=(str(line),), rule=Rule(id="B602"))
        for line in range(1, 6)
    )
    said = text.render(outcome(results=places))
    assert said.count("HIGH") == 1
    assert "  and 2 other places\n" in said
    assert "a.py:5" in text.render(outcome(results=places), everything=True)


def test_dependencies_that_nothing_audits_stand_together_with_their_places() -> None:
    notes = [
        Message(
            id="not-covered", text=f"not covered: npm dependencies of {name} are audited by nothing", path=f"{name}/l"
        )
        for name in "abcdefgh"
    ]
    lines = text.render(outcome(notes=tuple(notes))).splitlines()
    at = lines.index("  not covered: dependencies that no scanner audits")
    assert lines[at + 1] == "    - npm dependencies of a are audited by nothing (a/l)"
    assert "    - and 2 more; -v shows them all" in lines


def test_what_is_cut_is_counted() -> None:
    many = tuple(result(rule=Rule(id=f"R{number}"), fingerprints=(str(number),)) for number in range(15))
    assert "and 5 more findings; -v shows them all" in text.render(outcome(results=many))
    gaps = tuple(Message(id="not-examined", text="x", path=f"{number}.py") for number in range(9))
    partial = execution(status=Status.PARTIAL, coverage=Coverage(expected=9), messages=gaps)
    assert "and 3 more; -v shows them all" in text.render(outcome(executions=(partial,)))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = result(
        service="s" * 90,
        message="word " * 60,
        evidence="x" * 400,
        location=FileLocation(path="p/" * 100, line=1),
        rule=Rule(id="r" * 90, name="n" * 300),
    )
    said = text.render(outcome(results=(long,)), width=width)
    assert max(map(len, said.splitlines())) <= width


def test_foreign_text_is_harmless() -> None:
    evil = "\x1b[2J\u202e\r\n::error::x"
    found = outcome(
        services=(Service(name=evil),),
        results=(result(message=evil, service=evil, rule=Rule(id=evil, name=evil), evidence=evil),),
        notes=(Message(id="left-out", text=evil),),
        executions=(
            execution(
                status=Status.FAILED, messages=(Message(id="stderr", text=evil), Message(id="failed", text=evil))
            ),
        ),
    )
    said = text.render(found, everything=True)
    assert not set(said) & {"\x1b", "\u202e", "\r"}
    assert not any(line.startswith(("::", "##")) for line in said.splitlines())
