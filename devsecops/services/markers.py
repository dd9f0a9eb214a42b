"""The files by which a service is known."""

from __future__ import annotations

import re
from typing import Final

ECOSYSTEMS: Final = {
    "python": (
        "requirements*.txt",
        "*requirements.txt",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "Pipfile",
        "Pipfile.lock",
        "poetry.lock",
        "uv.lock",
        "pdm.lock",
        "pylock.toml",
        "pylock.*.toml",
    ),
    "javascript": (
        "package.json",
        "package-lock.json",
        "npm-shrinkwrap.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
    ),
    "go": ("go.mod", "go.sum"),
    "java": ("pom.xml", "build.gradle", "build.gradle.kts", "gradle.lockfile"),
    "dotnet": ("*.csproj", "*.fsproj", "*.vbproj", "packages.lock.json"),
    "rust": ("Cargo.toml", "Cargo.lock"),
    "ruby": ("Gemfile", "Gemfile.lock", "*.gemspec"),
    "php": ("composer.json", "composer.lock"),
}
"""Language to the names of its dependency manifests and lock files."""

PACKAGE_SYSTEMS: Final = {
    "python": "PyPI",
    "javascript": "npm",
    "go": "Go",
    "java": "Maven",
    "dotnet": "NuGet",
    "rust": "crates.io",
    "ruby": "RubyGems",
    "php": "Packagist",
}
"""Language to the name of its package system, as OSV spells it."""

DOCKERFILES: Final = ("Dockerfile", "*.Dockerfile", "Dockerfile.*", "*.dockerfile", "Containerfile")
OPENAPI: Final = (
    "openapi.yaml",
    "openapi.yml",
    "openapi.json",
    "swagger.yaml",
    "swagger.yml",
    "swagger.json",
    "*.openapi.yaml",
    "*.openapi.yml",
    "*.openapi.json",
)
COMPOSE: Final = (
    "compose.yaml",
    "compose.yml",
    "compose.*.yaml",
    "compose.*.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
    "docker-compose*.yaml",
    "docker-compose*.yml",
)
KUBERNETES: Final = ("*.yaml", "*.yml")

FIXTURES: Final = re.compile(
    r"(?:^|.*/)(?:tests?|testdata|test[-_]data|__tests__|fixtures?|examples?|samples?|demos?|docs?|specs?|e2e|mocks?|\.devcontainer)/",
    re.IGNORECASE,
)
"""Paths below folders whose manifests belong to tests, examples and documentation, not to services."""

INNER: Final = frozenset(
    {"src", "app", "source", "code", "main", "docker", "build", "deploy", "deployment", ".docker", "cmd", "server"}
)
"""Folder names that say nothing of what is in them: such a service is named after the folder above."""
