"""Parts of one scan of devsecops: together they say what the scan had said if it had not been divided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

import msgspec

from devsecops.model import Coverage, Execution, Kind, Message, Part, Policy, Severity, Status, apart, message_order
from devsecops.sarif import reading
from devsecops.sarif.encode import invocation_of
from devsecops.sarif.joins import canonical, distinct, encode, join
from devsecops.sarif.own import execution_of, tool_of

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


def parts_of(bag: Json) -> list[Part]:
    """The parts of a divided scan that a log holds."""
    return msgspec.convert(bag.get("parts", []), list[Part])


def parts_in(extra: Json) -> list[Part]:
    """The same, of what a log says besides its runs."""
    return parts_of(_bag(extra))


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
    said.sort(key=_note_order)
    return _with_bag(extra, _ordered({**bag, "notes": said})) if said else extra


def with_verdict(extra: Json, verdict: object) -> Json:
    """The same with a verdict."""
    return _with_bag(extra, _ordered({**_bag(extra), "verdict": verdict}))


def joined(invocations: Sequence[Json], driver: Json) -> list[Json]:
    """One invocation for each kind and target, of what the shards proved of it together.

    One that says more than an execution of ours can say stands for itself.
    """
    tool = tool_of({"driver": driver})
    together: dict[tuple[str, str], Execution] = {}
    apart: list[Json] = []
    for invocation in invocations:
        try:
            execution = execution_of(invocation, tool)
        except (KeyError, TypeError, ValueError, AttributeError, msgspec.ValidationError):
            apart.append(invocation)
            continue
        if canonical(invocation_of(execution)) != canonical(invocation):
            apart.append(invocation)
            continue
        key = (execution.target, execution.kind.value)
        together[key] = _both(together[key], execution) if key in together else execution
    return [*(_plain(invocation_of(together[key])) for key in sorted(together)), *apart]


def _plain(value: Json) -> Json:
    """The same of nothing but what JSON has."""
    return msgspec.json.decode(encode(value), type=dict[str, Any])


def _both(first: Execution, second: Execution) -> Execution:
    """What two shards proved of one target; what is said of one service by both is taken at its worst."""
    codes = [one.exit_code for one in (first, second) if one.exit_code is not None]
    return msgspec.structs.replace(
        first,
        status=Status.worst([first.status, second.status]),
        asked=first.asked or second.asked,
        exit_code=max(codes, key=lambda code: (code != 0, code), default=None),
        coverage=_both_coverages(first.coverage, second.coverage),
        messages=tuple(sorted({*first.messages, *second.messages}, key=_message_order)),
    )


def _both_coverages(first: Coverage | None, second: Coverage | None) -> Coverage | None:
    if first is None or second is None or first == second:
        return first or second
    parts = dict(first.parts)
    for service, (expected, examined) in second.parts.items():
        known = parts.get(service, (expected, examined))
        parts[service] = (max(known[0], expected), min(known[1], examined))
    return Coverage(
        unit=min(first.unit, second.unit),
        expected=sum(expected for expected, _ in parts.values()),
        examined=sum(examined for _, examined in parts.values()),
        evidence=first.evidence if first.evidence == second.evidence else "claimed",
        parts={service: parts[service] for service in sorted(parts)},
    )


def _message_order(message: Message) -> tuple[object, ...]:
    return (*message_order(message), message.level, message.package)


def _united_bags(bags: Sequence[Json]) -> Json:
    if not bags:
        return {}
    services = distinct(service for bag in bags for service in _objects(bag.get("services")))
    services.sort(key=lambda service: str(service.get("name")))
    notes = distinct(note for bag in bags for note in _objects(bag.get("notes")))
    notes.sort(key=_note_order)
    rest = reduce(join, ({key: bag[key] for key in bag if key not in _UNITED} for bag in bags))
    contents = distinct(one for bag in bags for one in _objects(bag.get("contents")))
    contents.sort(key=_contents_order)
    found: Json = {**rest, "services": services, "notes": notes, "contents": contents}
    policies = [bag["policy"] for bag in bags if "policy" in bag]
    if policies:
        found["policy"] = _strictest(policies)
    parts = sorted(part for bag in bags for part in parts_of(bag))
    if apart(parts):
        found["parts"] = msgspec.to_builtins(parts)
    return _ordered(found)


_UNITED: Final = frozenset({"services", "notes", "contents", "policy", "verdict", "parts"})
_FIRST: Final = ("services", "notes", "contents", "revision", "baseline", "policy", "verdict", "parts")


def _ordered(bag: Json) -> Json:
    """The members of the bag in the order of every log."""
    names = [*_FIRST, *sorted(bag.keys() - set(_FIRST))]
    return {name: bag[name] for name in names if bag.get(name)}


def _strictest(policies: Sequence[Json]) -> Json:
    """The policy that is at least as strict as each: no shard can loosen what another demands."""
    known = [msgspec.convert(policy, Policy) for policy in policies]
    strictest = min(known, key=lambda policy: (_threshold(policy), policy.origin))
    required = {kind for policy in known for kind in policy.require}
    found = msgspec.structs.replace(
        strictest,
        require=tuple(kind for kind in Kind if kind in required) if len(known) > 1 else strictest.require,
        allow_incomplete=all(policy.allow_incomplete for policy in known),
        unknown_coverage=max(policy.unknown_coverage for policy in known),  # "incomplete" is the stricter
    )
    return msgspec.to_builtins(found)  # type: ignore[no-any-return]  # a struct becomes a dict


def _threshold(policy: Policy) -> int:
    """A number that is lower for a policy under which more findings fail."""
    return len(Severity) if policy.fail_on is None else len(Severity) - 1 - policy.fail_on.rank


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


def _note_order(note: Json) -> tuple[str, str, str]:
    return (str(note.get("id")), str(note.get("path", "")), str(note.get("text")))


def _contents_order(one: Json) -> tuple[str, str]:
    return (str(one.get("kind", "lock")), str(one.get("path")))


def _bag(holder: Json) -> Json:
    properties = holder.get("properties")
    bag = properties.get(BAG) if isinstance(properties, dict) else None
    return bag if isinstance(bag, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
