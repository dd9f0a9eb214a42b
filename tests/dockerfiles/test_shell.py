"""Which scripts run what they download."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.dockerfiles.shell import command_runs_download, runs_download


@pytest.mark.parametrize(
    "script",
    [
        "curl x | sh",
        "curl -sSL x | sudo bash -s -- --yes",
        "wget -qO- x | bash -",
        "curl x |bash -e",
        "curl x | bash -o pipefail",
        "curl x | bash -s -- -c a",
        "curl x | /bin/sh",
        "/usr/bin/curl x | sudo -E -u me bash",
        "curl x 2>&1 | sh > /dev/null",
        "curl x | gunzip | sh",
        "cd /a && curl x | tee y | sh",
        "set -e; A=b curl x | env C=d sh",
        "if ! x; then curl x | sh; fi",
        "(curl x) | sh",
        "curl x | python3",
        "curl x | python3 - --version 1",
        "curl x | perl",
        "curl x | node",
        "echo $(curl x) | sh",
        "bash <(curl x)",
        "source <(curl x)",
        ". <(wget -O - x)",
        'sh -c "$(curl -fsSL x)"',
        "sh -c $(curl x)",
        'eval "$(wget -O - x)"',
        "eval `curl x`",
        "bash -c 'curl x | sh'",
        "bash -lc \"a && bash -c 'curl x | sh'\"",
        "a\ncurl x | \\\nsh",
        "iwr x -UseBasicParsing | iex",
        "Set-X y; iex ((New-Object System.Net.WebClient).DownloadString('x'))",
        "Invoke-Expression (Invoke-RestMethod x)",
    ],
)
def test_a_download_that_is_run_is_seen(script: str) -> None:
    assert runs_download(script)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "curl x | tar xz",
        "curl x | gpg --dearmor -o a",
        "curl x > a && sha256sum -c b && sh a",
        "curl x; sh b",
        "curl x && echo a | sh",
        "echo a | sh",
        "curl x | sh script.sh",
        "curl x | bash -c cat",
        "curl x | python3 -m json.tool",
        "curl x | python3 -c 'import sys'",
        "curl x | perl -pe s/a/b/",
        "curl x | node -e 1",
        "curl x | grep sh",
        "# curl x | sh",
        "echo 'curl x | sh'",
        "echo curl x \\| sh",
        "bash -c 'curl x'",
        'sh a "$(curl x)"',
        "apt-get install curl | sh",
        "A=$(curl x | grep y) && sh b",
        "diff <(curl x) b",
        "iwr x -OutFile y; iex y",
        "echo iexplore curl",
        "curl https://iex.test/iex -o a",
    ],
)
def test_other_scripts_are_quiet(script: str) -> None:
    assert not runs_download(script)


def test_a_list_of_arguments_needs_a_shell_for_a_pipe() -> None:
    assert command_runs_download(["/bin/sh", "-ec", "curl x | sh"])
    assert command_runs_download(["powershell.exe", "-Command", "iwr x | iex"])
    assert not command_runs_download(["powershell", "-Command", "iwr x -OutFile y"])
    assert not command_runs_download(["curl", "x", "|", "sh"])
    assert not command_runs_download(["sh", "-c", "curl x"])
    assert not command_runs_download([])


@given(st.text(alphabet="curl sh|&;<>$()`'\"\\\n#-", max_size=60))
def test_every_script_gives_an_answer(script: str) -> None:
    runs_download(script)


@pytest.mark.parametrize(
    "part",
    ["curl x | ", "iex ", "'\"", '\\"', "$(", "bash -c '", 'eval "$(', "A=b ", "sudo -u ", "<", "# ", "sh -c a "],
    ids=range(12),
)
def test_a_script_made_to_take_long_does_not(part: str) -> None:
    before = time.process_time()
    runs_download(part * 50_000)
    runs_download("sh -c '" + part * 50_000 + "'")
    assert time.process_time() - before < 5
