"""Microsoft Graph over HTTP: signing in, asking, batching, waiting. Knows JSON and paths, but no kind of resource."""
