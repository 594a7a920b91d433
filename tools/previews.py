"""Random estates of people, previewed and then cycled: prints those in which the two disagree, by their numbers.

The estates and the comparison are those of the tests, in tests/previewing/. Ends with 1 unless all agree.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--estates", type=int, default=200, help="how many to preview")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    wish = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "previewing")]
    from agreeing import disagreements, files

    numbers = range(wish.first, wish.first + wish.estates)
    with tempfile.TemporaryDirectory() as folder:
        estate = files(Path(folder))
        told = {number: found for number in numbers if (found := disagreements(number, estate))}
    for number, differs in told.items():
        sys.stdout.write(f"estate {number}: {'; '.join(differs)}\n")
    sys.stdout.write(f"{wish.estates} estates ({wish.first} to {numbers[-1]}), {len(told)} disagree\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
