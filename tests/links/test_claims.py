"""Which configuration belongs to which link, where marks and targets do not say it."""

from __future__ import annotations

from reconciler.configurations import Configuration, claim
from reconciler.model import Ids, Link, Origin

HERE = Origin("tenants/shared/links/people.yaml", 1, 1)


def link(name: str, label: str = "People") -> Link:
    return Link(name, "contoso", "c", f"to-{name}", f"t-{name}", "SyncLink", HERE, label=label)


def made(number: int, name: str = "People", *, target: str | None = None, has_job: bool = False) -> Configuration:
    ids: Ids = {"servicePrincipal": f"sp-{number}", "appId": f"app-{number}"}
    return Configuration({"displayName": name, "notes": None}, ids, target, has_job)


def test_as_many_left_behind_as_links_of_that_name_are_shared_out() -> None:
    claims = claim([made(1), made(2)], [link("a"), link("b")])

    assert {name: one.ids["servicePrincipal"] for name, one in claims.claimed.items()} == {"a": "sp-1", "b": "sp-2"}


def test_one_left_behind_goes_to_one_of_two_links_of_that_name() -> None:
    assert set(claim([made(1)], [link("a"), link("b")]).claimed) == {"a"}


def test_more_left_behind_than_links_of_that_name_are_left_alone() -> None:
    claims = claim([made(1), made(2), made(3)], [link("a"), link("b")])

    assert set(claims.ambiguous) == {"a", "b"}
    assert not claims.claimed
    assert len(claims.unclaimed) == 3


def test_one_that_provisions_elsewhere_is_not_taken_for_its_name() -> None:
    assert not claim([made(1, target="elsewhere"), made(2, has_job=True)], [link("a")]).claimed
