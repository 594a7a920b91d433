from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest

from reconciler.errors import ReconcilerError
from reconciler.kinds import REGISTRY
from reconciler.loading import Mention, outline
from reconciler.loading.amending import amend

TENANTS = Path(__file__).resolve().parents[2] / "tenants"
MENTIONS = outline(TENANTS, REGISTRY).mentions
ID = "3f1e0000-0000-4000-8000-00000000000a"
HEAD = "apiVersion: crosstenant/v1\nkind: Partner\n"


def without(text: str, name: str, value: str) -> str:
    """Return the text of a file without one property."""
    return re.sub(rf"(^{name}: {value}\n|,\s+{name}: {value})", "", text, count=1, flags=re.MULTILINE)


def lines(before: str, after: str) -> list[str]:
    """Return the lines that differ."""
    changes = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in list(changes)[2:] if not line.startswith("@@")]


def test_company_has_organizations_in_both_forms() -> None:
    assert {bool(mention.path) for mention in MENTIONS} == {True, False}


@pytest.mark.parametrize("mention", MENTIONS, ids=lambda mention: mention.name)
def test_id_that_was_taken_out_comes_back_to_its_place(mention: Mention) -> None:
    text = (TENANTS.parent / mention.file).read_text(encoding="utf-8")
    bare = without(text, "tenantId", mention.tenant_id)
    assert bare != text

    assert amend(bare, mention.file, {mention.path: {"tenantId": mention.tenant_id}}) == text


@pytest.mark.parametrize("mention", MENTIONS, ids=lambda mention: mention.name)
def test_domain_that_was_taken_out_comes_back_in_one_line(mention: Mention) -> None:
    text = (TENANTS.parent / mention.file).read_text(encoding="utf-8")
    bare = without(text, "domain", mention.domain)
    added = amend(bare, mention.file, {mention.path: {"domain": mention.domain}})

    assert len(lines(bare, added)) == (2 if mention.path else 1)
    assert f"domain: {mention.domain}" in added


def test_all_ids_of_a_set_come_back_at_once() -> None:
    file = "tenants/contoso/partners.yaml"
    rows = [mention for mention in MENTIONS if mention.file == file]
    text = (TENANTS.parent / file).read_text(encoding="utf-8")
    bare = text
    for row in rows:
        bare = without(bare, "tenantId", row.tenant_id)

    assert amend(bare, file, {row.path: {"tenantId": row.tenant_id} for row in rows}) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: a  # who\ndomain: a.example\n", f"name: a  # who\ntenantId: {ID}\ndomain: a.example\n"),
        ("domain: a.example\nname: 'a'", f"domain: a.example\nname: 'a'\ntenantId: {ID}"),
        ("name:\n  a\nspec: {}\n", f"name:\n  a\ntenantId: {ID}\nspec: {{}}\n"),
        ("name: a\r\ndomain: a.example\r\n", f"name: a\r\ntenantId: {ID}\r\ndomain: a.example\r\n"),
        ('name: "a"\ntenantId: "0"  # old\n', f'name: "a"\ntenantId: {ID}  # old\n'),
    ],
)
def test_everything_else_stays_byte_for_byte(before: str, after: str) -> None:
    assert amend(HEAD + before, "file", {(): {"tenantId": ID}}) == HEAD + after


def test_form_that_nobody_writes_is_refused() -> None:
    with pytest.raises(ReconcilerError, match="write them there yourself"):
        amend(f"{HEAD}? name\n: a\n", "file", {(): {"tenantId": ID}})


@pytest.mark.parametrize(
    ("row", "amended"),
    [
        ("{name: a, domain: a.example}", "{name: a, tenantId: ID, domain: a.example}"),
        ("{ 'name' : 'a' , domain: a.example }", "{ 'name' : 'a', tenantId: ID , domain: a.example }"),
        ("{domain: a.example, name: a}", "{domain: a.example, name: a, tenantId: ID}"),
        ("name: a\n    domain: a.example", "name: a\n    tenantId: ID\n    domain: a.example"),
        ("domain: a.example\n    name: a", "domain: a.example\n    name: a\n    tenantId: ID"),
    ],
)
def test_rows_keep_their_form(row: str, amended: str) -> None:
    text = f"apiVersion: crosstenant/v1\nkind: PartnerSet\npartners:\n  # one\n  - {row}\n  # end\n"

    assert amend(text, "file", {("partners", 0): {"tenantId": ID}}) == text.replace(row, amended.replace("ID", ID))
