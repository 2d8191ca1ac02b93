"""Dask, DuckDB and polars through our calls, beside their own expressions for the same rules.

Each engine gets the rules as its users would write them: whole numbers in range, reversal, count
of answers, prorating, status. The same rows come out of both, with all their columns, and every
score, count and status is equal before anything is timed. An engine that is not installed is left
out. Spark is measured in a process of its own (`benchmarks.spark`).
"""

from __future__ import annotations

import operator
import tempfile
import time
from collections.abc import Callable
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import socmeasures as soc
from benchmarks.measuring import Outcome, in_turn, median_of, ratio_of, told
from benchmarks.scoring import ALLOWED, SCALE, answers

ITEMS = [f"{SCALE}_{item}" for item in range(1, 21)]
REVERSE = {f"{SCALE}_{item}" for item in soc.load_scale(SCALE).score("total").reverse}
ENOUGH = 20 - ALLOWED
RULES: dict[str, Any] = {
    "coding": "canonical",
    "invalid": "missing",
    "missing": {"method": "prorate", "allow": ALLOWED},
}
NEW = [f"{SCALE}_total{end}" for end in ("", "_n", "_status")]
TOTAL, N, STATUS = NEW
STATUSES = ("scored", "prorated", "invalid", "not_answered", "too_few_items")
GOAL = 1.3


