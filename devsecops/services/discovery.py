"""Finds the services in a repository, each with the reason why it is thought to be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from devsecops.config import ServiceConfig
from devsecops.errors import UsageError
from devsecops.listing import Listing
from devsecops.model import Service
from devsecops.services import deployments, markers
from devsecops.text import plural

ROOT_NAME = "root"


class Services:
    """The services of a repository, and the rule by which a path belongs to one."""

    def __init__(self, services: Iterable[Service], fixtures: int = 0) -> None:
        """Sort the services by name.

        Args:
            services: at least one.
            fixtures: how many manifests in folders of tests and examples were passed over.
        """
        self.all = tuple(sorted(services, key=lambda service: service.name))
        self.fixtures = fixtures
        self._by_folder = {service.folder: service.name for service in self.all}
        self._owners: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The name of the service that a path belongs to: the one with the longest folder above it."""
        folder = path.rpartition("/")[0]
        if folder not in self._owners:
            self._owners[folder] = self._owner(folder)
        return self._owners[folder]

    def _owner(self, folder: str) -> str:
        while folder:
            name = self._by_folder.get(folder)
            if name is not None:
                return name
            folder = folder.rpartition("/")[0]
        return self._by_folder.get(".", ROOT_NAME)

    def chosen(self, names: Sequence[str]) -> Callable[[str], bool]:
        """Whether a path belongs to one of the named services; to any, where none is named.

        Raises:
            UsageError: there is no service of that name.
        """
        if not names:
            return lambda _: True
        known = {service.name for service in self.all} | {ROOT_NAME}
        for name in names:
            if name not in known:
                raise UsageError(f"there is no service {name!r}", f"known: {', '.join(sorted(known))}")
        return lambda path: self.of(path) in names


class _Draft:
    """A service while evidence for it is gathered."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.languages: set[str] = set()
        self.manifests: list[str] = []
        self.dockerfile = ""
        self.openapi = ""
        self.image = ""
        self.reasons: list[str] = []


def discover(listing: Listing, explicit: Sequence[ServiceConfig] = ()) -> Services:
    """The services of a repository; a repository without any is one service.

    Args:
        listing: its files.
        explicit: services named in the configuration, which win over what is found.
    """
    drafts: dict[str, _Draft] = {}
    fixtures = _add_dockerfiles(listing, drafts) + _add_openapi(listing, drafts)
    built = deployments.compose(listing)
    for folder, found in built.items():
        _draft(drafts, folder).reasons.append(f"built by {found.path}")
    fixtures += _add_manifests(listing, drafts)
    named_folders = _explicit_folders(explicit)
    for folder in named_folders:
        _draft(drafts, folder).reasons.insert(0, "named in the configuration")
    if "." not in drafts and (not drafts or _has_files_outside(listing, drafts)):
        drafts["."] = _Draft(".")
        drafts["."].reasons.append("everything else" if len(drafts) > 1 else "the whole repository")
    found_here = [draft for folder, draft in drafts.items() if folder not in named_folders]
    services = [_service(draft, name) for draft, name in _named(found_here, named_folders.values())]
    services += [_service(drafts[folder], name) for folder, name in named_folders.items()]
    services = [_deployed(service, built.get(service.folder)) for service in services]
    services = deployments.with_images(listing, services)
    return Services(_explicit(services, explicit), fixtures)


def _add_dockerfiles(listing: Listing, drafts: dict[str, _Draft]) -> int:
    paths, fixtures = _outside_fixtures(listing, markers.DOCKERFILES)
    for path in paths:
        draft = _draft(drafts, _parent(path))
        draft.dockerfile = draft.dockerfile or path
        draft.reasons.append(PurePosixPath(path).name)
    return fixtures


def _add_openapi(listing: Listing, drafts: dict[str, _Draft]) -> int:
    paths, fixtures = _outside_fixtures(listing, markers.OPENAPI)
    for path in sorted(paths, key=_depth):
        draft = _owner(drafts, path) or _draft(drafts, _parent(path))
        draft.openapi = draft.openapi or path
        draft.reasons.append(PurePosixPath(path).name)
    return fixtures


def _add_manifests(listing: Listing, drafts: dict[str, _Draft]) -> int:
    """Manifests belong to a service above them, if there is one; else their folder is a service."""
    fixtures = 0
    found: list[tuple[str, str]] = []
    for language, names in markers.ECOSYSTEMS.items():
        paths, passed = _outside_fixtures(listing, names)
        found += [(path, language) for path in paths]
        fixtures += passed
    for path, language in sorted(found, key=lambda one: (*_depth(one[0]), one[1])):
        draft = _owner(drafts, path) or _draft(drafts, _parent(path))
        draft.languages.add(language)
        draft.manifests.append(path)
        if _parent(path) == draft.folder:
            draft.reasons.append(PurePosixPath(path).name)
    return fixtures


def _outside_fixtures(listing: Listing, names: Sequence[str]) -> tuple[list[str], int]:
    """The files of some names that are there, and how many more there are in folders of tests and examples."""
    paths = [path for path in listing.matching([f"**/{name}" for name in names]) if listing.is_there(path)]
    kept = [path for path in paths if not markers.FIXTURES.match(path)]
    return kept, len(paths) - len(kept)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _owner(drafts: Mapping[str, _Draft], path: str) -> _Draft | None:
    """The service at or above a path, the root excepted: a manifest below the root may be a service of its own."""
    for folder in PurePosixPath(path).parents:
        if str(folder) == ".":
            return drafts.get(".") if _parent(path) == "." else None
        if str(folder) in drafts:
            return drafts[str(folder)]
    return None


def _draft(drafts: dict[str, _Draft], folder: str) -> _Draft:
    return drafts.setdefault(folder, _Draft(folder))


def _has_files_outside(listing: Listing, drafts: Mapping[str, _Draft]) -> bool:
    prefixes = tuple(f"{folder}/" for folder in drafts)
    return any(not path.startswith(prefixes) and listing.is_there(path) for path in listing.paths)


def _named(drafts: Iterable[_Draft], taken: Iterable[str]) -> Iterator[tuple[_Draft, str]]:
    """Each draft with a name of its own: the last telling part of its folder, or the whole where two would share it.

    Args:
        drafts: the services.
        taken: names that the configuration gives to some of them.
    """
    drafts = sorted(drafts, key=lambda draft: draft.folder)
    counts = Counter([*taken, *(_telling(draft.folder) for draft in drafts)])
    used: set[str] = set(taken)
    for draft in drafts:
        name = _telling(draft.folder)
        if counts[name] > 1 and draft.folder != ".":
            name = draft.folder
        while name in used:
            name = f"./{name}"
        used.add(name)
        yield draft, name


def _telling(folder: str) -> str:
    """The last part of a folder's path that says something."""
    if folder == ".":
        return ROOT_NAME
    parts = list(PurePosixPath(folder).parts)
    while len(parts) > 1 and parts[-1].lower() in markers.INNER:
        parts.pop()
    return parts[-1]


