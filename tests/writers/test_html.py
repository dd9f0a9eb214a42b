"""The HTML report: read as text and, where Chromium is installed, as a browser shows it."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops import writers
from devsecops.model import (
    Baseline,
    Coverage,
    DataSource,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Message,
    Outcome,
    Policy,
    Reason,
    Result,
    Rule,
    Service,
    Severity,
    Status,
    Suppression,
    Tool,
    Verdict,
    VerdictState,
)
from devsecops.text import clean, one_line
from devsecops.writers import html, parts, rows
from tests import browser
from tests.factory import execution, result, vulnerable

HOSTILE = (
    "</script><script>document.title='pwned'</script><!--<script> ]]> \u2028\u2029 \u202e \x1b[2J \x07"
    "<img src=http://127.0.0.1:1/x onerror=document.title='pwned'> '\"><svg/onload=document.title='pwned'> "
    "{{ 7 * 7 }} {% raw %} javascript:document.title='pwned' &lt;b&gt;"
)


def written(found: Outcome) -> str:
    return b"".join(html.write(found)).decode()


def some_outcome() -> Outcome:
    """Something of everything."""
    return Outcome(
        services=(Service(name="idle"), Service(name="web"), Service(name="worker")),
        executions=(
            execution("bandit", coverage=Coverage(expected=12, examined=12, evidence="listed")),
            execution("zizmor", Status.MISSING, kind=Kind.CI, asked=False),
            execution(
                "pip-audit",
                Status.PARTIAL,
                kind=Kind.DEPENDENCIES,
                tool=Tool(
                    name="pip-audit", version="2.10", data=(DataSource(name="OSV PyPI", date="2026-07-14T01:02Z"),)
                ),
                coverage=Coverage(unit="packages", expected=9, examined=8, evidence="listed"),
                messages=(
                    Message(id="not-pinned", text="django has no version", path="r.txt", line=3, package="django"),
                ),
            ),
        ),
        results=(
            *(
                result(
                    scanner=scanner,
                    rule=Rule(
                        id=rule, name="Shell", help="Use a list.\nNo shell.", uri="https://example.com/x", cwe=(78,)
                    ),
                    severity=Severity.CRITICAL,
                    message="subprocess with a shell",
                    evidence="run(name, shell=True)",
                    fingerprints=("weakness/v1:1",),
                )
                for scanner, rule in (("bandit", "B602"), ("semgrep", "shell"))
            ),
            vulnerable(
                "flask", "PYSEC-1", "CVE-2026-1", fixed=("1.2",), score=7.5, vector="CVSS:3.1/x", service="worker"
            ),
            result(rule=Rule(id="B101"), severity=Severity.LOW, suppressions=(Suppression(reason="only a test"),)),
            result(
                rule=Rule(id="XSS"),
                location=HttpLocation(url="https://shop.example/a", method="POST", parameter="q"),
                severity=Severity.MEDIUM,
                service="",
                baseline=Baseline.UNCHANGED,
                fingerprints=("alert/v1:1",),
            ),
        ),
        notes=(Message(id="not-covered", text="not covered: npm of web", path="web/package.json"),),
        policy=Policy(origin="devsecops.toml:3"),
        verdict=Verdict(
            state=VerdictState.INCOMPLETE, reasons=(Reason(text="pip-audit examined 8 of 9", policy="default"),)
        ),
    )


def hostile_outcome(text: str) -> Outcome:
    """The same text in every place that foreign text can come from."""
    tool = Tool(name=text, version=text, digest=text, uri=text, data=(DataSource(name=text, date=text, digest=text),))
    message = Message(id="failed", text=text, path=text, line=1, package=text)
    return Outcome(
        services=(Service(name=text),),
        executions=(
            Execution(tool=tool, kind=Kind.SAST, status=Status.FAILED, target=text, messages=(message,)),
            Execution(tool=tool, kind=Kind.SAST, status=Status.COMPLETE, messages=(message,)),
        ),
        results=(
            Result(
                scanner=text,
                rule=Rule(id=text, name=text, help=text, uri=text, cwe=(79,), owasp=(text,)),
                severity=Severity.HIGH,
                message=text,
                location=FileLocation(path=text, line=1),
                service=text,
                score=5.0,
                vector=text,
                aliases=(text,),
                fixed=(text,),
                evidence=text,
                fingerprints=(text,),
                suppressions=(Suppression(reason=text),),
            ),
            result(location=HttpLocation(url=text, method=text, parameter=text), fingerprints=("one",)),
            vulnerable(path=text, fingerprints=("other",)),
        ),
        notes=(message,),
        policy=Policy(origin=text),
        verdict=Verdict(state=VerdictState.FAILED, reasons=(Reason(text=text, policy=text),)),
    )


class Parsed(HTMLParser):
    """The elements of a page, and the text of each script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, str] = {}
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = f"{tag} {dict(attrs).get('id', '')}".strip() if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside] = self.raw.get(self._inside, "") + data
        elif data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def data(self) -> Any:
        return json.loads(self.raw["script data"])

    @property
    def policy(self) -> str:
        found = (a["content"] for _, a in self.tags if a.get("http-equiv") == "Content-Security-Policy")
        return next(found) or ""


