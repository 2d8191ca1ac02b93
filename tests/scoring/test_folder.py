"""A folder of exports: one record, one table, and a bad file stops nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from socmeasures.errors import ChoiceError, FolderError, OutputError
from socmeasures.responses.matching import match_scales
from socmeasures.responses.reading import read
from socmeasures.scoring.folder import score_folder

GOOD = pd.DataFrame(
    {"id": ["a", "b"], "email": "x@example.org", **{f"mspss_{i}": [4, 5] for i in range(1, 13)}}
)


@pytest.fixture
def exports(tmp_path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    GOOD.to_csv(folder / "north.csv", index=False)
    GOOD.to_excel(folder / "south.xlsx", index=False)
    GOOD.assign(mspss_3=99).to_csv(folder / "west.csv", index=False)
    (folder / "broken.sav").write_bytes(b"$FL2" + bytes(50))
    (folder / "empty.csv").write_bytes(b"")
    (folder / "notes.docx").write_bytes(b"PK")
    return folder


def test_every_file_is_scored_or_named_with_its_reason(exports, tmp_path):
    plan = match_scales(GOOD, person="id")
    before = {p.name: p.read_bytes() for p in exports.iterdir()}
    done = score_folder(exports, tmp_path / "scored", plan)
    assert done.refused == ("broken.sav", "empty.csv", "west.csv")
    assert {p.name for p in (tmp_path / "scored").iterdir()} == {
        "north.scored.csv",
        "south.scored.csv",
        "scores.record.json",
        "summary.csv",
    }
    why = done.summary.set_index("file").loc["west.csv", "why"]
    assert "do not fit scale 'mspss'" in why or "does not fit scale 'mspss'" in why
    assert {p.name: p.read_bytes() for p in exports.iterdir()} == before


def test_the_record_holds_every_file_and_no_path(exports, tmp_path):
    done = score_folder(exports, tmp_path / "scored", match_scales(GOOD))
    told = json.loads((tmp_path / "scored" / "scores.record.json").read_text("utf-8"))
    assert set(told["files"]) == {"broken.sav", "empty.csv", "north.csv", "south.xlsx", "west.csv"}
    assert told["files"]["north.csv"]["record"]["uses"][0]["scale"] == "mspss"
    assert len(told["files"]["north.csv"]["sha256"]) == 64
    assert str(tmp_path) not in json.dumps(told["files"]["north.csv"])
    assert done.summary["scored"].dropna().unique().tolist() == [2]


def test_identifiers_can_be_left_out_and_codes_set_aside(exports, tmp_path):
    done = score_folder(
        exports,
        tmp_path / "scored",
        match_scales(GOOD, person="id"),
        into="parquet",
        invalid="missing",
        drop_personal=True,
    )
    assert done.refused == ("broken.sav", "empty.csv")
    data, _ = read(tmp_path / "scored" / "west.scored.parquet")
    assert "email" not in data.columns
    assert "id" in data.columns


def test_files_of_one_name_do_not_write_over_each_other(exports, tmp_path):
    GOOD.to_excel(exports / "north.xlsx", index=False)
    score_folder(exports, tmp_path / "scored", match_scales(GOOD))
    names = {p.name for p in (tmp_path / "scored").iterdir()}
    assert {"north_csv.scored.csv", "north_xlsx.scored.csv"} <= names


def test_folders_that_cannot_be_are_refused(exports, tmp_path):
    (tmp_path / "nothing").mkdir()
    with pytest.raises(FolderError, match="no data file"):
        score_folder(tmp_path / "nothing", tmp_path / "out")
    with pytest.raises(OutputError):
        score_folder(exports, exports)
    with pytest.raises(OutputError):
        score_folder(exports, exports / "north.csv")
    with pytest.raises(ChoiceError):
        score_folder(exports, tmp_path / "out", into="docx")
