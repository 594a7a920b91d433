"""What people write about scoping filters, mappings and their tests, as strict models.

`filters` and `mappings` are spelled as in a link. Not for whether the engine takes them: `wording` asks it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.blocks import Strict
from reconciler.loading.mapping_shapes import DeltaShape, GroupShape
from reconciler.loading.shapes import Line
from reconciler.model import Json


def _user(value: dict[str, Json]) -> dict[str, Json]:
    if "" in value:
        raise PydanticCustomError("user", "an attribute has no name")
    return value


Attributes = Annotated[dict[str, Json], AfterValidator(_user), WithJsonSchema({"type": "object"})]


class FilterFile(Strict):
    """A file that holds a scoping filter."""

    filters: tuple[GroupShape, ...] = Field((), description="Groups; a user is in scope when one of them is true.")


class MappingsFile(Strict):
    """A file that holds a change of the service's own mappings."""

    mappings: dict[str, DeltaShape] = Field(
        default_factory=dict, description="Changes of the service's own mappings, by target attribute."
    )


class Case(Strict):
    """One user, and what has to become of it."""

    name: Line = Field(description="What the case shows, in a few words.")
    user: Attributes = Field(description="The source user, in the names of Microsoft Graph or of the engine.")
    inScope: bool | None = Field(None, description="Whether the filter lets the user in.")
    created: Attributes | None = Field(
        None, description="What a new target user gets. Only attributes that are named are compared; null: nothing."
    )
    target: Attributes | None = Field(None, description="The target user that is there already, for `updated`.")
    updated: Attributes | None = Field(
        None, description="What is written to `target`. Only attributes that are named are compared; null: nothing."
    )
    fails: tuple[Line, ...] = Field(
        (), description="Target attributes whose expression fails for this user; no other may fail."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Case:
        if (self.target is None) != (self.updated is None):
            raise ValueError("target and updated belong together: who is there, and what is written to it")
        if self.inScope is None and self.created is None and self.updated is None:
            raise ValueError("the case expects nothing: say inScope, created, or target and updated")
        if self.fails and self.created is None and self.updated is None:
            raise ValueError("fails needs created or updated: without them no mapping is evaluated")
        return self


class MappingTest(Strict):
    """A filter, a change of the mappings, and the cases that both have to pass."""

    filters: tuple[GroupShape, ...] = Field((), description="The scoping filter, as in a link; none: all are in.")
    mappings: dict[str, DeltaShape] = Field(
        default_factory=dict, description="Changes of the service's own mappings, by target attribute, as in a link."
    )
    cases: tuple[Case, ...] = Field(min_length=1, description="What has to become of whom.")
