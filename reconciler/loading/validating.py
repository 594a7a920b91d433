"""One document against its model: what pydantic finds becomes problems with a place, in words for the person who wrote.

Knows no other document. A problem never repeats a value that looks like a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reconciler.errors import Problem
from reconciler.kinds.blocks import Strict
from reconciler.loading.parsing import Parsed, Place
from reconciler.loading.scalars import Page
from reconciler.loading.secrecy import looks_secret, show, telling
from reconciler.loading.shapes import API_VERSION, Entry, Shape
from reconciler.model import Json, Origin

Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

_ADDRESSED = ("apiVersion", "kind")
_LONGEST_REASON = 300
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A document that is valid by itself, its text, and where everything in it stands."""

    file: str
    folders: tuple[str, ...]
    shape: Shape
    model: Strict
    place: Place
    text: str = ""

    def origin(self, path: Iterable[str | int]) -> Origin:
        """Return where the value at `path` stands."""
        return self.place.inside(path).origin(self.file)

    def key_origin(self, path: Iterable[str | int]) -> Origin:
        """Return where the key of the value at `path` stands."""
        return self.place.inside(path).key_origin(self.file)

    def problem(self, path: Iterable[str | int], message: str, hint: str = "") -> Problem:
        """Return a problem with the value at `path`."""
        return Problem(self.origin(path), message, hint)

    @property
    def page(self) -> Page:
        """The whole of it, as it is written."""
        return Page(self.file, self.text, self.place)


@dataclass(frozen=True, slots=True)
class Row:
    """What one place says about one resource: a whole document, or a row of a set at `path` in it."""

    written: Written
    entry: Entry
    path: Path = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.written.place.inside(self.path)

    def origin(self, *inner: str | int) -> Origin:
        """Return where a value of it stands; the innermost one that is really there."""
        return self.place.inside(inner).origin(self.written.file)

    def says(self, name: str) -> bool:
        """Whether it mentions the property."""
        return name in self.entry.model_fields_set

    def problem(self, name: str, message: str, hint: str = "") -> Problem:
        """Return a problem with a property of it."""
        return Problem(self.origin(name), message, hint)


# ---------------------------------------------------------------------------------------------- one document


def shape_of(parsed: Parsed, shapes: Mapping[str, Shape]) -> tuple[Shape | None, list[Problem]]:
    """Return what kind of document it says it is, and what is wrong with its first two lines."""
    value = parsed.value or {}
    problems = []
    if value.get("apiVersion") != API_VERSION:
        problems.append(_header(parsed, "apiVersion", f"write `apiVersion: {API_VERSION}`"))
    word = value.get("kind")
    if not isinstance(word, str) or word not in shapes:
        problems.append(_header(parsed, "kind", meant(word, shapes)))
        return None, problems
    return shapes[word], problems


def _header(parsed: Parsed, name: str, hint: str) -> Problem:
    value = parsed.value or {}
    if name not in value:
        return Problem(parsed.place.origin(parsed.file), f"{name} is missing", hint)
    said = value[name]
    message = f"{name} cannot be {show(said) if isinstance(said, str) else kind_of(said)}"
    return Problem(parsed.place.inside([name]).origin(parsed.file), message, hint)


def validate(parsed: Parsed, shape: Shape, folders: tuple[str, ...]) -> tuple[Written | None, list[Problem]]:
    """Return the document as its model, or None, and what is wrong with it."""
    value = {name: member for name, member in (parsed.value or {}).items() if name not in _ADDRESSED}
    secrets = [_telling(parsed, path) for path in telling(value)]
    model, problems = check(shape.model, value, parsed.place, parsed.file, ())
    if model is not None and not secrets and not parsed.problems:
        return Written(parsed.file, folders, shape, model, parsed.place, parsed.text), []
    if shape.kind is not None:
        problems += _in_specs(shape.kind.model, value, parsed)
    # One place, one problem: that it is no YAML, or a secret, matters more than that something else should be there.
    places = {problem.origin for problem in (*parsed.problems, *secrets)}
    return None, [*secrets, *(problem for problem in problems if problem.origin not in places)]


def _in_specs(model: type[BaseModel], value: Mapping[str, Json], parsed: Parsed) -> Iterator[Problem]:
    """Yield what is wrong in the specs of a document that is broken elsewhere, so that all is told at once."""
    rows = value.get("partners")
    inner = [(("partners", index, "spec"), row) for index, row in enumerate(rows if isinstance(rows, tuple) else ())]
    for path, owner in [(("spec",), value), *inner]:
        if isinstance(owner, Mapping) and "spec" in owner:
            yield from check(model, owner["spec"], parsed.place, parsed.file, path)[1]


def _telling(parsed: Parsed, path: Path) -> Problem:
    origin = parsed.place.inside(path).key_origin(parsed.file)
    return Problem(origin, f"{show(str(path[-1]))} holds a secret, and files hold none", "take it out and rotate it")


