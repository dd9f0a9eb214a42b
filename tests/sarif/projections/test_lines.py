"""GitHub's line hashes, held against what GitHub's own program gives and against the definition, step by step."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.sarif.projections.lines import line_hashes

EMPTY = "c129715d7a2bc9a3:1"


@pytest.mark.parametrize(
    ("text", "hashes"),
    [  # given by `hash` of github/codeql-action, run on these texts
        ("", [EMPTY]),
        (
            "import os\n\nos.system(input())  # 😀\n",
            ["45ac8e195927359d:1", "ddf7ed74be0db26e:1", "1cb52bd978da377c:1", EMPTY],
        ),
        ("\ufeffa = 1\r\n\tb = 2\r\r\n", ["acdc6d06402dbdc:1", "669ea9ae1a93dbec:1", "3c5bef55b72b93c9:1", EMPTY]),
        (
            "x\nx\nx\nx\nx\n",
            [
                "954c994bc9b69035:1",
                "16bdaddd35aaa92b:1",
                "4c74ab87820424b1:1",
                "8c072f39cc89b447:1",
                "828973aa50c68d6d:1",
                EMPTY,
            ],
        ),
    ],
)
def test_the_hashes_are_githubs(text: str, hashes: list[str]) -> None:
    assert list(line_hashes(text, range(1, 99)).values()) == hashes


def slowly(text: str) -> dict[int, str]:
    """All hashes, character by character, as a window of 100 rolls over the text."""
    units = list(memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H"))
    normal = [10 if unit == 13 else unit for at, unit in enumerate(units) if units[max(at - 1, 0) : at + 1] != [13, 10]]
    visible = [unit for unit in normal if unit not in {9, 32}] + [65535] + [0] * 100
    value, starts, seen = 0, [0], Counter[int]()
    starts += [at + 1 for at, unit in enumerate(visible) if unit == 10]
    found = {}
    for at, unit in enumerate(visible):
        value = (value * 37 + unit - (visible[at - 100] * 37**100 if at >= 100 else 0)) % 2**64
        if at - 99 in starts:
            seen[value] += 1
            found[starts.index(at - 99) + 1] = f"{value:x}:{seen[value]}"
    return found


@settings(deadline=None)
@given(st.text(st.sampled_from("ab \t\n\r;é漢😀\ud800\0"), max_size=400))
def test_the_hashes_are_those_of_the_definition(text: str) -> None:
    assert line_hashes(text, range(1, 999)) == slowly(text)


def test_lines_that_are_not_there_have_no_hash() -> None:
    assert line_hashes("a\nb", [0, 4, -1]) == {}
    assert line_hashes(None, [1]) == {}


def test_equal_lines_are_counted_whichever_are_asked_for() -> None:
    text = "abcdefghij\n" * 20
    assert line_hashes(text, [3]) == {3: line_hashes(text, range(1, 21))[3]}
    assert line_hashes(text, [3])[3].endswith(":3")
