"""Kinds that nobody has: one always there, one known by an organization, one known by a name; and the service's side.

They show what it takes to add a kind: all of it is here, and nothing under `reconciler/` knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from reconciler.emulator.resources import Resource
from reconciler.kinds.blocks import Strict
from reconciler.model import Body, Collection, Json, Kind, Permissions, Singleton

READ, WRITE = "Toys.Read.All", "Toys.ReadWrite.All"

# ---------------------------------------------------------------------------------------------- as people write them


class Tone(Strict):
    """How a greeting sounds."""

    isPolite: bool | None = Field(None, description="Says please.")
    isLoud: bool | None = Field(None, description="Can be heard from afar.")


class SaidTone(Strict):
    """How a greeting sounds where nothing stands behind it."""

    isPolite: bool = Field(False, description="Says please.")
    isLoud: bool = Field(False, description="Can be heard from afar.")


class GreetingSpec(Strict):
    """What everybody hears."""

    tone: SaidTone = Field(SaidTone(), description="How it sounds.")
    languages: tuple[str, ...] = Field(("en",), min_length=1, description="The languages it is spoken in.")


class HotlineSpec(Strict):
    """What one organization hears; null leaves the word to the greeting."""

    tone: Tone | None = Field(None, description="How it sounds.")
    languages: tuple[str, ...] | None = Field(None, description="The languages it is spoken in.")


class BranchSpec(Strict):
    """An office."""

    motto: str | None = Field(None, description="What stands above the door.")
    tone: Tone | None = Field(None, description="How people are greeted at the door.")


def canonical(body: Body) -> Body:
    """Return `body` with languages as a sorted set in lower case, and a tone of nulls as null."""
    return {name: _canonical(value) for name, value in sorted(body.items())}


def _canonical(value: Json) -> Json:
    match value:
        case Mapping():
            return None if all(member is None for member in value.values()) else dict(sorted(value.items()))
        case list() | tuple():
            return sorted({language.lower() for language in value})
        case _:
            return value


# ---------------------------------------------------------------------------------------------- the kinds

GREETING = Kind(
    name="greeting",
    document="Greeting",
    model=GreetingSpec,
    endpoint=Singleton("/policies/greetingPolicy"),
    permissions=Permissions(READ, WRITE),
    canonical=canonical,
    summary="What everybody hears.",
    stock={"tone": {"isPolite": False, "isLoud": False}, "languages": ["en"]},
    read_only=("id",),
    examples=(
        {"tone": {"isPolite": True}},
        {"languages": ["ja", "de"]},
        {"tone": {"isPolite": False, "isLoud": True}, "languages": ["fr"]},
    ),
)

HOTLINE = Kind(
    name="hotline",
    document="Hotline",
    model=HotlineSpec,
    endpoint=Collection("/policies/hotlines", key="organizationId"),
    permissions=Permissions(READ, WRITE),
    canonical=canonical,
    summary="What one organization hears.",
    stock={"tone": None, "languages": None},
    read_only=("organizationId", "isLeased"),
    needs=("greeting",),
    fallback="greeting",
    protected=("isLeased",),
    examples=(
        {"tone": {"isLoud": True}},
        {"languages": ["ja"], "tone": None},
        {"languages": ["de", "en", "ja"], "tone": {"isPolite": True, "isLoud": False}},
    ),
)

BRANCH = Kind(
    name="branch",
    document="Branch",
    model=BranchSpec,
    endpoint=Collection("/offices/branches", key="code", keyed_by="name"),
    permissions=Permissions(READ, WRITE),
    canonical=canonical,
    summary="An office.",
    stock={"motto": None, "tone": None},
    read_only=("code",),
    examples=({"motto": "Come in"}, {"tone": {"isPolite": True, "isLoud": True}}),
)

TOYS: Mapping[str, Kind] = {kind.name: kind for kind in (HOTLINE, BRANCH, GREETING)}

# ---------------------------------------------------------------------------------------------- as the service has them

MAY_READ, MAY_WRITE = (READ, WRITE), (WRITE,)

SERVED = (
    Resource(
        "greeting",
        "/policies/greetingPolicy",
        stock={"tone": {"isPolite": False, "isLoud": False}, "languages": ["en"]},
        has_id=True,
        read=MAY_READ,
        write=MAY_WRITE,
    ),
    Resource(
        "hotline",
        "/policies/hotlines",
        key="organizationId",
        stock={"isLeased": False, "tone": None, "languages": None},
        read_only=("isLeased",),
        read=MAY_READ,
        write=MAY_WRITE,
    ),
    Resource(
        "branch",
        "/offices/branches",
        key="code",
        guid_key=False,
        stock={"motto": None, "tone": None},
        read=MAY_READ,
        write=MAY_WRITE,
    ),
)
