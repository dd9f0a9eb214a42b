"""What Compose and Kubernetes files say of services: build folders and image names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, ClassVar

import msgspec

from devsecops import files
from devsecops.errors import ReportError
from devsecops.listing import Listing
from devsecops.model import Service
from devsecops.services import markers

_LIMIT = 1 << 20  # bytes of one file
_IMAGE = re.compile(r"""^[ \t-]*["']?image["']?:\s*["']?([^\s"'#{}]+)""", re.MULTILINE)
_KIND = re.compile(r"^kind:\s*(?:Deployment|StatefulSet|DaemonSet|CronJob|Job|Pod|ReplicaSet|Rollout)\b", re.MULTILINE)


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A service that a Compose file builds."""

    path: str
    """The Compose file."""
    dockerfile: str = ""
    image: str = ""


def compose(listing: Listing) -> dict[str, Built]:
    """Build folders of Compose files, each with what is said of it. A file that is not YAML says nothing."""
    found: dict[str, Built] = {}
    for path in listing.matching([f"**/{name}" for name in markers.COMPOSE]):
        if markers.FIXTURES.match(path):
            continue
        for folder, built in _built(listing, path, _text(listing, path)):
            found.setdefault(folder, built)
    return found


def with_images(listing: Listing, services: Sequence[Service]) -> list[Service]:
    """The services, with the images that Kubernetes files name, where an image is called as a service is."""
    by_name = {name: service.name for service in services for name in _names(service)}
    images: dict[str, tuple[str, str]] = {}
    for path in listing.matching([f"**/{name}" for name in markers.KUBERNETES]) if by_name else ():
        if markers.FIXTURES.match(path):
            continue
        text = _text(listing, path)
        for image in _IMAGE.findall(text) if _KIND.search(text) else ():
            name = by_name.get(_short_name(image))
            if name:
                images.setdefault(name, (image, path))
    return [_with_image(service, *images[service.name]) if service.name in images else service for service in services]


def _with_image(service: Service, image: str, path: str) -> Service:
    return msgspec.structs.replace(
        service, image=service.image or image, reasons=(*service.reasons, f"deployed by {path}")
    )


def _names(service: Service) -> set[str]:
    return {service.name, PurePosixPath(service.folder).name} - {"", "."}


def _short_name(image: str) -> str:
    """`shop/catalog` of `registry.example/shop/catalog:1.2@sha256:…` is `catalog`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _built(listing: Listing, path: str, text: str) -> Iterator[tuple[str, Built]]:
    services = _mapping(_mapping(_yaml(text)).get("services"))
    base = PurePosixPath(path).parent
    for service in map(_mapping, services.values()):
        build = service.get("build")
        context = build if isinstance(build, str) else _mapping(build).get("context", "." if build else None)
        if not isinstance(context, str) or re.search(r"\$|://|@.*:", context):  # a variable, a URL, a git address
            continue
        folder = inside(base / context)
        if folder is None or not files.is_folder(listing.root / folder) or markers.FIXTURES.match(f"{folder}/"):
            continue
        dockerfile = _mapping(build).get("dockerfile")
        named = inside(PurePosixPath(folder) / dockerfile) if isinstance(dockerfile, str) else None
        image = service.get("image")
        yield (
            folder,
            Built(
                path=path,
                dockerfile=named if named and listing.has(named) else "",
                image=image if isinstance(image, str) else "",
            ),
        )


def inside(path: PurePosixPath) -> str | None:
    """The path without `.` and `..`; None where it leaves the root."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return None if path.is_absolute() else "/".join(parts) or "."


def _text(listing: Listing, path: str) -> str:
    try:
        return files.read_inside(listing.root, listing.os_path(path), _LIMIT).decode("utf-8", "replace")
    except ReportError:
        return ""


def _yaml(text: str) -> Any:  # noqa: ANN401  # any YAML
    import yaml  # noqa: PLC0415  # only where there is a Compose file

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # either is a class
        """Texts stay texts: nothing here needs numbers or dates, whose forms can take long to read."""

        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {"<": [("tag:yaml.org,2002:merge", re.compile("<<$"))]}

    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError, LookupError, AttributeError, TypeError):
        return None


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
