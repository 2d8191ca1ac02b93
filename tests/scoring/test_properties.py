"""What holds for every shipped scale, whatever people answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import socmeasures as soc
from socmeasures.scales.catalogue import shipped_ids
from socmeasures.scales.model import Scale

FEW = settings(max_examples=3, deadline=None)
SEEDS = st.integers(0, 2**32 - 1)


def answers(scale: Scale, seed: int, *, people: int = 9, gaps: float = 0.15) -> pd.DataFrame:
    """Legal answers with gaps; the last person answers nothing."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {f"i{n}": rng.choice(scale.codes(n), people).astype(float) for n in scale.numbers}
    )
    data = data.mask(rng.random(data.shape) < gaps)
    data.iloc[-1] = np.nan
    return data


def scored(scale: Scale, data: pd.DataFrame) -> pd.DataFrame:
    return soc.score(
        data,
        scale,
        items={n: f"i{n}" for n in scale.numbers},
        coding="canonical",
        accept_unverified=True,
    )


def values(scale: Scale, out: pd.DataFrame) -> pd.DataFrame:
    return out[[f"{scale.id}_{score.id}" for score in scale.scores]]


@pytest.fixture(params=shipped_ids(), scope="module")
def scale(request: pytest.FixtureRequest) -> Scale:
    return soc.load_scale(request.param)


@FEW
@given(SEEDS)
def test_a_score_lies_in_its_range_and_its_status_fits(scale: Scale, seed: int) -> None:
    out = scored(scale, answers(scale, seed))
    for score in scale.scores:
        name = f"{scale.id}_{score.id}"
        got, status = out[name], out[f"{name}_status"].astype(str)
        low, high = score.range
        if score.missing.method != "count_answered":
            assert got.dropna().between(low - 1e-9, high + 1e-9).all(), name
        assert (got.dropna() <= high + 1e-9).all()
        assert got.notna().tolist() == status.isin(["scored", "prorated", "partial"]).tolist()
        if f"{name}_band" in out:
            assert out[f"{name}_band"].notna().tolist() == got.notna().tolist()


@FEW
@given(SEEDS)
def test_who_answered_nothing_has_no_score(scale: Scale, seed: int) -> None:
    out = scored(scale, answers(scale, seed)).iloc[-1]

    for score in scale.scores:
        name = f"{scale.id}_{score.id}"
        assert np.isnan(out[name])
        assert out[f"{name}_status"] == "not_answered"
        assert out[f"{name}_n"] == 0


@FEW
@given(SEEDS)
def test_shuffling_people_shuffles_scores(scale: Scale, seed: int) -> None:
    data = answers(scale, seed)
    order = np.random.default_rng(seed).permutation(len(data))

    there = values(scale, scored(scale, data)).iloc[order]
    here = values(scale, scored(scale, data.iloc[order]))

    pd.testing.assert_frame_equal(here, there)


@FEW
@given(SEEDS)
def test_the_order_of_columns_does_not_matter(scale: Scale, seed: int) -> None:
    data = answers(scale, seed)

    turned = scored(scale, data[data.columns[::-1]])

    pd.testing.assert_frame_equal(values(scale, turned), values(scale, scored(scale, data)))


@FEW
@given(SEEDS)
def test_one_answer_less_never_turns_no_score_into_a_number(scale: Scale, seed: int) -> None:
    data = answers(scale, seed)
    before = values(scale, scored(scale, data))
    fewer = data.copy()
    fewer[data.columns[seed % data.shape[1]]] = np.nan

    after = values(scale, scored(scale, fewer))

    assert not (before.isna() & after.notna()).to_numpy().any()


@FEW
@given(SEEDS)
def test_turning_every_answer_round_mirrors_a_linear_score(scale: Scale, seed: int) -> None:
    data = answers(scale, seed)
    turned = data.copy()
    for n in scale.numbers:
        turned[f"i{n}"] = min(scale.codes(n)) + max(scale.codes(n)) - data[f"i{n}"]
    even = all(
        np.ptp(np.diff(scale.codes(n))) == 0 for n in scale.numbers if len(scale.codes(n)) > 1
    )
    special = any(
        item.not_applicable or item.counts_to is not None or item.derived for item in scale.items
    )
    if special or not even:
        return
    here, there = scored(scale, data), scored(scale, turned)
    for score in scale.scores:
        if score.recode or score.method == "lookup" or score.missing.method == "count_answered":
            continue
        if any(scale.item(n).derived for n in score.items):
            continue  # asked only of some: not a sum of the answers
        name = f"{scale.id}_{score.id}"
        np.testing.assert_allclose(sum(score.range) - here[name], there[name], atol=1e-9)


@FEW
@given(SEEDS)
def test_the_frame_is_not_changed(scale: Scale, seed: int) -> None:
    data = answers(scale, seed)
    before = data.copy(deep=True)

    out = scored(scale, data)

    pd.testing.assert_frame_equal(data, before)
    pd.testing.assert_frame_equal(out[list(before.columns)], before)
