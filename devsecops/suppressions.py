"""Reads the comments by which developers silence scanners.

Every scanner runs with its own suppression switched off; what a comment silences is decided here, in one place, so
that silenced results are kept and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from devsecops import globs
from devsecops.model import FileLocation, Result, Suppression
from devsecops.text import one_line, shorten

# Patterns are text and compiled by `re` when they are first used: most files need none of them.
_MARK = r"(?i)nosec|nosem|gitleaks:allow|hadolint|devsecops:\s*ignore"
_NOSEC = r"#\s*nosec\b:?\s*(?P<rules>[^#]*)"
_TEST_IDS = r"\bB\d{3}\b|\b[a-z0-9]+(?:_[a-z0-9]+)+\b"
_NOSEM = r"(?i)\bnosem(?:grep)?\b(?::\s*(?P<rules>[\w.-]+(?:\s*,\s*[\w.-]+)*))?"
_ALLOW = r"gitleaks:allow"
_HADOLINT = r"(?i)^\s*#\s*hadolint\s+(?P<global>global\s+)?ignore\s*=\s*(?P<rules>[\w,\s]+)"
_OURS = r"devsecops:\s*ignore\[(?P<rules>[^\]]+)\]\s*(?P<reason>\S.*)"
_COMMENT_END = r"\s*(?:\*/|-->|#\}|%>)\s*$"
_ONLY_COMMENT = r"\s*(?:#|//|/\*|\*|--|<!--|;)"


def are_in(text: str) -> bool:
    """Whether a file has any comment that could silence something."""
    return re.search(_MARK, text) is not None


def applying(result: Result, lines: Sequence[str]) -> Suppression | None:
    """The suppression that silences a result, if one does.

    Args:
        result: a result in a file.
        lines: all lines of that file.
    """
    location = result.location
    if not isinstance(location, FileLocation) or not 0 < location.line <= len(lines):
        return None
    last = min(max(location.end_line, location.line), len(lines))
    own = lines[location.line - 1 : last]
    above = lines[location.line - 2] if location.line > 1 else ""
    before = [above] if re.match(_ONLY_COMMENT, above) else []
    for line in [*before, *own]:
        found = _ours(line, result)
        if found:
            return found
    return _own(result, before, own, lines)


def _own(result: Result, before: Sequence[str], own: Sequence[str], lines: Sequence[str]) -> Suppression | None:
    """The scanner's own kind of comment: in the line above, the lines of the result, or anywhere in the file."""
    if result.scanner == "bandit":
        return _first(_nosec(line, result) for line in own)
    if result.scanner in {"semgrep", "opengrep"}:
        return _first(_nosem(line, result) for line in [*before, own[0]])
    if result.scanner == "gitleaks":
        return _first(_comment(re.search(_ALLOW, line)) for line in own)
    if result.scanner == "hadolint":
        anywhere = (_hadolint(line, result, everywhere=True) for line in lines)
        return _first(_hadolint(line, result) for line in before) or _first(anywhere)
    return None


def _first(found: Iterator[Suppression | None]) -> Suppression | None:
    return next((one for one in found if one), None)


def _ours(line: str, result: Result) -> Suppression | None:
    """`devsecops: ignore[rule, …] reason`; without a reason it silences nothing."""
    found = re.search(_OURS, re.sub(_COMMENT_END, "", line))
    if not found or not any(globs.matches(result.rule.id, [rule.strip()]) for rule in found["rules"].split(",")):
        return None
    return Suppression(reason=shorten(one_line(found["reason"]), 200))


def _nosec(line: str, result: Result) -> Suppression | None:
    """`# nosec`, `# nosec B602, B603`, `# nosec assert_used`; other words behind it are a reason."""
    found = re.search(_NOSEC, line)
    if not found:
        return None
    ids = re.findall(_TEST_IDS, found["rules"])
    names = {result.rule.id, result.rule.name.lower().replace(" ", "_")}
    return None if ids and not names & set(ids) else _comment(found)


def _nosem(line: str, result: Result) -> Suppression | None:
    """`nosemgrep`, `nosemgrep: rule, other.rule`."""
    found = re.search(_NOSEM, line)
    if not found:
        return None
    rules = [rule.strip() for rule in (found["rules"] or "").split(",") if rule.strip()]
    named = any(result.rule.id == rule or result.rule.id.endswith(f".{rule}") for rule in rules)
    return None if rules and not named else _comment(found)


def _hadolint(line: str, result: Result, *, everywhere: bool = False) -> Suppression | None:
    """`# hadolint ignore=DL3003,SC2086` above an instruction; `# hadolint global ignore=…` for the whole file."""
    found = re.search(_HADOLINT, line)
    if not found or bool(found["global"]) is not everywhere:
        return None
    return _comment(found) if result.rule.id in re.findall(r"\w+", found["rules"]) else None


def _comment(found: re.Match[str] | None) -> Suppression | None:
    return Suppression(reason=shorten(one_line(re.sub(_COMMENT_END, "", found[0])), 200)) if found else None
