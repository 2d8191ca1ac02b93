"""One kernel everywhere: every kind of frame and engine gives the cells that pandas gives."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import socmeasures as soc
from socmeasures.errors import (
    EngineMissingError,
    FrameKindError,
    PartsDifferError,
    ReadOnceError,
    ResponseError,
    SourceKindError,
)
from tests.made_engines import ITEMS, answers, as_arrow, as_polars, same_cells
from tests.test_front_door import fresh

with warnings.catch_warnings():
    import dask
    import dask.dataframe as dd

OPTIONS = {"coding": "canonical", "invalid": "missing"}
# not shrunk: with so many engines that takes minutes, and the case is small as it is
dirty = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def counted(record: soc.ScoringRecord) -> list[object]:
    return [(use.counts, use.illegal_answers) for use in record.uses]


# ------------------------------------------------------------------ frames


@dirty
@given(answers())
def test_arrow_and_polars_frames_give_the_cells_of_pandas(data):
    want = soc.score(data, "mspss", **OPTIONS)
    table, frame = as_arrow(data), as_polars(data)
    from_arrow = soc.score(table, "mspss", **OPTIONS)
    from_polars = soc.score(frame, "mspss", **OPTIONS)
    lazy = soc.score(frame.lazy(), "mspss", **OPTIONS)
    assert isinstance(from_arrow, pa.Table)
    assert isinstance(from_polars, pl.DataFrame)
    assert isinstance(lazy, pl.LazyFrame)
    for got in (from_arrow, from_polars, lazy.collect()):
        same_cells(got, want, data)
    assert from_arrow.select(table.column_names).equals(table)
    told = soc.scoring_record(want)
    assert counted(soc.scoring_record(from_arrow)) == counted(told)
    assert counted(soc.scoring_record(from_polars)) == counted(told)


@dirty
@given(answers())
def test_every_kind_of_frame_has_the_same_problems(data):
    want = soc.validate(data, "mspss", coding="canonical").table
    for other in (as_arrow(data), as_polars(data), as_polars(data).lazy()):
        report = soc.validate(other, "mspss", coding="canonical")
        assert report.n_rows == len(data)
        assert report.table[["row", "column", "rule"]].astype(str).to_dict("records") == (
            want[["row", "column", "rule"]].astype(str).to_dict("records")
        )


def test_problems_of_a_lazy_frame_are_there_at_once_and_not_of_its_schema_alone():
    data = pl.LazyFrame({name: [4, 99] for name in ITEMS})
    report = soc.validate(data, "mspss")
    assert not report.ok
    assert isinstance(report.problems, pl.DataFrame)
    assert report.problems["row"].unique().to_list() == [2]


def test_problems_follow_an_arrow_table():
    report = soc.validate(pa.table({name: [4, 99] for name in ITEMS}), "mspss")
    assert isinstance(report.problems, pa.Table)
    assert report.problems["row"].to_pylist() == [2] * 12


def test_a_lazy_frame_refuses_when_it_is_collected_and_names_the_row():
    n = 1000
    data = pl.DataFrame({name: [4] * (n - 1) + [99] for name in ITEMS})
    lazy = soc.score(data.lazy().filter(pl.col("mspss_1") > 0), "mspss")
    with pytest.raises(ResponseError, match=r"row 1000, column mspss_1: 99 is no answer"):
        lazy.collect()


def test_a_lazy_frame_keeps_its_record_and_says_that_nothing_is_counted():
    lazy = soc.score(pl.LazyFrame({name: [4] for name in ITEMS}), "mspss")
    use = soc.scoring_record(lazy).uses[0]
    assert use.counts == {}
    assert use.illegal_answers is None
    assert "not counted" in use.notes[-1]


def test_words_in_a_lazy_frame_are_looked_through_once_for_the_coding():
    words = pl.Series(["Often", None, "Hardly ever or never", "Some of the time"])
    data = pl.DataFrame({f"ucla3_{i}": words for i in (1, 2, 3)})
    want = soc.score(data, "ucla3")
    lazy = soc.score(data.lazy(), "ucla3")
    assert lazy.collect()["ucla3_total"].to_list() == want["ucla3_total"].to_list()
    assert soc.scoring_record(lazy).uses[0].coding == soc.scoring_record(want).uses[0].coding


def test_numbers_never_decide_a_coding_in_any_engine():
    data = pd.DataFrame({f"ucla3_{i}": [0, 1, 2] for i in (1, 2, 3)})
    for score, other in (
        (soc.score, pl.from_pandas(data).lazy()),
        (soc.score_dask, dd.from_pandas(data, npartitions=1)),
    ):
        with pytest.raises(soc.SocmeasuresError, match="coding of scale 'ucla3' is not known"):
            score(other, "ucla3")


@pytest.fixture
def database():
    with duckdb.connect() as connection:
        yield connection


def test_frames_of_engines_are_told_which_door_is_theirs(database):
    with pytest.raises(FrameKindError, match=r"soc\.score_dask"):
        soc.score(dd.from_pandas(pd.DataFrame({"a": [1]}), npartitions=1), "mspss")
    with pytest.raises(FrameKindError, match=r"soc\.score_stream"):
        soc.score(database.sql("select 1 as a"), "mspss")


def test_decimals_of_a_database_are_numbers(database):
    columns = ", ".join(f"4::DECIMAL(9, 2) AS {name}" for name in ITEMS)
    table = database.sql(f"select {columns}")
    arrow = table.to_arrow_table() if hasattr(table, "to_arrow_table") else table.arrow()
    assert soc.score(arrow, "mspss")["mspss_total"].to_pylist() == [4.0]


# ------------------------------------------------------------------ streams


def sources(data: pd.DataFrame, folder: Path, database: Any) -> dict[str, object]:
    table = as_arrow(data)
    file = folder / "answers.parquet"
    pa.parquet.write_table(table, file)
    half = len(data) // 2
    return {
        "parquet": file,
        "table": table,
        "reader": table.to_reader(max_chunksize=3),
        "dataset": pa.dataset.dataset(file),
        "polars": as_polars(data),
        "lazy": as_polars(data).lazy(),
        "duckdb": database.sql(f"from read_parquet('{file}')"),
        "frames": [data[:half], data[half:]],
        "batches": (part for part in table.to_batches(max_chunksize=5) or [table]),
    }


@settings(dirty, max_examples=10)
@given(answers())
def test_every_stream_gives_the_cells_and_the_record_of_pandas(tmp_path, database, data):
    if not len(data):
        return
    want = soc.score(data, "mspss", **OPTIONS)
    for name, source in sources(data, tmp_path, database).items():
        done = soc.score_stream(
            source,
            "mspss",
            tmp_path / f"{name}.out.parquet",
            block_rows=4,
            with_items=False,
            **OPTIONS,
        )
        got = pa.parquet.read_table(tmp_path / f"{name}.out.parquet")
        same_cells(got, want, data)
        assert counted(done.record) == counted(soc.scoring_record(want)), name
        assert done.n_rows == len(data)


@settings(dirty, max_examples=10)
@given(answers())
def test_every_stream_has_the_problems_of_pandas(tmp_path, database, data):
    want = soc.validate(data, "mspss", coding="canonical", person="id")
    for name, source in sources(data, tmp_path, database).items():
        got = soc.validate_stream(source, "mspss", coding="canonical", person="id", block_rows=4)
        columns = ["row", "person", "column", "rule", "severity"]
        assert got.table[columns].astype(str).to_dict("records") == (
            want.table[columns].astype(str).to_dict("records")
        ), name
        assert got.summary == want.summary


@pytest.fixture
def clean() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    made = {name: rng.choice([1, 2, 3, 4, 5, 6, 7, np.nan], 2000) for name in ITEMS}
    return pd.DataFrame({"id": np.arange(2000), **made})


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".sav"])
@pytest.mark.parametrize("kind", [".csv", ".parquet", ".sav"])
def test_any_file_into_any_file_is_the_file_written_at_once(tmp_path, clean, kind, suffix):
    source, sink = tmp_path / f"a{kind}", tmp_path / f"b{suffix}"
    soc.write(clean, source)
    data, book = soc.read(source)
    scored = soc.score(data, "mspss")
    soc.write(scored, tmp_path / f"whole{suffix}", codebook=book)
    done = soc.score_stream(source, "mspss", sink, with_items=True, block_rows=300)
    got, _ = soc.read(sink)
    want, _ = soc.read(tmp_path / f"whole{suffix}")
    pd.testing.assert_frame_equal(got, want, check_dtype=False)
    assert done.record == soc.scoring_record(scored)


def test_one_word_at_the_end_of_a_csv_makes_its_column_a_text_from_the_first_row(tmp_path, clean):
    clean["mspss_1"] = [*clean["mspss_1"].iloc[:-1].astype(str), "what?"]
    clean.to_csv(tmp_path / "a.csv", index=False)
    data, book = soc.read(tmp_path / "a.csv")
    want = soc.validate(data, "mspss", codebook=book).table
    got = soc.validate_stream(tmp_path / "a.csv", "mspss", block_rows=100).table
    pd.testing.assert_frame_equal(got, want, check_dtype=False)
    assert "what?" in set(got["value"])


def test_a_person_in_two_blocks_is_found_and_a_hash_alone_is_no_proof(clean, monkeypatch):
    twice = pd.concat([clean, clean.iloc[[5]]], ignore_index=True)
    report = soc.validate_stream([twice[:900], twice[900:]], "mspss", person="id")
    rows = report.table[report.table["rule"] == "duplicate_person_wave"]
    assert rows["row"].tolist() == [6, 2001]
    assert rows["message"].iloc[0].endswith("(also row 2001)")
    monkeypatch.setattr(
        pd.util, "hash_pandas_object", lambda part, **_: pd.Series([7] * len(part), dtype="uint64")
    )
    assert soc.validate_stream([clean], "mspss", person="id").ok


def test_millions_of_faults_are_counted_and_some_are_listed(monkeypatch):
    monkeypatch.setattr("socmeasures.validation.stream.MOST", 10)
    data = pd.DataFrame({name: [99, 99, None] for name in ITEMS})
    report = soc.validate_stream([data] * 5, "mspss")
    assert (report.table["rule"] == "out_of_range").sum() == 10
    assert report.n_unlisted == 12 * 2 * 5 - 10
    assert report.summary.startswith("120 errors in 15 rows")


def test_a_stream_lists_its_first_faults_and_counts_all(tmp_path, monkeypatch):
    monkeypatch.setattr("socmeasures.scoring.stream.MOST_PROBLEMS", 10)
    data = pd.DataFrame({name: [99, 4] for name in ITEMS})
    with pytest.raises(ResponseError, match="60 answers do not fit") as refusal:
        soc.score_stream([data] * 5, "mspss", tmp_path / "out.parquet")
    assert len(refusal.value.problems) == 10
    assert not list(tmp_path.iterdir())


def test_words_in_a_reader_that_runs_once_need_a_stated_coding(tmp_path):
    table = pa.table({f"ucla3_{i}": ["Often", "Hardly ever or never"] for i in (1, 2, 3)})
    with pytest.raises(ReadOnceError, match="hold words: ucla3_1, ucla3_2, ucla3_3"):
        soc.score_stream(table.to_reader(), "ucla3", tmp_path / "out.csv")
    done = soc.score_stream(table.to_reader(), "ucla3", tmp_path / "out.csv", coding="canonical")
    assert done.n_rows == 2


def test_blocks_with_other_columns_are_refused(tmp_path, clean):
    with pytest.raises(PartsDifferError, match=r"Block 2 .* without 'mspss_12'"):
        soc.score_stream([clean, clean.drop(columns="mspss_12")], "mspss", tmp_path / "out.parquet")
    assert not list(tmp_path.iterdir())


def test_something_that_gives_no_rows_is_refused(tmp_path):
    for source in (7, {"a": [1]}, ["a"], []):
        with pytest.raises(SourceKindError):
            soc.score_stream(source, "mspss", tmp_path / "out.csv")


def test_scores_made_before_stay_in_the_record_once(tmp_path, clean):
    first = soc.score(clean, "mspss")
    first = first.assign(**{f"ucla3_{i}": 1 for i in (1, 2, 3)})
    first.attrs = soc.score(clean, "mspss").attrs
    soc.write(first, tmp_path / "a.parquet")
    done = soc.score_stream(
        tmp_path / "a.parquet", "ucla3", tmp_path / "b.parquet", coding="canonical", block_rows=300
    )
    data, _ = soc.read(tmp_path / "a.parquet")
    assert done.record == soc.scoring_record(soc.score(data, "ucla3", coding="canonical"))
    back, _ = soc.read(tmp_path / "b.parquet")
    assert soc.scoring_record(back) == done.record


def test_counts_in_notes_are_added_up_over_blocks():
    from socmeasures.scoring.record import notes_together

    assert notes_together(("3 answers to a", "said"), ("2 answers to a", "said")) == (
        "5 answers to a",
        "said",
    )


# ------------------------------------------------------------------ Dask


@settings(dirty, max_examples=15)
@given(answers())
def test_dask_gives_the_cells_and_the_record_of_pandas(data):
    want = soc.score(data, "mspss", **OPTIONS)
    with dask.config.set(scheduler="synchronous", **{"dataframe.convert-string": False}):
        frame = dd.from_pandas(data, npartitions=3)
        scored = soc.score_dask(frame, "mspss", count=True, **OPTIONS)
        assert isinstance(scored, dd.DataFrame)
        same_cells(scored.compute(), want, data)
    assert counted(soc.scoring_record(scored)) == counted(soc.scoring_record(want))


def test_dask_scores_on_a_cluster_of_two_workers_and_closes_it(clean):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster),
    ):
        frame = dd.from_pandas(clean, npartitions=4)
        scored = soc.score_dask(frame, "mspss")
        got = scored.compute()
        bad = dd.from_pandas(clean.assign(mspss_3=99), npartitions=4)
        with pytest.raises(ResponseError, match=r"partition \d, row 1, column mspss_3"):
            soc.score_dask(bad, "mspss").compute()
    same_cells(got, soc.score(clean, "mspss"), clean)
    assert soc.scoring_record(scored).uses[0].counts == {}


def test_dask_counts_and_refuses_now_when_asked_to(clean):
    bad = clean.assign(mspss_3=[4.0] * 1999 + [99])
    with (
        dask.config.set(scheduler="synchronous"),
        pytest.raises(ResponseError, match=r"partition 3, row 500, column mspss_3: 99") as refusal,
    ):
        soc.score_dask(dd.from_pandas(bad, npartitions=4), "mspss", count=True)
    assert refusal.value.count == 1


def test_two_dask_frames_of_the_same_data_keep_their_own_records(clean):
    frame = dd.from_pandas(clean, npartitions=2)
    first = soc.score_dask(frame, "mspss")
    with dask.config.set(scheduler="synchronous"):
        second = soc.score_dask(frame, "mspss", count=True)
    assert soc.scoring_record(first).uses[0].counts == {}
    assert sum(soc.scoring_record(second).uses[0].counts["total"].values()) == len(clean)


def test_something_that_is_no_dask_frame_is_refused(clean):
    with pytest.raises(FrameKindError, match=r"dask\.dataframe"):
        soc.score_dask(clean, "mspss")


# ------------------------------------------------------------------ engines that are not there


@pytest.mark.parametrize(
    ("package", "call", "extra"),
    [
        ("dask", lambda: soc.score_dask(None, "mspss"), "dask"),
        ("pyspark", lambda: soc.score_spark(None, "mspss"), "spark"),
        ("pyarrow", lambda: soc.score_stream([1], "mspss", "out.parquet"), "polars"),
    ],
)
def test_an_engine_that_is_not_installed_is_named_with_its_cure(monkeypatch, package, call, extra):
    for name in [n for n in sys.modules if n.split(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.dataframe", None)
    with pytest.raises(EngineMissingError, match=rf"pip install 'socmeasures\[{extra}\]'"):
        call()


ENGINES = {"polars", "pyarrow", "dask", "distributed", "duckdb", "pyspark"}


def test_no_engine_is_loaded_by_scoring_a_pandas_frame():
    """pandas itself loads pyarrow, and pandera whatever of polars, Dask and PySpark is there."""
    before = fresh(
        "import numpy, pandas, pandera.pandas, narwhals, pyreadstat\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    loaded = fresh(
        "import pandas as pd, socmeasures as soc\n"
        "data = pd.DataFrame({f'mspss_{i}': [4] for i in range(1, 13)})\n"
        "soc.score(data, 'mspss'); soc.validate(data, 'mspss')\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    assert (ENGINES & set(loaded.split())) <= (ENGINES & set(before.split()))
    assert not {"duckdb", "distributed"} & set(loaded.split())


def test_the_base_install_has_no_engine():
    import tomllib

    file = Path(soc.__file__).parents[1] / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    base = {line.split(">")[0].split("[")[0] for line in project["dependencies"]}
    assert not base & ENGINES
    assert {"polars", "duckdb", "dask", "spark"} <= set(project["optional-dependencies"])
