"""The bill of materials: valid, the same each time, complete, and honest about what it lacks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.errors import OutputError
from devsecops.model import Component, Contents, Kind, Message, Outcome, Service, Status
from devsecops.writers import cyclonedx
from tests.factory import execution

SERVICES = (Service(name="web", folder="web"), Service(name="shop", folder="shop"))
FLASK, GLIBC = Component(purl="pkg:pypi/flask@0.12", line=3), Component(purl="pkg:deb/debian/libc6@2.36-9%2Bdeb12u1")
LOCK = Contents(path="web/uv.lock", service="web", components=(FLASK,))
OTHER = Contents(path="shop/uv.lock", service="shop", components=(FLASK,))
IMAGE = Contents(
    path="example/web",
    service="web",
    kind="image",
    digest=f"sha256:{'0' * 64}",
    components=(GLIBC, Component(purl="pkg:pypi/Flask@0.12")),
)


def written(*contents: Contents, **fields: Any) -> dict[str, Any]:
    outcome = Outcome(services=SERVICES, contents=contents, **fields)
    data = b"".join(cyclonedx.write(outcome))
    assert data == b"".join(cyclonedx.write(outcome))
    return json.loads(data)  # type: ignore[no-any-return]


def valid(document: dict[str, Any]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None


def refs(document: dict[str, Any], owner: str) -> list[str]:
    (found,) = [one["dependsOn"] for one in document["dependencies"] if one["ref"] == owner]
    return found  # type: ignore[no-any-return]


def test_a_package_of_several_places_is_one_component_with_all_its_places() -> None:
    document = written(LOCK, OTHER, IMAGE)
    valid(document)
    flask = [one for one in document["components"] if one["name"] == "flask"]
    assert [one["evidence"]["occurrences"] for one in flask] == [
        [
            {"location": "example/web"},
            {"location": "shop/uv.lock", "line": 3},
            {"location": "web/uv.lock", "line": 3},
        ]
    ]
    assert all(
        flask[0]["bom-ref"] in refs(document, one) for one in ("service:web", "service:shop", "image:example/web")
    )
    assert refs(document, "scan") == ["image:example/web", "service:shop", "service:web"]


def test_of_one_service_the_document_is_about_that_service() -> None:
    document = written(LOCK)
    valid(document)
    assert document["metadata"]["component"]["name"] == "web"
    assert [one["purl"] for one in document["components"]] == ["pkg:pypi/flask@0.12"]


def test_it_has_no_time_and_no_serial_number() -> None:
    document = written(LOCK, IMAGE)
    assert "serialNumber" not in document
    assert "timestamp" not in document["metadata"]


def test_packages_of_a_system_keep_their_distribution_and_have_their_plain_name() -> None:
    document = written(IMAGE)
    (glibc,) = [one for one in document["components"] if one["purl"].startswith("pkg:deb/")]
    assert (glibc["name"], glibc["version"]) == ("libc6", "2.36-9+deb12u1")


@pytest.mark.parametrize(
    ("purl", "group", "name", "version"),
    [
        ("pkg:npm/%40babel/core@7.0.0", "@babel", "core", "7.0.0"),
        ("pkg:npm/@babel/core@7.0.0", "@babel", "core", "7.0.0"),
        ("pkg:maven/org.apache/log4j@2.14", "org.apache", "log4j", "2.14"),
        ("pkg:golang/golang.org/x/net@v0.1.0", None, "golang.org/x/net", "v0.1.0"),
        ("pkg:rpm/fedora/bash@5.1-1?arch=x86_64", None, "bash", "5.1-1"),
        ("pkg:pypi/odd", None, "odd", ""),
    ],
)
def test_names_are_those_of_the_ecosystem(purl: str, group: str | None, name: str, version: str) -> None:
    document = written(Contents(path="a", service="web", components=(Component(purl=purl),)))
    valid(document)
    (one,) = document["components"]
    assert (one.get("group"), one["name"], one["version"]) == (group, name, version)


def test_what_is_known_to_be_incomplete_is_said() -> None:
    partial = Contents(path="shop/requirements.txt", service="shop", partial=True)
    document = written(LOCK, partial)
    assert document["compositions"] == [
        {"aggregate": "incomplete", "dependencies": ["service:shop"]},
        {"aggregate": "unknown", "dependencies": ["service:web"]},
    ]


def test_a_service_whose_dependencies_nothing_reads_is_in_it_and_incomplete() -> None:
    note = Message(id="not-covered", text="npm", path="shop/package-lock.json")
    document = written(LOCK, notes=(note,))
    valid(document)
    assert "service:shop" in {one["bom-ref"] for one in document["components"]}
    assert document["compositions"][0] == {"aggregate": "incomplete", "dependencies": ["service:shop"]}


@pytest.mark.parametrize(("kind", "target"), [(Kind.DEPENDENCIES, ""), (Kind.IMAGE, "example/web")])
def test_after_a_failure_nothing_of_it_is_called_unknown(kind: Kind, target: str) -> None:
    failed = execution(status=Status.FAILED, kind=kind, target=target)
    document = written(LOCK, IMAGE, executions=(failed,))
    incomplete = document["compositions"][0]
    assert incomplete["aggregate"] == "incomplete"
    assert incomplete["dependencies"] == (["image:example/web"] if target else ["service:web"])


def test_a_hollow_document_is_not_written() -> None:
    with pytest.raises(OutputError, match="would be empty"):
        list(cyclonedx.write(Outcome()))


def test_an_invalid_document_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(Component(purl=f"pkg:pypi/p{number:03}@1") for number in range(120))
    monkeypatch.setattr(cyclonedx, "_version", lambda purl: 7 if "p119" in purl else "1")
    with pytest.raises(OutputError, match="not valid CycloneDX"):
        list(cyclonedx.write(Outcome(contents=(Contents(path="a", service="web", components=many),))))


def test_without_the_validator_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cyclonedx.validation.json", None)
    with pytest.raises(OutputError, match="cannot be validated") as caught:
        list(cyclonedx.write(Outcome(contents=(LOCK,))))
    assert "pip install" in caught.value.hint


PURLS = st.builds(
    "pkg:{}/{}@{}".format,
    st.sampled_from(["pypi", "npm/%40a", "deb/debian", "golang/example.com"]),
    st.sampled_from(["a", "b", "A", "a_b", "a-b"]),
    st.sampled_from(["1", "2", "1%2B1"]),
)
CONTENTS = st.lists(
    st.builds(
        Contents,
        path=st.sampled_from(["web/uv.lock", "shop/x.txt", "example/web"]),
        service=st.sampled_from(["web", "shop"]),
        kind=st.sampled_from(["lock", "image", "sbom"]),
        components=st.lists(st.builds(Component, purl=PURLS, line=st.integers(0, 2)), max_size=4).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40)
@given(CONTENTS, st.randoms())
def test_the_order_of_places_does_not_matter_and_no_package_is_lost(contents: list[Contents], random: Any) -> None:
    shuffled = list(contents)
    random.shuffle(shuffled)
    document = written(*contents)
    assert document == written(*shuffled)
    valid(document)
    listed = [one["bom-ref"] for one in document["components"]]
    assert len(set(listed)) == len(listed)
    places = {
        (one["purl"].partition("@")[2], place["location"])
        for one in document["components"]
        for place in one.get("evidence", {}).get("occurrences", ())
    }
    wanted = {(one.purl.rpartition("@")[2], part.path) for part in contents for one in part.components}
    assert {version.rpartition("@")[2] for version, _ in places} == {version for version, _ in wanted}
    assert {place for _, place in places} == {place for _, place in wanted}
