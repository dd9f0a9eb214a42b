"""Lock files that uv 0.13, Poetry 2.5 and 1.8, PDM 2.29 and pipenv 2026.10 wrote for one small project.

Hashes, and the addresses of files, are left out of them. The project "shop" requires requests with an extra, colorama
on Windows, the wheel iniconfig from a folder, click for development, and its own library "mylib".
"""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.lockfiles import read

SAMPLES = Path(__file__).parent / "samples"

PACKAGES = {
    "certifi": "2026.10.19.post1",
    "charset-normalizer": "3.5.2",
    "click": "8.1.8",
    "colorama": "0.4.6",
    "idna": "3.20",
    "pysocks": "1.7.1",
    "requests": "2.31.0",
    "urllib3": "2.8.0",
}
WHEEL = "iniconfig-2.0.0-py3-none-any.whl"


def opener(path: str) -> bytes:
    return (SAMPLES / path).read_bytes()


@pytest.mark.parametrize(
    ("path", "packages", "unpinned"),
    [
        ("uv/uv.lock", PACKAGES, f"iniconfig 2.0.0 from wheels/{WHEEL}"),
        ("uv/pylock.toml", PACKAGES, f"iniconfig 2.0.0 from wheels/{WHEEL}"),
        ("uv/requirements.txt", PACKAGES, f"./wheels/{WHEEL}"),
        ("poetry-2.5/poetry.lock", PACKAGES, f"iniconfig 2.0.0 from wheels/{WHEEL}"),
        ("poetry-1.8/poetry.lock", {"idna": "3.7"}, None),
        ("pdm/pdm.lock", PACKAGES, f"iniconfig 2.0.0 from ./wheels/{WHEEL}"),
        ("pdm/pylock.toml", PACKAGES, f"iniconfig 2.0.0 from file:///home/me/shop/wheels/{WHEEL}"),
        (
            "pipenv/Pipfile.lock",
            {name: version for name, version in PACKAGES.items() if name != "colorama"} | {"markupsafe": "3.0.4"},
            f"iniconfig from ./wheels/{WHEEL}",
        ),
    ],
)
def test_real_locks(path: str, packages: dict[str, str], unpinned: str | None) -> None:
    found = read(path, opener)
    assert {package.name: package.version for package in found.packages} == packages
    assert [item.text for item in found.unpinned] == ([] if unpinned is None else [unpinned])


@pytest.mark.parametrize("path", sorted(str(path.relative_to(SAMPLES)) for path in SAMPLES.glob("*/*")))
def test_every_line_names_its_package(path: str) -> None:
    lines = (SAMPLES / path).read_text().split("\n")
    found = read(path, opener)
    for package in found.packages:
        assert package.name in lines[package.line - 1]
        assert package.path == path
    for item in found.unpinned:
        assert "iniconfig" in lines[item.line - 1]
    assert [package.line for package in found.packages] == sorted(package.line for package in found.packages)


def test_pdm_lists_a_package_once_more_for_its_extras() -> None:
    versions = [package.version for package in read("pdm/pdm.lock", opener).packages if package.name == "requests"]
    assert versions == ["2.31.0", "2.31.0"]
