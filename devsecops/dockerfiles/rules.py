"""Our own rules for Dockerfiles: when each applies. What it says and how much it counts is data (`rules.toml`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from devsecops.dockerfiles.shell import command_runs_download, is_shell, runs_download
from devsecops.dockerfiles.stages import Reference, Stage, assignments, stages
from devsecops.dockerfiles.syntax import Instruction, parse
from devsecops.dockerfiles.words import UNKNOWN, expanded, words
from devsecops.text import is_secret, one_line, shorten

_UNPRIVILEGED = re.compile(r"(?i)non-?root|unprivileged|rootless")
_SECRET_NAME = re.compile(
    r"(?i)(?:^|_)(?:PASSW(?:OR)?D|PASS|PWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
    r"|(?:API|ACCESS|SECRET|PRIVATE|SIGNING|ENCRYPTION|AUTH|ACCOUNT|MASTER)_?KEY)$"
)
_KEY_NAME = re.compile(r"(?i)(?:^|_)(?:KEY|SALT|AUTH|PAT)$")
_PUBLIC_NAME = re.compile(r"(?i)(?:^|_)(?:GPG|PGP|PUBLIC|PUB|FINGERPRINT)(?:_|$)|^PWD$")
_RANDOM = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9+/=_.-]{20,}")
_PLACEHOLDER = re.compile(r"(?i)|true|false|yes|no|null|none|\d{1,3}|<.*>|/.*")
_REMOTE = re.compile(r"(?i)(?:https?|ftp|git|ssh)://|git@")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_RUNS: Final = frozenset({"RUN", "CMD", "ENTRYPOINT"})


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a rule applies."""

    rule: str
    message: str
    instruction: Instruction
    severity: str = ""
    """Where it is not that of the rule."""


def check(data: bytes) -> list[Sighting]:
    """What our rules say of a Dockerfile, by line.

    Raises:
        ReportError: it does not parse.
    """
    instructions = parse(data)
    found = stages(instructions)
    sightings = [one for rule in _BY_STAGES for one in rule(found)]
    sightings += (one for each in instructions for one in (*_secrets(each), *_scripts(each)))
    return sorted(sightings, key=lambda one: (one.instruction.line, one.rule, one.message))


def _root_user(found: Sequence[Stage]) -> Iterator[Sighting]:
    """The user of the final image: the last `USER` of its stage, or of the stage that this is built on."""
    stage = final = found[-1]
    while True:
        said = [one for one in stage.steps if one.instruction.name == "USER" and not one.instruction.onbuild]
        if said or stage.parent is None:
            break
        stage = found[stage.parent]
    if said:
        user = "".join(said[-1].words[:1]).partition(":")[0]
        if user == "root" or (user and not user.strip("0")):
            text = f"USER {_shown(user)}: the image runs as root"
            yield Sighting(rule="dockerfile-root-user", message=text, instruction=said[-1].instruction)
    elif not (stage.image and _UNPRIVILEGED.search(stage.image.text)):
        text = "no USER in the final stage: the image runs as root, unless its base image says otherwise"
        yield Sighting(rule="dockerfile-root-user", message=text, instruction=final.start)


def _base_images(found: Sequence[Stage]) -> Iterator[Sighting]:
    """Every image that something comes from: `FROM`, `COPY --from`, `RUN --mount=from=`."""
    named = {str(one.number) for one in found} | {one.name for one in found if one.name}
    for stage in found:
        if stage.image:
            yield from _image(stage.image, stage.start)
        for step in stage.steps:
            one = step.instruction
            for text in _sources(one):
                # an image, and no stage nor build context, which has neither registry nor version
                if text.lower() not in named and re.search(r"[/:@.]", text) and UNKNOWN not in text:
                    yield from _image(Reference(text=text), one)