def test_the_format_is_known() -> None:
    assert writers.writer("html") is html.write


def test_the_verdict_stands_first_then_what_was_not_checked_then_numbers() -> None:
    text = Parsed(written(some_outcome())).text
    places = [
        text.index(words)
        for words in (
            "Incomplete pip-audit examined 8 of 9 default",
            "2 new findings, 1 known, 1 suppressed.",
            "Not checked zizmor: not asked for and not installed pip-audit: partial, 8 of 9 packages examined",
            "r.txt:3: django has no version",
            "not covered: npm of web",
            "Service Critical High Medium Low Info New Not counted",
            "OSV PyPI 2026-07-14 pip-audit answered by a service",
            "Findings Search",
            "Scanners What ran, and what it examined",
            "bandit not known sast repository complete 12 of 12 files listed",
            "Policy Fails on new findings of severity high or worse devsecops.toml:3",
        )
    ]
    assert places == sorted(places)


def test_new_findings_are_counted_by_service_and_severity_worst_first() -> None:
    text = Parsed(written(some_outcome())).text
    assert "web 1 0 0 0 0 1 1 worker 0 1 0 0 0 1 0 outside any service 0 0 0 0 0 0 1 idle 0" in text.replace("  ", " ")
    assert "All 1 1 0 0 0 2 2" in text
    assert "4 findings stand for 5 results" in text


def test_a_finding_is_shown_once_with_all_that_is_known_of_it() -> None:
    data = Parsed(written(some_outcome())).data
    found = data["findings"]
    assert [(one["severity"], one["state"], one["title"], one["place"]) for one in found] == [
        ("critical", "new", "Shell", "a.py:1"),
        ("high", "new", "flask 1.0: CVE-2026-1", "a/lock:3"),
        ("medium", "known", "XSS", "POST https://shop.example/a (q)"),
        ("low", "suppressed", "B101", "a.py:1"),
    ]
    first, second, _, last = found
    assert first["scanners"] == ["bandit", "semgrep"]
    assert first["reports"] == [["bandit", "B602", "a.py:1", "new"], ["semgrep", "shell", "a.py:1", "new"]]
    assert (first["evidence"], first["cwe"], first["kinds"]) == ("run(name, shell=True)", [78], ["sast"])
    assert data["rules"][first["rule"]] == {
        "id": "B602",
        "name": "Shell",
        "help": "Use a list.\nNo shell.",
        "uri": "https://example.com/x",
    }
    assert (second["fix"], second["score"], second["vector"]) == ("upgrade to 1.2", 7.5, "CVSS:3.1/x")
    assert (second["package"], second["aliases"]) == ("pkg:pypi/flask@1.0", ["CVE-2026-1"])
    assert last["reasons"] == ["suppressed: only a test"]


def test_a_message_that_is_the_beginning_of_the_help_is_not_said_twice() -> None:
    told = vulnerable(rule=Rule(id="P", help="Words and more words."), message="flask 1.0 is affected by P: Words and…")
    other = vulnerable("django", rule=Rule(id="Q", help="Words."), message="django 1.0 is affected by Q: else")
    found = {
        one["title"]: one.get("message") for one in Parsed(written(Outcome(results=(told, other)))).data["findings"]
    }
    assert found == {"flask 1.0: P": None, "django 1.0: Q": "django 1.0 is affected by Q: else"}


