"""Every scanner's manifest, held against reports of the real tool.

`scanners/<tool>/testdata/<version>/<case>.toml` says how the tool ended and what its report `<case>.json` must be read
as. A scanner that is added is tested as soon as it has such a folder, without a line here.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from devsecops import manifest
from devsecops.coverage import GAPS
from devsecops.manifest import ManifestScanner
from devsecops.model import FileLocation, HttpLocation, Package, Result, Tool
from devsecops.scanner import End, Finished, Job, Scope

SCANNERS = Path(__file__).resolve().parents[2] / "scanners"


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    status: str
    results: list[str] = []
    gaps: list[str] = []


class Case(msgspec.Struct, forbid_unknown_fields=True):
    exit: int
    expect: Expected
    files: list[str] = []
    packages: list[str] = []
    stderr: str = ""
    size: int = 0


def cases() -> list[Path]:
    return sorted(SCANNERS.glob("*/testdata/*/*.toml"))


def read(scanner: ManifestScanner, case: Case, report: Path) -> tuple[str, list[str], list[str]]:
    """Status, results and gaps that a scanner reads from a report."""
    spec = scanner.manifest.job[0]
    packages = [package.split("==") for package in case.packages]
    job = Job(
        scanner=scanner.name,
        name=scanner.name,
        argv=("tool",),
        exits=spec.exit.meanings(),
        report=spec.report,
        files=tuple(case.files),
        size=case.size,
        packages=tuple(Package(name=name, version=version, path="lock") for name, version in packages),
    )
    finished = Finished(job=job, end=End.EXITED, exit_code=case.exit, report=report, stderr=case.stderr)
    reading = scanner.read(finished, Scope(tool=Tool(name=scanner.name), program="tool"))
    gaps = [one.path or one.text for one in reading.execution.messages if one.id in GAPS]
    return reading.execution.status.value, sorted(map(described, reading.results)), sorted(set(gaps))


def described(result: Result) -> str:
    location = result.location
    assert not isinstance(location, HttpLocation)
    what = location.path if isinstance(location, FileLocation) else location.purl
    cwe = ",".join(map(str, result.rule.cwe)) or "-"
    confidence = result.confidence.value if result.confidence else "-"
    return f"{result.rule.id} {result.severity.value} {confidence} CWE {cwe} {what}:{location.line}"


@pytest.mark.parametrize("path", cases(), ids=lambda path: f"{path.parts[-4]}-{path.stem}")
def test_reads_what_the_real_tool_wrote(path: Path) -> None:
    scanner = manifest.load(path.parents[2] / "scanner.toml")
    case = msgspec.toml.decode(path.read_bytes(), type=Case)
    status, results, gaps = read(scanner, case, path.with_suffix(".json"))
    assert (status, results, gaps) == (case.expect.status, sorted(case.expect.results), sorted(case.expect.gaps))


def test_every_scanner_has_recorded_reports_clean_and_with_findings() -> None:
    for scanner in manifest.bundled():
        found = {path.stem for path in cases() if path.parts[-4] == scanner.name}
        assert {"clean", "findings"} <= found, scanner.name


def test_all_scanners_of_dockerfiles_agree_on_what_one_is() -> None:
    specs = {scanner.name: scanner.manifest.detect for scanner in manifest.bundled()}
    assert specs["dockerfile"] == specs["hadolint"]


def test_manifests_stay_small() -> None:
    lengths = sorted(len(path.read_text().splitlines()) for path in SCANNERS.glob("*/scanner.toml"))
    assert lengths[len(lengths) // 2] <= 45
