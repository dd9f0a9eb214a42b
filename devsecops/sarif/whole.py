"""Runs of one tool, version and category, put together: everything but their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

from devsecops.sarif import places, repair, shards
from devsecops.sarif.components import AREAS, United
from devsecops.sarif.joins import agreed, canonical, distinct, join
from devsecops.sarif.references import References
from devsecops.sarif.shapes import INDEXED, TABLES, Visits, walk

Json = dict[str, Any]
Complain = Callable[[str], None]

_WALKED: Final = {
    "conversion": "conversion",
    "versionControlProvenance": "versionControlDetails",
    "specialLocations": "specialLocations",
    "externalPropertyFileReferences": "externalFiles",
}
_UNITED: Final = frozenset({"versionControlProvenance", "runAggregates", "redactionTokens", "newlineSequences"})
"""Lists of a run that are sets."""
_AGREED: Final = frozenset({"automationDetails", "baselineGuid"})
"""What identifies one run: it stands for several as far as they agree."""
_HANDLED: Final = frozenset({"tool", "results", "originalUriBaseIds", *AREAS, *TABLES, *_AGREED})
_FIRST: Final = ("tool", "automationDetails", "originalUriBaseIds", "invocations")
_NUMBERED: Final = ("index", "parentIndex", "runGraphIndex", "invocationIndex")


class Whole:
    """The header of the run that several become."""

    def __init__(self, headers: Sequence[Json], category: str, complaints: Sequence[Complain]) -> None:
        """Put the headers together.

        Args:
            headers: the runs without their results; not to be used afterwards.
            category: text of `automationDetails.id` up to its last slash, in the whole.
            complaints: for each header, what is told of each repair.
        """
        self.ours = all(shards.is_ours(header) for header in headers)
        self.sources = [
            References(header, ours=self.ours, complain=complain)
            for header, complain in zip(headers, complaints, strict=True)
        ]
        names = places.renamed(source.bases for source in self.sources)
        self.bases = _united_bases(self.sources, names)
        for source in self.sources:
            source.name_bases(names, self.bases)
            source.read_tables()
        self._category = category
        self._components = United()
        for component in (component for source in self.sources for component in source.all_components()):
            self._components.add(component)
        self._tables = {table: self._table(table) for table in TABLES}
        self.numbers = self._components.numbers()
        for table, entries in self._tables.items():
            self.numbers |= {f"{table}:{symbol}": at for at, symbol in enumerate(entries)}
        self._rest = self._other_members(headers)
        self._agreed = {name: _agreed(name, headers) for name in _AGREED}
        self._tool = reduce(join, (_tool_members(header) for header in headers))
        self._header = self._put_together()

    def header(self) -> Json:
        """The members of the run in the order in which they are written; the results are not among them.

        Results may bring base ids of their own, which are added to it while they are read.
        """
        bases = {name: self.bases[name] for name in sorted(self.bases)}
        members = self._header | {"originalUriBaseIds": bases, "automationDetails": self._details()}
        names = [*_FIRST, *sorted(name for name in members if name not in {*_FIRST, "properties"}), "properties"]
        return {name: members[name] for name in names if members.get(name) not in (None, "", [], {})}

    def _put_together(self) -> Json:
        tables = {table: list(entries.values()) for table, entries in self._tables.items()}
        tables["invocations"] = (
            shards.joined(tables["invocations"], self._components.driver()) if self.ours else tables["invocations"]
        )
        found = {"tool": self._tool_object()} | self._rest | self._agreed["baselineGuid"] | tables
        found |= {area: self._components.area(area) for area in AREAS[1:]}
        self._finish(found)
        return found

    def _table(self, table: str) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for source in self.sources:
            for symbol, entry in source.entries[table].items():
                found[symbol] = join(found[symbol], entry) if symbol in found else entry
        return {symbol: found[symbol] for symbol in sorted(found, key=lambda one: _entry_order(found[one], one))}

    def _tool_object(self) -> Json:
        tool: Json = {"driver": self._components.driver()}
        extensions = self._components.area("extensions")
        if extensions:
            tool["extensions"] = extensions
        return tool | self._tool

    def _details(self) -> Json:
        """`automationDetails`: the category, with a run id as far as all have the same."""
        found = dict(self._agreed["automationDetails"])
        name = found.pop("id", "")
        if not (isinstance(name, str) and name.rpartition("/")[0] == self._category.removesuffix("/")):
            name = self._category
        return {"id": name} | found if name else found

    def _other_members(self, headers: Sequence[Json]) -> Json:
        found: Json = {}
        for source, header in zip(self.sources, headers, strict=True):
            for name, value in header.items():
                if name in _HANDLED:
                    continue
                if name in _WALKED:
                    for one in value if isinstance(value, list) else [value]:
                        if isinstance(one, dict):
                            walk(_WALKED[name], one, source.visits(str), source.complain)
                is_versions = name == "versionControlProvenance"
                kept = repair.repositories(value, source.complain) if is_versions else value
                if name in _UNITED and isinstance(kept, list):
                    found[name] = distinct([*found.get(name, ()), *kept])
                elif name in found:
                    if name == "conversion" and _converter(found[name]) != _converter(kept):
                        source.complain("conversions by different tools, of which one is kept")
                    found[name] = join(found[name], kept, name)
                else:
                    found[name] = kept
        return found

    def _finish(self, header: Json) -> None:
        """Numbers in place of all symbols."""

        def number(value: Json) -> None:
            for name in _NUMBERED:
                if isinstance(value.get(name), str):
                    value[name] = self.numbers[value[name]]

        visits = dict.fromkeys(INDEXED, number)
        walk("tool", header["tool"], visits)
        for area in AREAS[1:]:
            _walk_all("toolComponent", header.get(area, ()), visits)
        for table, kind in TABLES.items():
            _walk_all(kind, header.get(table, ()), visits)
        for name, kind in _WALKED.items():
            value = header.get(name)
            _walk_all(kind, value if isinstance(value, list) else [value], visits)


def _united_bases(sources: Iterable[References], names: Mapping[tuple[str, str], str]) -> Json:
    """`originalUriBaseIds` of the whole."""
    found: Json = {}
    for source in sources:
        for name, value in source.bases.entries().items():
            entry = dict(value)
            if isinstance(entry.get("uriBaseId"), str):
                entry["uriBaseId"] = source.bases.name_in(names, entry["uriBaseId"])
            final = source.bases.name_in(names, name)
            found[final] = join(found[final], entry) if final in found else entry
    return found


def _walk_all(kind: str, values: Iterable[object], visits: Visits) -> None:
    for value in values:
        if isinstance(value, dict):
            walk(kind, value, visits)


def _entry_order(entry: Json, symbol: str) -> tuple[str, bytes, str]:
    location = entry.get("location")
    uri = location.get("uri", "") if isinstance(location, dict) else ""
    return str(uri), canonical(entry), symbol


def _agreed(name: str, headers: Sequence[Json]) -> Json:
    values = [header.get(name) for header in headers]
    if name == "automationDetails":
        details = [dict(value) if isinstance(value, dict) else {} for value in values]
        for one in details:
            repair.names(one, lambda _: None)
        return agreed(details)
    return agreed([{name: value} if isinstance(value, str) else {} for value in values])


def _converter(conversion: object) -> object:
    return conversion.get("tool") if isinstance(conversion, dict) else None


def _tool_members(header: Json) -> Json:
    tool = header.get("tool")
    return (
        {name: tool[name] for name in sorted(tool) if name not in {"driver", "extensions"}}
        if isinstance(tool, dict)
        else {}
    )
