"""Images that other people's scripts make, scanned as a user would, by the real scanners with small databases."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED, Command, Ran
from tests.images import builder

DATA = SHARED / "data"
MAKER = SHARED / "recorded" / "_inputs" / "images" / "make_images.py"
TRIVY, GRYPE = pytest.mark.needs("trivy", "shared"), pytest.mark.needs("grype", "shared")
POLICY = '[policy]\nmax-database-age = "4000d"\n'
ENGINES = [pytest.param(("trivy",), marks=TRIVY), pytest.param(("grype",), marks=GRYPE)]
BOTH = pytest.param(("trivy", "grype"), marks=[TRIVY, GRYPE])
CONCLUSIONS = {
    "example/clean": "complete",
    "example/pyapp": "complete",
    "example/distroless": "complete",
    "example/eol": "partial",
    "example/unknownos": "partial",
    "example/noosrelease": "partial",
    "example/empty": "partial",
    "swapped": "failed",
    "truncated": "failed",
}
"""Of recorded/INDEX.md: findings and clean are complete, incomplete is partial, what reaches no scanner has failed."""
FILES = [*(name.rpartition("/")[2] for name in CONCLUSIONS), "eol-no-minor"]


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    subprocess.run([sys.executable, str(MAKER), str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of the databases of both scanners, as the environment names them."""
    folder = tmp_path_factory.mktemp("databases")
    trivy, grype = folder / "trivy", folder / "grype"
    with tarfile.open(DATA / "trivy-db" / "db.tar.gz") as archive:
        archive.extractall(trivy / "db", filter="data")
    if shutil.which("grype"):
        archive_path = str(DATA / "grype-db" / "grype-db.tar.gz")
        env = {"GRYPE_DB_CACHE_DIR": str(grype), "HOME": str(folder), "GRYPE_CHECK_FOR_APP_UPDATE": "false"}
        subprocess.run([str(shutil.which("grype")), "db", "import", archive_path], env=env, check=True)
    return {"TRIVY_CACHE_DIR": str(trivy), "GRYPE_DB_CACHE_DIR": str(grype)}


