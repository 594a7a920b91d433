"""Cross-tenant access and synchronization of Microsoft Entra tenants as code."""

__version__ = "0.1.0"
