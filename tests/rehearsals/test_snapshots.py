"""Snapshots in files, with other names for people, of hostile tenants; and the command that takes them."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import click
import jsonschema
import pytest
from emulated import secrets as signing_in
from rehearsed import LINK, PEOPLE, Live, counts, files, live, seed
from test_rehearsing import BRANCHES

from reconciler.cli import cli
from reconciler.emulator.world import World
from reconciler.errors import SetupError
from reconciler.model import Json, canonical_json
from reconciler.reporting.rehearsals import render_rehearsal
from reconciler.snapshotting import load, pseudonymized, save
from reconciler.snapshotting.files import FORMAT

KEY = b"0123456789abcdef"


def kept(folder: Path) -> tuple[Path, Live]:
    there = live(folder / "tenants")
    save(folder / "kept.json", there.snapshot())
    return folder / "kept.json", there


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What stands in a snapshot file."""
    file, _ = kept(tmp_path_factory.mktemp("kept"))
    return file.read_text(encoding="utf-8")


def test_snapshot_in_a_file_rehearses_alike(tmp_path: Path) -> None:
    file, there = kept(tmp_path)
    there.write(files(scope=BRANCHES["a filter"]["scope"]))

    found = there.rehearse(load(file))

    assert counts(found.links[0]) == {"removed": 2}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_snapshot_holds_no_secret(tmp_path: Path) -> None:
    start = seed()
    settings = {"SecretToken": "hush-hush", "BaseAddress": "https://user:hush-hush@example.com"}
    start["tenants"]["contoso"]["servicePrincipals"]["link"]["synchronization"]["settings"] = settings
    there = live(tmp_path / "tenants", start)
    save(tmp_path / "kept.json", there.snapshot())

    text = (tmp_path / "kept.json").read_text(encoding="utf-8")
    assert "hush-hush" not in text
    assert not [value for value in signing_in(there.world).values() if value in text]


