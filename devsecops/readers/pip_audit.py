"""Reads pip-audit's JSON."""

from collections import defaultdict

import msgspec
from packaging.version import InvalidVersion, Version

from devsecops.model import Message, Package, PackageLocation, Result, Rule
from devsecops.readers.report import Found, Grades, decode, package_key
from devsecops.scanner import Finished


class _Vulnerability(msgspec.Struct):
    id: str
    fix_versions: list[str] = []
    aliases: list[str] = []
    description: str = ""


class _Dependency(msgspec.Struct):
    name: str
    version: str = ""
    skip_reason: str = ""
    vulns: list[_Vulnerability] = []


class _Report(msgspec.Struct):
    dependencies: list[_Dependency]


def read(data: bytes, finished: Finished, grades: Grades) -> Found:
    """The vulnerable packages, once for each place that names them.

    A package with `skip_reason` was not audited although the exit code is 0. One weakness may be listed twice under
    one id, when two records of the database describe it: it is one result, with the aliases of both.
    """
    places: dict[tuple[str, str], list[Package]] = defaultdict(list)
    for package in finished.job.packages:
        places[package.name, _normal(package.version)].append(package)
    results: list[Result] = []
    missed: list[Message] = []
    examined: set[str] = set()
    for dependency in decode(data, _Report).dependencies:
        if dependency.skip_reason:
            missed += _missed(dependency, finished)
            continue
        examined.update(package_key(package) for package in places[dependency.name, _normal(dependency.version)])
        for advisory in _united(dependency.vulns):
            results += [
                _result(advisory, package, finished, grades)
                for package in places[dependency.name, _normal(dependency.version)] or _resolved(dependency, finished)
            ]
    if not finished.job.packages:
        examined = set() if missed else set(finished.job.files)
    return Found(results=tuple(results), examined=frozenset(examined), messages=tuple(missed))


def _resolved(dependency: _Dependency, finished: Finished) -> list[Package]:
    """A package that pip has chosen, at the line that names it; one that others require, at no line."""
    job = finished.job
    line = job.lines.get(dependency.name, 0)
    return [Package(name=dependency.name, version=dependency.version, path=path, line=line) for path in job.files]


def _normal(version: str) -> str:
    """The one spelling of a version that pip-audit uses (PEP 440)."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def _missed(dependency: _Dependency, finished: Finished) -> list[Message]:
    return [
        Message(
            id="not-examined",
            text=f"{package.name} {package.version}: {dependency.skip_reason}",
            path=package.path,
            line=package.line,
            package=package.name,
        )
        for package in finished.job.packages or _resolved(dependency, finished)
        if package.name == dependency.name
    ]


def _united(vulnerabilities: list[_Vulnerability]) -> list[_Vulnerability]:
    """One vulnerability an id, with all aliases and fixed versions that any of them names."""
    united: dict[str, _Vulnerability] = {}
    for one in vulnerabilities:
        other = united.setdefault(one.id, one)
        if other is not one:
            other.aliases = list(dict.fromkeys([*other.aliases, *one.aliases]))
            other.fix_versions = list(dict.fromkeys([*other.fix_versions, *one.fix_versions]))
    return list(united.values())


def _result(advisory: _Vulnerability, package: Package, finished: Finished, grades: Grades) -> Result:
    text = " ".join(advisory.description.split())
    return Result(
        scanner=finished.job.scanner,
        rule=Rule(id=advisory.id, help=text, uri=f"https://osv.dev/vulnerability/{advisory.id}"),
        severity=grades.default,
        message=f"{package.name} {package.version} is affected by {advisory.id}: {text}",
        location=PackageLocation(purl=package.purl, path=package.path, line=package.line),
        aliases=tuple(sorted(set(advisory.aliases) - {advisory.id})),
        fixed=tuple(advisory.fix_versions),
    )
