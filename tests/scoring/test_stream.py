"""Large files in blocks: the same scores, record and losses as the whole file at once."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from socmeasures.errors import (
    CodingError,
    NoRowsError,
    OutputError,
    ResponseError,
    UnsupportedFormatError,
)
from socmeasures.responses.matching import match_scales
from socmeasures.responses.plan import PlannedScale, ScoringPlan
from socmeasures.responses.reading import read
from socmeasures.responses.writing import write
from socmeasures.scoring.compute import score
from socmeasures.scoring.record import scoring_record
from socmeasures.scoring.stream import memory_for, score_stream

DEMO = str(files("socmeasures") / "demo" / "befriending_export.sav")


def whole(path, **options):
    data, book = read(path)
    plan = match_scales(data, book, person=options.get("person"))
    return score(data, plan, codebook=book, **options), book


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("rows", [1, 50, 121, 1000])
def test_a_table_reads_back_like_the_one_written_at_once(tmp_path, suffix, rows):
    scored, book = whole(DEMO, invalid="missing", person="id")
    told = write(scored, tmp_path / f"whole{suffix}", codebook=book)
    done = score_stream(
        DEMO, None, tmp_path / f"blocks{suffix}", invalid="missing", person="id", block_rows=rows
    )
    at_once, _ = read(tmp_path / f"whole{suffix}")
    blocks, _ = read(tmp_path / f"blocks{suffix}")
    pd.testing.assert_frame_equal(blocks, at_once)
    assert done.record == scoring_record(scored)
    assert {(r.column, r.detail) for r in done.losses} == {(r.column, r.detail) for r in told}
    if suffix == ".parquet":
        assert scoring_record(blocks) == done.record


def test_into_sav_go_identifiers_and_scores(tmp_path):
    scored, _ = whole(DEMO, invalid="missing", person="id")
    done = score_stream(
        DEMO, None, tmp_path / "scores.sav", invalid="missing", person="id", block_rows=50
    )
    data, book = read(tmp_path / "scores.sav")
    assert list(data.columns) == list(done.columns)
    assert data.columns[0] == "id"
    assert "ucla3_1_t1" not in data.columns
    np.testing.assert_array_equal(data["ucla3_total__t1"], scored["ucla3_total__t1"])
    assert book.labels("ucla3_total_status__t1")
    assert scoring_record(data) is not None


def test_into_sav_with_items_the_codes_of_missing_answers_return(tmp_path):
    _, before = read(DEMO)
    score_stream(
        DEMO, None, tmp_path / "all.sav", invalid="missing", with_items=True, block_rows=50
    )
    data, after = read(tmp_path / "all.sav")
    pd.testing.assert_frame_equal(after.reasons, before.reasons)
    assert memory_for(DEMO) == 4 * 8 * len(before) * len(data)


def test_illegal_answers_of_all_blocks_are_listed_and_nothing_is_written(tmp_path):
    data, book = read(DEMO)
    with pytest.raises(ResponseError) as at_once:
        score(data, match_scales(data, book), codebook=book)
    with pytest.raises(ResponseError) as blocks:
        score_stream(DEMO, None, tmp_path / "out.csv", block_rows=20)
    columns = ["row", "column", "value", "message"]
    first = at_once.value.problems[columns].sort_values(["row", "column"], ignore_index=True)
    second = blocks.value.problems[columns].sort_values(["row", "column"], ignore_index=True)
    pd.testing.assert_frame_equal(first, second)
    assert not list(tmp_path.iterdir())


def test_text_answers_are_read_alike_in_every_block(tmp_path):
    n = 40
    words = ["hardly ever", "some of the time", "often", ""]
    data = pd.DataFrame({f"ucla3_{i}": [words[(i + r) % 4] for r in range(n)] for i in (1, 2, 3)})
    data.insert(0, "id", range(n))
    pyreadstat.write_sav(data, str(tmp_path / "text.sav"))
    scored, _ = whole(tmp_path / "text.sav")
    done = score_stream(tmp_path / "text.sav", None, tmp_path / "out.parquet", block_rows=3)
    blocks, _ = read(tmp_path / "out.parquet")
    pd.testing.assert_series_equal(blocks["ucla3_total"], scored["ucla3_total"])
    assert done.record == scoring_record(scored)


def test_an_undecided_coding_stops_before_anything_is_written(tmp_path):
    data = pd.DataFrame({f"ucla3_{i}": [1.0, 2.0] for i in (1, 2, 3)})
    pyreadstat.write_sav(data, str(tmp_path / "bare.sav"))
    with pytest.raises(CodingError):
        score_stream(tmp_path / "bare.sav", None, tmp_path / "out.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["bare.sav"]


def test_outputs_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(UnsupportedFormatError):
        score_stream(DEMO, None, tmp_path / "out.xlsx")
    with pytest.raises(OutputError):
        score_stream(DEMO, None, DEMO)
    pyreadstat.write_sav(
        pd.DataFrame({f"ucla3_{i}": np.empty(0) for i in (1, 2, 3)}), str(tmp_path / "none.sav")
    )
    planned = PlannedScale(
        scale="ucla3", items={i: f"ucla3_{i}" for i in (1, 2, 3)}, coding="canonical"
    )
    with pytest.raises(NoRowsError):
        score_stream(tmp_path / "none.sav", ScoringPlan(scales=(planned,)), tmp_path / "out.csv")


# The peak is reset in the process itself: a child begins with the peak of its parent. Time is
# processor time, since the machine is shared; after each block of ours the same block is read by
# pyreadstat alone, so that both meet the same load.
MEASURE = """
import re, sys, time
from pathlib import Path
import pyreadstat
from socmeasures.scoring.stream import score_stream
from socmeasures.responses.sav_blocks import SavBlocks
small, big, out = map(Path, sys.argv[1:4])
def memory(what):
    told = Path("/proc/self/status").read_text()
    return int(re.search(what + r":\\s+(\\d+)", told)[1]) / 1024
