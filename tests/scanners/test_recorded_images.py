"""The conclusions that must be drawn from recorded reports of scanners of images, given what we know of the image."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest

from devsecops import dedupe, evidence, manifest
from devsecops.model import Package, PackageLocation, Result, Status, Tool
from devsecops.scanner import End, Finished, Image, Job, Layer, Reading, Scope
from devsecops.writers import parts

DEBIAN = ["libc6==2.36-9+deb12u1", "zlib1g==1:1.2.13.dfsg-1", "tar==1.34+dfsg-1.2+deb12u1", "libgnutls30==3.7.9-2"]
OLD = ["libc6==2.24-11+deb9u4", "tar==1.29b-1.1+deb9u1", "openssl==1.1.0l-1~deb9u1"]
PYTHON = ["flask==0.12", "requests==2.19.0", "pyyaml==5.1"]
CLEAN = ["base-files==12.4+deb12u12", "idna==3.16"]
STRETCH = {"system": "debian 9", "ended": "2022-06-30"}
TRIVY, GRYPE = "trivy/0.76.0", "grype/0.120.1"
CASES = [
    # tool, report, exit code, packages, more about the image, status, results, what is said
    (TRIVY, "findings-image-distroless.json", 7, [*DEBIAN, *PYTHON], {}, "complete", 18, ""),
    (GRYPE, "findings-image-distroless.json", 0, [*DEBIAN, *PYTHON], {}, "complete", 17, ""),
    (TRIVY, "findings-image-gobin.json", 7, [], {"system": ""}, "complete", 21, ""),
    (TRIVY, "clean-image.json", 0, CLEAN, {}, "complete", 0, ""),
    (GRYPE, "clean-image.json", 0, CLEAN, {}, "complete", 0, ""),
    (TRIVY, "incomplete-image-eol.json", 0, OLD, STRETCH, "partial", 1, "gets no security updates any more"),
    (GRYPE, "incomplete-image-eol.json", 0, OLD, STRETCH, "partial", 1, "gets no security updates any more"),
    (TRIVY, "incomplete-image-eol.json", 0, OLD, {"system": "debian 9"}, "partial", 1, "gets no security updates"),
    (GRYPE, "incomplete-image-eol-alert.json", 0, OLD, {"system": "debian 9"}, "partial", 2, "no security updates"),
    (TRIVY, "incomplete-image-unknown-os.json", 0, DEBIAN, {"system": "acmeos 7"}, "partial", 0, "does not know"),
    (GRYPE, "incomplete-image-unknown-os.json", 0, DEBIAN, {"system": "acmeos 7"}, "partial", 0, "does not know"),
    (TRIVY, "incomplete-image-no-os-release.json", 0, DEBIAN, {"system": ""}, "partial", 0, "does not know"),
    (GRYPE, "incomplete-image-no-os-release.json", 0, DEBIAN, {"system": ""}, "partial", 0, "does not know"),
    (TRIVY, "incomplete-image-empty.json", 0, [], {"system": ""}, "partial", 0, "no package was found in 9 files"),
    (GRYPE, "incomplete-image-empty.json", 0, [], {"system": ""}, "partial", 0, "no package was found in 9 files"),
    (TRIVY, "clean-image.json", 0, CLEAN, {"id": "sha256:1"}, "failed", 0, "about another image"),
    (GRYPE, "clean-image.json", 0, CLEAN, {"id": "sha256:1"}, "failed", 0, "about another image"),
    (TRIVY, "clean-image.json", 0, [*CLEAN, "six==1.16.0"], {}, "partial", 0, "six 1.16.0 is not among the packages"),
    (TRIVY, "incomplete-image-empty.json", 0, [], {"unread": ("var/lib/rpm/rpmdb.sqlite",)}, "partial", 0, "does not"),
    (TRIVY, "incomplete-sbom-syft.json", 7, [], {}, "failed", 0, "not that of an image"),
    (TRIVY, "findings-fs-requirements.json", 7, [], {}, "failed", 0, "not that of an image"),
    (GRYPE, "findings-image-only-fixed.json", 0, DEBIAN, {}, "failed", 0, "ignored by a rule that is not ours"),
    (TRIVY, "error-db-truncated.stderr.txt", 2, DEBIAN, {}, "failed", 0, "exit code 2"),
    (GRYPE, "error-db-changed.stderr.txt", 1, DEBIAN, {}, "failed", 0, "exit code 1"),
    (TRIVY, "error-image-truncated.stderr.txt", 1, DEBIAN, {}, "failed", 0, "exit code 1"),
]


def package(key: str) -> Package:
    name, _, version = key.partition("==")
    ecosystem = "PyPI" if key in {*PYTHON, "idna==3.16", "six==1.16.0"} else "Debian"
    return Package(name=name, version=version, path="example/app", ecosystem=ecosystem)


def image_of(path: Path, keys: list[str], **more: Any) -> Image:
    report = {} if path.suffix != ".json" else json.loads(path.read_bytes())
    target = report.get("source", {}).get("target", {})
    seen = report.get("Metadata", {}).get("ImageID") or (target.get("imageID") if isinstance(target, dict) else "")
    image = Image(
        name="example/app",
        service="shop",
        path="/private/0.tar",
        id=seen or "sha256:0",
        layers=tuple(Layer(digest=one) for one in report.get("Metadata", {}).get("DiffIDs", [])),
        files=9,
        system="debian 12",
        packages=tuple(map(package, keys)),
    )
    return msgspec.structs.replace(image, **more)


def conclude(tmp_path: Path, path: Path, code: int, image: Image) -> Reading:
    """What a scanner's manifest concludes from a report, with the packages of the image beside that of grype."""
    scanners = {scanner.name: scanner for scanner in manifest.bundled()}
    scanner = scanners[path.parts[-3]]
    report = tmp_path / "report"
    is_report = path.suffix == ".json"
    if is_report:
        report.write_bytes(path.read_bytes())
    components = [{"name": one.name, "version": one.version, "purl": purl(one)} for one in image.packages]
    (tmp_path / "report.packages").write_text(json.dumps({"components": components}))
    spec = scanner.manifest.job[0]
    job = Job(
        scanner=scanner.name,
        name=scanner.name,
        argv=("tool",),
        exits=spec.exit.meanings(),
        report=spec.report,
        source="0",
        target=image.name,
        image=image,
        packages=image.packages,
    )
    stderr = "" if is_report else path.read_text()
    finished = Finished(job=job, end=End.EXITED, exit_code=code, report=report, stderr=stderr)
    return scanner.read(finished, Scope(tool=Tool(name=scanner.name), program="tool"))


