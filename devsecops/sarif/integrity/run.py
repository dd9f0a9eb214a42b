"""The check of one run, result by result: nothing of the results is kept."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final, Protocol

import msgspec

from devsecops.sarif.integrity import checks, references
from devsecops.sarif.integrity.shape import CHILDREN, CLOSED, KINDS, LEVELS, UNIQUE
from devsecops.sarif.integrity.tables import Json, Place, Problem, Tables, listed, objects, pointer

_REFERENCES: Final = {
    "rule": references.RULES,
    "associatedRule": references.RULES,
    "descriptor": references.NOTIFICATIONS,
    "taxa": references.TAXA,
    "target": references.ANY,
}
_CHAINED: Final = ("artifacts", "logicalLocations", "addresses")
_REMEMBERED: Final = {"artifactLocation": ("uri", "uriBaseId", "index"), "result": ("ruleId", "ruleIndex")}
_SEEN: Final = 50_000  # of them

# What the glance at a result does not look into: a result, a location or a step that has any of it is walked.
_RESULT: Final = (CHILDREN["result"].keys() | {"rank", "occurrenceCount"}) - {"locations", "codeFlows"}
_LOCATION: Final = CHILDREN["location"].keys() - {"physicalLocation"}
_STEP: Final = (CHILDREN["threadFlowLocation"].keys() | {"index", "importance"}) - {"location"}
_OFFSETS: Final = frozenset({"charOffset", "charLength", "byteOffset", "byteLength"})


class Artifact(Hashable, Protocol):
    """What an artifact location says, -1 for no index."""

    @property
    def uri(self) -> str: ...  # noqa: D102

    @property
    def uriBaseId(self) -> str: ...  # noqa: D102, N802  # SARIF's name

    @property
    def index(self) -> int: ...  # noqa: D102


class RunCheck:
    """Checks one run: first all of it but its results, then each result.

    Args:
        run: the run; its `results` are not looked at.
        number: its place in the log.
    """

    def __init__(self, run: Json, number: int = 0) -> None:
        self._place: Place = ((None, "runs"), number)
        self._tables = Tables(run)
        self._home: Json = {}
        self._seen: set[tuple[object, ...]] = set()
        """What the walk found sound: URI, base id and index of artifact locations; id and index of rules."""
        self._sound: set[Hashable] = set()
        """The same of plain results: artifact locations; id and index of results."""
        self._safely("run", run, self._place)
        _bases(self._tables, (self._place, "originalUriBaseIds"))
        for name in _CHAINED:
            checks.chain(self._tables, name, self._place)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong so far; of very many the first, and how many more there are."""
        more = self._tables.more
        rest = [Problem(pointer(self._place), f"{more} more problems")] if more else []
        return [*self._tables.found, *rest]

    def result(self, result: Any, number: int) -> None:  # noqa: ANN401  # any JSON value
        """Check a result of the run; `number` is its place among the results."""
        if not self._is_plain(result):
            self._safely("result", result, ((self._place, "results"), number))

    def plain(self, rule: str, index: int, level: str, artifacts: Sequence[Artifact], number: int) -> None:
        """Check a result that has nothing but a rule, a level, and regions of these artifacts; `number` as above."""
        sound = self._sound
        if (rule, index) in sound and level in LEVELS and sound.issuperset(artifacts):
            return
        here: Place = ((self._place, "results"), number)
        said = {"ruleId": rule, "ruleIndex": index, "level": level, "message": {"text": ""}}
        self._look_at("result", said, here, (rule, index))
        for artifact in artifacts:
            if artifact not in sound:
                self._look_at("artifactLocation", _said(artifact), (here, "locations"), artifact)

    def _look_at(self, kind: str, value: Json, place: Place, key: Hashable) -> None:
        """Check a part of plain results, and remember one that is sound."""
        before = self._tables.count
        self._safely(kind, value, place)
        if before == self._tables.count and len(self._sound) < _SEEN:
            self._sound.add(key)

    def _is_plain(self, result: Any) -> bool:  # noqa: ANN401
        """Whether a glance shows that nothing is wrong: for nearly all results, and much faster than the walk."""
        try:
            return (
                _RESULT.isdisjoint(result)
                and (result.get("ruleId"), result.get("ruleIndex")) in self._seen
                and result.get("level", "none") in LEVELS
                and result.get("kind", "fail") in KINDS
                and "baselineState" not in result
                and type(result["message"]["text"]) is str
                and self._are_plain(result["locations"])
                and ("codeFlows" not in result or self._flow_plainly(result["codeFlows"]))
            )
        except (KeyError, IndexError, TypeError, AttributeError):
            return False

    def _are_plain(self, locations: Any) -> bool:  # noqa: ANN401
        for location in _each(locations):
            if not _LOCATION.isdisjoint(location):
                return False
            physical = location["physicalLocation"]
            artifact = physical["artifactLocation"]
            if (artifact.get("uri"), artifact.get("uriBaseId"), artifact.get("index")) not in self._seen:
                return False
            region = physical["region"]
            if len(physical) != 2 or not _OFFSETS.isdisjoint(region):
                return False
            line = region["startLine"]
            column = region.get("startColumn", 1)
            end = region.get("endLine", line)
            last = region.get("endColumn", column)
            if not (type(line) is type(column) is type(end) is type(last) is int):
                return False
            if line < 1 or column < 1 or end < line or last < (column if end == line else 1):
                return False
        return True

    def _flow_plainly(self, flows: Any) -> bool:  # noqa: ANN401
        for flow in _each(flows):
            for thread in _each(flow["threadFlows"]):
                steps = _each(thread["locations"])
                for step in steps:
                    if not _STEP.isdisjoint(step):
                        return False
                if not self._are_plain([step["location"] for step in steps]):
                    return False
        return True

    def _safely(self, kind: str, value: Any, place: Place) -> None:  # noqa: ANN401
        home, components = self._home, self._tables.components
        try:
            self._walk(kind, value, place)
        except RecursionError:
            self._home, self._tables.components = home, components
            self._tables.wrong(place, "is nested too deeply to be checked")

    def _walk(self, kind: str, value: Any, place: Place) -> None:  # noqa: ANN401
        tables = self._tables
        if not isinstance(value, dict):
            tables.wrong(place, "must be an object")
            return
        before = tables.count
        checks.cached(tables, kind, value, place)
        if kind in checks.CHECKS:
            checks.CHECKS[kind](tables, value, place)
        for name, words in CLOSED.get(kind, {}).items():
            if name in value and not (isinstance(value[name], str) and value[name] in words):
                tables.wrong((place, name), f"must be one of {', '.join(sorted(words))}")
        if kind == "result":
            references.rule(tables, value, place)
        if kind in _REMEMBERED and before == tables.count and len(self._seen) < _SEEN and "rule" not in value:
            self._seen.add(tuple(value.get(name) for name in _REMEMBERED[kind]))
        self._descend(kind, value, place)

    def _descend(self, kind: str, value: Json, place: Place) -> None:
        home, components = self._home, self._tables.components
        if kind == "toolComponent":
            self._home = value
        elif kind == "conversion":
            tool = objects(value, "tool")
            self._tables.components = (objects(tool, "driver"), listed(tool, "extensions"), components[2])
        children = CHILDREN[kind]
        for name, below in value.items():
            if name in children:
                self._child(children[name], below, (place, name), value)
                if name in UNIQUE.get(kind, ()):
                    _unique(self._tables, below, (place, name))
        self._home, self._tables.components = home, components

    def _child(self, kind: str, below: Any, place: Place, holder: Json) -> None:  # noqa: ANN401
        many = below if isinstance(below, list) else [below]
        for number, one in enumerate(many):
            here = (place, number) if isinstance(below, list) else place
            if kind == "graphTraversal" and isinstance(one, dict):
                checks.traversal(self._tables, one, here, listed(holder, "graphs"))
            elif kind == "reportingDescriptorReference" and isinstance(one, dict):
                references.descriptor(self._tables, one, here, _lists(place), self._home)
            elif kind == "toolComponentReference" and isinstance(one, dict):
                references.component(self._tables, one, here, taxonomy=place[1] == "supportedTaxonomies")
            self._walk(kind, one, here)


