"""The text of a requirements file: encodings, line ends, continuations."""

from __future__ import annotations

import codecs

import pytest

from devsecops.errors import ReportError
from devsecops.lockfiles import read


def packages(content: str | bytes) -> list[str]:
    data = content if isinstance(content, bytes) else content.encode()
    found = read("app/requirements.txt", lambda _: data)
    return [f"{package.line}: {package.name} {package.version}" for package in found.packages]


def test_lines_are_joined_and_counted_as_pip_and_editors_do() -> None:
    content = (
        "\n"
        "flask==1.0 \\\n"
        "    --hash=sha256:00 \\\n"
        "    --hash=sha256:11\n"
        "    # via django\n"
        "django\\\n"
        "==3.2\n"
        "\\\n"
        "  \\\n"
        "jinja2==3.0 \\\n"
        "# the comment ends the line\n"
        "click==8.0\\"
    )
    assert packages(content) == ["2: flask 1.0", "6: django 3.2", "10: jinja2 3.0", "12: click 8.0"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("flask==1.0\r\ndjango==3.2\r\n", ["1: flask 1.0", "2: django 3.2"]),
        ("flask==1.0\rdjango==3.2", ["1: flask 1.0", "2: django 3.2"]),
        ("\x0cflask==1.0\x0c\ndjango==3.2", ["1: flask 1.0", "2: django 3.2"]),
        ("flask==1.0\x0cdjango==3.2\njinja2==3.0", ["1: flask 1.0", "1: django 3.2", "2: jinja2 3.0"]),
    ],
)
def test_line_ends(content: str, expected: list[str]) -> None:
    assert packages(content) == expected


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + "flask==1.0 # é".encode(),
        codecs.BOM_UTF16_LE + "flask==1.0 # é".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "flask==1.0 # é".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "flask==1.0 # é".encode("utf-32-le"),
        codecs.BOM_UTF32_BE + "flask==1.0 # é".encode("utf-32-be"),
        "# -*- coding: latin-1 -*-\rflask==1.0 # é".encode("latin-1"),
        "# é\n# coding=cp1252\nflask==1.0".encode("cp1252"),
    ],
)
def test_encodings(content: bytes) -> None:
    assert [package.partition(": ")[2] for package in packages(content)] == ["flask 1.0"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"flask==1.0\n# caf\xe9\n", "app/requirements.txt: line 2, column 6: not utf-8 text: "),
        (codecs.BOM_UTF8 + b"\xff", "app/requirements.txt: line 1, column 1: not utf-8 text: "),
        (codecs.BOM_UTF16_LE + b"f\x00\x00\xdc", "app/requirements.txt: line 1, column 2: not utf-16-le text: "),
        (b"# coding: ascii\n\n \xff", "app/requirements.txt: line 3, column 2: not ascii text: "),
        (b"# coding: martian\n", "app/requirements.txt: line 1: the encoding martian is not known"),
        (b"#\n# coding: rot13\n", "app/requirements.txt: line 2: the encoding rot13 is not known"),
        (b"# coding: idna\n", "app/requirements.txt: line 1: the encoding idna is not known"),
    ],
)
def test_a_file_in_no_known_encoding_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        packages(content)
    assert caught.value.message.startswith(message)
    assert "coding: latin-1" in caught.value.hint
