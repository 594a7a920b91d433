"""Whether a tenant has somebody by a name, and what a user looks like there. Reads, and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.errors import Forbidden, GraphError, NotFound, Refused, SetupError
from reconciler.graph.client import Graph
from reconciler.graph.odata import literal, segment
from reconciler.model import Body, Json
from reconciler.operating.looking import needing

PEOPLE = "User.Read.All"
SHOWN = (
    "id", "userPrincipalName", "displayName", "mail", "userType", "accountEnabled", "externalUserState",
    "creationType", "givenName", "surname", "jobTitle", "department", "companyName", "employeeId", "mailNickname",
    "mobilePhone", "businessPhones", "officeLocation", "preferredLanguage", "streetAddress", "city", "state",
    "postalCode", "country", "usageLocation", "showInAddressList",
)  # fmt: skip
_EXTERNAL = "#EXT#"


def at_home(word: str) -> str:
    """Return the name that somebody signs in with at home, where the word is what an invitation made of it.

    Documented: the at sign becomes an underscore, and the name of the target's first domain comes after `#EXT#`.
    """
    name, mark, _ = word.partition(_EXTERNAL)
    local, _, domain = name.rpartition("_")
    return f"{local}@{domain}" if mark and local else word


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of a tenant: their id, and whether they may sign in there."""

    id: str
    enabled: bool


async def find_user(graph: Graph, word: str) -> Known | None:
    """Return whom a word means in a tenant, by id, sign-in name or mail; None where it means nobody.

    Raises:
        GraphError: whether there is anybody cannot be had.
        SetupError: several have this mail, and none of them is chosen.
    """
    asked = "$select=id,accountEnabled"
    try:
        return _known(await graph.get(f"/users/{segment(word)}?{asked}"))
    except (NotFound, Refused):
        pass
    except GraphError as error:
        raise needing(PEOPLE, "look people up")(error) from error
    if "@" not in word:
        return None
    found = (await graph.get(f"/users?$filter=mail%20eq%20{literal(word)}&{asked}")).get("value") or []
    if len(found) > 1:
        ids = ", ".join(sorted(str(one["id"]) for one in found))
        raise SetupError(f"several people have the mail {word!r}; write the sign-in name or the id of one: {ids}")
    return _known(found[0]) if found else None


def _known(user: Body) -> Known:
    return Known(str(user["id"]), user.get("accountEnabled") is not False)


async def show_user(graph: Graph, user: str) -> tuple[Mapping[str, str] | None, str, int]:
    """Return the attributes of a user that have a value, or None, why not, and the exit code of the error behind it."""
    path = f"/users/{segment(user)}?$select={','.join(SHOWN)}"
    try:
        return shown(await graph.get(path)), "", 0
    except NotFound:
        return None, "", 0
    except GraphError as error:
        hint = f"; to look people up takes {PEOPLE}" if isinstance(error, Forbidden) else ""
        return None, f"{error}{hint}", error.exit_code


def shown(user: Body) -> Mapping[str, str]:
    """Return the attributes that have a value, in our order."""
    return {name: worded(user[name]) for name in SHOWN if user.get(name) not in (None, "", [])}


def worded(value: Json) -> str:
    """Return a value as text."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(map(worded, value))
        case _:
            return str(value)