def _said(artifact: Artifact) -> Json:
    """An artifact location as JSON."""
    said = {"uri": artifact.uri, "uriBaseId": artifact.uriBaseId, "index": artifact.index}
    return {name: value for name, value in said.items() if value not in ("", -1)}


def _each(value: Any) -> list[Any]:  # noqa: ANN401
    """A list; raises TypeError for anything else that can be iterated over."""
    if type(value) is not list:
        raise TypeError
    return value


def _lists(place: Place) -> tuple[str, ...]:
    """The lists that a descriptor reference leads into, by the property it stands in."""
    name = str(place[1])
    if name == "descriptor" and place[0][0][1] == "ruleConfigurationOverrides":
        return references.RULES
    return _REFERENCES[name]


def _unique(tables: Tables, items: Any, place: Place) -> None:  # noqa: ANN401
    if isinstance(items, list) and len(items) > 1:
        seen: dict[bytes, int] = {}
        for number, item in enumerate(items):
            first = seen.setdefault(msgspec.json.encode(item, order="sorted"), number)
            if first != number:
                tables.wrong((place, number), f"is the same as number {first}")


def _bases(tables: Tables, place: Place) -> None:
    """Base ids end in `/`, lead to others that are there, and the outermost is absolute (section 3.14.14)."""
    for name, value in tables.bases.items():
        here: Place = (place, name)
        if not isinstance(value, dict):
            tables.wrong(here, "must be an object")
            continue
        uri, outer = value.get("uri"), value.get("uriBaseId")
        if uri is not None and not (isinstance(uri, str) and uri.endswith("/") and ".." not in uri.split("/")):
            tables.wrong((here, "uri"), "must end in / and have no .. in it")
        elif uri is not None and outer is None and ":" not in uri:
            tables.wrong((here, "uri"), "must be absolute where there is no uriBaseId")
        elif outer is not None and not _resolves(tables.bases, name):
            tables.wrong((here, "uriBaseId"), "leads to no base id, or in a circle")


def _resolves(bases: Json, name: object) -> bool:
    seen: set[str] = set()
    while name is not None:
        if not isinstance(name, str) or name in seen or name not in bases:
            return False
        seen.add(name)
        value = bases[name]
        name = value.get("uriBaseId") if isinstance(value, dict) else None
    return True
