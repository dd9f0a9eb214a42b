"""Results that have nothing unusual, which nearly all are: typed, so that reading and writing them is cheap.

What does not fit these types goes the long way, by `shapes.walk`, and comes here again at its end, so that a result is
written alike whichever way it went.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

_Position = Annotated[int, msgspec.Meta(ge=1)]
_Index = Annotated[int, msgspec.Meta(ge=0)]


class _Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An object that has no other members than these."""


class Artifact(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False, frozen=True, cache_hash=True):
    """An artifact location: few of them, which are told apart for each result."""

    uri: Annotated[str, msgspec.Meta(min_length=1)]
    uriBaseId: str = ""  # noqa: N815  # SARIF's name, as all names of this kind below
    index: _Index = -1


class _Text(_Strict):
    text: str


class _Region(_Strict):
    startLine: _Position  # noqa: N815
    startColumn: _Position = 0  # noqa: N815
    endLine: _Position = 0  # noqa: N815
    endColumn: _Position = 0  # noqa: N815
    snippet: _Text | None = None


class Physical(_Strict):
    """A physical location."""

    artifactLocation: Artifact  # noqa: N815
    region: _Region


class _Location(_Strict):
    physicalLocation: Physical  # noqa: N815


class _StepLocation(_Strict):
    physicalLocation: Physical  # noqa: N815
    message: _Text | None = None


class _Step(_Strict):
    location: _StepLocation


class _ThreadFlow(_Strict):
    locations: list[_Step]


class _CodeFlow(_Strict):
    threadFlows: list[_ThreadFlow]  # noqa: N815


class Plain(_Strict):
    """A result in the order in which its members are written."""

    ruleId: str  # noqa: N815
    ruleIndex: _Index  # noqa: N815
    level: Literal["error", "warning", "note", "none"]
    message: _Text
    locations: tuple[_Location]
    partialFingerprints: dict[str, str] = {}  # noqa: N815
    codeFlows: list[_CodeFlow] = []  # noqa: N815
    properties: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET

    def steps(self) -> list[Physical]:
        """Where each step of its code flows is."""
        steps = [step for flow in self.codeFlows for thread in flow.threadFlows for step in thread.locations]
        return [step.location.physicalLocation for step in steps]


_decode = msgspec.json.Decoder(Plain).decode


def read(text: msgspec.Raw | bytes) -> tuple[Plain, list[Physical]] | None:
    """The result that a JSON text is, with the places in it; None where there is anything unusual about it."""
    try:
        found = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if found.properties and "devsecops" in found.properties:
        return None
    places = [found.locations[0].physicalLocation]
    if found.codeFlows:
        places += found.steps()
    for place in places:
        region = place.region
        end = region.endLine or region.startLine
        if end < region.startLine or (
            region.endColumn and end == region.startLine and region.endColumn < region.startColumn
        ):
            return None
    return found, places
