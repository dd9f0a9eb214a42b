"""`devsecops services`."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from devsecops.model import Service
from devsecops.preparation import discovered
from devsecops.text import one_line, plural


@click.command(short_help="Show the services of a repository, with the reason for each.")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration to use, in place of the repository's own.",
)
def command(path: Path, config_file: Path | None) -> None:
    """Show the services of the repository at PATH, with the reason for each."""
    found = discovered(path, config_file)
    for service in found.all:
        for line in _lines(service):
            click.echo(line)
    if found.fixtures:
        click.echo(
            f"\n{plural(found.fixtures, 'manifest')} in folders of tests, examples or documentation: no services."
        )


def _lines(service: Service) -> list[str]:
    facts = {
        "languages": ", ".join(service.languages),
        "because of": ", ".join(service.reasons),
        "Dockerfile": service.dockerfile,
        "image": service.image,
        "OpenAPI": service.openapi,
        "URL": service.url,
        "owners": ", ".join(service.owners),
    }
    lines = [f"{one_line(service.name)}  ({one_line(service.folder)})"]
    for name, value in facts.items():
        if value:
            lines += textwrap.wrap(
                one_line(value), 80, initial_indent=f"  {name:<11} ", subsequent_indent=" " * 14, break_on_hyphens=False
            )
    return lines
