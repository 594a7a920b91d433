"""Attribute mappings as data: one a target attribute, the service's own set, and changes laid over it.

Not for computing values: `flowing` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reconciler.provisioning.errors import ExpressionError, MappingError, did_you_mean
from reconciler.provisioning.parsing import parse
from reconciler.provisioning.rendering import render
from reconciler.provisioning.trees import Attribute, Call, Node, Text

FlowType = Literal["Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"]
FlowBehavior = Literal["FlowWhenChanged", "FlowAlways"]
Type = Literal["Direct", "Constant", "Function", "None"]
Apply = Literal["always", "onCreate"]
# seen: in Microsoft's pages or captures; inferred: the likeliest filling of a gap in them.
Evidence = Literal["seen", "inferred"]

_APPLY: dict[Apply, FlowType] = {"always": "Always", "onCreate": "ObjectAddOnly"}


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """How one attribute of the target comes about; no source means: leave it, or fill it with the default.

    Unless it is `case_exact`, as the definition of the target attribute says, a change of case alone is none.
    """

    target: str
    source: Node | None
    default: str | None = None
    flow_type: FlowType = "Always"
    flow_behavior: FlowBehavior = "FlowWhenChanged"
    matching: int = 0
    case_exact: bool = True
    evidence: Evidence = "seen"

    @property
    def type(self) -> Type:
        """The service's word for the kind of source."""
        match self.source:
            case None:
                return "None"
            case Attribute():
                return "Direct"
            case Text():
                return "Constant"
            case _:
                return "Function"

    @property
    def expression(self) -> str:
        """The canonical text of the source; empty when there is none."""
        return "" if self.source is None else render(self.source)


@dataclass(frozen=True, slots=True)
class Delta:
    """What is said about one target attribute; what is None stays as the template has it.

    `value` replaces the source: an expression's text, or a constant.
    """

    expression: str | None = None
    constant: str | None = None
    apply: Apply | None = None
    default: str | None = None
    drop: bool = False


def lay(template: Iterable[AttributeMapping], deltas: Mapping[str, Delta]) -> tuple[AttributeMapping, ...]:
    """Return the template with changes laid over it: same order, new targets at the end, sorted.

    Raises:
        MappingError: for a change that contradicts itself, or that changes what the template does not have.
        ExpressionError: is told as MappingError, with its place.
    """
    known = {mapping.target: mapping for mapping in template}
    for target, delta in deltas.items():
        _check(target, delta, known)
    kept = [_changed(mapping, deltas.get(target, Delta())) for target, mapping in known.items()]
    added = [
        _changed(AttributeMapping(target, None), deltas[target]) for target in sorted(deltas.keys() - known.keys())
    ]
    return tuple(mapping for mapping in [*kept, *added] if mapping is not None)


def _check(target: str, delta: Delta, known: Mapping[str, AttributeMapping]) -> None:
    said = [name for name in ("expression", "constant") if getattr(delta, name) is not None]
    if delta.drop and (said or delta.apply or delta.default is not None):
        raise MappingError("a mapping that is dropped cannot say anything else", target, "remove drop, or the rest")
    if len(said) > 1:
        raise MappingError("expression and constant exclude each other", target, "keep one of them")
    if delta.apply is not None and delta.apply not in _APPLY:
        raise MappingError(f"apply is {delta.apply!r}", target, f"it is {' or '.join(_APPLY)}")
    mapping = known.get(target)
    if mapping is None and not said and delta.default is None:
        near = did_you_mean(target, known)
        raise MappingError("the template has no such mapping", target, near or "give it an expression or a constant")
    if mapping and mapping.matching and delta != Delta():
        raise MappingError("the service matches users by this mapping, and allows no other", target, "leave it out")


def _changed(mapping: AttributeMapping, delta: Delta) -> AttributeMapping | None:
    if delta.drop:
        return None
    if delta.expression is not None:
        try:
            mapping = replace(mapping, source=parse(delta.expression))
        except ExpressionError as error:
            raise MappingError(f"{error.at}: {error.message}", mapping.target, error.hint) from error
    if delta.constant is not None:
        mapping = replace(mapping, source=Text(delta.constant))
    if delta.apply is not None:
        mapping = replace(mapping, flow_type=_APPLY[delta.apply])
    return mapping if delta.default is None else replace(mapping, default=delta.default)


def _direct(*names: str, evidence: Evidence = "seen") -> tuple[AttributeMapping, ...]:
    return tuple(AttributeMapping(name, Attribute(name), evidence=evidence) for name in names)


# The service's own mappings of users, in the order of its portal.
DEFAULT_MAPPINGS: tuple[AttributeMapping, ...] = (
    AttributeMapping("alternativeSecurityIds", Call("AltSecIdFromNetId", (Attribute("netId"),)), matching=1),
    *_direct(
        "IsSoftDeleted", "accountEnabled", "streetAddress", "city", "state", "postalCode", "country", "department",
        "employeeId", "displayName", "givenName",
    ),
    *_direct("jobTitle", evidence="inferred"),
    *_direct("mailNickname"),
    *_direct("mobile", "physicalDeliveryOfficeName", evidence="inferred"),
    AttributeMapping("preferredLanguage", Attribute("preferredLanguage"), default="en-US", evidence="inferred"),
    *_direct("surname", "telephoneNumber", "userPrincipalName"),
    AttributeMapping("showInAddressList", Text("true")),
    *_direct("mail"),
    AttributeMapping("userType", Text("Member"), flow_type="ObjectAddOnly"),
    *_direct("manager"),
)  # fmt: skip
