"""Every benchmark: `make bench`. Each goal beside what was measured; exit code 1 after a miss.

`--small` runs small sizes in under a minute and writes nothing: it looks for what has become
three times slower, not for the goals. Otherwise the tables and pictures of docs/performance.md are
written anew.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from benchmarks import (
    bootstrap,
    change,
    engines,
    growth,
    models,
    reading,
    scoring,
    spark,
    validation,
)
from benchmarks.measuring import Growth, Outcome, told

MARGIN = 3.0  # small sizes on a shared machine tell no more than this


def lenient(outcome: Outcome) -> Outcome:
    """The same measurement with a goal three times as easy."""
    if outcome.goal is None:
        return outcome
    goal = outcome.goal / MARGIN if outcome.at_least else outcome.goal * MARGIN
    return replace(outcome, goal=goal)


def main() -> int:
    """Run all of them, also after a miss."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="small sizes; writes nothing")
    small = parser.parse_args().small
    outcomes: list[Outcome] = []
    missed = 0
    for part in (scoring, validation, reading, bootstrap, models, change, engines):
        print(f"\n{part.__name__}", flush=True)
        found = part.measure(small=small)
        if small:
            found = [lenient(outcome) for outcome in found]
        missed |= told(found)
        outcomes += found
    grown: list[Growth] = []
    for lines in (growth.measure, change.growth, models.growth, spark.growth) if not small else ():
        grown += lines()
    if not small:
        from benchmarks.page import write

        print("\ngrowth: seconds by size, and the power of the size at the larger half")
        for line in grown:
            shown = "  ".join(
                f"{size:g}: {took:.3g}" for size, took in zip(line.sizes, line.seconds, strict=True)
            )
            print(f"{line.picture:<9} {line.line:<26} {line.slope:5.2f}   {shown}")
        write(outcomes, grown)
    return missed


if __name__ == "__main__":
    sys.exit(main())
