"""The reference page of expressions and filters, and what is assumed about them, made from the engine's own tables."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reconciler.loading.offering import described
from reconciler.provisioning import ATTRIBUTES, FUNCTIONS, OPERATORS, Function, assumptions

HEAD = """\
# Expressions and filters

What the provisioning engine of Microsoft Entra computes when people are synchronized to another tenant: the language of
mappings and of scoping filters. `reconciler evaluate` tries it for one user, without a tenant;
[tests](how-to/test-a-mapping.md) keep what was found right.

Generated from the engine's tables by `make schemas`; do not edit.

## Writing an expression

An expression is an attribute in brackets, a text in double quotes, a number, or the call of a function whose arguments
are expressions again. Names of functions and attributes tell upper from lower case. An expression has at most 10,000
characters. Between double quotes a backslash goes before a quote or a backslash.

```text
IIF([country]="DE", Append([displayName], " (Germany)"), [displayName])
```

In the signatures below `?` marks what may be left out: its place between the commas stays empty. `…` marks what
repeats.

## Functions
"""
FILTERS = """\
## Filters

A filter has groups, and a group has clauses. A user is in scope when all clauses of one group are true; where there is
no group, everybody is. What an absent or empty attribute gives stands in the last column.

| Operator | Value | True when | On null |
| --- | --- | --- | --- |"""
USERS = """\
## Attributes

Users are written in Microsoft Graph's names or in the engine's; expressions and filters are written in the engine's.
Beside these there are directory extensions, `extension_` with the application's id and a name.

| Attribute | |
| --- | --- |"""
ASSUMED = """\
## The provisioning engine

What `evaluate` and `test` compute follows Microsoft's documentation. Where that leaves something open, this is taken
to be so:

| Option | Default | What the default means | Otherwise |
|---|---|---|---|"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *map(_function, FUNCTIONS.values()), FILTERS, *_operators(), "", USERS, *_users(), ""])


def assumed() -> str:
    """Return the section about the engine of the page of assumptions."""
    rows = (
        f"| `{one.name}` | `{json.dumps(one.default)}` | {_cell(one.assumption)} | {_cell(one.otherwise)} |"
        for one in assumptions()
    )
    return "\n".join([ASSUMED, *rows, ""])


def _function(function: Function) -> str:
    gives = "" if function.gives == "any" else f" Gives {'a list' if function.gives == 'list' else function.gives}."
    told = [f"{function.description}{gives} Null: {function.nulls}."]
    if function.refused:
        told.append(f"Not for cross-tenant synchronization: {function.refused}.")
    if not function.offline:
        told.append("Only the service knows the value.")
    if not function.documented:
        told.append("Not in Microsoft's reference.")
    example = "\n".join(_example(function))
    return f"### {function.name}\n\n`{function.signature}`\n\n{' '.join(told)}\n{example}"


def _example(function: Function) -> Iterator[str]:
    if function.example is None:
        return
    user, result = (json.dumps(said, ensure_ascii=False) for said in (function.example.user, function.example.result))
    yield ""
    yield "```text"
    yield function.example.expression
    if function.example.user:
        yield f"for {user}"
    yield f"gives {result}"
    yield "```"
    yield ""


def _operators() -> Iterator[str]:
    for one in OPERATORS.values():
        value = "" if one.sides == 1 else "one"
        yield f"| `{one.name}` | {value} | {_cell(one.description)} | {_cell(one.nulls)} |"


def _users() -> Iterator[str]:
    yield from (f"| `{name}` | {_cell(described(one))} |" for name, one in ATTRIBUTES.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
