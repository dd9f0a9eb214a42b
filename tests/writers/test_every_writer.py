"""What holds for every format: difficult outcomes are written, the same twice, and no hostile text gets out raw."""

from __future__ import annotations

import re
import sys

import pytest

from devsecops.model import Outcome
from devsecops.writers import WRITERS, writer
from tests.difficult import EVIL, OUTCOMES, hostile, many

LOSSLESS = {"sarif"}
"""Formats that keep every character, escaped as JSON does it."""
PAGES = {"html"}
"""Formats that nobody prints in a pipeline: several lines of a text stay lines, and style sheets have colons."""
_RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_COMMAND = re.compile(r"^\s*(::|##)", re.MULTILINE)
_OURS = re.compile(r"^::(error|warning|notice) [^:]*::[^\r\n]*$")


def written(name: str, outcome: Outcome) -> bytes:
    return b"".join(writer(name)(outcome))


@pytest.mark.parametrize("case", OUTCOMES)
@pytest.mark.parametrize("name", WRITERS)
def test_a_difficult_outcome_is_written_and_twice_the_same(name: str, case: str) -> None:
    if name in LOSSLESS and case == "hostile":
        pytest.skip("an outcome has no lone surrogates: readers take them out")
    data = written(name, OUTCOMES[case])
    data.decode()
    assert data == written(name, OUTCOMES[case])
    assert data.endswith(b"\n") or name in PAGES


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in LOSSLESS])
def test_hostile_text_is_harmless(name: str) -> None:
    said = written(name, hostile()).decode()
    assert not _RAW.findall(said)
    lines = said.replace("\r\n", "\n")
    assert "\r" not in lines
    if name == "annotations":
        assert all(_OURS.match(line) for line in lines.splitlines())
    elif name not in PAGES:
        headings = re.sub(r"^##+ [^\n]*$", "", lines, flags=re.MULTILINE) if name == "markdown" else lines
        assert not _COMMAND.search(headings)
    if name not in PAGES and not said.startswith(("{", "[")):  # JSON can only be printed where it is asked for
        assert not re.search(r"##\w*\[", said)
    if name in {"html", "markdown", "junit"}:
        assert not re.search(r"\b(href|src)\s*=\s*[\"']?[^\"'\s>]*evil", said)
        assert "<script>alert" not in said
        assert not re.search(r"href\s*=\s*.?\s*javascript:", said, re.IGNORECASE)


@pytest.mark.parametrize("name", WRITERS)
def test_every_finding_or_its_count_is_in_it(name: str) -> None:
    """No writer falls silent: what it does not show it counts (the formats' own tests say where)."""
    if name in LOSSLESS or name.startswith("gitlab-"):
        pytest.skip("shown by its own tests")
    said = written(name, OUTCOMES["states"]).decode()
    assert "B602" in said


@pytest.mark.parametrize("name", WRITERS)
def test_cost_grows_with_the_findings_and_no_faster(name: str) -> None:
    """Ten times the findings in at most thirty times the calls: far from the hundred times of a quadratic writer."""
    small, large = many(500), many(5_000)
    written(name, small)  # imports what it needs
    assert calls(name, large) <= 30 * calls(name, small)


def calls(name: str, outcome: Outcome) -> int:
    """How many functions are called to write a report: unlike time, the same on a busy machine."""
    count = 0

    def called(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(called)
    try:
        written(name, outcome)
    finally:
        sys.setprofile(None)
    return count


def test_the_hostile_text_is_hostile() -> None:
    assert _RAW.search(EVIL)
    assert _COMMAND.search(EVIL)
