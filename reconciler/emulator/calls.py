"""A request and its answer, free of HTTP's wrapping: what routes get and give, alone or inside a $batch."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from reconciler.emulator.refusals import bad_request

if TYPE_CHECKING:
    from reconciler.emulator.world import World

Json: TypeAlias = Any
Body: TypeAlias = Mapping[str, Json]

_DEEPEST = 200
"""Deep enough for the tree of any expression that people write; nothing else is nested a tenth as deep."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_QUESTIONS = ("/getByIds", "/microsoft.graph.getByIds")
"""What asks with a POST, because the question is long."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: an application with its roles, a person, or the service itself, whose cycles nobody asks for.

    A person in the portal has rights that are not judged. One who `lent` permissions to an application has no others,
    and of these no more than the `directory_roles` allow, which are ids of role templates.
    """

    kind: Literal["app", "user", "service"]
    id: str
    name: str = ""
    object_id: str = ""
    roles: frozenset[str] = frozenset()
    lent: bool = False
    directory_roles: frozenset[str] = frozenset()

    def may(self, permissions: tuple[str, ...]) -> bool:
        """Tell whether one of `permissions` is held; none named means that a token is enough."""
        if self.kind == "user" and not self.lent:
            return True
        return not permissions or bool(self.roles & set(permissions))


@dataclass(frozen=True, slots=True)
class Lag:
    """How far reads are behind: by time, or for so many reads after a write.

    `alternate` lets every second of those reads see the truth, as if two replicas took turns. `rule` and `born` name
    the fault rule that asks for it and the last journal entry that was there before the rule.
    """

    seconds: float = 0.0
    reads: int = 0
    view: Literal["item", "list", "both"] = "both"
    alternate: bool = False
    rule: str = ""
    born: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `path` begins with the version and has single slashes; header names are lower case.

    What arrives has no tenant and no principal: the sign-in decides. The portal of the control plane brings its own.
    `claims` are laid over those of the token that the request asks for, and `times` is how often it is carried out:
    both are other than usual only under a fault.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "https://graph.microsoft.com"
    request_id: str = ""
    client_request_id: str = ""
    port: int = 0
    tenant: str = ""
    principal: Principal | None = None
    lags: tuple[Lag, ...] = ()
    claims: Body = field(default_factory=dict)
    times: int = 1
    batched: bool = False

    @property
    def writes(self) -> bool:
        """Whether the request asks for a mutation; a batch asks only through its parts."""
        asks = self.method in SAFE_METHODS or self.path.endswith(_QUESTIONS)
        return not asks and self.is_graph and not self.is_batch

    @property
    def is_batch(self) -> bool:
        """Whether the request carries others."""
        return self.path in {"/v1.0/$batch", "/beta/$batch"}

    @property
    def line(self) -> str:
        """The path with its query, decoded: what a fault rule may match."""
        if not self.query:
            return self.path
        return f"{self.path}?{'&'.join(f'{name}={value}' for name, value in self.query.items())}"

    @property
    def version(self) -> str:
        """`v1.0` or `beta`; meaningless for what is not Graph."""
        return self.path.split("/", 2)[1]

    @property
    def is_graph(self) -> bool:
        """Whether the request is for Graph, as opposed to the sign-in service and its neighbours."""
        return self.path.startswith(("/v1.0/", "/beta/"))

    @property
    def token(self) -> str:
        """The bearer token, or nothing."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def json(self) -> Json:
        """Return the body as strict JSON.

        Raises:
            Refusal: 400, when the body is not JSON, is nested too deep, or holds what JSON does not know.
        """
        try:
            value = json.loads(
                self.body.decode("utf-8"),
                parse_constant=_no_constant,
                parse_float=_finite,
                object_pairs_hook=_no_twice,
            )
            return _shallow(value)
        except (ValueError, RecursionError) as error:
            raise bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and "
                "payload is of valid JSON format.",
                code="BadRequest",
            ) from error

    def object(self) -> dict[str, Json]:
        """Return the body as a JSON object.

        Raises:
            Refusal: 400, when it is anything else.
        """
        match self.json():
            case dict() as body:
                return body
            case _:
                raise bad_request("A JSON object was expected in the request payload.", code="BadRequest")


def _no_constant(text: str) -> Json:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _shallow(value: Json) -> Json:
    """Return `value`, unless it is nested so deep that others would stumble over it."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            item
            for outer in level
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return value
    raise ValueError("nested too deep")


def _no_twice(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a property is given twice")
    return body


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `raw` replaces the JSON body; `committed` are the journal entries the request made."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = ""
    committed: tuple[int, ...] = ()


class Wire(Protocol):
    """What lies between the app and a client and does to bytes what an app cannot: a TCP proxy.

    `port` is the client's port as the app sees it. A server sets `world.wire`; where nobody did, Dropped is raised
    to whoever called, and the in-process transport of a test makes an error of it.
    """

    def cut(self, port: int) -> None:
        """Reset the client's connection at once: whatever the app answers from now on reaches nobody."""
        ...

    def shape(self, port: int, how: Mapping[str, Json]) -> None:
        """Do something to the bytes of the next answer on this connection; called before the app sends them.

        `how` has one member: `truncate` (so many bytes, then the connection is reset), `drip` (`bytes` every
        `seconds`), or `hang` (true: so many bytes as make a beginning, then nothing more, the connection stays open).
        """
        ...


Handler: TypeAlias = "Callable[[World, Call, Mapping[str, str]], Answer]"
"""Answers one call; the mapping holds what the route's pattern caught."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path with `{names}` in it, what answers them, and the permissions of which one suffices.

    The path of a Graph route is below the version. `kind` is the kind of object that the route is about.
    """

    method: str
    path: str
    handler: Handler
    permissions: tuple[str, ...] = ()
    units: int = 1
    kind: str = ""
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = re.split(r"\{(\w+)\}", self.path)
        pattern = "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
        object.__setattr__(self, "pattern", re.compile(pattern))
