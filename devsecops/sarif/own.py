"""Runs of a SARIF log of ours as words of the model again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from devsecops.model import Execution, Result, Rule, Severity, Tool
from devsecops.sarif.encode import BAG, LEVELS
from devsecops.sarif.foreign import grades

_CWE_TAG = re.compile(r"external/cwe/cwe-(\d+)")
_OWASP_TAG = re.compile(r"owasp/(.+)")
_SECOND = re.compile(r"/\d+(?=/v\d+$)")

Json = dict[str, Any]


def is_ours(run: Json, log_bag: Json) -> bool:
    """Whether `to_sarif` wrote a run: its invocations have our bag; where it has none, its log does.

    Args:
        run: the run, without its results.
        log_bag: our property bag of the log.
    """
    invocations = run.get("invocations")
    if isinstance(invocations, list) and invocations:
        return all(isinstance(one, dict) and "status" in bag(one) for one in invocations)
    details = run.get("automationDetails")
    category = details.get("id") if isinstance(details, dict) else None
    return bool(log_bag) and isinstance(category, str) and category.startswith("devsecops/")


def executions(run: Json) -> list[Execution]:
    """What became of the scanner of a run. Raises what a wrong type raises."""
    tool = tool_of(run["tool"])
    return [execution_of(invocation, tool) for invocation in run.get("invocations", [])]


def results(run: Json, values: Iterable[Json]) -> Iterator[Result]:
    """The results of a run, in their order. Raises what a wrong type raises."""
    scanner = run["tool"]["driver"]["name"]
    rules = [_rule(rule) for rule in run["tool"]["driver"].get("rules", [])]
    return (_result(value, scanner, rules) for value in values)


def bag(holder: Json) -> Json:
    """Our property bag of an object; empty where it has none."""
    properties = holder.get("properties")
    found = properties.get(BAG) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}


def tool_of(tool: Json) -> Tool:
    """The tool of a run of ours."""
    driver = tool["driver"]
    data = [
        {
            "name": extension["name"],
            "date": extension.get("releaseDateUtc", ""),
            "digest": bag(extension).get("digest", ""),
        }
        for extension in tool.get("extensions", [])
    ]
    fields = {
        "name": driver["name"],
        "version": driver.get("version", ""),
        "digest": bag(driver).get("digest", ""),
        "uri": driver.get("informationUri", ""),
        "data": data,
    }
    return msgspec.convert(fields, Tool)


def _rule(rule: Json) -> Rule:
    tags = rule.get("properties", {}).get("tags", [])
    fields = {
        "id": rule["id"],
        "name": rule.get("shortDescription", {}).get("text", ""),
        "help": rule.get("help", {}).get("text", ""),
        "uri": rule.get("helpUri", ""),
        "cwe": [int(found[1]) for found in map(_CWE_TAG.fullmatch, tags) if found],
        "owasp": [found[1] for found in map(_OWASP_TAG.fullmatch, tags) if found],
    }
    return msgspec.convert(fields, Rule)


def execution_of(invocation: Json, tool: Tool) -> Execution:
    """The execution that an invocation of ours says; raises KeyError, TypeError or ValueError where it is none."""
    said = bag(invocation)
    fields = {
        "tool": {"name": tool.name},
        "kind": said["kind"],
        "status": said["status"],
        "target": said.get("target", ""),
        "asked": said.get("asked", True),
        "exit_code": invocation.get("exitCode"),
        "coverage": said.get("coverage"),
        "messages": [_message(one) for one in invocation.get("toolExecutionNotifications", [])],
    }
    return msgspec.structs.replace(msgspec.convert(fields, Execution), tool=tool)


def _message(notification: Json) -> Json:
    location = _first(notification, "locations")
    physical = location.get("physicalLocation", {})
    return {
        "id": notification.get("descriptor", {}).get("id", ""),
        "level": notification.get("level", "warning"),
        "text": notification["message"]["text"],
        "path": _path(physical),
        "line": physical.get("region", {}).get("startLine", 0),
        "package": _first(location, "logicalLocations").get("name", ""),
    }


def _result(result: Json, scanner: str, rules: list[Rule]) -> Result:
    said = bag(result)
    index = result.get("ruleIndex", -1)
    region = _first_physical(result).get("region", {})
    rank = result.get("rank")
    prints = result.get("partialFingerprints", {})
    fields = {
        "scanner": scanner,
        "rule": {"id": result["ruleId"]},
        "severity": _severity(result.get("level", "warning"), said.get("severity", "")),
        "message": result["message"]["text"],
        "location": _location(result),
        "service": said.get("service", ""),
        "score": None if rank is None else round(rank / 10, 1),
        "vector": said.get("vector", ""),
        "confidence": said.get("confidence"),
        "aliases": said.get("aliases", ()),
        "fixed": said.get("fixed", ()),
        "kev": said.get("kev"),
        "epss": said.get("epss"),
        "since": said.get("since", ""),
        "evidence": region.get("snippet", {}).get("text", "") or said.get("evidence", ""),
        "fingerprints": [f"{_SECOND.sub('', name)}:{value}" for name, value in prints.items()],
        "suppressions": [_suppression(one) for one in result.get("suppressions", []) if _holds(one)],
        "baseline": _baseline(result.get("baselineState", "new"), again=said.get("reappeared") is True),
    }
    found = msgspec.convert(fields, Result)
    return msgspec.structs.replace(found, rule=rules[index]) if 0 <= index < len(rules) else found


def _severity(level: str, said: str) -> Severity:
    """The severity: the level's, or the finer one of the bag as long as it fits the level."""
    finer = next((severity for severity in Severity if severity.value == said), None)
    return finer if finer and LEVELS[finer] == level else grades.WORDS.get(level, Severity.UNKNOWN)


def _baseline(state: str, *, again: bool) -> str:
    if state == "new" and again:
        return "reappeared"
    return "unchanged" if state == "updated" else state


def _location(result: Json) -> Json:
    physical = _first_physical(result)
    logical = _first(_first(result, "locations"), "logicalLocations")
    request = result.get("webRequest")
    if request:
        method, parameter = request.get("method", "GET"), logical.get("name", "")
        return {"type": "http", "url": request["target"], "method": method, "parameter": parameter}
    path, region = _path(physical), physical.get("region", {})
    line = region.get("startLine", 0)
    if logical.get("kind") == "package":
        return {"type": "package", "purl": logical["fullyQualifiedName"], "path": path, "line": line}
    return {
        "type": "file",
        "path": path,
        "line": line,
        "column": region.get("startColumn", 0),
        "end_line": region.get("endLine", 0),
        "end_column": region.get("endColumn", 0),
    }


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
    """Whether a suppression is in force: it has a kind that there is, and is neither under review nor rejected."""
    return suppression.get("kind") in ("inSource", "external") and suppression.get("status", "accepted") == "accepted"


def _suppression(suppression: Json) -> Json:
    return {"external": suppression.get("kind") == "external", "reason": suppression.get("justification", "")}
