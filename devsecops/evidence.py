"""Adds to each result what its place says: the text there, fingerprints, suppressions, the service."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from devsecops import files, fingerprint, rulenames, suppressions, weakness
from devsecops.errors import ReportError
from devsecops.listing import Listing
from devsecops.model import CREDENTIALS, FileLocation, HttpLocation, PackageLocation, Result, Rule
from devsecops.text import MASK, clean, mask, mask_literals, one_line, shorten

_FILE_LIMIT = 64 << 20  # bytes of a source file that are read for evidence
_VARIABLE = r"([A-Za-z_][A-Za-z0-9_.-]*)=\*{3}"
_EVIDENCE_LIMIT = 400  # characters
_EVIDENCE_LINES = 8
_MESSAGE_LIMIT = 1000  # characters; GitHub and GitLab refuse longer texts (SARIF support pages of both)


class Source:
    """The text of one file, as fingerprints and suppressions need it."""

    def __init__(self, data: bytes) -> None:
        text = data.decode("utf-8-sig", "replace")
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.silencing = suppressions.are_in(text)
        self._occurrences: list[int] | None = None

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def region(self, location: FileLocation) -> str:
        """The lines of a region, those of a long one only as far as they are shown."""
        if location.line < 1:
            return ""
        last = min(max(location.end_line, location.line), location.line + _EVIDENCE_LINES)
        return "\n".join(self.lines[location.line - 1 : last])

    def occurrence(self, number: int) -> int:
        """How many lines above have the same text."""
        if self._occurrences is None:
            seen: Counter[str] = Counter()
            self._occurrences = []
            for text in map(fingerprint.normal, self.lines):
                self._occurrences.append(seen[text])
                seen[text] += 1
        return self._occurrences[number - 1] if 0 < number <= len(self.lines) else number


def annotated(
    results: Iterable[Result],
    listing: Listing,
    service_of: Callable[[str], str],
    *,
    silence: bool = True,
    secrets: frozenset[str] = frozenset(),
) -> Iterator[Result]:
    """The results with evidence, fingerprints, suppressions and service, file by file.

    Args:
        results: results as readers give them.
        listing: the files of the repository; nothing outside its root is read.
        service_of: from a path of the model to the name of its service.
        silence: whether comments may silence results.
        secrets: names of scanners whose places hold secrets.
    """
    by_path: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_path[_path(result)].append(result)
    rules: dict[Rule, Rule] = {}
    for path, group in sorted(by_path.items()):
        in_file = any(isinstance(one.location, FileLocation) for one in group)
        source = _read(listing.root, listing.os_path(path)) if in_file else Source(b"")
        seen: Counter[str] = Counter()
        with_secret = {line for one in group if _holds_secret(one, secrets) for line in _shown_lines(one)}
        for result in sorted(group, key=_place):
            if result.rule not in rules:
                rules[result.rule] = _complete(result.rule)
            yield _annotated(
                msgspec.structs.replace(result, rule=rules[result.rule], service=service_of(path)),
                source,
                seen,
                silence=silence,
                secret=result.scanner in secrets,
                near=not with_secret.isdisjoint(_shown_lines(result)) if with_secret else False,
            )


def formerly(results: Sequence[Result], listing: Listing, path: str, secrets: frozenset[str]) -> list[tuple[str, ...]]:
    """The fingerprints that results in one file would have if it were called `path`, in their order.

    Args:
        results: annotated results, none of them of a request.
        listing: the files of the repository.
        path: another name of the file.
        secrets: names of scanners whose places hold secrets.
    """
    source = _read(listing.root, listing.os_path(_path(results[0])))
    seen: Counter[str] = Counter()
    found: dict[int, tuple[str, ...]] = {}
    for at in sorted(range(len(results)), key=lambda at: _place(results[at])):
        location = results[at].location
        if isinstance(location, PackageLocation):
            found[at] = _of_package(results[at], msgspec.structs.replace(location, path=path))
        elif isinstance(location, FileLocation):
            moved = msgspec.structs.replace(location, path=path)
            line = _blanked(source.line(location.line), location)
            is_secret = results[at].scanner in secrets
            found[at] = (
                _of_secret(results[at], moved, line, seen) if is_secret else _of_source(results[at], moved, source)
            )
    return [found.get(at, ()) for at in range(len(results))]


def in_image(results: Iterable[Result], service: str) -> Iterator[Result]:
    """Results in an image, with fingerprints and service. No file is read; readers give evidence, secrets masked.

    Args:
        results: results as readers give them; paths begin with the image's name, without tag and digest.
        service: the service that the image is built of.
    """
    for result in results:
        location = result.location
        hide = mask_literals if CREDENTIALS & set(result.rule.cwe) else mask
        if isinstance(location, PackageLocation):
            prints = _of_package(result, location)
        elif isinstance(location, FileLocation):
            prints = (_of_image(result, location),)
        else:
            prints = (fingerprint.of_request(result.rule.id, location.url, location.method, location.parameter),)
        yield msgspec.structs.replace(
            result,
            rule=_complete(result.rule),
            service=service,
            message=shorten(hide(clean(result.message)), _MESSAGE_LIMIT),
            evidence=shorten(hide(one_line(result.evidence)), _EVIDENCE_LIMIT),
            fingerprints=prints,
        )


def _annotated(  # noqa: PLR0913  # each is a fact about the one result
    result: Result, source: Source, seen: Counter[str], *, silence: bool, secret: bool, near: bool
) -> Result:
    """The result as its file completes it; `near` where another result says that a secret stands in its lines."""
    location = result.location
    hide = mask_literals if secret or CREDENTIALS & set(result.rule.cwe) else mask
    hide_line = mask_literals if near else hide
    message = shorten(hide(clean(result.message)), _MESSAGE_LIMIT)
    if isinstance(location, PackageLocation):
        return msgspec.structs.replace(result, message=message, fingerprints=_of_package(result, location))
    if isinstance(location, HttpLocation):
        prints = (fingerprint.of_request(result.rule.id, location.url, location.method, location.parameter),)
        return msgspec.structs.replace(result, message=message, fingerprints=prints)
    line = _blanked(source.line(location.line), location) if secret else source.region(location)
    suppression = suppressions.applying(result, source.lines) if silence and source.silencing else None
    return msgspec.structs.replace(
        result,
        message=message,
        evidence=shorten(hide_line(one_line(line)), _EVIDENCE_LIMIT),
        fingerprints=_of_secret(result, location, line, seen) if secret else _of_source(result, location, source),
        suppressions=(*result.suppressions, suppression) if suppression else result.suppressions,
    )


def _holds_secret(result: Result, secrets: frozenset[str]) -> bool:
    return result.scanner in secrets or bool(CREDENTIALS & set(result.rule.cwe))


def _shown_lines(result: Result) -> range:
    """The lines of a result that its evidence shows."""
    location = result.location
    if not isinstance(location, FileLocation) or location.line < 1:
        return range(0)
    return range(location.line, min(max(location.end_line, location.line), location.line + _EVIDENCE_LINES) + 1)


def _of_source(result: Result, location: FileLocation, source: Source) -> tuple[str, ...]:
    text, occurrence = source.line(location.line), source.occurrence(location.line)
    return (
        fingerprint.of_rule(result.rule.id, location.path, text, occurrence),
        *(
            fingerprint.of_weakness(group, location.path, text, occurrence)
            for group in weakness.groups(result.rule.cwe)
        ),
        *(
            fingerprint.of_rule(name, location.path, text, occurrence)
            for name in rulenames.former(result.scanner, result.rule.id)
        ),
    )


def _of_secret(result: Result, location: FileLocation, blanked: str, seen: Counter[str]) -> tuple[str, ...]:
    key = f"{result.rule.id}\0{fingerprint.normal(blanked)}"
    occurrence = seen[key]
    seen[key] += 1
    return (fingerprint.of_secret(result.rule.id, location.path, blanked, occurrence),)


def _of_image(result: Result, location: FileLocation) -> str:
    """A result in an image; a secret in its environment by the variable that holds it, whichever scanner sees that."""
    variable = None if location.line else re.search(_VARIABLE, result.evidence)
    if variable and CREDENTIALS & set(result.rule.cwe):
        return fingerprint.of_secret("environment", location.path, variable[1], 0)
    return fingerprint.of_rule(result.rule.id, location.path, result.evidence, 0)


def _of_package(result: Result, location: PackageLocation) -> tuple[str, ...]:
    names = sorted({result.rule.id, *result.aliases})
    return tuple(fingerprint.of_advisory(location.purl, name, location.path) for name in names)


def _blanked(line: str, location: FileLocation) -> str:
    """The line without the secret: its columns where they are known, else every literal."""
    start, end = location.column - 1, location.end_column
    if location.end_line == 0 and 0 <= start < end:
        return f"{line[:start]}{MASK}{line[end:]}"
    return mask_literals(line)


def _complete(rule: Rule) -> Rule:
    """The rule with its OWASP categories, its texts harmless."""
    categories = rule.owasp or weakness.owasp(rule.cwe)
    return msgspec.structs.replace(
        rule, owasp=categories, name=shorten(one_line(rule.name), 200), help=mask(clean(rule.help))
    )


def _read(root: Path, path: Path) -> Source:
    try:
        return Source(files.read_inside(root, path, _FILE_LIMIT))
    except ReportError:
        return Source(b"")


def _path(result: Result) -> str:
    return result.location.url if isinstance(result.location, HttpLocation) else result.location.path


def _place(result: Result) -> tuple[int, int, str, str, str]:
    location = result.location
    line = 0 if isinstance(location, HttpLocation) else location.line
    column = location.column if isinstance(location, FileLocation) else 0
    return line, column, result.scanner, result.rule.id, result.message
