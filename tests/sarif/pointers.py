"""The indices of a run read a second time, with no code of the merger: followed, shuffled, counted from elsewhere."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from tests.sarif import every_index
from tests.sarif.every_index import TABLES, Json

Path = tuple[str | int, ...]
Said = dict[str, set[str]]

ARTIFACTS = {
    *("artifactLocation", "analysisTarget", "executableLocation", "workingDirectory", "responseFiles"),
    *("stdin", "stdout", "stderr", "stdoutStderr", "mappedTo", "displayBase", "analysisToolLogFiles"),
}
BY_NAME = {
    "artifacts": "artifacts",
    "logicalLocations": "logicalLocations",
    "address": "addresses",
    "addresses": "addresses",
    "webRequest": "webRequests",
    "webResponse": "webResponses",
}
BY_NAMES: dict[tuple[str, ...], str] = {
    ("artifacts", "location"): "artifacts",
    ("driver", "locations"): "artifacts",
    ("extensions", "locations"): "artifacts",
    ("taxonomies", "locations"): "artifacts",
    ("threadFlows", "locations"): "threadFlowLocations",
}
OF_RUN = (
    *("artifacts", "logicalLocations", "addresses", "webRequests", "webResponses"),
    *("threadFlowLocations", "graphs", "invocations"),
)
COMPONENTS: tuple[Path, ...] = (("tool", "extensions"), ("taxonomies",))
NUMBERED = re.compile(
    r"(extension-|taxonomy-|rule-|notification-|taxon-|module-|run-|result |a/|module\.f|image\+|example\.com/)([0-9])"
)


def pointers(value: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[Json, str, Path]]:
    """Every index below a run: what holds it, its name, and the path of the table that it counts in."""
    if isinstance(value, list):
        for one in value:
            yield from pointers(one, names)
    if not isinstance(value, dict):
        return
    yield from ((value, name, path) for name, path in _own(value, names))
    for name, below in value.items():
        if name != "properties":
            yield from pointers(below, (*names, name))


def _own(value: Json, names: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """The indices that an object has itself."""
    last = names[-1] if names else ""
    table = "artifacts" if last in ARTIFACTS else BY_NAMES.get(names[-2:]) or BY_NAME.get(last)
    for name in ("index", "parentIndex"):
        if table and name in value:
            yield name, (table,)
    for name, table in (("runGraphIndex", "graphs"), ("invocationIndex", "invocations")):
        if name in value:
            yield name, (table,)
    if "ruleIndex" in value:
        yield "ruleIndex", (*_component(value.get("rule", {}), "rule"), "rules")
    if "index" in value and (names[:1] != ("conversion",) or {"relationships", "supportedTaxonomies"} & {*names}):
        yield from (("index", path) for path in _reference(value, names))


def _reference(value: Json, names: tuple[str, ...]) -> Iterator[Path]:
    """The table of a reference to a descriptor or a component."""
    last, above = names[-1], names[-2] if len(names) > 1 else ""
    if last in {"rule", "associatedRule"} or (last == "descriptor" and above == "ruleConfigurationOverrides"):
        yield (*_component(value, "rule"), "rules")
    elif last == "descriptor":
        yield (*_component(value, "descriptor"), "notifications")
    elif last in {"taxa", "target"}:
        yield (*_component(value, last), "taxa")
    elif last in {"toolComponent", "associatedComponent", "supportedTaxonomies"}:
        yield COMPONENTS[above in {"taxa", "target"} or last == "supportedTaxonomies"]


def _component(reference: Json, name: str) -> Path:
    where = reference.get("toolComponent")
    return (*COMPONENTS[name in {"taxa", "target"}], where["index"]) if where else ("tool", "driver")


def at(run: Json, path: Path) -> Any:
    """What stands at a path."""
    found: Any = run
    for word in path:
        found = found[word]
    return found


def shuffled(run: Json, seed: int) -> Json:
    """The same run with the rows of every table, and its results, in another order."""
    run = json.loads(json.dumps(run))
    rng = random.Random(seed)
    paths: list[Path] = [(name,) for name in OF_RUN if run.get(name)]
    components: list[Path] = [("tool", "driver")]
    for listed in COMPONENTS:
        components += [(*listed, number) for number in range(len(at(run, listed)))]
    paths += [(*component, name) for component in components for name in ("rules", "notifications", "taxa")]
    paths += COMPONENTS
    orders = {path: rng.sample(range(len(at(run, path))), len(at(run, path))) for path in paths}
    for holder, name, path in list(pointers(run)):
        holder[name] = orders[path].index(holder[name])
    for path in paths:
        at(run, path)[:] = [at(run, path)[number] for number in orders[path]]
    rng.shuffle(run["results"])
    return run


def renumbered(run: Json, numbers: Sequence[int]) -> Json:
    """The same run with other names in its rows, and a GUID of its own for each component and rule."""

    def renamed(text: str) -> str:
        return NUMBERED.sub(lambda found: found[1] + str(numbers[int(found[2]) % TABLES]), text)

    conversion = run["conversion"]
    driver = conversion["tool"]["driver"] | {"rules": [], "locations": []}
    run = json.loads(renamed(json.dumps(run)))
    run["conversion"] |= {"tool": {"driver": driver}, "invocation": conversion["invocation"]}
    components = (run["tool"]["driver"], *run["tool"]["extensions"], *run["taxonomies"])
    for component in components:
        component["guid"] = guid(component["name"])
        for rule in component["rules"]:
            rule["guid"] = guid(f"{component['name']} {rule['id']}")
    return run


def guid(name: str) -> str:
    """A GUID that belongs to a name."""
    return str(uuid.uuid5(uuid.UUID(every_index.GUID), name))


def said(log: Json) -> Said:
    """What a log says, without a single index: members of runs by tool, version and category, as sets."""
    found: Said = defaultdict(set)
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        category = run.get("automationDetails", {}).get("id", "").rpartition("/")[0]
        key = f"{driver['name']} {driver.get('version', '')} {category}"
        resolve = Resolver(run)
        for result in run["results"]:
            found[f"{key} results"].add(_text(resolve.result(result)))
        for name in (*OF_RUN, "versionControlProvenance"):
            found[f"{key} {name}"] |= {_text(resolve.inlined(one, (name,))) for one in run.get(name, ())}
        components = (("driver", driver), *(("extension", one) for one in run["tool"].get("extensions", ())))
        for area, component in (*components, *(("taxonomy", one) for one in run.get("taxonomies", ()))):
            for name in ("rules", "notifications", "taxa"):
                rows = {_text(resolve.inlined(one)) for one in component.get(name, ())}
                found[f"{key} {area} {component['name']} {name}"] |= rows
    return found


class Resolver:
    """Puts what each index points at in its place."""

    def __init__(self, run: Json) -> None:
        self._run = run
        self._paths = {(id(holder), name): path for holder, name, path in pointers(run)}
        overrides = (one for row in run.get("invocations", ()) for one in row.get("ruleConfigurationOverrides", ()))
        self._levels = {one["descriptor"]["id"]: one["configuration"]["level"] for one in overrides}

    def result(self, result: Json) -> Json:
        """A result with the level and the rule that it has in effect; how often it was seen is not told."""
        level = result.get("level") or self._levels.get(result["ruleId"]) or "warning"
        found = self.inlined(result) | {"level": level}
        rule = found.get("rule", {}).get("index")  # `ruleIndex` says the same
        if rule:
            found["ruleIndex"] = rule
        return {name: value for name, value in found.items() if name != "occurrenceCount"}

    def inlined(self, value: Any, inside: Path = ()) -> Any:
        """A copy with rows in place of indices; of a component its name is enough."""
        if isinstance(value, list):
            return [self.inlined(one, inside) for one in value]
        if not isinstance(value, dict):
            return value
        found: Json = {}
        for name, below in value.items():
            path = self._paths.get((id(value), name))
            if path is None:
                found[name] = self.inlined(below, inside)
            elif path in COMPONENTS:
                found[name] = at(self._run, path)[below]["name"]
            elif not (name == "index" and path == inside):  # an artifact's location, which says where it stands itself
                found[name] = self.inlined(at(self._run, path)[below], path)
        return found


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
