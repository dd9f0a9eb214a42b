"""The projection for GitHub code scanning.

What it does, and why, follows GitHub's page "SARIF support for code scanning" and what its uploads are known to be
refused for; docs/projections.md lists it.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from devsecops.model import CREDENTIALS, Message, Result, Severity
from devsecops.sarif.projections import findings
from devsecops.sarif.projections.lines import line_hashes
from devsecops.sarif.projections.runs import Key, Row, Source, head, joined, named
from devsecops.sarif.projections.shared import (
    Group,
    Json,
    Projected,
    TextOf,
    dump,
    is_incomplete,
    objects,
    of_runs,
    written,
)
from devsecops.text import plural

RUNS: Final = 20
"""Runs of a file; with more it is refused."""
RESULTS: Final = 5_000
"""Results of a run that are shown."""
BYTES: Final = 9_500_000
"""Bytes of a compressed file; GitHub refuses 10 MB, and another compressor may do a little worse."""
_LINE_HASH: Final = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")


def project(log: Json, groups: Iterable[Group], text_of: TextOf) -> Projected:
    """The files to upload to GitHub.

    A category that is not complete is left out, as GitHub takes an alert for fixed that is not in its latest upload.

    Args:
        log: the canonical log.
        groups: the findings in it, worst first.
        text_of: gives the sources, which GitHub's fingerprints are computed from.
    """
    source = Source(log)
    first = dict(reversed(list(zip(source.keys, source.runs, strict=True))))
    incomplete = {key for key, run in zip(source.keys, source.runs, strict=True) if is_incomplete(run)}
    rows: dict[Key, list[Row]] = {key: [] for key in sorted(first) if key not in incomplete}
    hidden: Counter[str] = Counter()
    for group in groups:
        shown = [one for one in group if not one[2].suppressions]
        speaking = [one for one in shown if source.keys[one[0]] in rows]
        if speaking:
            row = source.row([*speaking, *(one for one in shown if source.keys[one[0]] not in rows)])
            rows[source.keys[speaking[0][0]]].append(row)
            hidden["long"] += findings.is_long(source.raw(speaking[0]))
        else:
            hidden["incomplete" if shown else "suppressed"] += 1
    notes = [*_left_out(incomplete, hidden)]
    _fingerprint(source, [row for some in rows.values() for row in some[:RESULTS]], text_of)
    packed = [_packed(key, first[key], some, notes) for key, some in rows.items()]
    return Projected(files=tuple(map(of_runs, _files(packed))), notes=tuple(notes))


def _left_out(incomplete: Iterable[Key], hidden: Counter[str]) -> Iterator[Message]:
    for key in sorted(incomplete):
        text = f"{named(key)} is left out, as it is not complete and what it misses would pass for fixed"
        yield Message(id="devsecops/left-out", text=text)
    texts = {
        "incomplete": ("warning", "left out with what is not complete"),
        "suppressed": ("note", "left out that are suppressed or waived, which GitHub would show"),
        "long": ("note", f"with code flows of more than {findings.STEPS:,} steps, cut"),
    }
    for name, (level, text) in texts.items():
        if hidden[name]:
            yield Message(id="devsecops/left-out", text=f"{plural(hidden[name], 'finding')} {text}", level=level)


def _fingerprint(source: Source, rows: Sequence[Row], text_of: TextOf) -> None:
    """Give each result the fingerprint that GitHub tracks it by: the tool's, the source's, or one of ours."""
    wanted: defaultdict[str, set[int]] = defaultdict(set)
    for group, row in rows:
        if not _is_secret(group[0][2]):
            path, line = _place(row)
            wanted[path].add(line)
    hashes = {path: line_hashes(text_of(path), lines) for path, lines in sorted(wanted.items())}
    for group, row in rows:
        path, line = _place(row)
        given = written(objects(source.raw(group[0]), "partialFingerprints"), "primaryLocationLineHash")
        if not _LINE_HASH.fullmatch(given):
            given = "" if _is_secret(group[0][2]) else hashes[path].get(line, "")
        row["partialFingerprints"] = {"primaryLocationLineHash": given or _own(group[0][2], path)}


def _place(row: Json) -> tuple[str, int]:
    physical = row["locations"][0]["physicalLocation"]
    return unquote(physical["artifactLocation"]["uri"]), physical["region"]["startLine"]


def _is_secret(result: Result) -> bool:
    """Whether the line may hold a secret: GitHub's hash of it could be turned back into it."""
    return not CREDENTIALS.isdisjoint(result.rule.cwe) or any(one.startswith("secret/") for one in result.fingerprints)


