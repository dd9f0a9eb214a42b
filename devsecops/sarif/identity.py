"""Which runs become one in a merge."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

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
    said = run.part("tool")
    driver = said.get("driver") if isinstance(said, dict) else None
    driver = driver if isinstance(driver, dict) else {}
    details = run.part("automationDetails")
    name = details.get("id") if isinstance(details, dict) else None
    category = name.rpartition("/")[0] if isinstance(name, str) else ""
    category = f"{category}/" if category else ""
    variant = canonical([*(run.part(member) for member in _TELLING), _revisions(run)]).decode()
    found = _VARIANT.fullmatch(category)
    if found and found[2] == mark(variant):
        category = found[1] or ""
    version = driver.get("semanticVersion") or driver.get("version") or ""
    idle = not version and category.startswith(f"{shards.BAG}/") and shards.is_idle(run)
    tool = driver.get("name")
    return Key(tool if isinstance(tool, str) else repair.UNNAMED, str(version), category, variant), idle


def _revisions(run: reading.Run) -> list[Any]:
    """The revision of each repository: results on different ones are not the same."""
    found = repair.repositories(run.part("versionControlProvenance") or [], lambda _: None)
    return distinct([one.get("repositoryUri"), one.get("revisionId")] for one in found)
