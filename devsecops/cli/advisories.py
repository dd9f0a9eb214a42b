"""`devsecops advisories`."""

from __future__ import annotations

from pathlib import Path

import click

from devsecops.advisories import store
from devsecops.advisories.source import home
from devsecops.errors import UsageError
from devsecops.files import digest
from devsecops.text import plural


@click.group(short_help="Import and show the records that dependency audits use.")
def command() -> None:
    """Vulnerability records for audits without network.

    Without an imported archive, audits ask the OSV service.
    """


@command.command("import")
@click.argument("ecosystem")
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--sha256", metavar="HEX", help="Refuse the archive unless this is its checksum.")
def import_archive(ecosystem: str, archive: Path, sha256: str | None) -> None:
    """Import ARCHIVE, an all.zip as OSV publishes it or a folder of JSON records, for ECOSYSTEM (such as PyPI)."""
    if sha256 and digest(archive) != f"sha256:{sha256.lower()}":
        raise UsageError(f"{archive}: its checksum is not {sha256}", "get the archive again")
    summary = store.import_archive(archive, ecosystem, home())
    click.echo(f"{plural(summary.records, 'record')} of {ecosystem}, the newest of {summary.date[:10]}")


@command.command("status")
def status() -> None:
    """Show what has been imported."""
    summaries = [store.summary_of(home(), path.stem) for path in sorted(home().glob("*.json"))]
    for summary in summaries:
        if summary:
            click.echo(f"{summary.ecosystem:<12}{plural(summary.records, 'record'):<18}newest of {summary.date[:10]}")
    if not summaries:
        click.echo("Nothing has been imported; audits ask the OSV service.")
