"""Settings that a link leaves to others."""

from __future__ import annotations

import json
from pathlib import Path

from spine import BRAKE, brief, configuration, documents, link, scene, seed, users_of

IGNORED = ["accidentalDeletion", "displayName", "enabled", "filters", "mappings", "notifications"]


def test_what_a_link_leaves_to_others_stays_as_they_have_it(tmp_path: Path) -> None:
    brake = {**BRAKE, "DeleteThresholdValue": 7, "Enabled": True, "Recipients": "ann@contoso.example"}
    there = configuration(settings={"SyncNotificationSettings": json.dumps(brake)}, displayName="Of others")
    said = documents(link(lifecycle={"ignore": IGNORED}))
    one = scene(tmp_path, seed({"link": there}), said)
    one.put_schema(lambda schema: users_of(schema)["attributeMappings"].pop())
    one.portal("POST", f"{one.under()}/jobs/{one.job()['id']}/pause")

    assert brief(one.plan()) == []


def test_new_link_begins_with_what_its_file_says(tmp_path: Path) -> None:
    said = documents(link(lifecycle={"ignore": IGNORED}, spec={"mappings": {"mobile": {"drop": True}}}))
    one = scene(tmp_path, seed(), said)
    shown = brief(plan := one.plan())
    report = one.apply(plan)

    assert report.exit_code == 0
    assert brief(one.plan()) == []
    assert "create contoso/configuration/contoso-to-fabrikam displayName" in shown
