"""The reports that `-o FORMAT=FILE` asks for: checked before the work, written after it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from devsecops import files
from devsecops.errors import DevsecopsError, OutputError, ReportError, UsageError
from devsecops.model import Message, Outcome
from devsecops.text import one_line
from devsecops.writers import BILLS, GITLAB_SCHEMAS, PROJECTIONS, WRITERS, Writer, projection, writer

_FORMATS = (*WRITERS, *PROJECTIONS, *BILLS)
_SOURCE = 64 << 20  # bytes of a source file that are read for a fingerprint


class Target(NamedTuple):
    """A report that is to be written."""

    format: str
    file: str
    """`-` for standard output."""
    gitlab_schema: str = ""
    """For GitLab's own reports; empty for the default."""


def option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `-o FORMAT=FILE` and `--gitlab-schema`, for every command that writes reports."""
    schema = click.option(
        "--gitlab-schema",
        type=click.Choice(GITLAB_SCHEMAS),
        default="15.1",
        show_default=True,
        help="Schema of GitLab's own reports.",
    )
    return _output(schema(command))


def _output(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "-o",
        "--output",
        "reports",
        multiple=True,
        metavar="FORMAT=FILE",
        help=f"Write a report: {', '.join(_FORMATS)}; repeatable; - for standard output.",
    )(command)


def targets(reports: Iterable[str], gitlab_schema: str = "") -> list[Target]:
    """What the options say, seen before the work that it can be written after it.

    Raises:
        UsageError: a format is not known, a place cannot be written, or two reports have one place.
    """
    found = [_target(report)._replace(gitlab_schema=gitlab_schema) for report in reports]
    taken: set[Path | str] = set()
    for target in found:
        place = target.file if target.file == "-" else Path(target.file).resolve()
        if place in taken:
            raise UsageError(f"two reports would be written to {target.file}")
        taken.add(place)
        if target.file != "-":
            files.check_writable(Path(target.file))
    return found


def use_stdout(targets: Iterable[Target]) -> bool:
    """Whether standard output belongs to a report."""
    return any(target.file == "-" for target in targets)


def write(outcome: Outcome, targets: Sequence[Target], log: bytes | None = None, root: Path = Path()) -> bool:
    """Write the reports, all that can be; whether every one stands.

    Args:
        outcome: what the reports are about.
        targets: as `targets` gives them.
        log: the canonical log, where the command has one: what the outcome has no words for is kept. None to make it
            of the outcome.
        root: the folder of the sources that the log speaks of.
    """
    text_of = partial(_text, root.resolve())

    @cache
    def canonical() -> bytes:
        return b"".join(writer("sarif")(outcome)) if log is None else log

    written = True
    taken = {Path(target.file).resolve() for target in targets if target.file != "-"}
    for target in targets:
        try:
            if target.format in PROJECTIONS:
                projected = projection(target.format)(canonical(), outcome, text_of)
                _write_parts(target, projected.files, taken)
                _say(target, projected.notes)
            else:
                given = target.format == "sarif" and log is not None
                _put(target.file, [canonical()] if given else _writer(target)(outcome))
        except DevsecopsError as error:
            click.echo(f"error: {error.message}" + (f"\nhint: {error.hint}" if error.hint else ""), err=True)
            written = False
    return written


def _writer(target: Target) -> Writer:
    return writer(target.format, gitlab_schema=target.gitlab_schema)


def _target(report: str) -> Target:
    """The format and the file of `FORMAT=FILE`."""
    name, separator, file = report.partition("=")
    formats = f"formats: {', '.join(_FORMATS)}"
    if not separator or not file:
        raise UsageError(f"-o {report}: give a format and a file", f"such as -o sarif=report.sarif; {formats}")
    if name not in _FORMATS:
        import difflib  # noqa: PLC0415  # only for a mistake

        near = difflib.get_close_matches(name, _FORMATS, n=1)
        raise UsageError(f"-o {report}: there is no format {name!r}", f"did you mean {near[0]!r}?" if near else formats)
    return Target(name, file)


def _text(root: Path, path: str) -> str | None:
    """The text of a file of the sources, with its own line ends; None where there is none that can be read."""
    try:
        return files.read_inside(root, root / path, _SOURCE).decode("utf-8", "replace")
    except ReportError:
        return None


def _say(target: Target, notes: Iterable[Message]) -> None:
    """What a report leaves out or cuts."""
    for note in notes:
        click.echo(f"{note.level}: {target.format}: {one_line(note.text)}", err=True)


def _write_parts(target: Target, parts: Sequence[Iterable[bytes]], taken: set[Path]) -> None:
    """Write a report of one or more files: `a.sarif`, `a-2.sarif` and so on."""
    if target.file == "-" and len(parts) > 1:
        raise OutputError(
            f"-o {target.format}=-: the report needs more than one file", f"name a file: -o {target.format}=FILE"
        )
    path = Path(target.file)
    for number, chunks in enumerate(parts, 1):
        place = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        if number > 1 and place.resolve() in taken:
            raise OutputError(f"cannot write {place}: another report is written there", "choose another name")
        _put(target.file if number == 1 else str(place), chunks)


def _put(file: str, chunks: Iterable[bytes]) -> None:
    if file == "-":
        sys.stdout.buffer.writelines(chunks)
        sys.stdout.buffer.flush()
    else:
        files.write(Path(file), chunks)
