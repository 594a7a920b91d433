"""Whether a source may synchronize into a target: what the policies of both sides say, in the service's words.

Asked before a job is started, by the button that tests a connection, and by every cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reconciler.emulator.blocks import GUID
from reconciler.emulator.calls import Body, Json
from reconciler.emulator.refusals import Refusal, shorten
from reconciler.emulator.synchronization.refusing import POLICY_CHECK, refused
from reconciler.emulator.synchronization.settings import value_of

if TYPE_CHECKING:
    from reconciler.emulator.world import World


def refusal(world: World, source: str, settings: Iterable[Body]) -> Refusal | None:
    """Return why the source cannot synchronize by these settings, or None where it can."""
    given = tuple(settings)
    target = value_of(given, "CompanyId").lower()
    if value_of(given, "AuthenticationType") != "SyncPolicy" or not GUID.fullmatch(target):
        words = "The credentials must have 'SyncPolicy' as AuthenticationType and the id of the target as CompanyId."
        return refused("InvalidCredentials", words, world.switches)
    if target == source:
        return refused(POLICY_CHECK, "The source tenant and the target tenant are the same.", world.switches)
    if world.organization(target) is None:
        return refused("ExternalTenantNotFound", f"The tenant '{shorten(target)}' was not found.", world.switches)
    objection = next(_objections(world, source, target), None)
    return None if objection is None else refused(POLICY_CHECK, objection, world.switches)


def _objections(world: World, source: str, target: str) -> Iterator[str]:
    """Yield what the policies lack, in the order in which the service looks."""
    said = list(_target_objections(world, source, target))
    if not _consents(world, source, target, "outboundAllowed"):
        words = "The source tenant has not enabled automatic user consent for outbound access to the target tenant."
        said = [words, *said] if world.switches.policy_check_order == "source-first" else [*said, words]
    yield from said


def _target_objections(world: World, source: str, target: str) -> Iterator[str]:
    policy = world.store.get(target, "identitySynchronization", source) or {}
    if (policy.get("userSyncInbound") or {}).get("isSyncAllowed") is not True:
        yield "The target tenant has not enabled inbound synchronization from the source tenant."
    if not _consents(world, target, source, "inboundAllowed"):
        yield "The target tenant has not enabled automatic user consent for inbound access from the source tenant."


def _consents(world: World, tenant: str, partner: str, side: str) -> bool:
    """Tell whether this side lets invitations be redeemed without asking: by the partner, or else by the default."""
    said: Json = None
    for kind, key in (("partner", partner), ("default", "")):
        settings = (world.store.get(tenant, kind, key) or {}).get("automaticUserConsentSettings") or {}
        said = settings.get(side) if said is None else said
    return said is True
