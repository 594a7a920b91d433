import hashlib
import json
import os
import random
import resource
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from estates import (
    CLOSED,
    COLLABORATION,
    DEFAULT,
    OPEN,
    TRUST,
    crowd,
    default,
    partner,
    partner_at,
    says,
    trust,
    wanted,
)
from estates import read as live
from hypothesis import given, settings
from hypothesis import strategies as st
from privileges import without_privileges

from reconciler import __version__, planfile
from reconciler.errors import PlanDamaged, PlanStale, SetupError
from reconciler.model import Document, Envelope, Json, Plan, Reading, Unreadable, canonical_json
from reconciler.planfile import PlanFile, check_envelope, decode, encode, seal, seal_digest
from reconciler.reconciling import compute

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def small() -> Plan:
    documents = [says(DEFAULT, {COLLABORATION: CLOSED}), says(partner_at(1), {COLLABORATION: OPEN})]
    return compute(wanted(*documents), live(default(), partner(1, **{TRUST: trust(True)})))


@cache
def sealed() -> PlanFile:
    return seal(small(), created=NOW, commit=COMMIT)


@cache
def data() -> bytes:
    return encode(sealed())


@cache
def large() -> bytes:
    return encode(seal(compute(*crowd(300, changing=300)), created=NOW, commit=COMMIT))


# ---------------------------------------------------------------------------------------------- there and back


def test_plan_comes_back_as_it_was() -> None:
    assert decode(data()) == sealed()