def test_the_page_allows_its_own_style_and_script_and_nothing_else() -> None:
    page = Parsed(written(some_outcome()))
    digests = {
        name: base64.b64encode(hashlib.sha256(page.raw[name].encode()).digest()).decode()
        for name in ("style", "script")
    }
    assert page.policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digests['style']}'",
        f"script-src 'sha256-{digests['script']}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"style", "src", "srcset", "action"}
    assert not {tag for tag, _ in page.tags} & {"link", "iframe", "img", "object", "embed", "base"}


def test_links_lead_only_to_web_pages_and_tell_them_nothing() -> None:
    tools = [
        f"{scheme}example.com/{scheme}" for scheme in ("javascript:", "data:", "https://", "//", "file://", "HTTP://")
    ]
    executions = tuple(execution(tool=Tool(name="t", uri=uri)) for uri in (*tools, "https://a b", "https://a\u202eb"))
    links = [a for tag, a in Parsed(written(Outcome(executions=executions))).tags if tag == "a"]
    outside = [link for link in links if not (link["href"] or "").startswith("#")]
    assert [link["href"] for link in outside] == [tools[2], tools[5]]
    assert all(link["rel"] == "noopener noreferrer nofollow" for link in outside)
    assert [parts.web(uri) for uri in tools] == ["", "", tools[2], "", "", tools[5]]


def structure(page: Parsed) -> list[tuple[str, frozenset[str]]]:
    return [(tag, frozenset(attributes)) for tag, attributes in page.tags]


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60) | st.just(HOSTILE))
def test_foreign_text_is_text_wherever_it_stands(text: str) -> None:
    text = f"x{text}"  # an empty name reads differently
    page = Parsed(written(hostile_outcome(text)))
    assert structure(page) == structure(Parsed(written(hostile_outcome("x"))))
    finding = next(one for one in page.data["findings"] if one["state"] == "suppressed")
    rule = page.data["rules"][finding["rule"]]
    assert (rule["help"], finding["evidence"]) == (clean(text), clean(text))
    assert (rule["id"], finding["title"]) == (one_line(text), one_line(text))
    assert not set("".join([*page.texts, page.raw["script data"]])) & set("\u202e\u2028\u2029\x1b\x07")


def test_data_cannot_leave_its_script_element() -> None:
    raw = Parsed(written(hostile_outcome(HOSTILE))).raw["script data"]
    assert not re.search("[<>&\u2028\u2029]", raw)
    assert any("</script><script>" in rule.get("help", "") for rule in json.loads(raw)["rules"])


def test_long_texts_are_cut_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(
        result(rule=Rule(id=str(at), help="h" * 9000), message="m" * 3000, fingerprints=(str(at),)) for at in range(9)
    )
    page = Parsed(written(Outcome(results=many)))
    assert "Texts longer than 4,000 characters are cut; the SARIF report has them whole." in page.text
    assert page.data["rules"][0]["help"] == "h" * 4000 + "… (5,000 more characters)"
    assert page.data["findings"][0]["message"] == "m" * 3000
    monkeypatch.setattr(rows, "_SIZE", 25_000)
    page = Parsed(written(Outcome(results=many)))
    assert "Texts longer than 1,000 characters are cut" in page.text
    assert page.data["findings"][0]["message"] == "m" * 1000 + "… (2,000 more characters)"


def test_long_lists_are_cut_and_counted() -> None:
    places = tuple(
        result(location=FileLocation(path="a.py", line=line), fingerprints=("same",)) for line in range(1, 81)
    )
    gaps = tuple(Message(id="not-examined", text="x", path=f"{number}.py") for number in range(250))
    aliases = tuple(f"A-{number:03}" for number in range(60))
    page = Parsed(
        written(
            Outcome(
                results=(*places, vulnerable(aliases=aliases)),
                executions=(execution(status=Status.PARTIAL, messages=gaps),),
            )
        )
    )
    finding, package = page.data["findings"]
    assert (len(finding["reports"]), finding["unlisted"]) == (50, 30)
    assert package["aliases"][-2:] == ["A-049", "and 10 more"]
    assert "and 50 more, which the SARIF report lists" in page.text
    assert "bandit: partial 250 lines" in page.text


def test_findings_are_all_there_also_where_they_are_encoded_in_pieces() -> None:
    many = tuple(result(rule=Rule(id=f"R{at % 7}"), fingerprints=(str(at),)) for at in range(1203))
    page = Parsed(written(Outcome(results=many)))
    data = page.data
    assert len(data["findings"]) == 1203
    assert {data["rules"][one["rule"]]["id"] for one in data["findings"]} == {f"R{at}" for at in range(7)}
    assert "The worst 50 of 1,203 findings." in page.text


