"""The fate of every SPSS file of the reference folder, and PSPP's reading of what we write.

PSPP 1.6.2 reads our copy: names, labels, measures, missing codes and values equal what we hold.
"""

from __future__ import annotations

import re
import subprocess
import warnings

import numpy as np
import pandas as pd
import pytest

from socmeasures.errors import SocmeasuresWarning
from socmeasures.responses.reading import read
from socmeasures.responses.sav_writing import write_sav
from tests.conftest import SHARED

pytestmark = pytest.mark.needs("shared")

WHOLE = "round trip"
SETS = "round trip but for its multiple-response sets"
ROLES = "round trip but for roles and custom attributes"
BOTH = "round trip but for response sets, roles and custom attributes"
FATES = {
    "sav_awkward/covid2_v2_uncompressed.sav": WHOLE,
    "sav_awkward/covid2_z.zsav": WHOLE,
    "sav_awkward/efc_awkward.sav": BOTH,
    "sav_awkward/efc_awkward.zsav": BOTH,
    "sav_awkward/ucla3_german_cp1252.sav": WHOLE,
    "sav_awkward/zero_rows.sav": WHOLE,
    "sav_efc/efc.sav": WHOLE,
    "sav_efc/efc.zsav": WHOLE,
    "sav_foreign/electric.por": WHOLE,
    "sav_foreign/electric.sav": WHOLE,
    "sav_foreign/mval_bug.sav": WHOLE,
    "sav_foreign/pbc.por": WHOLE,
    "sav_foreign/pbc.sav": WHOLE,
    "sav_foreign/pbcold.sav": WHOLE,
    "sav_foreign/sample100.por": WHOLE,
    "sav_foreign/sample100.sav": WHOLE,
    "sav_foreign/spss_long.sav": WHOLE,
    "sav_haven/datetime.sav": WHOLE,
    "sav_haven/iris.sav": WHOLE,
    "sav_haven/labelled-num-na.sav": WHOLE,
    "sav_haven/labelled-num.sav": WHOLE,
    "sav_haven/labelled-str.sav": WHOLE,
    "sav_haven/umlauts.sav": WHOLE,
    "sav_haven/variable-label.sav": WHOLE,
    "sav_pspp/horticulture.sav": WHOLE,
    "sav_pspp/hotel.sav": WHOLE,
    "sav_pspp/llz.zsav": WHOLE,
    "sav_pspp/personnel.sav": WHOLE,
    "sav_pspp/physiology.sav": WHOLE,
    "sav_pspp/repairs.sav": WHOLE,
    "sav_pyreadstat/hebrews.sav": WHOLE,
    "sav_pyreadstat/missing_char.sav": WHOLE,
    "sav_pyreadstat/missing_test.sav": WHOLE,
    "sav_pyreadstat/ordered_category.sav": WHOLE,
    "sav_pyreadstat/sample.por": WHOLE,
    "sav_pyreadstat/sample.sav": WHOLE,
    "sav_pyreadstat/sample.zsav": WHOLE,
    "sav_pyreadstat/sample_large.sav": WHOLE,
    "sav_pyreadstat/sample_missing.sav": WHOLE,
    "sav_pyreadstat/simple_alltypes.sav": SETS,
    "sav_pyreadstat/tegulu.sav": WHOLE,
    "sav_pyreadstat/test_width.sav": WHOLE,
    "sav_torture/demo.sav": BOTH,
    "sav_torture/demo_z.zsav": BOTH,
}
ALLOWED = {
    WHOLE: set(),
    SETS: {"response set"},
    ROLES: {"role", "custom attribute", "file attribute"},
    BOTH: {"response set", "role", "custom attribute", "file attribute"},
}


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SocmeasuresWarning)
        return read(path)


def test_the_table_names_every_spss_file():
    present = {
        f"{folder.name}/{path.name}"
        for folder in (SHARED / "data").glob("sav_*")
        for path in folder.iterdir()
        if path.suffix in (".sav", ".zsav", ".por")
    }
    assert present == set(FATES)


