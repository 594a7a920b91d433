"""What users and groups look like: people of a tenant, guests from others, groups whose members are computed.

Bodies only, sparse: what is as in a fresh object is left out. Nothing here reads or writes a world.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory import Organization

ENTRA, MICROSOFT_ACCOUNT = "ExternalAzureAD", "MicrosoftAccount"


def user(key: str, said: Body, home: Organization, user_id: str, now: str) -> dict[str, Json]:
    """Return a user of the tenant `home`; `said` wins over what follows from the key."""
    principal_name = said.get("userPrincipalName") or f"{key}@{home.domains[0]}"
    local = str(principal_name).partition("@")[0]
    mail = said.get("mail", principal_name)
    return {
        "id": user_id,
        "createdDateTime": now,
        "displayName": key.replace("-", " ").replace(".", " ").title(),
        "mailNickname": local,
        "identities": [own_name(home, principal_name)],
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "userType": "Member",
        "mail": mail,
        **said,
        "userPrincipalName": principal_name,
    }


def guest(
    address: str, said: Body, host: Organization, user_id: str, now: str, *, home_id: str = "", accepted: bool = True
) -> dict[str, Json]:
    """Return somebody of another tenant as the tenant `host` knows them; `address` is their principal name at home.

    `home_id` is the id of their account at home, where it is known. An invitation that was not accepted knows no home:
    its only identity is the one it has in `host`.
    """
    principal_name = said.get("userPrincipalName") or external_name(address, host)
    home = [{"signInType": "federated", "issuer": ENTRA, "issuerAssignedId": None}] if accepted else []
    mail = said.get("mail", address)
    return {
        "id": user_id,
        "createdDateTime": now,
        "creationType": "Invitation",
        "displayName": address.partition("@")[0].replace(".", " ").title(),
        "externalUserState": "Accepted" if accepted else "PendingAcceptance",
        "externalUserStateChangeDateTime": now,
        "identities": [*home, own_name(host, principal_name)],
        "mail": mail,
        "mailNickname": str(principal_name).partition("@")[0],
        "otherMails": [mail] if mail else [],
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "alternativeSecurityIds": [net_id(home_id)] if accepted and home_id else [],
        "userType": "Guest",
        **said,
        "userPrincipalName": principal_name,
    }


def external_name(address: str, host: Organization) -> str:
    """Return the principal name in `host` of somebody whose principal name at home is `address`."""
    return f"{address.replace('@', '_')}#EXT#@{host.initial_domain}"


def net_id(user_id: str) -> str:
    """Return the internal security id of an account: 16 hexadecimal digits that begin with 1003."""
    return f"1003{sha256(user_id.encode()).hexdigest()[:12]}".upper()


def own_name(home: Organization, principal_name: Json) -> Mapping[str, Json]:
    """Return the identity that a principal name is in a tenant."""
    return {"signInType": "userPrincipalName", "issuer": home.initial_domain, "issuerAssignedId": principal_name}


def is_external(body: Body) -> bool:
    """Tell whether a user has their account elsewhere."""
    return body.get("creationType") == "Invitation"


def group(key: str, said: Body, group_id: str, now: str) -> dict[str, Json]:
    """Return a security group; with a rule for its members, one whose members are computed."""
    is_dynamic = bool(said.get("membershipRule"))
    return {
        "id": group_id,
        "createdDateTime": now,
        "renewedDateTime": now,
        "displayName": key.replace("-", " ").capitalize(),
        "mailNickname": key,
        "groupTypes": ["DynamicMembership"] if is_dynamic else [],
        "membershipRuleProcessingState": "On" if is_dynamic else None,
        **said,
    }


def is_dynamic(body: Body) -> bool:
    """Tell whether the service computes who is in a group."""
    return "DynamicMembership" in body.get("groupTypes", ())
