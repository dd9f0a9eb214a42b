"""An image of a registry is had whole and as its digests say, or not at all."""

from __future__ import annotations

import json
import os
import random
import resource
import socket
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from devsecops import files, http
from devsecops.containers.reference import parse
from devsecops.errors import OutputError, RegistryError, UsageError
from devsecops.images import archive
from devsecops.registry.pull import Pulled, pull
from tests.docker import PASSWORD
from tests.registry.server import Content, Request, digest, holding, index, registry, upload


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(random, "uniform", lambda *_: 0.01)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "layout"


def get(name: str, folder: Path, **options: Any) -> Pulled:
    return pull(parse(name), folder, outside=folder / "root", **options)


def refusal(name: str, folder: Path, **options: Any) -> str:
    with pytest.raises(RegistryError) as caught:
        get(name, folder, **options)
    assert PASSWORD not in caught.value.message + caught.value.hint
    assert not list(folder.rglob("*.part"))
    assert not (folder / "index.json").exists()
    return f"{caught.value.message} | {caught.value.hint}".rstrip(" |")


def test_an_image_becomes_a_layout(folder: Path) -> None:
    content = Content()
    said: list[str] = []
    with registry(holding(content)) as (host, asked):
        found = get(f"{host}/shop/web:1", folder, say=said.append)
    assert found == Pulled(
        name=f"{host}/shop/web:1",
        id=content.id,
        digest=f"{host}/shop/web@{digest(content.document)}",
        platform="linux/amd64",
    )
    with archive.members(folder) as members:
        assert archive.manifest(members).config == content.config
    assert {authorization for _, authorization in asked} == {""}
    assert said[0] == f"pulling {host}/shop/web:1 from {host}"


def test_the_platform_is_chosen(folder: Path, tmp_path: Path) -> None:
    arm, amd = Content(architecture="arm64"), Content()
    attestation = ("unknown/unknown", Content([]))
    first = index(("linux/amd64", amd), ("linux/arm64/v8", arm), attestation)
    with registry(holding(arm, first)) as (host, _):
        found = get(f"{host}/web:1", folder, platform="linux/aarch64")
        assert (found.id, found.platform) == (arm.id, "linux/arm64")
        assert found.digest.endswith(digest(first))
        said = refusal(f"{host}/web:1", tmp_path / "other", platform="linux/s390x")
        assert "has no image for linux/s390x; it has linux/amd64, linux/arm64/v8" in said
        assert said.endswith("| choose by --platform")
    with registry(holding(arm, index(("linux/arm64", arm), attestation))) as (host, _):
        assert get(f"{host}/web:1", tmp_path / "only").platform == "linux/arm64"  # the only one there is


def test_an_index_may_not_lie_about_the_platform(folder: Path) -> None:
    arm = Content(architecture="arm64")
    with registry(holding(arm, index(("linux/amd64", arm)))) as (host, _):
        assert "is an image for linux/arm64, not for linux/amd64" in refusal(
            f"{host}/web:1", folder, platform="linux/amd64"
        )
    with pytest.raises(UsageError):
        get("web", folder, platform="--output=x")


def changed(content: Content, **over: Any) -> Callable[[Request], None]:
    """An honest registry but for blobs with a layer's digest, which `over` plays."""
    honest, layer = holding(content), content.manifest["layers"][0]["digest"]

    def play(request: Request) -> None:
        if request.path.endswith(layer):
            over["layer"](request)
        else:
            honest(request)

    return play


def test_a_blob_that_is_another_one(folder: Path) -> None:
    content = Content()
    size = content.manifest["layers"][0]["size"]
    with registry(changed(content, layer=lambda request: request.answer(b"x" * size))) as (host, _):
        assert "a blob that" in (said := refusal(f"{host}/web:1", folder))
        assert "is not what its digest says (sha256:" in said
    assert not (folder / "blobs" / "sha256" / content.manifest["layers"][0]["digest"][7:]).exists()


def test_a_manifest_that_is_another_one(folder: Path) -> None:
    with registry(lambda request: request.answer(Content().document)) as (host, _):
        said = refusal(f"{host}/web@sha256:{'0' * 64}", folder)
    assert f"the manifest that {host} gave of {host}/web@sha256:" in said


def test_a_blob_without_end_is_read_no_further_than_its_size(folder: Path) -> None:
    content = Content()

    def bomb(request: Request) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(1000):
            request.wfile.write(bytes(1 << 20))

    with registry(changed(content, layer=bomb)) as (host, _):
        assert "is larger than its manifest says" in refusal(f"{host}/web:1", folder)


def test_a_blob_that_is_cut_off_is_asked_for_again(folder: Path, tmp_path: Path) -> None:
    content = Content()
    blob = content.blobs[content.manifest["layers"][0]["digest"]]
    tries: list[int] = []

    def cut(request: Request) -> None:
        tries.append(1)
        if len(tries) == 2:
            request.answer(blob)
        elif len(tries) == 3:
            request.answer(blob[:-1])
        else:
            request.answer(blob[:-1], length=len(blob))
            request.close_connection = True

    with registry(changed(content, layer=cut)) as (host, _):
        assert get(f"{host}/web:1", folder).id == content.id
        assert "could not be pulled: " in (said := refusal(f"{host}/web:1", tmp_path / "again"))
        assert "cut off" in said
    assert len(tries) == 5


