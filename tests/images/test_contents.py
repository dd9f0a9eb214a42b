"""What is read of an image: packages and system by its layers, faults of its configuration."""

from __future__ import annotations

import datetime as dt
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from devsecops.errors import ReportError
from devsecops.images import configuration, inventory, judgement, source, systems, verify
from devsecops.model import Package, Result
from devsecops.readers.report import Seen
from devsecops.scanner import Image
from tests.images import builder

STATUS = "var/lib/dpkg/status"
SITE = "usr/local/lib/python3.11/site-packages"
APK = "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\n\nP:zlib\nV:1.3-r0\nF:lib\nR:libz.so\n\n"


def image(tmp_path: Path, *layers: bytes, **said: Any) -> tuple[Image, tuple[Result, ...]]:
    config = builder.configuration(layers, **said)
    path = builder.saved(tmp_path / "x.tar", layers, config=config)
    found = source.Source(path=path, name="x")
    return verify.inspected(*verify.verified(found, {}, tmp_path / "0.tar", lambda: False))


def packages(tmp_path: Path, *layers: bytes) -> list[str]:
    found, _ = image(tmp_path, *layers)
    return [f"{one.ecosystem} {one.name} {one.version}" for one in found.packages]


def metadata(name: str, version: str, folder: str = SITE) -> dict[str, str]:
    return {
        f"{folder}/{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\n"
    }


def test_databases_of_packages_are_read(tmp_path: Path) -> None:
    status = builder.STATUS.format("tar", "1.34") + "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
    status += "Package: half\nStatus: install ok not-installed\nVersion: 1\n\nPackage: none\n"
    layer = builder.tar(
        {
            STATUS: status,
            "var/lib/dpkg/status.d/zlib1g": "Package: zlib1g\nVersion: 1:1.2\nDescription: x\n y: z\n",
            "var/lib/dpkg/status.d/zlib1g.md5sums": "Package: no\nVersion: 1\n",
            "lib/apk/db/installed": APK,
            **metadata("Py_YAML.x", "5.1"),
            "opt/a.egg-info/PKG-INFO": "Name: a\nVersion: 1\n",
            "opt/b.egg-info": "Name: b\nVersion: 2\n",
            "opt/c/EGG-INFO/PKG-INFO": "Name: c\nVersion: 3\n",
            "opt/METADATA": "Name: no\nVersion: 1\n",
            "app/node_modules/lodash/package.json": '{"name": "lodash", "version": "4.17.0", "license": {"x": 1}}',
            "app/node_modules/@a/b/package.json": '{"name": "@a/b", "version": "1.0.0"}',
            "node_modules/c/package.json": '{"name": "c", "version": "1"}',
            "app/node_modules/d/dist/package.json": '{"name": "d", "version": "1"}',
            "app/node_modules/e/package.json": '{"name": "e"}',
            "app/node_modules/f/package.json": "{",
            "app/node_modules/g/package.json": '{"name": 1, "version": "1"}',
            "app/package.json": '{"name": "app", "version": "1"}',
        }
    )
    assert packages(tmp_path, layer) == [
        "Alpine musl 1.2.4-r2",
        "Alpine zlib 1.3-r0",
        "Debian tar 1.34",
        "Debian zlib1g 1:1.2",
        "PyPI a 1",
        "PyPI b 2",
        "PyPI c 3",
        "PyPI py-yaml-x 5.1",
        "npm @a/b 1.0.0",
        "npm c 1",
        "npm lodash 4.17.0",
    ]


@pytest.mark.parametrize(
    ("top", "left"),
    [
        ({f"{SITE}/.wh.a-1.dist-info": ""}, ["PyPI b 2"]),
        ({f"{SITE}/.wh..wh..opq": "", **metadata("c", "3")}, ["PyPI c 3"]),
        ({"usr/.wh.local": ""}, []),
        ({".wh..wh..opq": ""}, []),
        ({f"{SITE}/.wh.a-1.dist-info": "", **metadata("a", "1")}, ["PyPI a 1", "PyPI b 2"]),
        ({"./" + next(iter(metadata("a", "1"))): "Name: a\nVersion: 9\n"}, ["PyPI a 9", "PyPI b 2"]),
        ({next(iter(metadata("a", "1"))): ""}, ["PyPI b 2"]),
        ({f"{SITE}/.wh.a-1": ""}, ["PyPI a 1", "PyPI b 2"]),
    ],
)
def test_a_layer_removes_and_replaces_what_lies_below(tmp_path: Path, top: dict[str, str], left: list[str]) -> None:
    below = builder.tar({**metadata("a", "1"), **metadata("b", "2")})
    assert packages(tmp_path, below, builder.tar(top)) == left


