"""The demo shop, whose weaknesses are known: what is found, what is known to be missed, and nothing twice."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from devsecops.dedupe import findings
from devsecops.model import FileLocation, HttpLocation, Outcome, PackageLocation, Result, Severity, State, Status
from devsecops.sarif import from_sarif
from tests.conftest import CHECKOUT, Command, clean_env, command

SHOP = CHECKOUT / "examples" / "shop"
SCANNERS = ("bandit", "semgrep", "pip-audit", "gitleaks", "zizmor", "dockerfile", "hadolint")
pytestmark = pytest.mark.needs(*(name for name in SCANNERS if name != "dockerfile"))


class Weakness(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    id: str
    service: str
    path: str
    text: str
    cwe: int
    kind: str
    title: str
    severity: Severity
    seen_by: list[str]
    suppressed: str = ""
    package: str = ""
    version: str = ""
    advisory: str = ""
    aliases: list[str] = []

    @property
    def line(self) -> int:
        return line_of(self.path, self.text)


class Safe(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    id: str
    service: str
    path: str
    text: str
    title: str


class Known(msgspec.Struct, forbid_unknown_fields=True):
    weakness: list[Weakness]
    safe: list[Safe]


def line_of(path: str, text: str) -> int:
    (line,) = [number for number, one in enumerate((SHOP / path).read_text().splitlines(), 1) if text in one]
    return line


KNOWN = msgspec.toml.decode((SHOP / "weaknesses.toml").read_bytes(), type=Known)
SEEN = [(weakness, scanner) for weakness in KNOWN.weakness for scanner in weakness.seen_by]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Outcome, bytes]:
    """Exit code, outcome and SARIF of one scan of the shop, as `make demo` does it."""
    folder = tmp_path_factory.mktemp("shop")
    report = folder / "shop.sarif"
    ran = subprocess.run(
        [command(), "scan", str(SHOP), "--trust", "local", "--offline", "-q", "-o", f"sarif={report}"],
        env=clean_env(folder),
        capture_output=True,
        check=False,
    )
    data = report.read_bytes()
    return ran.returncode, from_sarif(data), data


def is_at(result: Result, weakness: Weakness) -> bool:
    location = result.location
    assert not isinstance(location, HttpLocation)
    if location.path != weakness.path:
        return False
    if isinstance(location, PackageLocation):
        names = {result.rule.id, *result.aliases}
        return location.purl == f"pkg:pypi/{weakness.package}@{weakness.version}" and weakness.advisory in names
    return location.line <= weakness.line <= max(location.end_line, location.line)


def test_the_shop_fails_and_everything_was_examined(scanned: tuple[int, Outcome, bytes]) -> None:
    code, outcome, _ = scanned
    assert code == 1
    ran = {one.scanner: one.status for one in outcome.executions if one.status is not Status.NOT_APPLICABLE}
    assert ran == dict.fromkeys(SCANNERS, Status.COMPLETE)


@pytest.mark.parametrize(("weakness", "scanner"), SEEN, ids=[f"{one.id}-{scanner}" for one, scanner in SEEN])
def test_what_is_known_is_found(scanned: tuple[int, Outcome, bytes], weakness: Weakness, scanner: str) -> None:
    _, outcome, _ = scanned
    found = [one for one in outcome.results if one.scanner == scanner and is_at(one, weakness)]
    assert found, f"{weakness.title}: {weakness.path}:{weakness.line}"
    assert {one.service for one in found} == {weakness.service or "root"}
    if weakness.suppressed:
        assert any(one.state is State.SUPPRESSED for one in found)
    elif weakness.kind != "dependencies":
        assert State.NEW in {one.state for one in found}


def test_a_weakness_is_as_severe_as_the_list_says_or_worse(scanned: tuple[int, Outcome, bytes]) -> None:
    _, outcome, _ = scanned
    for weakness in KNOWN.weakness:
        found = [one.severity for one in outcome.results if is_at(one, weakness)]
        if weakness.seen_by:
            assert Severity.worst(found).rank <= weakness.severity.rank, weakness.id


def test_safe_lines_are_quiet(scanned: tuple[int, Outcome, bytes]) -> None:
    _, outcome, _ = scanned
    lines = {(one.path, line_of(one.path, one.text)) for one in KNOWN.safe}
    loud = [
        one
        for one in outcome.results
        if isinstance(one.location, FileLocation) and (one.location.path, one.location.line) in lines
    ]
    assert loud == []


def test_nothing_is_found_twice(scanned: tuple[int, Outcome, bytes]) -> None:
    _, outcome, _ = scanned
    found = findings(outcome.results)
    fingerprints = [finding.fingerprint for finding in found]
    assert len(fingerprints) == len(set(fingerprints))
    assert sum(len(finding.results) for finding in found) == len(outcome.results)


def test_results_of_several_scanners_on_one_weakness_are_one_finding(scanned: tuple[int, Outcome, bytes]) -> None:
    _, outcome, _ = scanned
    weakness = next(one for one in KNOWN.weakness if one.id == "catalog-sql-injection")
    (finding,) = [one for one in findings(outcome.results) if is_at(one.first, weakness) and 89 in one.first.rule.cwe]
    assert finding.scanners == ("bandit", "semgrep")


def test_no_secret_of_the_shop_is_in_the_report(scanned: tuple[int, Outcome, bytes]) -> None:
    _, _, data = scanned
    for weakness in KNOWN.weakness:
        if weakness.kind == "secrets":
            line = (SHOP / weakness.path).read_text().splitlines()[weakness.line - 1]
            secret = max(line.replace('"', " ").replace("'", " ").replace("=", " ").split(), key=len)
            if len(secret) > 12:
                assert secret.encode() not in data, weakness.id


def test_two_scans_give_the_same_bytes(scanned: tuple[int, Outcome, bytes], devsecops: Command, tmp_path: Path) -> None:
    again = tmp_path / "again.sarif"
    arguments = ["--trust", "local", "--offline", "-q", "--jobs", "1", "-o", f"sarif={again}"]
    devsecops("scan", SHOP, *arguments)
    assert again.read_bytes() == scanned[2]


def test_the_merged_scans_of_all_services_are_the_whole_scan(devsecops: Command, tmp_path: Path) -> None:
    def scan(name: str, *options: str) -> Path:
        log = tmp_path / f"{name}.sarif"
        ran = devsecops("scan", SHOP, "--trust", "local", "--skip", "semgrep", *options, "-o", f"sarif={log}")
        assert ran.code in {0, 1}, ran
        return log

    whole = scan("whole")
    services = [one.name for one in from_sarif(whole.read_bytes()).services]
    shards = [scan(name, "--service", name) for name in services]
    merged = tmp_path / "merged.sarif"
    assert devsecops("merge", *shards, "-o", f"sarif={merged}").code == 0
    assert merged.read_bytes() == whole.read_bytes()
