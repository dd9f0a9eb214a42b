"""Images are verified: what a scanner gets is what the digests say, or it gets nothing."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops.errors import ReportError, UsageError
from devsecops.images import source, tar, verify
from devsecops.scanner import Image
from tests.images import builder

FILES = {"etc/os-release": builder.DEBIAN, "var/lib/dpkg/status": builder.STATUS.format("tar", "1.34")}
BASE = builder.tar(FILES)
APP = builder.tar({"app/app.py": "print()\n"})


def _source(reference: str) -> source.Source:
    found = source.find(reference)
    assert isinstance(found, source.Source)
    return found


def opened(path: Path, folder: Path, reference: str = "") -> Image:
    target = folder / "0.tar"
    try:
        image, config = verify.verified(_source(reference or str(path)), {"example/app": "shop"}, target, lambda: False)
        image, _ = verify.inspected(image, config)
    finally:
        assert not target.with_suffix(".unpacked").exists()
    return image


def contents(image: Image) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(image.path) as archive:
        for member in archive:
            file = archive.extractfile(member)
            assert file is not None
            found[member.name] = file.read()
    return found


@pytest.fixture
def room(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir()
    return folder


def test_what_a_scanner_gets_is_written_anew_and_the_same_however_the_image_came(tmp_path: Path, room: Path) -> None:
    layers = [BASE, APP]
    ways = {
        "plain": builder.saved(tmp_path / "plain.tar", layers),
        "gzip": builder.saved(tmp_path / "packed.tar.gz", layers, packed=True),
        "packed layers": builder.saved(tmp_path / "l.tar", layers, contents=[gzip.compress(one) for one in layers]),
        "layout": builder.layout(tmp_path / "one", layers, name="docker.io/example/app:1.0"),
        "index in the layout": builder.layout(tmp_path / "two", layers, nested=True),
    }
    written = {}
    for name, path in ways.items():
        image = opened(path, room, f"oci:{path}" if path.is_dir() else "")
        written[name] = Path(image.path).read_bytes()
        assert [layer.digest for layer in image.layers] == [builder.digest(layer) for layer in layers]
        assert image.id == builder.digest(builder.configuration(layers))
        assert (image.system, image.files) == ("debian 12", 3)
    assert len(set(written.values())) == 1
    image = opened(ways["plain"], room)
    assert (image.name, image.service) == ("example/app", "shop")
    found = contents(image)
    assert [found[name] for name in sorted(found) if name.endswith("layer.tar")] == sorted(layers, key=builder.digest)
    (manifest,) = json.loads(found["manifest.json"])
    assert manifest["RepoTags"] is None
    assert found[manifest["Config"]] == builder.configuration(layers)


def test_a_swapped_layer_is_named(tmp_path: Path, room: Path) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE, APP], contents=[BASE, BASE])
    with pytest.raises(ReportError, match="layer 2 of 2 is not what the image's configuration says"):
        opened(path, room)


def test_a_layer_too_few_or_too_many_is_refused(tmp_path: Path, room: Path) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE], config=builder.configuration([BASE, APP]))
    with pytest.raises(ReportError, match="the image has 1 layers, its configuration names 2"):
        opened(path, room)


def test_another_configuration_than_the_archive_names_is_refused(tmp_path: Path, room: Path) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE])
    data = path.read_bytes().replace(b'"User": "1000"', b'"User": "root"')
    path.write_bytes(data)
    with pytest.raises(ReportError, match="configuration is not what its digest says"):
        opened(path, room)


@pytest.mark.parametrize("which", ["index.json", "manifest", "config"])
def test_a_changed_document_of_a_layout_is_refused(tmp_path: Path, room: Path, which: str) -> None:
    folder = builder.layout(tmp_path / "layout", [BASE])
    index = json.loads((folder / "index.json").read_text())
    one = folder / "blobs" / "sha256" / index["manifests"][0]["digest"][7:]
    config = folder / "blobs" / "sha256" / json.loads(one.read_text())["config"]["digest"][7:]
    path = {"index.json": folder / "index.json", "manifest": one, "config": config}[which]
    path.write_text(path.read_text().replace("sha256:", "sha256:0", 1).replace("amd64", "arm64"))
    with pytest.raises(ReportError):
        opened(folder, room, f"oci:{folder}")


def test_several_images_are_an_error_that_says_so(tmp_path: Path, room: Path) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE])
    with tarfile.open(path) as archive:
        kept = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    kept["manifest.json"] = json.dumps(json.loads(kept["manifest.json"]) * 2).encode()
    path.write_bytes(builder.tar(kept))
    with pytest.raises(ReportError, match="holds 2 images: save one at a time"):
        opened(path, room)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.6])
@pytest.mark.parametrize("packed", [False, True])
def test_a_cut_off_archive_is_refused(tmp_path: Path, room: Path, share: float, *, packed: bool) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE, APP], packed=packed)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(ReportError):
        opened(path, room)


@pytest.mark.parametrize(
    "data", [b"", b"no archive", b"\x1f\x8b", bytes(1024), b"\x28\xb5\x2f\xfd" * 200, b"BZh9" * 200]
)
def test_what_is_no_archive_is_refused(tmp_path: Path, room: Path, data: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(data)
    with pytest.raises(ReportError):
        opened(path, room)


def test_a_layer_compressed_otherwise_cannot_be_verified(tmp_path: Path, room: Path) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE], contents=[b"\x28\xb5\x2f\xfd" + bytes(600)])
    with pytest.raises(ReportError, match="compressed with zstd, which cannot be verified"):
        opened(path, room)


def test_ten_thousand_members_are_too_many(tmp_path: Path, room: Path) -> None:
    more = [builder.member(f"m{number}", tarfile.REGTYPE) for number in range(10_000)]
    path = builder.saved(tmp_path / "x.tar", [BASE], more=more)
    with pytest.raises(ReportError, match="more than 4,096 members"):
        opened(path, room)


def test_links_devices_and_paths_out_of_it_lead_nowhere(tmp_path: Path, room: Path) -> None:
    outside = tmp_path / "secret.json"
    outside.write_bytes(builder.configuration([BASE]))
    more = [
        builder.member("../../escape", tarfile.REGTYPE),
        builder.member("/etc/passwd", tarfile.REGTYPE),
        builder.member("dev", tarfile.CHRTYPE),
        builder.member("pipe", tarfile.FIFOTYPE),
        builder.member("link", tarfile.SYMTYPE, str(outside)),
        builder.member("hard", tarfile.LNKTYPE, "/etc/passwd"),
    ]
    layer = builder.tar({"etc/os-release": builder.DEBIAN, "../../../x/METADATA": "Name: x"}, more)
    image = opened(builder.saved(tmp_path / "x.tar", [layer], more=more), room)
    assert sorted(contents(image)) == sorted(
        [f"{builder.digest(layer)[7:]}/layer.tar", f"{image.id[7:]}.json", "manifest.json"]
    )
    assert sorted(tmp_path.iterdir()) == sorted([outside, room, tmp_path / "x.tar"])


@pytest.mark.parametrize("link", ["../secret", "/etc/passwd", "nowhere", "manifest.json/x"])
def test_a_document_that_is_a_link_out_of_the_archive_is_refused(tmp_path: Path, room: Path, link: str) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(builder.tar({"x": ""}, [builder.member("manifest.json", tarfile.SYMTYPE, link)]))
    with pytest.raises(ReportError):
        opened(path, room)


def test_a_layer_may_be_a_link_to_another_as_docker_wrote_them(tmp_path: Path, room: Path) -> None:
    config = builder.configuration([BASE, BASE])
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": ["a/layer.tar", "b/layer.tar"]}]
    files: dict[str, str | bytes] = {"c.json": config, "manifest.json": json.dumps(manifest), "a/layer.tar": BASE}
    path = tmp_path / "app.tar"
    path.write_bytes(builder.tar(files, [builder.member("b/layer.tar", tarfile.SYMTYPE, "../a/layer.tar")]))
    image = opened(path, room)
    assert (image.name, len(image.layers)) == ("app", 2)


def test_a_link_in_a_layout_leads_to_no_file_of_this_machine(tmp_path: Path, room: Path) -> None:
    folder = builder.layout(tmp_path / "layout", [BASE])
    outside = tmp_path / "index.json"
    (folder / "index.json").rename(outside)
    (folder / "index.json").symlink_to(outside)
    with pytest.raises(ReportError, match="lies outside its folder"):
        opened(folder, room, f"oci:{folder}")


@pytest.mark.parametrize("where", ["archive", "layer", "both"])
def test_bombs_are_refused_before_they_fill_the_disk(
    tmp_path: Path, room: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "_SUSPECT", 4 << 20)
    zeros = bytes(32 << 20)
    content = gzip.compress(zeros) if where != "archive" else zeros
    path = builder.saved(tmp_path / "x.tar", [zeros], contents=[content], packed=where != "layer")
    with pytest.raises(ReportError, match="unpacks to more than 200 times its archive"):
        opened(path, room)
    assert sum(one.stat().st_size for one in room.iterdir()) < 16 << 20


def test_a_full_disk_and_a_stopped_scan_end_it(tmp_path: Path, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = builder.saved(tmp_path / "x.tar", [BASE])
    with pytest.raises(ReportError, match="interrupted"):
        verify.verified(_source(str(path)), {}, room / "0.tar", lambda: True)
    monkeypatch.setattr(verify, "_RESERVE", 1 << 62)
    with pytest.raises(ReportError, match="not enough room"):
        opened(path, room)
    monkeypatch.setattr(verify, "LARGEST", 1000)
    with pytest.raises(ReportError, match="larger than"):
        opened(path, room)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("example/app:1.0", "example/app"),
        ("registry.example:5000/team/app:1.0", "registry.example:5000/team/app"),
        ("app", "app"),
        ("--output=x:1", "x"),
        ("$(reboot):1", "x"),
        ("../../etc/passwd", "x"),
        ("a\x1b[31m:1", "x"),
        ("A/B:1", "x"),
    ],
)
def test_a_tag_that_is_no_name_of_an_image_is_not_taken(tmp_path: Path, room: Path, tag: str, name: str) -> None:
    assert opened(builder.saved(tmp_path / "x.tar", [BASE], tags=[tag]), room).name == name


@pytest.mark.parametrize("reference", ["--output=x", "oci:nowhere", "nowhere.tar", "", "\0", "./nowhere", "/"])
def test_what_is_no_archive_or_layout_is_a_usage_error(reference: str) -> None:
    with pytest.raises(UsageError):
        source.find(reference)


@given(at=st.integers(0, 12000), byte=st.integers(0, 255))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_changed_byte_is_refused_or_changes_nothing(tmp_path: Path, at: int, byte: int) -> None:
    room = tmp_path / "room"
    room.mkdir(exist_ok=True)
    path = builder.saved(tmp_path / "x.tar", [BASE, APP])
    good = Path(opened(path, room).path).read_bytes()
    data = bytearray(path.read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(data)
    try:
        image = opened(path, room)
    except ReportError:
        return
    assert Path(image.path).read_bytes() == good


@given(st.binary(max_size=3000))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_walk_fail_otherwise(data: bytes) -> None:
    try:
        for entry in tar.walk(io.BytesIO(data), len(data), 10):
            assert 0 <= entry.offset + entry.size <= len(data)
    except ReportError:
        return


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_names_are_read_as_tarfile_reads_them(form: int) -> None:
    names = ["a", "d/" * 40 + "b", "x" * 90 + "/" + "y" * 90, "ünï", "./dot"]
    if form != tarfile.USTAR_FORMAT:
        names.append("long/" * 100 + "z")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    data = buffer.getvalue()
    entries = list(tar.walk(buffer, len(data), 100))
    assert [entry.name for entry in entries] == [name.removeprefix("./") for name in names]
    assert all(data[entry.offset :][:3] == b"abc" and entry.kind == "file" for entry in entries)


def pax(records: bytes) -> bytes:
    """An archive of one file with extended headers."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(records)
    file = tarfile.TarInfo("f")
    return header.tobuf() + records + bytes(-len(records) % 512) + file.tobuf() + bytes(1024)