def _own(result: Result, path: str) -> str:
    """A fingerprint of GitHub's form that does not come from the text of the line."""
    from hashlib import sha256  # noqa: PLC0415  # only where there are results

    said = result.fingerprints[0] if result.fingerprints else f"{result.rule.id}\0{path}\0{result.message}"
    return sha256(said.encode("utf-8", "replace")).hexdigest()[:16] + ":1"


def _packed(key: Key, raw: Json, rows: Sequence[Row], notes: list[Message]) -> tuple[bytes, int]:
    """A run, cut to what GitHub takes, and its compressed size."""
    rules, results = _rules(rows[:RESULTS])
    lines = [dump(row) for row in results]
    lines = lines[: max(_fitting([dump(rules), *lines]) - 1, 0)]
    cut: list[Message] = []
    if len(lines) < len(rows):
        left = f"{len(rows) - len(lines):,} of {plural(len(rows), 'finding')}"
        cut = [
            Message(id="devsecops/cut", text=f"{named(key)}: the least severe {left} left out: GitHub shows no more")
        ]
        notes += cut
    data = joined(head(key, raw, rules, cut, complete=True), lines)
    return data, len(zlib.compress(data))


def _rules(rows: Sequence[Row]) -> tuple[list[Json], list[Json]]:
    """The rules of some results, and the results with their place in them.

    GitHub reads the severity from the rule only. A rule whose results differ in severity becomes one for each: the
    worst keeps the identifier, the others have their severity behind it.
    """
    by_rule: defaultdict[str, defaultdict[Severity, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for group, row in rows:
        by_rule[row["ruleId"]][group[0][2].severity].append(group[0][2])
    ids: dict[tuple[str, Severity], str] = {}
    rules: dict[str, Json] = {}
    for identity, variants in by_rule.items():
        for place, (severity, results) in enumerate(sorted(variants.items(), key=lambda one: one[0].rank)):
            name = f"{identity}/{severity.value}" if place else identity
            ids[identity, severity] = name
            rules[name] = findings.rule(results, name, _tags(results))
    order = {name: place for place, name in enumerate(sorted(rules))}
    for group, row in rows:
        row["ruleId"] = ids[row["ruleId"], group[0][2].severity]
        row["ruleIndex"] = order[row["ruleId"]]
    return [rules[name] for name in order], [row for _, row in rows]


def _tags(results: Sequence[Result]) -> Iterator[str]:
    yield "security"
    for result in results:
        yield from (f"external/cwe/cwe-{number:03}" for number in result.rule.cwe)
    for result in results:
        yield from (f"owasp/{category}" for category in result.rule.owasp)


def _fitting(pieces: Sequence[bytes]) -> int:
    """How many of some pieces fit into a file, compressed."""
    compressor = zlib.compressobj()
    size = 0
    for number, piece in enumerate(pieces):
        size += len(compressor.compress(piece))
        if size > BYTES:
            return number
    return len(pieces)


def _files(runs: Sequence[tuple[bytes, int]]) -> list[list[bytes]]:
    """Runs put into files, in their order."""
    files: list[list[bytes]] = [[]]
    left = BYTES
    for data, size in runs:
        if len(files[-1]) == RUNS or (files[-1] and size > left):
            files.append([])
            left = BYTES
        files[-1].append(data)
        left -= size
    return files
