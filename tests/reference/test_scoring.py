"""Scores that others computed: oracles/scoring.json, at its tolerances."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import socmeasures as soc
from socmeasures.scales.definition import parse_definition
from socmeasures.scales.model import Scale

pytestmark = pytest.mark.needs("shared")

Close = Callable[..., None]
Oracle = Callable[[str], dict[str, dict[str, Any]]]


def plain_scale(
    scale_id: str, codes: range, scores: dict[str, dict[str, Any]], n_items: int
) -> Scale:
    """A definition of facts only: no wording, items named by their number."""
    options = ", ".join(f'{{ code = {c}, label = "answer {c}" }}' for c in codes)
    lines = [
        "format = 1",
        f'id = "{scale_id}"',
        'name = "A scale of the oracle"',
        'form = "as published"',
        'construct = "see the source"',
        'population = "see the source"',
        'citation = "see the source"',
        'evidence = "user-supplied"',
        'licence = { items_text = false, note = "none needed" }',
        "[responses]",
        f"options = [{options}]",
    ]
    for n in range(1, n_items + 1):
        lines += ["[[items]]", f"number = {n}", f'label = "item {n}"']
    for score_id, fields in scores.items():
        lines += ["[[scores]]", f'id = "{score_id}"', 'higher = "more"', 'better = "none"']
        fields = {"missing": "complete", "allow": 0, **fields}
        rule = f'{{ method = "{fields.pop("missing")}", allow = {fields.pop("allow")}, source = "the oracle" }}'  # noqa: E501
        lines += [f"{k} = {json.dumps(v)}" for k, v in fields.items()] + [f"missing = {rule}"]
    return parse_definition("\n".join(lines), f"{scale_id}.toml")


def described(got: pd.Series, entry: dict[str, Any], want: dict[str, Any], close: Close) -> None:
    """n, mean, SD, smallest, largest and sum agree."""
    known = got.dropna()
    mine = {
        "n": len(known),
        "mean": known.mean(),
        "sd": known.std(),
        "min": known.min(),
        "max": known.max(),
        "sum": known.sum(),
    }
    for name, value in mine.items():
        if name in want:
            close(float(value), entry, name, want[name])


# ------------------------------------------------------------------ three items, three studies


@pytest.mark.parametrize("study", [1, 2, 3])
@pytest.mark.parametrize("period", ["before", "during"])
def test_the_three_item_scale_of_the_gaming_studies(
    study: int, period: str, oracle: Oracle, close: Close, data_csv: Any
) -> None:
    entry = oracle("scoring")[f"covid{study}_ucla3_{period}"]
    long = data_csv(f"covid_gaming/study0{study}_loneliness_long_items.csv")
    long = long[(long["lockdown_period"] == period) & (long["subscale"] == "loneliness")]
    wide = long.pivot(index="pid", columns="item", values="score")
    wide.columns = [f"ucla3_{int(n)}" for n in wide.columns]

    total = soc.score(wide, "ucla3", coding="canonical")["ucla3_total"]

    want = entry["expected"]
    described(total, entry, want, close)
    assert len(total) == want["n_rows"]
    close(float((total.dropna() >= 6).mean()), entry, "share_6_or_more")
    counts = total.value_counts().sort_index()
    assert {str(int(k)): int(v) for k, v in counts.items()} == want["distribution"]


# ------------------------------------------------------------------ eleven items, by person


@pytest.mark.parametrize("period", ["before", "during"])
@pytest.mark.parametrize("way", ["sav", "csv"])
def test_the_eleven_item_scale_person_by_person(
    period: str, way: str, oracle: Oracle, close: Close, shared: Path, data_csv: Any
) -> None:
    entry = oracle("scoring")[f"covid2_djg11_{period}"]
    mark = {"before": "pre", "during": "dur"}[period]
    if way == "sav":
        data, codebook = soc.read(shared / "data/covid_gaming/study02_raw_items.sav")
        plan = soc.match_scales(data, codebook)
        scored = soc.score(data, plan, codebook=codebook, invalid="missing")
        outcome = next(c for c in scored.columns if c.startswith("djg11_total__") and mark in c)
    else:
        data = data_csv("covid_gaming/study02_raw_items.csv")
        items = {n: f"djg_{mark}_{n}" for n in range(1, 12)}
        scored = soc.score(data, "djg11", items=items, coding="yes-first")
        outcome = "djg11_total"
    suffix = outcome.removeprefix("djg11_total")
    known = scored[scored["pid_scored"].notna()]
    want = entry["expected"]

    for part in ("emotional", "social", "total"):
        described(known[f"djg11_{part}{suffix}"], entry, want[part], close)
    by_pid = {str(int(p)): v for p, v in zip(known["pid_scored"], known[outcome], strict=True)}
    assert by_pid == want["total_by_pid"]
    total = known[outcome]
    close(float(total.between(0, 2).mean()), entry, "share_not_lonely_0_2")
    close(float(total.between(3, 8).mean()), entry, "share_moderate_3_8")
    close(float(total.between(9, 10).mean()), entry, "share_severe_9_10")
    close(float((total == 11).mean()), entry, "share_very_severe_11")


def test_the_sav_export_is_recognised_with_its_coding(shared: Path) -> None:
    data, codebook = soc.read(shared / "data/covid_gaming/study02_raw_items.sav")

    plan = soc.match_scales(data, codebook)

    found = {(p.scale, p.coding) for p in plan.scales}
    assert ("djg11", "yes-first") in found
    assert any(scale == "ucla3" for scale, _ in found)
    assert len([p for p in plan.scales if p.scale in ("ucla3", "djg11")]) == 4


# ------------------------------------------------------------------ shares of missing items


@pytest.mark.parametrize(("name", "allow"), [("0", 0), ("0.2", 4), ("0.5", 10)])
def test_ucla_20_with_missing_items_row_by_row(
    name: str, allow: int, oracle: Oracle, close: Close, data_csv: Any
) -> None:
    entry = oracle("scoring")["proscorer_ucla20"]
    items = data_csv("proscorer_oracle/ucla20_items.csv")
    want = data_csv("proscorer_oracle/ucla20_expected.csv")
    rule: Any = {"method": "prorate", "allow": allow} if allow else "complete"
    columns = {n: f"ucla{n}" for n in range(1, 21)}

    scored = soc.score(items, "ucla20_v3", items=columns, missing=rule)

    total = scored["ucla20_v3_total"].to_numpy()
    np.testing.assert_allclose(total, want[f"ucla_sum_okmiss{name}"], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(
        (total / 20 - 1) / 3 * 100, want[f"ucla_pomp_okmiss{name}"], rtol=1e-7, atol=1e-9
    )
    assert scored["ucla20_v3_total_n"].tolist() == want["n_valid"].tolist()
    described(scored["ucla20_v3_total"], entry, entry["expected"][f"ucla_sum_okmiss{name}"], close)


@pytest.mark.parametrize("share", ["0", "0.25", "0.5"])
@pytest.mark.parametrize(
    ("ours", "theirs", "k"),
    [
        ("total", "total", 12),
        ("significant_other", "so", 4),
        ("family", "fam", 4),
        ("friends", "fri", 4),
    ],
)
def test_mspss_with_missing_items_row_by_row(
    ours: str, theirs: str, k: int, share: str, data_csv: Any
) -> None:
    items = data_csv("proscorer_oracle/mspss12_items.csv")
    want = data_csv("proscorer_oracle/mspss12_expected.csv")
    allow = int(k * float(share))
    rule: Any = {"method": "prorate", "allow": allow} if allow else "complete"
    columns = {n: f"mspss{n}" for n in range(1, 13)}

    scored = soc.score(items, "mspss", items=columns, missing=rule)

    for column, metric in ((f"mspss_{ours}", "mean"), (f"mspss_{ours}_sum", "sum")):
        wanted = want[f"mspss_{theirs}_{metric}_okmiss{share}"]
        np.testing.assert_allclose(scored[column], wanted, rtol=1e-7, atol=1e-9)


# ------------------------------------------------------------------ rules on five rows


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("sum_complete_only", {"range": [4, 16]}),
        (
            "mean_at_least_half",
            {"range": [1, 4], "method": "mean", "missing": "prorate", "allow": 2},
        ),
        ("prorated_sum_at_least_half", {"range": [4, 16], "missing": "prorate", "allow": 2}),
        ("prorated_sum_at_least_three", {"range": [4, 16], "missing": "prorate", "allow": 1}),
    ],
)
def test_the_missing_rules_on_five_rows(name: str, fields: dict[str, Any], oracle: Oracle) -> None:
    entry = oracle("scoring")["inline_missing_rules"]
    scale = plain_scale("five_rows", range(1, 5), {"total": {"items": [1, 2, 3, 4], **fields}}, 4)
    data = pd.DataFrame(
        entry["data"]["inline"]["items"], columns=[f"five_rows_{n}" for n in range(1, 5)]
    ).astype(float)
    want = [np.nan if v is None else v for v in entry["expected"][name]]

    with pytest.raises(soc.SocmeasuresError) as refusal:
        soc.score(data, scale)
    mended = data.copy()
    mended.iloc[4] = np.nan  # an illegal answer makes its row invalid until it is corrected

    assert refusal.value.problems["row"].tolist() == [entry["expected"]["out_of_range_row"]]
    assert refusal.value.problems["item"].tolist() == [entry["expected"]["out_of_range_item"]]
    np.testing.assert_allclose(soc.score(mended, scale)["five_rows_total"], want, atol=1e-12)


# ------------------------------------------------------------------ other people's questionnaires


def test_satisfaction_with_life(oracle: Oracle, data_csv: Any) -> None:
    data = data_csv("biopsykit/questionnaire_correct.csv")
    columns = [c for c in data.columns if c.upper().startswith("SWLS")]
    assert len(columns) == 5

    scored = soc.score(data, "swls", items=dict(enumerate(columns, start=1)))

    assert scored["swls_total"].tolist() == oracle("scoring")["biopsykit_swls"]["expected"]["total"]


def test_perceived_stress_with_subscales(oracle: Oracle, data_csv: Any) -> None:
    data = data_csv("biopsykit/questionnaire_correct.csv")
    columns = [c for c in data.columns if c.upper().startswith("PSS_")]
    scale = plain_scale(
        "stress10",
        range(5),
        {
            "total": {"items": list(range(1, 11)), "reverse": [4, 5, 7, 8], "range": [0, 40]},
            "helpless": {"items": [1, 2, 3, 6, 9, 10], "range": [0, 24]},
            "self_efficacy": {"items": [4, 5, 7, 8], "reverse": [4, 5, 7, 8], "range": [0, 16]},
        },
        10,
    )
    assert len(columns) == 10

    scored = soc.score(data, scale, items=dict(enumerate(columns, start=1)))

    for score_id, want in oracle("scoring")["biopsykit_pss10"]["expected"].items():
        assert scored[f"stress10_{score_id}"].tolist() == want


def test_type_d_personality(oracle: Oracle, close: Close, data_csv: Any) -> None:
    entry = oracle("scoring")["ds14"]
    data = data_csv("mokken/DS14.csv")
    affect, social = [2, 4, 5, 7, 9, 12, 13], [1, 3, 6, 8, 10, 11, 14]
    scale = plain_scale(
        "type_d",
        range(5),
        {
            "negative_affectivity": {"items": affect, "range": [0, 28]},
            "social_inhibition": {"items": social, "reverse": [1, 3], "range": [0, 28]},
        },
        14,
    )

    scored = soc.score(data, scale, items=dict(enumerate(data.columns[2:], start=1)))

    for score_id in ("negative_affectivity", "social_inhibition"):
        described(scored[f"type_d_{score_id}"], entry, entry["expected"][score_id], close)
    both = scored[["type_d_negative_affectivity", "type_d_social_inhibition"]]
    assert int((both >= 10).all(axis=1).sum()) == entry["expected"]["type_d"]
    assert int(both.notna().all(axis=1).sum()) == entry["expected"]["complete_both"]


def test_forty_two_items_agree_with_the_stored_sums(
    oracle: Oracle, close: Close, data_csv: Any
) -> None:
    entry = oracle("scoring")["dass42"]
    data = data_csv("networktree_dass/dass42_first1000.csv")
    columns = list(data.columns[:42])
    parts = {"Depression": "_D", "Anxiety": "_A", "Stress": "_S"}
    places = {p: [i for i, c in enumerate(columns, 1) if c.endswith(e)] for p, e in parts.items()}
    scale = plain_scale(
        "dass42",
        range(1, 5),
        {p.lower(): {"items": n, "range": [14, 56]} for p, n in places.items()},
        42,
    )

    scored = soc.score(data, scale, items=dict(enumerate(columns, start=1)))

    for part in parts:
        ours = scored[f"dass42_{part.lower()}"]
        described(ours, entry, entry["expected"][part], close)
        assert int((ours == data[part]).sum()) == entry["expected"][part]["equal_to_stored"]


@pytest.mark.parametrize("study", [1, 2, 3])
@pytest.mark.parametrize("period", ["before", "during"])
def test_twenty_one_items_doubled(
    study: int, period: str, oracle: Oracle, close: Close, data_csv: Any
) -> None:
    entry = oracle("scoring")[f"covid{study}_dass21_{period}"]
    long = data_csv(f"covid_gaming/study0{study}_das_long_items.csv")
    long = long[long["lockdown_period"] == period]
    scale = plain_scale(
        "seven",
        range(4),
        {"total": {"items": list(range(1, 8)), "range": [0, 42], "scale_by": 2}},
        7,
    )
    for part, want in entry["expected"].items():
        wide = long[long["subscale"] == part].pivot(index="pid", columns="item", values="score")
        assert wide.shape[1] == 7
        scored = soc.score(wide, scale, items=dict(enumerate(wide.columns, start=1)))
        described(scored["seven_total"], entry, want, close)


def test_raw_codes_on_another_metric_are_noticed(data_csv: Any) -> None:
    """The raw file of a gaming study stores 1-4 where its scored file has 0-3."""
    raw = data_csv("covid_gaming/study02_raw_items.csv")
    scale = plain_scale(
        "first", range(4), {"total": {"items": list(range(1, 8)), "range": [0, 21]}}, 7
    )

    report = soc.validate(raw, scale, items={n: f"dass_pre_{n}" for n in range(1, 8)})

    assert not report.ok
    assert set(report.problems["value"]) == {4}


def test_six_negative_items_of_the_carers_survey(
    oracle: Oracle, close: Close, data_csv: Any
) -> None:
    entry = oracle("scoring")["efc_cope_negative_six"]
    data = data_csv("sav_efc/efc.csv")
    columns = ["c83cop2", "c84cop3", "c85cop4", "c86cop5", "c87cop6", "c88cop7"]
    fields = {"items": [1, 2, 3, 4, 5, 6], "range": [6, 24]}
    scale = plain_scale("six", range(1, 5), {"total": fields}, 6)
    items = dict(enumerate(columns, start=1))

    complete = soc.score(data, scale, items=items)["six_total"]
    prorated = soc.score(data, scale, items=items, missing={"method": "prorate", "allow": 2})

    described(complete, entry, entry["expected"]["sum6"], close)
    described(
        prorated["six_total"], entry, entry["expected"]["mean_of_available_at_least_4"], close
    )
