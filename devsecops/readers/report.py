"""What all readers share: the shape of what they find, and safe decoding."""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

import msgspec

from devsecops.errors import ReportError
from devsecops.model import Confidence, FileLocation, Message, Package, Result, Severity
from devsecops.scanner import Finished
from devsecops.text import mask, one_line, shorten

T = TypeVar("T")

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a scanner saw of an image."""

    image: str
    """`sha256:<hex>` of the image's configuration; empty where the report does not say."""
    system: str = ""
    """The operating system as it knows it, such as `debian 12.5`; empty where it knows none."""
    of_system: bool = False
    """Whether any of the packages it examined is one of the operating system."""
    ended: bool = False
    """Whether it says that the system gets no security updates any more."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says."""

    results: tuple[Result, ...] = ()
    examined: frozenset[str] | None = None
    """The files, or `name==version` of the packages, that the tool says it examined; None where it does not say."""
    seen: Seen | None = None
    """Only where an image was examined."""
    messages: tuple[Message, ...] = ()
    """Those with the id `not-examined` name a file or package that was not, or only partly, examined."""


class Grades(msgspec.Struct, frozen=True, kw_only=True):
    """How a tool's words for severity and confidence are to be understood; from its manifest."""

    severities: Mapping[str, Severity] = {}
    confidences: Mapping[str, Confidence] = {}
    rules: Mapping[str, Severity] = {}
    default: Severity = Severity.UNKNOWN

    def severity(self, word: str, rule: str) -> Severity:
        """The severity of a result: by its rule, else by the tool's word, else the default."""
        return self.rules.get(rule) or self.severities.get(word) or self.default

    def confidence(self, word: str) -> Confidence | None:
        """The confidence that a word stands for."""
        return self.confidences.get(word)


Reader = Callable[[bytes, Finished, Grades], Found]
"""Reads one report. Raises ReportError where it cannot be understood, and nothing else."""


def decode(data: bytes, kind: type[T]) -> T:
    """The JSON report as a value of the given type; fields that are not wanted are skipped.

    Raises:
        ReportError: it is empty, not JSON, or of another shape; says where.
    """
    if not data.strip():
        raise ReportError("the report is empty")
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise ReportError(f"the report has an unexpected shape: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if "truncated" in str(error):
            raise ReportError(f"the report is cut off after {len(data):,} bytes") from None
        return _decode_odd(data, kind)


def path_in_report(path: str, finished: Finished) -> str:
    """A path as the tool spells it, relative to the scanned root as the model spells it."""
    path = path.replace("\\", "/") if "/" not in path and "\\" in path else path
    if finished.alias and path.startswith(finished.alias):
        path = path[len(finished.alias) :].lstrip("/")
    elif finished.folder and path.startswith(f"{finished.folder}/"):
        path = path[len(finished.folder) :].lstrip("/")
    while path.startswith("./"):
        path = path[2:]
    return finished.job.renamed.get(path, path)


def package_key(package: Package) -> str:
    """What stands for a package in `Found.examined`."""
    return f"{package.name}=={package.version}"


def without_parse_failures(found: Found, rules: Collection[str]) -> Found:
    """What was found, with the results of some rules, which say that a file does not parse, told as gaps."""
    failures = [one for one in found.results if one.rule.id in rules]
    if not failures:
        return found
    return msgspec.structs.replace(
        found,
        results=tuple(one for one in found.results if one.rule.id not in rules),
        messages=(*found.messages, *map(_parse_failure, failures)),
    )


def _parse_failure(result: Result) -> Message:
    location = result.location
    path, line = (location.path, location.line) if isinstance(location, FileLocation) else ("", 0)
    text = f"{result.scanner}: does not parse: {shorten(mask(one_line(result.message)), 300)}"
    return Message(id="not-parsed", text=text, path=path, line=line)


def _decode_odd(data: bytes, kind: type[T]) -> T:
    """Decode what is JSON only to a lenient eye: a byte order mark, another encoding, lone surrogates."""
    import json  # noqa: PLC0415  # hardly ever

    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
        value = json.loads(text, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ReportError(f"the report is not {encoding.upper()} (byte {error.start})") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ReportError(f"the report is not JSON: {place}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"the report cannot be decoded: {error}") from None
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ReportError(f"the report has an unexpected shape: {error}") from None


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is not a number of JSON")
