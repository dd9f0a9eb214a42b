"""The command line: one module a command. The one place that turns errors and outcomes into exit codes."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from devsecops._version import __version__
from devsecops.errors import DevsecopsError

_SECTIONS = {
    "Scan and judge": {
        "scan": "Scan a repository, a folder or a file.",
        "plan": "Divide a scan into shards, for machines that work at the same time.",
        "merge": "Merge SARIF logs of any tools into one.",
        "gate": "Judge a SARIF log: the verdict and the exit code of a scan.",
        "report": "Write reports of a SARIF log.",
        "diff": "Compare two SARIF logs: what is new, fixed and unchanged.",
    },
    "Look around": {
        "services": "Show the services of a repository, with the reason for each.",
        "scanners": "Show the scanners: what is there, and how to get what is not.",
        "doctor": "Show what there is to scan with, and how to get what is missing.",
    },
    "Set up and keep up": {
        "advisories": "Import and show the records that dependency audits use.",
        "accept": "Accept that something cannot be examined, in the configuration.",
    },
}
_COMMANDS = {name: said for section in _SECTIONS.values() for name, said in section.items()}
_BUG = 70  # EX_SOFTWARE of sysexits.h


class _Commands(click.Group):
    """Imports a command only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"devsecops.cli.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS:
            import difflib  # noqa: PLC0415  # only for a mistake

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(_COMMANDS)}."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, section in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(section.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="devsecops", message="%(prog)s %(version)s")
def commands() -> None:
    """Security scanning for repositories of many services: one command, one verdict."""


def run(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code (docs/exit-codes.md)."""
    try:
        code = commands.main(arguments, prog_name="devsecops", standalone_mode=False)
    except DevsecopsError as error:
        _complain(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 3
    except Exception:  # noqa: BLE001  # the last resort: anything that comes here is a bug
        _report_bug()
        return _BUG
    return code if isinstance(code, int) else 0


def _complain(message: str, hint: str) -> None:
    click.echo(f"error: {message}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)


def _report_bug() -> None:
    import traceback  # noqa: PLC0415  # only for a bug

    trace = traceback.format_exc()
    click.echo(
        f"This is a bug in devsecops {__version__} (Python {sys.version.split()[0]}, {sys.platform}); nothing can be "
        f"said about the scan.\nPlease report it with the lines below.\n\n{trace}",
        err=True,
    )
