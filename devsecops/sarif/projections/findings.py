"""One finding as one result that every platform reads: the words of its most telling scanner, the others named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from devsecops.model import HttpLocation, Location, PackageLocation, Result, Severity
from devsecops.sarif.encode import LEVELS, SCORES
from devsecops.sarif.projections.places import Places
from devsecops.sarif.projections.shared import Group, Json, listed, objects, written
from devsecops.text import clean, one_line, shorten

LONGEST: Final = 1_024
"""Characters of a message, description or help text (GitHub: 1,024 for descriptions; GitLab skips longer ones)."""
LONGEST_NAME: Final = 255
LONGEST_URI: Final = 2_048
TAGS: Final = 10
LOCATIONS: Final = 100
"""Locations of a result that GitHub keeps; it refuses a file with more than 1,000."""
STEPS: Final = 1_000
"""Steps of a result's code flows that GitHub keeps; it refuses a file with more than 10,000."""
_NAMED: Final = 10  # other places that a message lists


def score(result: Result) -> float | None:
    """A number of 0 to 10 that reads as the result's severity; None where nobody knows it.

    It is the CVSS score where that says the same as the severity, else the middle of the severity's band.
    """
    if result.score is not None and Severity.of_score(result.score) is result.severity:
        return result.score
    return SCORES.get(result.severity)


def message(group: Group) -> str:
    """What the first result says, then who else says so, where else, and what mends it."""
    first = group[0][2]
    said = clean(first.message).strip() or one_line(first.rule.name) or rule_id(first)
    more = list(_more(first, [result for _, _, result in group[1:]]))
    end = shorten("".join(f"\n{one_line(line)}" for line in more), LONGEST // 2)
    return shorten(said, LONGEST - len(end)) + end


def _more(first: Result, others: Sequence[Result]) -> Iterable[str]:
    if isinstance(first.location, HttpLocation):
        parameter = f", {first.location.parameter}" if first.location.parameter else ""
        yield f"Request: {first.location.method} {first.location.url}{parameter}"
    if isinstance(first.location, PackageLocation):
        yield f"Package: {first.location.purl}"
    if first.fixed:
        yield f"Fixed in: {', '.join(first.fixed)}"
    scanners = sorted({other.scanner for other in others} - {first.scanner})
    if scanners:
        yield f"Also reported by: {', '.join(scanners)}"
    places = list(
        dict.fromkeys(place for other in others if (place := _place(other.location)) != _place(first.location))
    )
    if places:
        rest = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
        yield f"Also in: {', '.join(places[:_NAMED])}{rest}"


def _place(location: Location) -> str:
    if isinstance(location, HttpLocation):
        return f"{location.method} {location.url}"
    return f"{location.path}:{location.line}" if location.line else location.path


def rule_id(result: Result) -> str:
    """The identifier of a result's rule; never empty."""
    return one_line(result.rule.id) or "unnamed"


def rule(results: Sequence[Result], name: str, tags: Iterable[str]) -> Json:
    """A rule with every text that platforms ask for.

    Args:
        results: those of the rule; the first speaks for it.
        name: its identifier.
        tags: its tags, most important first.
    """
    said = max((result.rule for result in results), key=lambda rule: bool(rule.help) + bool(rule.name))
    title = one_line(said.name) or name
    text = clean(said.help).strip()
    page = f"See {said.uri}" if is_page(said.uri) else title
    found: Json = {
        "id": name,
        "shortDescription": {"text": shorten(title, LONGEST)},
        "fullDescription": {"text": shorten(text or title, LONGEST)},
        "help": {"text": shorten(text or page, LONGEST)},
        "defaultConfiguration": {"level": LEVELS[Severity.worst(result.severity for result in results)]},
        "properties": {"tags": list(dict.fromkeys(tags))[:TAGS]},
    }
    if is_page(said.uri):
        found["helpUri"] = said.uri
    scores = [one for one in map(score, results) if one is not None]
    if scores:
        found["properties"]["security-severity"] = f"{max(scores):.1f}"
    return found


def is_page(uri: str) -> bool:
    """Whether a URI can be shown as a link to a page."""
    return (
        uri.startswith(("https://", "http://"))
        and uri.isascii()
        and uri.isprintable()
        and " " not in uri
        and (len(uri) <= LONGEST_URI)
    )


def result(group: Group, raw: Json, places: Places, service: Json) -> Json:
    """A finding as a result of its first scanner, without what belongs to one platform."""
    first = group[0][2]
    found: Json = {
        "ruleId": rule_id(first),
        "level": LEVELS[first.severity],
        "message": {"text": message(group)},
        "locations": [{"physicalLocation": one} for one in places.of(raw, service)[:LOCATIONS]],
    }
    related = [place for one in listed(raw, "relatedLocations")[:LOCATIONS] if (place := _related(one, places))]
    if related:
        found["relatedLocations"] = [one for at, one in enumerate(related) if one not in related[:at]]
    flows = _flows(raw, places)
    if flows:
        found["codeFlows"] = flows
    return found


def is_long(raw: Json) -> bool:
    """Whether the code flows of a result have more steps than are kept."""
    return sum(len(listed(thread, "locations")) for thread in _threads(raw)) > STEPS


def _related(raw: Json, places: Places) -> Json:
    found = _step(raw, places)
    if found and type(raw.get("id")) is int and raw["id"] >= 0:
        found["id"] = raw["id"]
    return found


def _step(location: Json, places: Places) -> Json:
    physical = places.physical(location)
    if not physical:
        return {}
    found: Json = {"physicalLocation": physical}
    said = written(objects(location, "message"), "text")
    if said:
        found["message"] = {"text": shorten(said, LONGEST)}
    return found


def _threads(raw: Json) -> list[Json]:
    return [thread for flow in listed(raw, "codeFlows") for thread in listed(flow, "threadFlows")]


def _flows(raw: Json, places: Places) -> list[Json]:
    """The code flows, one for each thread: of long ones the ends, and no more than there is room for."""
    left = STEPS
    found: list[Json] = []
    for thread in _threads(raw):
        steps = [step for one in listed(thread, "locations") if (step := _step(places.step(one), places))]
        if len(steps) > STEPS:
            steps = steps[: STEPS // 2] + steps[-STEPS // 2 :]
        left -= len(steps)
        if left < 0:
            break
        if steps:
            found.append({"threadFlows": [{"locations": [{"location": step} for step in steps]}]})
    return found
