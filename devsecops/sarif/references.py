"""The indices of one run: what each of them means, and what it becomes where runs are put together.

An index becomes a symbol: a text that names its target by content and is the same in every run. Once the tables of the
whole are known, it becomes a number again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any

from devsecops.sarif import components, repair
from devsecops.sarif.components import DRIVER, Component, Descriptors
from devsecops.sarif.joins import canonical, join
from devsecops.sarif.places import Bases
from devsecops.sarif.shapes import TABLES, Visits, walk

Json = dict[str, Any]
Complain = Callable[[str], None]
Emit = Callable[[str], int | str]

_DEEPEST = 100  # entries of a table, each within the one before
_INDEX_OF = {"graphTraversal": ("runGraphIndex", "graphs"), "provenance": ("invocationIndex", "invocations")}
_ARRAY_OF = {"rule": "rules", "notificationDescriptor": "notifications", "taxon": "taxa"}


class References:
    """The tables of one run."""

    def __init__(self, header: Json, *, ours: bool, complain: Complain) -> None:
        """Read the tables.

        Args:
            header: the run without its results; its tables end up with symbols in place of indices.
            ours: whether devsecops has written the run.
            complain: told of each repair.
        """
        tool = header.get("tool")
        tool = tool if isinstance(tool, dict) else {}
        driver = tool.get("driver")
        if not isinstance(driver, dict) or not isinstance(driver.get("name"), str):
            complain("tool without a name")
            driver = {**(driver if isinstance(driver, dict) else {}), "name": repair.UNNAMED}
        self.complain = complain
        self.bases = Bases(header.get("originalUriBaseIds"))
        self.driver = Component(DRIVER, driver, ours=ours, complain=complain)
        listed = {"extensions": tool.get("extensions"), **{area: header.get(area) for area in components.AREAS[1:]}}
        self.areas = {
            area: components.components(listed[area], area, ours=ours, complain=complain) for area in components.AREAS
        }
        self.names: Mapping[tuple[str, str], str] = {}
        self.declared: Json = {}
        self.symbols: dict[str, list[str]] = {}
        self.entries: dict[str, dict[str, Json]] = {}
        self.artifacts: list[tuple[str, str]] = []
        self._placed: dict[tuple[str, str], tuple[str, str]] = {}
        self._header = header
        self._symbols_for: Visits = {}

    def name_bases(self, names: Mapping[tuple[str, str], str], declared: Json) -> None:
        """Take the names that base ids have in the whole (`places.renamed`), and what is declared of them there."""
        self.names = names
        self.declared = declared

    def read_tables(self) -> None:
        """Give each entry of each table its symbol, and put symbols in place of its own indices."""
        self._symbols_for = self.visits(str)
        for table, kind in TABLES.items():
            listed = self._header.get(table)
            entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
            self.symbols[table] = [""] * len(entries)
            self.entries[table] = {}
            if table == "threadFlowLocations":
                self._read_components()
            for at in range(len(entries)):
                self._read_entry(table, kind, entries, at, frozenset())
        self._symbols_for = {}  # methods of this object: a cycle, which would keep all of this in memory

    def visits(self, emit: Emit) -> Visits:
        """What `shapes.walk` is to do to each kind of object: indices become what `emit` gives for their symbol."""
        found: dict[str, Callable[[Json], None]] = {
            "artifactLocation": partial(self._visit_artifact, emit),
            "physicalLocation": self._visit_regions,
            "toolComponent": partial(repair.names, complain=self.complain),
            "descriptor": partial(repair.names, complain=self.complain),
            "versionControlDetails": partial(repair.names, complain=self.complain),
        }
        for table, kind in TABLES.items():
            found[kind] = partial(self._visit_entry, emit, table)
        found["invocation"] = partial(repair.invocation, complain=self.complain)
        for kind, (name, table) in _INDEX_OF.items():
            found[kind] = partial(self._visit_index, emit, name, table)
        for kind in (*_ARRAY_OF, "target"):
            found[kind] = partial(self._visit_descriptor, emit, kind)
        for kind in ("component", "taxonomy"):
            found[kind] = partial(self._visit_component, emit, kind)
        for kind, of in (("converterTarget", "taxon"), ("converterTaxonomy", "taxonomy")):
            found[kind] = partial(self._visit_converter, emit, of)
        return found

    def place(self, uri: str, base: str) -> tuple[str, str]:
        """A URI and its base id as they are written, by what they mean in this run."""
        key = (uri, base)
        found = self._placed.get(key)
        if found is None:
            uri, base = self.bases.place(uri, base)
            found = self._placed[key] = (uri, self._named(base) if base else "")
        return found

    def _named(self, base: str) -> str:
        """The name of a base id in the whole, which is declared there from now on."""
        found = self.bases.name_in(self.names, base)
        self.declared.setdefault(found, self.bases.entry(base))
        return found

    def _visit_entry(self, emit: Emit, table: str, value: Json) -> None:
        if "index" in value:
            self._visit_index(emit, "index", table, value)
        if "parentIndex" in value:
            self._visit_index(emit, "parentIndex", table, value)

    def _visit_index(self, emit: Emit, name: str, table: str, value: Json) -> None:
        at = value.get(name, -1)
        symbols = self.symbols.get(table, ())
        if type(at) is int and 0 <= at < len(symbols) and symbols[at]:
            value[name] = emit(f"{table}:{symbols[at]}")
        elif value.pop(name, -1) != -1:  # the default, which says that there is none
            self.complain(f"{table} has no index like that")

    def _visit_artifact(self, emit: Emit, value: Json) -> None:
        index, uri, said = value.get("index", -1), value.get("uri", ""), value.get("uriBaseId", "")
        known = self.artifacts[index] if type(index) is int and 0 <= index < len(self.artifacts) else ("", "")
        base = said
        if type(said) is not str:
            base = ""
            self.complain("uriBaseId that is no string")
        if type(uri) is str and uri:
            place = self.place(uri, base)
        elif base and not known[0]:
            place = "", self._named(base)
        else:
            place = known
        if place != (uri, said):
            self._put(value, place)
        if index == -1:
            value.pop("index", None)
        elif known[0] and known != place:
            del value["index"]
            self.complain("artifact index and URI of different files")
        else:
            self._visit_index(emit, "index", "artifacts", value)

    def _put(self, value: Json, place: tuple[str, str]) -> None:
        for name, said in zip(("uri", "uriBaseId"), place, strict=True):
            if said:
                value[name] = said
            else:
                value.pop(name, None)

    def _visit_regions(self, value: Json) -> None:
        for name in ("region", "contextRegion"):
            if name in value:
                if type(value[name]) is dict:
                    repair.region(value[name], self.complain)
                if type(value[name]) is not dict or not repair.is_region(value[name]):
                    del value[name]
                    self.complain(f"{name} that says no place")

    def _visit_descriptor(self, emit: Emit, kind: str, value: Json) -> None:
        component, array = self._component_of(kind, value.get("toolComponent"))
        found = None
        if component:
            array = _ARRAY_OF.get(kind) or array
            table = component.arrays[array]
            found = table.find(value.get("index"), value.get("id"), value.get("guid"))
        if component is None or found is None:
            if value.pop("index", -1) != -1:
                self.complain(f"{kind} index that leads nowhere")
            return
        value["index"] = emit(table.symbols[found])
        if not isinstance(value.get("id"), str):
            value["id"] = table.ids[found]

    def _visit_component(self, emit: Emit, kind: str, value: Json) -> None:
        area, component = self._component(kind, value)
        if component is None or area == DRIVER:
            if value.pop("index", -1) != -1:
                self.complain("component index that leads nowhere")
            return
        value["index"] = emit(component.symbol)
        if component.name:
            value.setdefault("name", component.name)

    def _visit_converter(self, emit: Emit, kind: str, value: Json) -> None:
        """A reference of the tool of a conversion: it may mean a taxonomy of the run, else it stays as it is."""
        meant = value.get("toolComponent") if kind == "taxon" else value
        if isinstance(meant, dict) and self._component("taxonomy", meant)[0] == "taxonomies":
            (self._visit_descriptor if kind == "taxon" else self._visit_component)(emit, kind, value)

    def _component_of(self, kind: str, reference: object) -> tuple[Component | None, str]:
        """The component that a descriptor stands in, and the array for a reference that may mean more than one."""
        if not isinstance(reference, dict):
            return self.driver, "rules"
        area, component = self._component(
            "rule" if kind in {"rule", "notificationDescriptor"} else "taxonomy", reference
        )
        return component, "taxa" if area == "taxonomies" else "rules"

    def _component(self, kind: str, reference: Json) -> tuple[str, Component | None]:
        """The area and the component that a reference means; taxonomies first where a taxon is meant (section 3.54)."""
        areas = ("taxonomies", "extensions") if kind == "taxonomy" else ("extensions", "taxonomies")
        guid, name, index = reference.get("guid"), reference.get("name"), reference.get("index")
        first = self.areas[areas[0]]
        if type(index) is int and 0 <= index < len(first) and (name is None or name == first[index].name):
            return areas[0], first[index]
        for area in areas:
            for component in self.areas[area]:
                if (guid and guid == component.guid) or (name and name == component.name):
                    return area, component
        if guid or (name and name != self.driver.name) or (type(index) is int and index >= 0):
            return "", None
        return DRIVER, self.driver

    def _read_entry(self, table: str, kind: str, entries: list[Json], at: int, above: frozenset[int]) -> str:
        """The symbol of an entry; that of its parent comes first."""
        if self.symbols[table][at]:
            return self.symbols[table][at]
        entry = entries[at]
        parent = entry.get("parentIndex")
        if type(parent) is int and 0 <= parent < len(entries) and parent not in above | {at} and len(above) < _DEEPEST:
            self._read_entry(table, kind, entries, parent, above | {at})
        elif entry.pop("parentIndex", -1) != -1:
            self.complain(f"{table} with a parent that leads nowhere")
        entry.pop("index", None)
        location = entry.get("location")
        if table == "artifacts" and isinstance(location, dict):
            location.pop("index", None)
        walk(kind, entry, self._symbols_for, self.complain)
        symbol = ""
        if table == "artifacts":
            location = entry.get("location")
            where = (location.get("uri", ""), location.get("uriBaseId", "")) if isinstance(location, dict) else ("", "")
            self.artifacts += [("", "")] * (at + 1 - len(self.artifacts))
            self.artifacts[at] = where
            symbol = "\0".join((*where, entry.get("parentIndex", ""))) if where[0] else ""
        symbol = symbol or blake2b(canonical(entry), digest_size=12).hexdigest()
        self.symbols[table][at] = symbol
        known = self.entries[table].get(symbol)
        self.entries[table][symbol] = join(known, entry) if known else entry
        return symbol

    def _read_components(self) -> None:
        for component in self.all_components():
            walk("toolComponent", component.value, self._symbols_for, self.complain)

    def all_components(self) -> Iterable[Component]:
        """The driver and all others."""
        yield self.driver
        for listed in self.areas.values():
            yield from listed

    def overrides(self) -> dict[str, str]:
        """The level that invocations configure for a rule, by its id (section 3.20.5)."""
        found: dict[str, str] = {}
        for entry in self.entries["invocations"].values():
            for one in entry.get("ruleConfigurationOverrides") or ():
                configuration, rule = one.get("configuration"), one.get("descriptor")
                if isinstance(configuration, dict) and isinstance(rule, dict) and "level" in configuration:
                    found[str(rule.get("id", ""))] = repair.level(configuration["level"], self.complain)
        return found

    def rules(self, reference: object = None) -> Descriptors | None:
        """The rules of the component that a reference to a rule names; the driver's where it names none."""
        where = reference.get("toolComponent") if isinstance(reference, dict) else None
        component, _ = self._component_of("rule", where)
        return component.arrays["rules"] if component else None
