"""Dockerfiles as instructions, each with its first and its last line.

After the Dockerfile reference (https://docs.docker.com/reference/dockerfile/), and where it says nothing, after what
BuildKit does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from devsecops.dockerfiles.words import words
from devsecops.errors import ReportError
from devsecops.text import one_line, shorten

_NAME = re.compile(
    "ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME"
    "|WORKDIR"
)
_WITH_DOCUMENTS: Final = frozenset({"ADD", "COPY", "RUN"})
_NOT_LATER: Final = frozenset({"FROM", "MAINTAINER", "ONBUILD"})
_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S.*?)?\s*$")
_DOCUMENT = re.compile(r"\d*<<(-?)([^<]+)$")
_FLAG = re.compile(r"\s*--([a-z-]+)(?:=(\S*))?(?=\s|$)")


class Instruction(msgspec.Struct, frozen=True, kw_only=True):
    """One instruction, continuation lines joined."""

    name: str
    """In upper case; of `ONBUILD RUN …`, `RUN`."""
    text: str
    """What stands behind its name and flags; comments and line ends are gone."""
    line: int
    end_line: int
    """The last line, documents (`<<EOF`) included."""
    flags: tuple[tuple[str, str], ...] = ()
    """Such as `("platform", "linux/amd64")`."""
    documents: tuple[str, ...] = ()
    """Contents of its here-documents."""
    onbuild: bool = False
    """Whether it runs only when another image is built on this one."""
    escape: str = "\\"
    """The escape character of its file."""

    def flag(self, name: str) -> str:
        """The value of a flag; empty where it is not there."""
        return next((value for key, value in self.flags if key == name), "")

    @property
    def items(self) -> tuple[str, ...] | None:
        """The texts of the JSON form (`["sh", "-c", "…"]`); None where it is written otherwise."""
        if not self.text.startswith("["):
            return None
        try:
            return msgspec.json.decode(self.text, type=tuple[str, ...])
        except (msgspec.DecodeError, RecursionError):
            return None


def parse(data: bytes) -> tuple[Instruction, ...]:
    """The instructions of a Dockerfile.

    Raises:
        ReportError: a build would not get to its first step: an unknown instruction, no `FROM`, a document without end.
    """
    lines = [line.rstrip("\r") for line in data.decode("utf-8-sig", "replace").split("\n")]
    found = tuple(_instructions(lines, _escape(lines)))
    first = next((one for one in found if one.name != "ARG" or one.onbuild), None)
    if first is None:
        raise ReportError("there is no FROM")
    if first.name != "FROM" or first.onbuild:
        raise ReportError(f"line {first.line}: {first.name} stands before the first FROM")
    return found


def _escape(lines: Sequence[str]) -> str:
    """The escape character: directives count only above everything else, comments too."""
    for line in lines:
        found = _DIRECTIVE.match(line.strip())
        if not found:
            break
        if found[1].lower() == "escape":
            if found[2] not in {"\\", "`"}:
                raise ReportError("the escape character must be a backslash or a backquote")
            return found[2]
    return "\\"


def _instructions(lines: Sequence[str], escape: str) -> Iterator[Instruction]:
    at = 0
    while at < len(lines):
        start, goes_on = at, True
        parts: list[str] = []
        while goes_on and at < len(lines):
            line = lines[at]
            at += 1
            if _says_nothing(line):
                if not parts:
                    break
                continue
            part, goes_on = _continued(line, escape)
            parts.append(part)
        if not parts or not (text := "".join(parts).strip()):
            continue
        one = _instruction(text, start + 1, escape)
        documents, at = _documents(one, lines, at)
        yield msgspec.structs.replace(one, end_line=at, documents=documents)


def _says_nothing(line: str) -> bool:
    text = line.lstrip()
    return not text or text.startswith("#")


def _continued(line: str, escape: str) -> tuple[str, bool]:
    """The line without its continuation mark, and whether it had one; two of them are none."""
    text = line.rstrip(" \t")
    if text.endswith(escape) and not text.endswith(escape * 2):
        return text[:-1], True
    return line, False


def _instruction(text: str, line: int, escape: str, *, onbuild: bool = False) -> Instruction:
    name, rest = (*text.split(None, 1), "")[:2]
    name = name.upper()
    if not _NAME.fullmatch(name):
        raise ReportError(f"line {line}: unknown instruction {shorten(one_line(name), 40)!r}")
    if onbuild and name in _NOT_LATER:
        raise ReportError(f"line {line}: ONBUILD {name} is not allowed")
    if name == "ONBUILD":
        if not rest.strip():
            raise ReportError(f"line {line}: ONBUILD needs an instruction")
        return _instruction(rest.strip(), line, escape, onbuild=True)
    flags, rest = _flags(rest)
    if not rest:
        raise ReportError(f"line {line}: {name} needs something behind it")
    return Instruction(name=name, text=rest, line=line, end_line=line, flags=flags, onbuild=onbuild, escape=escape)


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags: list[tuple[str, str]] = []
    at = 0
    while found := _FLAG.match(text, at):
        flags.append((found[1], found[2] or ""))
        at = found.end()
    return tuple(flags), text[at:].strip()


def _documents(one: Instruction, lines: Sequence[str], at: int) -> tuple[tuple[str, ...], int]:
    """The here-documents that an instruction begins, and the line behind the last one."""
    if one.name not in _WITH_DOCUMENTS or "<<" not in one.text or one.items is not None:
        return (), at
    documents: list[str] = []
    for found in filter(None, map(_DOCUMENT.fullmatch, words(one.text, one.escape))):
        name = re.sub(r"[\"'\\]", "", found[2])
        start = at
        while at < len(lines) and (lines[at].lstrip("\t") if found[1] else lines[at]) != name:
            at += 1
        if at == len(lines):
            raise ReportError(f"line {one.line}: the document {shorten(one_line(name), 40)} has no end")
        documents.append("\n".join(lines[start:at]))
        at += 1
    return tuple(documents), at
