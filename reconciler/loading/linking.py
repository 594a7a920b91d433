"""Documents about synchronization → links that are asked for: names become tenants, topologies are laid out.

What is wrong with one link by itself, or with several together, is told here as well. Makes no resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import Problem
from reconciler.loading import topologies
from reconciler.loading.acknowledged import acknowledgements
from reconciler.loading.belonging import Tenants
from reconciler.loading.checking import across_clouds, by_itself
from reconciler.loading.link_shapes import Pairing, SyncAcceptance, SyncConfiguration, SyncLink, Topology
from reconciler.loading.organizations import ours, party, side_of
from reconciler.loading.pairing import together
from reconciler.loading.validating import Written
from reconciler.loading.wishes import Acceptance, Asked, Side, Wish

_NOT_OURS = "An organization that is not ours is the target of a SyncConfiguration, or the source of a SyncAcceptance"


def links(papers: Iterable[Written], tenants: Tenants) -> tuple[Asked, list[Problem]]:
    """Return the links and acceptances that the documents ask for, and what is wrong with them."""
    wishes: list[Wish] = []
    acceptances: list[Acceptance] = []
    problems: list[Problem] = []
    for one in (found for paper in papers for found in _asked(paper, tenants)):
        match one:
            case Wish():
                wishes.append(one)
            case Acceptance():
                acceptances.append(one)
            case Problem():
                problems.append(one)
    asked = Asked(tuple(wishes), tuple(acceptances))
    return asked, [*problems, *together(asked)]


def _asked(paper: Written, tenants: Tenants) -> Iterator[Wish | Acceptance | Problem]:
    match paper.model:
        case SyncLink() as said:
            yield from _link(paper, said, tenants)
        case SyncConfiguration() as said:
            yield from _configuration(paper, said, tenants)
        case SyncAcceptance() as said:
            yield from _acceptance(paper, said, tenants)
        case Topology() as said:
            yield from topologies.links(paper, said, tenants)
        case _:
            return


# ---------------------------------------------------------------------------------------------- one document


def _link(paper: Written, said: SyncLink, tenants: Tenants) -> Iterator[Wish | Problem]:
    source = ours(said.source, paper.page, ("source",), tenants, _NOT_OURS)
    target = ours(said.target, paper.page, ("target",), tenants, _NOT_OURS)
    if isinstance(source, Side) and isinstance(target, Side):
        yield from _checked(_wish(paper, said, source, target))
    else:
        yield from (one for one in (source, target) if isinstance(one, Problem))


def _configuration(paper: Written, said: SyncConfiguration, tenants: Tenants) -> Iterator[Wish | Problem]:
    home = tenants.sound.get(tenants.home(paper.folders))
    if home is not None:
        target, problems = party(paper, said.target, ("target",), home, tenants)
        yield from problems
        if target is not None:
            yield from _checked(_wish(paper, said, side_of(home, paper.key_origin(["name"])), target))


def _acceptance(paper: Written, said: SyncAcceptance, tenants: Tenants) -> Iterator[Acceptance | Problem]:
    home = tenants.sound.get(tenants.home(paper.folders))
    if home is None:
        return
    source, problems = party(paper, said.source, ("source",), home, tenants)
    yield from problems
    if source is not None:
        yield from across_clouds(source, side_of(home, source.origin))
        yes = acknowledgements(said.acknowledge, paper.place.inside(["acknowledge"]), paper.file)
        yield Acceptance(home, source, said, paper.page, paper.key_origin(["source"]), yes)


def _wish(paper: Written, said: Pairing, source: Side, target: Side) -> Wish:
    return Wish(
        name=said.name,
        shape=paper.shape.word,
        source=source,
        target=target,
        spec=said.spec if "spec" in said.model_fields_set else None,
        page=paper.page.inside(["spec"]),
        origin=paper.key_origin(["name"]),
        said=said,
        root=paper.page,
        home=paper.page,
        state=said.state,
        people=said.people,
        acknowledge=acknowledgements(said.acknowledge, paper.place.inside(["acknowledge"]), paper.file),
    )


def _checked(wish: Wish) -> Iterator[Wish | Problem]:
    yield wish
    yield from by_itself(wish)