def test_the_same_outcome_gives_the_same_bytes_whatever_the_order_of_its_results() -> None:
    found = some_outcome()
    shuffled = list(found.results)
    random.Random(1).shuffle(shuffled)
    other = Outcome(
        services=found.services,
        executions=found.executions,
        results=tuple(shuffled),
        notes=found.notes,
        policy=found.policy,
        verdict=found.verdict,
    )
    assert shuffled != list(found.results)
    assert written(other) == written(found)


def test_nothing_known_is_not_shown_as_clean() -> None:
    text = Parsed(written(Outcome())).text
    assert "Nothing to scan: no scanner has anything to examine here." in text
    assert "No scanner is known to have run: what was checked is not known." in text
    failed = Outcome(executions=(execution(status=Status.FAILED),), verdict=Verdict(state=VerdictState.INCOMPLETE))
    assert "No findings in what was checked." in Parsed(written(failed)).text


def test_nothing_found_says_how_many_scanners_are_complete() -> None:
    text = Parsed(written(Outcome(executions=(execution(), execution("semgrep"))))).text
    assert "Passed Nothing of the policy is violated; 2 scanners complete." in text
    assert "Nothing is known that was to be checked and was not." in text
    assert "No findings." in text


# ---- in a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[browser.Page]:
    """One browser for all tests of this module."""
    with browser.page() as page:
        yield page


@pytest.fixture
def show(chromium: browser.Page, tmp_path: Path) -> Any:
    """A function that opens the report of an outcome."""

    def opened(found: Outcome) -> browser.Page:
        chromium.complaints.clear()
        chromium.requests.clear()
        file = tmp_path / "report.html"
        file.write_bytes(b"".join(html.write(found)))
        chromium.open(file)
        return chromium

    return opened


def titles(page: browser.Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('#list summary b')].map((one) => one.textContent)")
    return found


def status(page: browser.Page) -> str:
    return str(page.evaluate("document.getElementById('status').textContent"))


@pytest.mark.needs("chromium")
def test_a_browser_shows_the_findings_and_loads_nothing(show: Any) -> None:
    page = show(some_outcome())
    assert titles(page) == ["Shell", "flask 1.0: CVE-2026-1", "XSS", "B101"]
    assert status(page) == "4 findings."
    assert page.evaluate("document.getElementById('worst')") is None
    assert page.evaluate("getComputedStyle(document.querySelector('.tile')).borderTopStyle") == "solid"
    assert (page.complaints, page.requests) == ([], [])


@pytest.mark.needs("chromium")
def test_findings_are_searched_filtered_and_counted_by_keyboard(show: Any) -> None:
    page = show(some_outcome())
    page.evaluate("document.querySelector('[name=text]').focus()")
    page.type("SHELL cwe-78")
    page.settle()
    assert (titles(page), status(page)) == (["Shell"], "1 finding, of 4.")
    page.type("zzz")
    page.settle()
    assert (titles(page), status(page)) == ([], "0 findings, of 4.")
    assert page.evaluate("document.getElementById('none').checkVisibility()")
    page.evaluate("document.querySelector('[type=reset]').focus()")
    page.press("Enter", 13)
    page.settle()
    assert len(titles(page)) == 4
    assert not page.evaluate("document.getElementById('none').checkVisibility()")
    page.evaluate("document.querySelector('[name=state][value=new]').focus()")
    page.press(" ", 32)
    page.settle()
    assert titles(page) == ["Shell", "flask 1.0: CVE-2026-1"]
    counts = "[...document.querySelectorAll('[name=severity]')].map((one) => one.parentElement.textContent)"
    assert page.evaluate(counts) == ["critical 1", "high 1", "medium 0", "low 0"]
    assert page.complaints == []


@pytest.mark.needs("chromium")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("service", "worker", ["flask 1.0: CVE-2026-1"]),
        ("service", "", ["XSS"]),
        ("scanner", "semgrep", ["Shell"]),
        ("kind", "dependencies", ["flask 1.0: CVE-2026-1"]),
    ],
)
def test_findings_are_filtered_by_service_scanner_and_kind(
    show: Any, name: str, value: str, expected: list[str]
) -> None:
    page = show(some_outcome())
    page.evaluate(
        f"""(() => {{
            const select = document.querySelector("select[name={name}]");
            select.selectedIndex = [...select.options].findLastIndex((one) => one.value === {json.dumps(value)});
            select.dispatchEvent(new Event("input", {{ bubbles: true }}));
        }})()"""
    )
    page.settle()
    assert titles(page) == expected


