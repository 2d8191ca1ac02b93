"""The whole road on published data: change, who changed, who was lost, report, pictures.

Values: oracles/paired.json and reliable_change.json; counts of covid_gaming from its own files.
"""

from __future__ import annotations

import subprocess

import pandas as pd
import pytest

from socmeasures.designs.attrition import attrition
from socmeasures.designs.individual_change import reliable_change
from socmeasures.designs.one_group import pre_post
from socmeasures.designs.published import Reliability
from socmeasures.designs.study import Study
from socmeasures.drawing.html import picture
from socmeasures.drawing.individuals import paired_lines
from socmeasures.drawing.reliable import better_same_worse, raincloud
from socmeasures.drawing.style import alt_text
from socmeasures.reports.document import report
from tests.reference.test_paired import _anorexia, _covid_djg11, _covid_ucla3, _sleep

pytestmark = pytest.mark.needs("shared")


def _claus(data_csv):
    data = data_csv("clinicalsignificance/claus_2020.csv")
    wide = data.pivot(index="id", columns="time", values="hamd")
    return wide[1], wide[4]


def _covid3(data_csv):
    data = data_csv("covid_gaming/study03_loneliness_extended_wide_repo_scores.csv")
    before, during = (
        data[f"score_emotional_loneliness_{w}"] + data[f"score_social_loneliness_{w}"]
        for w in ("before", "during")
    )
    return before, during


CASES = {
    "covid_gaming study 1": (_covid_ucla3, "lower", 0.81, "covid1_ucla3_change"),
    "covid_gaming study 2": (_covid_djg11, "lower", 0.80, "covid2_djg11_change"),
    "covid_gaming study 3": (_covid3, "lower", 0.80, None),
    "anorexia": (_anorexia("FT"), "higher", 0.80, "anorexia_FT"),
    "sleep": (_sleep, "higher", 0.70, "sleep_change"),
    "claus_2020": (_claus, "lower", 0.80, None),
}


def _run(name, data_csv):
    pair, better, r, _ = CASES[name]
    before, after = (pd.Series(list(v), dtype=float) for v in pair(data_csv))
    wide = pd.DataFrame({"id": range(len(before)), "y__before": before, "y__after": after})
    study = Study.from_wide(wide, person="id", waves=["before", "after"], better={"y": better})
    reliability = Reliability(r, kind="internal consistency", sd=before.std(), source="the example")
    return (
        pre_post(study, "y"),
        reliable_change(study, "y", reliability=reliability, sensitivity=True),
        attrition(study, "y"),
    )


@pytest.mark.parametrize("name", CASES)
def test_change_and_who_changed_are_reported(name, oracle, close, data_csv, tmp_path):
    change, who, lost = _run(name, data_csv)
    entry = CASES[name][3]
    if entry is not None:
        row, want = change.to_frame().iloc[0], oracle("paired")[entry]
        close(row["estimate"], want, "mean_change")
        close(row["effect_size"], want, "d_b_pre_sd")
    assert who.to_frame()["n"].sum() == change.to_frame()["n"].iloc[0]
    assert len(who.people) == who.to_frame()["n_pairs"].iloc[0]
    page = report([change, who, lost], tmp_path / "report.html")
    text = page.read_text(encoding="utf-8")
    assert "change without a comparison group" in text
    assert "expected with no change" in text


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("name", CASES)
def test_the_pictures_are_drawn_in_a_browser(name, data_csv, tmp_path, chromium):
    change, who, _ = _run(name, data_csv)
    people = who.people
    drawn = [
        who.plot(),
        better_same_worse(who.to_frame().assign(name=name), better=CASES[name][1]),
        raincloud(people["earlier"], people["later"], unit=name),
        paired_lines(people["earlier"], people["later"], unit=name, better=CASES[name][1]),
        change.plot(),
    ]
    assert all(str(len(people)) in alt_text(f).replace(",", "") for f in drawn)
    parts = [picture(f, name=f"p{k}", caption=name) for k, f in enumerate(drawn)]
    page = tmp_path / "pictures.html"
    page.write_text(f"<meta charset='utf-8'>{''.join(parts)}", encoding="utf-8")
    shot = tmp_path / "shot.png"
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=800,2600",
         f"--screenshot={shot}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert shot.stat().st_size > 30_000
