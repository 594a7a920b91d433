from __future__ import annotations

from reconciler.provisioning.parsing import parse
from reconciler.provisioning.sources import source_of


def test_parameters_bear_the_names_of_the_service() -> None:
    """The service was seen to call two arguments of Replace otherwise than its documentation does."""
    found = source_of(parse('Replace([mail], "a", , , "b", , )'))

    assert found is not None
    assert [one["key"] for one in found["parameters"]] == ["source", "Find", "Replacement"]


def test_no_expression_has_no_source() -> None:
    assert source_of(None) is None
