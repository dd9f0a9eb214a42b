"""Finds and reads the configuration, and settles which of it is in force."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from devsecops import config as configuration
from devsecops import files
from devsecops.config import FILE_NAME, Config, Raw
from devsecops.errors import ReportError, UsageError
from devsecops.trust import Refusal, Trust, detect, sifted

_TABLE = "devsecops"
_LIMIT = 4 << 20  # bytes of a file
_DEEPEST = 20  # tables within tables


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration in force, and what became of the repository's own."""

    config: Config
    trust: Trust
    why: str
    """Why the run has that trust."""
    origin: str = ""
    """The file it came from, without its folder where that lies outside the root; empty where there is none."""
    threshold_origin: str = "default"
    """Where `policy.fail-on` was set, for people."""
    refused: tuple[Refusal, ...] = ()


def settle(
    root: Path, trust: str, env: Mapping[str, str], file: Path | None = None, over: Raw | None = None
) -> Settled:
    """The configuration in force for one run.

    Args:
        root: the scanned folder.
        trust: `auto`, or a value of `Trust`.
        env: the environment, for `auto`.
        file: a configuration file named by the pipeline, which is trusted; None for the repository's own.
        over: keys set on the command line, which win and are trusted.

    Raises:
        UsageError: the file or a key is wrong.
    """
    found, why = detect(env) if trust == "auto" else (Trust(trust), "as asked")
    own = find(root) if file is None else file
    raw: Raw = read_raw(own) if own else {}
    refused: list[Refusal] = []
    if file is None:
        raw, refused = sifted(raw, found)
    inside = own is not None and own.is_relative_to(root)
    name = "" if own is None else str(own.relative_to(root)) if inside else own.name
    where = "command line" if own is None else str(own.relative_to(root) if inside else own)
    return Settled(
        config=configuration.decode(configuration.merged(raw, over or {}), where),
        trust=found,
        why=why,
        origin=name,
        threshold_origin=_threshold_origin(raw, over or {}, name),
        refused=tuple(refused),
    )


def _threshold_origin(raw: Raw, over: Raw, name: str) -> str:
    if "fail-on" in over.get("policy", {}):
        return "command line"
    policy = raw.get("policy")
    return name if isinstance(policy, dict) and "fail-on" in policy else "default"


def find(root: Path) -> Path | None:
    """The configuration file of a repository: `devsecops.toml`, else `pyproject.toml` if it has our table.

    Raises:
        UsageError: one of them cannot be read.
    """
    own = root / FILE_NAME
    if own.is_symlink() or own.exists():
        return own
    project = root / "pyproject.toml"
    return project if project.exists() and _TABLE in _tables(project).get("tool", {}) else None


def read_raw(path: Path) -> Raw:
    """The tables of a configuration file, not yet checked.

    Raises:
        UsageError: the file is absent, unreadable, not TOML, or a pyproject.toml without our table.
    """
    tables = _tables(path)
    if path.name != "pyproject.toml":
        return tables
    found = tables.get("tool", {}).get(_TABLE)
    if not isinstance(found, dict):
        raise UsageError(f"{path}: has no table [tool.{_TABLE}]", f"add it, or name a {FILE_NAME}")
    return found


def _tables(path: Path) -> Raw:
    try:
        tables = tomllib.loads(files.read(path, _LIMIT).decode("utf-8-sig"))
    except ReportError as error:
        absent = not path.exists() and not path.is_symlink()
        said = "there is no such configuration file" if absent else error.message.removeprefix(f"{path.name} ")
        raise UsageError(f"{path}: {said}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8 (byte {error.start})", "save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: is not valid TOML: {error}") from None
    if _depth(tables) > _DEEPEST:
        raise UsageError(f"{path}: tables are nested more than {_DEEPEST} deep")
    if not isinstance(tables.get("tool", {}), dict):
        raise UsageError(f"{path}: tool is not a table")
    return tables


def _depth(value: object) -> int:
    """How deep tables and lists are nested; without recursion, as a file may be made to exhaust the stack."""
    deepest, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting += [(item, depth + 1) for item in inner]
    return deepest