@pytest.mark.needs("chromium")
def test_a_number_of_the_table_leads_to_its_findings(show: Any) -> None:
    page = show(some_outcome())
    page.evaluate("document.querySelector('a[data-service=worker]').click()")
    page.settle()
    assert titles(page) == ["flask 1.0: CVE-2026-1"]


@pytest.mark.needs("chromium")
def test_a_narrow_page_scrolls_in_one_direction_only(show: Any) -> None:
    page = show(hostile_outcome("x" * 200))
    page.call("Emulation.setDeviceMetricsOverride", width=320, height=800, deviceScaleFactor=1, mobile=False)
    try:
        page.evaluate("[...document.querySelectorAll('details')].forEach((one) => { one.open = true; })")
        page.settle()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
    finally:
        page.call("Emulation.clearDeviceMetricsOverride")


@pytest.mark.needs("chromium")
def test_a_finding_opens_by_keyboard_and_printing_opens_all(show: Any) -> None:
    page = show(some_outcome())
    page.evaluate("document.querySelector('#list summary').focus()")
    page.press("Enter", 13)
    page.settle()
    said = page.evaluate("document.querySelector('#list .body').innerText")
    for words in (
        "subprocess with a shell",
        "run(name, shell=True)",
        "Use a list.\nNo shell.",
        "CWE-78",
        "semgrep shell at",
    ):
        assert words in said
    assert page.evaluate("document.querySelectorAll('#list .body').length") == 1
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("document.querySelectorAll('#list details[open] .body').length") == 4
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.querySelectorAll('#list details[open]').length") == 1


@pytest.mark.needs("chromium")
def test_hostile_text_does_nothing_in_a_browser(show: Any) -> None:
    page = show(hostile_outcome(HOSTILE))
    page.evaluate("[...document.querySelectorAll('details')].forEach((one) => { one.open = true; })")
    page.settle()
    assert page.evaluate("document.title") == "Failed: security report"
    assert "onerror=document.title" in page.evaluate("document.querySelector('#list').textContent")
    assert (
        page.evaluate("document.querySelectorAll('img, iframe, svg:not(.bar), script:not([id])').length") == 1
    )  # ours
    hrefs = page.evaluate("[...document.links].map((one) => one.protocol)")
    assert set(hrefs) == {"file:", "https:"}  # parts of the page, and pages about weaknesses
    assert (page.complaints, page.requests) == ([], [])


@pytest.mark.needs("chromium")
def test_what_would_get_into_the_page_is_stopped_by_its_policy(show: Any) -> None:
    page = show(some_outcome())
    page.evaluate("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:1/x' })); 0")
    refused = page.evaluate(
        "(() => { try { document.body.innerHTML = '<p>'; } catch (error) { return error.name; } })()"
    )
    assert refused == "TypeError"
    page.settle()
    assert any("img-src" in complaint for complaint in page.complaints)


@pytest.mark.needs("chromium")
def test_without_its_script_the_page_is_read(show: Any, chromium: browser.Page) -> None:
    chromium.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page = show(some_outcome())
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
    finally:
        chromium.call("Emulation.setScriptExecutionDisabled", value=False)
    names = [node.get("name", {}).get("value", "") for node in tree if not node["ignored"]]
    assert any(name.startswith("Shell") for name in names)
    assert any(name.startswith("All findings. They can be filtered") for name in names)
    assert "Search" not in names


@pytest.mark.needs("chromium")
def test_ten_thousand_findings_are_shown_in_parts(show: Any) -> None:
    many = tuple(
        result(rule=Rule(id=f"R{at % 50}"), fingerprints=(str(at),), message=f"message {at}.") for at in range(10_000)
    )
    page = show(Outcome(results=many))
    assert status(page) == "10,000 findings; the worst 200 are shown."
    assert len(titles(page)) == 200
    page.evaluate("document.querySelector('[data-step=\"200\"]').click()")
    assert len(titles(page)) == 400
    page.evaluate("document.querySelector('[name=text]').focus()")
    page.type("9999.")
    page.settle()
    assert status(page) == "1 finding, of 10,000."
    assert page.complaints == []
