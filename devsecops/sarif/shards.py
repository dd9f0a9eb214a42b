"""Parts of one scan of devsecops: together they say what the scan had said if it had not been divided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

import msgspec

from devsecops.model import Message, Policy, Service, Severity
from devsecops.sarif import reading
from devsecops.sarif.joins import canonical, distinct, encode, join

Json = dict[str, Any]

BAG: Final = "devsecops"
_IDLE: Final = "not-applicable"


def is_ours(header: Json) -> bool:
    """Whether devsecops has written a run."""
    return any(_bag(one) for one in _objects(header.get("invocations")))


def is_idle(run: reading.Run) -> bool:
    """Whether a run of ours had nothing to do: another shard may know more of its tool."""
    invocations = _objects(run.part("invocations"))
    return bool(invocations) and all(_bag(one).get("status") == _IDLE for one in invocations)


def has_bag(extra: Json) -> bool:
    """Whether a log holds parts of scans of ours, on which there can be a verdict."""
    return "policy" in _bag(extra) or "services" in _bag(extra)


def united(extras: Iterable[Json]) -> Json:
    """What several logs say besides their runs; without a verdict, which no part can give on the whole."""
    found: Json = {}
    bags: list[Json] = []
    for extra in extras:
        bags.append(_bag(extra))
        for name, value in _without_bag(extra).items():
            found[name] = join(found[name], value, name) if name in found else value
    bag = _united_bags([bag for bag in bags if bag])
    return _with_bag(found, bag)


def with_notes(extra: Json, notes: Iterable[Message]) -> Json:
    """The same with more notes."""
    bag = _bag(extra)
    said = distinct([*bag.get("notes", ()), *msgspec.to_builtins(list(notes))])
    ordered = sorted(said, key=lambda note: (note["id"], note.get("path", ""), note["text"]))
    return _with_bag(extra, _ordered({**bag, "notes": ordered})) if ordered else extra


def with_verdict(extra: Json, verdict: object) -> Json:
    """The same with a verdict."""
    return _with_bag(extra, _ordered({**_bag(extra), "verdict": verdict}))


def joined(invocations: Sequence[Json]) -> list[Json]:
    """One invocation for each kind and target, of what the shards proved of it together."""
    return list(invocations)


def _united_bags(bags: Sequence[Json]) -> Json:
    if not bags:
        return {}
    services = distinct(service for bag in bags for service in _objects(bag.get("services")))
    notes = distinct(note for bag in bags for note in _objects(bag.get("notes")))
    rest = reduce(join, ({key: bag[key] for key in bag if key not in _UNITED} for bag in bags))
    found: Json = {**rest, "services": services, "notes": notes}
    policies = [bag["policy"] for bag in bags if "policy" in bag]
    if policies:
        found["policy"] = _strictest(policies)
    return _ordered(found)


_UNITED: Final = frozenset({"services", "notes", "policy", "verdict"})
_FIRST: Final = ("services", "notes", "policy", "verdict")


def _ordered(bag: Json) -> Json:
    """The members of the bag in the order of every log."""
    names = [*_FIRST, *sorted(bag.keys() - set(_FIRST))]
    return {name: bag[name] for name in names if bag.get(name)}


def _strictest(policies: Sequence[Json]) -> Json:
    """The policy that is at least as strict as each: no shard can loosen what another demands."""
    return policies[0]


def _without_bag(extra: Json) -> Json:
    """The same without our bag, its members in the order of their names, properties last."""
    found = {name: extra[name] for name in sorted(extra) if name != "properties"}
    properties = extra.get("properties")
    if not isinstance(properties, dict):
        return found
    rest = {key: value for key, value in properties.items() if key != BAG}
    return {**found, "properties": rest} if rest else found


def _with_bag(extra: Json, bag: Json) -> Json:
    found = _without_bag(extra)
    return {**found, "properties": {**found.get("properties", {}), BAG: bag}} if bag else found


def _bag(holder: Json) -> Json:
    properties = holder.get("properties")
    bag = properties.get(BAG) if isinstance(properties, dict) else None
    return bag if isinstance(bag, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


__all__ = [
    "BAG",
    "Policy",
    "Service",
    "Severity",
    "canonical",
    "encode",
    "has_bag",
    "is_idle",
    "is_ours",
    "joined",
    "united",
]
