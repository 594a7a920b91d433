"""Import, resolve and coverage as a user has them: the real command against the emulator's process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rehearsing import Ran
from ruamel.yaml import YAML
from sites import CONTOSO, FABRIKAM, PARTNERS, TREY, Site, site

NEW = ("--tenant-id", CONTOSO, "--name", "contoso", "--domain", "contoso.example")
TRUST = {"inboundTrust": {"isMfaAccepted": True}}


@contextmanager
def found(folder: Path) -> Iterator[Site]:
    """A repository whose tenants have partners that no file speaks of."""
    with site(folder) as there:
        for key in (FABRIKAM, TREY):
            call = {"tenant": "contoso", "who": "Megan Bowen", "method": "POST", "path": PARTNERS}
            there.emulator.control("POST", "portal", {**call, "body": {"tenantId": key, **TRUST}})
        yield there


def documents(there: Site, folder: str) -> dict[str, str]:
    root = there.folder / folder
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.yaml"))}


def test_dry_run_shows_what_is_written_then(tmp_path: Path) -> None:
    with found(tmp_path) as there:
        shown = there.run("import", *NEW, "--tenants", "fresh", "--dry-run")
        assert shown.code == 0, shown.stderr
        assert not (there.folder / "fresh").exists()

        written = there.run("import", *NEW, "--tenants", "fresh")
        assert written.stdout.splitlines() == [f"fresh/{name}" for name in documents(there, "fresh")]
        assert all(text in shown.stdout for text in documents(there, "fresh").values())


def test_plan_after_import_has_nothing_to_do(tmp_path: Path) -> None:
    with found(tmp_path) as there:
        assert there.run("import", *NEW, "--tenants", "fresh").code == 0
        assert there.run("plan", "--tenants", "fresh", "--detailed-exitcode").code == 0
        assert len(there.emulator.journal()) == 2


def test_known_tenant_gets_files_for_the_rest(tmp_path: Path) -> None:
    with found(tmp_path) as there:
        (there.folder / "tenants/contoso/partners/trey.yaml").unlink()
        before = documents(there, "tenants")

        done = there.run("import", "contoso")

        assert (done.code, done.stdout) == (0, "tenants/contoso/partners/trey.yaml\n")
        after = documents(there, "tenants")
        assert {name: after[name] for name in before} == before
        assert YAML(typ="safe").load(after["contoso/partners/trey.yaml"])["tenantId"] == TREY
        assert "Nothing to import" in there.run("import", "contoso").stderr


def ended(done: Ran, code: int, words: str) -> None:
    assert (done.code, done.stdout) == (code, "")
    assert words in done.stderr


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A repository in which no test writes anything."""
    with site(tmp_path_factory.mktemp("quiet")) as there:
        (there.folder / "other/contoso").mkdir(parents=True)
        yield there


FRESH = ("--tenants", "fresh")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (NEW, 1, "`reconciler import contoso` writes what no file speaks of yet"),
        (("tailspin",), 1, "no tenant is called 'tailspin' (there is contoso, fabrikam)"),
        ((), 1, "say --tenant-id, --name and --domain"),
        (("contoso", "--name", "contoso"), 1, "not both"),
        ((*NEW, "--domain", "x", *FRESH), 1, "domain 'x' is not a domain"),
        ((*NEW, "--name", "../x", *FRESH), 1, "name '../x' is not a name"),
        ((*NEW, "--domain", "fabrikam.example", *FRESH), 8, "fabrikam.example is not a verified domain"),
        ((*NEW, "--tenants", "other"), 1, "is there already"),
    ],
)
def test_what_cannot_be_imported_is_said(arguments: tuple[str, ...], code: int, words: str, quiet: Site) -> None:
    ended(quiet.run("import", *arguments), code, words)


@pytest.mark.parametrize(("status", "code"), [(403, 8), (503, 9)])
def test_tenant_that_cannot_be_read_leaves_no_file(status: int, code: int, tmp_path: Path) -> None:
    with site(tmp_path) as there:
        there.emulator.fault({"match": {"path": "*/partners"}, "action": {"status": status}})
        ended(there.run("import", *NEW, *FRESH), code, str(status))
        assert not (there.folder / "fresh").exists()


def test_resolve_puts_one_line_into_a_file(tmp_path: Path) -> None:
    with site(tmp_path) as there:
        path = there.folder / "tenants/contoso/partners/trey.yaml"
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(f"tenantId: {TREY}\n", ""), encoding="utf-8")

        shown = there.run("resolve")
        assert shown.code == 0, shown.stderr
        assert [line for line in shown.stdout.splitlines()[2:] if line[0] in "+-"] == [f"+tenantId: {TREY}"]

        assert there.run("resolve", "--write").stdout == shown.stdout
        assert path.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize(
    ("said", "problem"), [("domain: nobody.example", "no tenant with this domain"), ("", "neither")]
)
def test_what_cannot_be_resolved_stays_open(said: str, problem: str, tmp_path: Path) -> None:
    with site(tmp_path) as there:
        text = f"apiVersion: crosstenant/v1\nkind: Partner\nname: nobody\n{said}\nspec: {{}}\n"
        there.write("contoso/partners/nobody.yaml", text)
        done = there.run("resolve", "--write")

        assert done.code == 1
        assert "tenants/contoso/partners/nobody.yaml:3:7: nobody" in done.stderr
        assert problem in done.stderr
        assert (there.folder / "tenants/contoso/partners/nobody.yaml").read_text(encoding="utf-8") == text


def test_coverage_counts_and_ends_as_reading_does(tmp_path: Path) -> None:
    with found(tmp_path) as there:
        counted = there.run("coverage", "--output", "json")
        assert counted.code == 0
        [partners] = [kind for kind in counted.json()["tenants"][0]["kinds"] if kind["kind"] == "partner"]
        assert partners["objects"] == {"managed": 2, "undeclared": 0, "ignored": 0}
        assert partners["blocks"] == {"managed": 2, "undeclared": 2, "ignored": 0}
        there.emulator.fault({"match": {"tenant": "contoso", "path": "*/partners"}, "action": {"status": 503}})
        assert there.run("coverage").code == 9
