"""Where a finding is, as each of GitLab's security reports wants it said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from devsecops.dedupe import Finding
from devsecops.model import Execution, FileLocation, HttpLocation, Kind, Outcome, PackageLocation
from devsecops.text import clean, one_line, shorten
from devsecops.writers import parts

NAME: Final = 255
"""Characters of a name: the schemas' limit, also that of GitLab's table of identifiers."""
_URL = 2_000  # characters
_EVIDENCE = 20_000  # characters
_NO_COMMIT: Final = "0" * 40
_MANAGERS: Final = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "package-lock.json": "npm",
    "yarn.lock": "yarn",
    "pnpm-lock.yaml": "pnpm",
    "go.sum": "go",
    "go.mod": "go",
    "pom.xml": "maven",
    "Cargo.lock": "cargo",
    "Gemfile.lock": "bundler",
    "composer.lock": "composer",
}

Json = dict[str, Any]


def _in_file(finding: Finding) -> Json:
    location = finding.first.location
    assert not isinstance(location, HttpLocation)  # noqa: S101  # `_report` gives requests to DAST
    where: Json = {"file": text(location.path)}
    if location.line:
        where["start_line"] = location.line
        end = location.end_line if isinstance(location, FileLocation) else 0
        where["end_line"] = max(end, location.line)
    found: Json = {"location": where}
    if finding.first.evidence:
        found["raw_source_code_extract"] = shorten(clean(finding.first.evidence), _EVIDENCE)
    if finding.fingerprint:
        signature = {"algorithm": "hash", "value": one_line(finding.fingerprint)}
        found["tracking"] = {"type": "source", "items": [{**where, "signatures": [signature]}]}
    return found


def _source(finding: Finding, _: Outcome) -> Json:
    return _in_file(finding)


def _secret(finding: Finding, _: Outcome) -> Json:
    found = _in_file(finding)
    found["location"]["commit"] = {"sha": _NO_COMMIT}
    return found


def _dependency(finding: Finding, _: Outcome) -> Json:
    location = finding.first.location
    path = "" if isinstance(location, HttpLocation) else location.path
    return {"location": {"file": text(path), "dependency": _package(finding)}}


def _image(finding: Finding, outcome: Outcome) -> Json:
    first = finding.first
    images = {service.name: service.image for service in outcome.services}
    targets = {one.target for one in outcome.executions if one.kind is Kind.IMAGE and one.scanner == first.scanner}
    target = targets.pop() if len(targets) == 1 else ""
    path = "" if isinstance(first.location, HttpLocation) else first.location.path
    image = images.get(first.service, "") or target or path
    where = {"image": text(image), "operating_system": _system(finding), "dependency": _package(finding)}
    return {"location": where}


def _request(finding: Finding, _: Outcome) -> Json:
    location = finding.first.location
    if not isinstance(location, HttpLocation):
        return {"location": {"path": text(location.path)}}
    host, path = _url(location.url)
    where = {"hostname": host, "path": path, "method": one_line(location.method), "param": one_line(location.parameter)}
    request = {"headers": [], "method": text(location.method), "url": text(location.url, _URL)}
    evidence: Json = {"request": request}
    if finding.first.evidence:
        evidence["summary"] = shorten(clean(finding.first.evidence), _EVIDENCE)
    return {"location": {key: shorten(said, _URL) for key, said in where.items() if said}, "evidence": evidence}


PLACES: Final = {
    "sast": _source,
    "secret_detection": _secret,
    "dependency_scanning": _dependency,
    "container_scanning": _image,
    "dast": _request,
}
"""For each report, the function from finding and outcome to the members of a vulnerability that say where it is."""


def _package(finding: Finding) -> Json:
    location = finding.first.location
    name, version = parts.package(location) if isinstance(location, PackageLocation) else ("unknown", "")
    return {"package": {"name": shorten(name, NAME)}, "version": shorten(version, NAME) or "unknown"}


def _system(finding: Finding) -> str:
    """The distribution that a purl names: `pkg:deb/debian/…?distro=debian-12` is `debian 12`."""
    location = finding.first.location
    purl = location.purl if isinstance(location, PackageLocation) else ""
    distro = re.search(r"[?&]distro=([\w.-]+)", purl)
    if distro:
        return text(distro[1].replace("-", " ", 1))
    system = re.match(r"pkg:(?:deb|rpm|apk)/([\w.-]+)/", purl)
    return text(system[1] if system else "")


def _url(url: str) -> tuple[str, str]:
    """Scheme with host, and path with query, of a URL; all of it as the path where it is none."""
    try:
        split = urlsplit(one_line(url))
    except ValueError:
        return "", one_line(url)
    host = f"{split.scheme}://{split.netloc}" if split.netloc else ""
    return host, split.path + (f"?{split.query}" if split.query else "") or "/"


def resources(executions: Iterable[Execution], findings: Iterable[Finding]) -> list[Json]:
    """What was asked of the services, as far as an outcome knows it: targets, and requests with findings."""
    locations = (finding.first.location for finding in findings)
    requests = {(one.method, one.url) for one in locations if isinstance(one, HttpLocation)}
    requests |= {("GET", execution.target) for execution in executions if execution.target}
    return [{"method": text(method), "url": text(url, _URL), "type": "url"} for method, url in sorted(requests)]


def dependency_files(findings: Iterable[Finding]) -> list[Json]:
    """The files with vulnerable packages and those packages; an outcome does not know the others (15.0 asks for it)."""
    files: dict[str, dict[tuple[str, str], PackageLocation]] = {}
    for finding in findings:
        for result in finding.results:
            if isinstance(result.location, PackageLocation):
                files.setdefault(text(result.location.path), {})[parts.package(result.location)] = result.location
    return [
        {
            "path": path,
            "package_manager": _MANAGERS.get(path.rpartition("/")[2]) or _purl_type(next(iter(some.values())).purl),
            "dependencies": [
                {"package": {"name": name}, "version": version or "unknown"} for name, version in sorted(some)
            ],
        }
        for path, some in sorted(files.items())
    ]


def _purl_type(purl: str) -> str:
    found = re.match(r"pkg:([a-z]+)/", purl)
    return {"pypi": "pip"}.get(found[1], found[1]) if found else "unknown"


def text(said: str, limit: int = NAME) -> str:
    """One line that is never empty, as the schemas ask."""
    return shorten(one_line(said), limit) or "unknown"
