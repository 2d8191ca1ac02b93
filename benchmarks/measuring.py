"""How everything here is measured: processor time, in turn, and what came out.

Machines are noisy and shared, so milliseconds are context and ratios are the result: each is the
median, over rounds, of two calls timed one after the other in the same process.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing measured beside another, with the goal it has (None: for comparison only)."""

    what: str
    ratio: float
    of: str  # what the ratio is of: "naive / ours", "ours / scoring"
    goal: float | None = None
    at_least: bool = True
    ours: float = 0.0  # seconds; 0 where the ratio is not one of times
    other: float = 0.0
    note: str = ""

    @property
    def met(self) -> bool:
        """True where there is no goal."""
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    @property
    def aim(self) -> str:
        """`≥ 10`, or nothing."""
        if self.goal is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.goal:.3g}"

    def __str__(self) -> str:
        """One line: the goal beside what was measured."""
        verdict = "" if self.goal is None else "met" if self.met else "MISSED"
        times = f"{self.ours * 1e3:9.1f} ms {self.other * 1e3:9.1f} ms" if self.ours else ""
        return f"{self.what:<58} {self.aim:>8} {self.ratio:>8.3g} {verdict:<7} {times}"


@dataclass(frozen=True, slots=True)
class Growth:
    """Seconds by size: a line of a log–log picture."""

    picture: str  # lines of one picture share its name
    line: str
    sizes: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def slope(self) -> float:
        """Power of the size that the time grows with, over the larger half of the sizes."""
        from math import log

        half = len(self.sizes) // 2
        x = [log(v) for v in self.sizes[half:]]
        y = [log(v) for v in self.seconds[half:]]
        return statistics.linear_regression(x, y).slope


def seconds(
    call: Callable[[], object], times: int = 1, clock: Callable[[], float] = time.process_time
) -> float:
    """Processor time of a call, without the garbage collector; other programs do not count.

    Short calls are repeated, as `timeit` does, so that the clock's own cost does not show. Work
    that other processes do needs another `clock`, and then other programs do count.
    """
    gc.collect()
    gc.disable()
    start = clock()
    for _ in range(times):
        call()
    taken = clock() - start
    gc.enable()
    return taken / times


def in_turn(
    calls: Mapping[str, Callable[[], object]],
    rounds: int,
    times: int = 1,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Seconds of every call in every round, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(rounds + 1):
        for name, call in calls.items():
            one = seconds(call, times, clock)
            if number:
                taken[name].append(one)
    return taken


def ratio_of(taken: Mapping[str, list[float]], one: str, other: str) -> float:
    """Median over rounds of `one` divided by `other`."""
    return statistics.median(a / b for a, b in zip(taken[one], taken[other], strict=True))


def median_of(taken: Mapping[str, list[float]], name: str) -> float:
    """Median seconds of a call."""
    return statistics.median(taken[name])


def side_by_side(
    one: Callable[[], object], other: Callable[[], object], runs: int, times: int = 1
) -> tuple[float, float]:
    """Median seconds of both, run in turn."""
    taken = in_turn({"one": one, "other": other}, runs, times)
    return median_of(taken, "one"), median_of(taken, "other")


def extra_peak(call: Callable[[], object]) -> int:
    """Most bytes allocated at once during a call, above what was there before."""
    gc.collect()
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def told(outcomes: list[Outcome]) -> int:
    """Print every outcome; 1 when a goal is missed."""
    for outcome in outcomes:
        print(outcome)
    return int(any(not outcome.met for outcome in outcomes))
