"""Reads the JSON of semgrep and opengrep."""

import re

import msgspec

from devsecops.errors import ReportError
from devsecops.model import FileLocation, Message, Result, Rule
from devsecops.readers.report import Found, Grades, decode, path_in_report
from devsecops.scanner import Finished

_NUMBER = re.compile(r"CWE-(\d+)", re.IGNORECASE)
_CATEGORY = re.compile(r"A\d\d:\d{4}")
_Words = str | list[str] | None


class _Place(msgspec.Struct):
    line: int
    col: int = 0


class _Metadata(msgspec.Struct):
    name: str = ""
    help: str = ""
    cwe: _Words = None
    owasp: _Words = None
    confidence: str = ""
    references: _Words = None


class _Extra(msgspec.Struct):
    message: str = ""
    severity: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


class _Match(msgspec.Struct):
    check_id: str
    path: str
    start: _Place
    end: _Place
    extra: _Extra


class _Error(msgspec.Struct):
    level: str = "error"
    message: str = ""
    path: str = ""
    type: object = None


class _Paths(msgspec.Struct):
    scanned: list[str]


class _Report(msgspec.Struct):
    results: list[_Match]
    errors: list[_Error]
    paths: _Paths


def read(data: bytes, finished: Finished, grades: Grades) -> Found:
    """What semgrep found and examined.

    Raises:
        ReportError: an error that is about no single file, such as a rule that does not parse: then
            `paths.scanned` looks complete although a rule did not run.
    """
    report = decode(data, _Report)
    general = [error.message for error in report.errors if not error.path]
    if general:
        raise ReportError(f"semgrep: {general[0]}", "see whether every rule file is valid: semgrep --validate")
    rules: dict[str, Rule] = {}
    missed = [_missed(error, finished) for error in report.errors]
    seen = {path_in_report(path, finished) for path in report.paths.scanned}
    return Found(
        results=tuple(_result(match, finished, grades, rules) for match in report.results),
        examined=frozenset(seen - {message.path for message in missed}),
        messages=tuple(missed),
    )


def _missed(error: _Error, finished: Finished) -> Message:
    kind = error.type[0] if isinstance(error.type, list) and error.type else error.type
    parsing = kind in {"PartialParsing", "Syntax error", "LexicalError", "Lexical error", "ParseError"}
    return Message(
        id="not-parsed" if parsing else "not-examined",
        text=f"semgrep: {error.message.splitlines()[0] if error.message else kind}",
        path=path_in_report(error.path, finished),
    )


def _result(match: _Match, finished: Finished, grades: Grades, rules: dict[str, Rule]) -> Result:
    if match.check_id not in rules:
        rules[match.check_id] = _rule(match.check_id, match.extra.metadata)
    several = match.end.line > match.start.line
    return Result(
        scanner=finished.job.scanner,
        rule=rules[match.check_id],
        severity=grades.severity(match.extra.severity, match.check_id),
        confidence=grades.confidence(match.extra.metadata.confidence.upper()),
        message=match.extra.message.strip(),
        location=FileLocation(
            path=path_in_report(match.path, finished),
            line=match.start.line,
            column=match.start.col,
            end_line=match.end.line if several else 0,
            end_column=match.end.col,
        ),
    )


def _rule(check: str, metadata: _Metadata) -> Rule:
    links = [link for link in _listed(metadata.references) if link.startswith(("https://", "http://"))]
    return Rule(
        id=check,
        name=metadata.name or check.rpartition(".")[2].replace("-", " "),
        help=metadata.help.strip(),
        uri=links[0] if links else "",
        cwe=tuple(int(number) for text in _listed(metadata.cwe) for number in _NUMBER.findall(text)),
        owasp=tuple(dict.fromkeys(found for text in _listed(metadata.owasp) for found in _CATEGORY.findall(text))),
    )


def _listed(words: _Words) -> list[str]:
    return [words] if isinstance(words, str) else words or []
