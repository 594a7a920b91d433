import os
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from folders import lay, wrong
from ruamel.yaml import YAML

from reconciler.errors import SetupError
from reconciler.kinds import REGISTRY
from reconciler.loading import load

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("wrong_inputs.yaml"))

# What no text in a YAML file can hold.
RAW = {
    "UTF-16": ("kind: Partner\n".encode("utf-16"), "1:1: the file begins with a byte order mark"),
    "UTF-8 with BOM": (b"\xef\xbb\xbfkind: Partner\n", "1:1: the file begins with a byte order mark"),
    "no UTF-8": (b"kind: Partner\nname: M\xfcnchen\n", "2:8: the file is not UTF-8"),
    "NUL": (b"kind: Partner\nname: a\0b\n", "2:8: the control or invisible character U+0000 is not allowed"),
    "half a surrogate pair": (b'kind: Partner\nname: "\\ud800"\n', "2:10: this is not YAML: found invalid Unicode"),
    "more than a megabyte": (b"#" * (1024 * 1024 + 1), "1:1: the file is larger than 1 MiB; split it"),
    "more values than anybody writes": (
        b"a: [" + b"1," * 20_001 + b"]\n",
        "1:39999: the file has more than 20000 values",
    ),
    "brackets without end": (b"a: " + b"[" * 100_000, "1:35: nested deeper than 32 levels"),
    "braces without end": (b"{a: " * 100_000, "1:129: nested deeper than 32 levels"),
    "indentation without end": (
        b"".join(b" " * depth + b"a:\n" for depth in range(1000)),
        "33:33: nested deeper than 32 levels",
    ),
    "dashes without end": (b"a:\n" + b"- " * 100_000, "2:63: nested deeper than 32 levels"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_wrong_input_is_told(case: dict[str, Any], tmp_path: Path) -> None:
    assert wrong(tmp_path, case["files"]) == case["told"]


@pytest.mark.parametrize("name", RAW)
def test_wrong_bytes_are_told(name: str, tmp_path: Path) -> None:
    content, told = RAW[name]

    assert wrong(tmp_path, {"contoso/a.yaml": content})[-1].startswith(f"tenants/contoso/a.yaml:{told}")


@pytest.mark.parametrize(
    "case", [case for case in CASES if str(case["name"]).startswith("secret")], ids=lambda case: str(case["name"])
)
def test_secret_is_never_repeated(case: dict[str, Any], tmp_path: Path) -> None:
    told = "\n".join(wrong(tmp_path, case["files"]))

    assert not [secret for secret in ("hunter2", "Q~", "ghp_") if secret in told]


def test_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"tenants: there is no such folder; name the folder in which"):
        load(tmp_path / "tenants", REGISTRY)


def test_file_for_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "tenants").write_text("", encoding="utf-8")

    with pytest.raises(SetupError, match="this is no folder"):
        load(tmp_path / "tenants", REGISTRY)


def test_folder_without_tenants_is_not_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()

    [told] = wrong(tmp_path, {}, company={})

    assert told.startswith("tenants:1:1: no folder below it has a tenant.yaml, so there is no tenant; make a folder")


def test_same_mistakes_are_told_in_the_same_order(tmp_path: Path) -> None:
    files = {name: content for case in CASES for name, content in case["files"].items()}

    told = wrong(tmp_path, files)

    assert told == wrong(tmp_path, files) == sorted(told, key=by_place)


def by_place(line: str) -> tuple[str, int, int]:
    file, row, column, _ = line.split(":", 3)
    return file, int(row), int(column)


def test_every_file_is_told_of_in_one_run(tmp_path: Path) -> None:
    files = {f"contoso/{number}.yaml": "kind: Partner\nname: fabrikam\nspec: {x: 1}\n" for number in range(50)}

    assert len(wrong(tmp_path, files)) == 50


def test_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    folder = lay(tmp_path, {})
    (tmp_path / "outside.yaml").write_text("kind: Partner\n", encoding="utf-8")
    (folder / "contoso" / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "contoso" / "partners").symlink_to(tmp_path, target_is_directory=True)

    assert wrong(tmp_path, {}) == [
        "tenants/contoso/a.yaml:1:1: links are not followed; put the file itself here",
        "tenants/contoso/partners:1:1: links are not followed; put the file itself here",
    ]


def test_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    folder = lay(tmp_path, {})
    Path(os.fsdecode(os.fsencode(folder) + b"/contoso/a\xff.yaml")).touch()

    assert wrong(tmp_path, {}) == [
        r"tenants/contoso:1:1: the name 'a\udcff.yaml' has a character that cannot be seen; rename it"
    ]


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(lay(tmp_path, {}) / "contoso" / "a.yaml")

    assert wrong(tmp_path, {}) == [
        "tenants/contoso/a.yaml:1:1: this is not a regular file; put a file here, or take it away"
    ]


def test_link_to_the_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(lay(tmp_path, {}), target_is_directory=True)

    with pytest.raises(SetupError, match="this is a link, and links are not followed"):
        load(tmp_path / "link", REGISTRY)


def test_very_many_problems_are_counted(tmp_path: Path) -> None:
    told = wrong(tmp_path, {"contoso/a.yaml": "apiVersion: crosstenant/v1\n" + "owner: &a ann\n" * 1000})

    assert len(told) == 201
    assert told[-1] == "tenants/contoso/a.yaml:102:1: 1800 more problems from here on; begin with the others"


# Texts that cost some parser, pattern or counter far more than their length.
COSTLY = {
    "brackets": b"a: " + b"[" * 1_000_000,
    "braces": b"{" * 1_000_000,
    "question marks": b"? " * 500_000,
    "directives": b"%A b\n" * 200_000,
    "documents": b"---\n" * 250_000,
    "anchors": b"a: [" + b"&a 1," * 200_000,
    "one key a hundred thousand times": b"a: 1\n" * 200_000,
    "long escapes": b'a: "' + b"\\x41" * 250_000 + b'"',
    "long numbers": b"a: " + b"1:" * 500_000,
    "begun tokens": b"a: " + b"eyJaaaaaaaa." * 80_000,
    "begun keys": b"a: " + b"AccountKey=" * 90_000,
    "begun signatures": b"a: " + b"?sig=" * 200_000,
    "begun private keys": b"a: x-----BEGIN " + b"A " * 500_000 + b"PRIVATE KEY",
    "blanks after bearer": b"a: bearer" + b" " * 1_000_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_text_is_refused_quickly(name: str, tmp_path: Path) -> None:
    began = process_time()
    told = wrong(tmp_path, {"contoso/a.yaml": COSTLY[name]})

    assert told
    # Seconds that one file may take at most, on any machine.
    assert process_time() - began < 2
