"""Gets an image by its name: the one that the daemon has, else by a pull."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import requests
from docker.auth import load_config
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from devsecops import process
from devsecops.containers.daemon import Daemon, explained, failure
from devsecops.containers.patience import TRIES, PassingError, Tick, in_time, tried
from devsecops.containers.reference import Reference, check_allowed, check_platform, is_platform, parse
from devsecops.errors import DockerError
from devsecops.text import mask, mask_urls, one_line, plural, shorten

_SECONDS = 900.0
_NOWHERE = Path("/nonexistent")
_TRANSIENT = re.compile(
    r"timeout|timed out|connection reset|broken pipe|\bEOF\b|toomanyrequests|\b(?:429|502|503|504)\b|unavailable"
)
_REFUSED = re.compile(r"unauthorized|no basic auth|authentication required|access.*denied|denied:|\b40[13]\b")


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image that the daemon has. Its id stands for its content: it is used from here on, not the name."""

    name: str
    id: str
    """`sha256:<hex>`."""
    digests: tuple[str, ...] = ()
    """Names with the digest that a registry knows it by, sorted; none for an image that was built here."""
    platform: str = ""
    size: int = 0
    """Bytes, as the daemon estimates them."""
    pulled: bool = False


def local(daemon: Daemon, reference: Reference) -> Image | None:
    """The image that the daemon already has by this name; None where it has none.

    Raises:
        DockerError: the daemon does not say.
    """
    try:
        client: Any = daemon.client  # its types do not know this method
        about = client.inspect_image(reference.local)
    except ImageNotFound:
        return None
    except (DockerException, requests.RequestException) as error:
        raise failure(f"Docker does not tell about {reference.local}", error) from None
    return _image(reference.local, about)


def acquire(  # noqa: PLR0913  # each is a limit or a listener of one act
    daemon: Daemon,
    name: str,
    *,
    platform: str = "",
    registries: Sequence[str] = (),
    offline: bool = False,
    outside: Path = _NOWHERE,
    timeout: float = _SECONDS,
    say: Callable[[str], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Image:
    """The image of a name: the one that is there, else by a pull.

    Args:
        daemon: where to get it.
        name: its name, or its id.
        platform: such as `linux/arm64`; empty for whatever is there, or what the daemon chooses.
        registries: registries besides the default one that may be asked, and may get this user's credentials.
        offline: whether to pull nothing.
        outside: a folder whose programs are not to be trusted: the scanned one.
        timeout: seconds for a pull.
        say: hears of progress.
        cancelled: asked ten times a second; true ends it.

    Raises:
        UsageError: name or platform is none.
        DockerError: it was not to be had, or is of another platform.
    """
    reference = parse(name)
    wanted = check_platform(platform) if platform else ""
    image = local(daemon, reference)
    if image is None:
        lack, hint = f"Docker has no image {reference.local}", f"docker pull {reference.local}"
        check_allowed(reference, registries, offline=offline, lack=lack, hint=hint)
        _check_helper(reference.registry, outside)
        image = _pulled(daemon, reference, wanted, time.monotonic() + timeout, say, cancelled)
    if wanted and not is_platform(image.platform, wanted):
        hint = "" if image.pulled else f"docker pull --platform {wanted} {reference.local}"
        raise DockerError(f"{reference.local} is an image for {image.platform}, not for {wanted}", hint)
    return image


def _check_helper(registry: str, outside: Path) -> None:
    """See that the program which Docker's configuration gets credentials from is none of the scanned folder."""
    helper = load_config().get_credential_store(registry)
    name = f"docker-credential-{helper}"
    found = shutil.which(name) if helper else None  # as the SDK finds it
    if found and process.which(found, outside=outside) != Path(found):
        raise DockerError(
            f"{name} is not started: it lies in the scanned folder, or in a relative folder of PATH", "see PATH"
        )


def _pulled(  # noqa: PLR0913, PLR0917  # as `acquire`
    daemon: Daemon,
    reference: Reference,
    platform: str,
    deadline: float,
    say: Callable[[str], None],
    cancelled: Callable[[], bool],
) -> Image:
    """Pull an image; again, a few times, when a failure may be passing."""
    name = f"{reference.repository}{'@' if reference.digest else ':'}{reference.version}"

    def once() -> str:
        return in_time(
            lambda tick: _pull(daemon, reference, platform, tick),
            f"pulling {name}",
            deadline,
            say=say,
            cancelled=cancelled,
        )

    say(f"pulling {name}")
    try:
        digest = tried(once, deadline, lambda why: say(f"pulling {name} again: {why}"))
    except PassingError as error:
        hint = "see the network of the Docker daemon"
        raise DockerError(f"{name} could not be pulled in {TRIES} tries: {error}", hint) from None
    image = local(daemon, msgspec.structs.replace(reference, digest=digest or reference.digest))
    if image is None:
        raise DockerError(f"{name} was pulled, and Docker does not have it")
    return msgspec.structs.replace(image, name=reference.local, pulled=True)


def _pull(daemon: Daemon, reference: Reference, platform: str, tick: Tick) -> str:
    """Pull once; the digest that the registry knows the image by, as far as the daemon tells it."""
    digest = ""
    layers: dict[str, bool] = {}
    try:
        lines = daemon.client.pull(
            reference.repository, tag=reference.version, stream=True, decode=True, platform=platform or None
        )
        for line in lines:
            if "error" in line:
                raise _refusal(reference, str(line["error"]))
            status = str(line.get("status", ""))
            if found := re.fullmatch(r"Digest: (sha256:[0-9a-f]{64})", status):
                digest = found[1]
            if status in {"Pulling fs layer", "Pull complete"}:
                layers[str(line.get("id"))] = status == "Pull complete"
            tick(
                f"pulling {reference.local}: {sum(layers.values())} of {plural(len(layers), 'layer')}" if layers else ""
            )
    except APIError as error:
        raise _refusal(reference, str(error.explanation or error), missing=isinstance(error, NotFound)) from None
    except (DockerException, requests.RequestException) as error:
        if _TRANSIENT.search(str(error)):
            raise PassingError(explained(error)[0]) from None
        raise failure(f"{reference.local} could not be pulled", error) from None
    finally:
        daemon.client.hang_up()
    return digest


def _refusal(reference: Reference, text: str, *, missing: bool = False) -> Exception:
    """What a registry's answer, in the daemon's words, means."""
    said = shorten(one_line(mask(mask_urls(text))), 300)
    name, registry = reference.local, reference.registry
    if missing or "manifest unknown" in text or "not found" in text:
        return DockerError(f"{registry} has no image {name}, or hides it: {said}", f"docker login {registry}")
    if _REFUSED.search(text):
        return DockerError(f"{registry} refuses {name} to this user: {said}", f"docker login {registry}")
    if _TRANSIENT.search(text):
        return PassingError(said)
    return DockerError(f"{name} could not be pulled: {said}", "see the network of the Docker daemon")


def _image(name: str, about: Mapping[str, Any]) -> Image:
    variant = f"/{about['Variant']}" if about.get("Variant") else ""
    return Image(
        name=name,
        id=str(about["Id"]),
        digests=tuple(sorted(about.get("RepoDigests") or ())),
        platform=f"{about.get('Os', '')}/{about.get('Architecture', '')}{variant}",
        size=int(about.get("Size") or 0),
    )
