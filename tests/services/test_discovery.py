"""Which services a repository has, and to which a path belongs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devsecops.config import ServiceConfig
from devsecops.errors import UsageError
from devsecops.listing import Listing, list_files
from devsecops.model import Service
from devsecops.services import Services, discover

Repository = Callable[..., Path]


def found(paths: Sequence[str], explicit: Sequence[ServiceConfig] = ()) -> Services:
    """The services of files of which only the names count."""
    return discover(Listing(Path("/nowhere"), paths, exists=lambda _: True), explicit)


def folders(services: Services) -> dict[str, str]:
    return {service.name: service.folder for service in services.all}


def only(services: Services, name: str) -> Service:
    return next(service for service in services.all if service.name == name)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], {"root": "."}),
        (["a.py", "x/b.py"], {"root": "."}),
        (["Dockerfile", "a.py", "x/b.py"], {"root": "."}),
        (["requirements.txt", "src/a.py"], {"root": "."}),
        (["web/Dockerfile", "web/a.js"], {"web": "web"}),
        (["web/Dockerfile", "README.md"], {"web": "web", "root": "."}),
        (["web/package.json", "api/go.mod"], {"web": "web", "api": "api"}),
        (["services/web/package.json", "services/api/go.mod"], {"web": "services/web", "api": "services/api"}),
        (["package.json", "packages/a/package.json"], {"root": ".", "a": "packages/a"}),
        (["package.json", "packages/a/package.json", "packages/b/package.json"],
         {"root": ".", "a": "packages/a", "b": "packages/b"}),
        (["web/Dockerfile", "web/client/package.json", "web/go.mod"], {"web": "web"}),
        (["web/package.json", "web/client/package.json"], {"web": "web"}),
        (["web/Dockerfile", "web/client/Dockerfile"], {"web": "web", "client": "web/client"}),
        (["web/openapi.yaml"], {"web": "web"}),
        (["web/Dockerfile", "web/api/openapi.yaml"], {"web": "web"}),
        (["web/src/Dockerfile", "web/src/main.go"], {"web": "web/src"}),
        (["web/docker/app/Dockerfile"], {"web": "web/docker/app"}),
        (["web/SRC/Dockerfile"], {"web": "web/SRC"}),
        (["src/Dockerfile"], {"src": "src"}),
        (["src/app/Dockerfile"], {"src": "src/app"}),
        (["a/web/Dockerfile", "b/web/Dockerfile"], {"a/web": "a/web", "b/web": "b/web"}),
        (["web/Dockerfile", "b/web/Dockerfile"], {"web": "web", "b/web": "b/web"}),
        (["web/src/Dockerfile", "web/app/Dockerfile"], {"web/src": "web/src", "web/app": "web/app"}),
        (["dienste/bücher/Dockerfile", "服务/go.mod"], {"bücher": "dienste/bücher", "服务": "服务"}),
        (["my service/Dockerfile"], {"my service": "my service"}),
    ],
)  # fmt: skip
def test_a_folder_with_a_marker_is_a_service(paths: list[str], expected: dict[str, str]) -> None:
    assert folders(found(paths)) == expected


@pytest.mark.parametrize("name", ["Dockerfile", "api.Dockerfile", "Dockerfile.dev", "api.dockerfile", "Containerfile"])
def test_a_dockerfile_makes_a_service(name: str) -> None:
    service = only(found([f"web/{name}"]), "web")
    assert (service.dockerfile, service.reasons) == (f"web/{name}", (name,))


@pytest.mark.parametrize("name", ["dockerfile", "Dockerfile_old", "MyDockerfile", ".dockerignore", "Dockerfile.d/x"])
def test_no_other_file_is_a_dockerfile(name: str) -> None:
    assert folders(found([f"web/{name}"])) == {"root": "."}


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("requirements.txt", "python"),
        ("requirements-dev.txt", "python"),
        ("dev-requirements.txt", "python"),
        ("pyproject.toml", "python"),
        ("setup.py", "python"),
        ("setup.cfg", "python"),
        ("Pipfile", "python"),
        ("Pipfile.lock", "python"),
        ("poetry.lock", "python"),
        ("uv.lock", "python"),
        ("pdm.lock", "python"),
        ("pylock.toml", "python"),
        ("pylock.dev.toml", "python"),
        ("package.json", "javascript"),
        ("package-lock.json", "javascript"),
        ("npm-shrinkwrap.json", "javascript"),
        ("yarn.lock", "javascript"),
        ("pnpm-lock.yaml", "javascript"),
        ("bun.lock", "javascript"),
        ("go.mod", "go"),
        ("go.sum", "go"),
        ("pom.xml", "java"),
        ("build.gradle", "java"),
        ("build.gradle.kts", "java"),
        ("gradle.lockfile", "java"),
        ("web.csproj", "dotnet"),
        ("web.fsproj", "dotnet"),
        ("web.vbproj", "dotnet"),
        ("packages.lock.json", "dotnet"),
        ("Cargo.toml", "rust"),
        ("Cargo.lock", "rust"),
        ("Gemfile", "ruby"),
        ("Gemfile.lock", "ruby"),
        ("web.gemspec", "ruby"),
        ("composer.json", "php"),
        ("composer.lock", "php"),
    ],
)
def test_a_manifest_or_a_lock_alone_makes_a_service(name: str, language: str) -> None:
    path = f"web/{name}"
    assert only(found([path]), "web") == Service(
        name="web", folder="web", languages=(language,), manifests=(path,), reasons=(name,)
    )


@pytest.mark.parametrize(
    "name", ["openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.json", "shop.openapi.yaml"]
)
def test_an_openapi_document_makes_a_service(name: str) -> None:
    service = only(found([f"web/{name}"]), "web")
    assert (service.openapi, service.reasons) == (f"web/{name}", (name,))


def test_what_lies_in_a_service_belongs_to_it() -> None:
    paths = ["web/Dockerfile", "web/go.mod", "web/client/package.json", "web/client/yarn.lock", "web/api/openapi.yaml"]
    assert only(found(paths), "web") == Service(
        name="web",
        folder="web",
        languages=("go", "javascript"),
        manifests=("web/client/package.json", "web/client/yarn.lock", "web/go.mod"),
        dockerfile="web/Dockerfile",
        openapi="web/api/openapi.yaml",
        reasons=("Dockerfile", "openapi.yaml", "go.mod"),
    )


def test_the_first_of_several_dockerfiles_and_openapi_documents_counts() -> None:
    service = only(found(["web/Dockerfile.dev", "web/Dockerfile", "web/b/openapi.yaml", "web/a/openapi.yaml"]), "web")
    assert (service.dockerfile, service.openapi) == ("web/Dockerfile", "web/a/openapi.yaml")


@pytest.mark.parametrize("below", ["a", "z"])
def test_the_name_of_a_folder_does_not_decide_to_whom_an_openapi_document_belongs(below: str) -> None:
    assert folders(found(["web/openapi.yaml", f"web/{below}/openapi.yaml"])) == {"web": "web"}


@pytest.mark.parametrize(
    ("files_inside", "reasons"),
    [
        (["Dockerfile"], ("Dockerfile",)),
        (["Dockerfile", "go.mod", "go.sum", "a.gemspec", "Gemfile"],
         ("Dockerfile", "Gemfile", "a.gemspec", "go.mod", "go.sum")),
        (["Dockerfile", "go.mod", "go.sum", "a.gemspec", "Gemfile", "pom.xml"],
         ("Dockerfile", "Gemfile", "a.gemspec", "go.mod", "and 2 more files")),
    ],
)  # fmt: skip
def test_long_lists_of_reasons_are_cut(files_inside: list[str], reasons: tuple[str, ...]) -> None:
    assert only(found([f"web/{name}" for name in files_inside]), "web").reasons == reasons


@pytest.mark.parametrize(
    ("paths", "reason"), [(["a.py"], "the whole repository"), (["a.py", "web/Dockerfile"], "everything else")]
)
def test_what_is_left_belongs_to_the_root(paths: list[str], reason: str) -> None:
    assert only(found(paths), "root").reasons == (reason,)


@pytest.mark.parametrize(
    "folder",
    [
        "test",
        "tests",
        "testdata",
        "test-data",
        "__tests__",
        "fixtures",
        "examples",
        "samples",
        "demo",
        "docs",
        "spec",
        "e2e",
        "mocks",
        ".devcontainer",
        "Tests",
        "web/tests/unit",
    ],
)
def test_folders_of_tests_and_examples_are_no_services_but_counted(folder: str) -> None:
    services = found([f"{folder}/Dockerfile", f"{folder}/x/go.mod", f"{folder}/openapi.yaml", "api/Dockerfile"])
    assert folders(services) == {"api": "api", "root": "."}
    assert services.fixtures == 3


@pytest.mark.parametrize("folder", ["contest", "testing", "tests2", "latest", "my-docs"])
def test_a_folder_that_is_only_called_alike_is_no_fixture(folder: str) -> None:
    services = found([f"{folder}/Dockerfile"])
    assert (folders(services), services.fixtures) == ({folder: folder}, 0)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("web/a.py", "web"),
        ("web/x/y.py", "web"),
        ("web/admin/a.py", "admin"),
        ("web/admin/x/y/a.py", "admin"),
        ("web", "root"),
        ("webs/a.py", "root"),
        ("a.py", "root"),
        ("x/web/a.py", "root"),
        ("none/at/all.py", "root"),
    ],
)
def test_a_path_belongs_to_the_service_with_the_longest_folder_above_it(path: str, service: str) -> None:
    services = found(["web/Dockerfile", "web/admin/Dockerfile", "a.py"])
    assert services.of(path) == service


def test_a_path_outside_all_services_belongs_to_the_root_even_if_there_is_none() -> None:
    services = found(["web/Dockerfile"])
    assert "root" not in folders(services)
    assert services.of("a.py") == "root"
    assert services.chosen(["root"])("a.py")


def test_services_are_chosen_by_name() -> None:
    services = found(["web/Dockerfile", "api/Dockerfile", "a.py"])
    paths = ["web/a", "api/a", "a.py"]
    assert list(map(services.chosen([]), paths)) == [True, True, True]
    assert list(map(services.chosen(["web"]), paths)) == [True, False, False]
    assert list(map(services.chosen(["web", "root"]), paths)) == [True, False, True]


@pytest.mark.parametrize("name", ["wbe", "", "Web", "web/"])
def test_a_service_that_does_not_exist_cannot_be_chosen(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        found(["web/Dockerfile", "a.py"]).chosen(["web", name])
    assert (caught.value.message, caught.value.hint) == (f"there is no service {name!r}", "known: root, web")


def test_the_configuration_adds_a_service() -> None:
    services = found(["a.py", "batch/job.py"], [ServiceConfig(name="jobs", folder="batch", owners=("team-a",))])
    assert folders(services) == {"jobs": "batch", "root": "."}
    assert only(services, "jobs") == Service(
        name="jobs", folder="batch", owners=("team-a",), reasons=("named in the configuration",)
    )


def test_the_configuration_wins_over_what_is_found() -> None:
    said = ServiceConfig(
        name="shop",
        folder="web",
        languages=("go",),
        dockerfile="web/D",
        image="shop:1",
        openapi="web/o",
        url="http://a",
    )
    service = only(found(["web/Dockerfile", "web/package.json", "web/openapi.yaml"], [said]), "shop")
    fields = msgspec.structs.asdict(service)
    assert {key: fields[key] for key in ("languages", "dockerfile", "image", "openapi", "url")} == {
        "languages": ("go",),
        "dockerfile": "web/D",
        "image": "shop:1",
        "openapi": "web/o",
        "url": "http://a",
    }
    assert service.manifests == ("web/package.json",)
    assert service.reasons[0] == "named in the configuration"


def test_what_the_configuration_leaves_out_stays_as_found() -> None:
    service = only(found(["web/Dockerfile", "web/go.mod"], [ServiceConfig(name="web", folder="web")]), "web")
    assert (service.dockerfile, service.languages) == ("web/Dockerfile", ("go",))


@pytest.mark.parametrize("folder", ["web", "web/", "/web", "/web/", "./web", "web/.", "x/../web"])
def test_a_folder_may_be_spelt_in_several_ways(folder: str) -> None:
    services = found(["web/a.py", "b.py"], [ServiceConfig(name="shop", folder=folder)])
    assert (services.of("web/a.py"), services.of("b.py")) == ("shop", "root")


@pytest.mark.parametrize("folder", [".", "", "/", "./"])
def test_the_root_may_be_given_a_name(folder: str) -> None:
    services = found(["a.py", "web/Dockerfile"], [ServiceConfig(name="shop", folder=folder)])
    assert folders(services) == {"shop": ".", "web": "web"}
    assert services.of("a.py") == "shop"


@pytest.mark.parametrize("folder", ["..", "../web", "web/../../x"])
def test_a_service_outside_the_repository_is_a_usage_error(folder: str) -> None:
    with pytest.raises(UsageError):
        found(["web/a.py"], [ServiceConfig(name="shop", folder=folder)])


@pytest.mark.parametrize(
    ("paths", "explicit"),
    [
        (["web/Dockerfile", "x/a.py"], [ServiceConfig(name="web", folder="x")]),
        (["a/a.py", "b/b.py"], [ServiceConfig(name="web", folder="a"), ServiceConfig(name="web", folder="b")]),
        (["a/a.py", "b.py"], [ServiceConfig(name="root", folder="a")]),
        (["root/Dockerfile", "a.py"], []),
        (["root/src/Dockerfile", "root/Dockerfile", "a.py"], []),
    ],
)
def test_no_two_services_share_a_name(paths: list[str], explicit: list[ServiceConfig]) -> None:
    try:
        services = found(paths, explicit)
    except UsageError:
        return  # a way to put it right, too
    assert len(folders(services)) == len(services.all)


PARTS = st.sampled_from(["web", "api", "src", "app", "root", "tests", "a", "z"])
ENDS = st.sampled_from(["Dockerfile", "go.mod", "package.json", "openapi.yaml", "a.py", "requirements.txt", "pom.xml"])
PATHS = st.tuples(st.lists(PARTS, max_size=3), ENDS).map(lambda one: "/".join([*one[0], one[1]]))
LISTS = st.lists(PATHS, max_size=8, unique=True)


@given(LISTS.flatmap(lambda paths: st.tuples(st.just(paths), st.permutations(paths))))
def test_the_order_of_the_files_does_not_matter(lists: tuple[list[str], list[str]]) -> None:
    one, other = map(found, lists)
    assert (one.all, one.fixtures) == (other.all, other.fixtures)


@given(LISTS)
@example(["root/Dockerfile", "a.py"])
def test_every_file_belongs_to_exactly_one_service_that_is_listed(paths: list[str]) -> None:
    services = found(paths)
    names = [service.name for service in services.all]
    assert len(set(names)) == len(names)
    assert names == sorted(names)
    for path in paths:
        service = only(services, services.of(path))
        assert service.folder == "." or path.startswith(f"{service.folder}/")
    for service in services.all:
        assert service.reasons
        assert all(PurePosixPath(path).is_relative_to(service.folder) for path in service.manifests)


def test_a_real_repository_is_read_through_git(repository: Repository) -> None:
    root = repository({"web/Dockerfile": "", "web/bücher.py": "", "old/Dockerfile": "", ".gitignore": "new/\n"})
    (root / "new").mkdir()
    (root / "new/Dockerfile").touch()
    (root / "old/Dockerfile").unlink()
    assert "web" in folders(discover(list_files(root)))
    assert "new" not in folders(discover(list_files(root)))


def test_a_deleted_dockerfile_makes_no_service(repository: Repository) -> None:
    root = repository({"web/Dockerfile": "", "old/Dockerfile": ""})
    (root / "old/Dockerfile").unlink()
    assert folders(discover(list_files(root))) == {"web": "web"}
