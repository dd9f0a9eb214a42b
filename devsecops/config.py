"""Configuration: its keys, and how tables become one."""

import re
import typing
from collections.abc import Mapping
from enum import Enum

import msgspec

from devsecops.errors import UsageError
from devsecops.model import Kind, Severity

FILE_NAME = "devsecops.toml"
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, None: 1.0}
_JOINED = frozenset({"exclude", "skip", "require", "scanners", "accept"})
_LONGEST = 100_000.0  # hours


class _Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the file; keys are written with hyphens."""


class ScanConfig(_Table, frozen=True, kw_only=True):
    """`[scan]`: what is looked at, and how long."""

    exclude: tuple[str, ...] = ()
    """Glob patterns of paths to leave out."""
    vendored: bool = False
    """Whether folders of third-party code are looked at too."""
    kinds: tuple[Kind, ...] = ()
    """Only these kinds; empty for all."""
    scanners: tuple[str, ...] = ()
    """Scanners that are asked for by name: their absence makes the scan incomplete."""
    only: tuple[str, ...] = ()
    """Only these scanners; empty for all."""
    skip: tuple[str, ...] = ()
    """Scanners that are not to run."""
    require: tuple[Kind, ...] = ()
    """Kinds that must have been examined completely."""
    services: tuple[str, ...] = ()
    """Only these services; empty for all."""
    timeout: str = ""
    """Deadline of each job, such as `90s`, `5m`, `1h`; empty for what the scanner's manifest says."""
    jobs: typing.Annotated[int, msgspec.Meta(ge=0, le=256)] = 0
    """Jobs at the same time; 0 for as many as there are processor cores."""
    offline: bool = False
    """Whether no network may be used."""


class PolicyConfig(_Table, frozen=True, kw_only=True):
    """`[policy]`: when a scan fails."""

    fail_on: typing.Literal["critical", "high", "medium", "low", "info", "none"] = "high"
    """A new finding of this severity or worse fails."""
    allow_incomplete: bool = False
    """Whether a scan may pass although something was not checked."""
    unknown_coverage: typing.Literal["accept", "incomplete"] = "accept"
    """What a SARIF log means that does not tell what its tool examined."""
    max_database_age: str = "7d"
    """How old a scanner's vulnerability database may be, such as `36h` or `7d`: an older one proves nothing."""

    @property
    def threshold(self) -> Severity | None:
        """The severity, or None where nothing fails."""
        return None if self.fail_on == "none" else Severity(self.fail_on)


class Accept(_Table, frozen=True, kw_only=True):
    """`[[coverage.accept]]`: something that cannot be examined, taken out of what is expected, visibly."""

    path: str
    """Glob pattern of files, or `package:NAME` for a dependency."""
    reason: str
    scanner: str = ""
    """Only for this scanner; empty for all."""


class CoverageConfig(_Table, frozen=True, kw_only=True):
    """`[coverage]`."""

    accept: tuple[Accept, ...] = ()


class ServiceConfig(_Table, frozen=True, kw_only=True):
    """`[[service]]`: a service that is named instead of found; it wins over discovery."""

    name: str
    folder: str = "."
    languages: tuple[str, ...] = ()
    dockerfile: str = ""
    image: str = ""
    openapi: str = ""
    url: str = ""
    owners: tuple[str, ...] = ()


class AdvisoriesConfig(_Table, frozen=True, kw_only=True):
    """`[advisories]`: where vulnerability records come from."""

    folder: str = ""
    """A folder of OSV records, one folder an ecosystem; empty for the imported archives, else the OSV service."""
    service: str = "https://api.osv.dev"
    """Address of the OSV service, or of a mirror that answers alike."""


class ImageConfig(_Table, frozen=True, kw_only=True):
    """`[image]`: images, and who examines them."""

    services: bool = False
    """Whether the images of all services are scanned, as with `--kind image`."""
    platform: str = ""
    """Such as `linux/arm64`; empty for what Docker has or chooses."""
    registries: tuple[str, ...] = ()
    """Registries besides the default one that may be asked, and may get the user's credentials."""
    engine: tuple[str, ...] = ()
    """Scanners of images, of which the first that works examines them; empty for all that are installed."""


