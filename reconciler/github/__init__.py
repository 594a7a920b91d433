"""What talks to GitHub: one comment at a pull request, one issue for drift. Knows no tenant and renders nothing."""
