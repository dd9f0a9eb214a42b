"""Which kind of scanner wrote a run, guessed from its name, else from what it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from devsecops.model import HttpLocation, Kind, PackageLocation, Result
from devsecops.sarif.foreign import weaknesses
from devsecops.sarif.foreign.values import Json, bag, string, tables

_NAMES: Final = (
    (
        Kind.SECRETS,
        r"gitleaks|trufflehog|detect.?secrets|ggshield|gitguardian|nosey.?parker|talisman|whispers|secret",
    ),
    (Kind.IMAGE, r"grype|dockle|clair|anchore|docker.?scout|image"),
    (
        Kind.DEPENDENCIES,
        (
            r"(?:pip|npm|yarn|bundle|cargo).?audit|(?:osv|dep).?scan|dependency.?check|govulncheck|retire|safety|nancy"
            r"|black.?duck|snyk open source"
        ),
    ),
    (Kind.CI, r"zizmor|actionlint|poutine|octoscan"),
    (
        Kind.IAC,
        (
            r"checkov|tfsec|terrascan|kics|hadolint|kube.?(?:score|linter|sec)|tflint|conftest|regula|cfn.?(?:lint|nag)"
            r"|polaris|snyk iac|template.?analyzer"
        ),
    ),
    (Kind.API, r"spectral|schemathesis|42crunch|restler|cherrybomb"),
    (
        Kind.DAST,
        r"\bzap\b|owasp zap|nuclei|nikto|wapiti|nessus|burp|stackhawk|acunetix|\bmapi\b|arachni|netsparker|invicti",
    ),
)
"""Names of tools by kind; the first that matches counts. A tool that is not here is judged by what it says."""
_RULE_NAMES: Final = (
    (re.compile("Vulnerability$|Vulnerability ", re.IGNORECASE), Kind.DEPENDENCIES),
    (re.compile("Misconfiguration"), Kind.IAC),
    (re.compile("^Secret$"), Kind.SECRETS),
)
"""What Trivy calls its rules, by what they look at."""
_PATTERNS: Final = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _NAMES)


def guess(run: Json, name: str, results: Sequence[Result]) -> Kind:
    """The kind of a run; `sast` where nothing speaks for another one.

    Args:
        run: the run, without its results.
        name: of the tool.
        results: what it found.
    """
    for kind, pattern in _PATTERNS:
        if pattern.search(name):
            return kind
    if string(bag(run).get("imageName")):  # as Trivy says what it looked at
        return Kind.IMAGE
    driver = run.get("tool", {}).get("driver", {}) if isinstance(run.get("tool"), dict) else {}
    rules = tables(driver.get("rules")) if isinstance(driver, dict) else []
    said = Counter(filter(None, (*map(_of_result, results), *map(_of_rule, rules))))
    most = sorted(said.items(), key=lambda one: (-one[1], one[0].value))
    return most[0][0] if most and 2 * sum(said.values()) >= len(results) else Kind.SAST


def _of_result(result: Result) -> Kind | None:
    if isinstance(result.location, HttpLocation):
        return Kind.DAST
    return Kind.DEPENDENCIES if isinstance(result.location, PackageLocation) else None


def _of_rule(rule: Json) -> Kind | None:
    if weaknesses.advisories([string(rule.get("id"))]):
        return Kind.DEPENDENCIES
    return next((kind for pattern, kind in _RULE_NAMES if pattern.search(string(rule.get("name")))), None)
