"""What the provisioning service says when something does not work: each code with its cause and what to do about it.

Data alone, about the service and not about this program: our own errors are in `errors`. The reference page is made
from it. Codes are looked up as the service spells them and as its documentation does, which do not always agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from reconciler.model.operations import Told

Evidence: TypeAlias = Literal["documented", "observed", "inferred"]
"""Microsoft documents it, it was seen in a tenant, or it follows from what is documented."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One code. `fix` says who does what; it ends without a full stop, so that it can be part of a sentence."""

    code: str
    cause: str
    fix: str
    evidence: Evidence = "documented"


@dataclass(frozen=True, slots=True)
class Group:
    """Codes that are met at one place."""

    title: str
    words: str
    troubles: tuple[Trouble, ...]


_CONSENT = (
    "in the target let `automaticUserConsentSettings.inboundAllowed` of the source be true, and in the source "
    "`outboundAllowed` of the target; `reconciler plan` shows which of them is missing"
)
_CONFLICT = "correct the value in either tenant, or remove the object of the target that stands in the way"
_ASK = "ask Microsoft with the change id of the log"
_PROVISION_AGAIN = f"nothing: it is tried again with the next cycle; if it stays for a day, {_ASK}"

GROUPS: Final = (
    Group(
        "Why a job is in quarantine",
        "The reason stands in the status of the job. In quarantine cycles become rare; after four weeks the service "
        "disables the job.",
        (
            Trouble(
                "EncounteredQuarantineException",
                "The service could not work at all: it is not let in, or the settings of the job are not accepted. "
                "The error beside it says which.",
                "correct what the error names, then let `reconciler restart LINK --scope quarantine` try at once",
            ),
            Trouble(
                "EncounteredEscrowProportionThreshold",
                "More than 40 % of what a cycle tried failed, with at least 5000 failures.",
                "see in `reconciler logs LINK --failures` what most of them have in common, correct that, and restart",
            ),
            Trouble(
                "EncounteredBaseEscrowThreshold",
                "More than about 40000 objects failed, managers and members not counted.",
                "see in `reconciler logs LINK --failures` what most of them have in common, correct that, and restart",
            ),
            Trouble(
                "EncounteredTotalEscrowThreshold",
                "About 60000 objects or references failed.",
                "see in `reconciler logs LINK --failures` what most of them have in common, correct that, and restart",
            ),
            Trouble(
                "TooManyDeletes",
                "A cycle would have deleted more people than the guard against accidental deletion allows. None of "
                "them was deleted.",
                "see in `reconciler logs LINK` who is held (stagedDelete). If it is a mistake, put them back into "
                "scope and restart with the scope default; if it is meant, restart with the scope force-deletes",
            ),
            Trouble(
                "QuarantinedOnDemand",
                "Microsoft stopped the job by hand.",
                "ask Microsoft; only they know why",
            ),
            Trouble(
                "IngestionInterrupted",
                "Reading the source broke off; no public text says more.",
                "restart with the scope default; if it comes again, ask Microsoft",
                "inferred",
            ),
            Trouble("Unknown", "The service does not say why.", "ask Microsoft with the id of the job", "inferred"),
        ),
    ),
    Group(
        "Why the two tenants do not let it",
        "Met when the connection is tested, when a job starts, and in every cycle.",
        (
            Trouble(
                "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
                "The target does not allow the source to synchronize into it, or one of the two lacks the consent that "
                "redeems invitations by itself.",
                f"in the target let `userSyncInbound.isSyncAllowed` of the source be true; {_CONSENT}",
            ),
            Trouble(
                "AzureDirectoryB2BManagementPolicyCheckFailure",
                "The consent that redeems invitations by itself is missing in one of the two tenants.",
                _CONSENT,
            ),
            Trouble(
                "AzureActiveDirectoryForbidden",
                "The target invites no guests, not even by its administrators.",
                "in the target let the external collaboration settings allow administrators to invite guests",
            ),
            Trouble(
                "ExternalTenantNotFound",
                "No tenant of this cloud has the target's id: it is wrong, or the tenant is in another cloud.",
                "correct the tenant id; between clouds a configuration is made as a cross-cloud one from the beginning",
            ),
            Trouble(
                "AzureActiveDirectoryTokenExpired",
                "Seen between clouds: the target has not enabled the source's cloud.",
                "in the target enable the source's cloud in the Microsoft cloud settings",
            ),
        ),
    ),
    Group(
        "Why an object could not be written",
        "The error code of an entry in the provisioning log, or of provisioning on demand. What failed is tried again "
        "in later cycles, ever less often.",
        (
            Trouble(
                "AzureActiveDirectoryQuotaLimitExceeded",
                "The target directory holds as many objects as it may.",
                "in the target remove objects, or ask Microsoft for a larger quota",
            ),
            Trouble(
                "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService",
                "Somebody else is the authority for a value of the target user: for `mail` and `showInAddressList`, "
                "Exchange.",
                "change the value in the target itself, or take the attribute out of the mappings of the link",
            ),
            Trouble(
                "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises",
                "The target user was once synchronized from a domain controller of the target, which still owns it.",
                "in the target end the synchronization of this user from on premises, or delete the user there",
                "inferred",
            ),
            Trouble(
                "InvitationCreationFailure",
                "The invitation into the target failed.",
                "in the target see in the external collaboration settings whether invitations to the source's domain "
                "are allowed; if they are, ask Microsoft with the change id of the log",
            ),
            Trouble(
                "InvitationCreationFailureInvalidPropertyValue",
                "The primary mail address is not valid, belongs to a group of the target, or the user type is wrong.",
                "correct `mail` of the source user, rename the group's address, or see that `userType` is mapped to "
                "Member or Guest",
            ),
            Trouble(
                "InvitationCreationFailureAmbiguousUser",
                "An internal user of the target has the same mail address among its proxy addresses.",
                "in the target remove the address or the account, or take the person out of the link's scope",
            ),
            Trouble(
                "DuplicateTargetEntries",
                "Several users of the target match the same person.",
                "in the target delete the users that are too many",
            ),
            Trouble(
                "DuplicateSourceEntries",
                "Several users of the source match the same user of the target.",
                "in the source take all but one of them out of the link's scope",
            ),
            Trouble(
                "InvalidAnchor",
                "The target user that this person is linked to is gone.",
                "restore the user in the target within 30 days of its deletion; when it is gone for good, Microsoft "
                "advises a restart with the scope full, which forgets all links and matches everybody anew",
            ),
            Trouble(
                "AzureActiveDirectoryInsufficientRights",
                "The target user is to be deleted and holds a directory role there, which protects it.",
                "in the target take the role from the user, or delete the user there",
            ),
            *(
                Trouble(
                    code,
                    "The user cannot be created: a value that is needed is missing.",
                    "fill the attribute in the source, or map another one",
                )
                for code in ("MandatoryFieldsMissing", "MissingValues")
            ),
            Trouble(
                "SchemaAttributeNotFound",
                "A mapping writes an attribute that the target does not have.",
                "correct the name in the mappings of the link; names of directory extensions are case-sensitive",
            ),
            Trouble(
                "SchemaPropertyCanOnlyAcceptValue",
                "The attribute of the target takes one value, and the source has several.",
                "map an attribute of one value, or take one of several with `Item`; `reconciler evaluate` shows what "
                "the mapping gives for this person",
            ),
            Trouble(
                "InvalidDomain",
                "A value has a domain that the target does not take.",
                "correct the address in the source; mail in a domain that the source has not verified is refused",
            ),
            *(
                Trouble(code, "A value stands in conflict with another object of the target.", _CONFLICT)
                for code in ("Conflict", "EntryConflict")
            ),
            Trouble(
                "LicenseLimitExceeded",
                "The target has no licence left for this person.",
                "add licences in the target, or take people out of the link's scope",
            ),
            *(
                Trouble(
                    code,
                    "The target let the service in, and does not allow this change.",
                    "see in the target whether the user holds a role or is protected otherwise, and whether both "
                    "tenants still agree to be synchronized",
                )
                for code in ("InsufficientRights", "MethodNotAllowed", "NotPermitted", "Unauthorized")
            ),
            *(
                Trouble(code, "The target answered in a way that the service does not expect.", _ASK)
                for code in ("UnprocessableEntity", "NotImplemented")
            ),
            Trouble("TooManyRequests", "The target was asked too much at a time.", _PROVISION_AGAIN),
            Trouble("Timeout", "The target did not answer in time.", _PROVISION_AGAIN),
            Trouble("InternalServerError", "The target failed.", _PROVISION_AGAIN),
            Trouble("InternalError", "The provisioning service failed.", _PROVISION_AGAIN),
            Trouble("WebExceptionProtocolError", "The connection to the target broke.", _PROVISION_AGAIN),
        ),
    ),
    Group(
        "Why an object was skipped",
        "A skip is no failure. The reason is in the last step of the log's entry.",
        (
            Trouble(
                "NotEffectivelyEntitled",
                "The person is not in scope: not assigned, not by a group either, or disabled before being "
                "synchronized for the first time.",
                "assign the person, or a group of which the person is a direct member, and wait some minutes; an "
                "account that is disabled is not begun with",
                "observed",
            ),
            Trouble(
                "RedundantExport",
                "The target has all values already.",
                "nothing: the person is synchronized",
                "observed",
            ),
            Trouble(
                "EntityTypeNotSupported",
                "A group is in scope, and groups are not synchronized.",
                "say `groupSync: true` in the link, or leave it so: the members of the group are synchronized anyway",
                "observed",
            ),
            Trouble(
                "ImportSkipped",
                "The source has no value for the attribute by which people are matched.",
                "wait: a new account has it after some minutes",
            ),
            Trouble(
                "EntrySynchronizationSkipped",
                "There was nothing to do, or the person is not in scope, or the link does not allow this action.",
                "see what the scoping step says; the job may also be told not to create or not to update",
                "observed",
            ),
        ),
    ),
    Group(
        "Why a change of a configuration is refused",
        "Answers to requests of ours, or of somebody in the portal.",
        (
            Trouble(
                "schemaInvalid",
                "The mappings are not accepted: the matching attribute was touched, an expression cannot be compiled, "
                "or an attribute is not defined.",
                "correct the mappings; `reconciler validate` finds most of it with line and column",
            ),
            Trouble(
                "Request_MultipleObjectsWithSameKeyValue",
                "It exists already.",
                "plan again: what is there is changed instead",
            ),
            Trouble("Directory_ObjectNotFound", "It does not exist.", "plan again: it is made first"),
            Trouble(
                "Authorization_RequestDenied",
                "Whoever is signed in lacks a permission or a role.",
                "`reconciler doctor` says who must grant what",
            ),
        ),
    ),
)
"""All that is known, in the order of the page."""

