"""Fingerprints for results of any tool, the same as those of a scan where the log has the text of the line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from devsecops import fingerprint
from devsecops.model import FileLocation, HttpLocation, PackageLocation, Result

Groups = Callable[[Iterable[int]], Iterable[str]]
"""From CWE numbers to the groups of weaknesses they belong to."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A result before it has fingerprints."""

    index: int
    """Its place in the list of results of its run."""
    result: Result
    line: str = ""
    """The text of the line it begins in; empty where the log does not have it."""
    rated: bool = True
    """Whether the tool says how severe it is."""
    secret: bool = False
    """Whether its place holds a secret."""


def identified(sightings: Sequence[Sighting], groups: Groups | None = None) -> Iterator[Result]:
    """The results with fingerprints (docs/fingerprints.md), in the same order.

    A log does not have the whole file, so what counts equal lines above counts those that have a result; and where the
    text of the line is not known, the message stands in for it. Fingerprints of other tools are not used: some tools
    give every result the same (`requires login`, the author of the commit).

    Args:
        sightings: all results of one log, so that tools which see the same line count it alike.
        groups: groups of weaknesses; None where results of different tools need not be recognised as the same.
    """
    lines: dict[object, set[int]] = defaultdict(set)
    for sighting in sightings:
        if isinstance(sighting.result.location, FileLocation):
            lines[_key(sighting)].add(sighting.result.location.line)
    ordered = {key: {line: place for place, line in enumerate(sorted(found))} for key, found in lines.items()}
    for sighting in sightings:
        result = sighting.result
        if result.fingerprints:
            yield result
            continue
        occurrence = ordered.get(_key(sighting), {}).get(getattr(result.location, "line", 0), 0)
        yield msgspec.structs.replace(result, fingerprints=tuple(_prints(sighting, occurrence, groups)))


def _key(sighting: Sighting) -> object:
    result = sighting.result
    path = result.location.path if isinstance(result.location, FileLocation) else ""
    if sighting.secret:
        return path, result.rule.id, None
    return (path, fingerprint.normal(sighting.line)) if sighting.line else (path, result.rule.id, result.message)


def _prints(sighting: Sighting, occurrence: int, groups: Groups | None) -> Iterator[str]:
    result, location = sighting.result, sighting.result.location
    if isinstance(location, PackageLocation):
        for name in sorted({result.rule.id, *result.aliases}):
            yield fingerprint.of_advisory(location.purl, name, location.path)
    elif isinstance(location, HttpLocation):
        yield fingerprint.of_request(result.rule.id, location.url, location.method, location.parameter)
    elif sighting.secret:
        yield fingerprint.of_secret(result.rule.id, location.path, "", occurrence)
    else:
        yield fingerprint.of_rule(result.rule.id, location.path, sighting.line or result.message, occurrence)
        if sighting.line and groups:
            for group in groups(result.rule.cwe):
                yield fingerprint.of_weakness(group, location.path, sighting.line, occurrence)
