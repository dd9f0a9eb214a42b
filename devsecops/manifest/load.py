"""Finds manifests and checks them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from devsecops import assets
from devsecops.config import seconds
from devsecops.errors import UsageError
from devsecops.manifest.spec import JobSpec, Manifest
from devsecops.manifest.tool import ManifestScanner
from devsecops.readers import READERS
from devsecops.scanner import Scanner

ENTRY_POINTS = "devsecops.scanners"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = frozenset({"report", "alias", "osv", "assets", "files", "image", "database"})


def bundled() -> list[ManifestScanner]:
    """The scanners that ship with devsecops, by name."""
    return _in_folder(assets.folder("scanners"), check=False)


def all_scanners(folders: Iterable[Path] = ()) -> list[Scanner]:
    """Bundled scanners, those of other installed packages and those of the named folders, by name.

    Args:
        folders: folders of scanner folders, from trusted configuration only.

    Raises:
        UsageError: a manifest is wrong, a package fails to load, or two scanners have one name.
    """
    found: dict[str, Scanner] = {}
    everyone: list[Sequence[Scanner]] = [bundled(), _installed(), *(_in_folder(folder) for folder in folders)]
    for scanner in (scanner for group in everyone for scanner in group):
        if scanner.name in found:
            raise UsageError(f"two scanners have the name {scanner.name!r}", "rename or remove one of them")
        found[scanner.name] = scanner
    return [found[name] for name in sorted(found)]


def load(path: Path, *, check: bool = True) -> ManifestScanner:
    """The scanner that a `scanner.toml` describes.

    Args:
        path: the manifest.
        check: whether to see that its expressions and patterns are valid; those of ours are seen to in tests.

    Raises:
        UsageError: the file is absent, not TOML, has unknown keys or says something that cannot work.
    """
    try:
        manifest = msgspec.toml.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}", "docs/scanners.md describes the manifest") from None
    for problem in _problems(manifest) if check else ():
        raise UsageError(f"{path}: {problem}", "docs/scanners.md describes the manifest")
    return ManifestScanner(manifest, path.parent)


def _in_folder(folder: Path, *, check: bool = True) -> list[ManifestScanner]:
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder of scanners")
    return [load(path, check=check) for path in sorted(folder.glob("*/scanner.toml"))]


def _installed() -> list[Scanner]:
    """Scanners of other packages: an entry point is a Scanner or a function without arguments that makes one."""
    if not any(_names_us(Path(folder)) for folder in sys.path):
        return []
    from importlib.metadata import entry_points  # noqa: PLC0415  # takes longer to import than a scan to plan

    scanners: list[Scanner] = []
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            loaded = entry.load()
            scanners.append(loaded() if callable(loaded) else loaded)
        except Exception as error:
            raise UsageError(
                f"the scanner {entry.name!r} of an installed package fails to load: {type(error).__name__}: {error}",
                f"repair or uninstall the package behind {entry.value}",
            ) from error
    return scanners


def _names_us(folder: Path) -> bool:
    """Whether a package in a folder of `sys.path` has entry points of our group."""
    try:
        found = (path.read_bytes() for path in folder.glob("*.dist-info/entry_points.txt"))
        return any(ENTRY_POINTS.encode() in text for text in found)
    except OSError:  # a folder that this user may not enter: nothing can be imported from it either
        return False


def _problems(manifest: Manifest) -> Iterator[str]:
    if not manifest.job:
        yield "there is no [[job]]"
    images = {job.scope == "image" for job in manifest.job}
    if len(images) > 1:
        yield "a scanner examines either images or files"
    if images == {False} and not manifest.detect.files:
        yield "[detect] names no files"
    for job in manifest.job:
        yield from _job_problems(manifest, job)
    if manifest.results:
        from devsecops.readers import plain  # noqa: PLC0415  # brings JMESPath

        try:
            plain.reader(manifest.results)
        except ValueError as error:
            yield f"[results] has an invalid JMESPath expression: {error}"
    for pattern in (*manifest.stderr.failed, *manifest.stderr.partial, *manifest.stderr.ignore):
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"[stderr] has an invalid regular expression {pattern!r}: {error}"


def _job_problems(manifest: Manifest, job: JobSpec) -> Iterator[str]:
    if not job.argv:
        yield "a [[job]] has an empty argv"
    if job.report == "results" and manifest.results is None:
        yield "a [[job]] has no report and there is no [results]"
    if job.report != "results" and job.report not in READERS:
        yield f"there is no reader {job.report!r}; known: {', '.join(sorted(READERS))}"
    if not job.exit.meanings():
        yield "a [[job]] has no exit codes: say which one means clean"
    for word in job.argv[1:] if job.argv[:1] == ("{python}",) else job.argv:
        for name in _PLACEHOLDER.findall(word):
            if name.partition(":")[0] not in {*_KNOWN, *manifest.options, "input"}:
                yield f"unknown placeholder {{{name}}} in {word!r}"
    try:
        seconds(job.timeout, "timeout")
    except UsageError as error:
        yield error.message
