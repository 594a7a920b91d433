"""What else decides whether links work: who may invite guests where they end, and what is licensed where they begin.

Read to be told of. What cannot be read says why, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.errors import GraphError
from reconciler.model import Body, Conditions, Json, Subscription

INVITATIONS = "/policies/authorizationPolicy?$select=allowInvitesFrom"
LICENCES = "/subscribedSkus?$select=skuPartNumber,capabilityStatus,consumedUnits,prepaidUnits,servicePlans"
# A subscription that is over, or locked, gives nobody anything.
_IN_FORCE = ("Enabled", "Warning")


def paths(*, begins: bool, ends: bool) -> tuple[str, ...]:
    """Return what is read in a tenant where links begin, or end."""
    return (*([LICENCES] if begins else []), *([INVITATIONS] if ends else []))


def conditions(answers: Mapping[str, Body | GraphError]) -> Conditions:
    """Return what was answered."""
    problems: dict[str, str] = {}
    inviters: str | None = None
    subscriptions: tuple[Subscription, ...] | None = None
    match answers.get(INVITATIONS):
        case GraphError() as error:
            problems["inviters"] = str(error)
        case {"allowInvitesFrom": str(said)}:
            inviters = said
        case Mapping():
            problems["inviters"] = "the authorization policy does not say it"
    match answers.get(LICENCES):
        case GraphError() as error:
            problems["subscriptions"] = str(error)
        case Mapping() as answer:
            try:
                subscriptions = tuple(_subscriptions(answer))
            except (KeyError, TypeError, AttributeError):
                problems["subscriptions"] = "the subscriptions have a form that this version does not know"
    return Conditions(inviters, subscriptions, problems)


def _subscriptions(answer: Body) -> Iterator[Subscription]:
    for sku in answer["value"]:
        if sku["capabilityStatus"] in _IN_FORCE:
            yield Subscription(
                str(sku["skuPartNumber"]),
                _number(sku["prepaidUnits"]["enabled"]) + _number(sku["prepaidUnits"].get("warning") or 0),
                _number(sku["consumedUnits"]),
                frozenset(
                    str(plan["servicePlanId"]).lower()
                    for plan in sku["servicePlans"]
                    if plan.get("provisioningStatus") == "Success"
                ),
            )


def _number(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value
