"""What people write about scoping filters and attribute mappings, in a link and in a test alike, as strict models.

Not for whether the engine takes them: `engine` asks it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from reconciler.kinds.blocks import Strict
from reconciler.loading.shapes import Line
from reconciler.model import Json


def _one(value: Json) -> Json:
    if isinstance(value, tuple | list):
        raise PydanticCustomError("one", "a clause has one value; write a group of its own for each, or REGEX MATCH")
    return value


class ClauseShape(Strict):
    """One question about one attribute."""

    attribute: Line = Field(description="An attribute of the user, by the engine's name.")
    operator: Line = Field(description="How it is compared.")
    value: Annotated[str | None, BeforeValidator(_one)] = Field(
        None, description="What it is compared with; operators with one side have none."
    )


class GroupShape(Strict):
    """Clauses that all have to be true."""

    name: str = Field("", description="A title for people.")
    clauses: tuple[ClauseShape, ...] = Field(min_length=1, description="All of them have to be true.")


class DeltaShape(Strict):
    """What is said about the mapping of one target attribute; the rest stays as the service has it."""

    expression: str | None = Field(None, description="Where the value comes from.")
    constant: str | None = Field(None, description="A value that is the same for everybody.")
    apply: Literal["always", "onCreate"] | None = Field(None, description="onCreate: later changes do not flow.")
    default: str | None = Field(None, description="The value for a new user when there is no other.")
    drop: bool = Field(False, description="true: the attribute is not written.")
