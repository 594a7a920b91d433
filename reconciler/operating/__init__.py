"""What people do with links that are there: see how they do, read their log, provision one person, restart a job.

Nothing here follows from a plan, and nothing of it changes what Git says. Knows no command line and renders nothing.
"""

from __future__ import annotations

from reconciler.operating.choosing import choose, choose_one, writable
from reconciler.operating.judging import exit_code
from reconciler.operating.log import Narrowed, read_log
from reconciler.operating.looking import Connect, locate, statuses

__all__ = ["Connect", "Narrowed", "choose", "choose_one", "exit_code", "locate", "read_log", "statuses", "writable"]
