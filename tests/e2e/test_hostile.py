"""A hostile repository runs nothing and hides nothing: one canary for each way it might."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conftest import Command, clean_env, run_git

EVIL = "import pathlib\npathlib.Path({canary!r}).touch()\n"
WEAK = "import subprocess\n\n\ndef run(name):\n    subprocess.call(name, shell=True)\n"
BODY = "MC4CAQAwBQYDK2VwBCIEIFsXBqhvQoCbZ3Xl1Xl0c9u1xPd2rT8mB0s7Yq3kVnJh"
KEY = f"-----BEGIN {'PRIVATE KEY'}-----\n{BODY}\n-----END {'PRIVATE KEY'}-----\n"  # made up
WORKFLOW = """on: pull_request_target
permissions: {}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ github.event.pull_request.title }}
"""

SILENCERS: dict[str, Mapping[str, str]] = {
    "nothing": {},
    "bandit's ini file": {".bandit": "[bandit]\nskips: B602,B404\nexclude: /\n"},
    "bandit's settings in pyproject.toml": {
        "pyproject.toml": "[tool.bandit]\nskips = ['B602']\nexclude_dirs = ['.']\n"
    },
    "bandit's YAML": {"bandit.yaml": "skips: [B602]\n", ".bandit.yaml": "skips: [B602]\n"},
    "semgrep's ignore file": {".semgrepignore": "*\n", "sub/.semgrepignore": "*\n"},
    "semgrep's settings": {".semgrep.yml": "rules: []\n", ".semgrep/settings.yml": "x: 1\n"},
    "gitleaks' configuration": {".gitleaks.toml": "[allowlist]\npaths = ['''.*''']\n"},
    "gitleaks' ignore file": {".gitleaksignore": "key.pem:private-key:1\n"},
    "zizmor's configuration": {
        "zizmor.yml": "rules:\n  template-injection:\n    disable: true\n",
        ".github/zizmor.yml": "rules:\n  template-injection:\n    disable: true\n",
    },
    "a .gitignore for tracked files": {".gitignore": "*\n"},
    "settings of every Python tool": {"setup.cfg": "[bandit]\nskips = B602\n", "tox.ini": "[bandit]\nskips = B602\n"},
}
EXECUTORS: dict[str, str] = {
    "sitecustomize.py": EVIL,
    "usercustomize.py": EVIL,
    "json.py": EVIL,
    "tomllib.py": EVIL,
    "ast.py": EVIL,
    "yaml.py": EVIL,
    "bandit.py": EVIL,
    "semgrep/__init__.py": EVIL,
    "pip_audit/__init__.py": EVIL,
    "devsecops/__init__.py": EVIL,
    "devsecops/__main__.py": EVIL,
    "conftest.py": EVIL,
    "setup.py": EVIL,
}
PROGRAMS = ("bandit", "semgrep", "pip-audit", "git", "gitleaks", "zizmor", "python3", "sh")


def rules(report: Path) -> set[str]:
    log = json.loads(report.read_bytes())
    return {result["ruleId"] for run in log["runs"] for result in run["results"] if not result.get("suppressions")}


@pytest.fixture
def found(repository: Callable[..., Path], devsecops: Command, tmp_path: Path) -> Callable[..., set[str]]:
    """Scan a weak repository with some more files, and return the rules that fired."""

    def scan(files: Mapping[str, str], *arguments: str) -> set[str]:
        base = {"app.py": WEAK, "sub/tests/app.py": WEAK, "key.pem": KEY, ".github/workflows/w.yml": WORKFLOW}
        root = repository({**base, **files})
        report = tmp_path / "report.sarif"
        scanners = ["--scanner", "bandit", "--scanner", "semgrep", "--scanner", "gitleaks", "--scanner", "zizmor"]
        ran = devsecops("scan", root, "--trust", "untrusted", "-o", f"sarif={report}", *scanners, *arguments)
        assert ran.code == 1, ran
        return rules(report)

    return scan


@pytest.mark.needs("bandit", "semgrep", "gitleaks", "zizmor")
@pytest.mark.parametrize("silencer", SILENCERS)
def test_scanner_configuration_in_the_repository_hides_nothing(found: Callable[..., set[str]], silencer: str) -> None:
    expected = {"B602", "B404", "python-shell-command-dynamic", "private-key", "template-injection"}
    assert expected <= found(SILENCERS[silencer])


@pytest.mark.needs("bandit", "semgrep", "gitleaks", "zizmor")
def test_comments_silence_nothing_in_an_untrusted_run(found: Callable[..., set[str]]) -> None:
    silent = WEAK.replace("shell=True)", "shell=True)  # nosec nosemgrep devsecops: ignore[*] gitleaks:allow because")
    quiet = WORKFLOW.replace("title }}", "title }} # zizmor: ignore[template-injection]")
    files = {"app.py": silent, "sub/tests/app.py": "", ".github/workflows/w.yml": quiet}
    assert {"B602", "python-shell-command-dynamic", "template-injection"} <= found(files)


@pytest.mark.needs("bandit", "semgrep", "gitleaks", "zizmor")
def test_our_own_configuration_in_the_repository_loosens_nothing_in_an_untrusted_run(
    repository: Callable[..., Path], devsecops: Command
) -> None:
    scanning = "[scan]\nexclude = ['**']\nskip = ['bandit']\nkinds = ['ci']\n"
    loose = f"{scanning}[policy]\nfail-on = 'none'\nallow-incomplete = true\n"
    root = repository({"app.py": WEAK, "devsecops.toml": loose})
    ran = devsecops("scan", root, "--trust", "untrusted", "--scanner", "bandit")
    assert ran.code == 1
    for key in ("scan.exclude", "scan.skip", "scan.kinds", "policy.fail-on", "policy.allow-incomplete"):
        assert f"{key} was not taken" in " ".join(ran.out.split())


@pytest.mark.needs("bandit", "semgrep", "pip-audit", "gitleaks", "zizmor")
def test_python_files_of_the_repository_do_not_run(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    files = {name: text.format(canary=str(canary)) for name, text in EXECUTORS.items()}
    root = repository({**files, "requirements.txt": "six==1.16.0\n./evil\n-e .\n"})
    ran = devsecops("scan", root, "--trust", "untrusted", cwd=root)
    assert ran.code in {1, 3}, ran
    assert not canary.exists()


@pytest.mark.parametrize(
    "arguments",
    [["-I", "-m", "devsecops"], ["-P", "-m", "devsecops"]],
    ids=["python -I -m devsecops", "python -P -m devsecops"],
)
def test_the_documented_forms_of_starting_it_run_no_module_of_the_repository(
    repository: Callable[..., Path], tmp_path: Path, arguments: list[str]
) -> None:
    canary = tmp_path / "canary"
    root = repository({name: text.format(canary=str(canary)) for name, text in EXECUTORS.items()})
    ran = subprocess.run(
        [sys.executable, *arguments, "services"], cwd=root, env=clean_env(tmp_path), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran
    assert not canary.exists()


def test_python_dash_m_is_safe_from_shadowed_libraries(repository: Callable[..., Path], tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    names = [name for name in EXECUTORS if not name.startswith("devsecops/")]
    root = repository({name: EXECUTORS[name].format(canary=str(canary)) for name in names})
    ran = subprocess.run(
        [sys.executable, "-m", "devsecops", "services"],
        cwd=root,
        env=clean_env(tmp_path),
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran
    assert not canary.exists()


@pytest.mark.needs("bandit")
def test_programs_of_the_repository_do_not_run_even_if_path_names_it(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    root = repository({"app.py": WEAK, **{f"bin/{name}": f"#!/bin/sh\ntouch {canary}\n" for name in PROGRAMS}})
    for name in PROGRAMS:
        (root / "bin" / name).chmod(0o755)
    path = os.pathsep.join([str(root / "bin"), "bin", ".", "", os.environ["PATH"]])
    ran = devsecops("scan", root, "--trust", "untrusted", "--scanner", "bandit", cwd=root, env={"PATH": path})
    assert ran.code == 1, ran
    assert not canary.exists()


@pytest.mark.needs("bandit")
@pytest.mark.parametrize("trust", ["untrusted", "local"])
@pytest.mark.parametrize("key", ["path", "folders"])
def test_executing_keys_of_the_repository_run_nothing(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path, key: str, trust: str
) -> None:
    canary = tmp_path / "canary"
    script = f"#!/bin/sh\ntouch {canary}\n"
    manifest = """
