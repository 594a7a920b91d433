"""Links as somebody asks for them, wherever it is written: one form for several kinds of document. Values only.

Not for what a link needs in its two tenants: `implying` says that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.loading.link_shapes import People, PrincipalShape, Removable, State, SyncAcceptance, SyncSpec
from reconciler.loading.scalars import Page
from reconciler.model import Acknowledgement, Origin, Tenant


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a link, and where it is named. Without a `tenant` it is an organization that is not ours."""

    name: str
    tenant_id: str
    label: str
    domain: str
    origin: Origin
    tenant: Tenant | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A link that is asked for.

    `spec` is None where an absent link says nothing; `page` is where its settings stand. `said` is the whole document,
    `root` where it stands, `home` where it, or the pair of a topology that is otherwise, says `state` and `people`.
    """

    name: str
    shape: str
    source: Side
    target: Side
    spec: SyncSpec | None
    page: Page
    origin: Origin
    said: Removable
    root: Page
    home: Page
    state: State = "present"
    people: People | None = None
    acknowledge: tuple[Acknowledgement, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether it is to be removed."""
        return self.state == "absent"

    @property
    def pair(self) -> tuple[str, str]:
        """The tenant ids of both ends."""
        return self.source.tenant_id, self.target.tenant_id

    @property
    def label(self) -> str:
        """What the portal shows."""
        own = self.spec.displayName if self.spec else ""
        return own or f"{self.source.label} to {self.target.label}"

    def line(self, *path: str | int) -> Origin:
        """Return the line of a setting, or the link's own where the setting is left out."""
        place = self.page.place
        for step in path:
            match place.parts, step:
                case Mapping() as parts, str() if step in parts:
                    place = parts[step]
                case tuple() as items, int() if step < len(items):
                    place = items[step]
                case _:
                    return self.origin
        return place.key_origin(self.page.file)

    def principals(self) -> list[tuple[str, int, PrincipalShape]]:
        """Return who is assigned, each with the list it stands in, and its number there."""
        if self.spec is None or not self.spec.scope.says_who:
            return []
        assigned = self.spec.scope.assigned
        lists = {"groups": assigned.groups, "users": assigned.users}
        return [(word, index, shape) for word, shapes in lists.items() for index, shape in enumerate(shapes)]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A tenant that lets another one in: every link from there, or the one that is named."""

    home: Tenant
    source: Side
    said: SyncAcceptance
    page: Page
    origin: Origin
    acknowledge: tuple[Acknowledgement, ...] = ()

    def meets(self, wish: Wish) -> bool:
        """Whether that link is meant."""
        return wish.pair == (self.source.tenant_id, self.home.tenant_id) and self.said.link in ("", wish.name)


@dataclass(frozen=True, slots=True)
class Asked:
    """All links and acceptances that the documents ask for, in the order of their files."""

    wishes: tuple[Wish, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
