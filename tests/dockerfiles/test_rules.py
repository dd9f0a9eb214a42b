"""Our own rules for Dockerfiles: what each finds, what it leaves alone, and that none of them shows a secret."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from devsecops.dockerfiles.rules import check
from devsecops.model import Confidence, Severity
from tests.conftest import CHECKOUT

RULES = msgspec.toml.decode((CHECKOUT / "scanners" / "dockerfile" / "rules.toml").read_bytes())["rule"]
PINNED = "a@sha256:" + "0" * 64


def found(text: str) -> list[str]:
    """Rule, line and, where it is not the rule's, severity of each sighting."""
    sightings = check(text.encode())
    words = ((one.rule.removeprefix("dockerfile-"), one.instruction.line, one.severity) for one in sightings)
    return [f"{rule}:{line} {severity}".strip() for rule, line, severity in words]


def of(rule: str, text: str) -> list[str]:
    return [one.removeprefix(f"{rule}:") for one in found(text) if one.startswith(f"{rule}:")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["id"].startswith("dockerfile-")
    assert len(rule["name"]) < 60 < len(rule["help"])
    assert len(rule["remedy"]) > 40
    assert len(rule["cwe"]) == 1
    assert Severity(rule["severity"]) is not Severity.UNKNOWN
    assert rule["confidence"] in {one.value for one in Confidence}


def test_there_are_five_rules_and_one_file_that_breaks_all() -> None:
    text = "FROM a\nFROM a:1\nENV TOKEN=x1\nADD http://a/b /b\nUSER 0\n"
    assert found(text) == ["base-tag:1", "base-digest:2", "secret:3", "remote-code:4", "root-user:5"]
    assert {one.rule for one in check(text.encode())} == {rule["id"] for rule in RULES}


def test_a_careful_file_is_clean() -> None:
    text = f"""\
FROM {PINNED} AS build
RUN curl -fsSLo a https://b && echo '0 a' | sha256sum -c - && sh a
ADD --checksum=sha256:0 https://a/b /b
FROM {PINNED}
ENV TOKEN_FILE=/run/secrets/token DB_PASSWORD=
COPY --from=build /a /a
USER 1000:1000
"""
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("FROM a", ["1"]),
        ("FROM scratch", ["1"]),
        ("FROM a\nUSER b", []),
        ("FROM a\nUSER root", ["2"]),
        ("FROM a\nuser 0:0", ["2"]),
        ("FROM a\nUSER root:b", ["2"]),
        ("FROM a\nUSER 000", ["2"]),
        ("FROM a\nUSER root\nUSER b", []),
        ("FROM a\nUSER b\nUSER root", ["3"]),
        ("FROM a\nUSER b\nFROM a", ["3"]),
        ("FROM a\nUSER root\nFROM a\nUSER b", []),
        ("FROM a AS b\nUSER c\nFROM b", []),
        ("FROM a AS b\nUSER root\nFROM b", ["2"]),
        ("FROM a AS b\nFROM a\nUSER root\nFROM b", ["4"]),
        ("FROM a\nARG U=root\nUSER $U", ["3"]),
        ("FROM a\nARG U\nUSER $U", []),
        ("FROM a\nARG U\nUSER ${U:-0}", ["3"]),
        ("FROM a\nUSER b\nONBUILD USER root", []),
        ("FROM a\nONBUILD USER b", ["1"]),
        ("FROM gcr.io/distroless/static:nonroot", []),
        ("FROM nginxinc/nginx-unprivileged:1 AS a\nFROM a", []),
        ('FROM a\nUSER "root"', ["2"]),
        ("FROM a\nRUN <<EOF\nUSER b\nEOF", ["1"]),
    ],
)
def test_root_is_told_by_what_the_final_image_gets(text: str, lines: list[str]) -> None:
    assert of("root-user", text) == lines


@pytest.mark.parametrize(
    ("text", "tags", "digests"),
    [
        ("FROM a", ["1"], []),
        ("FROM a:latest", ["1"], []),
        ("FROM localhost:5000/a", ["1"], []),
        ("FROM a:1", [], ["1"]),
        ("FROM --platform=linux/arm64 a:1 AS b", [], ["1"]),
        (f"FROM {PINNED}", [], []),
        (f"FROM a:latest@sha256:{'0' * 64}", [], []),
        ("FROM scratch", [], []),
        ("FROM a:1 AS b\nFROM b", [], ["1"]),
        ("ARG V=latest\nFROM a:$V", ["2"], []),
        ("ARG V\nFROM a:$V\nFROM $V", [], []),
        ("ARG R\nFROM $R/a:1\nFROM $R/a", ["3"], ["2"]),
        ("ARG D\nFROM a@$D", [], []),
        ("FROM a:1\nCOPY --from=b/c:latest /d /d", ["2"], ["1"]),
        (
            "FROM a:1 AS b\nFROM a:2\nCOPY --from=b /c /c\nCOPY --from=0 /c /c\nCOPY --from=context /c /c",
            [],
            ["1", "2"],
        ),
        ("FROM a:1\nRUN --mount=type=bind,from=b/c,target=/d e", ["2"], ["1"]),
    ],
)
def test_images_are_judged_by_tag_and_digest(text: str, tags: list[str], digests: list[str]) -> None:
    assert (of("base-tag", text), of("base-digest", text)) == (tags, digests)


