import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from folders import COMPANY, lay, partner, versioned
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from reconciler.errors import DocumentErrors
from reconciler.kinds import REGISTRY
from reconciler.kinds.blocks import everyone
from reconciler.loading import load
from reconciler.loading.parsing import Parsed, Place, parse

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("wrong_inputs.yaml"))
TEXTS = sorted(
    {
        versioned(text).encode()
        for text in (
            *COMPANY.values(),
            *(content for case in CASES for content in case["files"].values()),
            partner({"b2bCollaborationInbound": everyone("allowed"), "inboundTrust": {"isMfaAccepted": True}}),
        )
    }
)
# What means something to YAML, to us, or to a terminal.
TOKENS = [
    *(b"&a *a ! !!str <<: ? - | > |2- >+ % @ ` # --- ... {} [] { } [ ] , : :: ' \" \\ \\x1b \\u202e ~".split()),
    *(b"0x1F 1e999 .nan 010 1_0 99999999999999999999 2027-02-30 name: kind: spec: partners: profile: rule:".split()),
    *(
        b" ",
        b"\n",
        b"\r",
        b"\t",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
        b"\n\n",
    ),
    *(b"[" * 40, b"{a: " * 40, b"- " * 40),
]


def mutated(dice: random.Random) -> bytes:
    """Return a document after a few accidents."""
    data = bytearray(dice.choice(TEXTS))
    for _ in range(dice.randint(1, 6)):
        at, until = sorted(dice.randint(0, len(data)) for _ in range(2))
        match dice.randrange(5):
            case 0:
                data[at:at] = dice.choice(TOKENS)
            case 1:
                del data[at : min(until, at + 20)]
            case 2:
                data[at:at] = data[at : min(until, at + 200)]
            case 3:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case _:
                other = dice.choice(TEXTS)
                data[at:until] = other[dice.randint(0, len(other)) :][:200]
    return bytes(data)


@pytest.mark.parametrize("round_", range(8))
def test_mutated_files_are_told_or_loaded(round_: int, dice: random.Random, tmp_path: Path) -> None:
    """Five hundred files a round, in estates of twenty; nothing but our own errors ever comes out."""
    for estate in range(25):
        places = ["contoso/{}.yaml", "fabrikam/{}.yaml", "shared/{}.yaml", "contoso/tenant.yaml"]
        files = {places[number % 3].format(number): mutated(dice) for number in range(20)}
        if estate > 20:
            files[places[3]] = mutated(dice)
        root = tmp_path / f"{round_}-{estate}"
        root.mkdir()
        check(lay(root, files))


def check(folder: Path) -> None:
    try:
        load(folder, REGISTRY)
    except DocumentErrors as error:
        told = str(error)
    else:
        return
    assert told.replace("\n", "").isprintable()
    assert all(re.match(r"tenants(/[^:]+)?:\d+:\d+: \S", line) for line in told.split("\n"))


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_told(data: bytes) -> None:
    check_places(parse(data, "a.yaml"), data)


@given(st.text(alphabet=st.sampled_from("ab:- \n{}[],'\"#&*!?|>%~0.1\\<\t"), max_size=60))
def test_any_punctuation_is_parsed_or_told(text: str) -> None:
    check_places(parse(text.encode(), "a.yaml"), text.encode())


def check_places(parsed: Parsed, data: bytes) -> None:
    lines = data.decode(errors="replace").replace("\r\n", "\n").split("\n")

    assert (parsed.value is not None) or parsed.problems
    for origin in [problem.origin for problem in parsed.problems] + [
        place.origin("a.yaml") for place in places(parsed.place)
    ]:
        assert 1 <= origin.line <= len(lines) + 1
        assert origin.column >= 1


def places(place: Place) -> list[Place]:
    inner = place.parts if isinstance(place.parts, tuple) else tuple(place.parts.values())
    return [place, *(below for one in inner for below in places(one))]


# ---------------------------------------------------------------------------------------------- somebody else's parser


class Undated(SafeConstructor):
    """What builds values, without a type for dates."""


Undated.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


@pytest.mark.parametrize("round_", range(4))
def test_what_we_accept_means_the_same_to_others(round_: int, dice: random.Random) -> None:
    """What our parser takes, ruamel's own loader reads as the same values, once dates are text to it."""
    others = YAML(typ="safe")
    others.Constructor = Undated
    accepted = [data for data in (mutated(dice) for _ in range(200 + round_)) if not parse(data, "a.yaml").problems]

    assert accepted
    for data in accepted:
        assert plain(parse(data, "a.yaml").value) == plain(others.load(data))


def plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: plain(member) for name, member in value.items()}
        case list() | tuple():
            return [plain(member) for member in value]
        case _:
            return value


KEYS = st.from_regex(r"[a-zA-Z]{1,8}", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.from_regex(r"[ -~]{0,20}", fullmatch=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_json_is_read_as_it_is(value: dict[str, Any]) -> None:
    parsed = parse(json.dumps(value).encode(), "a.yaml")

    assert not parsed.problems
    assert plain(parsed.value) == value
