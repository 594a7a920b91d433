"""What nobody has documented about the service, each as a named switch: what we assume, and what else may be true.

`docs/assumptions.md` is rendered from this table. Evidence: *documented* by Microsoft, a *captured* real answer, the
*practice* of a tool that runs against the real service, a user's *report*, or *none*: inference or convention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from reconciler.emulator.assuming import assumed
from reconciler.emulator.calls import Json
from reconciler.emulator.synchronization.switches import SynchronizationSwitches


@dataclass(frozen=True, slots=True)
class Switches(SynchronizationSwitches):
    """All assumptions; the defaults are what we believe to be likeliest."""

    nested_patch: str = assumed(
        "merge",
        "PATCH merges a block member by member; `targets` are replaced as a whole.",
        otherwise="`replace`: members of a block that PATCH leaves out become null.",
        evidence="none",
        choices=("merge", "replace"),
    )
    null_clears: bool = assumed(
        True,
        'PATCH with null for a block of a partner means "back to inherit" (a tutorial shows it for `inboundTrust`).',
        otherwise="null for any other block is refused with 400.",
        evidence="none",
    )
    default_null_is_stock: bool = assumed(
        True,
        "PATCH of the default with null for a block restores the service's own value of that block.",
        otherwise="It is refused with 400.",
        evidence="none",
    )
    empty_block_refused: bool = assumed(
        True,
        "A block without any member that is set (`{}`, or only nulls) is refused with 400.",
        otherwise="It is taken like null.",
        evidence="report",
    )
    conflict_refused: bool = assumed(
        True,
        "AllUsers blocked while applications are allowed, or users allowed while AllApplications is blocked, is "
        "refused with 400 `Request_BadRequest` (the portal refuses it; the code of the API is not documented).",
        otherwise="It is accepted.",
        evidence="none",
    )
    mixed_all_refused: bool = assumed(
        True,
        "AllUsers or AllApplications beside other targets in one list is refused with 400.",
        otherwise="It is accepted as sent.",
        evidence="none",
    )
    target_case: str = assumed(
        "as-sent",
        "GUIDs in targets are echoed in the case in which they were sent.",
        otherwise="`lower`: they come back in lower case.",
        evidence="none",
        choices=("as-sent", "lower"),
    )
    target_order: str = assumed(
        "as-sent",
        "Targets are echoed in the order in which they were sent.",
        otherwise="`sorted`: the service sorts them.",
        evidence="none",
        choices=("as-sent", "sorted"),
    )
    partner_key_case: str = assumed(
        "lower",
        "The tenant id of a partner is answered in lower case.",
        otherwise="`as-sent`: in the case in which it was sent.",
        evidence="none",
        choices=("lower", "as-sent"),
    )
    duplicate_targets_kept: bool = assumed(
        True,
        "A target that is sent twice is echoed twice.",
        otherwise="It is kept once.",
        evidence="none",
    )
    annotations_accepted: bool = assumed(
        True,
        "`@odata.*` annotations in bodies are accepted and dropped.",
        otherwise="They are refused with 400 (one provider had to strip `@odata.type` from `tenantRestrictions`).",
        evidence="practice",
    )
    default_consent_refused: bool = assumed(
        True,
        "`automaticUserConsentSettings` being true in a PATCH of the default is refused with 400.",
        otherwise="It is accepted and has no effect.",
        evidence="none",
    )
    any_write_customises: bool = assumed(
        True,
        "Every accepted PATCH of the default turns `isServiceDefault` false, even when no value differs.",
        otherwise="It is false only while a value differs from stock.",
        evidence="captured",
    )
    redemption_order: str = assumed(
        "external-first",
        "An untouched tenant redeems invitations by `externalFederation` first (the capture is of a touched one).",
        otherwise="`directory-first`: `azureActiveDirectory` comes first.",
        evidence="captured",
        choices=("external-first", "directory-first"),
    )
    undeclared_properties: bool = assumed(
        True,
        "v1.0 answers carry properties that the metadata does not declare: `crossCloudMeetingConfiguration`, "
        "`protectedContentSharing`.",
        otherwise="Only declared properties are answered.",
        evidence="captured",
    )
    service_provider_refused: bool = assumed(
        True,
        "`isServiceProvider` in the body of an application, whatever its value, is refused with 403.",
        otherwise="It is refused with 400, as a read-only property.",
        evidence="practice",
    )
    own_cloud_refused: bool = assumed(
        True,
        "`allowedCloudEndpoints` with the tenant's own cloud in it is refused with 400.",
        otherwise="It is accepted and means nothing.",
        evidence="none",
    )
    own_tenant_refused: bool = assumed(
        True,
        "POST of a partner with the tenant's own id is refused with 400.",
        otherwise="It is accepted.",
        evidence="none",
    )
    unknown_tenant_accepted: bool = assumed(
        True,
        "POST of a partner accepts every well-formed tenant id.",
        otherwise="An id that the directory cannot find is refused with 400.",
        evidence="none",
    )
    missing_partner_read: str = assumed(
        "Request_ResourceNotFound",
        "GET of an unknown partner answers 404 with this code (tools accept both).",
        otherwise="`ResourceNotFound`.",
        evidence="practice",
        choices=("Request_ResourceNotFound", "ResourceNotFound"),
    )
    missing_partner_write: str = assumed(
        "Directory_ObjectNotFound",
        "PATCH and DELETE of an unknown partner answer 404 with this code (the tutorial shows it for PATCH).",
        otherwise="`Request_ResourceNotFound`.",
        evidence="documented",
        choices=("Directory_ObjectNotFound", "Request_ResourceNotFound"),
    )
    malformed_key_is_missing: bool = assumed(
        True,
        "GET of a partner whose key is no GUID answers 404.",
        otherwise="It answers 400 `Request_BadRequest`.",
        evidence="none",
    )
    unknown_tenant_information: int = assumed(
        404,
        "findTenantInformation* answers an unknown tenant with this status and `Request_ResourceNotFound`.",
        otherwise="`400`.",
        evidence="none",
        choices=("404", "400"),
    )
    page_size: int = assumed(
        100,
        "Lists come in pages of this many items.",
        otherwise="Any other positive number.",
        evidence="none",
    )
    list_order: str = assumed(
        "creation",
        "Partners are listed in the order of their creation (no order is promised).",
        otherwise="`shuffled`: in an arbitrary, stable order.",
        evidence="none",
        choices=("creation", "shuffled"),
    )
    filter_refused: bool = assumed(
        True,
        "`$filter` on partners is refused with 400 `BadRequest` (declared in the metadata, seen nowhere).",
        otherwise="`tenantId eq '…'` works.",
        evidence="none",
    )
    skip_refused: bool = assumed(
        True,
        "`$skip` on partners is refused with 400 `BadRequest` (declared in the metadata, seen nowhere).",
        otherwise="It skips that many items.",
        evidence="none",
    )
    expand_on_list: bool = assumed(
        True,
        "`$expand=identitySynchronization` works on the list of partners (declared there, seen in use on single ones).",
        otherwise="It is refused with 400 `BadRequest`.",
        evidence="practice",
    )
    expanded_nothing: str = assumed(
        "null",
        "`$expand` shows an object that does not exist as null.",
        otherwise="`absent`: the member is left out.",
        evidence="practice",
        choices=("null", "absent"),
    )
    put_only_creates: bool = assumed(
        True,
        "PUT of an identity synchronization policy that exists answers 409.",
        otherwise="It replaces the policy (one provider updates in this way).",
        evidence="documented",
    )
    sync_before_consent: bool = assumed(
        True,
        "Inbound synchronization may be allowed before the partner's consent is suppressed (a tutorial does it).",
        otherwise="It is refused with 400 (a provider's example says that consent is required first).",
        evidence="documented",
    )
    count_route: bool = assumed(
        True,
        "`partners/$count` answers the number as text (the route exists in the SDK).",
        otherwise="It is refused with 400 `BadRequest`.",
        evidence="none",
    )
    delete_lingers_seconds: int = assumed(
        0,
        "A deleted partner is gone at once.",
        otherwise="For this many seconds it is still read, and creating it again answers 409; tools wait up to 150.",
        evidence="practice",
    )
    deleted_items_refused: bool = assumed(
        True,
        "An application may not use the beta lists of deleted partners and policies: 403 (its permission is nowhere "
        "documented).",
        otherwise="The permissions of the policies open them.",
        evidence="documented",
    )
    read_lag_seconds: int = assumed(
        0,
        "A read shows the last write at once.",
        otherwise="Every read is this many seconds behind; the service documents eventual consistency.",
        evidence="documented",
    )
    new_object_lag_seconds: int = assumed(
        0,
        "A new application, service principal, user or group is found at once.",
        otherwise="For this many seconds it is not found (404), alone, in lists and by what is to hang below it; the "
        "portal speaks of 15 seconds after a configuration is made, and tools try again for a minute.",
        evidence="practice",
    )
    assignment_lag_seconds: int = assumed(
        0,
        "`appRoleAssignedTo` shows the last assignment, and the last removal of one, at once.",
        otherwise="It is this many seconds behind; the documentation warns of delays.",
        evidence="documented",
    )
    assigning_takes_reading: bool = assumed(
        True,
        "Assigning takes the right to read applications beside `AppRoleAssignment.ReadWrite.All`: 403 without.",
        otherwise="The right to assign is enough, as the reference had it for long.",
        evidence="report",
    )
    renaming_reaches_service_principal: bool = assumed(
        True,
        "A new `displayName` of an application is that of its service principal too.",
        otherwise="The service principal keeps its own; only its `appDisplayName` changes.",
        evidence="none",
    )
    security_groups_recoverable: bool = assumed(
        False,
        "A deleted security group is gone for good; only Microsoft 365 groups go to the deleted items.",
        otherwise="Security groups can be restored for 30 days as well.",
        evidence="documented",
    )
    applications_purge_people: bool = assumed(
        False,
        "An application cannot delete users and groups for good, whatever its permissions: 403.",
        otherwise="With the right to write them it can.",
        evidence="documented",
    )
    dynamic_members_refused: int = assumed(
        403,
        "Adding to, or removing from, a group with dynamic membership answers this status.",
        otherwise="`400`.",
        evidence="report",
        choices=("403", "400"),
    )
    batch_order: str = assumed(
        "shuffled",
        "The parts of a $batch answer come in any order.",
        otherwise="`as-sent`: in the order of the requests.",
        evidence="documented",
        choices=("shuffled", "as-sent"),
    )
    batch_absolute_url: str = assumed(
        "item",
        "An absolute URL in a $batch is refused with 400 for its item alone.",
        otherwise="`whole`: for the whole batch.",
        evidence="report",
        choices=("item", "whole"),
    )
    token_lifetime_seconds: int = assumed(
        3599,
        "Access tokens live this long.",
        otherwise="Any other positive number; real lifetimes vary between 60 and 90 minutes.",
        evidence="documented",
    )
    roles_travel_in_token: bool = assumed(
        True,
        "A permission granted after sign-in shows only in a new token.",
        otherwise="Permissions are looked up with every request.",
        evidence="documented",
    )
    audit_names_partner: bool = assumed(
        True,
        "The audit record of a change names the partner by `tenantId` among the modified properties (published "
        "detection rules read it there for partners that are added or deleted).",
        otherwise="Only what changed is there; the id of the target resource still tells which partner it was.",
        evidence="practice",
    )
    audit_lag_seconds: int = assumed(
        0,
        "A write shows in the directory audits at once.",
        otherwise="It shows after this many seconds; minutes are usual.",
        evidence="none",
    )

    @classmethod
    def of(cls, settings: Mapping[str, Json]) -> Switches:
        """Return the defaults with `settings` laid over them.

        Raises:
            ValueError: for an unknown name, a wrong type, or a value that is not among the choices.
        """
        known = {switch.name: switch for switch in fields(cls)}
        for name, value in settings.items():
            if name not in known:
                raise ValueError(f"switch {name!r} does not exist; there are {', '.join(sorted(known))}")
            _check(name, value, type(known[name].default), known[name].metadata["choices"])
        return cls(**settings)


def _check(name: str, value: Json, kind: type[object], choices: tuple[str, ...]) -> None:
    if type(value) is not kind:
        raise ValueError(f"switch {name!r} takes {kind.__name__}, not {value!r}")
    if choices and str(value) not in choices:
        raise ValueError(f"switch {name!r} is one of {', '.join(choices)}, not {value!r}")