TOKEN = "gh" + "p_" + "A8sKq0ZlM3nP7wXcR2tYvB5uJ9eHfD1gLiOa"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("ENV DB_PASSWORD=hunter2", ["2"]),
        ("ENV DB_PASSWORD hunter2 and more", ["2"]),
        ("env apiKey=abc", ["2"]),
        ("ENV API_KEY=abc", ["2"]),
        ("ENV A=1 \\\n B_SECRET='x y'", ["2"]),
        ("ENV A_TOKEN=x B_TOKEN=y", ["2"]),
        ("ARG NPM_TOKEN", ["2 medium"]),
        ("ARG NPM_TOKEN=", []),
        ("ARG T\nENV NPM_TOKEN=$T", ["3 medium"]),
        ("ARG NPM_TOKEN=abc", ["2"]),
        ("ENV NPM_TOKEN=${T:-abc}", ["2"]),
        (f"ENV ANY={TOKEN}", ["2"]),
        (f"ARG ANY={TOKEN}", ["2"]),
        ("ENV ANY=postgres://u:pass@h/d", ["2"]),
        ("ENV ANY=ssh://git@h/d OTHER=postgres://u:$P@h/d", []),
        ("ONBUILD ENV DB_PASSWORD=hunter2", ["2"]),
        ("ENV STAFF_KEY=0f1e2d3c4b5a69788796a5b4c3d2e1f0", ["2"]),
        ("ENV STAFF_KEY=name GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D", []),
        ("ENV PWD=/a TOKEN_FILE=/b SECRET_NAME=c PASSWORD=/run/secrets/d TOKENS=e MONKEY=f", []),
        ("ENV PASSWORD=true TOKEN=0", []),
        ("RUN API_KEY=abc make", []),
        ("LABEL TOKEN=abc", []),
    ],
)
def test_secrets_are_told_by_name_and_form(text: str, lines: list[str]) -> None:
    assert of("secret", f"FROM a\n{text}") == lines


def test_a_secret_above_all_stages_is_seen() -> None:
    assert of("secret", "ARG A_TOKEN=abc\nFROM a") == ["1"]


@pytest.mark.parametrize("text", ["ENV DB_PASSWORD=hunter2", f"ENV ANY={TOKEN}", "ENV A_TOKEN hunter2 x"])
def test_a_message_names_the_variable_and_not_its_value(text: str) -> None:
    (message,) = [one.message for one in check(f"FROM a\n{text}".encode()) if one.rule == "dockerfile-secret"]
    name, value = text.replace("=", " ").split()[1:3]
    assert name in message
    assert value not in message


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("ADD https://a/b /c", ["2"]),
        ('ADD ["https://a/b", "/c"]', ["2"]),
        ("ENV U=https://a\nADD $U/b /c", ["3"]),
        ("ARG U\nADD $U/b /c", []),
        ("ADD --checksum=sha256:0 https://a/b /c", []),
        ("ADD a https://b", []),
        ("ADD https://a/b.git /c", ["2"]),
        (f"ADD https://a/b.git#{'0' * 40} /c", []),
        (f"ADD git@a:b.git#{'0' * 40}:d /c", []),
        ("ADD git@a:b.git#main /c", ["2"]),
        ("COPY a b", []),
        ("RUN curl x | sh", ["2"]),
        ("RUN a \\\n && curl x \\\n | sh", ["2"]),
        ("RUN --mount=type=cache,target=/a curl x | sh", ["2"]),
        ('RUN ["sh", "-c", "curl x | sh"]', ["2"]),
        ('RUN ["curl", "x", "|", "sh"]', []),
        ("RUN <<EOF\ncurl x | sh\nEOF", ["2"]),
        ("RUN bash -e <<EOF\ncurl x | sh\nEOF", ["2"]),
        ("RUN <<EOF\n#!/bin/bash\ncurl x | sh\nEOF", ["2"]),
        ("RUN <<EOF\n#!/usr/bin/python3\ncurl x | sh\nEOF", []),
        ("RUN cat <<EOF > a\ncurl x | sh\nEOF", []),
        ("CMD curl x | sh", ["2"]),
        ("ONBUILD RUN curl x | sh", ["2"]),
        ("RUN wget x && sha256sum -c y && sh x", []),
    ],
)
def test_downloads_that_are_used_unchecked_are_seen(text: str, lines: list[str]) -> None:
    assert of("remote-code", f"FROM a\n{text}") == lines