class ScannersConfig(_Table, frozen=True, kw_only=True):
    """`[scanners]`."""

    folders: tuple[str, ...] = ()
    """Folders of scanner manifests that are not ours."""


class Config(_Table, frozen=True, kw_only=True):
    """The whole configuration; `Config()` is what a repository without a file gets."""

    scan: ScanConfig = ScanConfig()
    policy: PolicyConfig = PolicyConfig()
    coverage: CoverageConfig = CoverageConfig()
    service: tuple[ServiceConfig, ...] = ()
    scanner: dict[str, dict[str, str | int | bool | list[str]]] = {}
    """`[scanner.<name>]`: `path`, `timeout`, and what the scanner's manifest declares under `[options]`."""
    scanners: ScannersConfig = ScannersConfig()
    advisories: AdvisoriesConfig = AdvisoriesConfig()
    image: ImageConfig = ImageConfig()


Raw = dict[str, typing.Any]


def decode(raw: Mapping[str, object], where: str) -> Config:
    """The configuration that the tables say.

    Args:
        raw: tables as `read_raw` gives them.
        where: the file, for errors.

    Raises:
        UsageError: an unknown key, a wrong type or value; names the file, the key and the nearest known key.
    """
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise _explained(error, where) from None
    seconds(config.scan.timeout or "1s", f"{where}: scan.timeout")
    seconds(config.policy.max_database_age, f"{where}: policy.max-database-age")
    return config


def seconds(text: str, where: str) -> float:
    """A duration such as `90s`, `5m`, `1.5h`, `7d` or `300` (seconds), in seconds.

    Raises:
        UsageError: it is none, or not above 0.
    """
    found = _DURATION.fullmatch(text.strip())
    value = float(found[1]) * _SECONDS[found[2]] if found else 0.0
    if not 0 < value <= _LONGEST * 3600:
        raise UsageError(f"{where}: {text!r} is not a duration", "write it like 90s, 5m, 1h or 7d")
    return value


def merged(base: Raw, over: Raw) -> Raw:
    """Tables in which those of `over` win; the lists of `_JOINED` keys are joined, other lists are replaced."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merged(old, value)
        elif key in _JOINED and isinstance(old, list) and isinstance(value, list):
            result[key] = [*old, *(item for item in value if item not in old)]
        else:
            result[key] = value
    return result


def _explained(error: msgspec.ValidationError, where: str) -> UsageError:
    text, separator, at = str(error).rpartition(" - at `$")
    if not separator:
        text, at = at, ""
    path = at.rstrip("`").strip(".")
    unknown = re.match(r"Object contains unknown field `(.*)`", text)
    if unknown:
        return UsageError(f"{where}: unknown key {f'{path}.{unknown[1]}'.strip('.')!r}", _near(unknown[1], _keys(path)))
    wrong = re.match(r"Invalid enum value '(.*)'", text)
    if wrong:
        return UsageError(f"{where}: {path}: {wrong[1]!r} is not known", _near(wrong[1], _choices(_hint(path))))
    return UsageError(f"{where}: {path or 'the file'}: {text[0].lower()}{text[1:]}")


def _near(word: str, known: list[str]) -> str:
    import difflib  # noqa: PLC0415  # only for a mistake

    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"


def _keys(path: str) -> list[str]:
    """The known keys of the table at a dotted path."""
    table = _table_of(_hint(path))
    return sorted(table.__struct_encode_fields__) if table else []


def _hint(path: str) -> object:
    """The type of the value at a dotted path, in which lists may have an index."""
    hint: object = Config
    for part in filter(None, path.split(".")):
        table = _table_of(hint)
        hint = typing.get_type_hints(table).get(part.partition("[")[0].replace("-", "_")) if table else None
    return hint


def _table_of(hint: object) -> type[msgspec.Struct] | None:
    choices = (hint, *typing.get_args(hint))
    return next((one for one in choices if isinstance(one, type) and issubclass(one, msgspec.Struct)), None)


def _choices(hint: object) -> list[str]:
    """The words that a value of this type may be."""
    words: list[str] = []
    for one in (hint, *typing.get_args(hint)):
        if isinstance(one, type) and issubclass(one, Enum):
            words += [member.value for member in one]
        elif isinstance(one, str):
            words.append(one)
    return words