@pytest.fixture
def scan(devsecops: Command, databases: dict[str, str], tmp_path: Path) -> Callable[..., Ran]:
    """Scan images with some of the scanners; what was found stands in `tmp_path / "log.sarif"`."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)

    def run(*arguments: str | Path, engines: tuple[str, ...] = ("trivy", "grype"), **env: str) -> Ran:
        only = [word for engine in engines for word in ("--scanner", engine)]
        output = ["-o", f"sarif={tmp_path / 'log.sarif'}"]
        return devsecops(
            "scan", *arguments, *only, "--config", policy, *output, cwd=tmp_path, env=databases | env, timeout=60
        )

    return run


def results(tmp_path: Path) -> list[dict[str, Any]]:
    log = json.loads((tmp_path / "log.sarif").read_text())
    return [result for run in log["runs"] for result in run["results"]]


def count(tmp_path: Path, scanner: str) -> int:
    log = json.loads((tmp_path / "log.sarif").read_text())
    return sum(len(run["results"]) for run in log["runs"] if run["tool"]["driver"]["name"] == scanner)


@pytest.mark.parametrize("engines", [*ENGINES, BOTH])
def test_every_image_gets_the_conclusion_of_the_index(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    ran = scan(*(word for name in FILES for word in ("--image", images / f"{name}.tar")), engines=engines)
    assert ran.code == 3, ran
    log = json.loads((tmp_path / "log.sarif").read_text())
    for run in log["runs"]:
        if run["tool"]["driver"]["name"] in engines:
            said = [one["properties"]["devsecops"] for one in run["invocations"]]
            assert {one["target"]: one["status"] for one in said} == CONCLUSIONS
            paths = {json.dumps(result["locations"]) for result in run["results"]}
            assert not any(name in path for path in paths for name in ("clean", "swapped", "truncated"))
            assert all(any(name in path for path in paths) for name in ("pyapp", "distroless"))
    found = {(one["ruleId"], one["message"]["text"].partition(" (")[0]) for one in results(tmp_path)}
    assert ("end-of-life-system", "debian 9 gets no security updates any more") in found


@pytest.mark.parametrize("engines", [BOTH])
def test_a_clean_image_passes(scan: Callable[..., Ran], images: Path, engines: tuple[str, ...]) -> None:
    assert scan("--image", images / "clean.tar", engines=engines).code == 0


@pytest.mark.parametrize("engines", [BOTH])
def test_what_both_find_is_one_finding(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    ran = scan("--image", images / "distroless.tar", "-o", f"jsonl={tmp_path / 'findings.jsonl'}", engines=engines)
    assert ran.code == 1, ran
    assert (count(tmp_path, "trivy"), count(tmp_path, "grype")) == (18, 17)
    lines = [json.loads(line) for line in (tmp_path / "findings.jsonl").read_text().splitlines()]
    found = [sorted(line["scanners"]) for line in lines if line.get("scanners")]
    assert sorted(found) == [["grype", "trivy"]] * 17 + [["trivy"]]


@TRIVY
def test_a_swapped_layer_reaches_no_scanner_and_poisons_nothing(
    scan: Callable[..., Ran], images: Path, tmp_path: Path
) -> None:
    ran = scan("--image", images / "swapped.tar", engines=("trivy",))
    assert "layer 2 of 2 is not what the image's configuration says" in " ".join(ran.out.split())
    assert count(tmp_path, "trivy") == 0
    scan("--image", images / "distroless.tar", engines=("trivy",))
    assert count(tmp_path, "trivy") == 18


@pytest.mark.parametrize("engines", ENGINES)
def test_secrets_in_the_environment_are_found_and_shown_nowhere(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    ran = scan("--image", images / "pyapp.tar", "-v", engines=engines)
    messages = " ".join(result["message"]["text"] for result in results(tmp_path))
    assert "GITHUB_TOKEN" in messages
    assert "AWS_SECRET_ACCESS_KEY" in messages
    assert "runs as root" in messages
    everything = ran.out + ran.err + (tmp_path / "log.sarif").read_text()
    assert "A8sKq0ZlM3nP7wXcR2tYvB5uJ9eHfD1gLiOa" not in everything
    assert "wJalrXUtnFEMI" not in everything


@TRIVY
def test_the_repository_cannot_silence_a_scan_of_an_image(
    scan: Callable[..., Ran], images: Path, tmp_path: Path
) -> None:
    (tmp_path / ".trivyignore").write_text("CVE-2023-4911\n")
    (tmp_path / "trivy.yaml").write_text("severity: [CRITICAL]\n")
    scan("--image", images / "distroless.tar", engines=("trivy",))
    assert count(tmp_path, "trivy") == 18


@TRIVY
def test_a_finding_names_package_fix_and_layer_and_stays_the_same_under_another_tag(
    scan: Callable[..., Ran], images: Path, tmp_path: Path
) -> None:
    scan("--image", images / "distroless.tar", engines=("trivy",))
    first = results(tmp_path)
    (glibc,) = [one for one in first if one["ruleId"] == "CVE-2023-4911"]
    assert "layer 1 of 2" in glibc["message"]["text"]
    assert "COPY layer0 /" in glibc["message"]["text"]
    assert "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1" in json.dumps(glibc)
    assert "2.36-9+deb12u3" in json.dumps(glibc)
    again = tmp_path / "again.tar"
    again.write_bytes((images / "distroless.tar").read_bytes().replace(b"distroless:1.0", b"distroless:2.0"))
    scan("--image", again, engines=("trivy",))
    assert [one["partialFingerprints"] for one in results(tmp_path)] == [one["partialFingerprints"] for one in first]


@TRIVY
def test_repository_and_image_get_one_verdict(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, repository: Callable[..., Path]
) -> None:
    root = repository({"app.py": "print(1)\n"})
    ran = scan(root, "--image", images / "clean.tar", engines=("trivy", "bandit"))
    log = json.loads((tmp_path / "log.sarif").read_text())
    assert {run["tool"]["driver"]["name"] for run in log["runs"]} == {"bandit", "devsecops", "trivy"}
    assert ran.code == 0, ran


def test_where_no_scanner_is_there_the_image_is_not_examined(devsecops: Command, tmp_path: Path) -> None:
    path = builder.saved(tmp_path / "app.tar", [builder.tar({"a": "b"})])
    config = tmp_path / "config.toml"
    config.write_text('[scanner.trivy]\npath = "/nowhere/trivy"\n[scanner.grype]\npath = "/nowhere/grype"\n')
    ran = devsecops("scan", "--image", path, "--config", config, cwd=tmp_path)
    assert ran.code == 3, ran
    assert "trivy is missing" in ran.out
    assert "grype is missing" in ran.out


@TRIVY
def test_one_scanner_is_enough(scan: Callable[..., Ran], images: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(f'{POLICY}[scanner.grype]\npath = "/nowhere/grype"\n')
    ran = scan("--image", images / "clean.tar", engines=())
    assert ran.code == 0, ran


@pytest.mark.parametrize("engines", [BOTH])
def test_the_first_engine_that_works_examines(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    engine = '[image]\nengine = ["grype", "trivy"]\n'
    for more, runs in (("", "grype"), ('[scanner.grype]\npath = "/nowhere/grype"\n', "trivy")):
        (tmp_path / "policy.toml").write_text(POLICY + engine + more)
        ran = scan("--image", images / "clean.tar", engines=())
        assert ran.code == 0, ran
        log = json.loads((tmp_path / "log.sarif").read_text())
        ended = {run["tool"]["driver"]["name"]: bool(run["invocations"]) for run in log["runs"]}
        assert runs in ended
        assert f"{runs} " in ran.out
    (tmp_path / "policy.toml").write_text('[image]\nengine = ["trify"]\n')
    ran = scan("--image", images / "clean.tar", engines=())
    assert ran.code == 2
    assert "image.engine: there is no scanner of images 'trify'" in ran.err
    assert "did you mean 'trivy'?" in ran.err


def damaged(databases: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return {name: str(shutil.copytree(folder, tmp_path / name)) for name, folder in databases.items()}


def absent(trivy: Path, grype: Path) -> None:
    (trivy / "db" / "trivy.db").unlink()
    (grype / "6" / "vulnerability.db").unlink()


def without_date(trivy: Path, grype: Path) -> None:
    (trivy / "db" / "metadata.json").unlink()
    (grype / "6" / "vulnerability.db").write_bytes(b"x" * (2 << 20))


def empty(trivy: Path, grype: Path) -> None:
    (trivy / "db" / "trivy.db").write_bytes(bytes(65536))
    (grype / "6" / "vulnerability.db").write_bytes(bytes(65536))


def cut_off(trivy: Path, grype: Path) -> None:
    for path in (trivy / "db" / "trivy.db", grype / "6" / "vulnerability.db"):
        path.write_bytes(path.read_bytes()[: 4 << 20])


def other_schema(trivy: Path, grype: Path) -> None:
    path = trivy / "db" / "metadata.json"
    path.write_text(path.read_text().replace('"Version":2', '"Version":3'))
    (grype / "6").rename(grype / "5")


@pytest.mark.parametrize("engines", ENGINES)
@pytest.mark.parametrize("damage", [absent, without_date, empty, cut_off, other_schema])
def test_a_database_that_is_of_no_use_makes_it_incomplete(
    scan: Callable[..., Ran],
    images: Path,
    databases: dict[str, str],
    tmp_path: Path,
    damage: Callable[[Path, Path], None],
    engines: tuple[str, ...],
) -> None:
    copies = damaged(databases, tmp_path)
    damage(Path(copies["TRIVY_CACHE_DIR"]), Path(copies["GRYPE_DB_CACHE_DIR"]))
    ran = scan("--image", images / "clean.tar", engines=engines, **copies)
    assert ran.code == 3, ran
    assert f"{engines[0]}" in ran.out


@pytest.mark.parametrize("engines", ENGINES)
def test_an_old_database_makes_it_incomplete_and_its_findings_are_shown(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    (tmp_path / "policy.toml").write_text("")
    ran = scan("--image", images / "distroless.tar", engines=engines)
    assert ran.code == 3, ran
    assert "vulnerability database is of 2026-08-01, not of the last 7 days" in " ".join(ran.out.split())
    assert count(tmp_path, engines[0]) >= 17


@pytest.mark.parametrize("engines", [BOTH])
def test_an_image_that_cannot_be_looked_into_proves_nothing(
    scan: Callable[..., Ran], tmp_path: Path, engines: tuple[str, ...]
) -> None:
    path = builder.saved(tmp_path / "app.tar", [builder.tar({"etc/os-release": builder.DEBIAN}), b"x" * 1024])
    ran = scan("--image", path, engines=engines)
    assert ran.code == 3, ran
    said = " ".join(ran.out.split())
    assert "layer 2 of 2: it is no tar archive, or damaged" in said
    assert all(f"{engine} cannot be held against example/app" in said for engine in engines)


@pytest.mark.parametrize("engines", ENGINES)
def test_a_release_that_nobody_knows_is_not_examined_unless_that_is_accepted(
    scan: Callable[..., Ran], tmp_path: Path, engines: tuple[str, ...]
) -> None:
    status = builder.STATUS.format("tar", "1.34")
    files = {
        "etc/os-release": "ID=debian\nVERSION_ID=99\n",
        "etc/debian_version": "99.1\n",
        "var/lib/dpkg/status": status,
    }
    path = builder.saved(tmp_path / "app.tar", [builder.tar(files)])
    ran = scan("--image", path, engines=engines)
    assert ran.code == 3, ran
    texts = {"trivy": "This OS version is not on the EOL list", "grype": "its database has no advisories for debian 99"}
    assert texts[engines[0]] in " ".join(ran.out.split())
    accepted = '[[coverage.accept]]\npath = "example/app"\nreason = "testing"\n'
    (tmp_path / "policy.toml").write_text(POLICY + accepted)
    assert scan("--image", path, engines=engines).code == 0


@pytest.mark.parametrize("engines", ENGINES)
def test_compressed_archives_and_layouts_are_examined_alike(
    scan: Callable[..., Ran], images: Path, tmp_path: Path, engines: tuple[str, ...]
) -> None:
    data = (images / "distroless.tar").read_bytes()
    packed = tmp_path / "distroless.tar.gz"
    packed.write_bytes(gzip.compress(data))
    with tarfile.open(images / "distroless.tar") as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive if one.isreg()}  # type: ignore[union-attr]
    names = json.loads(files["manifest.json"])[0]["Layers"]
    layout = builder.layout(tmp_path / "layout", [files[name] for name in names], name="example/layout:1.0")
    ran = scan("--image", packed, "--image", f"oci:{layout}", engines=engines)
    assert ran.code == 1, ran
    assert count(tmp_path, engines[0]) == 2 * {"trivy": 18, "grype": 17}[engines[0]]


FAULTS = {
    "it crashes": "sys.exit(2)",
    "it is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "it does not end": "time.sleep(600)",
    "it writes no report": "",
    "its report is empty": "pathlib.Path(option('--output')).write_text('')",
    "its report is cut off": "pathlib.Path(option('--output')).write_text('{\"SchemaVersion\": 2, \"Resu')",
    "its report is something else": "pathlib.Path(option('--output')).write_text('[]')",
    "its report names no image and no package": "pathlib.Path(option('--output')).write_text('{\"SchemaVersion\": 2}')",
}


@TRIVY
@pytest.mark.parametrize("fault", FAULTS)
def test_a_scanner_that_fails_has_examined_nothing(
    devsecops: Command,
    databases: dict[str, str],
    images: Path,
    tool: Callable[..., Path],
    tmp_path: Path,
    fault: str,
) -> None:
    path = tool("trivy", FAULTS[fault], version="Version: 0.76.0")
    policy = tmp_path / "policy.toml"
    policy.write_text(f"{POLICY}[scanner.trivy]\npath = '{path}'\ntimeout = '3s'\n")
    image = images / "clean.tar"
    ran = devsecops("scan", "--image", image, "--scanner", "trivy", "--config", policy, env=databases, timeout=60)
    assert ran.code == 3, ran
    assert "INCOMPLETE" in ran.out
