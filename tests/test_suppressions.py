"""Which comment silences which scanner, and which does not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.model import FileLocation, HttpLocation, Location, PackageLocation, Rule, Suppression
from devsecops.suppressions import applying, are_in
from tests.factory import result

BANDIT = ("bandit", "B602")
SEMGREP = ("semgrep", "python.lang.shell-true")
LEAKS = ("gitleaks", "generic-api-key")
OTHER = ("zizmor", "unpinned-uses")


def silenced(who: tuple[str, str], text: str, line: int = 1, end_line: int = 0) -> Suppression | None:
    """What silences a result that a scanner reports in a text."""
    scanner, rule = who
    location = FileLocation(path="a.py", line=line, end_line=end_line)
    return applying(result(scanner=scanner, rule=Rule(id=rule), location=location), text.split("\n"))


@pytest.mark.parametrize(
    ("who", "line"),
    [
        (BANDIT, "x()  # nosec"),
        (BANDIT, "x()  #nosec"),
        (BANDIT, "x()  # nosec: B602"),
        (BANDIT, "x()  # nosec B602"),
        (BANDIT, "x()  # nosec B101, B602"),
        (BANDIT, "x()  # nosec B101,B602"),
        (BANDIT, "x()  # nosec because it is a constant"),
        (BANDIT, "x()  # noqa: S602 # nosec B602 # more"),
        (SEMGREP, "x()  # nosemgrep"),
        (SEMGREP, "x()  # nosem"),
        (SEMGREP, "x(); // nosemgrep"),
        (SEMGREP, "x() /* nosemgrep */"),
        (SEMGREP, "<a> <!-- nosemgrep -->"),
        (SEMGREP, "x()  # nosemgrep: python.lang.shell-true"),
        (SEMGREP, "x()  # nosemgrep:python.lang.shell-true"),
        (SEMGREP, "x()  # nosemgrep: shell-true"),
        (SEMGREP, "x()  # nosemgrep: other, python.lang.shell-true"),
        (SEMGREP, "x()  # nosemgrep: other,shell-true -- a reason"),
        (SEMGREP, "x() /* nosemgrep: shell-true */"),
        (("opengrep", "shell-true"), "x()  # nosemgrep"),
        (LEAKS, "key = 1  # gitleaks:allow"),
        (LEAKS, "key = 1  // it is public gitleaks:allow"),
        (BANDIT, "x()  # devsecops: ignore[B602] it is a constant"),
        (BANDIT, "x()  #devsecops:ignore[B602] it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[B101, B602] it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[B6*] it is a constant"),
        (SEMGREP, "x(); // devsecops: ignore[python.lang.*] it is a constant"),
        (SEMGREP, "x() /* devsecops: ignore[python.lang.shell-true] it is a constant */"),
        (LEAKS, "<!-- devsecops: ignore[generic-api-key] it is public -->"),
        (OTHER, "uses: a/b@v1  # devsecops: ignore[unpinned-uses] ours"),
    ],
)
def test_a_comment_silences_the_scanner_it_is_meant_for(who: tuple[str, str], line: str) -> None:
    assert silenced(who, line)
    assert are_in(line)


@pytest.mark.parametrize(
    ("who", "line"),
    [
        (BANDIT, "x()"),
        (BANDIT, "x()  # nosec B603"),
        (BANDIT, "x()  # nosec B101, B603"),
        (BANDIT, "x()  # nosecurity"),
        (BANDIT, "nosec = x()"),
        (BANDIT, "x()  # nosemgrep"),
        (BANDIT, "x()  # gitleaks:allow"),
        (SEMGREP, "x()  # nosec"),
        (SEMGREP, "x()  # nosemgrep: other"),
        (SEMGREP, "x()  # nosemgrep: python.lang"),
        (SEMGREP, "x()  # nosemgrep: java.lang.shell-true"),
        (SEMGREP, "x()  # nosemgrepping"),
        (LEAKS, "key = 1  # nosec"),
        (LEAKS, "key = 1  # gitleaks:deny"),
        (OTHER, "uses: a/b@v1  # nosec nosemgrep gitleaks:allow"),
        (BANDIT, "x()  # devsecops: ignore[B602]"),
        (BANDIT, "x()  # devsecops: ignore[B602]   "),
        (BANDIT, "x() /* devsecops: ignore[B602] */"),
        (BANDIT, "<!-- devsecops: ignore[B602] -->"),
        (BANDIT, "{# devsecops: ignore[B602] #}"),
        (BANDIT, "x()  # devsecops: ignore it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[] it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[ ] it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[B603] it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[B60] it is a constant"),
        (BANDIT, "x()  # devsecops: ignore[b602] it is a constant"),
    ],
)
def test_a_comment_does_not_silence_anything_else(who: tuple[str, str], line: str) -> None:
    assert silenced(who, line) is None


@pytest.mark.parametrize("named", ["assert_used", "assert_used, hashlib", "try_except_pass reason"])
def test_a_test_name_silences_that_test_only(named: str) -> None:
    assert silenced(BANDIT, f"x()  # nosec {named}") is None


def test_a_test_name_silences_its_own_test() -> None:
    location = FileLocation(path="a.py", line=1)
    found = result(rule=Rule(id="B101", name="Assert used"), location=location)
    assert applying(found, ["assert x  # nosec assert_used"])


@pytest.mark.parametrize(
    ("who", "text", "line", "end_line", "is_silenced"),
    [
        (SEMGREP, "# nosemgrep\nx()", 2, 0, True),
        (SEMGREP, "    // nosemgrep: shell-true\nx()", 2, 0, True),
        (SEMGREP, "/* nosemgrep */\nx()", 2, 0, True),
        (SEMGREP, "<!-- nosemgrep -->\nx()", 2, 0, True),
        (SEMGREP, "-- nosemgrep\nx()", 2, 0, True),
        (SEMGREP, "# nosemgrep: other\nx()", 2, 0, False),
        (SEMGREP, "y()  # nosemgrep\nx()", 2, 0, False),
        (SEMGREP, "# nosemgrep\n\nx()", 3, 0, False),
        (SEMGREP, "x()\n# nosemgrep", 1, 0, False),
        (SEMGREP, "x(\n    1,  # nosemgrep\n)", 1, 3, False),
        (BANDIT, "# nosec\nx()", 2, 0, False),
        (BANDIT, "x(\n    1,  # nosec\n)", 1, 3, True),
        (BANDIT, "x(\n    1,\n)  # nosec", 1, 3, True),
        (BANDIT, "x(\n    1,\n)  # nosec", 1, 2, False),
        (BANDIT, "x(  # nosec B101\n    1,\n)  # nosec B602", 1, 3, True),
        (BANDIT, "x(  # nosec", 1, 10**9, True),
        (LEAKS, "# gitleaks:allow\nkey", 2, 0, False),
        (LEAKS, "key\nkey  # gitleaks:allow", 1, 2, True),
        (BANDIT, "# devsecops: ignore[B602] it is a constant\nx()", 2, 0, True),
        (LEAKS, "# devsecops: ignore[generic-api-key] public\nkey", 2, 0, True),
        (BANDIT, "y()  # devsecops: ignore[B602] it is a constant\nx()", 2, 0, False),
        (BANDIT, "x(\n    1,  # devsecops: ignore[B602] it is a constant\n)", 1, 3, True),
        (BANDIT, "x()\n# devsecops: ignore[B602] it is a constant", 1, 0, False),
        (BANDIT, "x()  # nosec", 0, 0, False),
        (BANDIT, "x()  # nosec", 2, 0, False),
        (BANDIT, "x()  # nosec", -1, 0, False),
    ],
)
def test_a_comment_counts_on_its_own_lines_or_the_one_above(
    who: tuple[str, str], text: str, line: int, end_line: int, *, is_silenced: bool
) -> None:
    assert bool(silenced(who, text, line, end_line)) == is_silenced


HADOLINT = ("hadolint", "DL3007")


@pytest.mark.parametrize(
    ("text", "is_silenced"),
    [
        ("# hadolint ignore=DL3007\nFROM a:latest", True),
        ("  # HADOLINT ignore = DL3006, DL3007\nFROM a:latest", True),
        ("# hadolint ignore=DL3006\nFROM a:latest", False),
        ("# hadolint ignore=\nFROM a:latest", False),
        ("FROM a:latest\n# hadolint ignore=DL3007", False),
        ("RUN x # hadolint ignore=DL3007\nFROM a:latest", False),
        ("# hadolint global ignore=DL3007\nFROM a:latest", True),
        ("FROM a:latest\n\n# hadolint global ignore=DL3007,DL3006", True),
        ("# hadolint global ignore=DL3006\nFROM a:latest", False),
    ],
)
def test_hadolint_is_silenced_by_a_comment_above_or_for_the_whole_file(text: str, *, is_silenced: bool) -> None:
    line = 1 + text.split("\n").index("FROM a:latest")
    assert are_in(text)
    assert bool(silenced(HADOLINT, text, line)) is is_silenced
    assert silenced(OTHER, text, line) is None


@pytest.mark.parametrize("location", [PackageLocation(purl="pkg:pypi/a@1", path="a.py", line=1), HttpLocation(url="/")])
def test_only_a_result_in_a_file_is_silenced(location: Location) -> None:
    assert applying(result(location=location), ["# nosec"]) is None


@pytest.mark.parametrize(
    ("who", "line", "reason"),
    [
        (BANDIT, "x()  # nosec B602 it is a constant", "# nosec B602 it is a constant"),
        (SEMGREP, "x() /* nosemgrep: shell-true */", "nosemgrep: shell-true"),
        (LEAKS, "key  # gitleaks:allow", "gitleaks:allow"),
        (BANDIT, "x()  # devsecops: ignore[B602]   it is\ta  constant ", "it is a constant"),
        (BANDIT, "x() /* devsecops: ignore[B602] constant */", "constant"),
        (BANDIT, "<!-- devsecops: ignore[B602] constant -->", "constant"),
        (BANDIT, "{# devsecops: ignore[B602] constant #}", "constant"),
        (BANDIT, "x()  # devsecops: ignore[B602] \x1b[31m\u202ered", "[31mred"),
        (BANDIT, f"x()  # devsecops: ignore[B602] {'long ' * 100}", f"{'long ' * 39}long…"),
    ],
)
def test_the_reason_is_kept(who: tuple[str, str], line: str, reason: str) -> None:
    assert silenced(who, line) == Suppression(reason=reason)


def test_ours_wins_over_the_scanners_own() -> None:
    assert silenced(BANDIT, "x()  # nosec # devsecops: ignore[B602] said") == Suppression(reason="said")


WORDS = st.lists(
    st.sampled_from(
        [
            "# ",
            "// ",
            "nosec",
            "nosemgrep",
            ":",
            " ",
            "B602",
            "B101",
            "shell-true",
            ",",
            "gitleaks:allow",
            "\n",
            "*/",
            "devsecops: ignore[",
            "B602]",
            "] ",
            "reason",
            "x()",
            "*",
            "{",
            "}",
            "[",
            "!",
        ]
    ),
    max_size=10,
).map("".join)


@given(WORDS, st.sampled_from([BANDIT, SEMGREP, LEAKS, OTHER]), st.integers(-1, 4), st.integers(-1, 4))
def test_every_text_gives_an_answer_and_silences_only_with_a_mark(
    text: str, who: tuple[str, str], line: int, end_line: int
) -> None:
    found = silenced(who, text, line, end_line)
    assert found is None or (are_in(text) and found.reason and not found.external)


def test_a_hostile_pattern_takes_no_time() -> None:
    code = (
        "import resource, sys; from tests.test_suppressions import silenced\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n"
        "print(silenced(('bandit', 'a' * 80), f'# devsecops: ignore[{\"*a\" * 12}z] reason'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"None\n"), f"after 1 s of CPU time: signal {-done.returncode}"
