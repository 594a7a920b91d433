"""An account of Microsoft Graph of our own: tenants, their sign-in, faults on demand. Imports nothing of ours."""
