"""Results that break the rules of SARIF, mended where it is plain what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from devsecops.errors import ReportError

Json = dict[str, Any]
Complain = Callable[[str], None]

BROKEN: Final = (
    *(KeyError, TypeError, AttributeError, ValueError, IndexError, OverflowError, RecursionError),
    *(msgspec.MsgspecError, ReportError),
)
"""What is raised where a log has something of a wrong type that no repair knows: what it stands in is set aside."""
UNNAMED: Final = "unnamed tool"
LEVELS: Final = ("error", "warning", "note", "none")
KINDS: Final = frozenset({"notApplicable", "pass", "fail", "review", "open", "informational"})
BASELINE_STATES: Final = ("new", "updated", "unchanged", "absent")
_LEVEL_WORDS: Final = {
    "critical": "error",
    "high": "error",
    "fatal": "error",
    "medium": "warning",
    "moderate": "warning",
    "warn": "warning",
    "low": "note",
    "info": "note",
    "information": "note",
    "informational": "note",
    "minor": "note",
}
"""Words that tools write where SARIF wants a level; any other word counts as "error": nobody may hide behind a typo."""
_POSITIONS: Final = ("startLine", "startColumn", "endLine", "endColumn")
_OFFSETS: Final = ("charOffset", "charLength", "byteOffset", "byteLength")
_GUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}")
_GUIDS: Final = ("guid", "correlationGuid", "baselineGuid")
_PAGES: Final = ("helpUri", "downloadUri", "informationUri", "hostedViewerUri")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]*")
_BAGS: Final = ("properties", "fingerprints", "partialFingerprints")


def result(value: object, complain: Complain) -> Json:
    """A result with all that SARIF demands of it; raises TypeError where it says nothing that could be a result.

    Args:
        value: what stands in the list of results; changed in place.
        complain: told of each repair, in few words that do not depend on the result.
    """
    if not isinstance(value, dict):
        raise TypeError
    message = _message(value, complain)
    if message is None:
        raise TypeError
    value["message"] = message
    if not isinstance(value.get("ruleId", ""), str):
        value["ruleId"] = str(value["ruleId"])
        complain("ruleId that is no string")
    _closed(value, "level", frozenset(LEVELS), complain)
    _closed(value, "kind", KINDS, complain)
    _closed(value, "baselineState", frozenset(BASELINE_STATES), complain)
    _numbers(value, complain)
    names(value, complain)
    _typed(value, "workItemUris", list, complain)
    if "workItemUris" in value:
        value["workItemUris"] = [
            one for one in value["workItemUris"] if isinstance(one, str) and _SCHEME.fullmatch(one)
        ]
    for name in _BAGS:
        _typed(value, name, dict, complain)
    for name in ("fingerprints", "partialFingerprints"):
        _strings(value, name, complain)
    _suppressions(value, complain)
    _fixes(value, complain)
    return value


def region(value: Json, complain: Complain) -> None:
    """Lines and columns count from 1, offsets from 0; what is below is taken out (sections 3.30.5 to 3.30.12)."""
    for name in _POSITIONS:
        number = value.get(name)
        if name in value and (type(number) is not int or number < 1):
            del value[name]
            complain(f"{name} below 1" if type(number) is int else f"{name} that is no number")
    for name in _OFFSETS:
        number = value.get(name)
        if name in value and (type(number) is not int or number < 0):
            del value[name]
            if number != -1:  # the default, which says that there is none
                complain(f"{name} below 0")
    _ends(value, complain)


def _ends(value: Json, complain: Complain) -> None:
    """A region ends behind its start."""
    if "startLine" not in value:
        for name in _POSITIONS[1:]:
            if value.pop(name, None) is not None:
                complain(f"{name} without startLine")
    elif value.get("endLine", value["startLine"]) < value["startLine"]:
        del value["endLine"]
        value.pop("endColumn", None)
        complain("endLine before startLine")
    elif ends_before_it_starts(value):
        del value["endColumn"]
        complain("endColumn before startColumn")


def ends_before_it_starts(region: Json) -> bool:
    """Whether the columns of a region on one line are the wrong way round."""
    start, end = region.get("startColumn", 1), region.get("endColumn")
    return end is not None and end < start and region.get("endLine", region["startLine"]) == region["startLine"]


def is_region(value: Json) -> bool:
    """Whether a region says where it begins (section 3.30.2)."""
    return "startLine" in value or "charOffset" in value or "byteOffset" in value


def level(word: object, complain: Complain) -> str:
    """A level of SARIF for any word."""
    if word in LEVELS:
        return str(word)
    complain(f"level {str(word)[:20]!r}")
    return _LEVEL_WORDS.get(str(word).lower(), "error")


def names(value: Json, complain: Complain) -> None:
    """GUIDs have their form (section 3.5.3), and links to pages are absolute URIs; what is neither is taken out."""
    for name in (*_GUIDS, *_PAGES):
        form = _GUID if name in _GUIDS else _SCHEME
        if name in value and not (isinstance(value[name], str) and form.fullmatch(value[name])):
            if value[name] is not None:
                complain(f"{name} that is none")
            del value[name]


def traversals(value: Json, complain: Complain) -> None:
    """A traversal walks exactly one graph (section 3.42.4); one that does not is taken out."""
    found = value.get("graphTraversals")
    if found:
        kept = [one for one in found if _walks(one, len(value.get("graphs") or ()))]
        if len(kept) != len(found):
            complain("graph traversal of no graph")
            value["graphTraversals"] = kept


def _walks(traversal: Json, graphs: int) -> bool:
    at = traversal.get("resultGraphIndex")
    return (
        ("runGraphIndex" in traversal)
        if at is None
        else ("runGraphIndex" not in traversal and type(at) is int and 0 <= at < graphs)
    )


def repositories(value: object, complain: Complain) -> list[Json]:
    """Details on version control name their repository by a URI (section 3.23.3); others are taken out."""
    listed = value if isinstance(value, list) else []
    kept = [one for one in listed if isinstance(one, dict) and _SCHEME.fullmatch(str(one.get("repositoryUri", "")))]
    if len(kept) != len(listed):
        complain("version control without the URI of a repository")
    return kept


def invocation(value: Json, complain: Complain) -> None:
    """An invocation says whether it succeeded; one that does not say is not taken for a success (section 3.20.14)."""
    if not isinstance(value.get("executionSuccessful"), bool):
        value["executionSuccessful"] = not _has_errors(value)
        complain("invocation without executionSuccessful")


def _has_errors(value: Json) -> bool:
    code = value.get("exitCode")
    return isinstance(code, int) and code != 0


def _message(value: Json, complain: Complain) -> Json | None:
    message = value.get("message")
    if isinstance(message, str):
        complain("message that is no object")
        return {"text": message}
    if not isinstance(message, dict):
        if not isinstance(value.get("ruleId"), str):
            return None
        complain("no message")
        return {"text": value["ruleId"]}
    if isinstance(message.get("text"), str) or isinstance(message.get("id"), str):
        return message
    text = message.get("markdown")
    complain("message without text")
    return {**message, "text": text if isinstance(text, str) else str(value.get("ruleId", ""))}


def _closed(value: Json, name: str, words: frozenset[str], complain: Complain) -> None:
    if name not in value or (isinstance(value[name], str) and value[name] in words):
        return
    if name == "level" and value[name] is not None:
        value[name] = level(value[name], complain)
        return
    complain(f"{name} {str(value[name])[:20]!r}")
    del value[name]


def _numbers(value: Json, complain: Complain) -> None:
    rank = value.get("rank")
    if rank is not None and (isinstance(rank, bool) or not isinstance(rank, int | float) or not 0 <= rank <= 100):
        del value["rank"]
        if rank != -1:
            complain("rank outside of 0 to 100")
    count = value.get("occurrenceCount")
    if count is not None and (type(count) is not int or count < 1):
        del value["occurrenceCount"]
        complain("occurrenceCount below 1")


def _typed(value: Json, name: str, kind: type, complain: Complain) -> None:
    if name in value and not isinstance(value[name], kind):
        if value[name] is not None:
            complain(f"{name} of a wrong type")
        del value[name]


def _strings(value: Json, name: str, complain: Complain) -> None:
    if name in value and not all(isinstance(one, str) for one in value[name].values()):
        complain(f"{name} that are no strings")
        value[name] = {key: str(one) for key, one in value[name].items() if one is not None}


def _suppressions(value: Json, complain: Complain) -> None:
    """A suppression without a kind we know, or with a status we do not know, is not one that may silence a result."""
    found = value.get("suppressions")
    if not isinstance(found, list):
        value.pop("suppressions", None)
        return
    kept = [
        one
        for one in found
        if isinstance(one, dict)
        and one.get("kind") in ("inSource", "external")
        and one.get("status", "accepted") in ("accepted", "underReview", "rejected")
    ]
    if len(kept) != len(found):
        complain("suppression without a valid kind or status")
        value["suppressions"] = kept


def _fixes(value: Json, complain: Complain) -> None:
    """A fix must change something (section 3.55.3)."""
    found = value.get("fixes")
    if not isinstance(found, list):
        return
    kept = [one for one in found if isinstance(one, dict) and _changes(one)]
    if len(kept) != len(found):
        complain("fix without artifactChanges")
        value["fixes"] = kept


def _changes(fix: Json) -> bool:
    changes = fix.get("artifactChanges")
    if not isinstance(changes, list):
        return False
    objects = [one for one in changes if isinstance(one, dict) and isinstance(one.get("artifactLocation"), dict)]
    whole = [one for one in objects if _replaces(one)]
    fix["artifactChanges"] = whole
    return bool(whole)


def _replaces(change: Json) -> bool:
    listed = change.get("replacements")
    kept = []
    for one in listed if isinstance(listed, list) else ():
        where = one.get("deletedRegion") if isinstance(one, dict) else None
        if isinstance(where, dict):
            region(where, lambda _: None)
            if is_region(where):
                kept.append(one)
    change["replacements"] = kept
    return bool(kept)
