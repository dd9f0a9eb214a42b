"""Pulls an image into an OCI layout: every document and blob is what its digest says, or it is not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from platform import machine
from typing import TypeVar

import msgspec

from devsecops import files, http
from devsecops.containers.patience import PassingError, Tick, in_time, tried
from devsecops.containers.reference import Reference, check_platform, is_platform
from devsecops.errors import RegistryError
from devsecops.registry import credentials
from devsecops.registry.session import Session
from devsecops.text import one_line, plural, shorten

_SECONDS = 900.0
_LIMIT = 16 << 30  # bytes of an image
_RESERVE = 256 << 20  # bytes of the disk that are left to others
_DOCUMENT = 4 << 20  # bytes of a manifest; registries take no larger ones (OCI distribution 1.1, "Pushing Manifests")
_LAYERS = 512
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ACCEPT = ", ".join((*_INDEXES, *_MANIFESTS))
_HINT = "see the network, and the registry"
_T = TypeVar("_T")


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """An image that was pulled."""

    name: str
    id: str
    """`sha256:<hex>` of its configuration."""
    digest: str
    """The name with the digest of what the registry has by the name that was asked for."""
    platform: str


class _Platform(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))


class _Descriptor(msgspec.Struct, rename="camel"):
    digest: str
    size: int
    media_type: str = ""
    platform: _Platform | None = None


class _Document(msgspec.Struct, rename="camel"):
    """A manifest, or an index of some."""

    media_type: str = ""
    config: _Descriptor | None = None
    layers: list[_Descriptor] | None = None
    manifests: list[_Descriptor] | None = None


def pull(  # noqa: PLR0913  # each is a limit or a listener of one act
    reference: Reference,
    folder: Path,
    *,
    platform: str = "",
    registries: Sequence[str] = (),
    outside: Path,
    limit: int = _LIMIT,
    timeout: float = _SECONDS,
    say: Callable[[str], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Pulled:
    """Pull an image from its registry, which may be asked (`check_allowed`), into a folder.

    Args:
        reference: the image.
        folder: an OCI layout is made there.
        platform: such as `linux/arm64`; empty for that of this machine, or the only one there is.
        registries: hosts that may be asked for a token besides those that belong to the registry.
        outside: the scanned folder, whose programs are not to be trusted.
        limit: bytes that the image may have, packed.
        timeout: seconds.
        say: hears of progress.
        cancelled: asked ten times a second; true ends it.

    Raises:
        UsageError: the platform is none.
        RegistryError: it was not to be had, is of another platform, too large, or not what its digests say.
        OutputError: the disk is full.
    """
    wanted = check_platform(platform) if platform else ""
    deadline = time.monotonic() + timeout

    def work(tick: Tick) -> Pulled:
        session = Session(reference, credentials.of(reference.registry, outside), registries)
        return _Pull(reference, session, folder, tick, deadline).run(wanted, limit)

    say(f"pulling {reference.local} from {reference.registry}")
    what = f"pulling {reference.local}"
    return in_time(work, what, deadline, say=say, cancelled=cancelled, error=RegistryError, hint=_HINT)


class _Pull:
    """One pull."""

    def __init__(self, reference: Reference, session: Session, folder: Path, tick: Tick, deadline: float) -> None:
        self._reference = reference
        self._session = session
        self._blobs = folder / "blobs" / "sha256"
        self._folder = folder
        self._tick = tick
        self._deadline = deadline
        self._said = ""

    def run(self, platform: str, limit: int) -> Pulled:
        self._blobs.mkdir(parents=True)
        first, data = self._document(self._reference.version)
        digest, document = first, _decoded(data)
        if document.manifests is not None:
            digest = self._chosen(document.manifests, platform).digest
            _, data = self._document(digest)
            document = _decoded(data)
        if document.config is None or document.layers is None:
            raise RegistryError(f"what {self._reference.registry} has as {self._reference.local} is no image")
        self._check(document, limit)
        self._receive(document.config)
        found = self._platform(document.config, platform)
        for number, layer in enumerate(document.layers, start=1):
            self._said = f"pulling {self._reference.local}: layer {number} of {len(document.layers)}"
            self._receive(layer)
        self._write(digest, data, document.media_type or _MANIFESTS[0])
        return Pulled(
            name=self._reference.local,
            id=document.config.digest,
            digest=f"{self._reference.repository}@{first}",
            platform=found,
        )

    def _again(self, work: Callable[[], _T]) -> _T:
        try:
            return tried(work, self._deadline)
        except PassingError as error:
            raise RegistryError(f"{self._reference.local} could not be pulled: {error}", _HINT) from None

    def _document(self, version: str) -> tuple[str, bytes]:
        """A manifest or index by its tag or digest; its digest, and itself."""

        def work() -> bytes:
            with self._session.get(f"manifests/{version}", _ACCEPT) as answer:
                return answer.body(_DOCUMENT)

        data = self._again(work)
        found = files.digest_of(data)
        if len(data) > _DOCUMENT:
            raise RegistryError(f"the manifest of {self._reference.local} is larger than {_DOCUMENT >> 20} MiB")
        if ":" in version and found != version:
            raise self._mismatch("the manifest", version)
        return found, data

    def _chosen(self, manifests: Sequence[_Descriptor], platform: str) -> _Descriptor:
        """The manifest for a platform; attestations that BuildKit puts beside it are for none."""
        there = [one for one in manifests if one.platform is None or one.platform.architecture != "unknown"]
        wanted = platform or check_platform(f"linux/{machine().lower()}")
        found = [one for one in there if is_platform(str(one.platform), wanted)]
        exact = [one for one in found if str(one.platform) == wanted] or found
        chosen = there if not platform and len(there) == 1 else exact
        if len(chosen) != 1:
            has = shorten(one_line(", ".join(sorted(str(one.platform) for one in there))), 200)
            what = "no image" if not chosen else "several images"
            raise RegistryError(
                f"{self._reference.local} has {what} for {wanted}; it has {has}", "choose by --platform"
            )
        return chosen[0]

    def _check(self, document: _Document, limit: int) -> None:
        """See, before the first blob, that the image is one and that there is room for it."""
        name, layers = self._reference.local, document.layers or []
        blobs = [*layers, *([document.config] if document.config else [])]
        if len(layers) > _LAYERS:
            raise RegistryError(f"{name} has {plural(len(layers), 'layer')}, more than {_LAYERS}")
        if any(one.size < 0 for one in blobs):
            raise RegistryError(f"the manifest of {name} tells sizes that are none")
        if any("foreign" in one.media_type or "nondistributable" in one.media_type for one in layers):
            raise RegistryError(f"{name} has layers that its registry does not hold")
        size = sum(one.size for one in blobs)
        if size > limit:
            raise RegistryError(f"{name} is larger than {limit >> 20:,} MiB, which is the most that is pulled")
        if size > files.free(self._folder) - _RESERVE:
            raise RegistryError(f"{name} has {size >> 20:,} MiB, for which there is no room on the disk", "see TMPDIR")

    def _receive(self, blob: _Descriptor) -> None:
        """Get a blob into its file, which gets its name once it has been verified."""
        kind, _, value = blob.digest.partition(":")
        if kind != "sha256" or len(value) != 64 or not set(value) <= set("0123456789abcdef"):
            raise RegistryError(f"the manifest of {self._reference.local} names a digest that is no SHA-256")
        target = self._blobs / value
        if target.exists():  # the same layer twice
            return

        def work() -> None:
            found = sha256()
            with self._session.get(f"blobs/{blob.digest}", elsewhere=True) as answer:
                files.receive(target, self._counted(answer, blob, found.update), lambda _: None)
            if f"sha256:{found.hexdigest()}" != blob.digest:
                target.unlink()
                raise self._mismatch("a blob", blob.digest)

        self._again(work)

    def _counted(self, answer: http.Answer, blob: _Descriptor, seen: Callable[[bytes], None]) -> Iterator[bytes]:
        """The chunks of a blob, of which none is more than its manifest says, and none is missing."""
        size = 0
        for chunk in answer.chunks:
            self._tick(self._said)
            size += len(chunk)
            if size > blob.size:
                raise RegistryError(f"a blob of {self._reference.local} is larger than its manifest says")
            seen(chunk)
            yield chunk
        if size < blob.size:
            raise PassingError("the answer was cut off")

    def _platform(self, config: _Descriptor, wanted: str) -> str:
        data = files.read(self._blobs / config.digest.partition(":")[2], _DOCUMENT)
        try:
            found = str(msgspec.json.decode(data, type=_Platform))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise RegistryError(f"the configuration of {self._reference.local} cannot be understood") from None
        if wanted and not is_platform(found, wanted):
            shown = shorten(one_line(found), 60)
            raise RegistryError(f"{self._reference.local} is an image for {shown}, not for {wanted}")
        return found

    def _write(self, digest: str, data: bytes, media_type: str) -> None:
        """Finish the layout (OCI image specification 1.1, image-layout.md)."""
        index = {
            "schemaVersion": 2,
            "manifests": [{"mediaType": media_type, "digest": digest, "size": len(data)}],
        }
        (self._blobs / digest.removeprefix("sha256:")).write_bytes(data)
        (self._folder / "index.json").write_bytes(msgspec.json.encode(index))
        (self._folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def _mismatch(self, what: str, digest: str) -> RegistryError:
        name, registry = self._reference.local, self._reference.registry
        return RegistryError(f"{what} that {registry} gave of {name} is not what its digest says ({digest[:19]}…)")


def _decoded(data: bytes) -> _Document:
    try:
        return msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RegistryError(f"the manifest cannot be understood: {shorten(one_line(str(error)), 200)}") from None
