"""Bytes to text: UTF-8, or what a byte order mark or a coding line says."""

from __future__ import annotations

import codecs
import re
from typing import Final

from devsecops.lockfiles.documents import broken

_SAVE: Final = "save it as UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-"

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like the mark of UTF-16, so it is tried before
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING: Final = re.compile(rb"coding[:=]\s*([-\w.]{1,40})")
_CHARSETS: Final = (
    "ascii",
    "big5",
    "cp",
    "euc",
    "gb",
    "iso8859",
    "koi8",
    "mac",
    "shift_jis",
    "utf-8",
    "utf-16",
    "utf-32",
)


def decoded(path: str, data: bytes, encoding: str = "utf-8-sig") -> str:
    """The text of a file, or an error that names the place of the first wrong byte."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding, "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        charset = encoding.removesuffix("-sig")
        raise broken(path, f"line {line}, column {column}: not {charset} text: {error.reason}", _SAVE) from error


def declared(path: str, data: bytes) -> str:
    """The text of a file in the encoding that its byte order mark or its coding line says, as pip reads it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return decoded(path, data[len(mark) :], encoding)
    for number, line in enumerate(data.split(b"\n", 2)[:2], start=1):
        coding = _CODING.search(line) if line.startswith(b"#") else None
        if coding:
            return decoded(path, data, _charset(path, number, coding[1].decode("ascii")))
    return decoded(path, data)


def _charset(path: str, line: int, name: str) -> str:
    """The encoding of this name, if it is a character set: Python knows compressions and jokes as well."""
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if not encoding.startswith(_CHARSETS):
        raise broken(path, f"line {line}: the encoding {name} is not known", _SAVE)
    return encoding
