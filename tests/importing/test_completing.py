from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import emulated
import pytest
from arriving import CONTOSO, adopt, key, known, organizations, world

from reconciler.completing import Completion, complete, is_bare, is_half
from reconciler.emulator.world import World
from reconciler.errors import Unavailable
from reconciler.kinds import REGISTRY
from reconciler.loading import outline
from reconciler.model import FILL_IN_DOMAIN, Json

THERE = world(others=organizations("Fourth Coffee", "xoxb-abcdefghij"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    adopt(world(), tmp_path / "tenants")
    return tmp_path / "tenants"


def found(folder: Path, said: Mapping[str, Json], there: World = THERE) -> list[Completion]:
    """Return what is found for a partner of which a file says this much."""
    document = {"apiVersion": "crosstenant/v1", "kind": "Partner", "name": "coffee", **said, "spec": {}}
    (folder / "contoso/coffee.yaml").write_text(json.dumps(document))
    known_ = outline(folder, REGISTRY)
    tenants = {name: known(there, tenant) for name, tenant in known_.tenants.items()}
    return asyncio.run(complete(known_.mentions, tenants, emulated.network(there).reader))


@pytest.mark.parametrize(
    ("said", "added"),
    [
        ({"domain": "other1.example"}, {"tenantId": key(1)}),
        ({"tenantId": key(1)}, {"domain": "other1.example"}),
        ({"tenantId": key(1), "domain": FILL_IN_DOMAIN}, {"domain": "other1.example"}),
    ],
)
def test_missing_half_is_looked_up(said: dict[str, Json], added: dict[str, str], folder: Path) -> None:
    [one] = found(folder, said)

    assert (one.said, one.problem) == (added, "")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"domain": "nobody.example"}, "the directory knows no tenant with this domain"),
        ({"tenantId": key(99)}, "the directory knows no tenant with this id (any more)"),
        ({"domain": "contoso.example"}, "this is a domain of contoso itself, which is no partner of its own"),
    ],
)
def test_what_the_directory_does_not_say_stays_open(said: dict[str, Json], problem: str, folder: Path) -> None:
    [one] = found(folder, said)

    assert (one.said, one.problem) == ({}, problem)


def test_whole_mention_is_not_looked_up(folder: Path) -> None:
    assert not found(folder, {"tenantId": key(1), "domain": "other1.example"})


def test_name_alone_says_nothing(folder: Path) -> None:
    assert not found(folder, {})
    [mention] = outline(folder, REGISTRY).mentions
    assert is_bare(mention)
    assert not is_half(mention)


def test_nobody_is_asked_where_nobody_signs_in(folder: Path) -> None:
    path = folder / "contoso/tenant.yaml"
    path.write_text(path.read_text().replace("observe\n", "elsewhere\n"))
    [one] = found(folder, {"domain": "other1.example"})

    assert one.problem == "nobody here signs in to contoso, to ask there"


@pytest.mark.parametrize("action", [{"status": 503}, {"garbage": "empty"}])
def test_no_answer_is_no_unknown_domain(action: dict[str, Json], folder: Path) -> None:
    there = World.from_seed(
        {
            "tenants": {"contoso": {"tenantId": CONTOSO, "displayName": "Contoso", "domain": "contoso.example"}},
            "faults": [{"match": {"path": "*findTenantInformation*"}, "action": action}],
        }
    )

    with pytest.raises(Unavailable):
        found(folder, {"domain": "other1.example"}, there)
