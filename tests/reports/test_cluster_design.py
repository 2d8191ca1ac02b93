"""A cluster trial written down in a file, from the answers to both reports."""

from __future__ import annotations

import numpy as np
import pytest

import socmeasures as soc
from socmeasures.demo.clusters import simulated_cluster_trial, simulated_volunteers

DESIGN = """
[data]
file = "trial.csv"
[scoring]
scales = ["ucla3"]
coding = "canonical"
[study]
person = "id"
wave = "wave"
waves = ["start", "6m"]
arm = "arm"
control = "usual care"
{study}
[[analyses]]
kind = "pre_post"
outcome = "ucla3_total"
[[analyses]]
kind = "cluster_trial"
outcome = "ucla3_total"
{options}
[report]
audience = {audience}
"""
CLUSTERS = 'cluster = "agency"\nallocation = "cluster"'


def _written(tmp_path, data, study, options="", audience='["internal", "funder"]'):
    total = np.clip(np.round((data["loneliness"] - 3) / 21 * 6), 0, 6).astype(int)
    items = {f"ucla3_{k + 1}": 1 + np.clip(total - 2 * k, 0, 2) for k in range(3)}
    data.assign(**items).drop(columns="loneliness").to_csv(tmp_path / "trial.csv", index=False)
    path = tmp_path / "design.toml"
    text = DESIGN.format(study=study, options=options, audience=audience)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_cluster_trial_runs_from_a_file_into_both_reports(tmp_path):
    path = _written(tmp_path, simulated_cluster_trial(), CLUSTERS, 'pairs = "pair"')
    run = soc.analyse(path, tmp_path / "report.html")
    result = run.results[1]
    assert result.kind == "cluster_trial"
    assert "pair" in result.tables["clusters"]
    assert any("Declared as a primary analysis" in note for note in result.notes)
    internal = run.reports["internal"].read_text(encoding="utf-8")
    assert "sites or groups" in internal
    assert "Each dot is a site or group" in internal
    assert "Intraclass correlation within arms" in internal
    funder = run.reports["funder"].read_text(encoding="utf-8")
    assert "Compared with the other group" in funder
    assert "agency 01" not in funder


def test_facilitators_are_named_in_the_file(tmp_path):
    study = 'facilitator = "volunteer"\nallocation = "individual"'
    path = _written(tmp_path, simulated_volunteers(), study, audience='"internal"')
    run = soc.analyse(path)
    assert "facilitators" in run.results[1].tables


def test_a_slip_in_the_file_is_found_before_anything_is_computed(tmp_path):
    path = _written(tmp_path, simulated_cluster_trial(), CLUSTERS, 'engine = "lmer"\nwave = "9m"')
    with pytest.raises(soc.SocmeasuresError) as refusal:
        soc.Design.load(path)
    assert "engine" in str(refusal.value)
    path = _written(tmp_path, simulated_cluster_trial(), CLUSTERS, 'wave = "9m"')
    with pytest.raises(soc.SocmeasuresError, match="nobody has the time point '9m'"):
        soc.Design.load(path)
