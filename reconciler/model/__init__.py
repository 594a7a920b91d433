"""What is: the nine words of the design as frozen values. Nothing here reads, decides or writes.

Tenant, Document, Address (tenant/kind/key), Kind, State (address → body and origin; the same type for desired and
live), Change, Finding, Plan, Outcome.
"""

from __future__ import annotations

from reconciler.model.asides import Aside, AsideName
from reconciler.model.checks import Check, Health, Identity
from reconciler.model.coverage import Coverage, KindCoverage, Share
from reconciler.model.documents import (
    Acknowledgement,
    Document,
    Estate,
    Hazard,
    Lifecycle,
    Management,
    Tenant,
    Undeclared,
)
from reconciler.model.explanations import (
    Answer,
    Capability,
    Direction,
    Explanation,
    Judgement,
    Obstacle,
    Party,
    Side,
    Source,
)
from reconciler.model.impacts import Impact
from reconciler.model.kinds import (
    TEMPLATE,
    Below,
    Collection,
    Ids,
    Kind,
    Part,
    Permissions,
    Request,
    Singleton,
    link_of,
)
from reconciler.model.links import (
    Conditions,
    Declaration,
    Found,
    Link,
    Pin,
    Principal,
    Subscription,
    Synchronizations,
)
from reconciler.model.lookups import FILL_IN, FILL_IN_DOMAIN, Directory, DynamicGroup, DynamicGroups, Lookup
from reconciler.model.memberships import Brought, Memberships, Roster
from reconciler.model.plans import Envelope, Outcome, Plan, Report, Standing, Step, TenantPlan, Verdict
from reconciler.model.states import Action, Change, Effect, Finding, Reading, Resource, Severity, State, Unreadable
from reconciler.model.values import MASKED, Address, Body, Json, Origin, canonical_json, fingerprint

__all__ = [
    "FILL_IN",
    "FILL_IN_DOMAIN",
    "MASKED",
    "TEMPLATE",
    "Acknowledgement",
    "Action",
    "Address",
    "Answer",
    "Aside",
    "AsideName",
    "Below",
    "Body",
    "Brought",
    "Capability",
    "Change",
    "Check",
    "Collection",
    "Conditions",
    "Coverage",
    "Declaration",
    "Direction",
    "Directory",
    "Document",
    "DynamicGroup",
    "DynamicGroups",
    "Effect",
    "Envelope",
    "Estate",
    "Explanation",
    "Finding",
    "Found",
    "Hazard",
    "Health",
    "Identity",
    "Ids",
    "Impact",
    "Json",
    "Judgement",
    "Kind",
    "KindCoverage",
    "Lifecycle",
    "Link",
    "Lookup",
    "Management",
    "Memberships",
    "Obstacle",
    "Origin",
    "Outcome",
    "Part",
    "Party",
    "Permissions",
    "Pin",
    "Plan",
    "Principal",
    "Reading",
    "Report",
    "Request",
    "Resource",
    "Roster",
    "Severity",
    "Share",
    "Side",
    "Singleton",
    "Source",
    "Standing",
    "State",
    "Step",
    "Subscription",
    "Synchronizations",
    "Tenant",
    "TenantPlan",
    "Undeclared",
    "Unreadable",
    "Verdict",
    "canonical_json",
    "fingerprint",
    "link_of",
]
