"""A SARIF log of ours as an outcome again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec

from devsecops.errors import ReportError
from devsecops.model import (
    Confidence,
    Coverage,
    DataSource,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Location,
    Message,
    Outcome,
    PackageLocation,
    Policy,
    Result,
    Rule,
    Service,
    Severity,
    Status,
    Suppression,
    Tool,
    Verdict,
    VerdictState,
)
from devsecops.sarif.encode import BAG, LEVELS

T = TypeVar("T")

_SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW, "none": Severity.INFO}
_CWE_TAG = re.compile(r"external/cwe/cwe-(\d+)")
_OWASP_TAG = re.compile(r"owasp/(.+)")
_SECOND = re.compile(r"/\d+(?=/v\d+$)")

Json = dict[str, Any]


def from_sarif(data: bytes | Iterable[bytes]) -> Outcome:
    """The outcome that `to_sarif` wrote, with what has been changed in the log since.

    Raises:
        ReportError: the bytes are not JSON, or not a SARIF 2.1.0 log; names the place.
    """
    text = data if isinstance(data, bytes) else b"".join(data)
    try:
        log = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"the log is not JSON: {error}") from None
    if not isinstance(log, dict) or log.get("version") != "2.1.0" or not isinstance(log.get("runs"), list):
        raise ReportError("this is not a SARIF 2.1.0 log", "its version must be 2.1.0, and it must have runs")
    try:
        return _outcome(log)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise ReportError(f"the SARIF log has an unexpected shape: {type(error).__name__}: {error}") from None


def _outcome(log: Json) -> Outcome:
    bag = _bag(log)
    executions: list[Execution] = []
    results: list[Result] = []
    for run in log["runs"]:
        tool = _tool(run["tool"])
        executions += [_execution(invocation, tool) for invocation in run.get("invocations", [])]
        rules = [_rule(rule) for rule in run["tool"]["driver"].get("rules", [])]
        results += [_result(result, tool.name, rules) for result in run.get("results") or []]
    return Outcome(
        services=_convert(bag.get("services", []), tuple[Service, ...]),
        executions=tuple(executions),
        results=tuple(results),
        notes=_convert(bag.get("notes", []), tuple[Message, ...]),
        policy=_convert(bag.get("policy", {}), Policy),
        verdict=_convert(bag["verdict"], Verdict) if "verdict" in bag else Verdict(state=VerdictState.INCOMPLETE),
    )


def _tool(tool: Json) -> Tool:
    driver = tool["driver"]
    return Tool(
        name=driver["name"],
        version=driver.get("version", ""),
        digest=_bag(driver).get("digest", ""),
        uri=driver.get("informationUri", ""),
        data=tuple(
            DataSource(
                name=extension["name"],
                date=extension.get("releaseDateUtc", ""),
                digest=_bag(extension).get("digest", ""),
            )
            for extension in tool.get("extensions", [])
        ),
    )


def _rule(rule: Json) -> Rule:
    tags = rule.get("properties", {}).get("tags", [])
    return Rule(
        id=rule["id"],
        name=rule.get("shortDescription", {}).get("text", ""),
        help=rule.get("help", {}).get("text", ""),
        uri=rule.get("helpUri", ""),
        cwe=tuple(int(found[1]) for found in map(_CWE_TAG.fullmatch, tags) if found),
        owasp=tuple(found[1] for found in map(_OWASP_TAG.fullmatch, tags) if found),
    )


def _execution(invocation: Json, tool: Tool) -> Execution:
    bag = _bag(invocation)
    return Execution(
        tool=tool,
        kind=Kind(bag["kind"]),
        status=Status(bag["status"]),
        target=bag.get("target", ""),
        asked=bag.get("asked", True),
        exit_code=invocation.get("exitCode"),
        coverage=_convert(bag["coverage"], Coverage) if "coverage" in bag else None,
        messages=tuple(_message(one) for one in invocation.get("toolExecutionNotifications", [])),
    )


def _message(notification: Json) -> Message:
    location = _first(notification, "locations")
    physical = location.get("physicalLocation", {})
    logical = _first(location, "logicalLocations")
    return Message(
        id=notification.get("descriptor", {}).get("id", ""),
        level=notification.get("level", "warning"),
        text=notification["message"]["text"],
        path=_path(physical),
        line=physical.get("region", {}).get("startLine", 0),
        package=logical.get("name", ""),
    )


def _result(result: Json, scanner: str, rules: list[Rule]) -> Result:
    bag = _bag(result)
    index = result.get("ruleIndex", -1)
    location = _location(result)
    region = _first_physical(result).get("region", {})
    rank = result.get("rank")
    return Result(
        scanner=scanner,
        rule=rules[index] if 0 <= index < len(rules) else Rule(id=result["ruleId"]),
        severity=_severity(result.get("level", "warning"), bag.get("severity", "")),
        message=result["message"]["text"],
        location=location,
        service=bag.get("service", ""),
        score=None if rank is None else round(rank / 10, 1),
        vector=bag.get("vector", ""),
        confidence=Confidence(bag["confidence"]) if "confidence" in bag else None,
        aliases=tuple(bag.get("aliases", ())),
        fixed=tuple(bag.get("fixed", ())),
        evidence=region.get("snippet", {}).get("text", "") or bag.get("evidence", ""),
        fingerprints=tuple(
            f"{_SECOND.sub('', name)}:{value}" for name, value in result.get("partialFingerprints", {}).items()
        ),
        suppressions=tuple(_suppression(one) for one in result.get("suppressions", []) if _holds(one)),
        known=result.get("baselineState") in {"unchanged", "updated"},
    )


def _severity(level: str, said: str) -> Severity:
    """The severity: the level's, or the finer one of the bag as long as it fits the level."""
    finer = next((severity for severity in Severity if severity.value == said), None)
    return finer if finer and LEVELS[finer] == level else _SEVERITIES[level]


def _location(result: Json) -> Location:
    physical = _first_physical(result)
    logical = _first(_first(result, "locations"), "logicalLocations")
    request = result.get("webRequest")
    if request:
        return HttpLocation(
            url=request["target"], method=request.get("method", "GET"), parameter=logical.get("name", "")
        )
    region = physical.get("region", {})
    if logical.get("kind") == "package":
        return PackageLocation(
            purl=logical["fullyQualifiedName"], path=_path(physical), line=region.get("startLine", 0)
        )
    return FileLocation(
        path=_path(physical),
        line=region.get("startLine", 0),
        column=region.get("startColumn", 0),
        end_line=region.get("endLine", 0),
        end_column=region.get("endColumn", 0),
    )


def _first_physical(result: Json) -> Json:
    found: Json = _first(result, "locations").get("physicalLocation", {})
    return found


def _first(holder: Json, name: str) -> Json:
    """The first of the objects that a property lists; an empty one where there is none."""
    found: list[Json] = holder.get(name) or [{}]
    return found[0]


def _path(physical: Mapping[str, Any]) -> str:
    return unquote(physical.get("artifactLocation", {}).get("uri", ""))


def _holds(suppression: Json) -> bool:
    """Whether a suppression is in force: one under review or rejected is not (section 3.35.3)."""
    return bool(suppression.get("status", "accepted") == "accepted")


def _suppression(suppression: Json) -> Suppression:
    return Suppression(external=suppression.get("kind") == "external", reason=suppression.get("justification", ""))


def _bag(holder: Json) -> Json:
    found: Json = holder.get("properties", {}).get(BAG, {})
    return found


def _convert(value: object, kind: type[T]) -> T:
    return msgspec.convert(value, kind)
