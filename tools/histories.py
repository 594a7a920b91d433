"""Long runs of random histories of people: prints those in which the emulator and the oracle disagree, by their seeds.

The histories and the oracle are those of the tests, in tests/emulator/. Ends with 1 unless all agree.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=5_000, help="how many to live")
    parser.add_argument("--seed", type=int, default=100_000, help="the seed of the first")
    wish = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "emulator")]
    from random_histories import disagreements

    told = disagreements(range(wish.seed, wish.seed + wish.histories))
    for seed, differs in told.items():
        sys.stdout.write(f"seed {seed}: {'; '.join(differs)}\n")
    last = wish.seed + wish.histories - 1
    sys.stdout.write(f"{wish.histories} histories (seeds {wish.seed} to {last}), {len(told)} disagree\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
