"""Dockerfiles as instructions: lines, continuation, directives, documents, forms; and what does not parse."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.dockerfiles import Instruction, parse
from devsecops.errors import ReportError


def parsed(text: str) -> list[tuple[str, str, int, int]]:
    return [(one.name, one.text, one.line, one.end_line) for one in parse(text.encode())]


def only(text: str) -> Instruction:
    """The instruction behind the FROM."""
    (_, one) = parse(f"FROM a\n{text}".encode())
    return one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a", [("FROM", "a", 1, 1)]),
        ("\ufefffrom a\r\nuser b\r\n", [("FROM", "a", 1, 1), ("USER", "b", 2, 2)]),
        ("\n\n# c\n  FROM\ta  \n\nUSER b", [("FROM", "a", 4, 4), ("USER", "b", 6, 6)]),
        ("FROM a\nRUN b \\\n  c\nUSER d", [("FROM", "a", 1, 1), ("RUN", "b   c", 2, 3), ("USER", "d", 4, 4)]),
        ("FROM a\nRUN b \\\n# comment\n\n  c", [("FROM", "a", 1, 1), ("RUN", "b   c", 2, 5)]),
        ("FROM a\nRUN b \\  \n  c", [("FROM", "a", 1, 1), ("RUN", "b   c", 2, 3)]),
        ("FROM a\nRUN b \\\\\nUSER c", [("FROM", "a", 1, 1), ("RUN", "b \\\\", 2, 2), ("USER", "c", 3, 3)]),
        ("FROM a\nRUN b \\", [("FROM", "a", 1, 1), ("RUN", "b", 2, 2)]),
        ("FROM a\nRUN \\\n\\\n  b", [("FROM", "a", 1, 1), ("RUN", "b", 2, 4)]),
        (
            "# escape=`\nFROM a\nRUN b `\n c\\\nUSER d",
            [("FROM", "a", 2, 2), ("RUN", "b  c\\", 3, 4), ("USER", "d", 5, 5)],
        ),
        ("# syntax=x\n# Escape = `\nFROM a\nRUN b `\n c", [("FROM", "a", 3, 3), ("RUN", "b  c", 4, 5)]),
        (
            "# comment\n# escape=`\nFROM a\nRUN b `\nUSER c",
            [("FROM", "a", 3, 3), ("RUN", "b `", 4, 4), ("USER", "c", 5, 5)],
        ),
        ("ARG V=1\nFROM a:$V", [("ARG", "V=1", 1, 1), ("FROM", "a:$V", 2, 2)]),
        ("FROM a\nRUN echo b # no comment", [("FROM", "a", 1, 1), ("RUN", "echo b # no comment", 2, 2)]),
    ],
)
def test_instructions_have_their_lines(text: str, expected: list[tuple[str, str, int, int]]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "documents", "end"),
    [
        ("RUN <<EOF\na\nUSER b\nEOF", ("a\nUSER b",), 5),
        ("RUN <<-EOF\n\ta\n\tEOF", ("\ta",), 4),
        ("RUN <<'EOF' cat > b\na\nEOF", ("a",), 4),
        ('COPY <<"A B" <<C /d\n1\nA B\n2\nC', ("1", "2"), 6),
        ("RUN <<\\EOF\na\nEOF", ("a",), 4),
        ("RUN 3<<EOF b\n\nEOF", ("",), 4),
        ("RUN echo '<<EOF'", (), 2),
        ("RUN echo $((1<<2))", (), 2),
        ('RUN ["echo", "<<EOF"]', (), 2),
        ("ENV A=<<EOF", (), 2),
        ("ONBUILD RUN <<EOF\na\nEOF", ("a",), 4),
    ],
)
def test_documents_belong_to_their_instruction(text: str, documents: tuple[str, ...], end: int) -> None:
    one = only(text)
    assert (one.documents, one.end_line) == (documents, end)


def test_flags_stand_before_the_text() -> None:
    one = only("COPY --from=a --chown=1:1 --link b c --d")
    assert (one.flags, one.text) == ((("from", "a"), ("chown", "1:1"), ("link", "")), "b c --d")
    assert (one.flag("from"), one.flag("link"), one.flag("to")) == ("a", "", "")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ('CMD ["a", "b c"]', ("a", "b c")),
        ("CMD a b", None),
        ("CMD [a, b]", None),
        ('RUN [ -f "x" ] && y', None),
        ("CMD [1]", None),
        ("CMD []", ()),
    ],
)
def test_the_json_form_is_told_from_a_shells(text: str, items: tuple[str, ...] | None) -> None:
    assert only(text).items == items


def test_an_instruction_for_later_builds_is_told() -> None:
    one = only("ONBUILD USER root")
    assert (one.name, one.text, one.onbuild) == ("USER", "root", True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "ARG A=1",
        "RUN a\nFROM b",
        "ONBUILD RUN a\nFROM b",
        "FROM a\nRUNN b",
        "FROM a\nRUN",
        "FROM",
        "FROM a\nRUN <<EOF\nb",
        "FROM a\nONBUILD",
        "FROM a\nONBUILD ONBUILD RUN b",
        "FROM a\nONBUILD FROM b",
        "# escape=x\nFROM a",
        "FROM a\n{% if b %}",
        "\x7fELF\x02\x01",
    ],
)
def test_what_no_build_would_take_does_not_parse(text: str) -> None:
    with pytest.raises(ReportError):
        parse(text.encode())


LINES = st.lists(
    st.sampled_from(
        [
            "FROM a",
            "RUN b \\",
            "# c",
            "",
            "<<EOF",
            "EOF",
            "RUN <<EOF",
            "ENV A=1 \\",
            "# escape=`",
            "x `",
            "USER 'a",
            "\\",
        ]
    )
    | st.text(max_size=8),
    max_size=12,
)


@given(LINES)
def test_lines_are_in_order_and_every_file_gives_an_answer(lines: list[str]) -> None:
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    try:
        found = parse(data)
    except ReportError:
        return
    count = data.count(b"\n") + 1
    ends = [0]
    for one in found:
        assert ends[-1] < one.line <= one.end_line <= count
        ends.append(one.end_line)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_give_an_answer(data: bytes) -> None:
    with suppress(ReportError):
        assert parse(b"FROM a\n" + data)


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "\\\n" * 200_000,
        "FROM a\nRUN " + "b \\\n" * 200_000,
        "FROM a\nRUN x" + "\"'" * 200_000 + " <<E",
        "FROM a\nRUN x" + '\\"' * 200_000 + " <<E",
        "FROM a\n" + "USER b\n" * 100_000,
        "FROM a\nRUN " + "<<A " * 200_000,
        "FROM a\nRUN " + "--a=b " * 100_000 + "c",
        "FROM a\nCMD " + "[" * 300_000,
    ],
    ids=range(8),
)
def test_a_file_made_to_take_long_does_not(text: str) -> None:
    before = time.process_time()
    with suppress(ReportError):
        parse(text.encode())
    assert time.process_time() - before < 5
