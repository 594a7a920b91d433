"""The main job against the embedded emulator: plan, apply, get killed, go on, catch a portal edit, find nothing left.

Every line behind a `$` is a command that is really run, and what stands below it is what it printed. The results lie in
build/demo/: the pull-request comment, the HTML report, and the repository that was worked in.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from pathlib import Path

from living import BrokenPromise, Company, live
from rehearsing import ROOT, Emulator, Ran, emulating, finish, repository, run, start

OUT = ROOT / "build" / "demo"
SITE = OUT / "repository"
SEED = ROOT / "tests" / "company" / "portal.yaml"
KILLED_AT = 4
INTERVAL = 40 * 60 + 60
# Paragraphs that were shown, and how many lines make one worth folding.
SEEN: set[str] = set()
LONG = 2
LINK = "contoso-to-fabrikam"
TREY_RESEARCH = "4097fab2-2dad-4c4a-af54-1bcd6b214988"


def main() -> None:
    began = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    repository(SITE, ROOT / "tenants")
    with emulating(OUT / "emulator", "--seed", str(SEED), "--port", "0") as emulator:
        title("The files describe the tenants; the tenants still are as they were clicked together.")
        step(emulator, "validate")
        step(emulator, "plan", "--out", "plan.json")
        save(emulator)

        title(f"The plan is applied, and the machine dies in the middle: killed in the middle of write {KILLED_AT}.")
        kill(emulator)
        step(emulator, "apply", "plan.json", expected=4)

        title("A new run reads what is there, and carries out what is missing. Nothing is done twice.")
        step(emulator, "plan", "--out", "plan.json")
        step(emulator, "apply", "plan.json")
        step(emulator, "plan", "--detailed-exitcode")

        title("Somebody changes a setting in the portal.")
        portal(emulator)
        step(emulator, "drift", "--detailed-exitcode", expected=2)
        step(emulator, "apply", "--yes")
        step(emulator, "plan", "--detailed-exitcode")

        title("One file links two tenants: people of Contoso shall appear in Fabrikam.")
        step(emulator, "new", "link", LINK, "--source", "contoso", "--target", "fabrikam")
        fill_in(SITE / "tenants" / "shared" / "links" / f"{LINK}.yaml")
        step(emulator, "plan", "--out", "link.json")
        step(emulator, "apply", "link.json")
        step(emulator, "plan", "--detailed-exitcode")

        title("Who will that be? A model of the next cycle tells, before anybody moves.")
        step(emulator, "preview", LINK, "--names")

        title("Forty minutes pass, and people of Contoso appear in Fabrikam.")
        cycle(emulator)
        step(emulator, "status")

        title("The link names a group of Fabrikam: whoever has appeared joins it with the next apply.")
        step(emulator, "plan", "--out", "people.json")
        step(emulator, "apply", "people.json")
        step(emulator, "plan", "--detailed-exitcode")

        title("Days go by at Contoso. What does Fabrikam show of its people after each cycle? Its own Graph is asked.")
        days(emulator)
        step(emulator, "logs", LINK)

        title("Clara calls the help desk. Where is she, and why can she not get in?")
        step(emulator, "explain", "clara.chen@contoso.example")
        epilogue(emulator)
    say(f"\nThat took {time.monotonic() - began:.0f} seconds.")
    say(" Look at build/demo/pull-request.md and build/demo/plan.html.\n")


def step(emulator: Emulator, *arguments: str, expected: int = 0) -> Ran:
    """Run a command, show it with what it printed, and insist on how it ends."""
    say(f"\n{bold('$ reconciler ' + ' '.join(arguments))}\n")
    ran = run(arguments, emulator, SITE)
    if ran.code != expected:
        sys.exit(f"{ran.stderr}{ran.stdout}The demo expected exit code {expected} and got {ran.code}.")
    say(folded(ran.stderr + ran.stdout))
    say(dim(f"(exit code {ran.code})\n"))
    return ran


def folded(text: str) -> str:
    """Return what was printed, without the paragraphs that stood there before: one line says how long they were."""
    shown: list[str] = []
    hidden = 0
    for paragraph in text.split("\n\n"):
        long = paragraph.count("\n") >= LONG
        if long and paragraph in SEEN:
            hidden += paragraph.count("\n") + 1
            continue
        if hidden:
            shown.append(dim(f"  … {hidden} lines as before"))
        hidden = 0
        shown.append(paragraph)
        SEEN.add(paragraph)
    return "\n\n".join(shown)


def save(emulator: Emulator) -> None:
    """Write what a reviewer would see."""
    for output, name in (("markdown", "pull-request.md"), ("html", "plan.html")):
        shown = run(["show", "plan.json", "--output", output], emulator, SITE)
        if shown.code:
            sys.exit(shown.stderr)
        (OUT / name).write_text(shown.stdout, encoding="utf-8")


def kill(emulator: Emulator) -> None:
    """Start the apply, let the emulator hold one write after carrying it out, and kill the process there."""
    emulator.fault(
        {"match": {"method": ["POST", "PATCH", "DELETE"], "path": "/v1.0/policies/*"}, "nth": KILLED_AT, "times": 1}
        | {"phase": "after-commit", "action": "hold"}
    )
    say(f"\n{bold('$ reconciler apply plan.json')}\n")
    process = start(["apply", "plan.json"], emulator, SITE)
    emulator.held()
    process.send_signal(signal.SIGKILL)
    ran = finish(process)
    emulator.clear_faults()
    say(
        ran.stderr
        + ran.stdout
        + dim("(killed by SIGKILL; the write had been carried out, and nobody heard the answer)\n")
    )


def portal(emulator: Emulator) -> None:
    """Change a partner by hand, as an administrator would."""
    path = f"/policies/crossTenantAccessPolicy/partners/{TREY_RESEARCH}"
    emulator.portal("fabrikam", path, {"inboundTrust": {"isHybridAzureADJoinedDeviceAccepted": True}})
    say(dim("Megan Bowen opens the portal of Fabrikam and lets the hybrid joined devices of Trey Research count.\n"))


def fill_in(path: Path) -> None:
    """Say in a first document what only people know: who owns it, and who is in scope."""
    text = path.read_text(encoding="utf-8")
    for before, after in (
        ("to-be-filled-in", "identity-team"),
        ("enabled: false", "enabled: true"),
        ("XTS Contoso to Fabrikam", "Sync to Fabrikam"),
    ):
        text = text.replace(before, after)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    lines.append("  targetGroups: [{group: {name: Contoso people}}]")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    say(dim("An owner and two groups are filled in:\n\n") + path.read_text(encoding="utf-8"))


def cycle(emulator: Emulator) -> None:
    """Let the service's next cycle come, and tell who comes and goes by the account of the target itself."""
    before = len(emulator.journal())
    emulator.control("POST", "clock/advance", {"seconds": INTERVAL})
    for entry in emulator.journal(before):
        if entry["kind"] == "user" and entry["before"] is None:
            person = {"userType": "Member", **entry["after"]}
            say(f"  + {person['displayName']} appears as {person['userPrincipalName']}, {person['userType']}\n")
        elif entry["kind"] == "user" and entry["after"] is None:
            say(f"  - {entry['before']['displayName']} goes, and can be restored for 30 days\n")


def days(emulator: Emulator) -> None:
    """Live through what becomes of people, and insist on what the target shows of them."""
    try:
        live(Company(emulator), say)
    except BrokenPromise as broken:
        sys.exit(f"The demo promised something else: {broken}.")


def epilogue(emulator: Emulator) -> None:
    """Say what the tenants themselves have seen: their account, not ours."""
    written = [entry for entry in emulator.journal() if entry["committed"]]
    ours = [entry for entry in written if entry["principal"]["kind"] == "app"]
    created = [entry for entry in ours if entry["method"] == "POST" and entry["path"].endswith("/partners")]
    say(
        f"\nThe tenants' own account: {len(written)} writes were carried out, {len(ours)} of them ours; "
        f"{len(created)} partners were created, {len({(e['tenant'], e['key']) for e in created})} different ones.\n"
    )


def title(text: str) -> None:
    say(f"\n{bold('── ' + text)}\n")


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def dim(text: str) -> str:
    return f"\033[2m{text}\033[0m" if sys.stdout.isatty() else text


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
