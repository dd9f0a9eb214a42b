"""A bill of materials: CycloneDX 1.6 as JSON, of the packages of all services and images.

One document, not one a service: the components stand once each, however many services bring them, and `dependencies`
says which service and which image has which. Readers of CycloneDX disagree on nested components; none misses these.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from devsecops._version import __version__
from devsecops.errors import OutputError
from devsecops.model import Component, Contents, Kind, Outcome, Status, same_package
from devsecops.services import Services
from devsecops.text import one_line

Json = dict[str, Any]

_SCHEMA: Final = "http://cyclonedx.org/schema/bom-1.6.schema.json"
_ROOT: Final = "scan"
_PIECE: Final = 50  # components validated together: the validator compares each with each
_TYPES: Final = {"lock": "service", "image": "image", "sbom": "sbom"}
"""What the reference of the owner of some contents begins with."""
_GROUPED: Final = frozenset({"maven", "npm", "composer"})
"""Types of package URLs whose namespace is a group to CycloneDX; to others it is a part of the name, or a vendor."""
_VENDORS: Final = frozenset({"deb", "rpm", "apk"})
_ENDED_WELL: Final = frozenset({Status.COMPLETE, Status.NOT_APPLICABLE})


def write(outcome: Outcome) -> Iterator[bytes]:
    """The document; equal outcomes give equal bytes: it has no serial number and no time.

    Raises:
        OutputError: there is nothing it could list, or it is not valid against the schema.
    """
    if not outcome.contents:
        raise OutputError(
            "a bill of materials would be empty: no lock file, image or SBOM was read",
            "scan with dependencies or images: --kind dependencies, --image FILE",
        )
    document = _document(outcome)
    _validate(document)
    yield msgspec.json.format(msgspec.json.encode(document), indent=2)
    yield b"\n"


def _document(outcome: Outcome) -> Json:
    owners = _owners(outcome)
    parts = _parts(outcome.contents)
    root: Json = {"type": "application", "bom-ref": _ROOT, "name": "repository"}
    depends = [{"ref": _ROOT, "dependsOn": sorted(owners)}] if len(owners) > 1 else []
    if len(owners) == 1:
        root = next(iter(owners.values()))
    depends += [
        {"ref": ref, "dependsOn": sorted(part for part, places in parts.items() if ref in places)} for ref in owners
    ]
    return {
        "$schema": _SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "devsecops", "version": __version__}]},
            "component": root,
        },
        "components": [
            *(one for one in owners.values() if one is not root),
            *(_component(ref, places) for ref, places in sorted(parts.items())),
        ],
        "dependencies": sorted(depends, key=lambda one: str(one["ref"])),
        "compositions": list(_compositions(outcome, owners)),
    }


def _owner(contents: Contents) -> str:
    """The reference of what has some contents: a service of its lock files, an image or an SBOM by itself."""
    return f"{_TYPES[contents.kind]}:{contents.service if contents.kind == 'lock' else contents.path}"


def _owners(outcome: Outcome) -> dict[str, Json]:
    """The services, images and SBOMs as components, by reference; sorted."""
    folders = {one.name: one.folder for one in outcome.services}
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    bare = (Contents(path="", service=name) for name in _uncovered(outcome))
    for one in (*bare, *outcome.contents):
        more = ("folder", folders.get(one.service, "")) if one.kind == "lock" else ("service", one.service)
        said[_owner(one)] |= {more, ("digest", one.digest)}
    return {ref: _owning(ref, sorted(said[ref])) for ref in sorted(said)}


def _owning(ref: str, said: Iterable[tuple[str, str]]) -> Json:
    kind, _, name = ref.partition(":")
    properties = [{"name": f"devsecops:{key}", "value": one_line(value)} for key, value in said if value]
    found: Json = {"type": "container" if kind == "image" else "application", "bom-ref": ref, "name": one_line(name)}
    return found | ({"properties": properties} if properties else {})


def _parts(contents: Sequence[Contents]) -> dict[str, dict[str, set[tuple[str, int]]]]:
    """Each package, by its most telling package URL, with its places by owner: path and line."""
    spelled: dict[tuple[str, str], set[str]] = defaultdict(set)
    places: dict[tuple[str, str], dict[str, set[tuple[str, int]]]] = defaultdict(lambda: defaultdict(set))
    for one in contents:
        for component in one.components:
            key = _identity(component)
            spelled[key].add(component.purl)
            places[key][_owner(one)].add((one.path, component.line))
    return {max(purls, key=lambda purl: (len(purl), purl)): places[key] for key, purls in spelled.items()}


def _identity(component: Component) -> tuple[str, str]:
    return same_package(component.purl), _version(component.purl)


def _version(purl: str) -> str:
    path = re.split("[?#]", purl, maxsplit=1)[0]
    version = path.rpartition("@")[2]
    return "" if version == path or "/" in version else unquote(version)


def _component(purl: str, places: Mapping[str, Iterable[tuple[str, int]]]) -> Json:
    kind, _, rest = same_package(purl).removeprefix("pkg:").partition("/")
    space, _, last = rest.rpartition("/")
    group = unquote(space) if kind in _GROUPED else ""
    name = unquote(last if group or kind in _VENDORS else rest)
    listed = sorted({place for some in places.values() for place in some})
    named: Json = {"type": "library", "bom-ref": purl} | ({"group": group} if group else {})
    return named | {
        "name": name,
        "version": _version(purl),
        "purl": purl,
        "evidence": {
            "occurrences": [{"location": path} | ({"line": line} if line else {}) for path, line in listed],
        },
    }


def _compositions(outcome: Outcome, owners: Iterable[str]) -> Iterator[Json]:
    """Which owners are known to have more than is listed; of no other one is claimed that all is listed."""
    short = {_owner(one) for one in outcome.contents if one.partial}
    short |= {f"service:{name}" for name in _uncovered(outcome)}
    for execution in outcome.executions:
        if execution.status not in _ENDED_WELL and execution.asked:
            short |= {one for one in owners if _is_about(execution.kind, execution.target, one)}
    for aggregate, refs in (("incomplete", short.intersection(owners)), ("unknown", set(owners) - short)):
        if refs:
            yield {"aggregate": aggregate, "dependencies": sorted(refs)}


def _uncovered(outcome: Outcome) -> set[str]:
    """The services with dependencies that nothing reads."""
    service_of = Services(outcome.services).of
    return {service_of(note.path) for note in outcome.notes if note.id == "not-covered"}


def _is_about(kind: Kind, target: str, ref: str) -> bool:
    if ref.startswith("service:"):
        return kind is Kind.DEPENDENCIES and not target
    return ref.partition(":")[2] == target


def _validate(document: Json) -> None:
    """Hold the document against the schema of CycloneDX, piece by piece."""
    try:
        from cyclonedx.exception import MissingOptionalDependencyException  # noqa: PLC0415  # slow to import
        from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
        from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415
    except ImportError as error:
        raise OutputError(
            f"a bill of materials cannot be validated: {error}", "pip install 'cyclonedx-python-lib[json-validation]'"
        ) from None
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    components = document["components"]
    head = {key: value for key, value in document.items() if key not in {"$schema", "components"}}
    try:
        for start in range(0, max(len(components), 1), _PIECE):
            piece = {**head, "components": components[start : start + _PIECE]}
            problem = validator.validate_str(msgspec.json.encode(piece).decode())
            if problem is not None:
                raise OutputError(f"the bill of materials is not valid CycloneDX 1.6: {one_line(str(problem))[:300]}")
            head = {key: head[key] for key in ("bomFormat", "specVersion", "version")}
    except MissingOptionalDependencyException as error:
        raise OutputError(
            f"a bill of materials cannot be validated: {one_line(str(error))}",
            "pip install 'cyclonedx-python-lib[json-validation]'",
        ) from None
