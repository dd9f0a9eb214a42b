"""A Docker daemon of our own, with TLS beside its socket, and a registry with a password, both real."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from devsecops.errors import DockerError

if TYPE_CHECKING:
    from devsecops.containers.daemon import Daemon

USER, PASSWORD = "ci", "made-up-pass"
_HASHED = "ci:$2y$04$v8GDTs5ZPfacLL6QOhSKHes2WD6nPk0KNcge6hVsxysG/hun/NWoS"
_PATIENCE = 30.0  # seconds for a server to answer


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(
    argv: list[str], ready: Callable[[], bool], log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Any]:
    """A server for the length of a block, ended by its process id."""
    with log.open("wb") as sink:
        process = subprocess.Popen(argv, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, env=env)
    try:
        end = time.monotonic() + _PATIENCE
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{argv[0]} does not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def docker_daemon(*options: str) -> Iterator[tuple[str, Any]]:
    """A daemon of its own: its address, its process."""
    folder = Path(tempfile.mkdtemp(prefix="dd-"))  # short: the path of a socket has at most 107 characters
    address = f"unix://{folder}/s"
    argv = [
        "dockerd", "--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs",
        f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid", f"--host={address}",
        *options,
    ]  # fmt: skip
    env = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "HOME": str(folder)}
    try:
        with server(argv, lambda: answers(address), folder / "log", env) as process:
            yield address, process
    finally:
        _remove(folder)


@contextmanager
def podman_service() -> Iterator[str]:
    """Podman's service of Docker's API, with a store of its own: its address."""
    folder = Path(tempfile.mkdtemp(prefix="pm-"))
    address = f"unix://{folder}/s"
    stores = ["--root", f"{folder}/root", "--runroot", f"{folder}/run", "--storage-driver", "vfs"]
    argv = ["podman", *stores, "system", "service", "--time", "0", address]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    try:
        with server(argv, lambda: answers(address), folder / "log", env):
            yield address
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder, and what a daemon has mounted in it and left: the network namespace, for one."""
    end = time.monotonic() + _PATIENCE
    while folder.exists():
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for path in sorted((one for one in mounted if one.startswith(f"{folder}/")), reverse=True):
            subprocess.run(["umount", path], check=False, capture_output=True)
        try:
            shutil.rmtree(folder)
        except OSError:  # containerd, which ends a moment after a daemon that was killed, still writes
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def answers(address: str) -> bool:
    from devsecops.containers.daemon import connect  # noqa: PLC0415  # the SDK is heavy

    try:
        with connect({"DOCKER_HOST": address}):
            return True
    except DockerError:
        return False


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `server` and `client` (what DOCKER_CERT_PATH wants), and `other`, of another authority."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("right", "wrong"):
        _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
    _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=peer", "-keyout", "key.pem", "-out", "csr")
    _openssl(folder, "x509", "-req", "-in", "csr", "-CA", "right.pem", "-CAkey", "right.key", "-CAcreateserial",
             "-days", "2", "-extfile", "extensions", "-out", "cert.pem")  # fmt: skip
    for name, authority in (("client", "right.pem"), ("other", "wrong.pem")):
        (folder / name).mkdir()
        shutil.copy(folder / authority, folder / name / "ca.pem")
        for file in ("cert.pem", "key.pem"):
            shutil.copy(folder / file, folder / name / file)
    return folder


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="session")
def dockerd() -> Iterator[str]:
    """The address of a running daemon."""
    with docker_daemon() as (address, _):
        yield address


@pytest.fixture
def daemon(dockerd: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Daemon]:
    """The daemon, with no image in it, for a user without credentials."""
    from devsecops.containers.daemon import connect  # noqa: PLC0415

    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    with connect({"DOCKER_HOST": dockerd}) as found:
        client: Any = found.client
        for one in client.images(quiet=True):
            client.remove_image(one, force=True)
        yield found


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    """`HOST:PORT` of a registry that wants a password."""
    with _registry({}) as host:
        yield host


@pytest.fixture(scope="session")
def registry_tls(certificates: Path) -> Iterator[str]:
    """`HOST:PORT` of a registry that wants a password, and speaks TLS; `certificates/client/ca.pem` vouches for it."""
    keys = {"certificate": str(certificates / "cert.pem"), "key": str(certificates / "key.pem")}
    with _registry({"tls": keys}) as host:
        yield host


@contextmanager
def _registry(options: Mapping[str, object]) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="registry-"))
    host = f"127.0.0.1:{free_port()}"
    settings = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": host, **options},
        "auth": {"htpasswd": {"realm": "basic", "path": str(folder / "htpasswd")}},
    }
    (folder / "htpasswd").write_text(f"{_HASHED}\n")
    (folder / "config.yml").write_text(json.dumps(settings))
    argv = ["docker-registry", "serve", str(folder / "config.yml")]
    with server(argv, lambda: _listens(host), folder / "log"):
        yield host
    shutil.rmtree(folder, ignore_errors=True)


def _listens(host: str) -> bool:
    name, _, port = host.partition(":")
    with socket.socket() as one:
        return one.connect_ex((name, int(port))) == 0


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """A function that keeps credentials where `docker login` does."""

    def keep(host: str, password: str = PASSWORD) -> None:
        folder = tmp_path / "docker-config"
        folder.mkdir(exist_ok=True)
        known = base64.b64encode(f"{USER}:{password}".encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": known}}}))
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))

    return keep


def image_archive(name: str, content: bytes = b"content", architecture: str = "amd64") -> bytes:
    """An image of one layer with one file, as `docker load` takes it."""
    layer = _tar({"file": content})
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    encoded = json.dumps(config).encode()
    path = f"{hashlib.sha256(encoded).hexdigest()}.json"
    manifest = [{"Config": path, "RepoTags": [name] if name else None, "Layers": ["layer.tar"]}]
    return _tar({"layer.tar": layer, path: encoded, "manifest.json": json.dumps(manifest).encode()})


def _tar(files: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def load(daemon: Daemon, name: str, content: bytes = b"content", architecture: str = "amd64") -> str:
    """Put an image into the daemon, and return its id."""
    client: Any = daemon.client
    for line in client.load_image(image_archive(name, content, architecture)):
        assert "error" not in line, line
    return str(client.inspect_image(name)["Id"])


def push(daemon: Daemon, name: str, content: bytes = b"content", architecture: str = "amd64") -> str:
    """Put an image into a registry, and not into the daemon; return its id."""
    client: Any = daemon.client
    found = load(daemon, name, content, architecture)
    credentials = {"username": USER, "password": PASSWORD}
    for line in client.push(name, stream=True, decode=True, auth_config=credentials):
        assert "error" not in line, line
    client.remove_image(name, force=True)
    return found
