"""What people do with links that are there: see how they do, read their log, provision one person, restart a job.

Nothing here follows from a plan, and nothing of it changes what Git says. Knows no command line and renders nothing.
"""

from __future__ import annotations

from reconciler.operating.acting import Hand
from reconciler.operating.choosing import choose, choose_one, home, writable
from reconciler.operating.hastening import hasten, running, since_last_cycle
from reconciler.operating.judging import exit_code
from reconciler.operating.knowing import Known, at_home, find_user, show_user
from reconciler.operating.log import Narrowed, read_log
from reconciler.operating.looking import Connect, locate, statuses
from reconciler.operating.recent import read_recent
from reconciler.operating.restarting import RESTARTS, Restarted, Shown, restart
from reconciler.operating.restarting import check as check_restart
from reconciler.operating.restarting import show as show_job
from reconciler.operating.verifying import Prepared, prepare, verify

__all__ = [
    "RESTARTS",
    "Connect",
    "Hand",
    "Known",
    "Narrowed",
    "Prepared",
    "Restarted",
    "Shown",
    "at_home",
    "check_restart",
    "choose",
    "choose_one",
    "exit_code",
    "find_user",
    "hasten",
    "home",
    "locate",
    "prepare",
    "read_log",
    "read_recent",
    "restart",
    "running",
    "show_job",
    "show_user",
    "since_last_cycle",
    "statuses",
    "verify",
    "writable",
]
