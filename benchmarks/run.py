"""Every benchmark, one after the other: `make bench`. Exit code 1 when a goal is missed."""

from __future__ import annotations

from benchmarks import bootstrap, mmrm, scoring, validation


def main() -> int:
    """Run all of them, also after a miss."""
    missed = 0
    for part in (scoring, validation, bootstrap, mmrm):
        print(f"\n{part.__name__}")
        missed += bool(part.main())
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
