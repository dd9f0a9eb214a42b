"""What Compose and Kubernetes files add to services; and that no such file does anything bad."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devsecops.listing import Listing, list_files
from devsecops.model import Service
from devsecops.services import discover

Repository = Callable[..., Path]


@pytest.fixture
def services(repository: Repository) -> Callable[[Mapping[str, str | bytes]], dict[str, Service]]:
    """A function from files to services by name."""

    def found(content: Mapping[str, str | bytes]) -> dict[str, Service]:
        root = repository(content, git=False)
        return {service.name: service for service in discover(list_files(root)).all}

    return found


Found = Callable[[Mapping[str, str | bytes]], dict[str, Service]]


@pytest.mark.parametrize(
    ("build", "folder"),
    [
        ("build: web", "web"),
        ("build: ./web", "web"),
        ("build: web/", "web"),
        ("build: 'web'", "web"),
        ("build: {context: web}", "web"),
        ("build: {context: ./web, dockerfile: Dockerfile.dev}", "web"),
        ("build: web/../web/./", "web"),
        ("build: .", "."),
        ("build: {context: ., dockerfile: web/Dockerfile}", "."),
        ("build: {dockerfile: Dockerfile.dev}", "."),
    ],
)
def test_a_compose_file_names_what_is_built(services: Found, build: str, folder: str) -> None:
    found = services({"compose.yaml": f"services:\n  shop:\n    {build}\n", "web/a.js": "", "b.js": ""})
    service = next(one for one in found.values() if one.folder == folder)
    assert "built by compose.yaml" in service.reasons


@pytest.mark.parametrize(
    "text",
    [
        "services: {a: {image: nginx}}",
        "services: {a: {build: }}",
        "services: {a: {build: 5}}",
        "services: {a: {build: [web]}}",
        "services: {a: {build: {context: 5}}}",
        "services: {a: {build: {context: [web]}}}",
        "services: {a: {build: ../web}}",
        "services: {a: {build: web/../../web}}",
        "services: {a: {build: /web}}",
        "services: {a: {build: $DIR}}",
        "services: {a: {build: '${DIR:-web}'}}",
        "services: {a: {build: 'https://example.com/web.git'}}",
        "services: {a: {build: 'git@example.com:owner/web.git'}}",
        "services: {a: {build: tests/web}}",
        "services: {a: web}",
        "services: [a, b]",
        "services: web",
        "services:",
        "a: {build: web}",
        "- build: web",
        "web",
        "",
        "a: 1\n---\nservices: {a: {build: web}}",
        "services: {a: {build: web}",
        "\tservices: {a: {build: web}}",
        "services: {{ .Values.services }}",
        "services: !vault {a: {build: web}}",
        "services: &a {b: *a}",
        "services: *nothing",
        "? [services]\n: {a: {build: web}}",
        'services: {a: {build: !!int ""}}',
        'services: {a: {build: !!float ""}}',
        'services: {a: {build: !!bool "web"}}',
        'services: {a: {build: !!timestamp "web"}}',
        "services: {a: {build: 2026-13-45}}",
        "services: {a: {build: " + "1" * 5000 + "}}",
        'services: {a: {build: "\\ud800"}}',
        "services: {a: {build: !!python/object/apply:os.system [touch canary]}}",
        "\x00",
    ],
)
def test_a_compose_file_that_builds_nothing_here_says_nothing(services: Found, tmp_path: Path, text: str) -> None:
    found = services({"compose.yaml": text, "web/a.js": ""})
    assert {name: service.folder for name, service in found.items()} == {"root": "."}
    assert not list(tmp_path.rglob("canary"))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"services: {a: {build: \xff}}", b"\x00" * 100, "é".encode("utf-16")])
def test_a_compose_file_that_is_no_text_does_nothing_bad(services: Found, content: bytes) -> None:
    assert "root" in services({"compose.yaml": content, "web/a.js": ""})


@pytest.mark.parametrize(
    "name",
    [
        "compose.yaml",
        "compose.yml",
        "docker-compose.yaml",
        "docker-compose.yml",
        "compose.dev.yaml",
        "docker-compose.dev.yml",
        "docker-compose-dev.yaml",
        "deploy/compose.yaml",
    ],
)
def test_compose_files_have_several_names(services: Found, name: str) -> None:
    up = "../" * name.count("/")
    found = services({name: f"services: {{a: {{build: {up}web}}}}", "web/a.js": ""})
    assert found["web"].reasons == (f"built by {name}",)


@pytest.mark.parametrize("name", ["mycompose.yaml", "compose.json", "tests/compose.yaml", "docs/x/compose.yaml"])
def test_no_other_file_is_a_compose_file(services: Found, name: str) -> None:
    assert set(services({name: "services: {a: {build: /web}, b: {build: ../web}, c: {build: web}}"})) == {"root"}


def test_a_compose_file_says_which_dockerfile_and_image(services: Found) -> None:
    text = "services: {a: {image: 'shop/web:1', build: {context: web, dockerfile: ../docker/web.txt}}}"
    service = services({"compose.yaml": text, "web/a.js": "", "docker/web.txt": ""})["web"]
    assert (service.dockerfile, service.image) == ("docker/web.txt", "shop/web:1")


@pytest.mark.parametrize("dockerfile", ["/etc/passwd", "../../x", "5", "[a]"])
def test_a_dockerfile_outside_is_not_taken(services: Found, dockerfile: str) -> None:
    text = f"services: {{a: {{build: {{context: web, dockerfile: {dockerfile}}}}}}}"
    assert services({"compose.yaml": text, "web/a.js": ""})["web"].dockerfile == ""


def test_a_dockerfile_that_is_there_wins_over_what_compose_says(services: Found) -> None:
    text = "services: {a: {build: {context: web, dockerfile: Other}}}"
    assert services({"compose.yaml": text, "web/Dockerfile": ""})["web"].dockerfile == "web/Dockerfile"


def test_the_first_compose_file_counts(services: Found) -> None:
    text = "services: {{a: {{build: web, image: {}}}}}"
    found = services({"compose.yaml": text.format("one"), "compose.z.yaml": text.format("two"), "web/a.js": ""})
    assert (found["web"].image, found["web"].reasons) == ("one", ("built by compose.yaml",))


def test_yaml_anchors_and_merges_are_understood(services: Found) -> None:
    text = "x-base: &base {build: web}\nservices:\n  a:\n    <<: *base\n    image: shop\n"
    assert services({"compose.yaml": text, "web/a.js": ""})["web"].image == "shop"


DEPLOYMENT = "apiVersion: apps/v1\nkind: {}\nspec:\n  containers:\n  - name: x\n    image: {}\n"


@pytest.mark.parametrize(
    "image",
    [
        "web",
        "web:1.2",
        "shop/web",
        "registry.example:5000/shop/web:1.2",
        "registry.example/shop/web@sha256:0123456789abcdef",
        "registry.example/shop/web:1.2@sha256:0123456789abcdef",
    ],
)
def test_an_image_that_is_called_like_a_service_is_deployed_from_it(services: Found, image: str) -> None:
    found = services({"web/go.mod": "", "k8s/web.yaml": DEPLOYMENT.format("Deployment", image)})
    assert (found["web"].image, found["web"].reasons) == (image, ("go.mod", "deployed by k8s/web.yaml"))


@pytest.mark.parametrize(
    "line", ["image: web:1", "- image: web:1", 'image: "web:1"', "'image': 'web:1'", "image:  web:1 # x"]
)
def test_images_are_written_in_several_ways(services: Found, line: str) -> None:
    found = services({"web/go.mod": "", "web.yml": f"kind: Pod\nspec:\n    {line}\n"})
    assert found["web"].image == "web:1"


@pytest.mark.parametrize(
    "kind", ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod", "ReplicaSet", "Rollout"]
)
def test_these_kinds_run_images(services: Found, kind: str) -> None:
    assert services({"web/go.mod": "", "a.yaml": DEPLOYMENT.format(kind, "web")})["web"].image == "web"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", DEPLOYMENT.format("ConfigMap", "web")),
        ("a.yaml", DEPLOYMENT.format("Jobs", "web")),
        ("a.yaml", DEPLOYMENT.format("Pod", "webs")),
        ("a.yaml", DEPLOYMENT.format("Pod", "web/proxy")),
        ("a.yaml", "kind: Pod\nspec:\n  # image: web\n  images: web\n"),
        ("a.json", DEPLOYMENT.format("Pod", "web")),
        ("tests/a.yaml", DEPLOYMENT.format("Pod", "web")),
        ("chart/templates/a.yaml", "kind: Pod\nimage: {{ .Values.image }}\n"),
    ],
)
def test_nothing_else_is_a_deployment(services: Found, path: str, text: str) -> None:
    assert services({"web/go.mod": "", path: text})["web"].image == ""


def test_a_template_that_is_no_yaml_is_read_all_the_same(services: Found) -> None:
    text = "{{- if .Values.web }}\nkind: Deployment\n  {{ include \"x\" . }}\n  image: 'shop/web:{{ .Values.tag }}'\n"
    found = services({"web/go.mod": "", "chart/templates/web.yaml": text})
    assert found["web"].reasons == ("go.mod", "deployed by chart/templates/web.yaml")


def test_an_image_of_compose_or_of_the_first_file_is_kept(services: Found) -> None:
    found = services(
        {
            "compose.yaml": "services: {a: {build: web, image: composed/web}}",
            "web/a": "",
            "api/go.mod": "",
            "k/a.yaml": DEPLOYMENT.format("Pod", "one/api") + DEPLOYMENT.format("Pod", "web"),
            "k/b.yaml": DEPLOYMENT.format("Pod", "two/api"),
        }
    )
    assert (found["web"].image, found["api"].image) == ("composed/web", "one/api")


def limited(root: Path) -> str:
    """What discovery in a folder prints with one second of CPU time and one gigabyte."""
    code = (
        "import resource, sys, yaml; from pathlib import Path\n"
        "from devsecops import listing; from devsecops.services import discover\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1)); resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "print(*(one.name for one in discover(listing.list_files(Path(sys.argv[1]))).all))"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(root)], capture_output=True, text=True, timeout=10, check=False
        )
    except subprocess.TimeoutExpired:
        return "it hung"
    return done.stdout.strip() or f"exit code {done.returncode} {done.stderr[-200:]}"


MERGES = "a0: &a0 {k: v}\n" + "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", f"{LAUGHS}services: *a29\n"),
        ("compose.yaml", f"{MERGES}services: *a11\n"),
        ("compose.yaml", "[" * 500_000),
        ("compose.yaml", "{a: " * 200_000),
        ("compose.yaml", "- " * 400_000),
        ("compose.yaml", "a: 1" + ":1" * 400_000),
        ("compose.yaml", "a: " + "&a " * 300_000),
        ("compose.yaml", "services: {a: {build: " + "x/" * 400_000 + "}}"),
        ("compose.yaml", "services: {a: {build: " + "../" * 300_000 + "}}"),
        ("compose.yaml", "a" * 2_000_000),
        ("a.yaml", "kind: Pod\n" + "\n" * 900_000),
        ("a.yaml", "kind: Pod\n" + "-\n" * 400_000),
        ("a.yaml", "kind: Pod\n" + "image:\n" * 100_000),
        ("a.yaml", "kind:" + " " * 900_000),
        ("a.yaml", "kind: Pod\n" + "image: web\n" * 90_000),
    ],
    ids=[
        *("laughs", "merges", "deep-lists", "deep-tables", "deep-items", "sexagesimal", "anchors", "long-path", "ups"),
        *("large", "newlines", "dashes", "images", "spaces", "many"),
    ],
)
def test_a_bomb_takes_neither_time_nor_memory(repository: Repository, name: str, text: str) -> None:
    root = repository({name: text, "web/go.mod": "", "b.py": ""}, git=False)
    names = limited(root).split()
    assert {"web", "root"} <= set(names)


@pytest.mark.parametrize("name", ["compose.yaml", "a.yaml"])
def test_a_pipe_is_not_waited_for(repository: Repository, name: str) -> None:
    root = repository({"web/go.mod": "", "b.py": ""}, git=False)
    os.mkfifo(root / name)
    assert limited(root) == "root web"


def test_a_link_out_of_the_repository_is_not_read(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("services: {a: {build: web}}")
    root = repository({"web/a.js": ""}, git=False)
    (root / "compose.yaml").symlink_to(tmp_path / "outside.yaml")
    assert [service.name for service in discover(list_files(root)).all] == ["root"]


PIECES = st.sampled_from(
    [
        "services",
        "build",
        "context",
        "image",
        "a",
        ":",
        ": ",
        "\n",
        "  ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "&a ",
        "*a",
        "!!int ",
        "!!bool ",
        "!!float ",
        "!!timestamp ",
        "!!binary ",
        "!!null ",
        "!!set ",
        "!!omap ",
        "!!pairs ",
        "!x ",
        "<<",
        '"',
        "'",
        "|",
        ">",
        "%",
        "---",
        "? ",
        "=",
        "1:1",
        "0x",
        "-",
        "2026-01-01",
        ".inf",
        "~",
        "\\ud800",
        "..",
        "/",
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@settings(max_examples=300)
@given(TEXTS | st.text(max_size=30) | st.builds("services: {{a: {{build: {}}}}}".format, TEXTS))
@example("a: !!set {a: [b]}")
@example("a: !!omap [a]")
@example("? !!set {[]}")
def test_no_compose_file_stops_the_scan(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "compose.yaml").write_text(text, "utf-8", "replace")
        assert discover(Listing(root, ["compose.yaml"])).all