@pytest.mark.parametrize(("name", "fate"), FATES.items())
def test_every_file_has_the_fate_of_the_table(shared, tmp_path, name, fate):
    data, book = opened(shared / "data" / name)
    lost = write_sav(data, tmp_path / "again.sav", codebook=book).lost
    again, _ = read(tmp_path / "again.sav")
    pd.testing.assert_frame_equal(again, data)
    what = {loss.what for loss in lost}
    assert what <= ALLOWED[fate]
    assert bool(what) == (fate != WHOLE)


PSPP = """GET FILE='again.sav'.
DISPLAY DICTIONARY.
{formats}
SAVE TRANSLATE /OUTFILE='values.csv' /TYPE=CSV /FIELDNAMES /UNSELECTED=RETAIN /CELLS=VALUES
 /TEXTOPTIONS DELIMITER=',' QUALIFIER='"' DECIMAL=DOT FORMAT=PLAIN /REPLACE.
"""
SPSS_EPOCH = pd.Timestamp("1582-10-14")


@pytest.fixture
def as_pspp_reads(tmp_path, pspp):
    """The dictionary and the values of our copy as PSPP has them, dates as seconds."""

    def run(data, book):
        write_sav(data, tmp_path / "again.sav", codebook=book)
        numbers = [v.name for v in book.variables.values() if v.kind != "string"]
        formats = f"FORMATS {' '.join(numbers)} (F40.8)." if numbers else ""
        (tmp_path / "look.sps").write_text(PSPP.format(formats=formats), encoding="utf-8")
        done = subprocess.run(
            [pspp, "-o", "listing.csv", "-O", "format=csv", "look.sps"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        listing = (tmp_path / "listing.csv").read_text("utf-8")
        assert done.returncode == 0, done.stdout
        values = pd.read_csv(tmp_path / "values.csv", dtype=str, keep_default_na=False)
        return listing, values

    return run


def numbers_of(column, kind):
    """A column as SPSS holds it: numbers, or seconds (of a date: since 1582)."""
    if kind == "time" and pd.api.types.is_timedelta64_dtype(column.dtype):
        return (column / pd.Timedelta(seconds=1)).to_numpy(dtype=float)
    if kind in ("date", "datetime") and pd.api.types.is_datetime64_any_dtype(column.dtype):
        seconds = (column - SPSS_EPOCH.as_unit("us")) / pd.Timedelta(seconds=1)
        return seconds.to_numpy(dtype=float)
    return pd.to_numeric(column).to_numpy(dtype=float)


@pytest.mark.needs("pspp")
@pytest.mark.parametrize("name", FATES)
def test_pspp_reads_back_what_we_hold(shared, as_pspp_reads, name):
    data, book = opened(shared / "data" / name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SocmeasuresWarning)
        codes, _ = read(shared / "data" / name, user_missing="keep")
    listing, values = as_pspp_reads(data, book)
    assert list(values.columns) == list(book.variables)
    assert len(values) == len(data)
    for variable in book.variables.values():
        row = re.search(rf"^{re.escape(variable.name)},\d+,.*$", listing, re.MULTILINE)
        assert row is not None, variable.name
        if variable.label:
            assert variable.label.replace('"', '""') in row.group(), variable.name
        if variable.measure != "unknown":
            assert variable.measure.capitalize() in row.group(), variable.name
        for code in variable.missing_values:
            shown = code.strip() if isinstance(code, str) else f"{code:g}"
            assert shown in row.group(), (variable.name, code)
        for low, high in variable.missing_ranges:
            ends = ["LOWEST" if low == -np.inf else f"{low:g}"]
            ends.append("HIGHEST" if high == np.inf else f"{high:g}")
            assert " THRU ".join(ends) in row.group(), variable.name
        for words in variable.value_labels.values():
            assert words.strip()[:60].replace('"', '""') in listing, (variable.name, words)
        if variable.kind == "string":
            theirs = values[variable.name].str.rstrip().tolist()
            assert theirs == codes[variable.name].fillna("").str.rstrip().tolist(), variable.name
        else:
            theirs = pd.to_numeric(values[variable.name].str.strip(), errors="coerce")
            ours = numbers_of(codes[variable.name], variable.kind)
            np.testing.assert_allclose(theirs, ours, rtol=1e-12, err_msg=variable.name)
