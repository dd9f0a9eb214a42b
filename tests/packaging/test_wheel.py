"""What is built is what is meant to be shipped, and every asset in it works."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT

pytestmark = pytest.mark.needs("git")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what git tracks, in a copy of the checkout."""
    source = tmp_path_factory.mktemp("source")
    target = tmp_path_factory.mktemp("wheel")
    names = tracked()
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((CHECKOUT / name).read_bytes())
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (found,) = target.glob("*.whl")
    return found


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-c", "--deduplicate"], cwd=CHECKOUT, check=True, capture_output=True
    )
    return [name for name in listed.stdout.decode().split("\0") if name and (CHECKOUT / name).is_file()]


def test_every_module_and_asset_is_in_the_wheel_and_nothing_else(wheel: Path) -> None:
    expected = set()
    for name in tracked():
        top, _, rest = name.partition("/")
        if top == "devsecops":
            expected.add(name)
        elif top in {"scanners", "templates"} and "/testdata/" not in name:
            expected.add(f"devsecops/{top}/{rest}")
    found = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert found == expected


def test_the_wheel_has_one_top_level_name_and_no_common_fault(wheel: Path) -> None:
    command = [str(Path(sys.executable).parent / "check-wheel-contents"), str(wheel)]
    ran = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_the_wheel_finds_its_assets_without_a_checkout(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = "from devsecops import manifest, assets; print(assets.folder('scanners')); print(len(manifest.bundled()))"
    environment = {"PYTHONPATH": str(tmp_path), "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    folder, count = ran.stdout.split()
    assert Path(folder).is_relative_to(tmp_path)
    assert int(count) >= 5


def test_a_broken_installation_says_so_and_reads_no_stranger_s_folder(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path, [name for name in archive.namelist() if "/scanners/" not in name])
    (tmp_path / "scanners" / "evil").mkdir(parents=True)
    code = "from devsecops import assets; assets.folder('scanners')"
    environment = {"PYTHONPATH": str(tmp_path), "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert "is missing from the installed package" in ran.stderr
