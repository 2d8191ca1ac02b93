"""The exported SPSS syntax, run by PSPP, gives the scores of this library, row for row.

Every shipped scale, under every coding it knows, and made-up ones that need what no shipped
scale needs. The answers are random: 300 rows, 15 % missing, some illegal or fractional answers,
rows without any answer and complete ones. All in one PSPP process.
"""

from __future__ import annotations

import subprocess
import zlib

import numpy as np
import pandas as pd
import pytest

from socmeasures.responses.codebook import Codebook
from socmeasures.responses.reading import read
from socmeasures.responses.sav_writing import write_sav
from socmeasures.scales.catalogue import load_scale, shipped_ids
from socmeasures.scales.interchange import export_scale
from socmeasures.scoring.compute import score
from socmeasures.scoring.missing import STATUSES
from tests.scales.made_up_scales import MADE_UP

pytestmark = pytest.mark.needs("pspp")

ROWS = 300
SCALES = {scale_id: load_scale(scale_id) for scale_id in shipped_ids()} | MADE_UP
CASES = [(scale_id, coding) for scale_id, s in SCALES.items() for coding in s.coding_names]


def answers(scale, coding):
    """Random answers in the codes of a coding: legal, missing, illegal, none at all, complete."""
    rng = np.random.default_rng(zlib.crc32(f"{scale.id} {coding}".encode()))
    frame = pd.DataFrame(index=range(ROWS))
    for number in scale.numbers:
        legal = sorted(scale.raw_to_canonical(number, coding))
        few = legal[:: max(1, len(legal) // 7)]
        column = rng.choice([*few, legal[0]], ROWS).astype(float)
        column[rng.random(ROWS) < 0.15] = np.nan
        odd = rng.random(ROWS) < 0.03
        column[odd] = rng.choice([-77, 0, 2.5, 1.0000001, 9, 50, 88, legal[-1] + 1], odd.sum())
        column[:20] = np.nan
        column[20:60] = rng.choice(legal, 40)
        column[100] = 999  # declared missing below
        column[101] = legal[-1]
        frame[f"{scale.id}_{number}"] = column
    return frame


@pytest.fixture(scope="module")
def scored_by_pspp(pspp, tmp_path_factory):
    """What PSPP made of each case: a frame by scale and coding, and the answers it was given."""
    folder = tmp_path_factory.mktemp("pspp")
    lines, given = [], {}
    for place, (scale_id, coding) in enumerate(CASES):
        scale = SCALES[scale_id]
        frame = given[scale_id, coding] = answers(scale, coding)
        book = Codebook.from_labels({}, missing={c: [999] for c in frame.columns})
        write_sav(frame, folder / f"in{place}.sav", codebook=book)
        syntax = export_scale(scale, "sps", coding=coding, accept_unverified=True)
        lines += [f"GET FILE='in{place}.sav'.", syntax, f"SAVE OUTFILE='out{place}.sav'."]
    (folder / "all.sps").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [pspp, "-o", "listing.txt", "--syntax-encoding=UTF-8", "all.sps"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    listing = (folder / "listing.txt").read_text("utf-8") if done.returncode else ""
    assert done.returncode == 0, (done.stdout + done.stderr + listing)[:3000]
    assert "warning" not in (done.stdout + done.stderr).lower()
    made = {case: read(folder / f"out{place}.sav") for place, case in enumerate(CASES)}
    return given, made


@pytest.mark.parametrize(("scale_id", "coding"), CASES, ids=[f"{s}-{c}" for s, c in CASES])
def test_pspp_gives_the_scores_of_this_library(scored_by_pspp, scale_id, coding):
    given, made = scored_by_pspp
    scale = SCALES[scale_id]
    frame, (theirs, book) = given[scale_id, coding], made[scale_id, coding]
    missing = Codebook.from_labels({}, missing={c: [999] for c in frame.columns})
    ours = score(
        frame, scale, codebook=missing, coding=coding, invalid="missing", accept_unverified=True
    )
    assert len(theirs) == ROWS
    for one in scale.scores:
        name = f"{scale.id}_{one.id}"
        np.testing.assert_allclose(theirs[name], ours[name], rtol=0, atol=1e-9, err_msg=name)
        assert ours[name].notna().sum() >= 20  # the data reach the score
        assert theirs[f"{name}_n"].tolist() == ours[f"{name}_n"].tolist()
        statuses = dict(enumerate(STATUSES, start=1))
        assert book[f"{name}_status"].value_labels == statuses
        assert theirs[f"{name}_status"].map(statuses).tolist() == list(ours[f"{name}_status"])
        if one.default_bands is None:
            assert f"{name}_band" not in theirs
            continue
        bands = book[f"{name}_band"].value_labels
        assert list(bands.values()) == [cut.label for cut in one.default_bands.cuts]
        assert [bands.get(b) for b in theirs[f"{name}_band"]] == [
            None if pd.isna(b) else b for b in ours[f"{name}_band"]
        ]
    flags = [i.not_applicable.flag for i in scale.items if i.not_applicable]
    flags += [i.derived.flag for i in scale.derived if i.derived]
    for flag in filter(None, flags):
        name = f"{scale.id}_{flag}"
        np.testing.assert_array_equal(theirs[name], ours[name], err_msg=name)
    if scale.risks:
        pd.testing.assert_series_equal(
            theirs[f"{scale.id}_risk"], ours[f"{scale.id}_risk"], check_index=False
        )


def test_labels_arrive_whole_and_name_an_unverified_key(scored_by_pspp):
    _, made = scored_by_pspp
    _, book = made["hrs11", "canonical"]
    label = "HRS loneliness scale, 11 items: loneliness (mean) (1 to 3, higher = lonelier)"
    assert book["hrs11_total"].label == f"{label} [key unverified, check before use]"
    _, odd = made["oddly_scored", "canonical"]
    assert odd["oddly_scored_prorated_band"].label.endswith("band (halves; it's made up)")
    assert odd["oddly_scored_prorated_band"].measure == "ordinal"


def test_the_answers_stay_as_they_were_and_nothing_else_is_left_behind(scored_by_pspp):
    given, made = scored_by_pspp
    for case in (("mspss", "canonical"), ("oddly_scored", "turned")):
        theirs, _ = made[case]
        answered = given[case].where(given[case] != 999)
        pd.testing.assert_frame_equal(theirs[answered.columns], answered, check_index_type=False)
        assert all(name.startswith(f"{case[0]}_") for name in theirs.columns)
        assert not any("#" in name or "$" in name for name in theirs.columns)


def test_a_wave_and_names_of_ones_own_go_through_pspp(tmp_path, pspp):
    frame = answers(SCALES["ucla3"], "canonical")
    mine = frame.set_axis(["Q4a", "Q4.b", "letzte_Antwort"], axis=1)
    write_sav(mine, tmp_path / "in.sav")
    names = dict(enumerate(mine.columns, start=1))
    file = tmp_path / "pre.sps"
    export_scale("ucla3", "sps", file, names=names, wave="pre")
    run = f"GET FILE='in.sav'.\nINSERT FILE='{file.name}'.\nSAVE OUTFILE='out.sav'.\n"
    (tmp_path / "run.sps").write_text(run, "utf-8")
    subprocess.run([pspp, "-O", "format=txt", "run.sps"], cwd=tmp_path, check=True, timeout=60)
    theirs, _ = read(tmp_path / "out.sav")
    ours = score(mine, "ucla3", items=names, coding="canonical", invalid="missing")
    np.testing.assert_allclose(theirs["ucla3_total__pre"], ours["ucla3_total"])
    assert theirs["ucla3_total_n__pre"].tolist() == ours["ucla3_total_n"].tolist()