def _service(draft: _Draft, name: str) -> Service:
    return Service(
        name=name,
        folder=draft.folder,
        languages=tuple(sorted(draft.languages)),
        manifests=tuple(sorted(draft.manifests)),
        dockerfile=draft.dockerfile,
        openapi=draft.openapi,
        reasons=_short(draft.reasons),
    )


def _short(reasons: Sequence[str]) -> tuple[str, ...]:
    distinct = list(dict.fromkeys(reasons))
    return (*distinct[:4], f"and {plural(len(distinct) - 4, 'more file')}") if len(distinct) > 5 else tuple(distinct)


def _deployed(service: Service, built: deployments.Built | None) -> Service:
    if built is None:
        return service
    return msgspec.structs.replace(
        service, dockerfile=service.dockerfile or built.dockerfile, image=service.image or built.image
    )


def _explicit(services: Sequence[Service], explicit: Sequence[ServiceConfig]) -> list[Service]:
    """The services, with what the configuration says of them in place of what was found."""
    by_folder = {service.folder: service for service in services}
    for named in explicit:
        folder = _folder(named)
        said = {
            field: value
            for field in ("name", "languages", "dockerfile", "image", "openapi", "url", "owners")
            if (value := getattr(named, field))
        }
        by_folder[folder] = msgspec.structs.replace(by_folder[folder], **said)
    return list(by_folder.values())


def _explicit_folders(explicit: Sequence[ServiceConfig]) -> dict[str, str]:
    """The folders of services that the configuration names, with their names."""
    folders: dict[str, str] = {}
    for named in explicit:
        folder = _folder(named)
        if folder in folders or named.name in folders.values():
            raise UsageError(f"[[service]] {named.name!r}: its name or its folder is that of another one")
        folders[folder] = named.name
    return folders


def _parent(path: str) -> str:
    return str(PurePosixPath(path).parent)


def _folder(named: ServiceConfig) -> str:
    folder = deployments.inside(PurePosixPath(named.folder.strip("/") or "."))
    if folder is None:
        raise UsageError(f"[[service]] {named.name!r}: the folder {named.folder!r} lies outside the repository")
    return folder
