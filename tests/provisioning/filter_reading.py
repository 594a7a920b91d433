"""A plain reading of the documented table of filter operators, to judge the product by. It imports nothing of it."""

import re
from collections.abc import Callable, Mapping, Sequence

Clause = tuple[str, str, str | None]


def as_text(value: object) -> str:
    """Read a value as the table does: absent is empty, a boolean is a word."""
    if value is None:
        return ""
    return {True: "True", False: "False"}[value] if isinstance(value, bool) else str(value)


def is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", text) is not None


def listed(value: str) -> list[str]:
    return [part.strip() for part in value.replace(";", ",").split(",")]


TABLE: Mapping[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda text, value: text == value,
    "NOT EQUALS": lambda text, value: text != value,
    "REGEX MATCH": lambda text, value: re.search(value, text) is not None,
    "NOT REGEX MATCH": lambda text, value: re.search(value, text) is None,
    "Greater_Than": lambda text, value: is_number(text) and is_number(value) and int(text) > int(value),
    "Greater_Than_OR_EQUALS": lambda text, value: is_number(text) and is_number(value) and int(text) >= int(value),
    "Includes": lambda text, value: value in text,
    "ENDS_WITH": lambda text, value: text.endswith(value),
    "&": lambda text, value: text in listed(value),
    "!&": lambda text, value: text not in listed(value),
}
UNARY: Mapping[str, Callable[[str], bool]] = {
    "IS NULL": lambda text: text == "",
    "IS NOT NULL": lambda text: text != "",
    "IS TRUE": lambda text: text.lower() == "true",
    "IS FALSE": lambda text: text.lower() == "false",
}


def clause_holds(clause: Clause, user: Mapping[str, object]) -> bool:
    attribute, operator, value = clause
    text = as_text(user.get(attribute))
    if value is None:
        return UNARY[operator](text)
    return text != "" and TABLE[operator](text, value)


def in_scope(groups: Sequence[Sequence[Clause]], user: Mapping[str, object]) -> bool:
    """Join clauses by AND and groups by OR; no group at all keeps nobody out."""
    return not groups or any(all(clause_holds(clause, user) for clause in group) for group in groups)
