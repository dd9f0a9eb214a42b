"""What a rule or a result of any tool is about: CWE numbers, OWASP categories, advisories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from devsecops.sarif.foreign.values import Json, at, bag, string, strings, table, tables, whole

_CWE = re.compile(r"(?i)\bcwe(?:[-_: /]|\sid\s)0*([1-9]\d{0,4})(?!\d)")
_CWE_PAGE = re.compile(r"cwe\.mitre\.org/data/definitions/(\d{1,5})")
_NUMBER = re.compile(r"0*([1-9]\d{0,4})")
_OWASP = re.compile(r"(?i)\bA(0?[1-9]|10)[:_-]2021\b")
_ADVISORY = re.compile(
    r"CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+|RUSTSEC-\d{4}-\d{4}|GO-\d{4}-\d{4,}|OSV-\d{4}-\d+"
)


def cwe(descriptor: Json, result: Json, taxonomies: object) -> tuple[int, ...]:
    """The CWE numbers of a result, those of the result itself first.

    Args:
        descriptor: its rule.
        result: the result.
        taxonomies: `taxonomies` of the run.
    """
    said = [string(descriptor.get("id")), string(result.get("ruleId")), string(descriptor.get("name"))]
    texts = [*_tags(result), *_tags(descriptor), *said]
    found = [*_properties(result), *_taxa(result.get("taxa"), taxonomies), *_properties(descriptor)]
    found += [number for text in texts for number in _CWE.findall(text)]
    found += _taxa((one.get("target") for one in tables(descriptor.get("relationships"))), taxonomies)
    found += _CWE_PAGE.findall(string(descriptor.get("helpUri")))
    return tuple(dict.fromkeys(int(number) for number in found if 0 < int(number) < 100_000))


def owasp(descriptor: Json, result: Json) -> tuple[str, ...]:
    """The categories of the OWASP Top 10 of 2021, sorted; those of other years have other meanings and are left out."""
    texts = [*_tags(result), *_tags(descriptor)]
    for holder in (result, descriptor):
        texts += [text for name, value in bag(holder).items() if "owasp" in name.lower() for text in strings(value)]
    texts += [string(table(one.get("target")).get("id")) for one in tables(descriptor.get("relationships"))]
    return tuple(sorted({f"A{int(found):02}:2021" for text in texts for found in _OWASP.findall(text)}))


def advisories(texts: Iterable[str]) -> tuple[str, ...]:
    """The identifiers of advisories that some texts name, sorted."""
    return tuple(sorted({found for text in texts for found in _ADVISORY.findall(text)}))


def _tags(holder: Json) -> list[str]:
    return strings(bag(holder).get("tags"))


def _properties(holder: Json) -> Iterator[str]:
    """The numbers of a property `cwe`: a number, a text such as `CWE-79: …`, or a list of these."""
    value = bag(holder).get("cwe")
    for one in value if isinstance(value, list) else [value]:
        text = string(one) if whole(one) is None else str(one)
        named = _CWE.findall(text)
        bare = _NUMBER.fullmatch(text.strip())
        yield from named or ([bare[1]] if bare else [])


def _taxa(references: Any, taxonomies: object) -> Iterator[str]:  # noqa: ANN401  # any JSON, or objects of it
    """The numbers of references into a taxonomy named CWE."""
    for reference in tables(list(references) if isinstance(references, list | Iterator) else []):
        component = table(reference.get("toolComponent"))
        taxonomy = at(taxonomies, component.get("index")) or _named(taxonomies, component)
        name = string(component.get("name")) or string(taxonomy.get("name"))
        if name.upper() == "CWE":
            taxon = string(reference.get("id")) or string(at(taxonomy.get("taxa"), reference.get("index")).get("id"))
            yield from _NUMBER.findall(taxon.upper().removeprefix("CWE-"))[:1]


def _named(taxonomies: object, component: Json) -> Json:
    guid = component.get("guid")
    return next((one for one in tables(taxonomies) if guid and one.get("guid") == guid), {})
