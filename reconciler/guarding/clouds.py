"""Rule 19: a cloud is added. Its tenants are let in by nothing yet, which surprises; and partners may now be theirs."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler import phrases
from reconciler.access import CLOUDS, ENDPOINTS
from reconciler.guarding.case import Case, Question, said
from reconciler.model import Finding, Severity

RULE = 19


def find(case: Case) -> Iterator[Finding | Question]:
    """Yield clouds that are added, and the tenant's own cloud among them."""
    for change in case.changed("policy"):
        before, after = said(change.before, CLOUDS), said(change.after, CLOUDS)
        added = sorted(set(after or ()) - set(before or ()))
        own = ENDPOINTS[case.tenant.cloud]
        if own in added:
            message = f"the policy: {own} is the cloud of this tenant itself; {CLOUDS} names others"
            yield case.finding(change, RULE, CLOUDS, message, severity=Severity.ERROR)
        elif added:
            message = f"the policy: tenants of {phrases.some(added)} may become partners"
            details = ("until they are: the default does not apply to them, and they stay blocked",)
            yield Question(case.finding(change, RULE, CLOUDS, message, details), before, after)
