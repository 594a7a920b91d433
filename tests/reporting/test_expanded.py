from datetime import date
from typing import Any

import pytest
from corpus import HOSTILE
from judges import acting, commands
from ruamel.yaml import YAML

from reconciler.kinds.blocks import everyone
from reconciler.loading.parsing import parse
from reconciler.model import Acknowledgement, Address, Body, Document, Estate, Lifecycle, Origin
from reconciler.reporting.expanded import expanded_text

FABRIKAM = "39429824-604b-49fc-a4b3-b89447a14fd9"
GROUP = "5b1d6d3a-55c7-4c5e-8f39-9c3a2f1b7e21"
YES = Acknowledgement(
    6, "reviewed", "ann", date(2027, 1, 31), Origin("tenants/contoso/a.yaml", 9, 5), "inboundTrust", None, {}
)
PARTNER = Document(
    Address("contoso", "partner", FABRIKAM),
    "Fabrikam, Inc.",
    Origin("tenants/contoso/a.yaml", 3, 1),
    {
        "b2bDirectConnectInbound": {
            "applications": {
                "accessType": "allowed",
                "targets": [{"target": "Office365", "targetType": "application"}],
            },
            "usersAndGroups": {"accessType": "allowed", "targets": [{"target": GROUP, "targetType": "group"}]},
        },
        "b2bCollaborationInbound": None,
    },
    origins={
        "b2bCollaborationInbound": Origin("tenants/contoso/a.yaml", 6, 3),
        "b2bDirectConnectInbound": Origin("tenants/shared/profiles/vendor.yaml", 5, 3),
    },
    names={GROUP: "Engineering"},
    domain="fabrikam.example",
    owner="ann",
    review_by=date(2027, 3, 31),
    lifecycle=Lifecycle(prevent_destroy=True),
    acknowledge=(YES,),
)
DEFAULT = Document(Address("contoso", "default"), "", Origin("tenants/contoso/default.yaml", 1, 1), {})
GONE = Document(
    Address("adatum", "partner", FABRIKAM), "Fabrikam", Origin("tenants/adatum/a.yaml", 3, 1), {}, absent=True
)

EXPECTED = f"""\
---
# adatum/partner/{FABRIKAM}
# from tenants/adatum/a.yaml:3:1
tenant: adatum
kind: partner
key: "{FABRIKAM}"
label: Fabrikam
state: absent
spec: {{}}
---
# contoso/default
# from tenants/contoso/default.yaml:1:1
tenant: contoso
kind: default
state: present
spec: {{}}
---
# contoso/partner/{FABRIKAM}
# from tenants/contoso/a.yaml:3:1
tenant: contoso
kind: partner
key: "{FABRIKAM}"
label: "Fabrikam, Inc."
domain: fabrikam.example
state: present
owner: ann
reviewBy: "2027-03-31"
lifecycle:
  preventDestroy: true
  ignore: []
acknowledge:
  # from tenants/contoso/a.yaml:9:5
  - rule: 6
    change:
      property: inboundTrust
      from: null
      to: {{}}
    reason: reviewed
    owner: ann
    expires: "2027-01-31"
spec:
  # from tenants/contoso/a.yaml:6:3
  b2bCollaborationInbound: null
  # from tenants/shared/profiles/vendor.yaml:5:3
  b2bDirectConnectInbound:
    applications:
      accessType: allowed
      targets:
        - target: Office365
          targetType: application
    usersAndGroups:
      accessType: allowed
      targets:
        - target: "{GROUP}"  # Engineering
          targetType: group
"""


def expanded(*documents: Document) -> str:
    return expanded_text(Estate({}, {one.address: one for one in documents}))


def read(text: str) -> list[Any]:
    """Return the documents as another parser sees them."""
    return list(YAML(typ="safe").load_all(text))


def said(body: Body) -> Document:
    return Document(Address("contoso", "partner", FABRIKAM), "", Origin("a.yaml", 1, 1), body)


def test_every_line_says_where_it_is_from() -> None:
    assert expanded(PARTNER, DEFAULT, GONE) == EXPECTED


def test_order_of_documents_does_not_matter() -> None:
    assert expanded(GONE, PARTNER, DEFAULT) == expanded(DEFAULT, GONE, PARTNER)


def test_nothing_is_said_in_words() -> None:
    assert expanded() == "# No file speaks of any resource.\n"


def test_our_own_parser_reads_it() -> None:
    for text in EXPECTED.split("---\n")[1:]:
        assert not parse(text.encode(), "a.yaml").problems


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        2.5,
        "",
        "yes",
        "Null",
        "0x1F",
        "1e9",
        "2027-03-31",
        "a: b",
        "- a",
        "#",
        "Zoë 東京",
        [],
        {},
        [[1], [{}]],
    ],
    ids=repr,
)
def test_values_are_read_as_they_are(value: object) -> None:
    body = {"b2bCollaborationInbound": everyone("allowed"), "odd": value, "list": [value, {"a": value, "b": [value]}]}

    [document] = read(expanded(said(body)))

    assert document["spec"] == body
    assert parse(expanded(said(body)).encode(), "a.yaml").value is not None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_inert(name: str) -> None:
    text = HOSTILE[name]
    here = Origin(f"tenants/{text}.yaml", 1, 1)
    yes = Acknowledgement(6, text, text, date(2027, 1, 31), here, text, text, {text: [text]})
    document = Document(
        Address("contoso", "partner", text),
        text,
        here,
        {text: text, "b": [text, {"target": GROUP}]},
        origins={text: here},
        names={GROUP: text, text: text},
        owner=text,
        purpose=text,
        ticket=text,
        acknowledge=(yes,),
    )

    result = expanded(document)

    assert not acting(result)
    assert not commands(result)
    # YAML has no way to write half a surrogate pair.
    if text.isascii() or name != "lone-surrogate":
        [back] = read(result)
        assert (back["key"], back["owner"], back["spec"]["b"][0]) == (text, text, text)
