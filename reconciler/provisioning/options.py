"""What the service's documentation leaves open about expressions, filters and attribute flow, as named options.

Everything that is not here follows the documentation. A list of documented and assumed behaviour can be rendered from
`assumptions()`. Not for behaviour of Graph: that has switches of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeVar

Setting = TypeVar("Setting", bool, float)


class Assumption(NamedTuple):
    """One option for people: its name, its default, what that assumes, and what the other setting would mean."""

    name: str
    default: bool | float
    assumption: str
    otherwise: str


def _assumed(default: Setting, assumption: str, *, otherwise: str) -> Setting:
    described: Any = field(default=default, metadata={"assumption": assumption, "otherwise": otherwise})
    setting: Setting = described
    return setting


@dataclass(frozen=True, slots=True)
class Options:
    """All that is assumed; the defaults are what we believe to be likeliest."""

    pattern_seconds: float = _assumed(
        1.0,
        "A regular expression is stopped after this many seconds, and the attribute fails for this user.",
        otherwise="Any other positive number; no limit of the service is published.",
    )
    comparison_ignores_case: bool = _assumed(
        False,
        "Comparisons in IIF and CBool tell upper from lower case.",
        otherwise="They do not.",
    )
    split_trims: bool = _assumed(
        True,
        "Split removes white space around each item (a published sample shows items without it).",
        otherwise="Items are kept as they stand between the delimiters.",
    )
    word_skips_empty: bool = _assumed(
        True,
        "Word takes several delimiters in a row for one.",
        otherwise="There is an empty word between two delimiters in a row.",
    )
    diacritics_of_latin_only: bool = _assumed(
        True,
        "NormalizeDiacritics changes Latin letters only, as the published table does.",
        otherwise="It removes accents from the letters of every script.",
    )
    date_add_clamps: bool = _assumed(
        True,
        "DateAdd of months and years ends on the last day of a month that is too short, as .NET does.",
        otherwise="The days that are too many run over into the next month.",
    )
    in_str_finds_empty: bool = _assumed(
        True,
        "InStr finds an empty text at the position it starts from, as Visual Basic does.",
        otherwise="It gives 0.",
    )
    iif_takes_null_functions: bool = _assumed(
        True,
        "IsPresent, IsNull and IsNullOrEmpty as the condition of IIF work as they read, though they are documented as "
        "unsupported there.",
        otherwise="Such a condition always fails.",
    )
    not_equals_on_null: bool = _assumed(
        False,
        "NOT EQUALS is false for a user without the attribute, as the general rule of scoping filters says.",
        otherwise="It is true.",
    )
    filter_pattern_searches: bool = _assumed(
        True,
        "REGEX MATCH is true when the pattern is found anywhere in the value, as .NET's IsMatch does.",
        otherwise="The pattern has to cover the whole value.",
    )
    ends_with_ignores_case: bool = _assumed(
        False,
        "ENDS_WITH tells upper from lower case.",
        otherwise="It does not.",
    )
    ampersand_splits_value: bool = _assumed(
        True,
        "`&` is true when the value of the clause, split on `;` and `,`, contains the attribute's value.",
        otherwise="It is true when the attribute's value, split in the same way, contains the value of the clause.",
    )
    not_ampersand_on_null: bool = _assumed(
        False,
        "`!&` is false for a user without the attribute.",
        otherwise="It is true.",
    )
    input_filter_reads_none: bool = _assumed(
        True,
        "The built-in input filter compares an absent attribute as the text `None`.",
        otherwise="It is false for an absent attribute, as a filter of a customer is.",
    )


ASSUMED = Options()


def assumptions() -> tuple[Assumption, ...]:
    """Return every option with what it assumes, in the order of the class."""
    return tuple(
        Assumption(
            option.name, getattr(ASSUMED, option.name), option.metadata["assumption"], option.metadata["otherwise"]
        )
        for option in fields(Options)
    )
