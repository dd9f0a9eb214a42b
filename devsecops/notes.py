"""What a scan says about itself: what was left out, refused or is covered by nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from devsecops import model
from devsecops.listing import LeftOut
from devsecops.model import Execution, Kind, Message, Part, Service, Status
from devsecops.services import markers
from devsecops.settings import Settled
from devsecops.text import one_line, plural
from devsecops.trust import KeyClass

_REASONS = {
    "vendored": "third-party code",
    "excluded": "excluded by configuration",
    "link": "a symbolic link that leaves the repository",
}
_AUDITED = frozenset({"python"})
"""Languages whose lock files a scanner of ours reads."""


def left_out(entries: Iterable[LeftOut]) -> Iterator[Message]:
    """A note for each thing that is not looked at; one that could not be read is an error."""
    for entry in entries:
        path = one_line(entry.path)
        if entry.reason == "unreadable":
            yield Message(id="unreadable", level="error", text=f"cannot be read: {path}", path=path)
        elif entry.reason == "ignored":
            text = f"{plural(entry.count, 'file or folder', 'files or folders')} ignored by .gitignore"
            yield Message(id="left-out", level="note", text=text)
        else:
            text = f"{plural(entry.count, 'file')} of {path}: {_REASONS[entry.reason]}"
            yield Message(id="left-out", level="note", text=text, path=path)


def refused(settled: Settled) -> Iterator[Message]:
    """A note for each key of the repository's own configuration that this run does not take."""
    for refusal in settled.refused:
        kind = "runs something" if refusal.key_class is KeyClass.EXECUTING else "loosens the check"
        run = f"this run is {settled.trust.value} ({settled.why})"
        text = f"{settled.origin}: {refusal.key} was not taken: it {kind}, and {run}"
        yield Message(id="refused", level="warning", text=text)


def set_aside(counts: Mapping[str, int]) -> Iterator[Message]:
    """A note for each scanner that reported something in files that are left out."""
    for scanner, count in sorted(counts.items()):
        text = f"{plural(count, 'result')} of {scanner} in files that are left out"
        yield Message(id="set-aside", level="note", text=text)


def fixtures(count: int) -> Iterator[Message]:
    """A note on manifests that were not taken for services."""
    if count:
        text = f"{plural(count, 'manifest')} in folders of tests, examples or documentation: no services"
        yield Message(id="left-out", level="note", text=text)


def no_scanner(kinds: Iterable[Kind], scanners: Iterable[Execution]) -> Iterator[Message]:
    """An error for each kind of check that was asked for and that no scanner of can run."""
    there = list(scanners)
    for kind in kinds:
        able = [one for one in there if one.kind is kind]
        if all(one.status is Status.MISSING for one in able):
            missing = f": {', '.join(one.scanner for one in able)} is not installed" if able else ""
            text = f"{kind.value} was asked for, and there is no scanner for it{missing}"
            yield Message(id="no-scanner", level="error", text=text)


def apart(parts: Sequence[Part]) -> Iterator[Message]:
    """An error where parts of a scan do not make up the whole."""
    said = model.apart(parts)
    if said:
        yield Message(id="part", level="error", text=said)


def not_covered(services: Sequence[Service], locks: Iterable[str]) -> Iterator[Message]:
    """A warning for each service and package system of it whose dependencies nothing audits."""
    read = set(locks)
    for service in services:
        for language in service.languages:
            paths = [path for path in service.manifests if _belongs(path, language)]
            if paths and (language not in _AUDITED or not any(path in read for path in paths)):
                why = "not pinned by a lock or requirements file" if language in _AUDITED else "audited by nothing"
                system = markers.PACKAGE_SYSTEMS[language]
                text = f"not covered: {system} dependencies of {service.name} are {why}"
                yield Message(id="not-covered", text=text, path=paths[0])


def _belongs(path: str, language: str) -> bool:
    name = PurePosixPath(path)
    return any(name.match(pattern) for pattern in markers.ECOSYSTEMS[language])
