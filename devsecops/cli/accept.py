"""`devsecops accept`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from devsecops import config as configuration
from devsecops import files
from devsecops.config import FILE_NAME


@click.command(short_help="Accept that something cannot be examined, in the configuration.")
@click.argument("what", metavar="PATH|package:NAME")
@click.option("--reason", required=True, help="Why it cannot be examined, and why that is acceptable.")
@click.option("--scanner", default="", metavar="NAME", help="Only for this scanner.")
@click.option(
    "--root",
    default=".",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The repository.  [default: .]",
)
def command(what: str, reason: str, scanner: str, root: Path) -> None:
    """Write a [[coverage.accept]] entry for PATH, a glob pattern, into devsecops.toml.

    What is accepted stays in every report, as a note.
    """
    path = root / FILE_NAME
    before = path.read_text("utf-8") if path.exists() else ""
    entry = {"path": what, "reason": reason} | ({"scanner": scanner} if scanner else {})
    lines = "".join(f"{key} = {_quoted(value)}\n" for key, value in entry.items())
    after = f"{before.rstrip()}\n\n[[coverage.accept]]\n{lines}".lstrip()
    configuration.decode(msgspec.toml.decode(after), str(path))
    files.write(path, [after.encode()])
    click.echo(f"{path}: accepted {what}")


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are valid in it."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
