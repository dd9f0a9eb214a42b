"""Operating systems that get no security updates any more."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final
from urllib.parse import quote

from devsecops.model import PackageLocation, Result, Rule, Severity

ENDS: Final = {
    "alpine": {
        "3.14": "2023-05-01",
        "3.15": "2023-11-01",
        "3.16": "2024-05-23",
        "3.17": "2024-11-22",
        "3.18": "2025-05-09",
        "3.19": "2025-11-01",
        "3.20": "2026-04-01",
        "3.21": "2026-11-01",
        "3.22": "2027-05-01",
    },
    "centos": {"5": "2017-03-31", "6": "2020-11-30", "7": "2024-06-30", "8": "2021-12-31"},
    "debian": {
        "7": "2018-05-31",
        "8": "2020-06-30",
        "9": "2022-06-30",
        "10": "2024-06-30",
        "11": "2026-08-31",
        "12": "2028-06-30",
        "13": "2030-06-30",
    },
    "ubuntu": {
        "14.04": "2019-04-30",
        "16.04": "2021-04-30",
        "18.04": "2023-05-31",
        "20.04": "2025-05-31",
        "22.04": "2027-04-30",
        "24.04": "2029-05-31",
    },
}
"""Last day of public security updates by ID and VERSION_ID of os-release: alpinelinux.org/releases,
wiki.debian.org/LTS, ubuntu.com/about/release-cycle (standard support), wiki.centos.org."""
_EARLIER: Final = {"alpine": (3, 14), "debian": (7,), "ubuntu": (14, 4), "centos": (5,)}
_RULE: Final = Rule(
    id="end-of-life-system",
    name="Operating system without security updates",
    help="What is found in its packages from now on is neither mended nor, in many cases, recorded: scanners stay "
    "silent. Build the image on a release that gets updates.",
    cwe=(1104,),
)


def ended(system: str, today: date | None = None) -> str:
    """Since when a system gets no updates: `2022-06-30`, `long ago`; empty where it does or is not in our table.

    Args:
        system: ID and VERSION_ID of os-release, such as `debian 9`.
        today: the day that counts; by default, this one.
    """
    name, _, version = system.partition(" ")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version))
    if name not in ENDS or not numbers:
        return ""
    depth = len(_EARLIER[name])
    if numbers[:depth] < _EARLIER[name]:
        return "long ago"
    last = next((end for known, end in ENDS[name].items() if _numbers(known) == numbers[:depth]), "")
    today = today or datetime.now(UTC).date()
    return last if last and date.fromisoformat(last) < today else ""


def result(scanner: str, image: str, system: str, since: str = "") -> Result:
    """That an image's system has come to its end of life.

    Args:
        scanner: who says so.
        image: the image's name.
        system: such as `debian 9`.
        since: as `ended` gives it; empty where the scanner does not say.
    """
    name, _, version = system.partition(" ")
    when = f" ({since})" if since else ""
    return Result(
        scanner=scanner,
        rule=_RULE,
        severity=Severity.HIGH,
        message=f"{system} gets no security updates any more{when}",
        location=PackageLocation(purl=f"pkg:generic/{quote(name)}@{quote(version)}", path=image),
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