@pytest.mark.parametrize(("code", "tries"), [(500, 3), (503, 3), (429, 3), (400, 1), (403, 1), (404, 1), (401, 1)])
def test_only_what_may_pass_is_tried_again(code: int, tries: int, folder: Path) -> None:
    body = json.dumps({"errors": [{"message": "https://me:hunter2@x/?token=abcdef123456 \x1b[31mno"}]}).encode()
    with registry(lambda request: request.answer(body, code)) as (host, asked):
        said = refusal(f"{host}/web:1", folder)
    assert len(asked) == tries
    assert not [word for word in ("hunter2", "abcdef123456", "\x1b") if word in said]
    assert {401: "refuses", 403: "refuses", 404: "has no image"}.get(code, f"answered {code}") in said


def test_redirects(folder: Path, tmp_path: Path, login: Callable[..., None]) -> None:
    """Within the registry; not to an address without TLS, not for manifests, and not for ever."""
    content = Content()
    layer = content.manifest["layers"][0]["digest"]
    with registry(holding(content)) as (store, asked_there):
        place = {"to": "/v2/web/blobs/moved"}

        def play(request: Request) -> None:
            if request.path.endswith(layer):
                request.answer(b"", 307, Location=place["to"])
            elif request.path.endswith("moved"):
                request.answer(content.blobs[layer])
            else:
                holding(content)(request)

        with registry(play) as (host, _):
            assert get(f"{host}/web:1", folder).id == content.id
            place["to"] = f"http://{store}/v2/web/blobs/{layer}"
            said = refusal(f"{host}/web:1", tmp_path / "elsewhere")
            assert f"redirects to http://{store}, which is not followed" in said
            place["to"] = f"/v2/web/blobs/{layer}"
            assert "redirects again and again" in refusal(f"{host}/web:1", tmp_path / "circle")
            place["to"] = "file:///etc/passwd"
            assert "which is not followed" in refusal(f"{host}/web:1", tmp_path / "file")
        assert asked_there == []


def test_a_manifest_is_not_fetched_from_elsewhere(folder: Path) -> None:
    away = "https://elsewhere.example/v2/web/manifests/1"
    with registry(lambda request: request.answer(b"", 302, Location=away)) as (host, _):
        assert "redirects to https://elsewhere.example, which is not followed" in refusal(f"{host}/web:1", folder)


@pytest.mark.parametrize(
    ("realm", "said"),
    [
        ("https://evil.example/token", "wants a token of https://evil.example, which is not asked"),
        ("http://127.0.0.1:1/token", "wants a token of http://127.0.0.1:1, which is not asked"),
        ("http://me@169.254.169.254/", "wants a token of nobody"),
        ("", "wants a token of nobody"),
    ],
)
def test_a_token_is_asked_of_nobody_else(realm: str, said: str, folder: Path, login: Callable[..., None]) -> None:
    challenge = f'Bearer realm="{realm}",service="x"'
    with registry(lambda request: request.answer(b"", 401, WWW_Authenticate=challenge)) as (host, asked):
        login(host)
        assert said in refusal(f"{host}/web:1", folder)
    assert [authorization for _, authorization in asked] == [""]


@pytest.mark.parametrize("kind", ["password", "identity token", "nothing"])
def test_a_token_server(kind: str, folder: Path, login: Callable[..., None], tmp_path: Path) -> None:
    content = Content()
    forms: list[str] = []

    def play(request: Request) -> None:
        if request.path.startswith("/token"):
            forms.append(getattr(request, "form", ""))
            request.answer(b'{"token": "made-up-token"}')
        elif request.headers.get("Authorization") == "Bearer made-up-token":
            holding(content)(request)
        else:
            challenge = f'Bearer realm="http://{host}/token",service="it",scope="repository:other:pull,push"'
            request.answer(b"", 401, WWW_Authenticate=challenge)

    with registry(play) as (host, asked):
        if kind == "password":
            login(host)
        elif kind == "identity token":
            config = tmp_path / "none" / "config.json"
            config.parent.mkdir()
            config.write_text(json.dumps({"auths": {f"https://{host}/v2/": {"identitytoken": "made-up-identity"}}}))
        assert get(f"{host}/shop/web:1", folder).id == content.id
    ((path, authorization),) = [one for one in asked if one[0].startswith("/token")]
    if kind == "identity token":
        assert "refresh_token=made-up-identity" in forms[0]
        assert "scope=repository%3Ashop%2Fweb%3Apull" in forms[0]
    else:
        assert path == "/token?service=it&scope=repository%3Ashop%2Fweb%3Apull"
        assert authorization.startswith("Basic ") == (kind == "password")


