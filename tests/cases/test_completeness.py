"""Every block is shown set, changed, given back and left alone by a case file that a reviewer can read."""

from __future__ import annotations

import pytest
from acting import FOLDER, case, cases
from transitions import Shown, possible, shown

from reconciler.kinds import REGISTRY

# What no yes can allow, and the case that shows it refused.
REFUSED = {Shown("default", "inboundTrust", "set"): "rule-06-trust-by-default.yaml"}
FOUND = {one for path in cases() for one in shown(case(path))}


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_block_of_a_kind_is_shown_in_every_transition(kind: str) -> None:
    missing = sorted(set(possible(REGISTRY[kind])) - FOUND - REFUSED.keys())

    assert not missing, "\n".join(f"no case file shows {one.block} of {one.kind} {one.transition}" for one in missing)


@pytest.mark.parametrize("one", REFUSED, ids=lambda one: f"{one.kind}-{one.block}")
def test_what_no_yes_allows_is_shown_refused(one: Shown) -> None:
    findings = case(FOLDER / REFUSED[one])["expect"]["findings"]

    assert any(line.startswith("error") and f" {one.block}" in line for line in findings)
    assert one not in FOUND


def test_what_is_possible_follows_from_the_kind() -> None:
    some = set(possible(REGISTRY["default"])) | set(possible(REGISTRY["identity-synchronization"]))

    assert Shown("default", "inboundTrust", "given back") in some
    assert Shown("default", "blockServiceProviderOutboundAccess", "changed") not in some
    assert Shown("identity-synchronization", "groupSyncInbound", "given back") not in some
