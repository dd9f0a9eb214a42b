"""Reads any regular JSON report by the JMESPath expressions of a manifest."""

from __future__ import annotations

from typing import Any

import jmespath
import msgspec

from devsecops.errors import ReportError
from devsecops.model import FileLocation, Message, Result, Rule
from devsecops.readers.expressions import Expressions
from devsecops.readers.report import Found, Grades, Reader, decode, path_in_report
from devsecops.scanner import Finished


def reader(expressions: Expressions) -> Reader:
    """The reader that a manifest describes.

    Raises:
        ValueError: an expression is not valid JMESPath.
    """
    compiled = {
        name: jmespath.compile(text)
        for name, text in msgspec.structs.asdict(expressions).items()
        if isinstance(text, str) and text
    }
    offset = 1 - expressions.first_line

    def value(name: str, row: Any) -> Any:  # noqa: ANN401  # any JSON
        return compiled[name].search(row) if name in compiled else None

    def read(data: bytes, finished: Finished, grades: Grades) -> Found:
        report = decode(data, object)
        rows = value("rows", report)
        if not isinstance(rows, list):
            raise ReportError(f"the report has no list at {expressions.rows!r}")
        rules: dict[tuple[Any, ...], Rule] = {}
        results = []
        for number, row in enumerate(rows):
            found = {name: value(name, row) for name in compiled}
            if not isinstance(found["rule"], str) or not isinstance(found["path"], str):
                raise ReportError(f"row {number} of the report has no rule or no path")
            results.append(_result(found, finished, grades, rules, offset))
        errors = value("errors", report) or []
        return Found(
            results=tuple(results),
            messages=tuple(Message(id="not-examined", text=str(error)) for error in errors),
        )

    return read


def _result(
    found: dict[str, Any], finished: Finished, grades: Grades, rules: dict[tuple[Any, ...], Rule], offset: int
) -> Result:
    texts = {name: str(found.get(name) or "") for name in ("name", "help", "uri")}
    key = (found["rule"], *texts.values(), str(found.get("cwe")))
    if key not in rules:
        rules[key] = Rule(
            id=found["rule"], name=texts["name"], help=texts["help"], uri=texts["uri"], cwe=_cwe(found.get("cwe"))
        )
    numbers = {name: _number(found.get(name), offset) for name in ("line", "column", "end_line", "end_column")}
    if numbers["end_line"] <= numbers["line"]:
        numbers["end_line"] = 0
    return Result(
        scanner=finished.job.scanner,
        rule=rules[key],
        severity=grades.severity(str(found.get("severity") or ""), found["rule"]),
        confidence=grades.confidence(str(found.get("confidence") or "")),
        message=str(found.get("message") or texts["name"] or found["rule"]),
        location=FileLocation(path=path_in_report(found["path"], finished), **numbers),
    )


def _number(value: object, offset: int) -> int:
    return max(value + offset, 0) if isinstance(value, int) and not isinstance(value, bool) else 0


def _cwe(value: object) -> tuple[int, ...]:
    listed = value if isinstance(value, list) else [value]
    numbers = ("".join(filter(str.isdigit, str(one))) for one in listed if one is not None)
    return tuple(int(number) for number in numbers if number)