def purl(one: Package) -> str:
    return f"pkg:pypi/{one.name}" if one.ecosystem == "PyPI" else f"pkg:deb/debian/{one.name}"


@pytest.mark.needs("shared")
@pytest.mark.parametrize(("tool", "name", "code", "keys", "more", "status", "count", "said"), CASES)
def test_concludes_what_the_index_says(
    recorded: Path,
    tmp_path: Path,
    tool: str,
    name: str,
    code: int,
    keys: list[str],
    more: dict[str, Any],
    status: str,
    count: int,
    said: str,
) -> None:
    path = recorded / tool / name
    reading = conclude(tmp_path, path, code, image_of(path, keys, **more))
    assert (reading.execution.status.value, len(reading.results)) == (status, count)
    assert said in " ".join(message.text for message in reading.execution.messages)
    coverage = reading.execution.coverage
    if status == "partial":
        assert coverage is not None
        assert coverage.unit == "packages"
        assert coverage.examined < coverage.expected or not keys
    if status == "complete":
        assert coverage is not None
        assert coverage.examined == coverage.expected > 0


def annotated(recorded: Path, tmp_path: Path, name: str) -> list[Result]:
    found: list[Result] = []
    for tool, code in ((TRIVY, 7), (GRYPE, 0)):
        path = recorded / tool / name
        reading = conclude(tmp_path, path, code, image_of(path, [*DEBIAN, *PYTHON]))
        found += evidence.in_image(reading.results, "shop")
    return found


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("name", "alike", "alone"),
    [
        ("findings-image-distroless.json", 17, 1),
        ("findings-image-pyapp.json", 94, 1),
        ("findings-image-gobin.json", 21, 0),
    ],
)
def test_what_both_find_is_joined_by_any_common_identifier(
    recorded: Path, tmp_path: Path, name: str, alike: int, alone: int
) -> None:
    results = [one for one in annotated(recorded, tmp_path, name) if isinstance(one.location, PackageLocation)]
    findings = dedupe.findings(results)
    both = [finding for finding in findings if finding.scanners == ("grype", "trivy")]
    assert (len(both), len(findings) - len(both)) == (alike, alone)


@pytest.mark.needs("shared")
def test_nothing_of_a_secret_is_read(recorded: Path, tmp_path: Path) -> None:
    text = repr(annotated(recorded, tmp_path, "findings-image-pyapp.json"))
    assert "A8sKq0ZlM3nP7wXcR2tYvB5uJ9eHfD1gLiOa" not in text
    assert "wJalrXUtnFEMI" not in text


@pytest.mark.needs("shared")
def test_both_name_the_same_version_of_a_package(recorded: Path, tmp_path: Path) -> None:
    results = annotated(recorded, tmp_path, "findings-image-pyapp.json")
    named = defaultdict(set)
    for one in results:
        if isinstance(one.location, PackageLocation):
            name, version = parts.package(one.location)
            named[name].add(version)
    assert {name: len(versions) for name, versions in named.items() if len(versions) > 1} == {}


@pytest.mark.needs("shared")
def test_many_packages_that_were_not_examined_are_one_message(recorded: Path, tmp_path: Path) -> None:
    path = recorded / TRIVY / "clean-image.json"
    image = image_of(path, [*CLEAN, *(f"p{number}==1" for number in range(500))])
    execution = conclude(tmp_path, path, 0, image).execution
    assert execution.status is Status.PARTIAL
    assert execution.coverage
    assert (execution.coverage.expected, execution.coverage.examined) == (502, 2)
    assert [message.text for message in execution.messages] == [
        "trivy: 500 packages, such as p0==1, are not among those examined"
    ]
