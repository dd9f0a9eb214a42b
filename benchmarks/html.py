"""The HTML report of 10,000 findings: `python -m benchmarks.html [FOLDER]`, which keeps the page in FOLDER."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import show
from devsecops.model import (
    Confidence,
    Coverage,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Location,
    Outcome,
    PackageLocation,
    Result,
    Rule,
    Service,
    Severity,
    Status,
    Tool,
    Verdict,
    VerdictState,
)
from devsecops.sarif import from_sarif, to_sarif
from devsecops.writers import html

FINDINGS = 10_000
RULES = 400
SERVICES = 40
RUNS = 5
WORDS = ("request data reaches this call unchecked", "and a caller of the service", "can choose what it does;")
SEVERITIES = (Severity.CRITICAL, *[Severity.HIGH] * 3, *[Severity.MEDIUM] * 9, *[Severity.LOW] * 6, Severity.UNKNOWN)
KINDS = {"bandit": Kind.SAST, "semgrep": Kind.SAST, "pip-audit": Kind.DEPENDENCIES, "zap": Kind.DAST}


def main() -> None:
    """Measure size and CPU; the goals are 15 MB, and 5 times the CPU of reading the same findings."""
    log = b"".join(to_sarif(outcome(FINDINGS)))
    read = from_sarif(log)
    page = b"".join(html.write(read))
    show(f"HTML of {FINDINGS:,} findings, size", f"{len(page) / 1e6:.1f} MB (goal < 15; SARIF {len(log) / 1e6:.1f} MB)")
    reading, writing = cpu(lambda: from_sarif(log)), cpu(lambda: b"".join(html.write(read)))
    show(
        "writing HTML / reading SARIF of the same, CPU",
        f"{writing / reading:.1f} (goal <= 5; {writing * 1000:.0f} ms and {reading * 1000:.0f} ms)",
    )
    if sys.argv[1:]:
        (Path(sys.argv[1]) / "report.html").write_bytes(page)


def cpu(work: Callable[[], object]) -> float:
    """The median CPU seconds of some work in this process."""
    found = []
    for _ in range(RUNS):
        gc.collect()
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return statistics.median(found)


def outcome(count: int) -> Outcome:
    """Many findings of four scanners; one in five is reported by two of them."""
    results = [result for number in range(count) for result in reports(number)]
    executions = [
        Execution(
            tool=Tool(name=name, version="1.0"),
            kind=kind,
            status=Status.COMPLETE,
            coverage=Coverage(expected=900, examined=900, evidence="listed"),
        )
        for name, kind in KINDS.items()
    ]
    return Outcome(
        services=tuple(Service(name=f"service-{number}", folder=f"services/{number}") for number in range(SERVICES)),
        executions=tuple(executions),
        results=tuple(results),
        verdict=Verdict(state=VerdictState.FAILED),
    )


def reports(number: int) -> list[Result]:
    """What scanners say of one finding."""
    scanner = tuple(KINDS)[number % 8 if number % 8 < 4 else number % 2]
    names = (scanner, "semgrep") if scanner == "bandit" and number % 5 < 3 else (scanner,)
    return [result(name, number) for name in names]


def result(scanner: str, number: int) -> Result:
    """One result, with about 400 characters of message and a line of evidence."""
    rule = number * 7 % RULES
    file = isinstance(location(scanner, number), FileLocation)
    return Result(
        scanner=scanner,
        rule=Rule(
            id=f"{scanner}-rule-{rule}",
            name=f"Rule {rule}: {' '.join(WORDS[:1])}",
            help=" ".join(WORDS * 12),
            uri=f"https://example.com/rules/{rule}",
            cwe=(20 + rule % 900,),
            owasp=("A03:2021",),
        ),
        severity=SEVERITIES[number // SERVICES % len(SEVERITIES)],
        message=f"Finding {number}: {' '.join(WORDS * 4)}",
        location=location(scanner, number),
        service=f"service-{number % SERVICES}",
        score=None if file else 7.5,
        vector="" if file else "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        confidence=Confidence.MEDIUM if file else None,
        aliases=() if file else (f"CVE-2026-{number}", f"GHSA-{number:x}"),
        evidence=f"    value = execute({number}, request.args['name'], shell=True)  # {' '.join(WORDS[:2])}",
        fingerprints=(f"rule/v1:{scanner}{number:026x}", f"weakness/v1:{number:032x}"),
    )


def location(scanner: str, number: int) -> Location:
    """Where a scanner of that sort finds something."""
    folder = f"services/{number % SERVICES}"
    if scanner == "pip-audit":
        return PackageLocation(purl=f"pkg:pypi/package-{number}@1.{number % 9}", path=f"{folder}/uv.lock", line=number)
    if scanner == "zap":
        return HttpLocation(url=f"https://shop.example/{number}/items", method="POST", parameter="name")
    return FileLocation(path=f"{folder}/source/module_{number % 97}.py", line=number % 800 + 1, column=5)


if __name__ == "__main__":
    main()
