"""What platforms refuse, skip or do not show.

GitHub: "SARIF support for code scanning" and "SARIF results exceed one or more limits"; GitLab: "SARIF".
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from devsecops.sarif.integrity.log import run_key
from devsecops.sarif.integrity.tables import Json, Problem, listed, objects, pointer

PLATFORMS: Final = ("github", "gitlab")
_MOST: Final[dict[str, dict[str, int]]] = {
    "github": {"runs": 20, "results": 5_000, "rules": 25_000, "tags": 10, "locations": 100, "steps": 1_000},
    "gitlab": {"runs": 20, "results": 5_000, "rules": 25_000, "tags": 10, "locations": 100, "steps": 1_000},
}
"""What is shown or taken; GitHub refuses a file only above five to ten times of some."""
_BYTES: Final = 10_000_000
"""Of a file: GitHub counts compressed ones, GitLab plain ones."""
_TEXT: Final = 1_024
_NAME: Final = 255
_TEXTS: Final = ("shortDescription", "fullDescription", "help")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/")
_HASH: Final = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")
_SCORE: Final = re.compile(r"(?:10|[0-9])\.[0-9]")
_FOREIGN: Final = {"github": ("suppressions", "baselineState", "rank"), "gitlab": ("baselineState",)}
"""Members of results that a platform does not know, or reads as something else."""

_Found = Iterator[tuple[tuple[Any, ...], str]]


def limits(log: Json, platform: str) -> list[Problem]:
    """What a platform would refuse, skip or not show of a projected log; an empty list where nothing is.

    Args:
        log: a log in which `check` finds nothing.
        platform: one of `PLATFORMS`.
    """
    return [Problem(_pointer(path), text) for path, text in _log(log, platform)]


def _pointer(path: tuple[Any, ...]) -> str:
    place: Any = None
    for word in path:
        place = (place, word)
    return pointer(place)


def _log(log: Json, platform: str) -> _Found:
    most = _MOST[platform]
    data = msgspec.json.encode(log)
    if len(zlib.compress(data) if platform == "github" else data) > _BYTES:
        yield (), "is too large"
    if not log.get("$schema"):
        yield ("$schema",), "is missing"
    if len(listed(log, "runs")) > most["runs"]:
        yield ("runs",), "are too many"
    keys = [run_key(run)[::2] for run in listed(log, "runs")]
    for number, run in enumerate(listed(log, "runs")):
        if keys.index(keys[number]) != number:
            yield ("runs", number), "has the tool and the category of an earlier run"
        for path, text in _run(run, platform):
            yield ("runs", number, *path), text


def _run(run: Json, platform: str) -> _Found:
    most = _MOST[platform]
    driver = objects(objects(run, "tool"), "driver")
    identity = objects(run, "automationDetails").get("id", "/")
    if not 0 < len(str(driver.get("name", ""))) <= _NAME:
        yield ("tool", "driver", "name"), "is missing or too long"
    if not str(identity).endswith("/"):
        yield ("automationDetails", "id"), "does not end in /"
    if len(listed(run, "results")) > most["results"]:
        yield ("results",), "are too many"
    if len(listed(driver, "rules")) > most["rules"]:
        yield ("tool", "driver", "rules"), "are too many"
    for number, rule in enumerate(listed(driver, "rules")):
        for path, text in _rule(rule, most):
            yield ("tool", "driver", "rules", number, *path), text
    for number, result in enumerate(listed(run, "results")):
        for path, text in _result(result, listed(driver, "rules"), platform):
            yield ("results", number, *path), text


def _rule(rule: Json, most: dict[str, int]) -> _Found:
    if not rule.get("id"):
        yield ("id",), "is missing"
    for name in _TEXTS:
        if not 0 < len(objects(rule, name).get("text", "")) <= _TEXT:
            yield (name, "text"), "is missing or too long"
    properties = objects(rule, "properties")
    if len(listed(properties, "tags")) > most["tags"]:
        yield ("properties", "tags"), "are too many"
    if not _SCORE.fullmatch(properties.get("security-severity", "0.0")):
        yield ("properties", "security-severity"), "is not a number of 0.0 to 10.0 as text"


def _result(result: Json, rules: list[Any], platform: str) -> _Found:
    if not 0 < len(objects(result, "message").get("text", "")) <= _TEXT:
        yield ("message", "text"), "is missing or too long"
    index = result.get("ruleIndex", -1)
    if not 0 <= index < len(rules) or rules[index].get("id") != result.get("ruleId"):
        yield ("ruleId",), "is not the very identifier of its rule"
    for name in _FOREIGN[platform]:
        if name in result:
            yield (name,), "is not for this platform"
    fingerprint = objects(result, "partialFingerprints").get("primaryLocationLineHash", "")
    if platform == "github" and not _HASH.fullmatch(fingerprint):
        yield ("partialFingerprints", "primaryLocationLineHash"), "is missing or of another form"
    yield from _places(result, _MOST[platform])


def _places(result: Json, most: dict[str, int]) -> _Found:
    locations = listed(result, "locations")
    if not 0 < len(locations) <= most["locations"]:
        yield ("locations",), "are none, or too many"
    for number, location in enumerate(locations):
        physical = objects(location, "physicalLocation")
        uri = objects(physical, "artifactLocation").get("uri", "")
        if not uri or _SCHEME.match(uri):
            yield ("locations", number, "physicalLocation", "artifactLocation", "uri"), "must be relative"
        elif _escapes(uri):
            yield ("locations", number, "physicalLocation", "artifactLocation", "uri"), "leads out of its base"
        if "startLine" not in objects(physical, "region"):
            yield ("locations", number, "physicalLocation", "region", "startLine"), "is missing"
    threads = [thread for flow in listed(result, "codeFlows") for thread in listed(flow, "threadFlows")]
    if sum(len(listed(thread, "locations")) for thread in threads) > most["steps"]:
        yield ("codeFlows",), "have too many steps"


def _escapes(uri: str) -> bool:
    """Whether a URI leads to a file outside its base."""
    depth = 0
    for segment in unquote(uri.partition("?")[0].partition("#")[0]).split("/"):
        depth += (segment not in {"", ".", ".."}) - (segment == "..")
        if depth < 0:
            return True
    return False
