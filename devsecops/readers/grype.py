"""Reads the JSON of grype on an image, with the packages it saw from its CycloneDX report beside it."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from devsecops import files
from devsecops.errors import ReportError
from devsecops.model import PackageLocation, Result, Rule
from devsecops.readers import packages
from devsecops.readers.report import Found, Grades, Seen, decode
from devsecops.scanner import Finished

_PACKAGES = ".packages"
_LIMIT = 256 << 20  # bytes
_OF_SYSTEM = ("pkg:deb/", "pkg:apk/", "pkg:rpm/", "pkg:alpm/")


class _Metrics(msgspec.Struct, rename="camel"):
    base_score: float = 0.0


class _Cvss(msgspec.Struct):
    version: str = ""
    vector: str = ""
    metrics: _Metrics = msgspec.field(default_factory=_Metrics)


class _Fix(msgspec.Struct):
    versions: list[str] = []
    state: str = ""


class _Vulnerability(msgspec.Struct, rename="camel"):
    id: str
    severity: str = "Unknown"
    description: str = ""
    data_source: str = ""
    cvss: list[_Cvss] = []
    fix: _Fix = msgspec.field(default_factory=_Fix)


class _Location(msgspec.Struct):
    layer: str = msgspec.field(default="", name="layerID")


class _Artifact(msgspec.Struct):
    name: str
    version: str
    type: str = ""
    purl: str = ""
    locations: list[_Location] = []


class _Match(msgspec.Struct, rename="camel"):
    vulnerability: _Vulnerability
    artifact: _Artifact
    related_vulnerabilities: list[_Vulnerability] = []


class _Target(msgspec.Struct):
    image: str = msgspec.field(default="", name="imageID")


class _Source(msgspec.Struct):
    type: str = ""
    target: object = None


class _Distro(msgspec.Struct):
    name: str = ""
    version: str = ""


class _Alert(msgspec.Struct):
    type: str = ""


class _Alerts(msgspec.Struct):
    alerts: list[_Alert] = []


class _Report(msgspec.Struct, rename="camel"):
    matches: list[_Match]
    source: _Source
    ignored_matches: list[object] = []
    distro: _Distro = msgspec.field(default_factory=_Distro)
    alerts_by_package: list[_Alerts] = []


class _Component(msgspec.Struct):
    type: str = ""
    name: str = ""
    version: str = ""
    purl: str = ""


class _Bom(msgspec.Struct):
    components: list[_Component] = []


def read(data: bytes, finished: Finished, grades: Grades) -> Found:
    """What grype found in an image, which packages it saw, and as which system it took it.

    Its JSON names no package that is not vulnerable; its CycloneDX report of the same run does.

    Raises:
        ReportError: it is not about an image, something was filtered, or the packages are not there.
    """
    report = decode(data, _Report)
    if report.source.type != "image" or not isinstance(report.source.target, dict):
        raise ReportError("the report is not that of an image")
    if report.ignored_matches:
        raise ReportError(f"{len(report.ignored_matches)} matches were ignored by a rule that is not ours")
    seen = msgspec.convert(report.source.target, _Target)
    beside = finished.report.with_name(finished.report.name + _PACKAGES)
    listed = [one for one in decode(files.read(beside, _LIMIT), _Bom).components if one.purl]
    return Found(
        results=tuple(_result(match, finished, grades) for match in report.matches),
        examined=frozenset(map(_key, listed)),
        seen=Seen(
            image=seen.image,
            system=f"{report.distro.name} {report.distro.version}".strip() if report.distro.name else "",
            of_system=any(one.purl.startswith(_OF_SYSTEM) for one in listed),
            ended=any(alert.type == "distro-eol" for one in report.alerts_by_package for alert in one.alerts),
        ),
    )


def _key(one: _Component) -> str:
    return packages.key(one.name, one.version, "python" if one.purl.startswith("pkg:pypi/") else "")


def _result(match: _Match, finished: Finished, grades: Grades) -> Result:
    image = finished.job.image
    found, artifact = match.vulnerability, match.artifact
    score, vector = _score(match)
    text = found.description or next((one.description for one in match.related_vulnerabilities if one.description), "")
    digests = [location.layer for location in artifact.locations]
    where = next(filter(None, (packages.layer(digest, image) for digest in digests)), "")
    return Result(
        scanner=finished.job.scanner,
        rule=Rule(id=found.id, name=text.partition("\n")[0] or found.id, help=text, uri=found.data_source),
        severity=grades.severity(found.severity, found.id),
        message=packages.message(artifact.name, artifact.version, text, where),
        location=PackageLocation(
            purl=artifact.purl or f"pkg:generic/{quote(artifact.name)}@{quote(artifact.version, safe='')}",
            path=packages.place(image),
        ),
        score=score,
        vector=vector,
        aliases=packages.aliases((one.id for one in match.related_vulnerabilities), found.id),
        fixed=tuple(found.fix.versions),
    )


def _score(match: _Match) -> tuple[float | None, str]:
    """CVSS of the advisory, else of one that is related; the newest version of it."""
    for one in (match.vulnerability, *match.related_vulnerabilities):
        scored = [cvss for cvss in one.cvss if cvss.metrics.base_score]
        if scored:
            best = max(scored, key=lambda cvss: (cvss.version, cvss.metrics.base_score))
            return best.metrics.base_score, best.vector
    return None, ""
