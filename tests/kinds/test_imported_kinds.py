"""Import knows no kind: whatever an object is about, it is written down so that a plan has nothing to do."""

from __future__ import annotations

from pathlib import Path

import arriving
import pytest
from specimen import Specimen, Subject
from test_conformance import EXAMPLES, named

from reconciler.loading import load
from reconciler.model import Body


@pytest.mark.parametrize(("subject", "example"), EXAMPLES, ids=named)
def test_what_is_there_is_written_down(subject: Subject, example: Body, tmp_path: Path) -> None:
    specimen = Specimen(subject, tmp_path / "documents")
    specimen.apply(specimen.document(example))
    folder = tmp_path / "tenants"
    arriving.adopt(specimen.world, folder, kinds=subject.kinds)
    stock, beta = dict(subject.kind.canonical(subject.kind.stock)), subject.kind.beta

    [tenant] = arriving.plan(specimen.world, folder, subject.kinds).tenants
    assert not tenant.steps
    assert not [finding for finding in tenant.findings if "no file speaks of" in finding.message]
    assert (specimen.address() in load(folder, subject.kinds).documents) == (
        subject.comes_and_goes or {**specimen.shows(), **dict.fromkeys(beta)} != {**stock, **dict.fromkeys(beta)}
    )