@pytest.mark.parametrize(
    ("database", "folder", "counted"),
    [
        ({STATUS: builder.STATUS.format("x", "1")}, "usr/lib/python3/dist-packages", False),
        ({STATUS: builder.STATUS.format("x", "1")}, "usr/lib/python3.11/site-packages", True),
        ({"lib/apk/db/installed": APK}, "usr/lib/python3.11/site-packages", False),
        ({"lib/apk/db/installed": APK}, SITE, True),
        ({"var/lib/rpm/rpmdb.sqlite": "x"}, "usr/lib64/python3.9/site-packages", False),
        ({}, "usr/lib/python3/dist-packages", True),
    ],
)
def test_packages_that_the_system_brought_are_counted_once(
    tmp_path: Path, database: dict[str, str], folder: str, *, counted: bool
) -> None:
    layer = builder.tar({**database, **metadata("a", "1", folder)})
    assert ("PyPI a 1" in packages(tmp_path, layer)) == counted


@pytest.mark.parametrize(
    ("files", "system"),
    [
        ({"etc/os-release": 'ID=debian\nVERSION_ID="12"\n'}, "debian 12"),
        ({"usr/lib/os-release": "ID='alpine'\nVERSION_ID=3.20.1\n"}, "alpine 3.20.1"),
        ({"etc/os-release": "", "usr/lib/os-release": "ID=fedora\nVERSION_ID=40"}, "fedora 40"),
        ({"etc/os-release": 'ID="un\n'}, '"un'),
        ({"etc/os-release": b"\xff\xfe\x00", "a": "b"}, ""),
        ({"etc/os-release": "ID=\x1b[31mx\nVERSION_ID=1"}, "[31mx 1"),
        ({"etc/os-release": "ID=" + "x" * 5000}, "x" * 199 + "…"),
        ({"a": "b"}, ""),
    ],
)
def test_the_system_is_what_os_release_says(tmp_path: Path, files: dict[str, str | bytes], system: str) -> None:
    assert image(tmp_path, builder.tar(files))[0].system == system


def test_a_database_of_rpm_is_said_to_be_unread(tmp_path: Path) -> None:
    assert image(tmp_path, builder.tar({"var/lib/rpm/Packages": "x"}))[0].unread == ("var/lib/rpm/Packages",)


def test_a_database_larger_than_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "_DATABASE", 10)
    with pytest.raises(ReportError, match="layer 1 of 1: a package database is larger"):
        image(tmp_path, builder.tar({STATUS: builder.STATUS.format("x", "1")}))


def test_a_layer_that_is_no_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="layer 2 of 2: it is no tar archive"):
        image(tmp_path, builder.tar({"a": "b"}), b"x" * 1024)


def test_a_database_that_is_a_link_or_a_device_is_none(tmp_path: Path) -> None:
    below = builder.tar({STATUS: builder.STATUS.format("x", "1")})
    above = builder.tar({}, [builder.member(STATUS, tarfile.SYMTYPE, "/etc/passwd")])
    assert packages(tmp_path, below, above) == []


def rules(found: Sequence[Result]) -> list[str]:
    return [f"{one.rule.id} {one.severity.value}" for one in found]


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "root:staff", None])
def test_an_image_that_runs_as_root_is_reported(tmp_path: Path, user: str | None) -> None:
    _, found = image(tmp_path, builder.tar({"a": "b"}), config={"User": user})
    assert rules(found) == ["image-root-user medium"]


@pytest.mark.parametrize("user", ["1000", "nobody", "65532:0"])
def test_an_image_with_another_user_is_fine(tmp_path: Path, user: str) -> None:
    assert image(tmp_path, builder.tar({"a": "b"}), config={"User": user})[1] == ()


@pytest.mark.parametrize(
    "step",
    [
        "ENV API_TOKEN=abcdef1234567890",
        "/bin/sh -c #(nop)  ENV API_TOKEN=abcdef1234567890",
        "ENV A=1 API_TOKEN=abcdef1234567890",
        "ARG API_TOKEN=abcdef1234567890",
        "ENV API_TOKEN abcdef1234567890",
    ],
)
def test_secrets_in_the_history_are_found_and_not_shown(tmp_path: Path, step: str) -> None:
    history = [{"created_by": step, "empty_layer": True}, {"created_by": "COPY x /"}]
    opened, found = image(tmp_path, builder.tar({"a": "b"}), history=history)
    assert rules(found) == ["image-env-secret high"]
    assert "API_TOKEN" in found[0].message
    assert "abcdef" not in repr((opened, found))
    assert opened.layers[0].instruction == "COPY x /"


