"""Images in a real Docker daemon, scanned by their names through the command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devsecops.containers.daemon import Daemon
from devsecops.sarif import from_sarif
from tests.conftest import SHARED, Command, clean_env, command
from tests.docker import PASSWORD, load, push

pytestmark = pytest.mark.needs("dockerd")
MAKER = SHARED / "recorded" / "_inputs" / "images" / "make_images.py"
COMPOSE = """
services:
  web: {build: web, image: "shop/web:1"}
  api: {build: api, image: "%s/api:1"}
  job: {build: job}
"""


def test_an_image_by_its_name_whatever_file_lies_there(devsecops: Command, daemon: Daemon, tmp_path: Path) -> None:
    found = load(daemon, "shop:latest")
    (tmp_path / "shop").write_text("a file that is called like the image")
    out = tmp_path / "out.sarif"
    ran = devsecops(
        "scan", "--image", "shop", "-v", "-o", f"sarif={out}", cwd=tmp_path, env={"DOCKER_HOST": daemon.address}
    )
    assert "saving shop:latest" in ran.err
    assert "Examined: image shop:latest, linux/amd64." in ran.out
    assert "Image runs as root" in ran.out  # what its own configuration says
    assert found in out.read_text()


def test_the_images_of_all_services(
    devsecops: Command, daemon: Daemon, repository: Callable[..., Path], tmp_path: Path
) -> None:
    load(daemon, "shop/web:1")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.2)
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        dockerfiles = {f"{name}/Dockerfile": "FROM scratch\n" for name in ("web", "api", "job")}
        own = f"[image]\nregistries = [{host!r}]\n"  # an executing key: the repository's own is refused
        root = repository({"compose.yaml": COMPOSE % host, "devsecops.toml": own, **dockerfiles})
        ran = devsecops("scan", root, "--kind", "image", "-v", env={"DOCKER_HOST": daemon.address})
        with pytest.raises(TimeoutError):
            listening.accept()  # a registry that only the repository names is not asked
    assert ran.code == 3, ran
    said = " ".join(ran.out.split())
    assert "Examined: image shop/web:1, linux/amd64." in said
    assert f"{host} is not among the registries that may be asked" in said
    assert "nothing says how the image of job is called" in said
    asked = tmp_path / "config.toml"
    asked.write_text("[image]\nservices = true\n")
    one = devsecops("scan", root, "--service", "web", "--config", asked, "-v", env={"DOCKER_HOST": daemon.address})
    assert "Examined: image shop/web:1, linux/amd64." in one.out
    assert "the image of job" not in " ".join(one.out.split())
    untouched = devsecops("scan", root, "--kind", "iac", env={"DOCKER_HOST": daemon.address})
    assert "shop/web" not in untouched.out + untouched.err


@pytest.mark.needs("docker-registry")
def test_an_image_of_a_registry_with_a_password(
    devsecops: Command, daemon: Daemon, registry: str, login: Callable[..., None], tmp_path: Path
) -> None:
    pushed = push(daemon, f"{registry}/shop/web:1")
    login(registry)
    out = tmp_path / "out.sarif"
    env = {"DOCKER_HOST": daemon.address, "DOCKER_CONFIG": os.environ["DOCKER_CONFIG"]}
    ran = devsecops("scan", "--image", f"{registry}/shop/web:1", "-v", "-o", f"sarif={out}", env=env)
    assert f"pulling {registry}/shop/web:1" in ran.err
    text = out.read_text()
    assert pushed in text
    assert f"{registry}/shop/web@sha256:" in text
    assert PASSWORD not in ran.out + ran.err + text
    offline = devsecops("scan", "--image", f"{registry}/shop/web:2", "--offline", env=env)
    assert offline.code == 3
    assert "--offline forbids to pull it" in " ".join(offline.out.split())


@pytest.mark.needs("trivy", "shared")
def test_docker_gives_what_the_archive_gives(devsecops: Command, daemon: Daemon, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('[policy]\nmax-database-age = "4000d"\n')
    with tarfile.open(SHARED / "data" / "trivy-db" / "db.tar.gz") as packed:
        packed.extractall(tmp_path / "trivy" / "db", filter="data")
    subprocess.run([sys.executable, str(MAKER), str(tmp_path)], check=True)
    client: Any = daemon.client
    list(client.load_image((tmp_path / "pyapp.tar").read_bytes()))
    env = {"DOCKER_HOST": daemon.address, "TRIVY_CACHE_DIR": str(tmp_path / "trivy")}
    outcomes = []
    for name in ("example/pyapp:1.0", str(tmp_path / "pyapp.tar")):
        options = ["--scanner", "trivy", "--config", tmp_path / "policy.toml", "-o", f"sarif={tmp_path}/out.sarif"]
        ran = devsecops("scan", "--image", name, *options, env=env)
        assert ran.code == 1, ran
        text = (tmp_path / "out.sarif").read_text()
        assert "devsecops-" not in text  # the private folder
        outcomes.append(from_sarif(text.encode()))
    assert len(outcomes[0].results) > 80
    assert outcomes[0].results == outcomes[1].results


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--image=--output=x"], 2, "--output=x: there is no such archive"),
        (["--image", "web;id"], 2, "web;id: there is no such archive"),
        (["--image", "shop", "--platform", "--output=x"], 2, "'--output=x' is no platform"),
        (["--image", "shop", "--platform", "linux/arm64"], 3, "is an image for linux/amd64, not for linux/arm64"),
        (["--image", "shop:2", "--offline"], 3, "Docker has no image shop:2, and --offline forbids to pull it"),
    ],
)
def test_what_is_refused(devsecops: Command, daemon: Daemon, arguments: list[str], code: int, said: str) -> None:
    load(daemon, "shop:latest")
    ran = devsecops("scan", *arguments, env={"DOCKER_HOST": daemon.address})
    assert ran.code == code, ran
    assert said in " ".join((ran.out + ran.err).split())


def test_no_daemon_is_incomplete_and_says_where_it_was_looked_for(devsecops: Command) -> None:
    ran = devsecops("scan", "--image", "shop", env={"DOCKER_HOST": "unix:///no/such/socket"})
    assert ran.code == 3
    assert "unix:///no/such/socket (DOCKER_HOST): there is no socket" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_nothing_is_left_of_a_scan_that_is_stopped_while_it_pulls(
    daemon: Daemon, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen()
        env = clean_env(tmp_path) | {"DOCKER_HOST": daemon.address, "TMPDIR": str(place)}
        name = f"127.0.0.1:{hanging.getsockname()[1]}/web"
        with subprocess.Popen([command(), "scan", "--image", name], env=env, stderr=subprocess.PIPE) as process:
            assert process.stderr
            assert b"pulling" in process.stderr.readline()
            assert list(place.iterdir())
            began = time.monotonic()
            process.send_signal(number)
            assert process.wait(20) == code
    assert time.monotonic() - began < 10
    while list(place.iterdir()) and time.monotonic() - began < 10:
        time.sleep(0.05)
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_a_scan_that_is_stopped_while_it_saves(
    daemon: Daemon, tmp_path: Path, number: signal.Signals
) -> None:
    load(daemon, "shop:latest", os.urandom(48 << 20))
    place = tmp_path / "tmp"
    place.mkdir()
    env = clean_env(tmp_path) | {"DOCKER_HOST": daemon.address, "TMPDIR": str(place)}
    with subprocess.Popen([command(), "scan", "--image", "shop"], env=env) as process:
        while not list(place.rglob("*.part")) and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(number)
        assert process.wait(20) == (143 if number is signal.SIGTERM else -9)
    end = time.monotonic() + 10
    while list(place.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    assert list(place.iterdir()) == []
