"""Scoring through the public call, beside recipes that give the same scores.

Peers: a naive pandas recipe, as an analyst writes it; BioPsyKit's way, after its documentation
(columns found by name, codes turned by scale range, sums by subscale, nothing checked); the sum
of the input columns as the floor that memory sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

import socmeasures as soc
from benchmarks.measuring import Outcome, extra_peak, in_turn, median_of, ratio_of, told

SCALE = "ucla20_v3"
ALLOWED = 4  # missing answers that may be prorated, in both recipes
MANY = (
    "mspss", "isel12", "lsns_r", "sps24", "ces_d", "ucla20_v1", "ucla20_v2", "ucla20_v3", "hads",
    "herth_hope", "epds", "core10", "essi", "gad7",
)  # fmt: skip
WORDS = ("never", "rarely", "sometimes", "always")


def answers(n: int, seed: int = 1) -> pd.DataFrame:
    """Twenty float64 columns, 2 % missing, as an SPSS reader gives them."""
    rng = np.random.default_rng(seed)
    columns = {}
    for item in range(1, 21):
        values = rng.integers(1, 5, n).astype(float)
        values[rng.random(n) < 0.02] = np.nan
        columns[f"{SCALE}_{item}"] = values
    return pd.DataFrame(columns)


def naive(data: pd.DataFrame) -> pd.DataFrame:
    """What an analyst writes: legal codes and reversal column by column, count, prorated sum."""
    reverse = soc.load_scale(SCALE).score("total").reverse
    items = data.copy()
    for item in range(1, 21):
        name = f"{SCALE}_{item}"
        items[name] = items[name].where(items[name].isin([1, 2, 3, 4]))
        if item in reverse:
            items[name] = 5 - items[name]
    n = items.notna().sum(axis=1)
    items[f"{SCALE}_total"] = (items.mean(axis=1) * 20).where(n >= 20 - ALLOWED)
    items[f"{SCALE}_total_n"] = n.astype("int16")
    status = np.select(
        [n == 20, n >= 20 - ALLOWED, n == 0],
        ["scored", "prorated", "not_answered"],
        "too_few_items",
    )
    items[f"{SCALE}_total_status"] = pd.Categorical(status)
    return items


def naive_words(data: pd.DataFrame) -> pd.DataFrame:
    """The same after turning words into codes, column by column."""
    codes = {word: code for code, word in enumerate(WORDS, start=1)}
    return naive(data.apply(lambda column: column.map(codes).astype(float)))


def biopsykit_way(data: pd.DataFrame) -> pd.DataFrame:
    """Columns by name, codes turned, one sum, joined to the data; no range, no missing rule."""
    reverse = soc.load_scale(SCALE).score("total").reverse
    items = data.filter(regex=rf"^{SCALE}_\d+$").copy()
    names = [f"{SCALE}_{item}" for item in reverse]
    items[names] = 5 - items[names]
    total = items.sum(axis=1, skipna=False).to_frame(f"{SCALE}_total")
    return data.join(total)


def ours(data: pd.DataFrame) -> pd.DataFrame:
    """Score through the public call."""
    return soc.score(data, SCALE, missing={"method": "prorate", "allow": ALLOWED})


def floor(data: pd.DataFrame) -> float:
    """Every answer read once: what memory allows."""
    return sum(float(np.sum(data[name].to_numpy())) for name in data)


def same_scores(data: pd.DataFrame, other: Callable[[pd.DataFrame], pd.DataFrame] = naive) -> None:
    """Both recipes give the same scores, counts and statuses; asserted before anything is timed."""
    mine, theirs = ours(data), other(data)
    total, n, status = (f"{SCALE}_total{end}" for end in ("", "_n", "_status"))
    np.testing.assert_allclose(mine[total], theirs[total], rtol=0, atol=1e-9)
    assert (mine[n].to_numpy() == theirs[n].to_numpy()).all()
    assert (mine[status].astype(str) == theirs[status].astype(str)).all()


def many_answers(n: int, scales: Sequence[str] = MANY, seed: int = 1) -> pd.DataFrame:
    """Every column of fourteen scales, 200 together, 2 % missing."""
    rng = np.random.default_rng(seed)
    columns = {}
    for scale in map(soc.load_scale, scales):
        for number in scale.numbers:
            values = rng.choice(scale.codes(number), n).astype(float)
            values[rng.random(n) < 0.02] = np.nan
            columns[f"{scale.id}_{number}"] = values
    return pd.DataFrame(columns)


def naive_insert(data: pd.DataFrame, scales: Sequence[str] = MANY) -> pd.DataFrame:
    """Scale after scale, score after score, each inserted into the frame."""
    out = data.copy()
    for scale in map(soc.load_scale, scales):
        for score in scale.scores:
            items = data[[f"{scale.id}_{number}" for number in score.items]].copy()
            for number, name in zip(score.items, items, strict=True):
                codes = scale.codes(number)
                items[name] = items[name].where(items[name].isin(codes))
                points = scale.points(score, number)
                if number in score.reverse:
                    items[name] = min(codes) + max(codes) - items[name]
                elif any(points[code] != code for code in codes):
                    items[name] = items[name].map(points)
            n = items.notna().sum(axis=1)
            k = len(score.items)
            total = items.mean(axis=1) if score.method == "mean" else items.sum(axis=1)
            out[f"{scale.id}_{score.id}"] = (total * score.scale_by).where(n == k)
            out[f"{scale.id}_{score.id}_n"] = n.astype("int16")
            out[f"{scale.id}_{score.id}_status"] = pd.Categorical(
                np.select([n == k, n == 0], ["scored", "not_answered"], "too_few_items")
            )
    return out


def plan_of(scales: Sequence[str] = MANY) -> soc.ScoringPlan:
    """The plan of fourteen scales whose columns have our names."""
    planned = [
        {
            "scale": scale.id,
            "coding": "canonical",
            "missing": "complete",
            "items": {n: f"{scale.id}_{n}" for n in scale.numbers},
        }
        for scale in map(soc.load_scale, scales)
    ]
    return soc.ScoringPlan.model_validate({"scales": planned})


def same_many(data: pd.DataFrame, plan: soc.ScoringPlan) -> None:
    """Every score of every scale agrees; asserted before anything is timed."""
    mine, theirs = soc.score(data, plan), naive_insert(data)
    for name in theirs.columns.difference(data.columns):
        if not name.endswith("_status"):
            np.testing.assert_allclose(mine[name], theirs[name], rtol=0, atol=1e-9, err_msg=name)


def in_columns_of(data: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The same answers in columns of another kind; whole numbers cannot hold gaps."""
    if kind == "int8":
        return data.fillna(2).astype("int8")
    if kind in ("category", "text"):
        words = pd.Series(dict(enumerate(WORDS, start=1)))
        texts = data.apply(lambda column: column.map(words))
        return texts.astype(pd.CategoricalDtype(list(WORDS))) if kind == "category" else texts
    return data


