"""Functions of multi-valued attributes, and Join and Split, which lead from texts to lists and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from reconciler.provisioning.errors import Unknowable
from reconciler.provisioning.functions.signatures import (
    Build,
    Example,
    Function,
    Gives,
    Site,
    Slot,
    many,
    need,
)
from reconciler.provisioning.functions.texts import NULL
from reconciler.provisioning.values import Misfit, Run, User, Value, bounded, shown, text_of

_ADDRESSES: tuple[Value, ...] = ("SMTP:megan@contoso.example", "smtp:mb@contoso.example")


def _count(site: Site) -> Run:
    source = site.slots[0].several()

    def run(user: User) -> Value:
        values = source(user)
        return None if values is None else len(values)

    return run


def _item(site: Site) -> Run:
    source, index = site.slots[0].several(), site.slots[1].whole()

    def run(user: User) -> Value:
        values, wanted = source(user), index(user)
        if values is None or wanted is None:
            return None
        if wanted < 1:
            raise site.failure(f"index is {wanted}, and items count from 1")
        return values[wanted - 1] if wanted <= len(values) else None

    return run


def _join(site: Site) -> Run:
    separator = site.slots[0].text()
    readers = tuple(_joined(slot) for slot in site.slots[1:])
    fixed = site.slots[0].literal
    if fixed is None:
        return lambda user: _flat(separator(user) or "", readers, user)
    glue = str(fixed)

    def two(user: User) -> Value:
        one, other = first(user), second(user)
        if type(one) is str and type(other) is str:
            return one + glue + other if one and other else one or other
        return _flat(glue, readers, user)

    if len(readers) == 2:
        first, second = readers
        return two
    return lambda user: _flat(glue, readers, user)


def _joined(slot: Slot) -> Run:
    """Return a source of Join: text is text, several values stay several."""
    run = slot.run
    literal = slot.literal
    if literal is not None:
        fixed = str(literal)
        return lambda user: fixed
    return run


def _flat(glue: str, readers: tuple[Run, ...], user: User) -> str:
    parts: list[str] = []
    for read in readers:
        value = read(user)
        if type(value) is str:
            if value:
                parts.append(value)
        elif isinstance(value, (list, tuple)):
            parts.extend(text for each in value if (text := text_of(each)))
        elif text := text_of(value):
            parts.append(text)
    bounded(len(glue) * len(parts) + sum(map(len, parts)))
    return glue.join(parts)


def _remove_duplicates(site: Site) -> Run:
    source = site.slots[0].several()

    def run(user: User) -> Value:
        values = source(user)
        if values is None:
            return None
        return list({json.dumps(value, sort_keys=True): value for value in values}.values())

    return run


def _split(site: Site) -> Run:
    source, delimiter = site.slots[0].text(), site.slots[1].text()
    trims = site.options.split_trims
    if site.slots[1].literal == "":
        raise site.refusal("the delimiter is empty", 'give one character, such as ","')

    def run(user: User) -> Value:
        text, sign = source(user), delimiter(user)
        if text is None or sign is None:
            return None
        if not sign:
            raise site.failure("the delimiter is empty")
        return [item.strip() if trims else item for item in text.split(sign)]

    return run


def _roles(shape: Callable[[list[Mapping[str, Value]]], Value]) -> Build:
    """Build a function of the role assignments of an application: objects with id, value and displayName."""

    def build(site: Site) -> Run:
        source = site.slots[0].several()

        def run(user: User) -> Value:
            values = source(user)
            if values is None:
                return None
            roles: list[Mapping[str, Value]] = []
            for value in values:
                if not isinstance(value, Mapping):
                    raise site.failure(f"{shown(value)} is no role assignment")
                roles.append(value)
            try:
                return shape(roles)
            except Misfit as misfit:
                raise site.slots[0].misfit(misfit) from None

        return run

    return build


def _complex(roles: list[Mapping[str, Value]]) -> Value:
    names = ("id", "value", "displayName")
    return [json.dumps({name: role.get(name) for name in names}, ensure_ascii=False) for role in roles]


def _single(roles: list[Mapping[str, Value]]) -> Value:
    if len(roles) > 1:
        raise Misfit(f"{len(roles)} role assignments, and the service supports one")
    return roles[0].get("value") if roles else None


def _only_there(what: str) -> Build:
    """Build a function whose result is published nowhere."""

    def build(site: Site) -> Run:
        def run(user: User) -> Value:
            raise Unknowable(f"{site.call.name}: {what}", site.at)

        return run

    return build


def _identity(site: Site) -> Run:
    return site.slots[0].text()


_ROLE: Mapping[str, Value] = {"id": "18d1", "value": "Editor", "displayName": "Editor"}
_LIST: Gives = "list"

FUNCTIONS = (
    Function(
        "AltSecIdFromNetId", need("source"), "text", "null when the argument is null",
        "The key of the account for matching. How the service builds it is not published, and Graph does not show the "
        "attribute netId; here the id stands for the key.", _identity,
        Example("AltSecIdFromNetId([netId])", {"netId": "1003200012345678"}, "1003200012345678"), offline=False,
    ),
    Function(
        "AppRoleAssignments", need("source"), _LIST, "not documented",
        "In the service's list of functions, without any documentation.",
        _only_there("its result is not documented"), documented=False, offline=False,
    ),
    Function(
        "AppRoleAssignmentsComplex", need("source"), _LIST, NULL,
        "The role assignments of an application as JSON texts; new ones are added to the target's.", _roles(_complex),
        Example("AppRoleAssignmentsComplex([appRoleAssignments])", {"appRoleAssignments": [_ROLE]},
                ['{"id": "18d1", "value": "Editor", "displayName": "Editor"}']),
    ),
    Function(
        "AssertiveAppRoleAssignmentsComplex", need("source"), _LIST, NULL,
        "The role assignments of an application as JSON texts; they replace the target's.", _roles(_complex),
        Example("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", {"appRoleAssignments": [_ROLE]},
                ['{"id": "18d1", "value": "Editor", "displayName": "Editor"}']),
    ),
    Function(
        "Count", need("attribute"), "integer", NULL,
        "How many values an attribute has.", _count,
        Example("Count([proxyAddresses])", {"proxyAddresses": _ADDRESSES}, 2),
    ),
    Function(
        "DefaultDomain", (), "text", "not documented",
        "In the service's list of functions, without any documentation.",
        _only_there("its result is not documented"), documented=False, offline=False,
    ),
    Function(
        "Item", need("attribute", "index"), "any", "null when an argument is null or there are too few values",
        "One of the values of an attribute, counted from 1.", _item,
        Example("Item([proxyAddresses], 1)", {"proxyAddresses": _ADDRESSES}, "SMTP:megan@contoso.example"),
    ),
    Function(
        "Join", (*need("separator"), *many("source")), "text", "never null: sources that are null or empty are skipped "
        "with their separator",
        "Its sources with the separator between them; multi-valued ones value by value.", _join,
        Example('Join(", ", "", [surname], [givenName])', {"surname": "Doe", "givenName": "John"}, "Doe, John"),
    ),
    Function(
        "RemoveDuplicates", need("attribute"), _LIST, NULL,
        "The values of an attribute, each once.", _remove_duplicates,
        Example("RemoveDuplicates([otherMails])", {"otherMails": ["a@x.example", "a@x.example"]}, ["a@x.example"]),
    ),
    Function(
        "SelectUniqueValue", (*need("rule1"), *many("rule")), "text", "not applicable",
        "The first of several values that nobody in the target has yet.",
        _only_there("it needs a search in the target"), offline=False,
        refused="the service supports it only for users that are created from an HR application",
    ),
    Function(
        "SingleAppRoleAssignment", need("source"), "text", NULL,
        "The name of the one role that the user has in an application.", _roles(_single),
        Example("SingleAppRoleAssignment([appRoleAssignments])", {"appRoleAssignments": [_ROLE]}, "Editor"),
    ),
    Function(
        "Split", need("source", "delimiter"), _LIST, NULL,
        "The parts of a text between delimiters.", _split,
        Example('Split([extensionAttribute5], ",")', {"extensionAttribute5": "One, Two"}, ["One", "Two"]),
    ),
)  # fmt: skip