def test_answers_that_are_no_registry(folder: Path, tmp_path: Path) -> None:
    bodies = [b"<html>", b"[]", b'{"schemaVersion": 2}', b'{"config": 5}', b"x" * (5 << 20), b'{"manifests": []}']
    for number, body in enumerate(bodies):
        with registry(lambda request, body=body: request.answer(body)) as (host, _):  # type: ignore[misc]
            assert refusal(f"{host}/web:1", tmp_path / str(number))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("size", -1, "tells sizes that are none"),
        ("size", 1 << 50, "is larger than 16,384 MiB"),
        ("digest", "sha256:../../../etc/passwd", "a digest that is no SHA-256"),
        ("digest", f"sha512:{'0' * 64}", "a digest that is no SHA-256"),
        ("mediaType", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "its registry does not hold"),
    ],
)
def test_manifests_that_are_hostile(key: str, value: object, said: str, folder: Path) -> None:
    content = Content()
    content.manifest["layers"][0][key] = value
    with registry(holding(content)) as (host, asked):
        assert said in refusal(f"{host}/web:1", folder)
    assert len(asked) <= 2  # the manifest, and the configuration


def test_too_many_layers(folder: Path) -> None:
    content = Content()
    content.manifest["layers"] *= 10_000
    with registry(holding(content)) as (host, _):
        assert "10000 layers, more than 512" in refusal(f"{host}/web:1", folder).replace(",000", "000")


def test_a_disk_without_room(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = Content([os.urandom(4 << 20)])
    with registry(holding(content)) as (host, _):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
        try:
            with pytest.raises(OutputError, match="cannot write"):
                get(f"{host}/web:1", folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert not list(folder.rglob("*.part"))
        monkeypatch.setattr(files, "free", lambda _: (256 + 2) << 20)
        assert "for which there is no room on the disk | see TMPDIR" in refusal(f"{host}/web:1", tmp_path / "second")


def test_a_registry_that_hangs(folder: Path, tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        began = time.monotonic()
        assert "took too long" in refusal(f"{host}/web", folder, timeout=0.5)
        assert "was cancelled" in refusal(f"{host}/web", tmp_path / "second", cancelled=lambda: True)
        assert time.monotonic() - began < 3


def test_a_blob_of_which_nothing_more_comes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", (1.0, 0.2))
    done = Event()

    def stall(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"x")
        done.wait(10)

    with registry(changed(Content(), layer=stall)) as (host, _):
        assert "nothing more came" in refusal(f"{host}/web:1", folder)
        done.set()


def test_nobody_is_there(folder: Path) -> None:
    assert "127.0.0.1:1: nothing listens there" in refusal("127.0.0.1:1/web", folder)


@pytest.fixture
def netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Passwords for everybody, which requests would take by itself."""
    (tmp_path / ".netrc").write_text("default login me password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))


@pytest.mark.usefixtures("netrc")
def test_no_password_comes_from_elsewhere(folder: Path) -> None:
    with registry(holding(Content())) as (host, asked):
        get(f"{host}/web:1", folder)
    assert {authorization for _, authorization in asked} == {""}


@pytest.mark.needs("docker-registry")
class TestReal:
    """Debian's docker-registry, with a password."""

    def test_by_tag_and_by_digest(self, registry: str, login: Callable[..., None], folder: Path) -> None:
        content = Content()
        upload(f"http://{registry}", "shop/web", content)
        login(registry)
        found = get(f"{registry}/shop/web:1", folder / "first")
        assert found.id == content.id
        assert get(found.digest, folder / "second").id == content.id

    def test_what_it_refuses(self, registry: str, login: Callable[..., None], folder: Path, tmp_path: Path) -> None:
        upload(f"http://{registry}", "shop/web", Content())
        assert f"refuses {registry}/shop/web:1 to this user: it wants a password" in refusal(
            f"{registry}/shop/web:1", folder
        )
        login(registry, "wrong")
        said = refusal(f"{registry}/shop/web:1", tmp_path / "1")
        assert f"refuses {registry}/shop/web:1 to this user: 401" in said
        assert said.endswith(f"| docker login {registry}")
        login(registry)
        for number, name in enumerate(("shop/web:2", "nothing:1", f"shop/web@sha256:{'0' * 64}")):
            assert f"{registry} has no image {registry}/{name}" in refusal(
                f"{registry}/{name}", tmp_path / f"missing-{number}"
            )

    @pytest.mark.needs("openssl")
    def test_with_tls(
        self,
        registry_tls: str,
        certificates: Path,
        login: Callable[..., None],
        folder: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        content, authority = Content(), str(certificates / "client" / "ca.pem")
        upload(f"https://{registry_tls}", "shop/web", content, verify=authority)
        login(registry_tls)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", authority)
        assert get(f"{registry_tls}/shop/web:1", folder).id == content.id
        for number, other in enumerate((str(certificates / "other" / "ca.pem"), "")):
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", other)
            said = refusal(f"{registry_tls}/shop/web:1", tmp_path / str(number))
            assert "its certificate cannot be trusted | let REQUESTS_CA_BUNDLE name" in said
