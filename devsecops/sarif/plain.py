"""Results that have nothing unusual, which nearly all are: typed, so that reading and writing them is cheap.

What does not fit these types goes the long way, by `shapes.walk`, and comes here again at its end, so that a result is
written alike whichever way it went.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from devsecops.sarif.joins import encode

_Position = Annotated[int, msgspec.Meta(ge=1)]
_Index = Annotated[int, msgspec.Meta(ge=0)]
_UNWRITTEN: Final = msgspec.Raw(b"")


class _Strict(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An object that has no other members than these."""


class Artifact(_Strict):
    """An artifact location."""

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


class _Physical(_Strict):
    artifactLocation: Artifact  # noqa: N815
    region: _Region


class _Location(_Strict):
    physicalLocation: _Physical  # noqa: N815


class _StepLocation(_Strict):
    physicalLocation: _Physical  # noqa: N815
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
    properties: msgspec.Raw = _UNWRITTEN

    def steps(self) -> list[Artifact]:
        """The artifact locations of its code flows."""
        return [
            step.location.physicalLocation.artifactLocation
            for flow in self.codeFlows
            for thread in flow.threadFlows
            for step in thread.locations
        ]


_decode = msgspec.json.Decoder(Plain).decode
_decode_any = msgspec.json.Decoder().decode


def read(text: msgspec.Raw | bytes) -> Plain | None:
    """The result that a JSON text is; None where there is anything unusual about it."""
    try:
        found = _decode(text)
    except msgspec.MsgspecError:
        return None
    region = found.locations[0].physicalLocation.region
    if region.endLine and region.endLine < region.startLine:
        return None
    if region.endColumn and region.endColumn < region.startColumn and region.endLine in {0, region.startLine}:
        return None
    bag = bytes(found.properties)
    if bag and (bag[:1] != b"{" or b'"devsecops"' in bag):
        return None
    if b"\\" in bag or b"\n" in bag or b'": ' in bag:  # not as short as JSON can be
        try:
            found.properties = msgspec.Raw(encode(_decode_any(bag)))
        except (msgspec.MsgspecError, RecursionError):
            return None
    return found
