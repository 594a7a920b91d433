"""A hand-made plan in which everything that a report can show occurs once, and reports to go with it."""

from __future__ import annotations

from datetime import date

from reconciler.model import (
    Acknowledgement,
    Action,
    Address,
    Change,
    Effect,
    Envelope,
    Finding,
    Json,
    Origin,
    Outcome,
    Plan,
    Report,
    Severity,
    Standing,
    Step,
    TenantPlan,
    Verdict,
)

CONTOSO = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01"
FABRIKAM = "88ab1c52-6a5c-4c0e-8a6d-2f7b9d3e4f10"
NORTHWIND = "3f1e7a90-2b4d-4f6a-b8c1-5d7e9f0a1b2c"
TAILSPIN = "c4a7e2d1-9b3f-4e8c-a5d6-7f0b1c2d3e4f"
ENGINEERING = "5b1d6d3a-55c7-4c5e-8f39-9c3a2f1b7e21"
FINANCE = "6a0f3f0c-0d6e-4a5c-9f0a-0e3b5f4d7a10"
FOLDER = "tenants/contoso"


def setting(people: str, targets: list[tuple[str, str]], applications: str = "allowed") -> Json:
    """Return a B2B setting."""
    return {
        "usersAndGroups": {
            "accessType": people,
            "targets": [{"target": target, "targetType": kind} for target, kind in targets],
        },
        "applications": {
            "accessType": applications,
            "targets": [{"target": "AllApplications", "targetType": "application"}],
        },
    }


ACKNOWLEDGEMENT = """\
acknowledge:
  - rule: 5
    change: {property: b2bDirectConnectInbound, from: null, to: allowed}
    reason: why this is wanted
    owner: who answers for it
    expires: 2027-01-31"""

NARROWED = Step(
    "aa11bb22",
    Change(
        Action.UPDATE,
        Address("contoso", "default"),
        {"b2bCollaborationInbound": setting("allowed", [("AllUsers", "user")])},
        {"b2bCollaborationInbound": setting("allowed", [(ENGINEERING, "group"), (FINANCE, "group")])},
        origin=Origin(f"{FOLDER}/default.yaml", 2, 1),
        origins={"b2bCollaborationInbound": Origin(f"{FOLDER}/default.yaml", 5, 3)},
        names={ENGINEERING: "Engineering", FINANCE: "Finance"},
    ),
    Effect.NARROW,
)
CREATED = Step(
    "bb22cc33",
    Change(
        Action.CREATE,
        Address("contoso", "partner", NORTHWIND),
        None,
        {"inboundTrust": {"isMfaAccepted": True, "isCompliantDeviceAccepted": None}, "b2bCollaborationOutbound": None},
        label="northwind",
        origin=Origin(f"{FOLDER}/partners.yaml", 5, 5),
        origins={"inboundTrust": Origin("tenants/shared/profiles/vendor.yaml", 6, 3)},
    ),
    Effect.NEUTRAL,
)
WIDENED = Step(
    "cc33dd44",
    Change(
        Action.UPDATE,
        Address("contoso", "partner", FABRIKAM),
        {
            "automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True},
            "b2bDirectConnectInbound": None,
            "inboundTrust": {
                "isMfaAccepted": False,
                "isCompliantDeviceAccepted": None,
                "isHybridAzureADJoinedDeviceAccepted": None,
            },
        },
        {
            "automaticUserConsentSettings": None,
            "b2bDirectConnectInbound": setting("allowed", [(ENGINEERING, "group")]),
            "inboundTrust": {
                "isMfaAccepted": True,
                "isCompliantDeviceAccepted": None,
                "isHybridAzureADJoinedDeviceAccepted": None,
            },
        },
        label="fabrikam",
        origin=Origin(f"{FOLDER}/partners/fabrikam.yaml", 2, 1),
        origins={
            "b2bDirectConnectInbound": Origin(f"{FOLDER}/partners/fabrikam.yaml", 9, 3),
            "inboundTrust": Origin(f"{FOLDER}/partners/fabrikam.yaml", 7, 3),
        },
        names={ENGINEERING: "Engineering"},
    ),
    Effect.WIDEN,
    needs=("aa11bb22",),
)
DELETED = Step(
    "dd44ee55",
    Change(
        Action.DELETE,
        Address("contoso", "partner", TAILSPIN),
        {"b2bCollaborationInbound": setting("blocked", [("AllUsers", "user")], "blocked"), "inboundTrust": None},
        None,
        label="tailspin",
        origin=Origin(f"{FOLDER}/partners.yaml", 9, 5),
    ),
    Effect.WIDEN,
)
OBSERVED = Step(
    "ee55ff66",
    Change(
        Action.UPDATE,
        Address("fabrikam", "default"),
        {"inboundTrust": {"isMfaAccepted": True}},
        {"inboundTrust": {"isMfaAccepted": False}},
        origin=Origin("tenants/fabrikam/default.yaml", 2, 1),
        origins={"inboundTrust": Origin("tenants/fabrikam/default.yaml", 4, 3)},
    ),
    Effect.NARROW,
)

