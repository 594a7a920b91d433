"""Replace, which is five functions in one: the slots that are given decide which."""

from __future__ import annotations

from collections.abc import Callable

import regex

from reconciler.provisioning.errors import PatternError, PatternTimeout
from reconciler.provisioning.functions.signatures import Example, Function, Site, Slot, TextRun, may, need
from reconciler.provisioning.patterns import Pattern, Replacement, pattern
from reconciler.provisioning.values import Run, User, Value, bounded

_SLOTS = ("oldValue", "regexPattern", "regexGroupName", "replacementValue", "replacementAttributeName", "template")
_HINT = (
    "give oldValue with replacementValue or template; or regexPattern with replacementValue, or with regexGroupName "
    "and replacementValue or replacementAttributeName"
)


def _replace(site: Site) -> Run:
    given = {name: slot for index, name in enumerate(_SLOTS, 1) if (slot := site.slot(index))}
    match sorted(given):
        case ["oldValue", "replacementValue"]:
            return _plain(site.slots[0].text(), given["oldValue"].text(), given["replacementValue"].text())
        case ["oldValue", "template"]:
            return _plain(given["template"].text(), given["oldValue"].text(), site.slots[0].text())
        case ["regexPattern", "replacementValue"]:
            return _by_pattern(site, given["regexPattern"], given["replacementValue"])
        case ["regexGroupName", "regexPattern", "replacementValue"]:
            return _in_group(site, given["regexPattern"], given["regexGroupName"], given["replacementValue"].text())
        case ["regexGroupName", "regexPattern", "replacementAttributeName"]:
            other = given["replacementAttributeName"].text()
            return _or_group(site, given["regexPattern"], given["regexGroupName"], other)
        case names:
            told = " and ".join(name for name in _SLOTS if name in names) or "only a source"
            raise site.refusal(f"{told} given together mean nothing", _HINT)


def _plain(where: TextRun, old: TextRun, new: TextRun) -> Run:
    def run(user: User) -> Value:
        text, gone, put = where(user), old(user), new(user)
        if text is None or gone is None or put is None:
            return None
        if not gone:
            return text
        bounded(len(text) + text.count(gone) * len(put))
        return text.replace(gone, put)

    return run


def _by_pattern(site: Site, expression: Slot, replacement: Slot) -> Run:
    source, compiled, new = site.slots[0].text(), _patterns(site, expression), replacement.text()
    fixed = None
    if expression.literal is not None and replacement.literal is not None and (found := compiled({})):
        fixed = found, _replacement(site, found, str(replacement.literal))

    def run(user: User) -> Value:
        text = source(user)
        if text is None:
            return None
        if fixed is not None:
            return _substituted(site, *fixed, text)
        each, value = compiled(user), new(user)
        if each is None or value is None:
            return None
        return _substituted(site, each, _replacement(site, each, value), text)

    return run


def _in_group(site: Site, expression: Slot, group: Slot, new: TextRun) -> Run:
    source, compiled, number = site.slots[0].text(), _patterns(site, expression), _group(site, expression, group)

    def run(user: User) -> Value:
        text, each, value = source(user), compiled(user), new(user)
        if text is None or each is None or value is None:
            return None
        index = number(user, each)
        return _substituted(site, each, lambda match: _with_group(match, index, value), text)

    return run


def _substituted(site: Site, each: Pattern, put: Replacement, text: str) -> str:
    """Return a text with every match replaced, as long as the result is not too long."""
    if isinstance(put, str):
        bounded((len(text) + 1) * (len(put) + 1))
    try:
        return each.compiled.sub(
            put if isinstance(put, str) else _measured(put), text, timeout=site.options.pattern_seconds
        )
    except TimeoutError:
        raise _too_long(site) from None


def _measured(put: Callable[[regex.Match[str]], str]) -> Callable[[regex.Match[str]], str]:
    """Return the same replacement, stopped when all that it has put in is too long."""
    length = 0

    def measured(match: regex.Match[str]) -> str:
        nonlocal length
        part = put(match)
        length += len(part)
        bounded(length)
        return part

    return measured


def _with_group(match: regex.Match[str], group: int, value: str) -> str:
    """Return the match with one group replaced; the rest of it stays."""
    start, end = match.span(group)
    if start < 0:
        return match[0]
    offset = match.start()
    return match[0][: start - offset] + value + match[0][end - offset :]


def _or_group(site: Site, expression: Slot, group: Slot, other: TextRun) -> Run:
    source, compiled, number = site.slots[0].text(), _patterns(site, expression), _group(site, expression, group)
    seconds = site.options.pattern_seconds

    def run(user: User) -> Value:
        if text := source(user):
            return text
        instead, each = other(user), compiled(user)
        if instead is None or each is None:
            return None
        try:
            found = each.compiled.search(instead, timeout=seconds)
        except TimeoutError:
            raise _too_long(site) from None
        return found[number(user, each)] if found else None

    return run


def _patterns(site: Site, slot: Slot) -> Callable[[User], Pattern | None]:
    """Return how to get the compiled pattern: once for a literal, per user for anything else."""
    if slot.literal is not None:
        try:
            fixed = pattern(str(slot.literal))
        except PatternError as error:
            raise site.refused_pattern(error, slot.node) from error
        return lambda user: fixed
    source = slot.text()

    def read(user: User) -> Pattern | None:
        text = source(user)
        try:
            return None if text is None else pattern(text)
        except PatternError as error:
            raise site.failure(f"the pattern is refused: {error.message}", error.hint) from error

    return read


def _group(site: Site, expression: Slot, slot: Slot) -> Callable[[User, Pattern], int]:
    """Return how to get the number of the group; a literal one is checked at once."""
    name = slot.text()

    def number(user: User, compiled: Pattern) -> int:
        wanted = name(user) or ""
        if wanted not in compiled.groups:
            raise site.failure(f"the pattern has no group {wanted!r}", "name it in the pattern: (?<name>…)")
        return compiled.groups[wanted]

    if expression.literal is not None and slot.literal is not None:
        groups = pattern(str(expression.literal)).groups
        if str(slot.literal) not in groups:
            told = f"the pattern has no group {str(slot.literal)!r}"
            raise site.refusal(told, f"it has {', '.join(groups) or 'none'}; name it in the pattern: (?<name>…)")
    return number


def _replacement(site: Site, compiled: Pattern, value: str) -> Replacement:
    try:
        return compiled.replacement(value)
    except PatternError as error:
        raise site.refusal(error.message, error.hint) from error


def _too_long(site: Site) -> PatternTimeout:
    return PatternTimeout(
        f"{site.call.name}: the pattern was stopped after {site.options.pattern_seconds:g} s",
        site.at,
        "it may try the same characters in too many ways: avoid a repetition inside a repetition",
    )


FUNCTIONS = (
    Function(
        "Replace", (*need("source"), *may(*_SLOTS)), "text",
        "null when an argument is null; with replacementAttributeName a source that is null or empty is replaced",
        "Replaces by text or by a regular expression of .NET, telling upper from lower case. Which of five things it "
        "does is decided by the arguments that are given: oldValue and replacementValue; oldValue and template (every "
        "oldValue in the template becomes the source); regexPattern and replacementValue, where ${name} stands for a "
        "group; regexPattern, regexGroupName and replacementValue (only what the group matched is replaced); "
        "regexPattern, regexGroupName and replacementAttributeName (the source, or else that group in the "
        "other attribute).",
        _replace,
        Example('Replace([preferredLanguage], "-", , , "_", , )', {"preferredLanguage": "EN-US"}, "EN_US"),
    ),
)  # fmt: skip
