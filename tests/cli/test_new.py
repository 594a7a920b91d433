"""`reconciler new`, run in the test's own process: it needs no tenant."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sites import FILES

from reconciler.cli import cli
from reconciler.errors import SetupError
from reconciler.kinds import ALL
from reconciler.loading import load

GOV = FILES["fabrikam/tenant.yaml"].replace("39429824", "39429825").replace("fabrikam", "gov") + "cloud: usgov\n"
LINK = ("link", "contoso-to-fabrikam", "--source", "contoso", "--target", "fabrikam")
TOPOLOGY = ("topology", "group", "--members", "contoso, fabrikam")


@pytest.fixture
def tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documents of a small company, in the folder in which commands are typed."""
    monkeypatch.chdir(tmp_path)
    for name, text in {**FILES, "gov/tenant.yaml": GOV}.items():
        path = tmp_path / "tenants" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "tenants/contoso/partners/fabrikam.yaml").unlink()
    (tmp_path / "tenants/fabrikam/partners/contoso.yaml").unlink()
    return tmp_path / "tenants"


def new(*words: str) -> Result:
    return CliRunner().invoke(cli, ["new", *words])


def test_first_link_loads_and_waits_for_somebody(tenants: Path) -> None:
    done = new(*LINK)

    assert (done.exit_code, done.stdout) == (0, "tenants/shared/links/contoso-to-fabrikam.yaml\n")
    assert "Next: say who is in scope" in done.stderr
    [link] = load(tenants, ALL).links
    assert (link.source, link.target, link.enabled, link.scope, link.owner) == (
        "contoso",
        "fabrikam",
        False,
        "assigned",
        "to-be-filled-in",
    )


def test_first_topology_loads_and_waits_for_somebody(tenants: Path) -> None:
    done = new(*TOPOLOGY)

    assert (done.exit_code, done.stdout) == (0, "tenants/shared/topologies/group.yaml\n")
    links = load(tenants, ALL).links
    assert [(link.name, link.enabled) for link in links] == [
        ("group-contoso-fabrikam", False),
        ("group-fabrikam-contoso", False),
    ]


def test_group_is_called_by_both_tenants(tenants: Path) -> None:
    new(*LINK)

    assert '{name: "XTS contoso to fabrikam"}' in (tenants / "shared/links/contoso-to-fabrikam.yaml").read_text()


@pytest.mark.parametrize("words", [LINK, TOPOLOGY])
def test_file_that_is_there_is_never_written_over(words: tuple[str, ...], tenants: Path) -> None:
    path = tenants / new(*words).stdout.strip().removeprefix("tenants/")
    before = path.read_bytes()

    assert "is there already; nothing was written" in str(new(*words).exception)
    assert path.read_bytes() == before


WRONG = {
    "unknown source": (("link", "a", "--source", "contozo", "--target", "fabrikam"), "did you mean contoso?"),
    "unknown member": (("topology", "a", "--members", "contoso,fabrikan"), "did you mean fabrikam?"),
    "two clouds": (("link", "a", "--source", "contoso", "--target", "gov"), "across clouds is not supported here"),
    "linked already": (("link", "a", "--source", "fabrikam", "--target", "contoso"), "is linked already, as back"),
    "linked already in a mesh": (("topology", "a", "--members", "contoso,fabrikam"), "is linked already, as back"),
}
MISTYPED = {
    "no name": (("link", "A", "--source", "contoso", "--target", "fabrikam"), "'A' is not a name"),
    "path for a name": (("topology", "../a", "--members", "contoso,fabrikam"), "'../a' is not a name"),
    "itself": (("link", "a", "--source", "contoso", "--target", "contoso"), "contoso is named twice"),
    "one member": (("topology", "a", "--members", "contoso"), "two tenants or more"),
}


@pytest.mark.parametrize("case", WRONG)
def test_document_that_could_not_load_is_not_written(case: str, tenants: Path) -> None:
    words, told = WRONG[case]
    assert new("link", "back", "--source", "fabrikam", "--target", "contoso").exit_code == 0

    error = new(*words).exception

    assert isinstance(error, SetupError)
    assert told in str(error)
    assert [path.name for path in (tenants / "shared").rglob("*.yaml")] == ["back.yaml"]


@pytest.mark.parametrize("case", MISTYPED)
def test_what_makes_no_sense_is_a_mistake_in_typing(case: str, tenants: Path) -> None:
    words, told = MISTYPED[case]
    done = new(*words)

    assert done.exit_code == 2
    assert told in done.stderr
    assert not (tenants / "shared").exists()
