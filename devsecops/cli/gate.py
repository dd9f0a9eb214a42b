"""`devsecops gate`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from devsecops import config as configuration
from devsecops import settings
from devsecops.cli import ending, logs, publishing
from devsecops.config import Raw
from devsecops.model import Policy
from devsecops.text import inert, one_line

_SEVERITIES = ("critical", "high", "medium", "low", "info", "none")


@click.command(short_help="Judge a SARIF log: the verdict and the exit code of a scan.")
@click.argument("log", metavar="LOG...", nargs=-1, required=True)
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Configuration with the policy."
)
@click.option("--fail-on", type=click.Choice(_SEVERITIES), help="Fail on findings of this severity or worse.")
@click.option("--require", multiple=True, metavar="KIND[,KIND]", help="Incomplete unless this kind was examined.")
@click.option("--allow-incomplete", is_flag=True, help="Pass although something was not checked; it is said.")
@publishing.option
@click.option("-q", "--quiet", is_flag=True, help="Print the verdict only.")
@click.option("-v", "--verbose", is_flag=True, help="Print all findings.")
def command(
    log: tuple[str, ...],
    config_file: Path | None,
    *,
    publish: bool,
    quiet: bool,
    verbose: bool,
    **keys: Any,  # noqa: ANN401  # as click gives them
) -> int:
    """Judge LOG, a SARIF 2.1.0 log of devsecops or of any other tool; - for standard input. Several count as one.

    A log of a scan is judged by the policy that is stored in it, on what it now says; a log of another tool by the
    default policy. Options and --config come before both, which is said.
    """
    told = publishing.system() if publish else None
    _, outcome = logs.read(log)
    in_force = outcome.policy
    if config_file:
        in_force = _changed(in_force, settings.read_raw(config_file), config_file.name)
    in_force = _changed(in_force, _options(keys), "command line")
    for line in _changes(outcome.policy, in_force):
        click.echo(inert(line))
    outcome = logs.judged(outcome, in_force)
    ending.summary(outcome, quiet=quiet, verbose=verbose, to_stderr=False)
    code = ending.code(outcome)
    return ending.told(told, outcome, code, to_stderr=False) if told else code


def _options(keys: dict[str, Any]) -> Raw:
    """The options as keys of the configuration."""
    said = {"fail-on": keys["fail_on"], "allow-incomplete": keys["allow_incomplete"]}
    kinds = [kind.strip() for text in keys["require"] for kind in text.split(",") if kind.strip()]
    return {"policy": {key: value for key, value in said.items() if value}, "scan": {"require": kinds}}


def _changed(policy: Policy, raw: Raw, origin: str) -> Policy:
    """The policy with the keys that a configuration sets; required kinds are added to.

    Raises:
        UsageError: a key or a value is wrong.
    """
    config = configuration.decode(raw, origin)
    given = raw.get("policy", {})
    require = (*policy.require, *(kind for kind in config.scan.require if kind not in policy.require))
    changed = msgspec.structs.replace(policy, require=require)
    if "fail-on" in given:
        changed = msgspec.structs.replace(changed, fail_on=config.policy.threshold, origin=origin)
    if "allow-incomplete" in given:
        changed = msgspec.structs.replace(changed, allow_incomplete=config.policy.allow_incomplete)
    if "unknown-coverage" in given:
        changed = msgspec.structs.replace(changed, unknown_coverage=config.policy.unknown_coverage)
    return changed


def _changes(stored: Policy, in_force: Policy) -> Iterator[str]:
    """A line for each key of the policy that differs from the one in the log."""
    for (key, said), (_, now) in zip(_keys(stored), _keys(in_force), strict=True):
        if said != now:
            yield one_line(f"Policy: {key} = {now}, in place of {said}")


def _keys(policy: Policy) -> Sequence[tuple[str, str]]:
    threshold = policy.fail_on.value if policy.fail_on else "none"
    return (
        ("fail-on", f'"{threshold}" ({policy.origin})'),
        ("require", str([kind.value for kind in policy.require])),
        ("allow-incomplete", str(policy.allow_incomplete).lower()),
        ("unknown-coverage", f'"{policy.unknown_coverage}"'),
    )
