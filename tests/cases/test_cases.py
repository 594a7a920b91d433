"""Peculiar situations, one file each: what a case file expects is what comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from acting import case, cases, play, refused, shown

from reconciler.model import Standing


@pytest.mark.parametrize("path", cases(), ids=lambda path: path.stem)
def test_case_comes_out_as_expected(path: Path, tmp_path: Path) -> None:
    said = case(path)
    expected = said["expect"]
    if "refused" in expected:
        messages = refused(said, tmp_path / "tenants")
        assert len(messages) == len(expected["refused"]), messages
        assert all(text in message for text, message in zip(expected["refused"], messages, strict=True)), messages
        return

    played = play(said, tmp_path / "tenants")

    empty = {"exit": 0, "steps": [], "findings": [], "standing": {}, "notes": []}
    if said.get("apply"):
        empty |= {"outcomes": [], "ended": 0, "after": {}}
    assert shown(played, expected) == {**empty, **expected}
    if played.again is not None and not expected.get("ended"):
        settled = [tenant for tenant in played.again.tenants if tenant.standing is Standing.PLANNED]
        assert not [step for tenant in settled for step in tenant.steps]