score_stream(small, None, out.with_name("warm" + out.suffix), person="id")
Path("/proc/self/clear_refs").write_text("5")
before = memory("VmRSS")
score_stream(big, None, out, person="id")
extra = memory("VmHWM") - before
blocks = SavBlocks.open(big)
step = blocks.block_rows(len(blocks.codebook))
alone = 0.0
def read_alone(done, _):
    global alone
    start = time.process_time()
    first = done - step if done % step == 0 else done - done % step
    pyreadstat.read_sav(str(big), row_offset=first, row_limit=step, user_missing=True)
    alone += time.process_time() - start
start = time.process_time()
score_stream(big, None, out, person="id", progress=read_alone)
ours = time.process_time() - start - alone
print(extra, ours, alone)
"""
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="peak memory is read from /proc (Linux)"
)


def simulated(path, n, columns=200, chunk=60_000):
    """A plain .sav with MSPSS and other answers, without a copy of itself in memory."""
    rng = np.random.default_rng(n)
    data = {f"mspss_{i}": rng.integers(1, 8, n).astype(float) for i in range(1, 13)}
    data |= {f"v{i}": rng.integers(0, 5, n).astype(float) for i in range(columns - 13)}
    frame = pd.DataFrame({"id": np.arange(n, dtype=float), **data})
    pyreadstat.write_sav(frame, str(path))


def measured(tmp_path, n, suffix):
    simulated(tmp_path / "small.sav", 1000)
    simulated(tmp_path / "big.sav", n)
    arguments = [tmp_path / "small.sav", tmp_path / "big.sav", tmp_path / f"out{suffix}"]
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    extra, ours, alone = map(float, run.stdout.split())
    return extra, ours / alone


@needs_proc
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_of_100_mb_takes_150_mb_at_most(tmp_path, suffix):
    extra, ratio = measured(tmp_path, 62_500, suffix)
    assert (tmp_path / "big.sav").stat().st_size >= 100e6
    print(f"{suffix}: {extra:.0f} MB, {ratio:.2f} x")
    assert extra <= 150
    assert ratio <= 3  # a loaded machine; the goal of 1.5 is held by the run of 1 GB


@needs_proc
@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_of_1_gb_takes_1_gb_at_most_and_half_as_long_again_as_reading(tmp_path, suffix):
    started = time.perf_counter()
    extra, ratio = measured(tmp_path, 625_000, suffix)
    print(f"{suffix}: {extra:.0f} MB, {ratio:.2f} x, {time.perf_counter() - started:.0f} s")
    assert (tmp_path / "big.sav").stat().st_size >= 1e9
    assert extra <= 1000
    assert ratio <= 1.5
    sample, _ = read(tmp_path / f"out{suffix}", columns=["id", "mspss_total"])
    data, _ = read(tmp_path / "big.sav", columns=["id", *(f"mspss_{i}" for i in range(1, 13))])
    rows = np.random.default_rng(0).choice(len(data), 5000, replace=False)
    want = score(data.iloc[rows], "mspss")["mspss_total"].to_numpy()
    np.testing.assert_array_equal(sample["mspss_total"].to_numpy()[rows], want)


# --- a parquet of many rows ---------------------------------------------------------------

WATCHED = """
import resource, sys, _thread
import socmeasures as soc
what, source, out, stop_at = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
def progress(done, of):
    if stop_at and done >= stop_at:
        _thread.interrupt_main()
