"""Real and awkward SPSS files: what R (haven) finds in them is what we find, and PSPP agrees.

Every .sav, .zsav and .por of the reference folder is read (or refused by name), compared with
`oracles/sav_files.json` (R 4.2.2, haven 2.5.1), and written and read again.
"""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import SocmeasuresWarning
from socmeasures.responses.reading import read
from socmeasures.responses.sav_writing import write_sav
from tests.conftest import SHARED

pytestmark = pytest.mark.needs("shared")

FILES = sorted(
    str(path.relative_to(SHARED))
    for folder in (SHARED / "data").glob("sav_*")
    for path in folder.iterdir()
    if path.suffix in (".sav", ".zsav", ".por", ".csv")
)
ORACLES = SHARED / "oracles" / "sav_files.json"
ENTRIES = json.loads(ORACLES.read_text("utf-8"))["entries"] if ORACLES.is_file() else []
SPSS = sorted(
    {name for name in FILES if not name.endswith(".csv")} | {e["data"]["path"] for e in ENTRIES}
)
ENDS = {"LOWEST": -np.inf, "HIGHEST": np.inf}


def opened(path):
    """The frame, the codebook and the sentences of the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SocmeasuresWarning)
        data, book = read(path)
    return data, book, [str(w.message) for w in caught]


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_read_or_refused_and_stays_as_it_was(shared, name):
    before = (shared / name).read_bytes()
    # the expected frames beside the files are tables of R and pandas, none is refused either
    _, book, _ = opened(shared / name)
    assert book.n_rows is not None
    assert (shared / name).read_bytes() == before


@pytest.mark.parametrize("entry", ENTRIES, ids=[e["id"] for e in ENTRIES])
def test_what_haven_finds_we_find(shared, entry):
    data, book, _ = opened(shared / entry["data"]["path"])
    want = entry["expected"]
    assert data.shape == (want["rows"], want["columns"])
    for expected in want["variables"]:
        name = expected["name"]
        variable = book[name]
        assert variable.label == expected.get("label", ""), name
        assert variable.format == expected["format"], name
        assert len(variable.value_labels) == expected["value_labels"], name
        assert list(variable.missing_values) == expected.get("user_missing_values", []), name
        ends = [ENDS.get(end, end) for end in expected.get("user_missing_range", [])]
        assert [end for pair in variable.missing_ranges for end in pair] == ends, name
        assert len(book.missing_reason(name)) == expected["n_user_missing"], name
        kind = {"numeric": "numeric", "string": "string"}.get(variable.kind, "date-time")
        assert kind == expected["type"], name


@pytest.mark.parametrize("entry", ENTRIES, ids=[e["id"] for e in ENTRIES])
def test_cells_without_any_answer_are_counted_as_haven_counts_them(shared, entry):
    data, book, _ = opened(shared / entry["data"]["path"])
    for expected in entry["expected"]["variables"]:
        name = expected["name"]
        column = data[name]
        empty = int(column.isna().sum()) - len(book.missing_reason(name))
        if book[name].kind == "string":
            empty += int((column.str.strip() == "").sum())
        outside = sum("outside the calendar" in n and f" of {name} " in n for n in book.notes)
        assert empty - outside == expected["n_system_missing_or_empty"], name


@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
@pytest.mark.parametrize("name", SPSS)
def test_a_round_trip_keeps_values_labels_codes_measures_and_formats(
    shared, tmp_path, name, suffix
):
    data, book, _ = opened(shared / name)
    report = write_sav(data, tmp_path / f"again{suffix}", codebook=book)
    again, after = read(tmp_path / f"again{suffix}")
    pd.testing.assert_frame_equal(again, data)
    pd.testing.assert_frame_equal(after.reasons, book.reasons)
    assert (after.file_label, after.documents) == (book.file_label, book.documents)
    assert after.weight == book.weight
    told = {(loss.what, loss.column) for loss in report}
    for variable in book.variables.values():
        got = after[variable.name]
        for field in ("label", "kind", "value_labels", "missing_values", "missing_ranges"):
            assert getattr(got, field) == getattr(variable, field), (variable.name, field)
        if variable.measure != "unknown":
            assert got.measure == variable.measure
        if got.format != variable.format:
            what = "string width" if variable.kind == "string" else "format"
            assert (what, variable.name) in told
    lost = {loss.what for loss in report.lost}
    assert lost <= {"response set", "role", "custom attribute", "file attribute"}
    assert ("response set" in lost) == bool(book.mrsets)


def test_a_date_outside_the_calendar_is_missing_with_a_warning(shared):
    data, book, sentences = opened(shared / "data/sav_haven/datetime.sav")
    assert data["date.posix"].isna().tolist().count(True) == 1
    assert "1 date of date.posix outside the calendar" in sentences[0]
    assert sentences[0].split(": ", 1)[1] in book.notes


def test_umlauts_of_an_old_encoding_come_out_right(shared):
    data, book, _ = opened(shared / "data/sav_awkward/ucla3_german_cp1252.sav")
    words = [book[name].label for name in book.variables]
    assert any("ü" in word or "ä" in word or "ö" in word for word in words)
    assert not any("Ã" in text for text in [*words, *data["ort"]])


def test_expected_frames_of_pyreadstat_agree(shared):
    folder = shared / "data/sav_pyreadstat"
    data, _ = read(folder / "sample.sav")
    want = pd.read_csv(folder / "expected_sample.csv")
    np.testing.assert_allclose(data["mynum"], want["mynum"])
    assert data["mychar"].tolist() == want["mychar"].tolist()
    days = pd.to_datetime(want["mydate"]).astype("datetime64[us]")
    assert data["mydate"].equals(days.rename("mydate"))
    times = pd.to_timedelta(want["mytime"]).astype("timedelta64[us]")
    assert data["mytime"].equals(times.rename("mytime"))