def test_each_variable_is_reported_once_and_common_ones_are_not(tmp_path: Path) -> None:
    secret = "PASSWORD=correct1horse2battery"
    environment = ["PATH=/usr/bin", "LANG=C.UTF-8", "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", secret]
    history = [{"created_by": f"ENV {secret}", "empty_layer": True}]
    _, found = image(tmp_path, builder.tar({"a": "b"}), config={"User": "1", "Env": environment}, history=history)
    assert rules(found) == ["image-env-secret high"]


def test_a_history_that_does_not_fit_names_no_steps(tmp_path: Path) -> None:
    opened, _ = image(tmp_path, builder.tar({"a": "b"}), history=[])
    assert opened.layers[0].instruction == ""


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"rootfs": {"diff_ids": ["x"]}}', b"[" * 100_000, b"\xff"])
def test_what_is_no_configuration_is_refused(data: bytes) -> None:
    with pytest.raises(ReportError):
        configuration.read(data)


@pytest.mark.parametrize(
    ("system", "day", "since"),
    [
        ("debian 9", "2026-01-01", "2022-06-30"),
        ("debian 9.13", "2026-01-01", "2022-06-30"),
        ("debian 12", "2026-01-01", ""),
        ("debian 12", "2028-06-30", ""),
        ("debian 12", "2028-07-01", "2028-06-30"),
        ("debian 6", "2026-01-01", "long ago"),
        ("debian 99", "2026-01-01", ""),
        ("debian", "2026-01-01", ""),
        ("ubuntu 18.04", "2026-01-01", "2023-05-31"),
        ("ubuntu 12.10", "2026-01-01", "long ago"),
        ("alpine 3.9.1", "2026-01-01", "long ago"),
        ("alpine 3.18.4", "2026-01-01", "2025-05-09"),
        ("acmeos 7", "2026-01-01", ""),
        ("", "2026-01-01", ""),
    ],
)
def test_systems_come_to_their_end(system: str, day: str, since: str) -> None:
    assert systems.ended(system, dt.date.fromisoformat(day)) == since


def test_every_date_of_the_table_is_one() -> None:
    for releases in systems.ENDS.values():
        assert all(dt.date.fromisoformat(end) for end in releases.values())


def test_an_old_system_is_a_finding(tmp_path: Path) -> None:
    opened, found = image(tmp_path, builder.tar({"etc/os-release": "ID=debian\nVERSION_ID=8\n"}))
    assert opened.ended == "2020-06-30"
    assert rules(found) == ["end-of-life-system high"]


def test_a_name_longer_than_any_is_cut(tmp_path: Path) -> None:
    (found,) = packages(tmp_path, builder.tar({STATUS: builder.STATUS.format("x" * 5000, "1" * 5000)}))
    assert len(found) < 500


@pytest.mark.parametrize("database", [{STATUS: builder.STATUS.format("x", "1")}, {"lib/apk/db/installed": APK}])
def test_what_the_system_brought_of_npm_is_counted_once(tmp_path: Path, database: dict[str, str]) -> None:
    said = '{"name": "a", "version": "1"}'
    here = {"usr/lib/node_modules/npm/node_modules/a/package.json": said}
    assert "npm a 1" not in packages(tmp_path, builder.tar({**database, **here}))
    assert "npm a 1" in packages(tmp_path, builder.tar(here))


@pytest.mark.parametrize(
    ("system", "is_known"),
    [
        ("debian 12", True),
        ("debian 12.5", True),
        ("debian 1", False),
        ("debian 120", False),
        ("debian 13.1", False),
        ("alpine 3.22.1", True),
        ("alpine 3.2", False),
        ("alpine 3.23_alpha20250612", True),
        ("debian", True),
        ("rocky 9.3", True),
        ("", True),
    ],
)
def test_a_release_that_a_database_has_nothing_for_is_told(system: str, *, is_known: bool) -> None:
    package = Package(name="tar", version="1", path="x", ecosystem="Debian")
    looked = Image(name="x", service="x", path="", id="", packages=(package,))
    said = judgement._unknown_release(looked, Seen(image="", system=system), frozenset({"debian 12", "alpine 3.22"}))
    assert (said == "") == is_known
    assert judgement._unknown_release(looked, Seen(image="", system=system), frozenset()) == ""
