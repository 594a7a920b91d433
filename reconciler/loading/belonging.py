"""Which tenant a document belongs to, and which tenants there are. A folder with a `tenant.yaml` is one.

Knows no resource. A tenant whose file is broken is still known by its name, so that one mistake is told once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.errors import Problem
from reconciler.loading.acknowledged import acknowledgements
from reconciler.loading.link_shapes import LINK, TOPOLOGY
from reconciler.loading.parsing import START
from reconciler.loading.secrecy import show
from reconciler.loading.shapes import NAME, NAME_RULE, PROFILE, TENANT, TenantFile
from reconciler.loading.validating import Written
from reconciler.loading.walking import File
from reconciler.model import Management, Origin, Tenant, Undeclared

TENANT_FILE = "tenant.yaml"
SHARED = "shared"

Folders = tuple[str, ...]

# Where documents lie that concern a pair of tenants or more.
_SHARED_FOLDERS = {LINK: "links", TOPOLOGY: "topologies"}


@dataclass(frozen=True, slots=True)
class Tenants:
    """The tenants of the repository: the sound ones by name, where each is written, and every folder that is one.

    `ids` maps tenant ids to names.
    """

    sound: Mapping[str, Tenant]
    written: Mapping[str, Written]
    folders: frozenset[Folders]
    ids: Mapping[str, str]

    @property
    def names(self) -> frozenset[str]:
        """The names of all tenants, broken ones included."""
        return frozenset(folders[-1] for folders in self.folders if folders)

    def origin(self, name: str, *path: str) -> Origin:
        """Return where the file of a sound tenant says something."""
        return self.written[name].origin(path)

    def home(self, folders: Folders) -> str:
        """Return the name of the tenant that a file in these folders belongs to, or ""."""
        return next((folders[depth - 1] for depth in range(len(folders), 0, -1) if folders[:depth] in self.folders), "")


def tenants(papers: Iterable[Written], files: Iterable[File], root: str) -> tuple[Tenants, list[Problem]]:
    """Return the tenants, and what is wrong with them and with where documents lie."""
    papers = list(papers)
    homes = {file.folders: file for file in files if _is_tenant_file(file.name)}
    problems = [problem for folders, file in homes.items() for problem in _misplaced(folders, file, homes)]
    if not homes:
        hint = f"make a folder for each tenant, with a {TENANT_FILE} in it"
        problems.append(
            Problem(Origin(root, 1, 1), f"no folder below it has a {TENANT_FILE}, so there is no tenant", hint)
        )
    written = {
        one.folders[-1]: one
        for one in papers
        if one.folders and isinstance(one.model, TenantFile) and _is_tenant_file(one.file)
    }
    sound = {name: _tenant(name, one) for name, one in sorted(written.items())}
    ids = {tenant.tenant_id: name for name, tenant in reversed(sound.items())}
    found = Tenants(sound, written, frozenset(homes), ids)
    problems += _twice(found)
    problems += [problem for one in papers for problem in _place(one, found)]
    return found, problems


def _is_tenant_file(name: str) -> bool:
    return name.rpartition("/")[2] == TENANT_FILE


def _misplaced(folders: Folders, file: File, homes: Mapping[Folders, File]) -> Iterator[Problem]:
    """Yield why this folder cannot be a tenant."""
    origin = START.origin(file.name)
    if not folders:
        yield Problem(origin, "this folder is a tenant itself", "name the folder above it")
        return
    name = folders[-1]
    if not NAME.fullmatch(name) or name == SHARED:
        rule = NAME_RULE if name != SHARED else f"{SHARED} is for what concerns several"
        yield Problem(origin, f"a tenant cannot be called {show(name)}, like its folder", f"rename the folder: {rule}")
    outer = next((homes[folders[:depth]] for depth in range(1, len(folders)) if folders[:depth] in homes), None)
    if outer:
        yield Problem(origin, f"a tenant inside the tenant of {outer.name}", "move its folder out")
    alike = next((one for there, one in homes.items() if there and there[-1] == name and there < folders), None)
    if alike:
        yield Problem(origin, f"{name} is already the tenant of {alike.name}", "rename one of the folders")


def _twice(found: Tenants) -> Iterator[Problem]:
    for name, tenant in found.sound.items():
        first = found.ids[tenant.tenant_id]
        if first != name:
            message = f"tenantId {tenant.tenant_id} is already that of {first}, at {found.origin(first, 'tenantId')}"
            yield found.written[name].problem(["tenantId"], message, "one tenant has one folder")


def _place(one: Written, found: Tenants) -> Iterator[Problem]:
    """Yield what is wrong with where this document lies."""
    word, is_tenant_file = one.shape.word, _is_tenant_file(one.file)
    shared = one.folders[:1] == (SHARED,)
    if (word == TENANT) != is_tenant_file:
        message = f"{TENANT_FILE} holds a {word}" if is_tenant_file else f"a {TENANT} in a file of another name"
        yield one.problem(["kind"], message, f"a {TENANT} stands in {TENANT_FILE}, and nothing else does")
    elif word == PROFILE and not shared:
        yield one.problem(["kind"], f"an {PROFILE} concerns several tenants", f"move the file to {SHARED}/profiles/")
    elif word in _SHARED_FOLDERS:
        if one.folders[:2] != (SHARED, folder := _SHARED_FOLDERS[word]):
            hint = f"move the file to {SHARED}/{folder}/"
            yield one.problem(["kind"], f"a {word} concerns several tenants, and this one lies elsewhere", hint)
    elif word not in (TENANT, PROFILE) and not found.home(one.folders):
        lies = f"in {SHARED}/" if shared else f"in no folder with a {TENANT_FILE}"
        hint = "move the file into the folder of its tenant"
        yield one.problem(["kind"], f"a {word} belongs to one tenant, and this one lies {lies}", hint)


def _tenant(name: str, written: Written) -> Tenant:
    said = written.model
    if not isinstance(said, TenantFile):
        raise TypeError(f"{written.file} is no {TENANT}")
    clients = {"plan": said.auth.plan, "apply": said.auth.apply}
    return Tenant(
        name=name,
        tenant_id=said.tenantId,
        display_name=said.displayName,
        domain=said.domain,
        origin=written.place.origin(written.file),
        cloud=said.cloud,
        relationship=said.relationship,
        management=Management(said.management),
        undeclared=Undeclared(said.undeclared),
        acceptance=said.acceptance,
        owner=said.owner,
        auth={use: client.clientId for use, client in clients.items() if client},
        acknowledge=acknowledgements(said.acknowledge, written.place.inside(["acknowledge"]), written.file),
    )
