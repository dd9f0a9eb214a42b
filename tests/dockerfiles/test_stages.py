"""Stages, and what is known of variables."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.dockerfiles import Reference, parse, stages
from devsecops.dockerfiles.words import UNKNOWN, expanded, words
from devsecops.errors import ReportError


def images(text: str) -> list[str | int | None]:
    """The image of each stage, or the number of the stage it is built on."""
    return [one.image.text if one.image else one.parent for one in stages(parse(text.encode()))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a", ["a"]),
        ("FROM --platform=$BUILDPLATFORM a:1 AS b\nFROM b", ["a:1", 0]),
        ("FROM a as Build\nFROM BUILD AS c\nFROM c", ["a", 0, 1]),
        ("FROM scratch", [None]),
        ("FROM b\nFROM a AS b\nFROM b", ["b", "a", 1]),
        ("ARG V=1\nFROM a:$V", ["a:1"]),
        ("ARG B=a\nARG V=$B-2\nFROM ${B}:${V}", ["a:a-2"]),
        ("ARG V\nFROM a:${V:-3}", ["a:3"]),
        ("ARG V\nFROM a:${V}", [f"a:{UNKNOWN}"]),
        ("ARG V=1\nFROM a AS x\nARG V=2\nFROM a:$V", ["a", "a:1"]),
        ('ARG V="1"\nFROM "a:$V"', ["a:1"]),
        ("ARG B=first\nFROM a AS first\nFROM $B", ["a", 0]),
    ],
)
def test_bases_are_resolved(text: str, expected: list[str | int | None]) -> None:
    assert images(text) == expected


@pytest.mark.parametrize("text", ["FROM a b", "FROM a AS", "FROM a IS b", "FROM a AS b c"])
def test_a_wrong_from_does_not_parse(text: str) -> None:
    with pytest.raises(ReportError):
        stages(parse(text.encode()))


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("FROM a\nENV U=1\nUSER $U", "1"),
        ("FROM a\nENV U 1 \nUSER ${U}", "1"),
        ("FROM a\nARG U=1\nUSER $U", "1"),
        ("FROM a\nARG U=1\nENV U=2\nUSER $U", "2"),
        ("FROM a\nENV U=2\nARG U=1\nUSER $U", "2"),
        ("FROM a\nARG U\nUSER $U", UNKNOWN),
        ("FROM a\nUSER $U", UNKNOWN),
        ("ARG U=1\nFROM a\nUSER $U", UNKNOWN),
        ("ARG U=1\nFROM a\nARG U\nUSER $U", "1"),
        ("FROM a AS b\nENV U=1\nFROM b\nUSER $U", "1"),
        ("FROM a AS b\nARG U=1\nFROM b\nUSER $U", UNKNOWN),
        ("FROM a\nENV A=1 U=$A\nUSER $U", UNKNOWN),
        ("FROM a\nONBUILD ENV U=1\nUSER $U", UNKNOWN),
        ("FROM a\nUSER '$U'", "$U"),
        ("FROM a\nUSER \\$U", "$U"),
    ],
)
def test_variables_are_known_where_the_file_sets_them(text: str, user: str) -> None:
    step = stages(parse(text.encode()))[-1].steps[-1]
    assert step.words == (user,)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("${A:-x}", "1"),
        ("${Z:-x}", "x"),
        ("${E:-x}", "x"),
        ("${E-x}", ""),
        ("${Z:-${A}}", "1"),
        ("${Z:-${Y:-b}c}d", "bcd"),
        ("${A:+x}", "x"),
        ("${Z:+x}", ""),
        ("${E:+x}", ""),
        ("${E+x}", "x"),
        ("${A:?x}", "1"),
        ("${Z:?x}", UNKNOWN),
        ("${A#x}", UNKNOWN),
        ("${A", UNKNOWN),
        ("$", "$"),
        ("$1", "$1"),
        ("\"a $A\"'b $A'", "a 1b $A"),
        ('"a\\"b\\c"', 'a"b\\c'),
    ],
)
def test_words_are_expanded(word: str, text: str) -> None:
    assert expanded(word, {"A": "1", "E": ""}) == text


@pytest.mark.parametrize(
    ("text", "tag", "digest"),
    [
        ("a", "", ""),
        ("a:1", "1", ""),
        ("localhost:5000/a", "", ""),
        ("localhost:5000/a/b:1@sha256:c", "1", "sha256:c"),
        ("a@sha256:c", "", "sha256:c"),
    ],
)
def test_references_are_taken_apart(text: str, tag: str, digest: str) -> None:
    assert (Reference(text=text).tag, Reference(text=text).digest) == (tag, digest)


@given(st.text(alphabet="aA$ {}:-+'\"\\\n=`", max_size=60))
def test_any_word_is_expanded(text: str) -> None:
    for word in words(text):
        expanded(word, {"a": "1", "A": "$a"})


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nENV A=1234567890\n" + "ENV A=$A$A\n" * 64 + "USER $A",
        "ARG A=1234567890\n" + "ARG A=$A$A\n" * 64 + "FROM $A",
        "FROM " + "${A:-" * 100_000,
        "FROM a\nUSER " + "$A" * 200_000,
        "FROM a AS a\n" + "FROM a AS a\n" * 30_000,
    ],
    ids=range(5),
)
def test_variables_that_grow_do_not_take_long(text: str) -> None:
    before = time.process_time()
    stages(parse(text.encode()))
    assert time.process_time() - before < 5