def dirty_answers(n: int, illegal: tuple[float, ...] = (99.0, -9.0, 2.5)) -> pd.DataFrame:
    """Answers of which 2 % are missing and 0.1 % are no answer of the scale; some rows empty."""
    rng = np.random.default_rng(2)
    data = answers(n)
    for name in ITEMS:
        bad = rng.integers(0, n, n // 1000)
        data.loc[bad, name] = rng.choice(illegal, len(bad))
    few = rng.integers(0, n, (2, n // 100))
    data.loc[few[0], ITEMS[:6]] = np.nan
    data.loc[few[1], ITEMS] = np.nan
    data.loc[0, ITEMS] = [*[illegal[0]] * 6, *[1.0] * 14]  # so that no size lacks a status
    data.loc[1, ITEMS] = [*[np.nan] * 6, *[1.0] * 14]
    data.loc[2, ITEMS] = np.nan
    data.loc[3, ITEMS] = [np.nan, *[1.0] * 19]
    data.loc[4, ITEMS] = 1.0
    return data


def same(mine: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Every score, count and status is equal, and each status of the rules is there."""
    np.testing.assert_allclose(
        mine[TOTAL].to_numpy(float), theirs[TOTAL].to_numpy(float), rtol=0, atol=1e-9
    )
    np.testing.assert_array_equal(mine[N].to_numpy(int), theirs[N].to_numpy(int))
    words = mine[STATUS].astype(str).to_numpy()
    np.testing.assert_array_equal(words, theirs[STATUS].astype(str).to_numpy())
    assert set(words) == set(STATUSES)


def _added(terms: list[Any]) -> Any:
    return reduce(operator.add, terms)


def outcome_of(
    what: str,
    calls: dict[str, Callable[[], object]],
    rounds: int,
    *,
    note: str,
    goal: float | None = None,
    clock: Callable[[], float] = time.process_time,
) -> Outcome:
    taken = in_turn(calls, rounds, clock=clock)
    return Outcome(
        what=what, of="ours / theirs", goal=goal, at_least=False, note=note,
        ratio=ratio_of(taken, "ours", "theirs"), ours=median_of(taken, "ours"),
        other=median_of(taken, "theirs"),
    )  # fmt: skip


# --- Dask -----------------------------------------------------------------------------------


def dask_expression(data: Any) -> Any:
    """The rules column by column, as Dask's own expressions."""
    legal = {name: data[name].isin([1, 2, 3, 4]) for name in ITEMS}
    turned = {name: 5 - data[name] if name in REVERSE else data[name] for name in ITEMS}
    n = _added([legal[name].astype("int16") for name in ITEMS])
    given = _added([data[name].notnull().astype("int16") for name in ITEMS])
    total = _added([turned[name].where(legal[name], 0.0) for name in ITEMS])
    words = {0: "not_answered", 20: "scored"}
    words |= dict.fromkeys(range(1, ENOUGH), "too_few_items")
    words |= dict.fromkeys(range(ENOUGH, 20), "prorated")
    status = n.map(words, meta=(STATUS, "object")).mask((given > n) & (n < ENOUGH), "invalid")
    return data.assign(
        **{
            TOTAL: (total * 20 / n).where(n >= ENOUGH),
            N: n,
            STATUS: status.astype(pd.CategoricalDtype(STATUSES)),
        }
    )


def of_dask(n: int, rounds: int) -> Outcome:
    """Eight partitions in one thread; the whole frame is computed by both."""
    import dask
    import dask.dataframe as dd

    frame = dd.from_pandas(dirty_answers(n), npartitions=8)
    calls: dict[str, Callable[[], Any]] = {
        "ours": lambda: soc.score_dask(frame, SCALE, **RULES).compute(),
        "theirs": lambda: dask_expression(frame).compute(),
    }
    with dask.config.set(scheduler="synchronous"):
        same(calls["ours"](), calls["theirs"]())
        return outcome_of(
            f"Dask, {n:,} × 20, float64, beside its own expression", calls, rounds, goal=GOAL,
            note="8 partitions, one thread",
        )  # fmt: skip


# --- polars and DuckDB ----------------------------------------------------------------------


def polars_expression(data: Any) -> Any:
    """The rules as expressions of polars."""
    import polars as pl

    legal = {
        name: pl.col(name).is_in([1.0, 2.0, 3.0, 4.0]).fill_null(value=False) for name in ITEMS
    }
    turned = {name: 5 - pl.col(name) if name in REVERSE else pl.col(name) for name in ITEMS}
    n, given = pl.col(N), pl.col("given")
    return (
        data.with_columns(
            pl.sum_horizontal(legal[name].cast(pl.Int16) for name in ITEMS).alias(N),
            pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int16) for name in ITEMS).alias(
                "given"
            ),
            pl.sum_horizontal(
                pl.when(legal[name]).then(turned[name]).otherwise(0.0) for name in ITEMS
            ).alias(TOTAL),
        )
        .with_columns(
            pl.when(n >= ENOUGH).then(pl.col(TOTAL) * 20 / n).alias(TOTAL),
            pl.when(n == 20)
            .then(pl.lit("scored"))
            .when(n >= ENOUGH)
            .then(pl.lit("prorated"))
            .when(given > n)
            .then(pl.lit("invalid"))
            .when(n == 0)
            .then(pl.lit("not_answered"))
            .otherwise(pl.lit("too_few_items"))
            .cast(pl.Enum(STATUSES))
            .alias(STATUS),
        )
        .drop("given")
    )


def of_polars(n: int, rounds: int) -> Outcome:
    """A LazyFrame collected, by its own threads."""
    import polars as pl

    frame = pl.from_pandas(dirty_answers(n)).lazy()
    calls: dict[str, Callable[[], Any]] = {
        "ours": lambda: soc.score(frame, SCALE, **RULES).collect(),
        "theirs": lambda: polars_expression(frame).collect(),
    }
    same(calls["ours"]().to_pandas(), calls["theirs"]().to_pandas())
    return outcome_of(
        f"polars LazyFrame, {n:,} × 20, float64, beside its own expression", calls, rounds,
        note="processor time of all its threads",
    )  # fmt: skip


def sql_rules() -> str:
    """The rules in SQL over a table `answers` of whole numbers."""
    ok = {name: f"{name} between 1 and 4" for name in ITEMS}
    worth = {name: f"5 - {name}" if name in REVERSE else name for name in ITEMS}
    n = " + ".join(f"case when {ok[name]} then 1 else 0 end" for name in ITEMS)
    given = " + ".join(f"case when {name} is not null then 1 else 0 end" for name in ITEMS)
    total = " + ".join(f"case when {ok[name]} then {worth[name]} else 0 end" for name in ITEMS)
    return f"""
        select {", ".join(ITEMS)},
          case when n >= {ENOUGH} then cast(total as double) * 20 / n end as {TOTAL},
          cast(n as smallint) as {N},
          case when n = 20 then 'scored' when n >= {ENOUGH} then 'prorated'
            when given > n then 'invalid' when n = 0 then 'not_answered'
            else 'too_few_items' end as {STATUS}
        from (select *, {n} as n, {given} as given, {total} as total from answers)
    """


def of_duckdb(n: int, rounds: int) -> Outcome:
    """From one parquet into another."""
    import duckdb

    with tempfile.TemporaryDirectory() as made, duckdb.connect() as database:
        folder = Path(made)
        dirty_answers(n, (99.0, -9.0)).astype("Int8").to_parquet(folder / "answers.parquet")
        database.execute("set enable_progress_bar = false")
        database.sql(f"create view answers as from '{folder}/answers.parquet'")
        one, other = folder / "ours.parquet", folder / "theirs.parquet"
        calls: dict[str, Callable[[], object]] = {
            "ours": lambda: soc.score_stream(database.table("answers"), SCALE, one, **RULES),
            "theirs": lambda: database.execute(
                f"copy ({sql_rules()}) to '{other}' (format parquet)"
            ),
        }
        for call in calls.values():
            call()
        same(pd.read_parquet(one), pd.read_parquet(other))
        return outcome_of(
            f"DuckDB query into parquet, {n:,} × 20, int8, beside its own SQL", calls, rounds,
            note="processor time of all its threads",
        )  # fmt: skip


def measure(*, small: bool = False) -> list[Outcome]:
    """Every engine that is here."""
    from benchmarks import spark

    n, rounds = (100_000, 3) if small else (1_000_000, 5)
    outcomes = [
        measured(n if name == "dask" else n // 10, rounds)
        for name, measured in (("dask", of_dask), ("polars", of_polars), ("duckdb", of_duckdb))
        if find_spec(name) is not None
    ]
    return [*outcomes, *spark.measure(small=small)]


if __name__ == "__main__":
    import sys

    raise SystemExit(told(measure(small="--small" in sys.argv)))
