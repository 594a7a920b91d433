"""What a `spec` says: checked by its kind, canonical, with the line behind each property. Knows no document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from reconciler.errors import Problem
from reconciler.kinds.blocks import labels
from reconciler.loading.parsing import Place
from reconciler.loading.validating import Path, called, check
from reconciler.model import Body, Json, Kind, Origin


@dataclass(frozen=True, slots=True)
class Settings:
    """The properties that are said, where each stands, and the labels of identifiers in them."""

    said: Body = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def over(self, profile: Settings) -> Settings:
        """Return these settings, and those of a profile where these say nothing: by whole top-level property."""
        if not profile.said:
            return self
        return Settings(
            dict(sorted({**profile.said, **self.said}.items())),
            dict(sorted({**profile.origins, **self.origins}.items())),
            {**profile.names, **self.names},
        )


NOTHING = Settings()


def settings(kind: Kind, spec: Json, place: Place, file: str, at: Path) -> tuple[Settings, list[Problem]]:
    """Return what `spec`, which stands in `at` of the document, says, or what is wrong with it."""
    model, problems = check(kind.model, spec, place, file, at)
    if model is None:
        return NOTHING, problems
    bare = model.model_dump(exclude_unset=True)
    here = place.inside(at)
    try:
        said = kind.canonical(bare)
    except ValueError as error:
        return NOTHING, [Problem(here.origin(file), f"{called(at)}: {error}")]
    problems = [
        Problem(here.inside([name]).origin(file), f"{called((*at, name))} {wrong}", hint)
        for name, wrong, hint in _unclear(model, bare, said)
    ]
    origins = {name: here.inside([name]).key_origin(file) for name in said}
    return Settings(said, origins, labels(bare)), problems


def _unclear(model: BaseModel, bare: Body, said: Body) -> Iterator[tuple[str, str, str]]:
    """Yield the blocks whose canonical form would say more than the person did."""
    for name, value in bare.items():
        if said.get(name) is not None or not isinstance(value, Mapping):
            continue
        block = getattr(model, name)
        leaves = tuple(type(block).model_fields) if isinstance(block, BaseModel) else ()
        unsaid = [leaf for leaf in leaves if leaf not in value]
        if not value:
            yield name, "is empty, which says nothing", "write null to inherit, or remove the line"
        elif unsaid:
            hint = f"write `{name}: null` to inherit all of it, or say something about {' and '.join(unsaid)}"
            yield name, "says null for some of its properties and nothing about the others", hint
