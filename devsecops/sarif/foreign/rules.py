"""The rule behind a result of any tool, and the texts it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from devsecops.model import Rule
from devsecops.sarif.foreign import weaknesses
from devsecops.sarif.foreign.values import Json, at, bag, string, strings, table, tables, whole
from devsecops.text import clean, mask, one_line, shorten

NAMELESS = "unnamed"
"""Stands for the id of a rule where the tool gives none."""
_NONE: Final[Json] = {}
_TITLE: Final = 200  # characters
_TEMPLATE: Final = 10_000  # characters
_ARGUMENT: Final = 1_000  # characters
_HARMLESS: Final = frozenset({"pass", "notApplicable", "open", "review", "informational"})
_DEEPEST: Final = 16  # parts of a hierarchical id
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(\d+\)")


class Rules:
    """Finds the rules of one run."""

    def __init__(self, run: Json) -> None:
        """Prepare.

        Args:
            run: the run; its tool, taxonomies and invocations are used.
        """
        tool = table(run.get("tool"))
        self._driver = table(tool.get("driver"))
        self._extensions = tool.get("extensions")
        self._taxonomies = run.get("taxonomies")
        self._invocations = tables(run.get("invocations"))
        self._by_id: dict[str, Json] = {}
        for component in (self._driver, *tables(self._extensions)):
            for descriptor in tables(component.get("rules")):
                for key in (descriptor.get("id"), descriptor.get("guid")):
                    if isinstance(key, str) and key:
                        self._by_id.setdefault(key, descriptor)
        self._made: dict[object, Rule] = {}
        self._unions: dict[object, Json] = {}
        self._overrides: dict[int, list[tuple[Json, str]]] = {}

    def descriptor(self, result: Json) -> Json:
        """The descriptor of a result's rule (sections 3.27.5 to 3.27.7 and 3.52); empty where there is none.

        Where index and id contradict each other the id counts; a hierarchical id `A/B` inherits what `A` says.
        """
        reference = table(result.get("rule"))
        named = string(result.get("ruleId")) or string(reference.get("id"))
        index = reference.get("index", result.get("ruleIndex"))
        pointed = at(self._component(table(reference.get("toolComponent"))).get("rules"), index)
        own = string(pointed.get("id"))
        if pointed and named in {"", own}:
            return pointed
        if own and named.startswith(f"{own}/"):
            return self._united(named, pointed, self._by_id.get(named, _NONE))
        return self._inherited(named) or self._by_id.get(string(reference.get("guid"))) or pointed or _NONE

    def rule(self, result: Json, descriptor: Json) -> Rule:
        """The rule of a result, as a word of the model."""
        named = string(result.get("ruleId")) or string(table(result.get("rule")).get("id"))
        name = named or string(descriptor.get("id")) or string(descriptor.get("name")) or NAMELESS
        cwe = weaknesses.cwe(descriptor, result, self._taxonomies)
        owasp = weaknesses.owasp(descriptor, result)
        key = (id(descriptor), name, cwe, owasp)
        if key not in self._made:
            uri = string(descriptor.get("helpUri"))
            self._made[key] = Rule(
                id=one_line(name),
                name=_title(descriptor),
                help=_help(descriptor),
                uri=uri if uri.startswith(("https://", "http://")) else "",
                cwe=cwe,
                owasp=owasp,
            )
        return self._made[key]

    def level(self, result: Json, descriptor: Json) -> str:
        """The effective level of a result (section 3.27.10), but empty where it is only the default, `warning`.

        A word that is none of SARIF's is given as it is.
        """
        own = string(result.get("level"))
        if own:
            return own
        if string(result.get("kind")) in _HARMLESS:
            return "none"
        return self._overridden(result, descriptor) or _configured(descriptor)

    def message(self, result: Json, descriptor: Json) -> str:
        """What a result says, its placeholders filled in and its embedded links flattened (section 3.11)."""
        message = table(result.get("message"))
        text = string(message.get("text")) or string(message.get("markdown"))
        if not text and string(message.get("id")):
            text = self._template(string(message["id"]), descriptor, result)
        arguments = message.get("arguments")
        if isinstance(arguments, list) and arguments:
            text = _filled(text, arguments)
        return _LINK.sub(r"\1", text) or _text(descriptor.get("fullDescription")) or _title(descriptor)

    def notification_level(self, notification: Json) -> str:
        """The effective level of a notification (section 3.58.6)."""
        reference = table(notification.get("descriptor"))
        listed = self._component(table(reference.get("toolComponent"))).get("notifications")
        named = (one for one in tables(listed) if one.get("id") == reference.get("id"))
        descriptor = at(listed, reference.get("index")) or next(named, _NONE)
        return string(notification.get("level")) or _configured(descriptor) or "warning"

    def _component(self, reference: Json) -> Json:
        """The part of the tool that a reference names; the driver where it names none (section 3.54)."""
        if not reference:
            return self._driver
        number = whole(reference.get("index"))
        if number is not None and number >= 0:
            return at(self._extensions, number)
        for name in ("guid", "name"):
            known = [
                one for one in tables(self._extensions) if reference.get(name) and one.get(name) == reference[name]
            ]
            if known:
                return known[0]
        return self._driver

    def _inherited(self, name: str) -> Json:
        """What the descriptor of an id says, completed by those of the ids it is below (section 3.52.4)."""
        ends = [found.start() for found in re.finditer("/", name)][:_DEEPEST]
        known = [self._by_id[one] for one in (*(name[:end] for end in ends), name) if one in self._by_id]
        return known[0] if len(known) == 1 else self._united(name, *known)

    def _united(self, name: str, *descriptors: Json) -> Json:
        """One descriptor of several, the last one winning; always the same object for the same ones."""
        key = (name, *map(id, descriptors))
        if key not in self._unions:
            self._unions[key] = {key: value for one in descriptors for key, value in one.items()}
        return self._unions[key]

    def _overridden(self, result: Json, descriptor: Json) -> str:
        """The level that an invocation's configuration gives the rule: the result's own invocation, else any."""
        at_ = whole(table(result.get("provenance")).get("invocationIndex"))
        chosen = range(len(self._invocations)) if at_ is None or at_ < 0 else [at_]
        for number in chosen:
            if number not in self._overrides:
                self._overrides[number] = list(self._configurations(at(self._invocations, number)))
            for overridden, level in self._overrides[number]:
                if overridden.get("id") == descriptor.get("id"):
                    return level
        return ""

    def _configurations(self, invocation: Json) -> Iterator[tuple[Json, str]]:
        for override in tables(invocation.get("ruleConfigurationOverrides")):
            level = string(table(override.get("configuration")).get("level"))
            descriptor = self.descriptor({"rule": table(override.get("descriptor"))})
            if level and descriptor:
                yield descriptor, level

    def _template(self, name: str, descriptor: Json, result: Json) -> str:
        component = self._component(table(table(result.get("rule")).get("toolComponent")))
        holders = (descriptor.get("messageStrings"), component.get("globalMessageStrings"))
        return next((text for holder in holders if (text := _text(table(holder).get(name)))), "")


def properties(result: Json, descriptor: Json) -> list[Json]:
    """The property bags that grade a result, its own first."""
    return [bag(result), bag(descriptor)]


def purls(descriptor: Json) -> list[str]:
    """The package URLs that a rule is about, as Grype lists them."""
    return strings(bag(descriptor).get("purls"))


def is_advisory(rule: Rule) -> bool:
    """Whether a rule stands for an advisory."""
    return bool(weaknesses.advisories([rule.id]))


def other_names(rule: Rule, descriptor: Json) -> tuple[str, ...]:
    """Other identifiers of the advisory that a rule stands for, sorted."""
    texts = [rule.id, *strings(descriptor.get("deprecatedIds"))]
    return tuple(name for name in weaknesses.advisories(texts) if name != rule.id)


def _configured(descriptor: Json) -> str:
    return string(table(descriptor.get("defaultConfiguration")).get("level"))


def _title(descriptor: Json) -> str:
    said = _text(descriptor.get("shortDescription")) or string(descriptor.get("name"))
    return shorten(mask(one_line(said)), _TITLE)


def _help(descriptor: Json) -> str:
    return mask(clean(_text(descriptor.get("help")) or _text(descriptor.get("fullDescription"))))


def _text(message: object) -> str:
    return string(table(message).get("text")) or string(table(message).get("markdown"))


def _filled(text: str, arguments: list[Any]) -> str:
    """A message string with its arguments, and doubled braces as single ones (section 3.11.5)."""

    def value(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        number = int(found[1][:6])
        return _argument(arguments[number]) if number < len(arguments) else found[0]

    return _PLACEHOLDER.sub(value, text[:_TEMPLATE])


def _argument(value: object) -> str:
    """An argument as text, no longer than any reader wants it: a short template can name a long one very often."""
    number = whole(value)
    return string(value)[:_ARGUMENT] if number is None else str(number)