name = "evil"
kind = "sast"
homepage = ""
license = ""
install = ""
[version]
argv = ["sh", "--version"]
supported = ""
[detect]
files = ["**/*"]
[[job]]
scope = "repository"
argv = ["sh", "-c", "touch CANARY"]
report = "semgrep"
exit = { clean = [0] }
[severity]
default = "high"
"""
    said = {
        "path": "[scanner.bandit]\npath = './evil.sh'\n",
        "folders": "[scanners]\nfolders = ['evil']\n",
    }
    root = repository(
        {
            "app.py": WEAK,
            "evil.sh": script,
            "evil/evil/scanner.toml": manifest.replace("CANARY", str(canary)),
            "devsecops.toml": said[key],
        }
    )
    (root / "evil.sh").chmod(0o755)
    ran = devsecops("scan", root, "--trust", trust, "--scanner", "bandit", "--skip", "semgrep")
    assert ran.code == 1, ran
    assert "was not taken" in ran.out
    assert not canary.exists()


@pytest.mark.needs("bandit", "semgrep")
def test_odd_file_names_are_examined_like_all_others(
    repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    names = [
        "-x.py",
        "--exit-zero",
        "a b.py",
        "q'uo\"te.py",
        "new\nline.py",
        "ünï.py",
        "{report}.py",
        "{files}.py",
        "%41.py",
    ]
    root = repository({name if name.endswith(".py") else f"{name}.py": WEAK for name in names})
    odd = os.fsencode(root) + b"/not-utf8-\xff.py"
    with open(odd, "wb") as file:  # noqa: PTH123
        file.write(WEAK.encode())
    bom = root / "bom.py"
    bom.write_bytes(b"\xef\xbb\xbf" + WEAK.encode())
    run_git(root, "add", "-A")
    report = tmp_path / "report.sarif"
    ran = devsecops("scan", root, "-o", f"sarif={report}", "--scanner", "bandit", "--scanner", "semgrep", cwd=root)
    assert ran.code == 1, ran
    log = json.loads(report.read_bytes())
    for run in log["runs"]:
        uris = {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for result in run["results"]
            if result["ruleId"] in {"B602", "python-shell-command-dynamic"}
        }
        assert len(uris) == len(names) + 2, run["tool"]["driver"]["name"]
        assert run["invocations"][0]["properties"]["devsecops"]["status"] == "complete"
    assert "new\nline" not in ran.out


def test_text_of_the_repository_reaches_the_terminal_harmless(
    tool: Callable[..., Path], repository: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    evil = "::error::x \\x1b[2J \\u202e ##vso[task.complete] \\r\\n::set-output name=a::b"
    code = (
        f"path = './app.py'\nissue = dict(test_id='B1', filename=path, line_number=1, issue_text={evil!r}.encode()"
        ".decode('unicode_escape'), issue_severity='HIGH', issue_confidence='HIGH')\n"
        "report = {'results': [issue], 'errors': [], 'metrics': {path: {}}}\n"
        "pathlib.Path(option('-o')).write_text(json.dumps(report))\nsys.exit(1)"
    )
    config = tmp_path / "config.toml"
    config.write_text(f"[scanner.bandit]\npath = '{tool('bandit', code)}'\n")
    root = repository({"app.py": "::warning::x\x1b[31m\n"})
    ran = devsecops("scan", root, "--config", config, "--scanner", "bandit")
    assert ran.code == 1, ran
    assert not any(line.startswith(("::", "##")) for line in ran.out.splitlines())
    assert not set(ran.out) & {"\x1b", "\u202e", "\r"}