BLOCKING = Finding(
    Severity.BLOCK,
    "contoso",
    "inbound access widens: people of fabrikam gain access without a guest account",
    address=WIDENED.change.address,
    rule=5,
    path="b2bDirectConnectInbound",
    details=("gains: group Engineering", "today: inherit from default, which blocks everyone"),
    suggestion=ACKNOWLEDGEMENT,
    origin=Origin(f"{FOLDER}/partners/fabrikam.yaml", 9, 3),
)
ACKNOWLEDGED = Finding(
    Severity.BLOCK,
    "contoso",
    "a partner is deleted; the default applies then",
    address=DELETED.change.address,
    rule=8,
    acknowledged=Acknowledgement(
        rule=8,
        reason="the contract ended (SEC-412)",
        owner="procurement",
        expires=date(2027, 1, 31),
        origin=Origin(f"{FOLDER}/partners.yaml", 10, 9),
    ),
)
WARNING = Finding(
    Severity.WARNING, "contoso", "the review of northwind is overdue since 2026-09-30", origin=Origin("a.yaml", 3, 5)
)
NOTE = Finding(
    Severity.NOTE,
    "contoso",
    "Microsoft Graph shows properties of partner objects that this version does not know; they are left alone",
    details=("m365Capabilities",),
)

PLAN = Plan(
    (
        TenantPlan(
            "contoso",
            CONTOSO,
            "Contoso",
            Standing.PLANNED,
            steps=(NARROWED, CREATED, WIDENED, DELETED),
            findings=(NOTE, WARNING, ACKNOWLEDGED, BLOCKING),
            objects={"default": 1, "partner": 12},
        ),
        TenantPlan("fabrikam", FABRIKAM, "Fabrikam", Standing.OBSERVED, steps=(OBSERVED,)),
        TenantPlan("litware", FINANCE, "Litware", Standing.PLANNED),
        TenantPlan(
            "northwind",
            NORTHWIND,
            "Northwind Traders",
            Standing.UNREADABLE,
            reason="partners could not be listed (403 Authorization_RequestDenied); grant Policy.Read.All",
            exit_code=8,
        ),
        TenantPlan("tailspin", TAILSPIN, "Tailspin Toys", Standing.ELSEWHERE, reason="nobody here signs in"),
    ),
    tree="9fceb02d0ae598e95dc970b74767f19372d61af8",
)
QUIET = Plan((TenantPlan("litware", FINANCE, "Litware", Standing.PLANNED),))
ENVELOPE = Envelope("2026-11-24T15:00:00Z", "1a2b3c4d", "entra-reconciler 0.1.0", "d" * 64)


def _outcome(step: Step, verdict: Verdict, detail: str = "", attempts: int = 0, ids: tuple[str, ...] = ()) -> Outcome:
    change = step.change
    return Outcome(step.id, change.address, change.action, verdict, detail, attempts, change.label, ids)


REPORT = Report(
    (
        _outcome(NARROWED, Verdict.APPLIED, attempts=1, ids=("req-1",)),
        _outcome(CREATED, Verdict.UNVERIFIED, "not seen by two sweeps within 5 minutes", 2, ("req-2", "req-3")),
        _outcome(WIDENED, Verdict.UNKNOWN, "the connection broke after the write was sent", 1, ("req-4",)),
        _outcome(DELETED, Verdict.NOT_STARTED, "an earlier step of this tenant is unknown"),
    ),
    exit_code=7,
    remarks=("northwind could not be read, and was left alone: 403",),
)
