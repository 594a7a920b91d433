from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import emulated
import jsonschema
import pytest
from arriving import BLOCKED, MFA, adopt, key, known, organizations, world

from reconciler import reconciling
from reconciler.emulator.world import World
from reconciler.kinds import REGISTRY
from reconciler.loading import load
from reconciler.model import Coverage, Json, KindCoverage, Share
from reconciler.reporting import render_coverage

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "report-coverage.schema.json"
HEAD = {"apiVersion": "crosstenant/v1"}


def write(folder: Path, name: str, said: dict[str, Json]) -> None:
    (folder / name).write_text(json.dumps({**HEAD, **said}))


def covered(there: World, folder: Path) -> Coverage:
    """Return the numbers of contoso."""
    estate = load(folder, REGISTRY)
    tenants = {name: known(there, tenant) for name, tenant in estate.tenants.items()}
    desired = reconciling.Desired(replace(estate, tenants=tenants), REGISTRY, "", there.clock.now().date())
    [found] = asyncio.run(reconciling.coverage(desired, emulated.network(there).reader))
    return found


def shares(found: Coverage, kind: str) -> tuple[Share, Share]:
    """Return the numbers of objects and blocks of one kind."""
    [one] = [entry for entry in found.kinds if entry.kind == kind]
    return one.objects, one.blocks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    adopt(world(), tmp_path / "tenants")
    return tmp_path / "tenants"


OTHERS = organizations("Fourth Coffee", "Relecloud")
LIVE = world(
    {"tenantId": key(1), "inboundTrust": MFA, "b2bDirectConnectInbound": BLOCKED},
    {"tenantId": key(2), "inboundTrust": MFA},
    default={"inboundTrust": MFA},
    others=OTHERS,
)


def partner(**said: Json) -> dict[str, Json]:
    return {"kind": "Partner", "name": "coffee", "tenantId": key(1), "domain": "other1.example", **said}


def test_nothing_said_is_all_undeclared(folder: Path) -> None:
    found = covered(LIVE, folder)

    assert shares(found, "partner") == (Share(undeclared=2), Share(undeclared=3))
    assert shares(found, "default") == (Share(), Share(undeclared=1))


def test_said_blocks_are_managed(folder: Path) -> None:
    write(folder, "contoso/coffee.yaml", partner(spec={"inboundTrust": MFA}))

    assert shares(covered(LIVE, folder), "partner") == (Share(managed=1, undeclared=1), Share(1, 2))


def test_half_said_block_is_undeclared(folder: Path) -> None:
    write(folder, "contoso/coffee.yaml", partner(spec={"inboundTrust": {"isMfaAccepted": True}}))

    assert shares(covered(LIVE, folder), "partner")[1] == Share(managed=0, undeclared=3)


def test_ignored_block_is_ignored(folder: Path) -> None:
    write(folder, "contoso/coffee.yaml", partner(spec={}, lifecycle={"ignore": ["inboundTrust"]}))

    assert shares(covered(LIVE, folder), "partner")[1] == Share(undeclared=2, ignored=1)


def test_absent_object_is_managed_whole(folder: Path) -> None:
    write(folder, "contoso/coffee.yaml", partner(state="absent"))

    assert shares(covered(LIVE, folder), "partner") == (Share(managed=1, undeclared=1), Share(managed=2, undeclared=1))


def test_tenant_that_ignores_counts_as_ignored(folder: Path) -> None:
    path = folder / "contoso/tenant.yaml"
    path.write_text(path.read_text() + "undeclared: ignore\n")

    assert shares(covered(LIVE, folder), "partner") == (Share(ignored=2), Share(ignored=3))


def test_import_covers_everything(folder: Path) -> None:
    adopt(LIVE, folder)
    found = covered(LIVE, folder)

    assert [share.undeclared for kind in found.kinds for share in (kind.objects, kind.blocks)] == [0] * 2 * len(
        REGISTRY
    )


UNREAD = Coverage("fabrikam", "Fabrikam", reason="fabrikam: no answer | ::error::", exit_code=9)
SHOWN = Coverage("contoso", "Contoso", (KindCoverage("partner", Share(3, 2, 1), Share(9, 4, 0), ("newThing",)),))


def test_table_shows_objects_and_blocks() -> None:
    text = render_coverage([SHOWN, UNREAD])

    assert "contoso   partner  objects        3           2        1\n" in text
    assert "contoso   partner  blocks         9           4        0\n" in text


def test_unread_tenant_has_no_numbers() -> None:
    text = render_coverage([SHOWN, UNREAD])

    assert "fabrikam           unknown\n" in text
    assert "fabrikam is unknown: fabrikam: no answer | ::error::\n" in text


def test_unknown_properties_are_named() -> None:
    assert "properties of partner that this version does not know: newThing" in render_coverage([SHOWN])


def test_markdown_keeps_hostile_words_in_their_cell() -> None:
    text = render_coverage([SHOWN, UNREAD], "markdown")

    assert "| contoso | partner | objects | 3 | 2 | 1 |\n" in text
    assert "no answer | " not in text


def test_json_fits_its_schema() -> None:
    document = json.loads(render_coverage([SHOWN, UNREAD], "json"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["tenants"][1] == {
        "tenant": "fabrikam",
        "displayName": "Fabrikam",
        "known": False,
        "reason": "fabrikam: no answer | ::error::",
        "kinds": [],
        "multitenant": [],
    }
