"""Reads bandit's JSON."""

import re

import msgspec

from devsecops.errors import ReportError
from devsecops.model import CREDENTIALS, FileLocation, Message, Result, Rule
from devsecops.readers.report import Found, Grades, decode, path_in_report
from devsecops.scanner import Finished

_ANCHOR = re.compile(r"#b\d+-([a-z0-9-]+)$")


class _Cwe(msgspec.Struct):
    id: int = 0


class _Issue(msgspec.Struct):
    test_id: str
    filename: str
    line_number: int
    issue_text: str
    issue_severity: str
    issue_confidence: str
    test_name: str = ""
    more_info: str = ""
    issue_cwe: _Cwe | None = None
    line_range: list[int] = []
    col_offset: int = -1
    end_col_offset: int = -1


class _Error(msgspec.Struct):
    filename: str
    reason: str


class _Report(msgspec.Struct):
    results: list[_Issue]
    errors: list[_Error]
    metrics: dict[str, object]


def read(data: bytes, finished: Finished, grades: Grades) -> Found:
    """What bandit found, examined and could not parse.

    A file with a syntax error stands in `metrics` like any other, and the exit code stays 0: only `errors` tells.

    Raises:
        ReportError: none of the files was there.
    """
    report = decode(data, _Report)
    rules: dict[str, Rule] = {}
    errors = [(path_in_report(error.filename, finished), error.reason) for error in report.errors]
    seen = {path_in_report(path, finished) for path in report.metrics if path != "_totals"}
    if errors and all(reason == "No such file or directory" for _, reason in errors) and not seen:
        raise ReportError("bandit: none of the files is there")
    return Found(
        results=tuple(_result(issue, finished, grades, rules) for issue in report.results),
        examined=frozenset(seen - {path for path, _ in errors}),
        messages=tuple(
            Message(
                id="not-parsed" if "syntax error" in reason else "not-examined", text=f"bandit: {reason}", path=path
            )
            for path, reason in errors
        ),
    )


def _result(issue: _Issue, finished: Finished, grades: Grades, rules: dict[str, Rule]) -> Result:
    if issue.test_id not in rules:
        rules[issue.test_id] = _rule(issue)
    rule = rules[issue.test_id]
    line, last = _lines(issue, rule)
    return Result(
        scanner=finished.job.scanner,
        rule=rule,
        severity=grades.severity(issue.issue_severity, issue.test_id),
        confidence=grades.confidence(issue.issue_confidence),
        message=issue.issue_text,
        location=FileLocation(
            path=path_in_report(issue.filename, finished),
            line=line,
            column=issue.col_offset + 1 if line == issue.line_number else 0,
            end_line=last if last > line else 0,
        ),
    )


def _lines(issue: _Issue, rule: Rule) -> tuple[int, int]:
    """First and last line of what a result is about.

    For a keyword such as `verify=False` bandit names the keyword's line; other scanners name the call, whose first
    line begins bandit's range. Of a credential the range is the whole table that it stands in, and says nothing.
    """
    if CREDENTIALS & set(rule.cwe):
        return max(issue.line_number, 0), 0
    lines = [issue.line_number, *issue.line_range]
    return max(min(lines), 0), max(lines)


def _rule(issue: _Issue) -> Rule:
    """The rule; for the blacklists, which all bear one test name, named after the anchor of their page."""
    anchor = _ANCHOR.search(issue.more_info)
    name = anchor[1].replace("-", " ") if anchor else issue.test_name.replace("_", " ")
    cwe = (issue.issue_cwe.id,) if issue.issue_cwe and issue.issue_cwe.id else ()
    return Rule(id=issue.test_id, name=name[:1].upper() + name[1:], uri=issue.more_info, cwe=cwe)
