"""What one tenant says about another: what applies, where it comes from, and what that alone lets through.

Looks at one tenant at a time; what two of them make together is for `judging`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.access import CLOUDS, CONSENT, ENDPOINTS, FLAGS, HALVES, SYNCHRONIZATION, TRUST, admitted, effective
from reconciler.explaining.views import View
from reconciler.model import Address, Answer, Body, Json, Origin, Party, Side, Source
from reconciler.phrases import block as spoken

PARTNER, POLICY, DEFAULT = "partner", "policy", "default"


@dataclass(frozen=True, slots=True)
class Barrier:
    """What stands before every setting between clouds: not even the default applies.

    `needs` is what is missing: the endpoint of a cloud in the policy, or "" for an entry.
    """

    answer: Answer
    basis: str
    needs: str = ""


def barrier(view: View, other: Party) -> Barrier | None:
    """Return what keeps a tenant of another cloud out before any setting is asked, if anything does."""
    endpoint = ENDPOINTS.get(other.cloud, "")
    if not endpoint or endpoint == ENDPOINTS.get(view.party.cloud):
        return None
    allowed = view.says(Address(view.party.name, POLICY), CLOUDS)
    if allowed is None:
        return Barrier(
            Answer.UNKNOWN, f"nobody knows whether it works with {endpoint}: {CLOUDS} is not shown", endpoint
        )
    if endpoint not in allowed:
        return Barrier(Answer.NO, f"it works with no tenant of {endpoint}, which {CLOUDS} does not name", endpoint)
    if not view.has(PARTNER, other):
        return Barrier(
            Answer.NO, f"its default does not apply to tenants of {endpoint}, and there is no entry for {other.name}"
        )
    return None


def setting(view: View, other: Party, block: str, stock: Body, names: Mapping[str, str]) -> Side:
    """Return what one block of two halves lets through."""
    closed = _closed(view, other, block)
    if closed is not None:
        return closed
    own, default = view.says(view.at(PARTNER, other), block), view.default(block)
    value = effective(block, own, default)
    answer = admitted(value).answer
    return _side(view, other, block, answer, value, spoken(value, names), HALVES[block], stock)


def trust(view: View, other: Party, stock: Body) -> list[Side]:
    """Return which claims count, one by one; together where nobody can say."""
    if view.state is None:
        return [unread(view, TRUST)]
    return [_trusted(view, other, flag, stock) for flag in FLAGS[TRUST]]


def _trusted(view: View, other: Party, flag: str, stock: Body) -> Side:
    name = f"{TRUST}.{flag}"
    closed = _closed(view, other, name)
    if closed is not None:
        return closed
    value = effective(TRUST, view.says(view.at(PARTNER, other), TRUST), view.default(TRUST))[flag]
    return _side(view, other, name, _answer(value), value, _word(value), (flag,), stock)


def consent(view: View, other: Party, flag: str) -> Side:
    """Return whether one of the two suppresses the question. The default has no say in it."""
    name = f"{CONSENT}.{flag}"
    if view.state is None:
        return unread(view, name)
    own = (view.says(view.at(PARTNER, other), CONSENT) or {}).get(flag)
    if own is not None:
        return _by_entry(view, other, name, own, f"its entry for {other.name}", PARTNER)
    entry = "its entry says nothing" if view.has(PARTNER, other) else f"there is no entry for {other.name}"
    return _unsaid(view, name, f"{entry}, and no default stands behind it")


def synchronization(view: View, other: Party, block: str) -> Side:
    """Return whether the other tenant may create objects here."""
    name = f"identitySynchronization.{block}.isSyncAllowed"
    if view.state is None:
        return unread(view, name)
    address = view.at(SYNCHRONIZATION, other)
    resource = view.state.get(address)
    if resource is None:
        return _unsaid(view, name, f"there is no identitySynchronization for {other.name}")
    if block not in resource.body:
        why = "only the beta version of Microsoft Graph shows it, which is read where a document names it"
        return Side(view.party.name, name, Answer.UNKNOWN, None, "unknown", why, {"": Source.UNREAD})
    own = (resource.body[block] or {}).get("isSyncAllowed")
    if own is None:
        return _unsaid(view, name, f"its identitySynchronization for {other.name} says nothing about it")
    return _by_entry(view, other, name, own, f"its identitySynchronization for {other.name}", SYNCHRONIZATION)


def unread(view: View, name: str) -> Side:
    """Return a setting of a tenant that nobody could look into."""
    return Side(view.party.name, name, Answer.UNKNOWN, None, "unknown", "nothing was read there", {"": Source.UNREAD})


# ---------------------------------------------------------------------------------------------- parts


def _closed(view: View, other: Party, name: str) -> Side | None:
    """Return the side of a tenant that was not read, or of which a barrier is all there is to say."""
    if view.state is None:
        return unread(view, name)
    found = barrier(view, other)
    if found is None:
        return None
    said = "unknown" if found.answer is Answer.UNKNOWN else "nothing"
    return Side(view.party.name, name, found.answer, None, said, found.basis, {"": Source.CLOUD})


def _side(
    view: View, other: Party, name: str, answer: Answer, value: Json, said: str, members: Iterable[str], stock: Body
) -> Side:
    block, _, flag = name.partition(".")
    sources = {member: _source(view, other, block, member) for member in members}
    found = set(sources.values())
    is_stock = found != {Source.ENTRY} and view.default(block) == stock.get(block)
    phrases = {source: _phrase(other, source, stock=is_stock) for source in found}
    basis = (
        [*phrases.values()] if len(found) == 1 else [f"{member} by {phrases[one]}" for member, one in sources.items()]
    )
    address = view.at(PARTNER, other) if Source.ENTRY in found else Address(view.party.name, DEFAULT)
    origin, remark = _in_git(view, address, block, flag, view.says(address, block))
    basis += [remark] if remark and (origin or not is_stock) else []
    if answer is Answer.UNKNOWN:
        basis.append("it is not shown, or has a value that this version does not know")
    told = {"": sources[flag]} if flag else sources
    return Side(view.party.name, name, answer, value, said, "; ".join(basis), told, is_stock, origin)


def _source(view: View, other: Party, block: str, member: str) -> Source:
    own = view.says(view.at(PARTNER, other), block)
    if own is not None and own.get(member) is not None:
        return Source.ENTRY
    return Source.INHERITED if view.has(PARTNER, other) else Source.DEFAULT


def _phrase(other: Party, source: Source, *, stock: bool) -> str:
    default = "its default, which is stock" if stock else "its default"
    match source:
        case Source.ENTRY:
            return f"its entry for {other.name}"
        case Source.INHERITED:
            return f"{default}: the entry for {other.name} leaves it open"
        case _:
            return f"{default}: there is no entry for {other.name}"


def _by_entry(view: View, other: Party, name: str, value: Json, basis: str, kind: str) -> Side:
    *_, block, flag = name.split(".")
    origin, remark = _in_git(view, view.at(kind, other), block, flag, {flag: value})
    answer, sources = _answer(value), {"": Source.ENTRY}
    return Side(
        view.party.name,
        name,
        answer,
        value,
        _word(value),
        "; ".join(filter(None, (basis, remark))),
        sources,
        origin=origin,
    )


def _unsaid(view: View, name: str, basis: str) -> Side:
    return Side(view.party.name, name, Answer.NO, False, "false", basis, {"": Source.UNSAID})


def _in_git(view: View, address: Address, block: str, flag: str, own: Json) -> tuple[Origin | None, str]:
    """Return the line in Git that speaks of what an object says, and what to remark when it does not say the same."""
    document = view.documents.get(address)
    said = document.said.get(block) if document else None
    if document is None or said is None or (flag and said.get(flag) is None):
        return None, "no file says so"
    same = said[flag] == (own or {}).get(flag) if flag else said == own
    return document.origins.get(block, document.origin), "" if same else "Git says something else"


def _answer(value: Json) -> Answer:
    if value is None:
        return Answer.UNKNOWN
    return Answer.YES if value is True else Answer.NO


def _word(value: Json) -> str:
    return "unknown" if value is None else str(value).lower()
