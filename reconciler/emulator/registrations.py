"""How applications come to be: what the gallery makes of a template, and what a sign-in application looks like.

Bodies only; who may make them, and when others see them, is decided with the routes. Two applications are never the
same here: neither names nor templates are unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.emulator.calls import Body, Json
from reconciler.emulator.directory import Organization

SYNCHRONIZATION_TEMPLATE: Final = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7"
"""The gallery's template of cross-tenant synchronization."""

CUSTOM_TEMPLATE: Final = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
"""The gallery's template of an application that is not in the gallery."""

ACCESS_ROLE: Final = "msiam_access"
"""The one role of an application from the gallery; whoever is assigned has it."""

_PRODUCT = "aad2aadsync"


@dataclass(frozen=True, slots=True)
class Template:
    """An application of the gallery. Its service principal shows `product` in its home page."""

    id: str
    display_name: str
    publisher: str
    product: str
    description: str
    provisioning: tuple[str, ...]
    sign_on: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """Return the template as Graph shows it."""
        return {
            "id": self.id,
            "displayName": self.display_name,
            "homePageUrl": None,
            "supportedSingleSignOnModes": list(self.sign_on),
            "supportedProvisioningTypes": list(self.provisioning),
            "logoUrl": None,
            "categories": [],
            "publisher": self.publisher,
            "description": self.description,
            "endpoints": [],
        }


TEMPLATES: Mapping[str, Template] = {
    one.id: one
    for one in (
        Template(
            SYNCHRONIZATION_TEMPLATE,
            "Cross-tenant synchronization",
            "Microsoft Corporation",
            _PRODUCT,
            "Synchronizes users from this tenant into another.",
            ("sync",),
        ),
        Template(
            CUSTOM_TEMPLATE,
            "Custom",
            "Microsoft Corporation",
            "customappsso",
            "An application that is not in the gallery.",
            ("sync",),
            ("password", "saml", "external", "oidc"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of a new application: where they come from is the caller's business."""

    application: str
    service_principal: str
    app: str
    role: str
    scope: str


def instantiated(template: Template, name: str, ids: Ids, home: Organization, now: str) -> tuple[Body, Body]:
    """Return the application and the service principal that the gallery makes of a template.

    Both are whole as far as they differ from fresh ones. `now` is in ISO 8601.
    """
    role = {
        "allowedMemberTypes": ["User"],
        "description": ACCESS_ROLE,
        "displayName": ACCESS_ROLE,
        "id": ids.role,
        "isEnabled": True,
        "origin": "Application",
        "value": None,
    }
    scope = {
        "adminConsentDescription": f"Allow the application to access {name} on behalf of the signed-in user.",
        "adminConsentDisplayName": f"Access {name}",
        "id": ids.scope,
        "isEnabled": True,
        "type": "User",
        "userConsentDescription": f"Allow the application to access {name} on your behalf.",
        "userConsentDisplayName": f"Access {name}",
        "value": "user_impersonation",
    }
    page = f"https://account.activedirectory.windowsazure.com:444/applications/default.aspx?metadata={template.product}|ISV9.1|primary|z"
    application = {
        "id": ids.application,
        "appId": ids.app,
        "applicationTemplateId": template.id,
        "createdDateTime": now,
        "displayName": name,
        "isFallbackPublicClient": False,
        "publisherDomain": home.domains[0],
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": None,
            "oauth2PermissionScopes": [scope],
            "preAuthorizedApplications": [],
        },
        "appRoles": [role],
        "web": {
            "homePageUrl": page,
            "logoutUrl": None,
            "redirectUris": [],
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": True},
        },
    }
    principal = {
        "id": ids.service_principal,
        "appId": ids.app,
        "applicationTemplateId": template.id,
        "appDisplayName": name,
        "appOwnerOrganizationId": home.id,
        "appRoleAssignmentRequired": True,
        "createdDateTime": now,
        "displayName": name,
        "homepage": page,
        "servicePrincipalNames": [ids.app],
        "signInAudience": "AzureADMyOrg",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
        "appRoles": [role],
        "oauth2PermissionScopes": [{**scope, "isEnabled": True}],
    }
    return application, principal


def registered(name: str, application_id: str, app_id: str, home: Organization, now: str) -> Body:
    """Return a plain application, as a registration makes it."""
    return {
        "id": application_id,
        "appId": app_id,
        "createdDateTime": now,
        "displayName": name,
        "publisherDomain": home.domains[0],
    }


def principal_of(application: Body, service_principal_id: str, home: Organization, now: str) -> Body:
    """Return the service principal of a plain application."""
    return {
        "id": service_principal_id,
        "appId": application["appId"],
        "appDisplayName": application["displayName"],
        "appOwnerOrganizationId": home.id,
        "createdDateTime": now,
        "displayName": application["displayName"],
        "servicePrincipalNames": [application["appId"]],
        "signInAudience": application.get("signInAudience", "AzureADMyOrg"),
        "appRoles": list(application.get("appRoles", [])),
    }
