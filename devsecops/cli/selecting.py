"""The options that say what is scanned, and by which scanners."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from devsecops.config import Raw
from devsecops.model import Kind

_OPTIONS = (
    click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Configuration to trust, in place of the repository's own.",
    ),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice([kind.value for kind in Kind]),
        help="Only this kind of check; repeatable.",
    ),
    click.option("--scanner", "only", multiple=True, metavar="NAME", help="Only this scanner; repeatable."),
    click.option("--skip", multiple=True, metavar="NAME", help="Not this scanner; repeatable."),
    click.option("--service", "services", multiple=True, metavar="NAME", help="Only this service; repeatable."),
    click.option("--exclude", multiple=True, metavar="GLOB", help="Leave out paths; repeatable."),
    click.option(
        "--trust",
        type=click.Choice(["auto", "untrusted", "local", "trusted"]),
        default="auto",
        help="What the repository's own configuration may do.  [default: auto]",
    ),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, for every command that looks for something to scan."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def table(keys: dict[str, Any]) -> Raw:
    """The options as keys of `[scan]`, as click gives them; empty ones too."""
    return {name: list(keys[name]) for name in ("exclude", "kinds", "only", "skip", "services")}
