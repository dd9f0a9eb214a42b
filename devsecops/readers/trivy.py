"""Reads the JSON of `trivy image`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from devsecops.errors import ReportError
from devsecops.model import FileLocation, PackageLocation, Result, Rule
from devsecops.readers import packages
from devsecops.readers.report import Found, Grades, Seen, decode
from devsecops.scanner import Finished


class _Table(msgspec.Struct, rename="pascal"):
    pass


class _Identifier(msgspec.Struct):
    PURL: str = ""


class _Layer(msgspec.Struct):
    DiffID: str = ""


class _Package(_Table):
    name: str
    version: str = ""
    release: str = ""
    epoch: int = 0


class _Cvss(msgspec.Struct):
    V40Vector: str = ""
    V40Score: float = 0.0
    V3Vector: str = ""
    V3Score: float = 0.0
    V2Vector: str = ""
    V2Score: float = 0.0


class _Vulnerability(msgspec.Struct):
    VulnerabilityID: str
    PkgName: str
    InstalledVersion: str
    Severity: str = "UNKNOWN"
    PkgIdentifier: _Identifier = msgspec.field(default_factory=_Identifier)
    VendorIDs: list[str] = []
    FixedVersion: str = ""
    Status: str = ""
    Layer: _Layer = msgspec.field(default_factory=_Layer)
    SeveritySource: str = ""
    PrimaryURL: str = ""
    Title: str = ""
    Description: str = ""
    CweIDs: list[str] = []
    CVSS: dict[str, _Cvss] = {}


class _Secret(msgspec.Struct):
    RuleID: str
    Severity: str = "UNKNOWN"
    Title: str = ""
    StartLine: int = 0
    Match: str = ""
    Layer: _Layer = msgspec.field(default_factory=_Layer)


class _Result(_Table):
    target: str = ""
    class_: str = msgspec.field(default="", name="Class")
    type: str = ""
    packages: list[_Package] = []
    vulnerabilities: list[_Vulnerability] = []
    secrets: list[_Secret] = []


class _System(msgspec.Struct):
    Family: str = ""
    Name: str = ""
    EOSL: bool = False


class _Metadata(msgspec.Struct):
    ImageID: str = ""
    OS: _System = msgspec.field(default_factory=_System)


class _Report(_Table):
    schema_version: int
    artifact_type: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    results: list[_Result] = []


def read(data: bytes, finished: Finished, grades: Grades) -> Found:
    """What trivy found in an image, which packages it saw, and as which system it took it.

    `Metadata.ImageConfig`, which holds the image's environment in clear, is not read.

    Raises:
        ReportError: the report is of another schema, or not about an image.
    """
    report = decode(data, _Report)
    if report.schema_version != 2 or report.artifact_type != "container_image":
        raise ReportError("the report is not that of an image, or of another schema than 2")
    system = report.metadata.OS
    known = system.Family not in {"", "none"}
    seen = Seen(
        image=report.metadata.ImageID,
        system=f"{system.Family} {system.Name}".strip() if known else "",
        of_system=any(one.packages for one in report.results if one.class_ == "os-pkgs"),
        ended=system.EOSL,
    )
    return Found(
        results=tuple(found for one in report.results for found in _results(one, finished, grades)),
        examined=frozenset(_key(package, one.type) for one in report.results for package in one.packages),
        seen=seen,
    )


def _key(package: _Package, kind: str) -> str:
    version = f"{package.epoch}:" * bool(package.epoch) + package.version
    return packages.key(package.name, f"{version}-{package.release}" if package.release else version, kind)


def _results(one: _Result, finished: Finished, grades: Grades) -> Iterator[Result]:
    for vulnerability in one.vulnerabilities:
        yield _vulnerable(vulnerability, finished, grades)
    for secret in one.secrets:
        yield _leaked(secret, one.target, finished, grades)


def _vulnerable(one: _Vulnerability, finished: Finished, grades: Grades) -> Result:
    image = finished.job.image
    score, vector = _score(one)
    where = packages.layer(one.Layer.DiffID, image)
    updates = [name for name in one.VendorIDs if name not in packages.aliases(one.VendorIDs, one.VulnerabilityID)]
    help_ = "\n".join(filter(None, [one.Description, ", ".join(updates) and f"Updates: {', '.join(updates)}"]))
    return Result(
        scanner=finished.job.scanner,
        rule=Rule(
            id=one.VulnerabilityID,
            name=one.Title or one.VulnerabilityID,
            help=help_,
            uri=one.PrimaryURL,
            cwe=tuple(int(number) for text in one.CweIDs for number in re.findall(r"CWE-(\d+)", text)),
        ),
        severity=grades.severity(one.Severity, one.VulnerabilityID),
        message=packages.message(one.PkgName, one.InstalledVersion, one.Title or one.Description, where),
        location=PackageLocation(
            purl=_purl(one),
            path=packages.place(image),
        ),
        score=score,
        vector=vector,
        aliases=packages.aliases(one.VendorIDs, one.VulnerabilityID),
        fixed=tuple(filter(None, (version.strip() for version in one.FixedVersion.split(",")))),
    )


def _purl(one: _Vulnerability) -> str:
    """The package URL; the epoch of a Debian version in the version, as purl-spec has it, not in a qualifier."""
    purl = one.PkgIdentifier.PURL or f"pkg:generic/{quote(one.PkgName)}@{quote(one.InstalledVersion, safe='')}"
    if purl.startswith("pkg:deb/") and "epoch=" in purl:
        name, _, rest = purl.partition("@")
        qualifiers = [part for part in rest.partition("?")[2].split("&") if not part.startswith("epoch=")]
        purl = f"{name}@{quote(one.InstalledVersion, safe='')}?{'&'.join(qualifiers)}"
    return purl


def _score(one: _Vulnerability) -> tuple[float | None, str]:
    """CVSS of the source that the severity is from, else of NVD, else of any; the newest version of it."""
    sources = [one.SeveritySource, "nvd", *sorted(one.CVSS)]
    for cvss in (one.CVSS[source] for source in sources if source in one.CVSS):
        for score, vector in (
            (cvss.V40Score, cvss.V40Vector),
            (cvss.V3Score, cvss.V3Vector),
            (cvss.V2Score, cvss.V2Vector),
        ):
            if score:
                return score, vector
    return None, ""


def _leaked(one: _Secret, target: str, finished: Finished, grades: Grades) -> Result:
    """A secret in a file, or in the image's configuration, which trivy calls as the archive; trivy has masked it."""
    image = finished.job.image
    path = "" if image and target == image.path else target.lstrip("/")
    place = f"/{path}" if path else "the configuration of the image"
    where = packages.layer(one.Layer.DiffID, image)
    return Result(
        scanner=finished.job.scanner,
        rule=Rule(id=one.RuleID, name=one.Title, cwe=(798,)),
        severity=grades.severity(one.Severity, one.RuleID),
        message=f"{one.Title or one.RuleID} in {place}{f' [{where}]' if where else ''}",
        location=FileLocation(
            path="/".join(filter(None, [packages.place(image), path])), line=one.StartLine if path else 0
        ),
        evidence=one.Match,
    )
