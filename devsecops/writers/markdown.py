"""A summary for GitHub's step summary and for comments of pull and merge requests.

Limits: a comment of GitHub holds 65,536 characters, a step summary 1 MiB (docs.github.com, "Workflow commands"); the
smaller one is kept, counted in UTF-16 units, which no way of counting characters exceeds.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import Outcome, Severity, State, VerdictState
from devsecops.text import inert, one_line, plural, shorten
from devsecops.writers import parts

LIMIT: Final = 65_536
"""UTF-16 units of the whole summary."""
_SMALLEST = 1_000
_SIGNS = {VerdictState.PASSED: "✅", VerdictState.FAILED: "❌", VerdictState.INCOMPLETE: "⚠️"}
_ROWS = 40  # services of the table
_REASONS = 20
_GAPS = 20
_DETAILS = 5  # of one gap
_TEXT = 300  # characters of one text
_RESERVE = 300  # units for what closes the list of findings
_HEAD = ("| severity | finding | place | fix |", "|---|---|---|---|")
_BREAK = "\u200b"  # zero width space: the text stays readable, and is no mention, reference or address any more
_MARKUP = re.compile(r"[\\`*_{}\[\]()#+|~!$^]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_REFERENCE = re.compile(
    r"(?<=@)(?=\w)"  # mention, mail address
    r"|(?<=[#!$&%~^])(?=[\w\"'])"  # issue, merge request, snippet, epic, milestone, label, alert
    r"|(?<=\bGH-)(?=\d)|(?<=\bGL-)(?=\d)"
    r"|(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=mailto:)|(?<=xmpp:)"  # addresses that become links by themselves
    r"|(?<=:)(?=[\w+-]+:)",  # emoji
    re.IGNORECASE,
)


def write(outcome: Outcome) -> Iterator[bytes]:
    """The summary within LIMIT."""
    yield render(outcome).encode()


def render(outcome: Outcome, *, limit: int = LIMIT) -> str:
    """The summary: verdict, services by severity, what was not checked, and the worst findings there is room for.

    Args:
        outcome: what to summarise.
        limit: UTF-16 units that it may have; at least 1,000 are taken.
    """
    limit = max(limit, _SMALLEST)
    findings = dedupe.findings(outcome.results)
    new = [finding for finding in findings if finding.state is State.NEW]
    lines = [f"## {_SIGNS[outcome.verdict.state]} devsecops: {outcome.verdict.state.value}", ""]
    room = limit - _size(lines) - _RESERVE
    for block in (_reasons(outcome, new), _services(new), _counted(outcome, findings), _gaps(outcome)):
        taken = _head_of(block, room // 2)
        lines += taken
        room -= _size(taken)
    lines += _findings(outcome, new, room)
    return "\n".join(lines).rstrip("\n") + "\n"


def escaped(text: str, limit: int = _TEXT) -> str:
    """Foreign text as Markdown that shows just this text: no markup, HTML, link, image, mention or reference."""
    said = re.sub(_REFERENCE, _BREAK, shorten(one_line(text), limit))
    return re.sub(_MARKUP, r"\\\g<0>", re.sub("[&<>]", lambda found: _ENTITIES[found[0]], said))


def code(text: str, limit: int = _TEXT) -> str:
    """Foreign text as code, in which nothing is a link, mention or reference; empty for empty text."""
    said = shorten(inert(one_line(text)), limit)
    if set(said) & {"`", "|", "\\"}:  # a code span with a pipe cannot be told from the end of a cell everywhere
        return f"<code>{escaped(said, limit)}</code>"
    return f"`{said}`" if said else ""


def _size(lines: Iterable[str]) -> int:
    return sum(len(line) + sum(character > "\uffff" for character in line) + 1 for line in lines)


def _head_of(block: Sequence[str], room: int) -> list[str]:
    """The block where it fits, else as many of its lines as do, and that it is cut."""
    if _size(block) <= room:
        return list(block)
    cut = ["", "*… cut for length*", ""]
    taken: list[str] = []
    room -= _size(cut)
    for line in block:
        room -= _size([line])
        if room < 0:
            break
        taken.append(line)
    return [*taken, *cut]


def _reasons(outcome: Outcome, new: Sequence[Finding]) -> list[str]:
    verdict = outcome.verdict
    if not verdict.reasons:
        if verdict.state is VerdictState.PASSED and parts.nothing_to_scan(outcome):
            return ["Nothing to scan: no scanner has anything to examine here.", ""]
        said = "nothing of the policy is violated" if verdict.state is VerdictState.PASSED else "no reason is given"
        return [f"{plural(len(new), 'finding')}; {said}.", ""]
    lines = [
        f"- {escaped(reason.text)}" + (f"; {code(reason.policy)}" if one_line(reason.policy) else "")
        for reason in verdict.reasons[:_REASONS]
    ]
    return [*_starting_with_words(lines), *_more(len(verdict.reasons) - _REASONS), ""]


def _starting_with_words(items: Iterable[str]) -> list[str]:
    """List items whose text begins no list, heading or quote of its own."""
    return [re.sub(r"^(- )([-+=.:]|\d+[.)])", rf"\1{_BREAK}\2", item) for item in items]


def _services(new: Sequence[Finding]) -> list[str]:
    """New findings by service and severity, the service with the worst ones first."""
    counts: dict[str, Counter[Severity]] = defaultdict(Counter)
    for finding in new:
        counts[one_line(finding.first.service)][finding.severity] += 1
    if not counts:
        return []
    total = Counter(finding.severity for finding in new)
    shown = [severity for severity in parts.ORDER if total[severity]]
    order = sorted(counts, key=lambda name: ([-counts[name][severity] for severity in shown], name))
    rows = [_row([escaped(name, 80) or "(no service)", *_cells(counts[name], shown)]) for name in order[:_ROWS]]
    if len(order) > _ROWS:
        rest = sum((counts[name] for name in order[_ROWS:]), Counter[Severity]())
        rows.append(_row([f"{plural(len(order) - _ROWS, 'more service')}", *_cells(rest, shown)]))
    if len(order) > 1:
        rows.append(_row(["**all**", *(f"**{cell}**" for cell in _cells(total, shown))]))
    head = [_row(["service", *(severity.value for severity in shown)]), "|---|" + "--:|" * len(shown)]
    return [*head, *rows, ""]


def _cells(count: Counter[Severity], shown: Sequence[Severity]) -> list[str]:
    return [f"{count[severity]:,}" if count[severity] else "·" for severity in shown]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counted(outcome: Outcome, findings: Sequence[Finding]) -> list[str]:
    said = parts.not_counted(findings)
    lines = [
        f"{escaped(parts.comparison(outcome, findings))}." if outcome.baseline else "",
        f"Not counted: {said}." if said else "",
    ]
    return [text for line in lines if line for text in (line, "")]


def _gaps(outcome: Outcome) -> list[str]:
    gaps = sorted(parts.gaps(outcome), key=lambda gap: not gap.serious)
    lines: list[str] = []
    for gap in gaps[:_GAPS]:
        lines += _starting_with_words([f"- **{escaped(gap.text)}**" if gap.serious else f"- {escaped(gap.text)}"])
        lines += [f"  {item}" for item in _starting_with_words(f"- {escaped(one)}" for one in gap.details[:_DETAILS])]
        lines += [f"  {line}" for line in _more(len(gap.details) - _DETAILS)]
    return ["### Not checked", "", *lines, *_more(len(gaps) - _GAPS), ""] if gaps else []


def _more(count: int) -> list[str]:
    return [f"- … and {count:,} more"] if count > 0 else []


def _findings(outcome: Outcome, new: Sequence[Finding], room: int) -> list[str]:
    """Findings behind the verdict in the open, the others folded."""
    behind = parts.failing(outcome)
    failing = [finding for finding in new if parts.fails(finding, behind)]
    others = [finding for finding in new if not parts.fails(finding, behind)]
    lines: list[str] = []
    shown = 0
    open_ = ["### Findings that fail", "", *_HEAD]
    fold = [
        "<details>",
        f"<summary>{plural(len(others), 'finding that does not fail', 'findings that do not fail')}</summary>",
        "",
        *_HEAD,
    ]
    for head, some, foot in ((open_, failing, [""]), (fold, others, ["", "</details>", ""])):
        rows = _rows(some, room - _size([*head, *foot])) if some else []
        if rows:
            block = [*head, *rows, *foot]
            lines += block
            shown += len(rows)
            room -= _size(block)
        if len(rows) < len(some):
            break
    left = [*failing, *others][shown:]
    if left:
        lines.append(f"… and {plural(len(left), 'more finding')} left out: {parts.by_severity(left)}.")
    return lines


def _rows(findings: Iterable[Finding], room: int) -> list[str]:
    rows: list[str] = []
    for finding in findings:
        row = _finding(finding)
        room -= _size([row])
        if room < 0:
            break
        rows.append(row)
    return rows


def _finding(finding: Finding) -> str:
    others = parts.other_places(finding)
    also = f" and {plural(len(others), 'other place')}" if others else ""
    score = parts.score(finding)
    severity = finding.severity.value if score is None else f"{finding.severity.value} {score:.1f}"
    title = f"{escaped(parts.title(finding))}<br>{code(parts.rules(finding))}"
    return _row([severity, title, f"{code(parts.place(finding))}{also}", escaped(parts.fix(finding)) or "·"])
