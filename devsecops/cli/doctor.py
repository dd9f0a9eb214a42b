"""`devsecops doctor`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from devsecops import databases, manifest
from devsecops._version import __version__
from devsecops.advisories import store
from devsecops.advisories.source import home
from devsecops.errors import AdvisoryError
from devsecops.selection import ASKED
from devsecops.text import plural
from devsecops.tools import Tools

_LACKING = 3


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    found: str
    mend: str = ""
    """What is wrong with it, or what would bring it."""
    needed: bool = False
    """Whether every scan needs it."""
    there: bool = True


@click.command(short_help="Show what there is to scan with, and how to get what is missing.")
def command() -> int:
    """Show Python, the scanners, the advisories and Docker: what was found, and what to do about what was not.

    Ends with 3 where something that every scan needs is missing.
    """
    lacking = False
    for title, lines in (("This", _itself()), ("Scanners", _scanners()), ("Advisories", _advisories())):
        lacking |= _show(title, lines)
    lacking |= _show("Docker", _docker())
    return _LACKING if lacking else 0


def _show(title: str, lines: Iterator[_Line]) -> bool:
    """Print a group of lines; whether something that is needed is not there."""
    lacking = False
    click.echo(title)
    for line in lines:
        mark = "ok" if line.there else "MISSING" if line.needed else "-"
        click.echo(f"  {mark:<8} {line.name:<14} {line.found}".rstrip())
        if line.mend:
            click.echo(f"{'':<26}{line.mend}")
        lacking |= line.needed and not line.there
    return lacking


def _itself() -> Iterator[_Line]:
    yield _Line(name="devsecops", found=__version__)
    yield _Line(name="Python", found=f"{platform.python_version()}  {sys.executable}")


def _scanners() -> Iterator[_Line]:
    tools = Tools(Path("/nonexistent"))
    for scanner in manifest.all_scanners():
        program = tools.find(scanner.name, scanner.needs)
        data = databases.find(scanner.needs.database, os.environ) if scanner.needs.database else None
        problem = program.problem or (data.problem if data else "")
        dated = f"  database of {data.date[:10]}" if data and data.date else ""
        yield _Line(
            name=scanner.name,
            found=f"{program.tool.version}  {program.path}{dated}".strip(),
            mend=problem or program.note,
            needed=scanner.name in ASKED,
            there=not problem,
        )
    tools.remember()


def _advisories() -> Iterator[_Line]:
    ecosystems = [path.stem for path in sorted(home().glob("*.json"))]
    for ecosystem in ecosystems:
        try:
            one = store.summary_of(home(), ecosystem)
        except AdvisoryError as error:
            yield _Line(name=ecosystem, found="damaged", mend=f"{error.message}: {error.hint}", there=False)
        else:
            if one:
                yield _Line(name=ecosystem, found=f"{plural(one.records, 'record')}, the newest of {one.date[:10]}")
    if not ecosystems:
        yield _Line(name="imported", found="nothing: audits ask the OSV service", there=False)


def _docker() -> Iterator[_Line]:
    from devsecops.containers import daemon  # noqa: PLC0415  # the SDK is heavy

    found, attempts = daemon.find()
    for one in attempts:
        mend = f"{one.problem}{f': {one.hint}' if one.hint else ''}"
        yield _Line(name=one.origin, found=one.address, mend=mend, there=False)
    if found:
        with found:
            facts = f"{found.version}, API {found.api}, {found.platform}"
        yield _Line(name=found.origin, found=f"{found.address}  {facts}")
