"""The long fault schedules: prints how often each promise was broken, and ends with 1 unless that is never.

The cases and their judge are those of the tests, in tests/harness/. Results also in build/soak.json.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1500.0, help="begin no further case after so long")
    parser.add_argument("--cases", type=int, default=200, help="how many cases to draw at random")
    parser.add_argument("--seed", type=int, default=20261124, help="the seed of the first of these")
    parser.add_argument(
        "--only",
        default="",
        help="of the cases that are not drawn, only those of such a title",
    )
    wish = parser.parse_args()
    # The same modules under the same names as in the tests.
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "harness")]
    from soaking import Result, Wish, soak, table, write

    def hear(result: Result, wanted: int) -> None:
        if result.cases % 50 == 0:
            sys.stderr.write(f"{result.cases} of {wanted} cases, {len(result.failures)} with a broken promise\n")

    told = soak(ROOT, Wish(wish.seconds, wish.cases, wish.seed, wish.only), hear)
    write(ROOT / "build" / "soak.json", told)
    sys.stdout.write(table(told))
    return 0 if told["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
