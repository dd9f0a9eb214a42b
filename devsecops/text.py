"""Foreign text made harmless: control characters out, secrets masked."""

from __future__ import annotations

import re

MASK = "***"

_LONGEST = 10_000  # characters of a text that are looked through for secrets

# Patterns are text and compiled by `re` when they are first used: most runs need few of them.
_CONTROL = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 less tab and newline, DEL, C1
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # not seen, or bidirectional
    "\U000e0000-\U000e007f"  # tags
    "\ud800-\udfff]"  # lone surrogates
)
_LITERAL = r"""(?s)("{3}|'{3}|["'`])((?:\\.|(?!\1).)*)(\1|$)"""
_SET_IN_IMAGE = r"(?is)\s*((?:onbuild\s+)?(?:env|arg)\s+)(\S.*)"
_URL_LOGIN = r"://[^\s/?#:@'\"]{0,200}:[^\s/?#@'\"$]{1,200}@"
_KEY_BLOCK = r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----).*?(-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
_TOKENS = (
    r"(?<![0-9A-Za-z_-])(?:"
    r"(?:AKIA|ASIA)[0-9A-Z]{12,}"  # AWS access key id
    r"|gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,}"
    r"|glpat-[0-9A-Za-z_-]{20,}"
    r"|xox[abeprs]-[0-9A-Za-z-]{10,}"
    r"|[rs]k_(?:live|test)_[0-9A-Za-z]{10,}"
    r"|AIza[0-9A-Za-z_-]{30,}"
    r"|eyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*"  # JSON Web Token
    r")[0-9A-Za-z_-]*"  # and what is stuck to it, which may be another one
)
_URL_USER = (
    r"(?<=://)(?:[^\s/?#'\"]{1,400}@"
    r"|[^\s/?#:@'\"]{0,200}:(?!\d*(?:[/?#\s'\"]|$))[^\s@'\"]{0,200}@)"  # a password with a slash in it
)
_URL_QUERY = r"(://[^\s?#'\"]{0,400}\?)[^\s#'\"]+"
_SUSPECT = (
    r"(?i)-----BEGIN|://|passw|secret|token|api[_-]?key|access|private|credential"
    r"|AKIA|ASIA|gh._|glpat|xox|k_live|k_test|AIza|eyJ|github_pat"
)
_NAME = r"(?:passw(?:or)?d|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
_ASSIGNED = (
    rf"(?i)({_NAME}[\"']?\s*(?::=|=>|[:=])\s*)"
    r"(?:([\"'])(?!include|same-origin|omit)(?:\\.|(?!\2).){4,}?(\2|$)"  # in quotes
    r"|(?=[^\s\"',;(){}\[\]<>.]*\d)[^\s\"',;(){}\[\]<>.]{8,}(?![\w.(\[]))"  # bare, with a digit: no name or call
)


def clean(text: str) -> str:
    """Text without terminal escapes, bidirectional overrides and other characters that are not seen."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(_CONTROL, _visible, text)


def one_line(text: str) -> str:
    """Clean text with all white space, line ends of every kind too, folded into single spaces."""
    return " ".join(clean(" ".join(text.split())).split())


def inert(text: str) -> str:
    """Text with nothing in it that a CI system takes for a command, when it is printed.

    GitHub's `::name::` begins a line, with or without white space before it (actions/runner, ActionCommand);
    its older `##[name]`, Azure's `##vso[name]` and others of the kind may stand anywhere.
    """
    if "::" not in text and "##" not in text:
        return text
    return re.sub(r"(?m)^([^\S\n]*):(?=:)", r"\1: ", re.sub(r"##(?=[\w.-]*\[)", "# #", text))


def mask(text: str) -> str:
    """Text with everything that has the form of a secret masked: tokens, keys, passwords in URLs and assignments."""
    if not re.search(_SUSPECT, text):
        return text
    text, rest = text[:_LONGEST], text[_LONGEST:]
    text = re.sub(_KEY_BLOCK, rf"\1{MASK}\2", text)
    text = re.sub(_TOKENS, lambda found: found[0][:4] + MASK, text)
    text = re.sub(_URL_USER, f"{MASK}@", text)
    text = re.sub(_ASSIGNED, lambda found: f"{found[1]}{found[2] or ''}{MASK}{found[3] or ''}", text)
    return f"{text}{MASK}" if rest else text  # what is too long to look through is not shown


def mask_urls(text: str) -> str:
    """Text with the user, the password and the query of each URL masked."""
    return re.sub(_URL_QUERY, rf"\1{MASK}", re.sub(_URL_USER, f"{MASK}@", text))


def mask_literals(text: str) -> str:
    """Text with the inside of every quoted string masked: for places that are known to hold a secret."""
    found = re.fullmatch(_SET_IN_IMAGE, text)
    if found:  # an instruction of a Dockerfile: its values need no quotes
        first = found[2].split()[0]
        names = re.findall(r"(?:^|\s)([A-Za-z_]\w*)=", found[2]) if "=" in first else []
        return found[1] + (" ".join(f"{name}={MASK}" for name in names) or f"{mask(first)} {MASK}")
    return mask(re.sub(_LITERAL, lambda found: f"{found[1]}{MASK if found[2] else ''}{found[3]}", text))


def is_secret(text: str) -> bool:
    """Whether a text has a secret in it that is known by its form: a token, a private key, a password in a URL."""
    return any(re.search(pattern, text) for pattern in (_TOKENS, _KEY_BLOCK, _URL_LOGIN))


def shorten(text: str, limit: int) -> str:
    """Text of at most `limit` characters, the cut marked."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"


def plural(count: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: `1 file`, `2 files`, `3 libraries`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def _visible(found: re.Match[str]) -> str:
    return "�" if "\ud800" <= found[0] <= "\udfff" else ""
