"""Spark in local mode gives the cells and the record of pandas: run by `make test-engines`."""

from __future__ import annotations

import os
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.errors import FrameKindError, ResponseError
from tests.made_engines import ITEMS, same_cells

pytestmark = pytest.mark.engines
pytest.importorskip("pyspark")

OPTIONS = {"coding": "canonical", "invalid": "missing"}
WORDS = ["Very strongly disagree", "mildly agree", "NEUTRAL", "Refused", "what?", "", "4", None]


@pytest.fixture(scope="module")
def spark():
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "64")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .getOrCreate()
        )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def dirty(kind: str, n: int = 500) -> pd.Series:
    rng = np.random.default_rng(len(kind))
    numbers = rng.choice([1, 2, 3, 4, 5, 6, 7, 99, -9], n)
    made = {
        "double": lambda: rng.choice([1, 4, 7, np.nan, 2.5, 99, -9, np.inf], n),
        "byte": lambda: numbers.astype(np.int8),
        "short": lambda: pd.Series(np.where(rng.random(n) < 0.1, None, numbers), dtype="Int16"),
        "long": lambda: pd.Series(np.where(rng.random(n) < 0.1, None, numbers), dtype="Int64"),
        "words": lambda: rng.choice(np.array(WORDS, dtype=object), n),
        "boolean": lambda: rng.random(n) < 0.5,
        "nothing": lambda: [None] * n,
    }
    return pd.Series(made[kind]())


SPARK = {
    "double": "double", "byte": "tinyint", "short": "smallint", "long": "bigint",
    "words": "string", "boolean": "boolean", "nothing": "double",
}  # fmt: skip


def table(spark, data: pd.DataFrame, kinds: dict[str, str]):
    is_double = [kinds.get(name) == "double" for name in data.columns]  # NaN stays NaN there
    rows = [
        tuple(v if keep or not pd.isna(v) else None for v, keep in zip(row, is_double, strict=True))
        for row in data.astype(object).itertuples(index=False)
    ]
    schema = ", ".join(["id bigint", *(f"{name} {SPARK[kind]}" for name, kind in kinds.items())])
    return spark.createDataFrame(rows, schema).repartition(1).coalesce(1)


@pytest.fixture
def answers():
    kinds = dict(zip(ITEMS, [*SPARK, *list(SPARK)[:5]], strict=True))
    data = pd.DataFrame({name: dirty(kind) for name, kind in kinds.items()})
    return pd.concat([pd.Series(range(500), name="id"), data], axis=1), kinds


def collected(frame, columns: list[str]) -> pd.DataFrame:
    rows = [row.asDict() for row in frame.orderBy("id").collect()]
    return pd.DataFrame(rows, columns=columns).astype(object)


def test_spark_gives_the_cells_of_pandas_on_dirty_data(spark, answers):
    data, kinds = answers
    frame = table(spark, data, kinds).repartition(4)
    scored = soc.score_spark(frame, "mspss", **OPTIONS)
    want = soc.score(data, "mspss", **OPTIONS)
    assert scored.columns == list(want.columns)
    assert dict(scored.dtypes)["mspss_total_n"] == "smallint"
    assert [f for f in scored.schema.fields if f.name in frame.columns] == frame.schema.fields
    same_cells(collected(scored, scored.columns), want, data)


def test_the_record_travels_and_is_counted_when_asked_for(spark, answers, tmp_path):
    data, kinds = answers
    frame = table(spark, data, kinds).repartition(3)
    want = soc.scoring_record(soc.score(data, "mspss", **OPTIONS))
    scored = soc.score_spark(frame, "mspss", count=True, **OPTIONS)
    got = soc.scoring_record(scored)
    assert got.uses[0].counts == want.uses[0].counts
    assert got.uses[0].illegal_answers == want.uses[0].illegal_answers
    assert got.columns == want.columns
    scored.write.parquet(str(tmp_path / "scored.parquet"))
    back = spark.read.parquet(str(tmp_path / "scored.parquet"))
    assert soc.scoring_record(back) == got
    uncounted = soc.scoring_record(soc.score_spark(frame, "mspss", **OPTIONS))
    assert uncounted.uses[0].counts == {}


def test_illegal_answers_are_refused_by_the_action_with_partition_and_row(spark):
    data = pd.DataFrame({"id": range(300), **dict.fromkeys(ITEMS, 4)})
    data["mspss_3"] = [4] * 299 + [99]
    frame = spark.createDataFrame([tuple(map(int, row)) for row in data.to_numpy()], list(data))
    frame = frame.coalesce(1)
    scored = soc.score_spark(frame, "mspss")
    with pytest.raises(Exception, match=r"partition 0, row 300, column mspss_3: 99 is no answer"):
        scored.collect()
    with pytest.raises(ResponseError, match=r"partition 0, row 300, column mspss_3") as refusal:
        soc.score_spark(frame, "mspss", count=True)
    assert refusal.value.count == 1


def test_words_of_all_partitions_decide_the_coding_once(spark):
    words = ["Often", "Hardly ever or never", None, "Some of the time"] * 5
    data = pd.DataFrame({"id": range(20), **{f"ucla3_{i}": words for i in (1, 2, 3)}})
    rows = [
        tuple(None if pd.isna(v) else v for v in row)
        for row in data.astype(object).itertuples(index=False)
    ]
    schema = "id int, ucla3_1 string, ucla3_2 string, ucla3_3 string"
    frame = spark.createDataFrame(rows, schema).repartition(5)
    scored = soc.score_spark(frame, "ucla3")
    want = soc.score(data, "ucla3")
    same_cells(collected(scored, scored.columns), want, data)
    assert soc.scoring_record(scored).uses[0].coding == soc.scoring_record(want).uses[0].coding


def test_numbers_decide_no_coding(spark):
    frame = spark.createDataFrame([(0, 1, 2)], ["ucla3_1", "ucla3_2", "ucla3_3"])
    with pytest.raises(soc.SocmeasuresError, match="coding of scale 'ucla3' is not known"):
        soc.score_spark(frame, "ucla3")


def test_nobody_is_nobody_in_spark_too(spark):
    frame = spark.createDataFrame([], ", ".join(f"{name} double" for name in ITEMS))
    scored = soc.score_spark(frame, "mspss")
    assert scored.count() == 0
    assert "mspss_total_status" in scored.columns


def test_other_frames_are_refused():
    with pytest.raises(FrameKindError, match="pyspark"):
        soc.score_spark(pd.DataFrame({"a": [1]}), "mspss")


def test_a_spark_frame_given_to_score_is_told_its_door(spark):
    with pytest.raises(FrameKindError, match=r"soc\.score_spark"):
        soc.score(spark.createDataFrame([(1,)], ["a"]), "mspss")
