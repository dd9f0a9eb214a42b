"""`devsecops merge`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import click
import msgspec

from devsecops import division, files
from devsecops.cli import logs, outputs
from devsecops.errors import OutputError, UsageError
from devsecops.model import Outcome
from devsecops.sarif import Merged, Source, Tally, merge
from devsecops.text import inert, one_line, plural

_INCOMPLETE = 3
_SHOWN = 10  # lines of each kind
_SCHEMA_LIMIT = 4 << 20  # bytes


@click.command(short_help="Merge SARIF logs of any tools into one.")
@click.argument("log", metavar="LOG...", nargs=-1, required=True)
@outputs.option
@click.option("--verify", type=click.Path(path_type=Path), metavar="SCHEMA", help="Check against this JSON Schema too.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Incomplete unless each part of this plan is there once, and nothing else.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print problems only.")
def command(
    log: tuple[str, ...],
    reports: Sequence[str],
    *,
    gitlab_schema: str,
    verify: Path | None,
    plan: Path | None,
    quiet: bool,
) -> int:
    """Merge LOG, SARIF 2.1.0 logs of any tools; a folder stands for all *.sarif files in it.

    Each result is written once, and everything that it points at by index is kept. A log that breaks the rules of SARIF
    is repaired, which is said; one that cannot be read makes the merge incomplete, exit code 3, with all others in it.
    What is written is always checked for integrity; --verify names OASIS's sarif-schema-2.1.0.json for a check against
    it, too. No verdict is given: that is for `devsecops gate`.
    """
    targets = outputs.targets(reports, gitlab_schema)
    if not targets:
        raise UsageError("nothing says where the merged log is to go", "-o sarif=merged.sarif")
    schema = files.read(verify, _SCHEMA_LIMIT) if verify else b""
    inspect = division.inspector(plan) if plan else None
    merged = merge([_source(name) for name in _named(log)], judge=logs.verdict, inspect=inspect)
    written = _write(merged, targets, schema)
    for line in _said(merged, quiet=quiet):
        click.echo(inert(line), err=outputs.use_stdout(targets))
    whole = written and not merged.problems and not any(note.level == "error" for note in merged.notes)
    return 0 if whole else _INCOMPLETE


def _write(merged: Merged, targets: Sequence[outputs.Target], schema: bytes) -> bool:
    """Write the reports; the log alone goes to its file as it comes, without being held."""
    (first, *others) = targets
    if not others and first.format == "sarif" and first.file != "-" and not schema:
        try:
            files.write(Path(first.file), merged)
        except OutputError as error:
            click.echo(f"error: {error.message}\nhint: {error.hint}", err=True)
            return False
        return True
    data = b"".join(merged)
    if schema:
        from devsecops.sarif.integrity.validation import validate  # noqa: PLC0415  # brings jsonschema-rs

        merged.problems += validate(data, schema)
    outcome = Outcome() if all(target.format == "sarif" for target in targets) else logs.outcome_of(data)
    return outputs.write(outcome, targets, data)


def _named(names: Iterable[str]) -> list[str]:
    """The logs that the arguments name, each once."""
    found: dict[str, None] = {}
    for name in names:
        if name != "-" and Path(name).is_dir():
            inside = sorted(str(path) for path in Path(name).rglob("*.sarif") if path.is_file())
            if not inside:
                raise UsageError(f"{name}: there is no *.sarif file in this folder")
            found |= dict.fromkeys(inside)
        else:
            found[name] = None
    return list(found)


def _source(name: str) -> Source:
    return Source(logs.said(name), partial(logs.read_bytes, name))


def _said(merged: Merged, *, quiet: bool) -> Iterator[str]:
    """What became of the results, what was repaired and what could not be."""
    if not quiet:
        total = Tally()
        for tally in merged.tallies.values():
            total = total.plus(tally)
        yield f"{plural(total.read, 'result')} read: {_counts(total)}"
        if len(merged.tallies) > 1:
            yield from (f"  {one_line(name)}: {_counts(tally)}" for name, tally in sorted(merged.tallies.items()))
        repairs = [
            f"repaired: {one_line(name)}: {text}" + (f" ({count:,} times)" if count > 1 else "")
            for (name, text), count in sorted(merged.repairs.items())
        ]
        yield from _first(repairs)
    yield from _first([f"error: {one_line(note.text)}" for note in merged.notes if note.level == "error"])
    yield from _first([f"error: the merged log: {one.place} {one.text}" for one in merged.problems])


def _counts(tally: Tally) -> str:
    said = {name: count for name, count in msgspec.structs.asdict(tally).items() if name != "read"}
    return ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in said.items() if count or name == "written"
    )


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"… and {len(lines) - _SHOWN:,} more of these"
