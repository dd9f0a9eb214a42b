"""Saving an image of 2 GB through the SDK against `docker save`: wall time, and the memory that it takes.

Needs dockerd and docker, and about 12 GB of disk: `python -m benchmarks.image_save`.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

from benchmarks.measure import by_turns, show, workplace
from devsecops.containers.daemon import Daemon, connect
from tests.docker import docker_daemon

_FILES = 8
_SIZE = 256 << 20  # bytes of a file
_NAME = "bench/image:1"
_SAVE = """
import sys
from pathlib import Path
from devsecops.containers import acquisition, archive, daemon
with daemon.connect() as found:
    archive.save(found, acquisition.acquire(found, sys.argv[1]), Path(sys.argv[2]))
"""
_NOTHING = """
import sys
from devsecops.containers import acquisition, archive, daemon
with daemon.connect() as found:
    acquisition.acquire(found, sys.argv[1])
"""


def _make(daemon: Daemon, folder: Path) -> None:
    """An image of files, half of them zeros and half of them random, without a registry and without a build."""
    client: Any = daemon.client
    with tarfile.open(folder / "all.tar", "w") as archive:
        for number in range(_FILES):
            with (folder / "data").open("wb") as file:
                for _ in range(_SIZE >> 20):
                    file.write(os.urandom(1 << 20) if number % 2 else bytes(1 << 20))
            archive.add(folder / "data", f"{number}")
    repository, _, tag = _NAME.partition(":")
    client.import_image_from_file(str(folder / "all.tar"), repository=repository, tag=tag)


def main() -> None:
    if not (shutil.which("dockerd") or Path("/usr/sbin/dockerd").exists()) or not shutil.which("docker"):
        print("image_save: needs dockerd and docker")
        return
    with workplace() as folder, docker_daemon() as (address, _):
        env = {"PATH": os.environ["PATH"], "HOME": str(folder), "DOCKER_HOST": address}
        with connect(env) as daemon:
            _make(daemon, folder)
        target = folder / "saved.tar"
        commands: dict[str, list[str | Path]] = {
            "docker": ["/bin/sh", "-c", 'exec docker save "$1" > "$2"', "-", _NAME, target],
            "ours": [sys.executable, "-c", _SAVE, _NAME, target],
            "nothing": [sys.executable, "-c", _NOTHING, _NAME],
        }
        costs = by_turns(commands, Path.cwd(), runs=3, env=env)
    docker, ours, nothing = costs["docker"], costs["ours"], costs["nothing"]
    show("docker save > FILE", f"{docker.wall:.1f} s")
    show("save", f"{ours.wall:.1f} s, {ours.wall / docker.wall:.2f} x  (goal: 1.2 x)")
    show("memory", f"{ours.memory:.0f} MiB, {ours.memory - nothing.memory:.0f} of them to save  (goal: 120 MiB)")


if __name__ == "__main__":
    main()
