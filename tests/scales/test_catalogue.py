"""Finding and listing the shipped scales."""

from __future__ import annotations

from pathlib import Path

import pytest

import socmeasures as soc
from socmeasures.errors import ExcludedScaleError, ScaleFormError, UnknownScaleError
from socmeasures.scales.catalogue import shipped, shipped_ids
from tests.made_up import calm_file

FIRST = ("ucla20_v3", "ucla3", "ucla3_child", "mspss", "djg11", "djg6", "friendship_scale", "lsns6")


@pytest.mark.parametrize("scale_id", FIRST)
def test_the_first_instruments_are_complete(scale_id: str) -> None:
    scale = soc.load_scale(scale_id)

    assert scale.citation
    assert scale.licence.note
    assert len(scale.examples) >= 3
    assert all(score.missing.source for score in scale.scores)
    assert all(item.names for item in scale.items)


def test_ids_are_found_whatever_their_case_and_dashes() -> None:
    assert soc.load_scale("UCLA20-v3") is soc.load_scale("ucla20_v3")
    assert soc.load_scale(soc.load_scale("mspss")) is soc.load_scale("mspss")


def test_a_name_of_several_forms_lists_how_they_differ() -> None:
    with pytest.raises(ScaleFormError) as refusal:
        soc.load_scale("ucla")

    assert "ucla20_v3:" in str(refusal.value)
    assert "ucla3:" in str(refusal.value)
    assert "stands on the questionnaire" in str(refusal.value)


def test_an_instrument_left_out_says_why() -> None:
    import tomllib

    excluded = tomllib.loads((shipped() / "_excluded.toml").read_text(encoding="utf-8"))["excluded"]
    for entry in excluded:
        with pytest.raises(ExcludedScaleError, match="is not offered here"):
            soc.load_scale(entry["id"])
        assert entry["id"] not in shipped_ids()


@pytest.mark.parametrize("name", ["ucla33", "nothing.toml", "MSPS"])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownScaleError, match=f"There is no scale '{name}'"):
        soc.load_scale(name)


def test_a_file_is_read_by_its_name(tmp_path: Path) -> None:
    path = calm_file(tmp_path, name="Eigene Skala.TOML")

    assert soc.load_scale(path).id == soc.load_scale(str(path)).id == "calm4"


def test_the_catalogue_has_a_row_for_each_scale() -> None:
    table = soc.list_scales()

    assert list(table["id"]) == list(shipped_ids())
    assert list(table.columns) == [
        "id", "name", "form", "construct", "population", "items", "scores", "evidence", "opt_in",
        "licence", "citation", "doi",
    ]  # fmt: skip
    assert table.set_index("id").loc["ucla3_child", "opt_in"]
    assert (table["opt_in"] == (table["evidence"] == "unverified")).all()
