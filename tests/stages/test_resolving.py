from dataclasses import replace

import pytest
from estates import (
    CLOSED,
    COLLABORATION,
    CONTOSO,
    DEFAULT,
    DIRECT,
    OPEN,
    TRUST,
    default,
    group,
    key,
    partner,
    partner_at,
    says,
    trust,
)

from reconciler.kinds import REGISTRY
from reconciler.model import Document, Json, Lifecycle, State, Tenant, Undeclared
from reconciler.resolving import overlay, resolve

ONE = partner_at(1)
DELETING = replace(CONTOSO, undeclared=Undeclared.DELETE)


def resolved(live: State, *documents: Document, tenant: Tenant = CONTOSO) -> State:
    return resolve(tenant, documents, live, REGISTRY)


def test_value_is_laid_over_what_is_there() -> None:
    live = {**default(), **partner(1, **{COLLABORATION: OPEN, DIRECT: OPEN})}

    body = resolved(live, says(ONE, {COLLABORATION: CLOSED}))[ONE].body

    assert (body[COLLABORATION], body[DIRECT]) == (CLOSED, OPEN)


def test_null_gives_the_block_back() -> None:
    live = partner(1, **{COLLABORATION: OPEN, TRUST: trust(True)})

    body = resolved(live, says(ONE, {COLLABORATION: None, TRUST: None}))[ONE].body

    assert (body[COLLABORATION], body[TRUST]) == (None, None)


def test_unsaid_leaf_stays_as_it_is() -> None:
    live = partner(1, **{TRUST: trust(mfa=False, compliant=True)})

    body = resolved(live, says(ONE, {TRUST: {"isMfaAccepted": True}}))[ONE].body

    assert body[TRUST] == trust(mfa=True, compliant=True)


def test_null_leaf_gives_back_that_leaf_alone() -> None:
    live = partner(1, **{TRUST: trust(mfa=True, compliant=True)})

    body = resolved(live, says(ONE, {TRUST: {"isMfaAccepted": None}}))[ONE].body

    assert body[TRUST] == trust(compliant=True)


def test_block_without_a_word_left_is_none() -> None:
    live = partner(1, **{TRUST: trust(mfa=True)})

    body = resolved(live, says(ONE, {TRUST: {"isMfaAccepted": None}}))[ONE].body

    assert body[TRUST] is None


def test_said_setting_replaces_targets_whole() -> None:
    live = partner(1, **{COLLABORATION: group(1)})

    assert resolved(live, says(ONE, {COLLABORATION: group(2)}))[ONE].body[COLLABORATION] == group(2)


def test_new_object_inherits_what_is_unsaid() -> None:
    body = resolved(default(), says(ONE, {COLLABORATION: OPEN}))[ONE].body

    assert body == {**dict.fromkeys(REGISTRY["partner"].blocks), COLLABORATION: OPEN}


def test_absent_object_goes() -> None:
    assert ONE not in resolved(partner(1), says(ONE, absent=True))


def test_absent_object_that_is_not_there_stays_away() -> None:
    assert resolved({}, says(ONE, absent=True)) == {}


@pytest.mark.parametrize("undeclared", [Undeclared.REPORT, Undeclared.IGNORE])
def test_undeclared_object_stays(undeclared: Undeclared) -> None:
    live = partner(1, **{TRUST: trust(True)})

    assert resolved(live, tenant=replace(CONTOSO, undeclared=undeclared)) == live


def test_undeclared_object_goes_where_the_tenant_says_so() -> None:
    live = {**default(), **partner(1), **partner(2)}

    assert resolved(live, says(partner_at(2)), tenant=DELETING).keys() == {DEFAULT, partner_at(2)}


@pytest.mark.parametrize("fact", ["isServiceProvider", "isInMultiTenantOrganization"])
def test_protected_object_never_goes_for_being_undeclared(fact: str) -> None:
    live = partner(1, {fact: True})

    assert resolved(live, tenant=DELETING) == live


@pytest.mark.parametrize("value", [False, None])
def test_fact_that_is_not_true_protects_nothing(value: Json) -> None:
    live = partner(1, {"isServiceProvider": value, "isInMultiTenantOrganization": value})

    assert resolved(live, tenant=DELETING) == {}


def test_default_never_goes_for_being_undeclared() -> None:
    assert resolved(default(), tenant=DELETING) == default()


def test_ignored_block_stays_whatever_git_says() -> None:
    live = partner(1, **{COLLABORATION: OPEN})
    document = says(ONE, {COLLABORATION: CLOSED, TRUST: trust(True)}, lifecycle=Lifecycle(ignore=(COLLABORATION,)))

    body = resolved(live, document)[ONE].body

    assert (body[COLLABORATION], body[TRUST]) == (OPEN, trust(True))


def test_new_object_does_not_get_an_ignored_block() -> None:
    document = says(ONE, {COLLABORATION: CLOSED}, lifecycle=Lifecycle(ignore=(COLLABORATION,)))

    assert resolved({}, document)[ONE].body[COLLABORATION] is None


def test_facts_outlive_the_documents() -> None:
    live = partner(1, {"isInMultiTenantOrganization": True})

    assert resolved(live, says(ONE, {TRUST: None}))[ONE].facts == {"isInMultiTenantOrganization": True}


def test_order_of_documents_does_not_show() -> None:
    live = {**default(), **partner(3), **partner(1)}
    documents = [says(partner_at(at), {TRUST: trust(True)}) for at in (2, 1)]

    forth, back = resolved(live, *documents), resolved(dict(reversed(live.items())), *reversed(documents))

    assert list(forth.items()) == list(back.items())


def test_overlay_leaves_both_sides_alone() -> None:
    live, said = {TRUST: {"isMfaAccepted": True}}, {TRUST: {"isMfaAccepted": False}, "other": None}

    assert overlay(live, said) == {TRUST: {"isMfaAccepted": False}, "other": None}
    assert live == {TRUST: {"isMfaAccepted": True}}


def test_overlay_sets_a_block_where_nothing_is() -> None:
    assert overlay({TRUST: None}, {TRUST: {"isMfaAccepted": True}}) == {TRUST: {"isMfaAccepted": True}}


def test_key_of_a_crowd_is_a_tenant_id() -> None:
    assert key(255) == "000000ff-0000-4000-8000-000000000000"