def check(model: type[Model], value: Json, place: Place, file: str, at: Path) -> tuple[Model | None, list[Problem]]:
    """Return `value`, which stands in `at` of the document, as its model, or what is wrong with it."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        broken = {detail["loc"][:depth] for detail in found for depth in range(len(detail["loc"]))}
        # A list is said to be short when its entries are broken; that is no second mistake.
        told = [detail for detail in found if detail["type"] != "too_short" or detail["loc"] not in broken]
        return None, [_problem(model, detail, place, file, at) for detail in told]


# ---------------------------------------------------------------------------------------------- in words


def _problem(model: type[BaseModel], detail: ErrorDetails, place: Place, file: str, at: Path) -> Problem:
    path = (*at, *detail["loc"])
    inner = place.inside(path)
    at_key = detail["type"] in ("extra_forbidden", "missing")
    origin = inner.key_origin(file) if at_key else inner.origin(file)
    message, hint = _words(model, detail, path)
    return Problem(origin, message, hint)


def _words(model: type[BaseModel], detail: ErrorDetails, path: Path) -> tuple[str, str]:
    owner = called(path[:-1])
    match detail["type"]:
        case "extra_forbidden" if reason := _reason_against(model, detail["loc"]):
            return f"{called(path)} cannot be written: {reason}", "take it out"
        case "extra_forbidden":
            known = list(_members(model, detail["loc"][:-1]))
            where = f" in {owner}" if owner else " here"
            return f"there is no property {show(str(path[-1]))}{where}", meant(str(path[-1]), known)
        case "missing":
            return f"{owner or 'the document'} needs {path[-1]}", "add it"
        case kind:
            context: Mapping[str, Any] = detail.get("ctx") or {}
            return _unfit(kind, called(path) or "the document", detail["input"], detail["msg"], context)


def _unfit(kind: str, name: str, said: Json, reason: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return what is wrong with a value that stands in a place where one may stand."""
    match kind:
        case "literal_error":
            words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            return f"{name} cannot be {_said(said)}", meant(said, words)
        case "filled" | "line":
            return f"{name} {reason}", _HINTS[kind]
        case "choice":
            return f"{name} cannot be {_said(said)}", reason
        case "guid" | "name" | "domain" | "date" | "mailbox":
            return f"{name} {_said(said)} {reason}", ""
        case _ if kind in _EXPECTED:
            return f"{name} has to be {_EXPECTED[kind]}, not {_said(said)}", _advice(kind, said)
        case _:
            limit = _LIMITS.get(kind, "").format_map(context)
            by_model = unsaid_secrets(reason.removeprefix("Value error, "))
            return (f"{name} {limit}" if limit else f"{name}: {by_model}"), ""


_HINTS: Mapping[str, str] = {
    "filled": "say something, or remove the line",
    "line": "purpose is the place for more",
}
_EXPECTED: Mapping[str, str] = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
_LIMITS: Mapping[str, str] = {
    "too_short": "needs {min_length} or more entries",
    "too_long": "takes at most {max_length} entries",
    "string_too_short": "needs {min_length} characters or more",
    "string_too_long": "takes at most {max_length} characters",
    "greater_than_equal": "has to be {ge} or more",
    "less_than_equal": "has to be {le} or less",
}


def _advice(kind: str, said: Json) -> str:
    if said is None:
        return "null means inherit, and there is nothing to inherit here; remove the line when nothing is meant"
    if kind.startswith("bool") and isinstance(said, str):
        return f"write {'true' if said.lower() in _YES else 'false'}" if said.lower() in _YES | _NO else ""
    if kind == "string_type" and isinstance(said, bool | int | float):
        return "put it in quotes"
    return ""


_YES, _NO = frozenset({"yes", "y", "on", "1", "true"}), frozenset({"no", "n", "off", "0", "false"})


def unsaid_secrets(text: str) -> str:
    """Return a sentence that may repeat what a person wrote: cut when long, and not said when that looks secret."""
    if looks_secret(text):
        return "the value does not fit, and looks like a secret"
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}…"


def _said(value: Json) -> str:
    return show(value) if isinstance(value, str) else kind_of(value)


def kind_of(value: Json) -> str:
    """Return a value that is not text in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"


def called(path: Sequence[str | int]) -> str:
    """Return a path as people say it: `spec.inboundTrust`, `partners[2].name`, counted from 0."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step if step.isidentifier() else show(step)}"
    return text.lstrip(".")


def meant(word: object, known: Iterable[str], otherwise: str = "it can be") -> str:
    """Return which of the known words was probably meant, or all of them."""
    words = sorted(known)
    if isinstance(word, str) and len(word) <= 200:
        lower = {one.lower(): one for one in words}
        close = get_close_matches(word.lower(), list(lower), n=1, cutoff=0.6)
        if close:
            return f"did you mean {lower[close[0]]}?"
    if not words:
        return ""
    more = f" and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
    return f"{otherwise} {', '.join(words[:_LISTED])}{more}"


# ---------------------------------------------------------------------------------------------- models


def _members(model: type[BaseModel], path: Sequence[str | int]) -> Iterator[str]:
    """Yield the properties, as people write them, of the model at `path` inside `model`."""
    inner = _model_at(model, path)
    if inner is not None:
        yield from (info.alias or name for name, info in inner.model_fields.items())


def _reason_against(model: type[BaseModel], path: Sequence[str | int]) -> str:
    """Return why nobody may write a property that does exist, or nothing."""
    owner = _model_at(model, path[:-1])
    return owner.refused.get(str(path[-1]), "") if owner is not None and issubclass(owner, Strict) else ""


def _model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    inner: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, str) and inner is not None:
            info = next((one for name, one in inner.model_fields.items() if step in (name, one.alias)), None)
            inner = _model_in(info.annotation) if info else None
    return inner


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