BLOCK = st.sampled_from([None, OPEN, CLOSED])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans as they come out of documents and readings, with any text in labels and reasons."""
    documents: list[Document] = [says(DEFAULT, {COLLABORATION: draw(st.sampled_from([OPEN, CLOSED]))})]
    for number in draw(st.sets(st.integers(1, 3))):
        said: dict[str, Json] = {COLLABORATION: draw(BLOCK)} if draw(st.booleans()) else {}
        owner, ticket = draw(TEXT), draw(TEXT)
        absent = not said and draw(st.booleans())
        documents.append(says(partner_at(number), said, absent=absent, owner=owner, ticket=ticket))
    there = [partner(number, **{COLLABORATION: draw(BLOCK)}) for number in draw(st.sets(st.integers(1, 3)))]
    readings: dict[str, Reading | Unreadable] = dict(live(default(), *there))
    if draw(st.booleans()):
        readings["contoso"] = Unreadable("contoso", draw(TEXT), draw(st.sampled_from([1, 8, 9])))
    return compute(wanted(*documents), readings)


@settings(max_examples=150)
@given(plan=plans(), commit=TEXT)
def test_every_plan_comes_back_as_it_was(plan: Plan, commit: str) -> None:
    there = seal(plan, created=NOW, commit=commit)

    assert decode(encode(there)) == there
    assert encode(decode(encode(there))) == encode(there)


def test_same_plan_has_the_same_digest_whenever_it_is_made() -> None:
    later = seal(small(), created=NOW + timedelta(days=1), commit="")

    assert later.envelope.digest == sealed().envelope.digest == seal_digest(small())


def test_moment_is_told_in_utc() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert seal(small(), created=elsewhere, commit="").envelope.created == "2026-11-24T08:00:00+00:00"


# ---------------------------------------------------------------------------------------------- damage


def accepted(changed: bytes) -> bool:
    try:
        decode(changed)
    except PlanDamaged:
        return False
    return True


def test_every_byte_that_is_another_is_noticed() -> None:
    """Each byte becomes a digit, a quote, its neighbour, and something that is no text."""
    text = data()
    changed = (
        text[:at] + bytes([byte]) + text[at + 1 :]
        for at in range(0, len(text), 5)
        for byte in {ord("0"), ord('"'), text[at] ^ 1, 0xFF} - {text[at]}
    )

    assert not any(map(accepted, changed))


def test_every_byte_in_which_a_bit_flips_is_noticed() -> None:
    text = data()
    changed = (
        text[:at] + bytes([text[at] ^ flip]) + text[at + 1 :] for at in range(len(text)) for flip in (1 << at % 8, 0xFF)
    )

    assert not any(map(accepted, changed))


def test_bits_that_flip_in_a_large_plan_are_noticed(dice: random.Random) -> None:
    text = large()
    places = [(dice.randrange(len(text)), dice.randrange(8)) for _ in range(15)]

    assert len(text) > 200_000
    assert not any(accepted(text[:at] + bytes([text[at] ^ 1 << bit]) + text[at + 1 :]) for at, bit in places)


def test_plan_that_is_cut_off_is_noticed() -> None:
    assert not any(accepted(data()[:at]) for at in range(len(data())))


@pytest.mark.parametrize("more", [b"\n", b" ", b"{}", b"\0", b"\n" + b'{"body":{}}'])
def test_more_than_a_plan_is_noticed(more: bytes) -> None:
    assert not accepted(data() + more)
    assert not accepted(more + data())


REWRITTEN: Mapping[str, Callable[[Any], bytes]] = {
    "spaces": lambda raw: json.dumps(raw, sort_keys=True).encode() + b"\n",
    "another order": lambda raw: _dumped(dict(reversed(raw.items()))),
    "escapes": lambda raw: json.dumps(raw, sort_keys=True, separators=(",", ":")).replace("a", "\\u0061", 1).encode(),
    "another member": lambda raw: canonical_json({**raw, "more": 1}) + b"\n",
    "another member inside": lambda raw: canonical_json({**raw, "body": {**raw["body"], "more": 1}}) + b"\n",
    "a member too few": lambda raw: canonical_json({k: v for k, v in raw.items() if k != "checksum"}) + b"\n",
    "another encoding": lambda raw: canonical_json(raw).decode().encode("utf-16"),
    "a list": lambda raw: canonical_json([raw]) + b"\n",
    "a member twice": lambda raw: canonical_json(raw)[:-1] + b',"body":{}}\n',
}


def _dumped(raw: Any) -> bytes:
    return json.dumps(raw, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


@pytest.mark.parametrize("how", REWRITTEN)
def test_plan_written_another_way_is_noticed(how: str) -> None:
    assert not accepted(REWRITTEN[how](json.loads(data())))


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b"{}", b"7", b'"x"', b"\xff\xfe", b"{" * 100_000, b"[" * 100_000, b"NaN", b"1" * 10_000],
    ids=lambda text: str(text[:12]),
)
def test_what_is_no_plan_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(PlanDamaged, match="make a new plan"):
        decode(text)


def forged(change: Callable[[dict[str, Any]], None]) -> bytes:
    """A plan that somebody changed who knows how digest and checksum are computed."""
    raw = json.loads(data())
    change(raw)
    raw["envelope"]["digest"] = hashlib.sha256(canonical_json(raw["body"])).hexdigest()
    raw["checksum"] = hashlib.sha256(canonical_json(raw["envelope"])).hexdigest()
    return canonical_json(raw) + b"\n"


def test_forger_can_write_a_plan_that_decodes() -> None:
    """That is why an apply computes the plan again: the digest alone proves nothing about who wrote it."""
    assert decode(forged(lambda raw: raw["body"]["tenants"][0]["steps"].pop())).plan != small()


@pytest.mark.parametrize("value", [5, None, True, [], {}])
@pytest.mark.parametrize("name", ["created", "commit", "tool"])
def test_envelope_of_other_types_is_refused(name: str, value: Json) -> None:
    assert not accepted(forged(lambda raw: raw["envelope"].__setitem__(name, value)))


def test_plan_that_is_too_large_is_not_even_parsed(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as stream:
        stream.truncate(planfile.MAX_BYTES + 1)

    with pytest.raises(PlanDamaged, match="larger than"):
        planfile.read(path)


# ---------------------------------------------------------------------------------------------- the envelope


def beside(created: str, tool: str = __version__) -> Envelope:
    return Envelope(created, COMMIT, tool, "")


@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=7), -timedelta(minutes=5)])
def test_plan_of_this_week_is_good(age: timedelta) -> None:
    check_envelope(beside((NOW - age).isoformat()), NOW)


def test_plan_older_than_a_week_is_stale() -> None:
    with pytest.raises(PlanStale, match="valid for 7 days"):
        check_envelope(beside((NOW - timedelta(days=7, seconds=1)).isoformat()), NOW)


def test_plan_from_the_future_is_damaged() -> None:
    with pytest.raises(PlanDamaged, match="has not come yet"):
        check_envelope(beside((NOW + timedelta(minutes=5, seconds=1)).isoformat()), NOW)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_ends_of_time_are_only_refused(created: str) -> None:
    with pytest.raises((PlanStale, PlanDamaged)):
        check_envelope(beside(created), NOW)


def test_plan_of_another_version_is_refused() -> None:
    with pytest.raises(PlanDamaged, match=r"made by version 0\.0\.0"):
        check_envelope(beside(NOW.isoformat(), "0.0.0"), NOW)


@pytest.mark.parametrize("rehearsal", [True, False])
def test_rehearsal_and_reality_do_not_mix(rehearsal: bool) -> None:
    envelope = replace(beside(NOW.isoformat()), rehearsal=rehearsal)
    check_envelope(envelope, NOW, rehearsal=rehearsal)

    with pytest.raises(PlanDamaged, match="an emulator"):
        check_envelope(envelope, NOW, rehearsal=not rehearsal)


@pytest.mark.parametrize("created", ["", "yesterday", "2026-11-24T08:00:00", "2026-11-24"])
def test_moment_must_be_one(created: str) -> None:
    with pytest.raises(PlanDamaged, match="does not say when"):
        check_envelope(beside(created), NOW)


# ---------------------------------------------------------------------------------------------- on disk


def test_file_is_there_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    umask = os.umask(0)
    try:
        planfile.write(path, sealed())
    finally:
        os.umask(umask)

    assert planfile.read(path) == sealed()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["plan.json"]


def test_older_plan_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")

    planfile.write(path, sealed())

    assert planfile.read(path) == sealed()


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nowhere.*No such file"):
        planfile.write(tmp_path / "nowhere" / "plan.json", sealed())


def test_folder_that_must_not_be_written_to_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir(mode=0o555)

    with without_privileges(), pytest.raises(SetupError, match="Permission denied"):
        planfile.write(folder / "plan.json", sealed())

    assert os.listdir(folder) == []


def test_folder_in_the_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "plan.json").mkdir()

    with pytest.raises(SetupError, match="no regular file"):
        planfile.write(tmp_path / "plan.json", sealed())

    assert os.listdir(tmp_path) == ["plan.json"]


def test_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"mine")
    (tmp_path / "plan.json").symlink_to(other)

    with pytest.raises(SetupError, match="no regular file"):
        planfile.write(tmp_path / "plan.json", sealed())

    assert (other.read_bytes(), sorted(os.listdir(tmp_path))) == (b"mine", ["other", "plan.json"])


def test_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    """Whoever may replace /dev/null must not do so because a plan was sent there."""
    os.mkfifo(tmp_path / "plan.json")

    with pytest.raises(SetupError, match="no regular file"):
        planfile.write(tmp_path / "plan.json", sealed())

    assert stat.S_ISFIFO((tmp_path / "plan.json").lstat().st_mode)


FILL = """
import resource, sys
from pathlib import Path
from reconciler import planfile
from reconciler.errors import SetupError
there = planfile.decode(Path(sys.argv[1]).read_bytes())
for limit in map(int, sys.argv[3:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        planfile.write(Path(sys.argv[2]), there)
    except SetupError as error:
        print(error)
"""


@pytest.mark.parametrize("older", [None, b"older"])
def test_full_disk_leaves_nothing_half(tmp_path: Path, older: bytes | None) -> None:
    """No file may grow beyond a limit: nothing at all, half a page, all but one byte."""
    source, folder = tmp_path / "source", tmp_path / "out"
    folder.mkdir()
    source.write_bytes(data())
    if older is not None:
        (folder / "plan.json").write_bytes(older)
    limits = [0, 1, 2048, len(data()) - 1]

    run = subprocess.run(
        [sys.executable, "-c", FILL, str(source), str(folder / "plan.json"), *map(str, limits)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.count("File too large); it is not saved") == len(limits)
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert left == ({} if older is None else {"plan.json": older})
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        planfile.read(tmp_path / "plan.json")
    with pytest.raises(SetupError, match="Is a directory"):
        planfile.read(tmp_path)


def test_damage_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"{}")

    with pytest.raises(PlanDamaged, match=r"plan\.json: this is not a plan file"):
        planfile.read(path)
