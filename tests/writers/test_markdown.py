"""The Markdown summary: within its limit, worst first, and hostile text shows as text in a real renderer."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # of rich

from devsecops import dedupe
from devsecops.model import (
    Coverage,
    FileLocation,
    Kind,
    Message,
    Outcome,
    Rule,
    Severity,
    State,
    Status,
    Suppression,
    Verdict,
    VerdictState,
)
from devsecops.text import inert, one_line
from devsecops.writers import markdown
from tests.difficult import EVIL, OUTCOMES, hostile, judged, many, outcomes
from tests.factory import execution, result, vulnerable

OURS = {"h2", "h3", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "strong", "em", "code", "br"}
OURS |= {"details", "summary"}
ANY = st.text(max_size=30) | st.text("|`\\<>&[]()!*_#@:/~$^-+.1aw \n\t", max_size=30) | st.just(EVIL)


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.rows: list[int] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "tr":
            self.rows.append(0)
        if tag in {"td", "th"}:
            self.rows[-1] += 1

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(text: str) -> Page:
    """The page as a renderer of CommonMark with GitHub's tables and raw HTML makes it: the laxest one there is."""
    renderer = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return Page(renderer.render(text))


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(outcomes, st.integers(0, 6_000))
def test_any_outcome_keeps_the_limit_and_its_rows_and_adds_up(outcome: Outcome, limit: int) -> None:
    said = markdown.render(outcome, limit=limit)
    assert units(said) <= max(limit, 1_000)
    assert said.startswith(f"## {markdown._SIGNS[outcome.verdict.state]} devsecops: {outcome.verdict.state.value}\n")
    page = shown(said)
    assert page.tags <= OURS
    assert page.attributes <= {"style"}
    whole = markdown.render(outcome)
    rows = re.findall(r"^\| (?:critical|high|unknown|medium|low|info)(?: [\d.]+)? \|", whole, re.MULTILINE)
    left = re.findall(r"^… and ([\d,]+) more finding", whole, re.MULTILINE)
    new = [one for one in dedupe.findings(outcome.results) if one.state is State.NEW]
    assert len(rows) + sum(int(count.replace(",", "")) for count in left) == len(new)
    assert {count for count in shown(whole).rows if count} <= {4, 2, 3, 5, 6, 7}


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_escaped_text_shows_as_itself_in_paragraph_and_cell(text: str) -> None:
    line = one_line(text)
    for said, expected in ((markdown.escaped(text, 5_000), line), (markdown.code(text, 5_000), inert(line))):
        page = shown(f"| a | b |\n|---|---|\n| x{said} | y |\n")
        assert page.rows == [2, 2]
        assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
        assert f"x{expected}" in " ".join(page.text.replace("\u200b", "").split())
        assert shown(f"x{said}").tags <= {"p", "code"}


@pytest.mark.parametrize(
    "text",
    [
        "@octocat",
        "a @org/team",
        "mail a@evil.example",
        "#123",
        "org/repo#123",
        "!7",
        "&7",
        "%7",
        '%"a b"',
        "~bug",
        "$7",
        "^alert#7",
        "GH-5",
        "gl-5",
        "https://evil.example/a",
        "see ftp://evil.example",
        "www.evil.example",
        "mailto:a@evil.example",
        ":tada:",
    ],
)
def test_nothing_becomes_a_mention_reference_or_address(text: str) -> None:
    """What the platforms look for in the text of a page: none of it is left, and nothing is lost."""
    seen = shown(f"x {markdown.escaped(text)}").text
    patterns = (r"@\w", r"[#!$&%~^][\w\"]", r"(?i)\bG[HL]-\d", r"\w://", r"(?i)www\.", r":\w+:")
    assert not any(re.search(pattern, seen) for pattern in patterns)
    assert text in seen.replace("\u200b", "")


def test_hostile_text_makes_no_element() -> None:
    page = shown(markdown.render(hostile()))
    assert page.tags <= OURS
    assert page.attributes <= {"style"}


