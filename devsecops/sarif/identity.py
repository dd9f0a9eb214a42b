"""Which runs become one in a merge."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import msgspec

from devsecops.sarif import reading, repair, shards
from devsecops.sarif.joins import canonical, distinct
from devsecops.sarif.places import mark

_VARIANT = re.compile(r"(.*/)?variant-([0-9a-f]{8})/")
_TELLING: Final = (
    "columnKind",
    "defaultEncoding",
    "defaultSourceLanguage",
    "externalPropertyFileReferences",
    "language",
)
"""Members that say how the results of a run are to be read: runs that differ in one stay apart."""


class _Driver(msgspec.Struct, rename="camel"):
    """What tells a tool from others; its rules, which are most of it, are skipped."""

    name: Any = None
    version: Any = None
    semantic_version: Any = None


class _Tool(msgspec.Struct):
    driver: _Driver


_tool = msgspec.json.Decoder(_Tool)


class Key(NamedTuple):
    """What the runs that become one have in common."""

    tool: str
    version: str
    category: str
    """Empty, or with a slash at its end."""
    variant: str
    """How its results are to be read, and of which revisions they are."""


def identity(run: reading.Run) -> tuple[Key, bool]:
    """What a run is told from others by, and whether it is one of ours that had nothing to do."""
    driver = _driver(run)
    details = run.part("automationDetails")
    name = details.get("id") if isinstance(details, dict) else None
    category = name.rpartition("/")[0] if isinstance(name, str) else ""
    category = f"{category}/" if category else ""
    variant = canonical([*(run.part(member) for member in _TELLING), _revisions(run)]).decode()
    found = _VARIANT.fullmatch(category)
    if found and found[2] == mark(variant):
        category = found[1] or ""
    version = driver.semantic_version or driver.version or ""
    idle = not version and category.startswith(f"{shards.BAG}/") and shards.is_idle(run)
    tool = driver.name if isinstance(driver.name, str) else repair.UNNAMED
    return Key(tool, str(version), category, variant), idle


def _driver(run: reading.Run) -> _Driver:
    try:
        return _tool.decode(run.members.get("tool", b"null")).driver
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = run.part("tool")
        driver = said.get("driver") if isinstance(said, dict) else None
        return msgspec.convert(driver if isinstance(driver, dict) else {}, _Driver)


def _revisions(run: reading.Run) -> list[Any]:
    """The revision of each repository: results on different ones are not the same."""
    found = repair.repositories(run.part("versionControlProvenance") or [], lambda _: None)
    return distinct([one.get("repositoryUri"), one.get("revisionId")] for one in found)
