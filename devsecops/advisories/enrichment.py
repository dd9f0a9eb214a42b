"""What advisories say beyond a scanner's result: severity, score, weakness, aliases, fixed versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from devsecops.advisories import records
from devsecops.advisories.records import Record
from devsecops.advisories.source import Source
from devsecops.model import PackageLocation, Result, Rule
from devsecops.text import shorten

_HELP = 4000  # characters of an advisory's details


def enriched(results: Iterable[Result], source: Source) -> list[Result]:
    """The results; those of packages with what all records of their alias set say.

    Raises:
        AdvisoryError: the source does not answer.
    """
    known: dict[tuple[str, ...], Sequence[Record]] = {}
    found: list[Result] = []
    for result in results:
        if not isinstance(result.location, PackageLocation):
            found.append(result)
            continue
        names = (result.rule.id, *result.aliases)
        if names not in known:
            known[names] = source.alike(names)
        found.append(_enriched(result, result.location, known[names]))
    return found


def _enriched(result: Result, location: PackageLocation, about: Sequence[Record]) -> Result:
    valid = [record for record in about if not record.withdrawn]
    withdrawn = sorted({record.id for record in about if record.withdrawn})
    grade = records.grade(valid)
    name, _, version = location.purl.rpartition("/")[2].partition("@")
    identifiers = {identifier for record in valid for identifier in (record.id, *record.aliases)}
    summary = next((record.summary for record in valid if record.summary), "")
    note = f" ({', '.join(withdrawn)} about it is withdrawn)" if withdrawn else ""
    return msgspec.structs.replace(
        result,
        rule=_rule(result.rule, valid, summary),
        severity=grade.severity,
        score=grade.score,
        vector=grade.vector,
        message=f"{name} {version} is affected by {result.rule.id}: {summary or _first_words(valid, result)}{note}",
        aliases=tuple(sorted({*result.aliases, *identifiers} - {result.rule.id})),
        fixed=records.fixed(valid, "PyPI", name, version) or result.fixed,
    )


def _rule(rule: Rule, about: Sequence[Record], summary: str) -> Rule:
    details = next((record.details for record in about if record.details), rule.help)
    return msgspec.structs.replace(
        rule, name=summary, help=shorten(details.strip(), _HELP), cwe=records.cwe(about) or rule.cwe
    )


def _first_words(about: Sequence[Record], result: Result) -> str:
    details = next((record.details for record in about if record.details), result.rule.help)
    return shorten(" ".join(details.split()), 300)
