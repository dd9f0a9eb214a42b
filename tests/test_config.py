"""How a file becomes the configuration, and what is said of each mistake in one."""

from __future__ import annotations

import copy
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devsecops.config import (
    Accept,
    Config,
    CoverageConfig,
    PolicyConfig,
    Raw,
    ScanConfig,
    ScannersConfig,
    ServiceConfig,
    decode,
    merged,
    seconds,
)
from devsecops.errors import UsageError
from devsecops.model import Kind, Severity
from devsecops.settings import find, read_raw


def written(folder: Path, content: str | bytes, name: str = "devsecops.toml") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaint(path: Path) -> tuple[str, str]:
    """What is said of a file, without its folder, and the advice."""
    with pytest.raises(UsageError) as caught:
        decode(read_raw(path), str(path))
    return caught.value.message.replace(f"{path.parent}/", ""), caught.value.hint


def test_a_file_may_say_all_of_this(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        [scan]
        exclude = ["docs/**"]
        kinds = ["sast", "secrets"]
        timeout = "5m"
        jobs = 2
        offline = true
        [policy]
        fail-on = "medium"
        allow-incomplete = true
        [[coverage.accept]]
        path = "legacy/*.py"
        reason = "Python 2"
        [[service]]
        name = "web"
        folder = "services/web"
        [scanner.semgrep]
        timeout = 300
        rules = ["rules"]
        [scanners]
        folders = ["scanners"]
        """,
    )
    assert decode(read_raw(path), "devsecops.toml") == Config(
        scan=ScanConfig(exclude=("docs/**",), kinds=(Kind.SAST, Kind.SECRETS), timeout="5m", jobs=2, offline=True),
        policy=PolicyConfig(fail_on="medium", allow_incomplete=True),
        coverage=CoverageConfig(accept=(Accept(path="legacy/*.py", reason="Python 2"),)),
        service=(ServiceConfig(name="web", folder="services/web"),),
        scanner={"semgrep": {"timeout": 300, "rules": ["rules"]}},
        scanners=ScannersConfig(folders=("scanners",)),
    )


@pytest.mark.parametrize("content", ["", "\n# nothing\n", "\ufeff", "\ufeff[scan]\n", "[scan]\r\n"])
def test_a_file_that_says_nothing_is_the_default(tmp_path: Path, content: str) -> None:
    assert decode(read_raw(written(tmp_path, content)), "devsecops.toml") == Config()


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff[scan]\njobs = 2")
    assert decode(read_raw(path), "devsecops.toml").scan.jobs == 2


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ("scan = ", "devsecops.toml: is not valid TOML: Invalid value (at end of document)", ""),
        ("a = 1\nb = ?\n", "devsecops.toml: is not valid TOML: Invalid value (at line 2, column 5)", ""),
        (
            "[scan]\n[scan]",
            "devsecops.toml: is not valid TOML: Cannot declare ('scan',) twice (at line 2, column 6)",
            "",
        ),
        (b"a = '\xff'", "devsecops.toml: is not UTF-8 (byte 5)", "save the file as UTF-8"),
        ("a = 1".encode("utf-16"), "devsecops.toml: is not UTF-8 (byte 0)", "save the file as UTF-8"),
        ("scna = 1", "devsecops.toml: unknown key 'scna'", "did you mean 'scan'?"),
        (
            "xyzzy = 1",
            "devsecops.toml: unknown key 'xyzzy'",
            "known here: advisories, coverage, image, policy, scan, scanner, scanners, service",
        ),
        ("[scan]\nexcludes = []", "devsecops.toml: unknown key 'scan.excludes'", "did you mean 'exclude'?"),
        ("[policy]\nfail_on = 'low'", "devsecops.toml: unknown key 'policy.fail_on'", "did you mean 'fail-on'?"),
        ("[coverage]\naccepts = []", "devsecops.toml: unknown key 'coverage.accepts'", "did you mean 'accept'?"),
        (
            "[[coverage.accept]]\npath = 'a'\nreason = 'b'\n[[coverage.accept]]\npath = 'a'\nraeson = 'b'",
            "devsecops.toml: unknown key 'coverage.accept[1].raeson'",
            "did you mean 'reason'?",
        ),
        ("[[service]]\nnmae = 'a'", "devsecops.toml: unknown key 'service[0].nmae'", "did you mean 'name'?"),
        ("[advisories]\nfoldr = 'a'", "devsecops.toml: unknown key 'advisories.foldr'", "did you mean 'folder'?"),
        ("[scanners]\nfolder = 'a'", "devsecops.toml: unknown key 'scanners.folder'", "did you mean 'folders'?"),
        ("[scan]\nkinds = ['sats']", "devsecops.toml: scan.kinds[0]: 'sats' is not known", "did you mean 'sast'?"),
        ("[scan]\nrequire = ['ci', 'x']", "devsecops.toml: scan.require[1]: 'x' is not known", None),
        ("[policy]\nfail-on = 'hihg'", "devsecops.toml: policy.fail-on: 'hihg' is not known", "did you mean 'high'?"),
        ("[policy]\nfail-on = 'HIGH'", "devsecops.toml: policy.fail-on: 'HIGH' is not known", None),
        ("[policy]\nfail-on = 5", "devsecops.toml: policy.fail-on: expected `str`, got `int`", ""),
        ("scan = 5", "devsecops.toml: scan: expected `object`, got `int`", ""),
        ("[[scan]]", "devsecops.toml: scan: expected `object`, got `array`", ""),
        ("[scan]\njobs = '2'", "devsecops.toml: scan.jobs: expected `int`, got `str`", ""),
        ("[scan]\nvendored = 1", "devsecops.toml: scan.vendored: expected `bool`, got `int`", ""),
        ("[scan]\nexclude = 'a'", "devsecops.toml: scan.exclude: expected `array`, got `str`", ""),
        ("[scan]\nexclude = [1]", "devsecops.toml: scan.exclude[0]: expected `str`, got `int`", ""),
        ("[service]\nname = 'a'", "devsecops.toml: service: expected `array`, got `object`", ""),
        ("[[service]]", "devsecops.toml: service[0]: object missing required field `name`", ""),
        (
            "[[coverage.accept]]\npath = 'a'",
            "devsecops.toml: coverage.accept[0]: object missing required field `reason`",
            "",
        ),
        (
            "[scan]\ntimeout = 'soon'",
            "devsecops.toml: scan.timeout: 'soon' is not a duration",
            "write it like 90s, 5m, 1h or 7d",
        ),
        ("[scan]\ntimeout = '0s'", "devsecops.toml: scan.timeout: '0s' is not a duration", None),
        ("[scan]\ntimeout = '-1s'", "devsecops.toml: scan.timeout: '-1s' is not a duration", None),
    ],
)
def test_each_mistake_is_named_with_its_place(
    tmp_path: Path, content: str | bytes, message: str, hint: str | None
) -> None:
    said, advice = complaint(written(tmp_path, content))
    assert said == message
    assert advice == (advice if hint is None else hint)


@pytest.mark.parametrize("table", ["scan", "policy", "coverage", "scanners", "advisories"])
def test_unknown_keys_are_refused_in_every_table(tmp_path: Path, table: str) -> None:
    assert complaint(written(tmp_path, f"[{table}]\nnothing = 1"))[0].endswith(f"unknown key '{table}.nothing'")


@pytest.mark.parametrize(
    "content",
    [
        "[scan]\njobs = -1",
        "[scan]\njobs = 1" + "0" * 30,
        "a = 1" + "0" * 5000,
        ".".join("a" * 3000) + " = 1",
        "a = " + "[" * 3000 + "]" * 3000,
        '"a` - at `$.b" = 1',
        '[scan]\n"a` - at `$.b" = 1',
        '[scan]\nkinds = ["x\' - at `$.b"]',
        '[policy]\nfail-on = "x\' - at `$.b"',
        "[scan]\ntimeout = '" + "9" * 400 + "'",
        "[scan]\ntimeout = 1979-05-27",
        "[scan]\njobs = nan",
    ],
    ids=lambda content: content[:40],
)
def test_an_odd_file_is_a_usage_error_too(tmp_path: Path, content: str) -> None:
    complaint(written(tmp_path, content))


@pytest.mark.parametrize(("name", "value"), [("fail-on", "x' - at `$.b"), ("allow`- at", 1)])
def test_a_value_that_looks_like_our_own_words_is_still_named(tmp_path: Path, name: str, value: object) -> None:
    path = written(tmp_path, f"[policy]\n{json.dumps(name)} = {json.dumps(value)}")
    assert "policy" in complaint(path)[0]


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.toml") == ("none.toml: there is no such configuration file", "")
    assert complaint(tmp_path / "none" / "none.toml")[0] == "none.toml: there is no such configuration file"


def test_a_folder_is_no_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "devsecops.toml").mkdir()
    assert complaint(tmp_path / "devsecops.toml") == ("devsecops.toml: cannot be read: Is a directory", "")


def test_a_file_below_a_file_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "") / "devsecops.toml"
    assert complaint(path) == ("devsecops.toml: there is no such configuration file", "")


def run_as_nobody(code: str, *arguments: str | Path, timeout: float = 10) -> str:
    """What some code prints as a user without rights."""
    program = (
        "import difflib, os, resource, sys; from pathlib import Path\n"
        "from devsecops import settings; from devsecops.errors import DevsecopsError\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"try: print({code})\n"
        "except DevsecopsError as error: print(type(error).__name__, error.message)\n"
    )
    argv = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)
    return (done.stdout + done.stderr).strip().rpartition("\n")[2]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder).resolve()


@pytest.mark.parametrize("name", ["devsecops.toml", "pyproject.toml"])
def test_an_unreadable_file_is_a_usage_error(open_folder: Path, name: str) -> None:
    path = written(open_folder, "[tool.devsecops]", name)
    path.chmod(0)
    said = run_as_nobody("settings.read_raw(settings.find(Path(sys.argv[1])))", open_folder)
    assert said == f"UsageError {path}: cannot be read: Permission denied"


@pytest.mark.parametrize("target", ["/dev/zero", "pipe"])
def test_a_file_that_never_ends_is_a_usage_error(open_folder: Path, target: str) -> None:
    if target == "pipe":
        os.mkfifo(open_folder / "pipe")
        (open_folder / "pipe").chmod(0o666)
    (open_folder / "devsecops.toml").symlink_to(target)
    read = "settings.read_raw(settings.find(Path(sys.argv[1])))"
    code = f"resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)) or {read}"
    try:
        said = run_as_nobody(code, open_folder, timeout=3)
    except subprocess.TimeoutExpired:
        said = "it was read for more than three seconds"
    assert said.startswith("UsageError")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, None),
        ({"devsecops.toml": ""}, "devsecops.toml"),
        ({"devsecops.toml": "", "pyproject.toml": "[tool.devsecops]"}, "devsecops.toml"),
        ({"pyproject.toml": "[tool.devsecops.scan]\njobs = 2"}, "pyproject.toml"),
        ({"pyproject.toml": "[tool]\ndevsecops.scan.jobs = 2"}, "pyproject.toml"),
        ({"pyproject.toml": "tool = {devsecops = {scan = {jobs = 2}}}"}, "pyproject.toml"),
        ({"pyproject.toml": "[project]\nname = 'a'"}, None),
        ({"sub/devsecops.toml": ""}, None),
    ],
)
def test_the_file_of_a_repository_is_found(tmp_path: Path, files: dict[str, str], found: str | None) -> None:
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        written(tmp_path, content, path)
    assert find(tmp_path) == (tmp_path / found if found else None)


@pytest.mark.parametrize(
    ("content", "raw"),
    [
        ("[tool.devsecops.scan]\njobs = 2\n[tool.ruff]\n[project]", {"scan": {"jobs": 2}}),
        ("[tool.devsecops]", {}),
    ],
)
def test_of_pyproject_only_our_table_is_read(tmp_path: Path, content: str, raw: Raw) -> None:
    assert read_raw(written(tmp_path, content, "pyproject.toml")) == raw


@pytest.mark.parametrize("content", ["tool = 5", "tool = []", "[tool]\ndevsecops = 5", "[[tool.devsecops]]"])
def test_a_table_of_ours_that_is_none_is_a_usage_error(tmp_path: Path, content: str) -> None:
    complaint(written(tmp_path, f"{content}  # tool.devsecops", "pyproject.toml"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90s", 90), ("5m", 300), ("1h", 3600), ("1.5h", 5400), ("300", 300), (" 5 m ", 300), ("0.5s", 0.5)],
)
def test_a_duration_is_a_number_with_a_unit(text: str, expected: float) -> None:
    assert seconds(text, "timeout") == expected


@pytest.mark.parametrize(
    "text", ["", "s", "5w", "5 minutes", "1h30m", "-5s", "0", "0m", "0.0", ".5s", "1e3", "inf", "nan", "5M", "9" * 400]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=f"^timeout: '{text}' is not a duration"):
        seconds(text, "timeout")


@pytest.mark.parametrize(("fail_on", "threshold"), [(one.value, one) for one in Severity if one.value != "unknown"])
def test_the_threshold_is_a_severity(fail_on: str, threshold: Severity) -> None:
    assert decode({"policy": {"fail-on": fail_on}}, "file").policy.threshold is threshold


def test_the_threshold_none_lets_nothing_fail() -> None:
    assert decode({"policy": {"fail-on": "none"}}, "file").policy.threshold is None
    assert Config().policy.threshold is Severity.HIGH


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "c": 4}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"scan": {"exclude": ["a", "b"]}}, {"scan": {"exclude": ["c", "a"]}}, {"scan": {"exclude": ["a", "b", "c"]}}),
        ({"scan": {"skip": ["a"]}}, {"scan": {"skip": ["b"]}}, {"scan": {"skip": ["a", "b"]}}),
        ({"scan": {"require": ["a"]}}, {"scan": {"require": ["b"]}}, {"scan": {"require": ["a", "b"]}}),
        ({"scan": {"scanners": ["a"]}}, {"scan": {"scanners": ["b"]}}, {"scan": {"scanners": ["a", "b"]}}),
        ({"coverage": {"accept": [{"a": 1}]}}, {"coverage": {"accept": [{"a": 2}]}}, None),
        ({"scan": {"only": ["a"]}}, {"scan": {"only": ["b"]}}, {"scan": {"only": ["b"]}}),
        ({"scan": {"kinds": ["a"]}}, {"scan": {"kinds": ["b"]}}, {"scan": {"kinds": ["b"]}}),
        ({"scan": {"exclude": ["a"]}}, {"scan": {"exclude": "b"}}, {"scan": {"exclude": "b"}}),
        ({"scan": {"exclude": ["a"]}}, {"scan": {"exclude": []}}, {"scan": {"exclude": ["a"]}}),
    ],
)
def test_what_comes_later_wins_and_some_lists_are_joined(base: Raw, over: Raw, result: Raw | None) -> None:
    before = copy.deepcopy((base, over))
    assert merged(base, over) == (result or {"coverage": {"accept": [{"a": 1}, {"a": 2}]}})
    assert (base, over) == before


SCALARS: st.SearchStrategy[Any] = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.just(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    | st.just(dt.time(1, 2))
    | st.sampled_from(["high", "none", "sast", "5m", "*a" * 13, "a` - at `$.scan", "x' - at `$.b", "[z-a]"])
)
KEYS = st.text(max_size=4) | st.sampled_from(
    [
        "scan",
        "policy",
        "coverage",
        "accept",
        "service",
        "scanner",
        "scanners",
        "advisories",
        "bandit",
        "name",
        "path",
        "reason",
        "exclude",
        "kinds",
        "timeout",
        "jobs",
        "fail-on",
        "fail_on",
        "folders",
        "a` - at `$.b",
        "a - at `$",
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
RAWS = st.dictionaries(KEYS, VALUES, max_size=4)


def outcome(function: Callable[[], object]) -> object:
    """What a function returns, or what its usage error says."""
    try:
        return function()
    except UsageError as error:
        return error.message


@given(RAWS)
@example({"a` - at `$.b": 1})
@example({"scan": {"jobs": 10**30}})
@example({"scanner": {"bandit": {"timeout": 1.5}}})
@example({"scan": {"kinds": ["x' - at `$.b"]}})
def test_any_tables_are_a_configuration_or_a_usage_error(raw: Raw) -> None:
    found = outcome(lambda: decode(raw, "file"))
    assert isinstance(found, Config) or str(found).startswith("file: ")


@given(st.binary(max_size=60) | st.text("[]{}='\".#\n\\ abtrue0123-:_", max_size=60).map(str.encode))
@example(b"a = 1" + b"0" * 5000)
@example(b"a=\x00")
def test_any_file_is_tables_or_a_usage_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        own = written(Path(folder), content)
        found = outcome(lambda: read_raw(own))
        assert str(found).startswith(f"{own}: ") or found == tomllib.loads(content.decode("utf-8-sig"))
        project = written(Path(folder), content, "pyproject.toml")
        found = outcome(lambda: read_raw(project))
        assert isinstance(found, dict) or str(found).startswith(f"{project}: ")


@given(RAWS, RAWS)
def test_merging_keeps_every_key_and_merging_nothing_changes_nothing(base: Raw, over: Raw) -> None:
    found = merged(base, over)
    assert set(found) == {*base, *over}
    assert list(merged(found, {})) == list(found)