def test_snapshot_replaces_no_file(tmp_path: Path) -> None:
    file, there = kept(tmp_path)

    with pytest.raises(SetupError, match="it is there already"):
        save(file, there.snapshot())


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text[:-20], "damaged: it is no JSON"),
        (lambda text: text.replace("Ada Andersson", "Ada Anderson"), "changed after it was written"),
        (lambda text: text.replace("snapshot/v1", "snapshot/v2"), "another version"),
        (lambda text: "[]", "this is no snapshot"),
        (lambda text: "[" * 200_000, "damaged"),
    ],
)
def test_damaged_snapshot_is_refused(damage: Json, words: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    file.write_text(damage(text), encoding="utf-8")

    with pytest.raises(SetupError, match=words):
        load(file)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("tenants", "contoso", "objects", "user"), {"x": {}}),
        (("tenants", "contoso", "applications"), [{"name": "plan"}]),
        (("tenants", "contoso", "users", "nobody"), {"id": "nobody", "userPrincipalName": "x@y"}),
        (("readAt",), "yesterday"),
    ],
)
def test_snapshot_says_nothing_that_it_may_not(place: tuple[str, ...], value: Json, text: str, tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    body = json.loads(text)["body"]
    inner = body
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    file.write_bytes(canonical_json({"format": FORMAT, "digest": digest(body), "body": body}))

    with pytest.raises(SetupError, match="the snapshot cannot be used"):
        load(file)


def digest(body: Json) -> str:
    return hashlib.sha256(canonical_json(body)).hexdigest()


# ---------------------------------------------------------------------------------------------- other names


@pytest.mark.parametrize("branch", ["a filter", "a mapping"])
def test_pseudonyms_change_no_count(branch: str, tmp_path: Path) -> None:
    there = live(tmp_path / "tenants").write(files(**BRANCHES[branch]))
    plain = there.snapshot()

    found = there.rehearse(pseudonymized(plain, KEY))
    wanted = there.rehearse(plain)

    assert [counts(one) for one in found.links] == [counts(one) for one in wanted.links]


def test_pseudonyms_leave_no_name_of_anybody(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants")
    text = canonical_json(dict(pseudonymized(there.snapshot(), KEY).tenants)).decode()

    words = {word for one in PEOPLE.values() for word in one["displayName"].split()}
    assert not [word for word in words if word in text]
    assert not [name for name in PEOPLE if f'"{name}@' in text or f":{name}@" in text or f'"{name}_' in text]
    assert "100 0001" not in text
    assert "Sync to Fabrikam" in text


def test_pseudonyms_differ_with_every_key(tmp_path: Path) -> None:
    plain = live(tmp_path / "tenants").snapshot()

    assert pseudonymized(plain, KEY) == pseudonymized(plain, KEY)
    assert pseudonymized(plain, KEY).tenants != pseudonymized(plain, KEY[::-1]).tenants


def test_attribute_of_a_filter_keeps_its_values(tmp_path: Path) -> None:
    clause = {"attribute": "displayName", "operator": "EQUALS", "value": "Ada Andersson"}
    wanted = {"filters": [{"name": "ada", "clauses": [clause]}]}
    there = live(tmp_path / "tenants")

    found = pseudonymized(there.snapshot(), KEY, [wanted])

    assert "displayName" in (found.kept or ())
    assert "Ada Andersson" in [one["displayName"] for one in found.tenants["contoso"]["users"].values()]


# ---------------------------------------------------------------------------------------------- hostile tenants


def test_hostile_names_act_nowhere(tmp_path: Path) -> None:
    bad = "::error::Ada\x1b[2J\u202e\n<script>"
    there = live(tmp_path / "tenants", seed(eve={"displayName": bad, "department": bad}))
    there.write(files(**BRANCHES["a group"]))

    found = there.rehearse()
    text = render_rehearsal(found, names=True)

    assert not {"\x1b", "\u202e"} & set(text)
    assert not [line for line in text.splitlines() if line.startswith("::")]
    assert "eve_contoso.example#EXT#" in text
    assert render_rehearsal(found, "json", names=True).isascii()


def test_answers_of_another_form_leave_their_tenant_unread(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants")
    start = seed(eve={"jobTitle": {"$ref": "elsewhere"}})
    there = Live(World.from_seed(start), there.folder).write(files(**BRANCHES["a group"]))

    found = there.rehearse()

    assert "contoso could not be read: contoso: what it shows is not understood" in found.links[0].reason


def test_people_are_named_only_on_request(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants").write(files(scope=BRANCHES["a filter"]["scope"]))
    found = there.rehearse()

    for silent, open_ in (
        (render_rehearsal(found), render_rehearsal(found, names=True)),
        (render_rehearsal(found, "json"), render_rehearsal(found, "json", names=True)),
    ):
        assert "bob" not in silent
        assert "bob_contoso.example" in open_


def test_schema_describes_the_document(tmp_path: Path) -> None:
    there = live(tmp_path / "tenants").write(files(scope=BRANCHES["a filter"]["scope"]))
    document = json.loads(render_rehearsal(there.rehearse(), "json", names=True))

    path = Path(__file__).resolve().parents[2] / "schemas" / "report-rehearsal.schema.json"
    jsonschema.Draft202012Validator(json.loads(path.read_text(encoding="utf-8"))).validate(document)
    assert (document["links"][0]["link"], document["links"][0]["counts"]) == (LINK, {"removed": 2})


# ---------------------------------------------------------------------------------------------- the command


def test_command_rehearses_on_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, there = kept(tmp_path)
    there.write(files(scope=BRANCHES["a filter"]["scope"]))
    words = ["rehearse", "--snapshot", str(file), "--until", "2h", "--tenants", str(there.folder)]

    code = cli.main([*words, "--pseudonymize", "--keep", str(tmp_path / "other.json")], standalone_mode=False)

    told = capsys.readouterr()
    assert (code, told.out.splitlines()[-1]) == (0, "Rehearsal: 2 removed.")
    assert "People, after 3 cycles" in told.out
    assert f"Kept in {tmp_path / 'other.json'}, with pseudonyms." in told.err
    assert load(tmp_path / "other.json").kept


def test_snapshot_of_other_tenants_is_refused(tmp_path: Path) -> None:
    file, there = kept(tmp_path)
    there.write(files("contoso", "fabrikam", "tailspin"))

    with pytest.raises(SetupError, match="has no tenant tailspin"):
        there.rehearse(load(file))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--cycles", "2", "--until", "1d"], "take one"),
        (["--until", "5m"], "write hours or days"),
        (["--until", "99d"], "at most 31"),
    ],
)
def test_time_is_said_in_one_way(words: list[str], told: str) -> None:
    with pytest.raises(click.UsageError, match=told):
        cli.main(["rehearse", *words], standalone_mode=False)
