"""The canonical log without our property bags: for readers who want nothing but the standard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devsecops.sarif.encode import BAG
from devsecops.sarif.projections.shared import Json, Projected, dump


def project(log: Json) -> Projected:
    """The log as it is, but for our property bags; one result a line."""
    return Projected(files=((*_members(_without(log), "runs", "results"), b"\n"),))


def _members(holder: Json, name: str, *deeper: str) -> Iterator[bytes]:
    """An object as JSON, with line ends between the items of one of its lists, and of one of theirs."""
    for place, (key, value) in enumerate(holder.items()):
        yield (b"," if place else b"{") + dump(key) + b":"
        if key != name or not isinstance(value, list):
            yield dump(value)
            continue
        yield b"["
        for number, item in enumerate(value):
            yield b",\n" if number else b"\n"
            yield from _members(item, *deeper) if deeper and isinstance(item, dict) and item else [dump(item)]
        yield b"]"
    yield b"}"


def _without(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """A value without our bags, and without property bags that held nothing else."""
    if isinstance(value, list):
        return [_without(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for name, below in value.items():
        if name != "properties" or not isinstance(below, dict):
            found[name] = _without(below)
        elif BAG not in below:
            found[name] = below
        elif len(below) > 1:
            found[name] = {key: one for key, one in below.items() if key != BAG}
    return found
