"""Makes small images: archives of docker save and OCI layouts, right ones and hostile ones."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

DEBIAN = 'ID=debian\nVERSION_ID="12"\n'
STATUS = "Package: {}\nStatus: install ok installed\nVersion: {}\n\n"


def tar(files: Mapping[str, str | bytes], more: Sequence[tarfile.TarInfo] = ()) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more:
            archive.addfile(info)
    return buffer.getvalue()


def member(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    return info


def digest(data: bytes) -> str:
    return f"sha256:{sha256(data).hexdigest()}"


def configuration(layers: Sequence[bytes], **said: Any) -> bytes:
    history = [{"created_by": f"COPY layer{number} /"} for number in range(len(layers))]
    document = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"User": "1000"} | said.pop("config", {}),
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": history,
    }
    return json.dumps(document | said).encode()


def saved(
    path: Path,
    layers: Sequence[bytes],
    *,
    config: bytes = b"",
    tags: Sequence[str] | None = ("example/app:1.0",),
    contents: Sequence[bytes] | None = None,
    packed: bool = False,
    more: Sequence[tarfile.TarInfo] = (),
) -> Path:
    """An archive of docker save; `contents` are written in place of the layers, under their names."""
    config = config or configuration(layers)
    document = f"{sha256(config).hexdigest()}.json"
    names = [f"{sha256(layer).hexdigest()}/layer.tar" for layer in layers]
    manifest = json.dumps([{"Config": document, "RepoTags": tags, "Layers": names}])
    files: dict[str, str | bytes] = {
        document: config,
        "manifest.json": manifest,
        **dict(zip(names, contents or layers, strict=True)),
    }
    data = tar(files, more)
    path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return path


def layout(folder: Path, layers: Sequence[bytes], *, nested: bool = False, name: str = "") -> Path:
    """An OCI layout whose layers are compressed with gzip."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, kind: str) -> dict[str, Any]:
        (blobs / sha256(data).hexdigest()).write_bytes(data)
        return {"mediaType": kind, "digest": digest(data), "size": len(data)}

    base = "application/vnd.oci.image."
    packed = [blob(gzip.compress(layer, mtime=0), f"{base}layer.v1.tar+gzip") for layer in layers]
    config = blob(configuration(layers), f"{base}config.v1+json")
    one = blob(json.dumps({"config": config, "layers": packed}).encode(), f"{base}manifest.v1+json")
    attestation = {**one, "platform": {"architecture": "unknown", "os": "unknown"}}
    if nested:
        document = json.dumps({"manifests": [one, attestation]}).encode()
        one = blob(document, f"{base}index.v1+json")
    if name:
        one["annotations"] = {"io.containerd.image.name": name}
    (folder / "index.json").write_text(json.dumps({"manifests": [one]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return folder
