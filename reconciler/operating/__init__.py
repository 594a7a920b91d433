"""What people do with links that are there: see how they do, read their log, provision one person, restart a job.

Nothing here follows from a plan, and nothing of it changes what Git says. Knows no command line and renders nothing.
"""

from __future__ import annotations

from reconciler.operating.choosing import choose, choose_one, writable
from reconciler.operating.judging import exit_code
from reconciler.operating.looking import locate, statuses

__all__ = ["choose", "choose_one", "exit_code", "locate", "statuses", "writable"]
