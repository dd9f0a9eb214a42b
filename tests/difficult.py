"""Outcomes that reports find difficult: empty, hostile, incomplete, huge, and a strategy for any outcome whatever."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from devsecops import dedupe
from devsecops.model import (
    Baseline,
    Confidence,
    Coverage,
    DataSource,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Message,
    Outcome,
    PackageLocation,
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
from devsecops.policy import judge
from tests.factory import execution, result, vulnerable

EVIL = (
    '=HYPERLINK("http://evil.example")\n+1\n-1\n@SUM(1)\n::error::owned\n::stop-commands::x\n##[error]owned\n'
    "##vso[task.setvariable]x\n| a | b |\n|---|\n# head\n<script>alert(1)</script><img src=x onerror=alert(1)>"
    "![i](http://evil.example/i.png) [l](javascript:alert(1)) <http://evil.example> http://evil.example "
    "www.evil.example @octocat #123 !7 GH-5 a@evil.example ``` `` ` \\` \\| </details> ]]></failure>&#x26;&lt; "
    "[[ATTACHMENT|/etc/passwd]] "
    "\x1b[2J\x00\x07\x08\r\u202e\u2066\u200b\ufeff\U000e0041\ufffe\uffff\ud800 :white_check_mark: é 😀 "
)
"""What a scanned repository can put into a text, for every output at once."""


def hostile() -> Outcome:
    """Every text of an outcome that a scanned repository can choose is EVIL."""
    rule = Rule(id=EVIL, name=EVIL, help=EVIL, uri=f"javascript:{EVIL}", cwe=(79,), owasp=(EVIL,))
    fields: dict[str, Any] = {
        "scanner": EVIL,
        "rule": rule,
        "message": EVIL,
        "service": EVIL,
        "evidence": EVIL,
        "aliases": (EVIL,),
        "fixed": (EVIL,),
        "vector": EVIL,
    }
    locations = (
        FileLocation(path=EVIL, line=3, column=1, end_line=5, end_column=2),
        FileLocation(path=f"{EVIL}/a.py", line=1),
        PackageLocation(purl=f"pkg:pypi/{EVIL}@{EVIL}", path=EVIL),
        HttpLocation(url=f"http://[{EVIL}", method=EVIL, parameter=EVIL),
    )
    message = Message(id="not-examined", text=EVIL, path=EVIL, package=EVIL)
    return Outcome(
        services=(Service(name=EVIL, folder=EVIL, image=EVIL),),
        executions=tuple(
            Execution(
                tool=Tool(name=EVIL, version=EVIL, data=(DataSource(name=EVIL, date=EVIL),)),
                kind=kind,
                status=Status.PARTIAL,
                target=EVIL,
                messages=(message, Message(id="stderr", text=EVIL)),
            )
            for kind in Kind
        ),
        results=tuple(
            result(
                **fields | {"severity": severity},
                location=location,
                fingerprints=(f"rule/v1:{number}{severity.value}", f"{EVIL}{number}{severity.value}"),
            )
            for number, location in enumerate(locations)
            for severity in Severity
        ),
        notes=(Message(id="left-out", text=EVIL),),
        verdict=Verdict(
            state=VerdictState.INCOMPLETE,
            reasons=(Reason(text=EVIL, policy=EVIL, fingerprints=("rule/v1:0critical",)), Reason(text=EVIL)),
        ),
    )


def judged(outcome: Outcome) -> Outcome:
    """The outcome with the verdict that its policy gives."""
    found = dedupe.findings(outcome.results)
    verdict = judge(outcome.policy, found, outcome.executions, outcome.notes)
    return Outcome(
        services=outcome.services,
        executions=outcome.executions,
        results=outcome.results,
        notes=outcome.notes,
        policy=outcome.policy,
        verdict=verdict,
    )


def many(count: int) -> Outcome:
    """So many findings, of all kinds and severities."""
    severities = tuple(Severity)
    found = [
        result(
            rule=Rule(id=f"R{number % 50}", name=f"Rule {number % 50}", help="word " * 20),
            severity=severities[number % 6],
            location=FileLocation(path=f"s{number % 40}/f{number % 700}.py", line=number),
            service=f"s{number % 40}",
            message=f"message {number} with some words",
            fingerprints=(f"rule/v1:{number:x}",),
        )
        for number in range(count // 2)
    ]
    found += [
        vulnerable(
            f"p{number}",
            f"PYSEC-{number}",
            f"CVE-2026-{number}",
            path=f"s{number % 40}/uv.lock",
            service=f"s{number % 40}",
            severity=severities[number % 6],
            fixed=("2.0",),
            fingerprints=(f"advisory/v1:{number:x}",),
        )
        for number in range(count - count // 2)
    ]
    executions = (execution(), execution("pip-audit", kind=Kind.DEPENDENCIES))
    return judged(Outcome(executions=executions, results=tuple(found)))


def _states() -> Outcome:
    waiver = Suppression(external=True, reason="ok")
    return judged(
        Outcome(
            executions=(execution(),),
            results=(
                result(fingerprints=("a",)),
                result(fingerprints=("b",), baseline=Baseline.UNCHANGED),
                result(fingerprints=("c",), suppressions=(Suppression(reason="# nosec"),)),
                result(fingerprints=("d",), suppressions=(waiver,)),
                result(fingerprints=("e",), severity=Severity.UNKNOWN),
                result(location=FileLocation(path=""), message="", rule=Rule(id="")),
                result(location=FileLocation(path=""), message="", rule=Rule(id="")),
            ),
        )
    )


def _places() -> Outcome:
    return judged(
        Outcome(
            services=(Service(name="web", image="shop/web:1"),),
            executions=tuple(
                execution(kind.value, kind=kind, target="https://shop.example" if kind is Kind.DAST else "")
                for kind in Kind
            ),
            results=tuple(
                result(scanner=kind.value, location=location, fingerprints=(f"{kind.value}/v1:{number}",))
                for kind in Kind
                for number, location in enumerate(
                    (
                        FileLocation(path="./a/b.py", line=7, end_line=9),
                        FileLocation(path=""),
                        PackageLocation(purl="pkg:deb/debian/zlib1g@1.2?distro=debian-12", path="shop/web"),
                        PackageLocation(purl="not a purl", path=""),
                        HttpLocation(url="https://shop.example/a?b=c", method="POST", parameter="b"),
                        HttpLocation(url="", method=""),
                    )
                )
            ),
        )
    )


def _gaps() -> Outcome:
    gaps = tuple(Message(id="not-examined", text="not parsed", path=f"{number}.py", line=2) for number in range(300))
    return judged(
        Outcome(
            executions=(
                execution(
                    status=Status.PARTIAL, coverage=Coverage(unit="files", expected=900, examined=600), messages=gaps
                ),
                execution("semgrep", Status.FAILED, messages=(Message(id="stderr", text="Traceback\nValueError: x"),)),
                execution("gitleaks", Status.MISSING, kind=Kind.SECRETS),
                execution("pip-audit", Status.TIMED_OUT, kind=Kind.DEPENDENCIES),
                execution("zap", Status.NOT_APPLICABLE, kind=Kind.DAST),
                execution("trivy", Status.MISSING, kind=Kind.IMAGE, asked=False),
            ),
            notes=(Message(id="not-covered", text="not covered: npm dependencies of web"),),
        )
    )


def _huge() -> Outcome:
    text = "é<|`@a " * 150_000
    return judged(Outcome(executions=(execution(),), results=(result(message=text, evidence=text, service=text),)))


OUTCOMES = {
    "empty": Outcome(),
    "clean": judged(Outcome(executions=(execution(),))),
    "nothing to scan": judged(Outcome(executions=(execution(status=Status.NOT_APPLICABLE),))),
    "without executions": Outcome(results=(result(), vulnerable())),
    "states": _states(),
    "places": _places(),
    "gaps": _gaps(),
    "hostile": hostile(),
    "huge": _huge(),
}
"""Outcomes by what is difficult about them."""

_TEXT = st.text(max_size=12) | st.sampled_from([EVIL, "", " ", "\n", "\x00", "\ud800", "\u202e", "https://x.example/a"])
_TEXTS = st.lists(_TEXT, max_size=2).map(tuple)
_NUMBER = st.integers(0, 2**53)
_SCANNERS = st.sampled_from(["bandit", "semgrep", "zap", ""])
_MESSAGES = st.builds(
    Message,
    id=st.sampled_from(["not-examined", "stderr", "not-covered", "left-out", ""]),
    text=_TEXT,
    level=st.sampled_from(["error", "warning", "note"]),
    path=_TEXT,
    line=_NUMBER,
)
_LOCATIONS = (
    st.builds(FileLocation, path=_TEXT, line=_NUMBER, column=_NUMBER, end_line=_NUMBER, end_column=_NUMBER)
    | st.builds(
        PackageLocation,
        purl=_TEXT
        | st.sampled_from(["pkg:npm/%40a/b@1?distro=x-1#f", "pkg:npm/@a/b", "pkg:pypi/x@%00", "pkg:deb/d/@1"]),
        path=_TEXT,
        line=_NUMBER,
    )
    | st.builds(
        HttpLocation,
        url=_TEXT | st.sampled_from(["http://[", "//", "https://u:p@h:99999/é", "http://a]b/c?d"]),
        method=_TEXT,
        parameter=_TEXT,
    )
)
_VECTORS = st.sampled_from(
    ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N", "CVSS:3.1/AV:N", "AV:N/AC:L"]
)
_RESULTS = st.builds(
    Result,
    scanner=_SCANNERS,
    rule=st.builds(
        Rule,
        id=_TEXT | st.sampled_from(["CVE-2026-1234", "GHSA-aaaa-bbbb-cccc"]),
        name=_TEXT,
        help=_TEXT,
        uri=_TEXT
        | st.sampled_from(["javascript:alert(1)", "https://x.example/é", "HTTPS://x.example/a\nb", "http://"]),
        cwe=st.lists(st.integers(-1, 2000), max_size=2).map(tuple),
        owasp=_TEXTS,
    ),
    severity=st.sampled_from(Severity),
    message=_TEXT,
    location=_LOCATIONS,
    service=_TEXT,
    score=st.none() | st.integers(0, 100).map(lambda tenths: tenths / 10),
    vector=_TEXT | _VECTORS,
    confidence=st.none() | st.sampled_from(Confidence),
    aliases=_TEXTS | st.just(("CVE-2026-1", "PYSEC-1")),
    fixed=_TEXTS,
    evidence=_TEXT,
    fingerprints=st.lists(_TEXT | st.sampled_from(["secret/v1:1", "rule/v1:2"]), max_size=2).map(tuple),
    suppressions=st.lists(st.builds(Suppression, external=st.booleans(), reason=_TEXT), max_size=1).map(tuple),
    baseline=st.sampled_from(Baseline),
)
_EXECUTIONS = st.builds(
    Execution,
    tool=st.builds(
        Tool, name=_SCANNERS, data=st.lists(st.builds(DataSource, name=_TEXT, date=_TEXT), max_size=1).map(tuple)
    ),
    kind=st.sampled_from(Kind),
    status=st.sampled_from(Status),
    target=_TEXT,
    asked=st.booleans(),
    coverage=st.none() | st.builds(Coverage, unit=st.just("files"), expected=_NUMBER, examined=_NUMBER),
    messages=st.lists(_MESSAGES, max_size=2).map(tuple),
)
outcomes = st.builds(
    Outcome,
    services=st.lists(st.builds(Service, name=_TEXT, image=_TEXT), max_size=1).map(tuple),
    executions=st.lists(_EXECUTIONS, max_size=3).map(tuple),
    results=st.lists(_RESULTS, max_size=4).map(tuple),
    notes=st.lists(_MESSAGES, max_size=2).map(tuple),
    baseline=_TEXT,
    policy=st.builds(
        Policy,
        fail_on=st.none() | st.sampled_from([one for one in Severity if one is not Severity.UNKNOWN]),
        require=st.lists(st.sampled_from(Kind), max_size=1).map(tuple),
        allow_incomplete=st.booleans(),
    ),
).map(judged)
"""Any outcome, hostile texts, odd numbers and lone surrogates in it, with the verdict of its policy."""
