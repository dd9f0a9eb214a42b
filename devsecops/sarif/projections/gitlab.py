"""The projection for GitLab's `artifacts:reports:sarif`.

What it does, and why, follows GitLab's page "SARIF"; docs/projections.md lists it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from devsecops.model import Message, Result, Suppression
from devsecops.sarif.projections import findings
from devsecops.sarif.projections.runs import Key, Row, Source, head, joined, named
from devsecops.sarif.projections.shared import Group, Json, Projected, dump, is_incomplete, of_runs
from devsecops.text import clean, plural, shorten

RUNS: Final = 20
RESULTS: Final = 5_000
"""Results of a run that are taken: the first ones."""
BYTES: Final = 9_900_000
"""Bytes of the file, not compressed: GitLab's default limit is 10 MB, and the heads of the runs need some."""
_HEAD: Final = 2_000  # bytes of a run without results and rules


class _Run(msgspec.Struct):
    """A run as it fills."""

    raw: Json
    complete: bool
    rules: dict[str, tuple[int, bytes]]
    """Identifier to place in the table, and JSON."""
    lines: list[bytes]
    left_out: int = 0


def project(log: Json, groups: Iterable[Group]) -> Projected:
    """The one file that GitLab takes of a job, the worst findings first.

    Args:
        log: the canonical log.
        groups: the findings in it, worst first.
    """
    source = Source(log)
    rows = [source.row(sorted(group, key=lambda one: bool(one[2].suppressions))) for group in groups]
    same = _finish(rows)
    runs = _runs(source, [source.keys[group[0][0]] for group, _ in rows])
    _fill(source, rows, runs)
    data, notes = _written(runs)
    others = sorted({named(key) for key in source.keys if key not in runs})
    if others:
        text = f"left out, as GitLab takes no more than {RUNS} runs: {', '.join(others)}"
        notes.append(Message(id="devsecops/cut", text=text))
    if same:
        text = f"{plural(same, 'finding')} with the rule and the lines of another, which GitLab shows as one"
        notes.append(Message(id="devsecops/same-place", text=text, level="note"))
    return Projected(files=(of_runs(data),), notes=tuple(notes))


def _finish(rows: Sequence[Row]) -> int:
    """What only GitLab reads: the severity as a rank, suppressions, and a place for each that has no line.

    Returns how many findings cannot be told apart from another, by their rule, file and lines.
    """
    taken: set[tuple[object, ...]] = set()
    same = 0
    for group, row in rows:
        first = group[0][2]
        score = findings.score(first)
        if score is not None:
            row["rank"] = round(score * 10, 1)
        if first.suppressions:
            said = [_suppression(one) for one in first.suppressions]
            row["suppressions"] = [one for at, one in enumerate(said) if one not in said[:at]]
        physical = row["locations"][0]["physicalLocation"]
        region = physical["region"]
        while _identity(row) in taken and not getattr(first.location, "line", 0):
            region["startLine"] += 1  # the line is not known, and results without one would become one
        same += _identity(row) in taken
        taken.add(_identity(row))
    return same


def _identity(row: Json) -> tuple[object, ...]:
    """What GitLab tells findings apart by."""
    physical = row["locations"][0]["physicalLocation"]
    region = physical["region"]
    return row["ruleId"], physical["artifactLocation"]["uri"], region["startLine"], region.get("endLine")


def _suppression(suppression: Suppression) -> Json:
    found: Json = {"kind": "external" if suppression.external else "inSource", "status": "accepted"}
    if suppression.reason:
        found["justification"] = shorten(clean(suppression.reason), findings.LONGEST)
    return found


def _runs(source: Source, keys: Iterable[Key]) -> dict[Key, _Run]:
    """The runs that are taken: of too many, those whose findings are worst."""
    order = dict.fromkeys([*keys, *sorted(source.keys)])
    taken = sorted(list(order)[:RUNS])
    found = {}
    for key in taken:
        raws = [run for one, run in zip(source.keys, source.runs, strict=True) if one == key]
        found[key] = _Run(raws[0], not any(map(is_incomplete, raws)), {}, [])
    return found


def _fill(source: Source, rows: Sequence[Row], runs: dict[Key, _Run]) -> None:
    """Put results into their runs, worst first, until the file is full."""
    by_rule: defaultdict[tuple[Key, str], list[Result]] = defaultdict(list)
    for group, row in rows:
        by_rule[source.keys[group[0][0]], row["ruleId"]].append(group[0][2])
    left = BYTES - _HEAD * len(runs)
    for group, row in rows:
        key = source.keys[group[0][0]]
        run = runs.get(key)
        if run is None:
            continue
        name = row["ruleId"]
        results = by_rule[key, name]
        place, rule = run.rules.get(name) or (len(run.rules), dump(findings.rule(results, name, _tags(results))))
        row["ruleIndex"] = place
        line = dump(row)
        size = len(line) + 2 + (0 if name in run.rules else len(rule) + 1)
        if len(run.lines) < RESULTS and size <= left:
            run.rules[name] = place, rule
            run.lines.append(line)
            left -= size
        else:
            run.left_out += 1


def _tags(results: Sequence[Result]) -> Iterator[str]:
    """Tags as GitLab reads identifiers from: `cwe-79`, `cve:CVE-2018-1000656`."""
    yield "security"
    for result in results:
        yield from (f"cwe-{number}" for number in result.rule.cwe)
    for result in results:
        yield from (f"cve:{name}" for name in (result.rule.id, *result.aliases) if name.upper().startswith("CVE-"))


def _written(runs: dict[Key, _Run]) -> tuple[list[bytes], list[Message]]:
    data: list[bytes] = []
    notes: list[Message] = []
    for key, run in runs.items():
        said = []
        if not run.complete:
            text = f"{named(key)} is not complete: what it does not report may still be there"
            said.append(Message(id="devsecops/incomplete", text=text, level="error"))
        if run.left_out:
            text = f"{named(key)}: the least severe {plural(run.left_out, 'finding')} left out: GitLab takes no more"
            said.append(Message(id="devsecops/cut", text=text))
        notes += said
        rules = [msgspec.Raw(rule) for _, rule in run.rules.values()]
        data.append(joined(head(key, run.raw, rules, said, complete=run.complete), run.lines))
    return data, notes