# The documentation breaks long codes and writes the product's name of the day into them.
_PREFIXES: Final = ("azureactivedirectory", "microsoftentraid", "microsoftentra", "azuread", "azuredirectory")
_BY_CODE: Final[Mapping[str, Trouble]] = {one.code.casefold(): one for group in GROUPS for one in group.troubles}


def _bare(code: str) -> str:
    """Return a code without the name of the product in front of it."""
    folded = code.casefold()
    found = next((prefix for prefix in _PREFIXES if folded.startswith(prefix)), "")
    return folded.removeprefix(found)


_BY_BARE_CODE: Final[Mapping[str, Trouble]] = {_bare(code): one for code, one in _BY_CODE.items()}


def known(code: str) -> Trouble | None:
    """Return what is known of a code, in any spelling of it."""
    folded = code.strip().casefold()
    return _BY_CODE.get(folded) or _BY_BARE_CODE.get(_bare(folded))


def explain(code: str, message: str = "") -> Told:
    """Return a code with its cause and fix. What nobody knows has the service's own words alone."""
    code, message = unwrapped(code, message)
    found = known(code)
    return Told(code, message, found.cause, found.fix) if found else Told(code, message)


def unwrapped(code: str, message: str) -> tuple[str, str]:
    """Return code and message of the back end, which Graph passes on as JSON in the message of an unknown error."""
    if code.casefold() != "unknownerror" or not message.lstrip().startswith("{"):
        return code, message
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        return code, message
    inner = said.get("error") if isinstance(said, dict) else None
    match inner:
        case {"code": str(theirs), **rest} if theirs:
            words = rest.get("message")
            return theirs, words if isinstance(words, str) else ""
        case _:
            return code, message


# ---------------------------------------------------------------------------------------------- the page

_HEAD = """\
# Error codes of provisioning

Generated from `reconciler/troubles.py`. What the provisioning service says in the status of a job, in the provisioning
log and on demand; `reconciler status`, `logs` and `verify` show cause and fix beside each. *Documented* is what
Microsoft describes, *observed* what was seen in tenants, *inferred* what follows from either. How the program itself
ends is told by its [exit codes](exit-codes.md).
"""


def page() -> str:
    """Return the reference page."""
    return "\n".join([_HEAD, *(line for group in GROUPS for line in _section(group))])


def _section(group: Group) -> Iterator[str]:
    yield f"## {group.title}\n\n{group.words}\n"
    yield "| code | cause | what to do | |\n| --- | --- | --- | --- |"
    for one in group.troubles:
        fix = f"{one.fix[0].upper()}{one.fix[1:]}." if one.fix[0] != "`" else f"{one.fix}."
        yield f"| `{one.code}` | {one.cause} | {fix} | {one.evidence} |"
    yield ""
