"""Rule 19: a cloud is added. Its tenants are let in by nothing yet, which surprises; and partners may now be theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.guarding import words
from reconciler.guarding.case import Case, Question, said
from reconciler.model import Finding, Severity

RULE = 19
BLOCK = "allowedCloudEndpoints"

_OWN: Mapping[str, str] = {
    "global": "microsoftonline.com",
    "usgov": "microsoftonline.us",
    "usgovdod": "microsoftonline.us",
    "china": "partner.microsoftonline.cn",
}


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield clouds that are added, and the tenant's own cloud among them."""
    for change in case.changed("policy"):
        before, after = said(change.before, BLOCK), said(change.after, BLOCK)
        added = sorted(set(after or ()) - set(before or ()))
        own = _OWN[case.tenant.cloud]
        if own in added:
            message = f"the policy: {own} is the cloud of this tenant itself; {BLOCK} names others"
            yield case.finding(change, RULE, BLOCK, message, severity=Severity.ERROR)
        elif added:
            message = f"the policy: tenants of {words.some(added)} may become partners"
            details = ("until they are: the default does not apply to them, and they stay blocked",)
            yield Question(case.finding(change, RULE, BLOCK, message, details), before, after)
