"""How the time of scoring grows with rows, items and scales."""

from __future__ import annotations

from collections.abc import Callable

import socmeasures as soc
from benchmarks.measuring import Growth, seconds
from benchmarks.scoring import MANY, answers, many_answers, naive, ours, plan_of
from benchmarks.validation import with_faults

BY_ITEMS = ("ucla3", "essi", "herth_hope", "ucla20_v3")  # one score each


def best(call: Callable[[], object], times: int = 1) -> float:
    """Least seconds of three runs."""
    return min(seconds(call, times) for _ in range(3))


def measure() -> list[Growth]:
    """Lines by rows, items and scales."""
    rows = (100, 1_000, 10_000, 100_000, 1_000_000)
    score, recipe = Growth("rows", "score"), Growth("rows", "naive pandas")
    check, faulty = Growth("rows", "validate"), Growth("rows", "validate, 1 % illegal")
    for n in rows:
        data = answers(n)
        bad = with_faults(data)
        times = 5 if n <= 1_000 else 1
        for line, call in (
            (score, lambda d=data: ours(d)),
            (recipe, lambda d=data: naive(d)),
            (check, lambda d=data: soc.validate(d, "ucla20_v3")),
            (faulty, lambda d=bad: soc.validate(d, "ucla20_v3")),
        ):
            line.sizes.append(n)
            line.seconds.append(best(call, times))
    n = 200_000
    items = Growth("items", f"score, {n:,} rows")
    for scale in BY_ITEMS:
        data, plan = many_answers(n, [scale]), plan_of([scale])
        items.sizes.append(len(data.columns))
        items.seconds.append(best(lambda d=data, p=plan: soc.score(d, p)))
    scales = Growth("scales", f"score, {n // 20:,} rows")
    for k in (1, 2, 4, 8, 14):
        data, plan = many_answers(n // 20, MANY[:k]), plan_of(MANY[:k])
        scales.sizes.append(k)
        scales.seconds.append(best(lambda d=data, p=plan: soc.score(d, p)))
    return [score, recipe, check, faulty, items, scales]
