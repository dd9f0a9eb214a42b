"""`devsecops scanners`."""

from __future__ import annotations

from pathlib import Path

import click

from devsecops import manifest
from devsecops.selection import ASKED
from devsecops.tools import Tools


@click.command(short_help="Show the scanners: what is there, and how to get what is not.")
@click.option(
    "--folder",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A folder of scanner manifests of your own; repeatable.",
)
def command(folders: tuple[Path, ...]) -> None:
    """Show the scanners: their kind, the version found, or what is missing and how to get it."""
    tools = Tools(Path("/nonexistent"))
    click.echo(f"{'scanner':<12}{'kind':<14}{'version':<12}{'runs':<15}")
    for scanner in manifest.all_scanners([folder.resolve() for folder in folders]):
        program = tools.find(scanner.name, scanner.needs)
        runs = "always" if scanner.name in ASKED else "where installed"
        click.echo(f"{scanner.name:<12}{scanner.kind.value:<14}{program.tool.version or '-':<12}{runs:<15}")
        if program.problem or program.note:
            click.echo(f"  {program.problem or program.note}")
    tools.remember()