def one_scale(n: int, kind: str, goal: float | None, rounds: int, times: int = 1) -> Outcome:
    """One scale of twenty items in columns of one kind, beside the naive recipe.

    The recipe is timed on float64 columns, whatever kind ours gets; its own time on the same
    columns, which is never better by much, stands beside.
    """
    floats = answers(n)
    data = in_columns_of(floats, kind)
    recipe = naive_words if kind in ("category", "text") else naive
    same_scores(data, recipe)
    calls = {"ours": lambda: ours(data), "naive": lambda: naive(floats)}
    if kind != "float64":
        calls["alike"] = lambda: recipe(data)
    taken = in_turn(calls, rounds, times)
    note = ""
    if kind != "float64":
        note = f"{ratio_of(taken, 'alike', 'ours'):.1f} × the recipe on the same columns"
    return Outcome(
        what=f"score {n:,} × 20, {kind}",
        ratio=ratio_of(taken, "naive", "ours"),
        of="naive pandas / ours",
        goal=goal,
        ours=median_of(taken, "ours"),
        other=median_of(taken, "naive"),
        note=note,
    )


def against_others(n: int, rounds: int) -> list[Outcome]:
    """The floor, memory, and BioPsyKit's way, on float64 columns."""
    data = answers(n)
    calls = {
        "ours": lambda: ours(data),
        "floor": lambda: floor(data),
        "biopsykit": lambda: biopsykit_way(data),
    }
    taken = in_turn(calls, rounds)
    mine = median_of(taken, "ours")
    size = int(data.memory_usage(index=False).sum())
    return [
        Outcome(
            what=f"score {n:,} × 20, beside reading memory once", of="ours / floor", goal=8.0,
            at_least=False, ratio=ratio_of(taken, "ours", "floor"), ours=mine,
            other=median_of(taken, "floor"),
        ),
        Outcome(
            what="extra peak memory, beside the input", of="peak / input", goal=0.3,
            at_least=False, ratio=extra_peak(lambda: ours(data)) / size,
            note=f"input {size / 1e6:.0f} MB",
        ),
        Outcome(
            what=f"score {n:,} × 20, BioPsyKit's way", of="theirs / ours",
            ratio=ratio_of(taken, "biopsykit", "ours"), ours=mine,
            other=median_of(taken, "biopsykit"),
            note="one sum; answers are not checked and a missing one leaves no score",
        ),
    ]  # fmt: skip


def many_scales(n: int, goal: float | None, rounds: int) -> Outcome:
    """Fourteen scales on 200 columns by one plan."""
    data, plan = many_answers(n), plan_of()
    same_many(data, plan)
    calls = {"ours": lambda: soc.score(data, plan), "naive": lambda: naive_insert(data)}
    taken = in_turn(calls, rounds)
    return Outcome(
        what=f"score {n:,} × 200 columns, 14 scales",
        ratio=ratio_of(taken, "naive", "ours"),
        of="naive insert / ours",
        goal=goal,
        ours=median_of(taken, "ours"),
        other=median_of(taken, "naive"),
    )


def measure(*, small: bool = False) -> list[Outcome]:
    """Every case of scoring."""
    n = 100_000 if small else 1_000_000
    rounds = 3 if small else 5
    return [
        one_scale(1_000, "float64", 8.0, rounds, times=20),
        one_scale(n, "float64", 10.0, rounds),
        one_scale(n, "int8", 20.0, rounds),
        one_scale(n, "category", 10.0 if small else 20.0, 3),
        one_scale(n // 10, "text", None, 3),
        *against_others(n, rounds),
        many_scales(n // 10, 8.0, 3),
    ]


if __name__ == "__main__":
    import sys

    raise SystemExit(told(measure(small="--small" in sys.argv)))