def test_a_whole_summary() -> None:
    outcome = judged(
        Outcome(
            executions=(
                execution(),
                execution(
                    "semgrep",
                    Status.PARTIAL,
                    coverage=Coverage(expected=3, examined=2),
                    messages=(Message(id="not-parsed", text="does not parse", path="b_c.py"),),
                ),
                execution("zizmor", Status.MISSING, kind=Kind.CI, asked=False),
            ),
            results=(
                result(fingerprints=("a",), rule=Rule(id="B602", name="Shell")),
                vulnerable(
                    "flask",
                    "PYSEC-1",
                    "CVE-1",
                    severity=Severity.MEDIUM,
                    score=5.0,
                    fixed=("1.2",),
                    service="api",
                    fingerprints=("b",),
                ),
                vulnerable("flask", "PYSEC-1", "CVE-1", severity=Severity.LOW, service="api", path="b/lock"),
                result(fingerprints=("c",), suppressions=(Suppression(),)),
            ),
        )
    )
    assert markdown.render(outcome) == (
        "## ⚠️ devsecops: incomplete\n"
        "\n"
        "- semgrep examined 2 of 3 files; `everything asked for is examined`\n"
        '- 1 finding of severity high or worse; `fail-on = "high" (default)`\n'
        "\n"
        "| service | high | medium |\n"
        "|---|--:|--:|\n"
        "| web | 1 | · |\n"
        "| api | · | 1 |\n"
        "| **all** | **1** | **1** |\n"
        "\n"
        "Not counted: 1 suppressed.\n"
        "\n"
        "### Not checked\n"
        "\n"
        "- **semgrep: partial, 2 of 3 files examined**\n"
        "  - b\\_c.py: does not parse\n"
        "- zizmor: not asked for and not installed\n"
        "\n"
        "### Findings that fail\n"
        "\n"
        "| severity | finding | place | fix |\n"
        "|---|---|---|---|\n"
        "| high | Shell<br>`bandit B602` | `a.py:1` | · |\n"
        "\n"
        "<details>\n"
        "<summary>1 finding that does not fail</summary>\n"
        "\n"
        "| severity | finding | place | fix |\n"
        "|---|---|---|---|\n"
        "| medium 5.0 | flask 1.0: CVE-1<br>`pip-audit PYSEC-1` | `a/lock:3` and 1 other place | upgrade to 1.2 |\n"
        "\n"
        "</details>\n"
    )


def test_what_does_not_fit_is_counted_worst_first() -> None:
    outcome = many(10_000)
    said = markdown.render(outcome)
    assert units(said) <= markdown.LIMIT
    assert units(said) > markdown.LIMIT - 1_000
    shown_rows = re.findall(r"^\| (critical|high|unknown|medium|low|info)\b", said, re.MULTILINE)
    assert set(shown_rows) == {"critical"}
    left = 10_000 - len(shown_rows)
    assert f"… and {left:,} more findings left out: " in said
    assert "high, 1,666 unknown" in said


def test_many_services_and_gaps_are_counted() -> None:
    found = tuple(result(service=f"s{number:03}", fingerprints=(str(number),)) for number in range(60))
    said = markdown.render(Outcome(results=found))
    assert "| 20 more services | 20 |" in said
    assert "- … and 295 more" in markdown.render(OUTCOMES["gaps"])


def test_a_summary_in_wide_characters_keeps_the_limit() -> None:
    wide = tuple(
        result(rule=Rule(id=f"{number}", name="😀" * 200), fingerprints=(str(number),)) for number in range(500)
    )
    assert units(markdown.render(Outcome(results=wide))) <= markdown.LIMIT


@pytest.mark.parametrize("state", [VerdictState.FAILED, VerdictState.INCOMPLETE])
def test_a_verdict_without_reasons_is_not_explained_away(state: VerdictState) -> None:
    said = markdown.render(Outcome(verdict=Verdict(state=state)))
    assert "0 findings; no reason is given." in said


def test_nothing_found_and_nothing_to_scan() -> None:
    assert markdown.render(OUTCOMES["clean"]) == (
        "## ✅ devsecops: passed\n\n0 findings; nothing of the policy is violated.\n"
    )
    assert "Nothing to scan" in markdown.render(OUTCOMES["nothing to scan"])


def test_a_name_that_looks_like_markup_in_a_place() -> None:
    found = result(location=FileLocation(path="a|b`c\\.py", line=1))
    assert "<code>a\\|b\\`c\\\\.py:1</code>" in markdown.render(Outcome(results=(found,)))
