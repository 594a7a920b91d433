"""Moments on the command line: so long before now, or a date and time. Reads no clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(context: click.Context, option: click.Parameter, text: str) -> timedelta | datetime:
    """Return a time before now, or a moment, which is meant in UTC where it does not say."""
    if found := re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        said = datetime.fromisoformat(text)
        return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        words = "write a time before now, such as 30m, 24h or 7d, or a moment, such as 2026-11-24T08:00Z"
        raise click.BadParameter(words, context, option) from error
