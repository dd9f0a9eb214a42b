"""Tool components of several runs as one set: driver, extensions, taxonomies, and what refers to their descriptors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from devsecops.sarif import repair
from devsecops.sarif.joins import canonical, join

Json = dict[str, Any]
Complain = Callable[[str], None]

DRIVER: Final = "driver"
ARRAYS: Final = ("rules", "notifications", "taxa")
AREAS: Final = ("extensions", "taxonomies", "translations", "policies")
"""Members of a run or its tool that list components."""


class Descriptors:
    """The descriptors that one component of one run has in one array, by index, id and guid."""

    def __init__(self, symbols: list[str], entries: list[Json]) -> None:
        self.symbols = symbols
        self.ids = [str(entry["id"]) for entry in entries]
        self._by_id = {one: at for at, one in reversed(list(enumerate(self.ids)))}
        self._by_guid = {entry["guid"]: at for at, entry in enumerate(entries) if isinstance(entry.get("guid"), str)}

    def find(self, index: object, identifier: object, guid: object = None) -> int | None:
        """The place of the descriptor that a reference means; None where there is none.

        An index stands as long as it does not contradict the id. `A/B` is a finer id of the rule `A` (section 3.52.4).
        """
        if type(index) is int and 0 <= index < len(self.ids):
            own = self.ids[index]
            if not isinstance(identifier, str) or identifier == own or identifier.startswith(f"{own}/"):
                return index
        if isinstance(guid, str) and guid in self._by_guid:
            return self._by_guid[guid]
        while isinstance(identifier, str) and identifier:
            if identifier in self._by_id:
                return self._by_id[identifier]
            identifier = identifier.rpartition("/")[0]
        return None


class Component:
    """A component of one run."""

    def __init__(self, symbol: str, value: Json, *, ours: bool, complain: Complain) -> None:
        self.symbol = symbol
        self.value = value
        self.name = str(value.get("name", ""))
        self.guid = str(value.get("guid", ""))
        self.arrays: dict[str, Descriptors] = {}
        self.entries: dict[str, list[Json]] = {}
        for array in ARRAYS:
            entries = [_descriptor(one, complain) for one in _objects(value.get(array), array, complain)]
            symbols = [f"{symbol}/{array}/{_variant(entry, array, ours=ours)}" for entry in entries]
            self.entries[array] = entries
            self.arrays[array] = Descriptors(symbols, entries)


def symbol_of(area: str, value: Json) -> str:
    """What a component is told from others by: its name with its guid, else with its version."""
    said = value.get("name"), value.get("guid") or value.get("semanticVersion") or value.get("version")
    return f"{area}:{canonical(said).decode()}"


class United:
    """The components of a run that is put together, with indices as symbols until it is finished."""

    def __init__(self) -> None:
        self._heads: dict[str, Json] = {}
        self._descriptors: dict[str, dict[str, dict[str, Json]]] = {}
        self._in_order: dict[tuple[str, str], list[str]] = {}

    def add(self, component: Component) -> None:
        """Unite a component, whose references are symbols by now, with what is known of it."""
        head = {name: value for name, value in component.value.items() if name not in ARRAYS}
        known = self._heads.get(component.symbol)
        self._heads[component.symbol] = head if known is None else join(known, head)
        arrays = self._descriptors.setdefault(component.symbol, {})
        for name in ARRAYS:
            table = arrays.setdefault(name, {})
            descriptors = component.arrays[name]
            for symbol, entry in zip(descriptors.symbols, component.entries[name], strict=True):
                table[symbol] = _united(table[symbol], entry) if symbol in table else entry

    def numbers(self) -> dict[str, int]:
        """The index of each component in its area and of each descriptor in its array, by symbol."""
        found: dict[str, int] = {}
        for area in AREAS:
            found |= {symbol: at for at, symbol in enumerate(self._in(area))}
        for component, arrays in self._descriptors.items():
            for array, table in arrays.items():
                ordered = sorted(table, key=lambda symbol: (descriptor_order(table[symbol]), symbol))
                self._in_order[component, array] = ordered
                found |= {symbol: at for at, symbol in enumerate(ordered)}
        return found

    def driver(self) -> Json:
        """The driver."""
        return self._whole(DRIVER)

    def area(self, area: str) -> list[Json]:
        """The components of an area."""
        return [self._whole(symbol) for symbol in self._in(area)]

    def _in(self, area: str) -> list[str]:
        return sorted(symbol for symbol in self._heads if symbol.startswith(f"{area}:"))

    def _whole(self, symbol: str) -> Json:
        head = self._heads[symbol]
        whole = {name: value for name, value in head.items() if name != "properties"}
        for name, table in self._descriptors[symbol].items():
            if table:
                whole[name] = [table[one] for one in self._in_order[symbol, name]]
        if "properties" in head:
            whole["properties"] = head["properties"]
        return whole


def descriptor_order(entry: Json) -> tuple[object, ...]:
    """The order of rules in every log that is written."""
    texts = (entry.get(name) for name in ("shortDescription", "help"))
    said = (text.get("text", "") if isinstance(text, dict) else "" for text in texts)
    bag = entry.get("properties")
    tags = bag.get("tags") if isinstance(bag, dict) else None
    return (entry["id"], *map(str, said), str(entry.get("helpUri", "")), canonical(tags))


def components(listed: object, area: str, *, ours: bool, complain: Complain) -> list[Component]:
    """The components that a run lists."""
    found = _objects(listed, area, complain)
    for value in found:
        repair.names(value, complain)
    return [Component(symbol_of(area, value), value, ours=ours, complain=complain) for value in found]


def _united(first: Json, second: Json) -> Json:
    """One descriptor of two: for rules of ours, which differ in severity alone, the one that is more severe."""
    if first == second:
        return join(first, second)  # type: ignore[no-any-return]  # a join of objects is an object
    without = [{**entry, "properties": {**_bag(entry), "security-severity": ""}} for entry in (first, second)]
    if without[0] == without[1]:
        return max(first, second, key=lambda entry: (_score(entry), canonical(entry)))
    return join(first, second)  # type: ignore[no-any-return]


def _variant(entry: Json, array: str, *, ours: bool) -> str:
    """What tells a descriptor from others of its array: rules also by severity, which GitHub reads there alone."""
    said: list[object] = [entry["id"], entry.get("guid")]
    if array == "rules" and ours:
        said += descriptor_order(entry)[1:4]
        said += [_bag(entry).get("tags")]
    elif array == "rules":
        bag = _bag(entry)
        said += [entry.get("defaultConfiguration"), bag.get("security-severity"), bag.get("problem.severity")]
    return canonical(said).decode()


def _descriptor(entry: Json, complain: Complain) -> Json:
    repair.names(entry, complain)
    if not isinstance(entry.get("id"), str):
        complain("rule without id")
        entry["id"] = str(entry.get("id") or entry.get("name") or entry.get("guid") or "unknown")
    return entry


def _objects(value: object, name: str, complain: Complain) -> list[Json]:
    if value is None:
        return []
    found = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(found) != len(value):
        complain(f"{name} with something that is no object")
    return found


def _bag(entry: Json) -> Json:
    bag = entry.get("properties")
    return bag if isinstance(bag, dict) else {}


def _score(entry: Json) -> float:
    try:
        return float(_bag(entry).get("security-severity", -1))
    except (TypeError, ValueError):
        return -1.0
