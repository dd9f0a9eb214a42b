"""Of the scanners of images, those examine them that are asked for, and never none in silence."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from devsecops.model import Execution, Kind, Status, Tool
from devsecops.scanner import Finished, Job, Needs, Reading, Scope
from devsecops.selection import Choice, _with_engines


class Engine(msgspec.Struct, frozen=True):
    name: str
    kind: Kind = Kind.IMAGE
    needs: Needs = Needs(program="x", files=(), images=True)

    def jobs(self, scope: Scope) -> Sequence[Job]:
        return ()

    def read(self, finished: Finished, scope: Scope) -> Reading:
        raise NotImplementedError


def choice(text: str) -> Choice:
    """`trivy`, `trivy!` where it is asked for, `trivy?` where it is missing, `trivy~` where its database is old."""
    tool = Tool(name=text.rstrip("!?~"))
    missing = Execution(tool=tool, kind=Kind.IMAGE, status=Status.MISSING)
    return Choice(
        scanner=Engine(tool.name),
        asked="!" in text,
        scope=None if "?" in text else Scope(tool=tool, program="/x"),
        ended=missing if "?" in text else None,
        stale="old" if "~" in text else "",
    )


@pytest.mark.parametrize(
    ("engines", "there", "runs", "incomplete"),
    [
        ("", "trivy grype", "trivy grype", ""),
        ("", "trivy? grype", "grype", ""),
        ("", "trivy? grype?", "", "trivy grype"),
        ("trivy grype", "trivy grype", "trivy", ""),
        ("grype trivy", "trivy grype", "grype", ""),
        ("grype trivy", "trivy grype?", "trivy", ""),
        ("grype trivy", "trivy grype~", "trivy", ""),
        ("grype trivy", "trivy? grype~", "grype", ""),
        ("grype trivy", "trivy~ grype~", "grype", ""),
        ("grype trivy", "trivy? grype?", "", "grype trivy"),
        ("grype", "trivy grype", "grype", ""),
        ("grype", "trivy grype?", "", "grype"),
        ("grype", "trivy! grype", "grype trivy", ""),
        ("grype", "trivy!? grype", "grype", "trivy"),
        ("grype trivy", "trivy", "trivy", ""),
    ],
)
def test_who_examines_images(engines: str, there: str, runs: str, incomplete: str) -> None:
    found = list(_with_engines(map(choice, there.split()), tuple(engines.split())))
    assert sorted(one.scanner.name for one in found) == sorted(word.rstrip("!?~") for word in there.split())
    assert {one.scanner.name for one in found if one.scope} == set(runs.split())
    missing = {one.scanner.name for one in found if one.ended and one.asked and one.ended.status is Status.MISSING}
    assert missing == set(incomplete.split())
    assert all(one.asked for one in found if one.scope and engines)
