"""Words of a Dockerfile's instructions: quotes, escapes and variables.

After "Environment replacement" and "Parser directives" of the Dockerfile reference
(https://docs.docker.com/reference/dockerfile/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

UNKNOWN: Final = "\0"
"""Stands in an expanded word for what only the build, or the base image, can tell."""
_LONGEST: Final = 10_000  # characters of an expanded word: variables that name each other twice grow without end
_DEEPEST: Final = 8  # braces in braces
_WORD = r"""(?:[^\s"'\\]|\\.|"(?:\\.|[^"\\])*+"|'[^']*+'|["'\\])++"""
_VARIABLE = r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?[-+?]|\}|))"


def words(text: str, escape: str = "\\") -> list[str]:
    """The words of a text, quotes and variables left as they are."""
    pattern = _WORD if escape == "\\" else _WORD.replace(r"\\", re.escape(escape))
    return re.findall(f"(?s){pattern}", text)


def expanded(word: str, variables: Mapping[str, str], escape: str = "\\", depth: int = 0) -> str:
    """A word without its quotes, its variables replaced; `UNKNOWN` stands for those that are not known.

    Args:
        word: the word, as it stands in the Dockerfile.
        variables: what is known.
        escape: the escape character.
        depth: braces around it.
    """
    out: list[str] = []
    at, quote = 0, ""
    while at < len(word):
        char = word[at]
        following = word[at + 1 : at + 2]
        if char == escape and following and quote != "'":
            out.append(following if not quote or following in {'"', "$", escape} else char + following)
            at += 2
        elif char == "$" and quote != "'":
            value, at = _variable(word, at, variables, escape, depth)
            out.append(value)
        else:
            if char not in {'"', "'"} or quote not in {"", char}:
                out.append(char)
            else:
                quote = "" if quote else char
            at += 1
    text = "".join(out)
    return text if len(text) <= _LONGEST else UNKNOWN


def _variable(word: str, at: int, variables: Mapping[str, str], escape: str, depth: int) -> tuple[str, int]:
    """The value of the variable that begins at a position, and the position behind it."""
    found = re.compile(_VARIABLE).match(word, at)
    if not found:
        return "$", at + 1
    plain, name, operator = found.groups()
    if plain or operator == "}":
        return variables.get(plain or name, UNKNOWN), found.end()
    end = _closing(word, found.end())
    if not operator or depth == _DEEPEST:
        return UNKNOWN, end + 1
    value = variables.get(name)
    is_set = value is not None and (value != "" or ":" not in operator)
    if "+" in operator:
        return (expanded(word[found.end() : end], variables, escape, depth + 1) if is_set else ""), end + 1
    if is_set and value is not None:
        return value, end + 1
    return (expanded(word[found.end() : end], variables, escape, depth + 1) if "-" in operator else UNKNOWN), end + 1


def _closing(word: str, at: int) -> int:
    """Where the brace closes in which a position lies; the end of the word where none does."""
    depth = 1
    for found in re.compile(r"\$\{|\}").finditer(word, at):
        depth += 1 if found[0] == "${" else -1
        if depth == 0:
            return found.start()
    return len(word)
