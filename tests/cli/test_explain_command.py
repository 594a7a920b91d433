"""Explain as a user has it: the real command against the emulator's process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rehearsing import Ran
from sites import PARTNER, REHEARSAL, Site, site

from reconciler.model import Json

BOTH = ("explain", "--from", "contoso", "--to", "fabrikam")


SYNCHRONIZATION = """\
apiVersion: crosstenant/v1
kind: IdentitySynchronization
name: contoso
owner: identity-team
spec:
  userSyncInbound: {isSyncAllowed: true}
"""


def answers(done: Ran, at: int = 0) -> dict[str, Json]:
    return {one["capability"]: one["answer"] for one in done.json()["directions"][at]["judgements"]}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A repository in which no test writes anything; its files ask for more than there is."""
    with site(tmp_path_factory.mktemp("quiet")) as there:
        wanted = PARTNER.replace("false", "true")
        there.write("contoso/partners/fabrikam.yaml", wanted.format(name="fabrikam", identity=""))
        there.write("fabrikam/partners/contoso.yaml", wanted.format(name="contoso", identity=""))
        there.write("fabrikam/synchronizations/contoso.yaml", SYNCHRONIZATION)
        yield there


def test_no_is_an_answer_and_no_error(quiet: Site) -> None:
    done = quiet.run(*BOTH)

    assert (done.code, done.stderr) == (0, f"{REHEARSAL}\n")
    assert done.stdout.splitlines()[-2:] == [
        f"{one} → {two}: collaboration yes, direct-connect no, trust no, consent no, user-sync no, group-sync no."
        for one, two in (("contoso", "fabrikam"), ("fabrikam", "contoso"))
    ]
    assert quiet.committed() == []


def test_declared_is_what_an_apply_would_make(quiet: Site) -> None:
    now, then = quiet.run(*BOTH, "--output", "json"), quiet.run(*BOTH, "--output", "json", "--declared")

    assert (answers(now)["consent"], answers(then)["consent"]) == ("no", "yes")
    assert (answers(now)["user-sync"], answers(then)["user-sync"]) == ("no", "yes")
    assert (answers(now, 1)["user-sync"], answers(then, 1)["user-sync"]) == ("no", "no")
    # v1.0 of Microsoft Graph, which these files are content with, does not show it.
    assert (answers(now)["group-sync"], answers(then)["group-sync"]) == ("no", "unknown")


def test_same_tenants_give_the_same_bytes(quiet: Site) -> None:
    assert quiet.run(*BOTH).stdout == quiet.run(*BOTH).stdout


def test_outsider_is_half_known(quiet: Site) -> None:
    done = quiet.run("explain", "--from", "trey.example", "--to", "contoso", "--output", "json")

    assert done.code == 0
    assert answers(done) == {
        "collaboration": "unknown",
        "direct-connect": "no",
        "trust": "no",
        "consent": "no",
        "user-sync": "no",
        "group-sync": "no",
    }
    assert answers(done, 1)["trust"] == "unknown"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "--from", "contoso"), "Say which two tenants are meant, --from and --to, or who: USER."),
        (("explain", "--from", "contoso", "--to", "fabricam"), "did you mean 'fabrikam'?"),
        (("explain", "--from", "contoso", "--to", "contoso.example"), "are the same tenant; name two"),
    ],
)
def test_what_cannot_be_explained_ends_so(arguments: tuple[str, ...], words: str, quiet: Site) -> None:
    done = quiet.run(*arguments)

    assert (done.code, done.stdout) == (1, "")
    assert words in done.stderr


@pytest.mark.parametrize(("status", "code"), [(403, 8), (503, 9)])
def test_unread_side_is_unknown_and_the_rest_is_told(status: int, code: int, tmp_path: Path) -> None:
    with site(tmp_path) as there:
        there.emulator.fault({"match": {"tenant": "fabrikam", "path": "*/partners"}, "action": {"status": status}})
        done = there.run(*BOTH, "--output", "json")

        assert done.code == code
        assert answers(done) == {
            "collaboration": "unknown",
            "direct-connect": "no",
            "trust": "unknown",
            "consent": "no",
            "user-sync": "no",
            "group-sync": "no",
        }
        assert str(status) in done.json()["parties"][1]["reason"]


def test_tenant_managed_elsewhere_is_no_error(tmp_path: Path) -> None:
    with site(tmp_path) as there:
        path = there.folder / "tenants/fabrikam/tenant.yaml"
        path.write_text(path.read_text("utf-8").replace("management: here", "management: elsewhere"), "utf-8")
        done = there.run(*BOTH)

        assert done.code == 0
        assert "fabrikam is unknown: nobody here signs in to this tenant" in done.stdout
