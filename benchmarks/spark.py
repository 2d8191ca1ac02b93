"""Spark through our call, beside its own SQL for the same rules; and how our time grows with rows.

Spark runs in a process of its own, because PySpark changes what other libraries load, and by the
clock, because its work is done by Java and by its workers: other programs on the machine count.
Without PySpark or Java nothing is measured.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

import socmeasures as soc
from benchmarks.engines import GOAL, RULES, dirty_answers, outcome_of, same, sql_rules
from benchmarks.measuring import Growth, Outcome, seconds, told
from benchmarks.scoring import SCALE

WARMING = 4  # runs before any is counted: Java compiles what it has run often


def is_here() -> bool:
    """Whether there is PySpark and a Java to run it."""
    java = shutil.which("java") or os.environ.get("JAVA_HOME")
    return find_spec("pyspark") is not None and java is not None


def session() -> Any:
    """Spark on two cores of this machine."""
    warnings.simplefilter("ignore")  # it warns of every pandas that is newer than itself
    from pyspark.sql import SparkSession

    here = str(Path(__file__).parents[1])  # the workers need the library too
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    made = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "4g")
        # Twenty items make one method so large that Java does not compile it; in several methods
        # it does, and Spark's own expression is a third faster than by default.
        .config("spark.sql.codegen.hugeMethodLimit", "8000")
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("OFF")
    return made


def table(spark: Any, folder: str, n: int) -> Any:
    """Twenty columns of whole numbers, from a parquet."""
    file = Path(folder) / f"{n}.parquet"
    data = dirty_answers(n, (99.0, -9.0)).astype("Int32")
    data.to_parquet(file, row_group_size=max(1, n // 10))
    return spark.read.parquet(str(file))


def written(frame: Any, where: str) -> pd.DataFrame:
    """A frame's rows by way of a parquet."""
    frame.write.parquet(where)
    return pd.read_parquet(where)


def computed(scored: Callable[[], Any]) -> None:
    """Make a frame and every value of it, sent nowhere."""
    scored().write.format("noop").mode("overwrite").save()


def through_python(frame: Any) -> Any:
    """The same rows, sent to Python workers and back without a look at them."""

    def unchanged(batches: Iterable[Any]) -> Iterator[Any]:
        yield from batches

    return frame.mapInArrow(unchanged, frame.schema)


def run(small: bool) -> tuple[list[Outcome], list[Growth]]:
    """Both measurements, in the process that holds Spark."""
    n, rounds = (100_000, 3) if small else (1_000_000, 3)
    spark = session()
    try:
        with tempfile.TemporaryDirectory() as folder:
            frame = table(spark, folder, n)
            frame.createOrReplaceTempView("answers")
            made: dict[str, Callable[[], Any]] = {
                "ours": lambda: soc.score_spark(frame, SCALE, **RULES),
                "theirs": lambda: spark.sql(sql_rules()),
            }
            same(*(written(scored(), f"{folder}/{name}") for name, scored in made.items()))
            calls: dict[str, Callable[[], object]] = {
                name: partial(computed, scored) for name, scored in made.items()
            }
            for _ in range(WARMING):
                for call in calls.values():
                    call()
            what = f"Spark, {n:,} × 20, int"
            outcomes = [
                outcome_of(
                    f"{what}, beside its own SQL", calls, rounds, goal=GOAL,
                    clock=time.perf_counter, note="local[2], by the clock",
                ),
                outcome_of(
                    f"{what}, beside rows sent to Python and back",
                    calls | {"theirs": partial(computed, lambda: through_python(frame))}, rounds,
                    clock=time.perf_counter, note="nothing is done with them",
                ),
            ]  # fmt: skip
            ours = Growth("spark", "score_spark, local[2]")
            for size in () if small else (1_000_000, 2_000_000, 4_000_000):
                frame = table(spark, folder, size)
                ours.sizes.append(size)
                ours.seconds.append(seconds(calls["ours"], 1, time.perf_counter))
    finally:
        spark.stop()
    return outcomes, [] if small else [ours]


@cache
def measured(small: bool) -> tuple[list[Outcome], list[Growth]]:
    """What a process with Spark in it found; once."""
    if not is_here():
        return [], []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(run, small).result()


def measure(*, small: bool = False) -> list[Outcome]:
    """Ours beside Spark's own."""
    return measured(small)[0]


def growth() -> list[Growth]:
    """Seconds by the clock, by rows."""
    return measured(False)[1]


if __name__ == "__main__":
    raise SystemExit(told(measure(small="--small" in sys.argv)))