try:
    if what == "score":
        done = soc.score_stream(source, "mspss", out, progress=progress).n_rows
    else:
        report = soc.validate_stream(source, "mspss", person="id")
        assert report.ok, report.summary
        done = report.n_rows
except KeyboardInterrupt:
    done = "interrupted"
print(done, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def many_rows(path, n, step=500_000):
    """MSPSS as bytes with gaps, eight other columns, an identifier; written in parts."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rng = np.random.default_rng(1)
    writer = None
    for start in range(0, n, step):
        k = min(step, n - start)
        columns = {"id": arrow.array(np.arange(start, start + k))}
        for i in range(1, 13):
            codes = rng.integers(1, 8, k).astype(np.int8)
            columns[f"mspss_{i}"] = arrow.array(codes, mask=rng.random(k) < 0.02)
        for i in range(8):
            columns[f"v{i}"] = arrow.array(rng.integers(0, 5, k).astype(np.int8))
        table = arrow.table(columns)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def watched(what, source, out, stop_at=0):
    arguments = [what, str(source), str(out), str(stop_at)]
    run = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=True
    )
    done, peak = run.stdout.split()
    print(f"{what}: {done} rows, {float(peak):.0f} MB at most")
    return done, float(peak)


@pytest.mark.parametrize(
    "n", [100_000, pytest.param(10_000_000, marks=pytest.mark.slow)], ids=["1e5", "1e7"]
)
def test_millions_of_rows_in_1_gb_whole_or_not_at_all_and_the_same_bytes_again(tmp_path, n):
    many_rows(tmp_path / "big.parquet", n)
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"

    done, _ = watched("score", tmp_path / "big.parquet", first, stop_at=n // 2)
    assert done == "interrupted"
    assert [p.name for p in tmp_path.iterdir()] == ["big.parquet"]

    for out in (first, second):
        done, peak = watched("score", tmp_path / "big.parquet", out)
        assert int(done) == n
        assert peak < 1000
    assert first.read_bytes() == second.read_bytes()

    done, peak = watched("validate", tmp_path / "big.parquet", first)
    assert int(done) == n
    assert peak < 1000
    scored, _ = read(first, columns=["mspss_total", "mspss_total_n"])
    if n <= 100_000:
        data, _ = read(tmp_path / "big.parquet")
        want = score(data, "mspss")[["mspss_total", "mspss_total_n"]]
        pd.testing.assert_frame_equal(scored, want)
