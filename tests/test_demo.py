"""The demonstration: simulated, said to be, with the dirt of real exports."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.demo.run import demonstration
from socmeasures.demo.simulate import export
from socmeasures.reports.funder_words import banned_words
from tests.reports.funder_studies import seen


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return demonstration(tmp_path_factory.mktemp("a folder & more") / "new" / "demo")


def test_everything_that_is_promised_is_there(made: dict[str, Path]) -> None:
    assert len(made) == 8
    for path in made.values():
        assert path.stat().st_size > 200, path


def test_the_report_says_the_data_are_simulated(made: dict[str, Path]) -> None:
    page = made["the report"].read_text(encoding="utf-8")

    assert "simulated" in page
    assert "<script" not in page


def test_the_page_for_a_funder_claims_nothing_and_shows_nobody(made: dict[str, Path]) -> None:
    page = seen(made["the page for a funder"].read_text(encoding="utf-8"))

    assert "simulated" in page
    assert banned_words(page) == []
    assert "P007" not in page
    assert "By service" in page
    assert not re.search(r"(?<![\d.,−])[1-4] (?:of \d|people|person)", page)


def test_the_shipped_export_is_what_the_simulation_gives(
    made: dict[str, Path], tmp_path: Path
) -> None:
    frame, codebook = export()
    soc.write_sav(frame, tmp_path / "again.sav", codebook=codebook)

    again, shipped = (
        soc.read(tmp_path / "again.sav")[0],
        soc.read(made["the export (simulated)"])[0],
    )

    pd.testing.assert_frame_equal(again, shipped)


def test_the_export_has_the_dirt_of_real_ones() -> None:
    frame, codebook = export()

    assert frame["id"].duplicated().sum() == 1
    assert (frame["ucla3_2_t1"] == 7).sum() == 1
    assert set(codebook["mspss_1_t1"].missing_values) == {-9, 99}
    assert frame["mspss_1_t2"].isin([-9, 99]).any()
    assert frame["mspss_1_t2"].isna().any()
    assert "Most of the time" in set(frame["friendship_scale_1_t1"])
    assert codebook["arm"].value_labels == {1: "usual care", 2: "befriending"}
    assert "simulated" in codebook["id"].label.lower()


def test_another_seed_gives_other_people_and_the_same_seed_the_same() -> None:
    pd.testing.assert_frame_equal(export(seed=5)[0], export(seed=5)[0])
    assert not export(seed=5)[0].equals(export(seed=6)[0])


def test_running_it_again_gives_the_same_scores(made: dict[str, Path], tmp_path: Path) -> None:
    again = demonstration(tmp_path)

    assert again["the scoring record"].read_bytes() == made["the scoring record"].read_bytes()
    assert again["the plan"].read_bytes() == made["the plan"].read_bytes()
    pd.testing.assert_frame_equal(
        soc.read(again["the scored file"])[0], soc.read(made["the scored file"])[0]
    )


def test_the_page_of_problems_names_the_impossible_answer(made: dict[str, Path]) -> None:
    page = made["the problems in the data"].read_text(encoding="utf-8")

    assert "INTERNAL" in page
    assert "P007" in page
    assert "7 is no answer of this item" in page
