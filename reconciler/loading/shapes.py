"""What people may write, document by document, as strict models. Knows no file, no place and no other document.

What stands under `spec` belongs to the kind, which has a model of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.blocks import GUID, Strict
from reconciler.model import Json, Kind

API_VERSION = "crosstenant/v1"
NOBODY = "00000000-0000-0000-0000-000000000000"
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NAME_RULE = "1 to 63 of a-z, 0-9 and -, with no - at either end"
# The kind that sets and profiles are made for.
PROFILED = "Partner"

_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


# ---------------------------------------------------------------------------------------------- scalars


def _guid(text: str) -> str:
    if not GUID.fullmatch(text):
        raise PydanticCustomError("guid", "is not a GUID (8-4-4-4-12 hexadecimal digits)")
    if text == NOBODY:
        raise PydanticCustomError("guid", "is the zero GUID, which is nobody")
    return text.lower()


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise PydanticCustomError("name", f"is not a name: {NAME_RULE}")
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text.lower()):
        raise PydanticCustomError("domain", "is not a domain such as fabrikam.example")
    return text.lower()


def _date(value: Json) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("date", "is not a date such as 2027-03-31")


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("filled", "is empty")
    return text


def _line(text: str) -> str:
    if "\n" in text:
        raise PydanticCustomError("line", "has more than one line")
    return _filled(text)


Guid = Annotated[
    str,
    AfterValidator(_guid),
    WithJsonSchema({"type": "string", "pattern": rf"^(?!{NOBODY}$){GUID.pattern}$"}),
]
Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"})]
Domain = Annotated[
    str,
    AfterValidator(_domain),
    WithJsonSchema(
        {"type": "string", "pattern": "^" + _DOMAIN.pattern.replace(r"\Z", "$").replace("a-z", "a-zA-Z") + "$"}
    ),
]
Day = Annotated[
    date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": f"^{_DATE.pattern}$"}),
]
Line = Annotated[
    str,
    Field(max_length=256),
    AfterValidator(_line),
    WithJsonSchema({"type": "string", "maxLength": 256, "pattern": r"\S"}),
]
Prose = Annotated[
    str,
    Field(max_length=2000),
    AfterValidator(_filled),
    WithJsonSchema({"type": "string", "maxLength": 2000, "pattern": r"\S"}),
]


# ---------------------------------------------------------------------------------------------- parts


class Change(Strict):
    """The exact change that is meant, as the finding prints it."""

    property: str = Field(
        "", description="A property, or a leaf such as inboundTrust.isMfaAccepted; left out: all of it."
    )
    before: Json = Field(alias="from", description="The value that is there now.")
    after: Json = Field(alias="to", description="The value that is wanted.")


class Yes(Strict):
    """A yes to one guard rule: exact, with a reason, and not for ever. Paste it from the finding."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["change"]}, {"required": ["countMax"]}]})

    rule: int = Field(ge=1, le=99, description="The number of the rule, as the finding names it.")
    change: Change | None = Field(None, description="The exact change that is meant.")
    countMax: int | None = Field(None, ge=1, description="The highest number that is meant, for rules that count.")
    reason: Prose = Field(description="Why it is right.")
    owner: Line = Field(description="Who answers for it.")
    expires: Day = Field(description="The last day on which it counts.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Yes:
        said = self.model_fields_set & {"change", "countMax"}
        if len(said) != 1 or (self.change is None and self.countMax is None):
            raise ValueError("needs either change or countMax, as the finding prints it")
        return self


class Care(Strict):
    """How the resource may change."""

    preventDestroy: bool = Field(False, description="Its deletion is an error.")
    ignore: tuple[str, ...] = Field((), description="Properties that Git leaves alone.")


class Client(Strict):
    """An application that signs in."""

    clientId: Guid = Field(description="The application (client) id.")


class Clients(Strict):
    """Which applications sign in. Never a secret: that comes from the environment."""

    plan: Client | None = Field(None, description="The application that reads.")
    apply: Client | None = Field(None, description="The application that writes.")


class Accompanied(Strict):
    """What people say about a thing for other people."""

    owner: Line = Field("", description="The person or team that answers for it.")
    purpose: Prose = Field("", description="What it is for.")
    ticket: Line = Field("", description="Where it was decided.")
    reviewBy: Day | None = Field(None, description="The day by which somebody looks at it again.")


class Entry(Accompanied):
    """What every document of a resource may say."""

    displayName: Line = Field("", description="A label for people.")
    lifecycle: Care = Field(Care(), description="How the resource may change.")
    acknowledge: tuple[Yes, ...] = Field((), description="Reviewed yeses to guard rules.")
    spec: Json = Field(None, description="The settings.")


class Removable(Entry):
    """A resource that Git may want gone."""

    state: Literal["present", "absent"] = Field("present", description="absent: it is removed.")


class Resettable(Removable):
    """A resource that always exists, and may be made again what the service begins with."""

    state: Literal["present", "absent"] = Field(
        "present", description="absent: all of it is reset to what the service begins with."
    )


class Named(Removable):
    """A resource that comes and goes, known by its name."""

    name: Name = Field(description="What it is known by.")


class Organization(Named):
    """A resource about another organization."""

    name: Name = Field(description="A tenant of this repository; anyone else also needs tenantId and domain.")
    tenantId: Guid = Field("", description="The tenant id of the organization.")
    domain: Domain = Field("", description="A domain of the organization, checked against the directory.")


class Profiled(Organization):
    """A partner: a document of its own, or a row of a set."""

    profile: Name = Field("", description="The AccessProfile whose settings count where spec says nothing.")


# ---------------------------------------------------------------------------------------------- documents


class TenantFile(Strict):
    """A tenant; the name of its folder is its name."""

    owner: Line = Field("", description="The person or team that answers for it.")

    tenantId: Guid = Field(description="The tenant id.")
    displayName: Line = Field(description="What people call it.")
    domain: Domain = Field(description="A verified domain, checked against the directory: nobody reviews a GUID.")
    cloud: Literal["global", "usgov", "usgovdod", "china"] = Field("global", description="The cloud it lives in.")
    relationship: Literal["same-organization", "external"] = Field(
        "same-organization", description="Whether it is one of ours."
    )
    management: Literal["here", "observe", "elsewhere"] = Field(
        "observe", description="here: plan and apply; observe: plan and drift; elsewhere: known, no sign-in."
    )
    undeclared: Literal["report", "ignore", "delete"] = Field(
        "report", description="What happens to what Git does not mention; delete takes objects away, guarded."
    )
    acceptance: Literal["implied", "required"] = Field(
        "implied", description="required: a link into this tenant waits for its SyncAcceptance."
    )
    auth: Clients = Field(Clients(), description="Which applications sign in; never a secret.")
    acknowledge: tuple[Yes, ...] = Field(
        (), description="Reviewed yeses to guard rules that count or look at the tenant."
    )


class PartnerSet(Accompanied):
    """Many partners that are alike, one row each; what it says itself counts for every row that does not."""

    name: Name = Field("", description="A name for people.")
    profile: Name = Field("", description="The AccessProfile of every row that names no other.")
    partners: tuple[Profiled, ...] = Field(min_length=1, description="The partners, one row each.")


class AccessProfile(Strict):
    """Settings that many partners share. Who answers for a partner, and until when, is said beside the partner."""

    owner: Line = Field("", description="The person or team that answers for it.")
    purpose: Prose = Field("", description="What it is for.")

    name: Name = Field(description="What documents call it.")
    spec: Json = Field(description="The settings of a partner.")


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of document: its model, and the kind of resource that its `spec` is about, if any."""

    word: str
    model: type[Strict]
    kind: Kind | None = None


TENANT, SET, PROFILE = "Tenant", "PartnerSet", "AccessProfile"
# Says nothing about any tenant: it lies beside what it tests, and whoever runs tests reads it.
MAPPING_TEST = "MappingTest"
