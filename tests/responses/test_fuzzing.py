"""Mutated files are read or refused in our own words: no crash, no hang, nothing left behind."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socmeasures.errors import EncodingError, SocmeasuresError, TruncatedFileError
from socmeasures.responses.codebook import Codebook, Variable
from socmeasures.responses.reading import read
from socmeasures.responses.sav_writing import write_sav
from tests.conftest import SHARED
from tests.responses.fuzzing import fuzz

SMALL = 40_000  # bytes: a mutation of a larger file rarely hits its dictionary


def own_files(folder: Path) -> list[Path]:
    """Files of our own writer, so that the test runs without the reference folder."""
    book = Codebook.from_labels(
        {"q": {1: "Never", 9: "Refused"}, "t": {"a": "Ay", "bb": "Bee"}},
        labels={"q": "How often?", "long": "A long text"},
        missing={"q": [9, (97, 99)], "t": ["zz"]},
    )
    data = pd.DataFrame(
        {
            "q": [1.0, 9.0, None],
            "t": ["a", "bb", ""],
            "long": ["x" * 300, "ü", ""],
            "day": pd.to_datetime(["2026-03-12", None, "2026-03-13"]),
        }
    )
    made = []
    for name, options in (("a.sav", {}), ("b.zsav", {}), ("c.sav", {"compress": False})):
        write_sav(data, folder / name, codebook=book, **options)
        made.append(folder / name)
    return made


def bases(folder: Path) -> list[Path]:
    shared = [
        p
        for d in (SHARED / "data").glob("sav_*")
        for p in sorted(d.iterdir())
        if p.suffix in (".sav", ".zsav", ".por") and p.stat().st_size < SMALL
    ]
    return [*own_files(folder), *sorted(shared)]


def told(bad) -> str:
    return "\n".join(f"{c.base} #{c.number}: {c.verdict}" for c in bad)


def test_five_hundred_mutated_files_are_read_or_refused(tmp_path):
    bad, counts = fuzz(bases(tmp_path), 500, seed=2026)
    assert not bad, told(bad)
    assert sum(counts.values()) == 500
    assert counts["refused"] > 0
    assert counts["written"] > 0


@pytest.mark.slow
def test_twenty_thousand_mutated_files_are_read_or_refused(tmp_path):
    bad, counts = fuzz(bases(tmp_path), 20_000, seed=7)
    print(counts)
    assert not bad, told(bad)
    assert sum(counts.values()) == 20_000


@pytest.fixture
def plain(tmp_path) -> tuple[Path, bytearray, int]:
    """A written file, its bytes, and where the record of its first variable begins."""
    write_sav(pd.DataFrame({"q": [1.0], "t": ["abc"]}), tmp_path / "plain.sav")
    return tmp_path / "plain.sav", bytearray((tmp_path / "plain.sav").read_bytes()), 176


@pytest.mark.parametrize(
    ("offset", "number", "why"),
    [
        (4, 32, "lacks some of its parts"),
        (4, 2**25, "lacks some of its parts"),
        (4, -1, "lacks some of its parts"),
        (16, 0x10000, "format of a text"),
        (20, 0x10802, "format of a text"),
    ],
)
def test_a_variable_that_crashes_the_native_reader_is_refused(plain, offset, number, why):
    path, content, at = plain
    content[at + offset : at + offset + 4] = struct.pack("<i", number)
    path.write_bytes(content)
    with pytest.raises(TruncatedFileError, match=why):
        read(path)


@pytest.mark.parametrize("suffix", [".sav", ".zsav"])
def test_more_rows_than_a_file_can_hold_are_refused_before_room_is_made(tmp_path, suffix):
    path = tmp_path / f"rows{suffix}"
    write_sav(pd.DataFrame({"q": [1.0, 2.0]}), path)
    content = bytearray(path.read_bytes())
    content[80:84] = struct.pack("<i", 2**24 + 2)
    path.write_bytes(content)
    with pytest.raises(TruncatedFileError, match="declares 16,777,218 rows"):
        read(path)


@pytest.mark.needs("shared")
def test_codes_of_text_in_no_stated_encoding_are_refused(shared, tmp_path):
    content = bytearray((shared / "data/sav_efc/efc.sav").read_bytes())
    at = content.index(b"C90COP9 ") - 24
    content[at + 4 : at + 8] = struct.pack("<i", 1)  # its labelled numbers are texts now
    (tmp_path / "efc.sav").write_bytes(content)
    with pytest.raises((EncodingError, TruncatedFileError)):
        read(tmp_path / "efc.sav")


@pytest.mark.needs("shared")
def test_codes_of_text_in_an_unknown_encoding_are_refused(shared, tmp_path):
    content = (shared / "data/sav_pyreadstat/ordered_category.sav").read_bytes()
    changed = bytearray(content.replace(b"UTF-8", b"U\xbaF-8"))
    at = changed.index(b"COL1    ") - 24
    changed[at + 4 : at + 8] = struct.pack("<i", 1)
    (tmp_path / "strange.sav").write_bytes(changed)
    with pytest.raises(EncodingError, match="not known"):
        read(tmp_path / "strange.sav")


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
codes = st.integers(-999, 999) | st.floats(allow_nan=False, width=32)
columns = st.one_of(
    st.lists(st.none() | codes, min_size=2, max_size=2),
    st.lists(
        st.none() | st.text(st.characters(codec="utf-8"), max_size=12), min_size=2, max_size=2
    ),
    st.just([pd.Timestamp("2026-03-12"), None]),
    st.just([True, False]),
)


@given(
    frame=st.dictionaries(names, columns, min_size=1, max_size=4),
    labels=st.dictionaries(codes | st.text(max_size=9), st.text(max_size=130), max_size=4),
    missing=st.lists(codes | st.text(max_size=9), max_size=5),
    label=st.text(max_size=260),
)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_frame_and_codebook_is_written_or_refused_and_read_again(
    tmp_path_factory, frame, labels, missing, label
):
    folder = tmp_path_factory.mktemp("any")
    data = pd.DataFrame({name: pd.Series(v, dtype=object) for name, v in frame.items()})
    data = data.infer_objects()
    first = str(data.columns[0])
    kind = "numeric" if pd.api.types.is_numeric_dtype(data.iloc[:, 0].dtype) else "string"
    variable = Variable(
        name=first, label=label, kind=kind, value_labels=labels, missing_values=tuple(missing)
    )
    try:
        write_sav(data, folder / "any.sav", codebook=Codebook(variables={first: variable}))
    except SocmeasuresError:
        assert not list(folder.iterdir())
        return
    again, _ = read(folder / "any.sav", user_missing="keep")
    assert again.shape == data.shape
    for place in range(data.shape[1]):
        column = data.iloc[:, place]
        if pd.api.types.is_float_dtype(column.dtype) and np.isfinite(column.dropna()).all():
            known = column.notna().to_numpy()
            np.testing.assert_array_equal(again.iloc[:, place][known], column[known])