def _sources(one: Instruction) -> Iterator[str]:
    for name, value in one.flags:
        if one.name == "COPY" and name == "from":
            yield expanded(value, {}, one.escape)
        elif one.name == "RUN" and name == "mount":
            options = (option.partition("=") for option in expanded(value, {}, one.escape).split(","))
            yield from (text for key, _, text in options if key == "from")


def _image(image: Reference, instruction: Instruction) -> Iterator[Sighting]:
    if image.digest or not image.is_told or not image.text:
        return
    shown = _shown(image.text)
    if image.tag in {"", "latest"}:
        what = "the tag latest" if image.tag else "no tag"
        yield Sighting(rule="dockerfile-base-tag", message=f"{shown} has {what}", instruction=instruction)
    else:
        text = f"{shown} is not pinned by a digest"
        yield Sighting(rule="dockerfile-base-digest", message=text, instruction=instruction)


def _secrets(one: Instruction) -> Iterator[Sighting]:
    """One for each instruction: another scanner says it once, too."""
    if one.name not in {"ENV", "ARG"}:
        return
    kept = [(name, _kept(name, value, one.escape)) for name, value in assignments(one)]
    written = [_shown(name) for name, how in kept if how == "written"]
    passed = [_shown(name) for name, how in kept if how == "passed"]
    if written:
        text = f"the value of {', '.join(written)} stands in the Dockerfile and stays in the image"
        yield Sighting(rule="dockerfile-secret", message=text, instruction=one)
    elif passed:
        text = f"the value that {', '.join(passed)} gets at build time stays in the image's history"
        yield Sighting(rule="dockerfile-secret", message=text, instruction=one, severity="medium")


def _kept(name: str, value: str | None, escape: str) -> str:
    """How a secret gets into the image: `written` in the Dockerfile or `passed` to the build; empty where none does."""
    text = None if value is None else expanded(value, {}, escape)
    if text and is_secret(text.replace(UNKNOWN, "")):
        return "written"
    if _PUBLIC_NAME.search(name):
        return ""
    if _SECRET_NAME.search(name):
        if text is None or UNKNOWN in text:
            return "passed"
        return "" if _PLACEHOLDER.fullmatch(text) else "written"
    return "written" if _KEY_NAME.search(name) and text and _RANDOM.fullmatch(text) else ""


def _remote_files(found: Sequence[Stage]) -> Iterator[Sighting]:
    """`ADD` of an address, without a checksum or a commit to compare with."""
    for step in (step for stage in found for step in stage.steps):
        one = step.instruction
        if one.name != "ADD" or one.flag("checksum"):
            continue
        remote = [text for text in step.words[:-1] if _REMOTE.match(text)]
        unchecked = [text for text in remote if not _COMMIT.fullmatch(text.partition("#")[2].partition(":")[0])]
        if unchecked:
            text = f"ADD of {_shown(unchecked[0])} without a checksum"
            yield Sighting(rule="dockerfile-remote-code", message=text, instruction=one)


def _scripts(one: Instruction) -> Iterator[Sighting]:
    if one.name not in _RUNS:
        return
    if command_runs_download(one.items) if one.items is not None else any(map(runs_download, _shell_texts(one))):
        text = f"{one.name} runs what it downloads, unchecked"
        yield Sighting(rule="dockerfile-remote-code", message=text, instruction=one)


def _shell_texts(one: Instruction) -> Iterator[str]:
    """The scripts of an instruction: its own text, and documents that are given to a shell."""
    yield one.text
    rest = [word for word in words(one.text, one.escape) if "<<" not in word]
    if not rest or is_shell(rest):
        shebang = re.compile(r"#!(?!.*\b(?:ba|da|a|z|k)?sh\b)")
        yield from (text for text in one.documents if not shebang.match(text))


def _shown(text: str) -> str:
    """A text of the Dockerfile, as it may stand in a message."""
    return shorten(one_line(text.replace(UNKNOWN, "…")), 120)


_BY_STAGES: Final[tuple[Callable[[Sequence[Stage]], Iterator[Sighting]], ...]] = (
    _root_user,
    _base_images,
    _remote_files,
)
