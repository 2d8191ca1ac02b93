"""Four trials through the public calls; docs/methods.md must print what is computed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from socmeasures.designs.repeated import mmrm
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova

pytestmark = pytest.mark.needs("shared")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods.md"


def told(row, decimals, *, df=True):
    estimate = f"{row['estimate']:.{decimals}f}".replace("-", "−")
    text = f"{estimate} (SE {row['se']:.{decimals}f})"
    return f"{text}, {row['df']:.1f} df" if df else text


def at(result, wave):
    return result.to_frame().set_index("wave").loc[wave]


def test_fev_data(data_csv):
    study = Study(
        data_csv("mmrm/fev_data.csv"), person="USUBJID", wave="AVISIT",
        waves=["VIS1", "VIS2", "VIS3", "VIS4"], arm="ARMCD", control="PBO",
        allocation="individual",
    )  # fmt: skip
    result = mmrm(study, "FEV1", baseline=None, covariates=["RACE", "SEX"], df="satterthwaite")
    page = PAGE.read_text(encoding="utf-8")
    for wave, sas in (("VIS4", (4.3985, 1.6805, 133)), ("VIS1", (3.7745, 1.0741, 146))):
        row = at(result, wave)
        assert (row["estimate"], row["se"]) == pytest.approx(sas[:2], rel=1e-3)
        assert row["df"] == pytest.approx(sas[2], abs=0.6)
        assert told(row, 3) in page


def test_beat_the_blues(data_csv):
    wide = data_csv("hsaur/BtheB_hsaur3.csv").reset_index(names="id_")
    waves = {"pre": "pre", "2": "2m", "3": "3m", "5": "5m", "8": "8m"}
    wide = wide.rename(columns={f"bdi.{w}": f"bdi__{w}" for w in waves.values()})
    study = Study.from_wide(
        wide, person="id_", waves=waves, arm="treatment", control="TAU", allocation="individual"
    )
    result = mmrm(study, "bdi")
    page = PAGE.read_text(encoding="utf-8")
    for wave, r in (("2", (-3.954, 1.707, 94.0)), ("8", (-1.541, 2.123, 65.42))):
        row = at(result, wave)
        assert (row["estimate"], row["se"], row["df"]) == pytest.approx(r, rel=5e-4)
        assert told(row, 2) in page
    assert at(result, "8")["n_observed"] == 52


def test_jobs(data_csv):
    data = data_csv("mediation_jobs/jobs.csv").reset_index(names="id_")
    wide = data.rename(columns={"depress1": "depress__t1", "depress2": "depress__t2"})
    study = Study.from_wide(
        wide, person="id_", waves=["t1", "t2"], arm="treat", control=0, allocation="individual"
    )
    result = ancova(study, "depress", wave="t2", covariates=["econ_hard", "sex", "age"])
    assert told(at(result, "t2"), 3, df=False) in PAGE.read_text(encoding="utf-8")


def test_antidepressant_trial(data_csv):
    data = data_csv("rbmi_antidepressant/antidepressant_data.csv")
    study = Study(
        data, person="PATIENT", wave="VISIT", waves=[4, 5, 6, 7], arm="THERAPY",
        control="PLACEBO", allocation="individual",
    )  # fmt: skip
    row = at(mmrm(study, "CHANGE", baseline="BASVAL"), "7")
    assert (row["estimate"], row["se"], row["df"]) == pytest.approx(
        (-2.802, 1.116, 150.102), rel=5e-4
    )
    assert told(row, 2) in PAGE.read_text(encoding="utf-8")