@pytest.mark.parametrize(
    "records",
    [
        b"9" * 10_000 + b" path=x\n",
        b"0 path=x\n",
        b"3 path=x\n",
        b"999 path=x\n",
        b"path=x\n",
        b"-5 path=x\n",
        b"29 size=99999999999999999999\n"[:-1] + b"\n",
    ],
)
def test_odd_extended_headers_are_refused_or_skipped(records: bytes) -> None:
    data = pax(records)
    try:
        assert [entry.name for entry in tar.walk(io.BytesIO(data), len(data), 10)] == ["f"]
    except ReportError:
        return


def test_many_extended_headers_take_no_time() -> None:
    data = pax(b"6 a=b\n" * 170_000)
    began = time.monotonic()
    assert [entry.name for entry in tar.walk(io.BytesIO(data), len(data), 10)] == ["f"]
    assert time.monotonic() - began < 5


def test_a_header_larger_than_any_is_not_read() -> None:
    data = pax(b"6 a=b\n" * 200_000)
    with pytest.raises(ReportError, match="header of more than"):
        list(tar.walk(io.BytesIO(data), len(data), 10))


def test_several_tags_of_one_image_are_one_and_several_images_are_an_error(tmp_path: Path, room: Path) -> None:
    folder = builder.layout(tmp_path / "layout", [BASE])
    index = json.loads((folder / "index.json").read_text())
    (one,) = index["manifests"]
    (folder / "index.json").write_text(json.dumps({"manifests": [one, {**one, "annotations": {"x": "y"}}]}))
    assert opened(folder, room, f"oci:{folder}").name == "layout"
    platforms = [{"os": "linux", "architecture": name} for name in ("amd64", "arm64")]
    several = [{**one, "digest": f"sha256:{n}" * 9, "platform": platform} for n, platform in enumerate(platforms)]
    (folder / "index.json").write_text(json.dumps({"manifests": several}))
    with pytest.raises(ReportError, match=r"holds 2 images \(linux/amd64, linux/arm64\): save one at a time"):
        opened(folder, room, f"oci:{folder}")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("app-1.0.tar", "app-1.0"),
        ("App.tar.gz", "App"),
        ("x.tgz", "x"),
        ("...tar", "image"),
        ("--output=x.tar", "output-x"),
        ("$(reboot) `x`.tar", "reboot-x"),
        ("\udcff\x1b[31m.tar", "31m"),
        ("plain", "plain"),
    ],
)
def test_an_image_without_a_name_is_called_by_its_file(tmp_path: Path, room: Path, file: str, name: str) -> None:
    assert opened(builder.saved(tmp_path / file, [BASE], tags=None), room).name == name
