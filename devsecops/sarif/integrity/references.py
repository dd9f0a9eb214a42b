"""References to rules, notifications, taxa and tool components: what they point to is what they name."""

from __future__ import annotations

from typing import Any, Final

from devsecops.sarif.integrity.checks import whole
from devsecops.sarif.integrity.tables import Json, Place, Tables, at, listed, objects

RULES: Final = ("rules",)
NOTIFICATIONS: Final = ("notifications",)
TAXA: Final = ("taxa",)
ANY: Final = ("taxa", "rules", "notifications")
"""A relationship may lead to a taxon, or to another descriptor (section 3.53)."""


def rule(tables: Tables, value: Json, place: Place) -> None:
    """`ruleIndex`, `ruleId` and `rule` of a result name one rule (sections 3.27.5 to 3.27.7)."""
    index = whole(tables, value, "ruleIndex", place)
    reference = objects(value, "rule")
    for name, same in (("ruleId", "id"), ("ruleIndex", "index")):
        if name in value and same in reference and value[name] != reference[same]:
            tables.wrong((place, name), f"differs from rule.{same}")
    if index >= 0:
        named = {"id": value["ruleId"]} if "ruleId" in value else {}
        rows = _rows(_components(tables, reference, {}, RULES), RULES, index)
        _named(tables, named, rows, (place, "ruleIndex"))


def descriptor(tables: Tables, value: Json, place: Place, names: tuple[str, ...], home: Json) -> None:
    """A `reportingDescriptorReference`: its index leads to a descriptor with its id and its guid (section 3.52).

    `names` are the lists of a tool component that it may lead into, `home` is the component that it stands in.
    """
    index = whole(tables, value, "index", place)
    if index >= 0:
        rows = _rows(_components(tables, value, home, names), names, index)
        _named(tables, value, rows, (place, "index"))


def component(tables: Tables, value: Json, place: Place, *, taxonomy: bool) -> None:
    """A `toolComponentReference`: its index leads to a component with its name and its guid (section 3.54)."""
    index = whole(tables, value, "index", place)
    if index >= 0 and not _candidates(tables, value, TAXA if taxonomy else ANY):
        tables.wrong((place, "index"), f"{index} is no tool component of that name and guid")


def _rows(components: list[Json], names: tuple[str, ...], index: int) -> list[Json]:
    return [at(table, index) for one in components for name in names if index < len(table := listed(one, name))]


def _named(tables: Tables, value: Json, rows: list[Json], place: Place) -> None:
    if not rows:
        tables.wrong(place, "is out of range of the tool component that is meant")
    elif not any(_is(value, row) for row in rows):
        tables.wrong(place, "leads to another descriptor than the one that is named")


def _is(value: Json, row: Json) -> bool:
    """Whether a descriptor is the one named; `A/B` names the rule `A` too (section 3.27.5)."""
    said, there = value.get("id"), row.get("id")
    same = said is None or said == there or (isinstance(said, str) and said.startswith(f"{there}/"))
    return same and _alike(value, row, "guid")


def _alike(value: Json, row: Json, name: str) -> bool:
    said, there = value.get(name), row.get(name)
    return said is None or there is None or str(said).lower() == str(there).lower()


def _components(tables: Tables, value: Json, home: Json, names: tuple[str, ...]) -> list[Json]:
    """The tool components that a reference may mean: without `toolComponent`, the driver."""
    if "toolComponent" in value:
        return _candidates(tables, objects(value, "toolComponent"), names)
    return [tables.components[0], home]


def _candidates(tables: Tables, value: Json, names: tuple[str, ...]) -> list[Json]:
    driver, extensions, taxonomies = tables.components
    searched: list[list[Any]] = [extensions] if names in {RULES, NOTIFICATIONS} else [taxonomies, extensions]
    index = value.get("index", -1)
    if isinstance(index, int) and index >= 0:
        found = [at(table, index) for table in searched if index < len(table)]
    else:
        found = [driver, *(at(table, number) for table in searched for number in range(len(table)))]
        if value.get("name") is None and value.get("guid") is None:
            return [driver]
    return [one for one in found if _alike(value, one, "name") and _alike(value, one, "guid")]
