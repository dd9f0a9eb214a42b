"""Whether a script runs what it has downloaded: `curl … | sh`, `sh <(curl …)`, `eval "$(curl …)"`, `irm … | iex`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

_FETCHING: Final = frozenset({"curl", "wget", "fetch", "aria2c"})
_POWERSHELL_FETCHING: Final = frozenset(
    {"iwr", "irm", "invoke-webrequest", "invoke-restmethod", "downloadstring", "curl", "wget"}
)
_POWERSHELL_RUNS = re.compile(r"(?<![^\s(|{='\"])(?:iex|invoke-expression)(?![^\s('\"])")
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish"})
_INTERPRETERS = re.compile(r"python[\d.]*|perl[\d.]*|ruby[\d.]*|node|nodejs|php[\d.]*|pwsh")
_BEFORE: Final = frozenset(
    {"sudo", "doas", "env", "exec", "command", "nohup", "time", "nice", "then", "do", "else", "if", "while", "!", "{"}
)
_WITH_VALUE: Final = frozenset({"-o", "+o", "-O", "--init-file", "--rcfile", "-W", "-X"})
_STANDARD_INPUT: Final = frozenset({"-", "/dev/stdin", "/proc/self/fd/0"})
_STARTS_ANEW: Final = frozenset({"&&", "||", ";", ";;", "&", "\n"})
_DEEPEST: Final = 4  # scripts in quotes in scripts
_TOKENS = re.compile(
    r"""(?sx)
    (?P<skip> [^\S\n]++ | \\\n | (?<!\S)\#[^\n]*+ )
    | (?P<redirection> \d*(?:>>|>\||>&|<&|<<<|<<-|<<|&>>?|>(?!\()|<(?!\()) [^\S\n]*+ [^\s|&;()<>]*+ )
    | (?P<operator> && | \|\| | \|& | [<>$]\( | ;; | [|&;()\n`] )
    | (?P<word> (?: [^\s"'\\|&;()<>`$] | \\. | "(?:\\.|[^"\\])*+" | '[^']*+' | \$(?!\() | ["'\\] )++ )
    """
)


def runs_download(script: str, depth: int = 0) -> bool:
    """Whether a script gives what it downloads to a shell or another interpreter, without a look at it.

    Args:
        script: a script for a POSIX shell.
        depth: scripts in quotes around it.
    """
    if _powershell_runs_download(script):
        return True
    downloaded = takes_code = takes_file = False
    for operator, words in _commands(script):
        if operator in _STARTS_ANEW:
            downloaded = False
        program, arguments = _program(words)
        if program in _FETCHING and (takes_file if operator == "<(" else takes_code and operator in {"$(", "`"}):
            return True
        if downloaded and _reads_program(program, arguments):
            return True
        downloaded = downloaded or program in _FETCHING
        takes_code = _takes_code(program, arguments)
        takes_file = program in {*_SHELLS, "source", "."}
        if takes_code and any(_is_download(one, depth) for one in arguments):
            return True
    return False


def command_runs_download(command: Sequence[str]) -> bool:
    """Whether a command, given as a list of arguments, does that: `["sh", "-c", "curl … | sh"]`."""
    program, arguments = _program([*command])
    if re.fullmatch(r"(?i)(?:powershell|pwsh)(?:\.exe)?", program):
        return _powershell_runs_download(" ".join(arguments))
    return _takes_code(program, arguments) and any(runs_download(one) for one in arguments)


def _powershell_runs_download(script: str) -> bool:
    """Whether one of the statements of a PowerShell script downloads and runs: in PowerShell, the order is free."""
    text = script.lower()
    if not _POWERSHELL_RUNS.search(text):
        return False
    statements = (one for one in re.split(r"[;&\n]", text) if _POWERSHELL_RUNS.search(one))
    return any(_POWERSHELL_FETCHING.intersection(re.findall(r"[\w-]+", one)) for one in statements)


def is_shell(words: Sequence[str]) -> bool:
    """Whether some words, the first a program, start a shell."""
    return _program([*words])[0] in _SHELLS


def _commands(script: str) -> Iterator[tuple[str, list[str]]]:
    """The simple commands of a script, each with the operator before it."""
    operator, words = "\n", list[str]()
    for found in _TOKENS.finditer(script):
        if found.lastgroup == "word":
            words.append(found[0])
        elif found.lastgroup == "operator":
            yield operator, words
            operator, words = found[0], []
    yield operator, words


def _program(words: Sequence[str]) -> tuple[str, list[str]]:
    """The program that a command starts, without its folder, and its arguments."""
    at = 0
    while at < len(words) and (words[at] in _BEFORE or re.match(r"[A-Za-z_]\w*=", words[at])):
        wrapped = words[at] in _BEFORE
        at += 1
        while wrapped and at < len(words) and words[at].startswith("-"):
            at += 2 if words[at] in {"-u", "-g", "-n"} else 1
    if at >= len(words):
        return "", []
    return _plain(words[at]).rpartition("/")[2], [*words[at + 1 :]]


def _plain(word: str) -> str:
    return word.replace('"', "").replace("'", "")


def _reads_program(program: str, arguments: Sequence[str]) -> bool:
    """Whether a program takes its program from standard input: it is given neither a script nor code."""
    shell = program in _SHELLS
    if not shell and not _INTERPRETERS.fullmatch(program):
        return False
    code = re.compile(r"-[a-z]*c[a-z]*" if shell else r"-[A-Za-z]*[cmepnrE].*")
    rest = iter(arguments)
    for one in rest:
        if one in _STANDARD_INPUT or (shell and re.fullmatch(r"-[a-z]*s[a-z]*", one)):
            return True
        if one in _WITH_VALUE:
            next(rest, None)
        elif not one.startswith(("-", "+")) or code.fullmatch(one):
            return False
    return True


def _takes_code(program: str, arguments: Sequence[str]) -> bool:
    """Whether one of the arguments is a script itself, not the name of one."""
    return program == "eval" or (program in _SHELLS and any(re.fullmatch(r"-[a-z]*c[a-z]*", one) for one in arguments))


def _is_download(argument: str, depth: int) -> bool:
    """Whether a quoted argument is a script that is downloaded, or that runs a download."""
    if argument[:1] not in {'"', "'"} or depth == _DEEPEST:
        return False
    inside = argument[1:-1]
    if argument[0] == '"':
        inside = re.sub(r"\\(.)", r"\1", inside)
        if re.match(rf"\s*(?:\$\(|`)\s*(?:{'|'.join(sorted(_FETCHING))})\b", inside):
            return True
    return runs_download(inside, depth + 1)
