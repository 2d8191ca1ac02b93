"""Everybody as allocated, the complete, those per protocol."""

from __future__ import annotations

import pytest

from socmeasures.demo.trial import WAVES, simulated_trial
from socmeasures.designs.populations import population
from socmeasures.designs.study import Study
from socmeasures.designs.trial import ancova
from socmeasures.errors import OutcomeNotFoundError, PopulationChoiceError


@pytest.fixture
def study():
    return Study(
        simulated_trial(), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual",
    )  # fmt: skip


def test_complete_people_have_every_time_point(study):
    smaller = population(study, complete="loneliness")
    assert (smaller.data.groupby("id").size() == 4).all()
    assert 0 < len(smaller.people) < len(study.people)


def test_per_protocol_people_are_those_marked_and_the_note_travels(study):
    smaller = population(study, per_protocol="came")
    assert set(smaller.people) == set(study.data.loc[study.data["came"] == 1, "id"])
    notes = ancova(smaller, "loneliness", wave="6m").notes
    assert any("per protocol" in note for note in notes)
    assert len(study.people) == 90


def test_what_is_no_population_is_refused(study):
    with pytest.raises(PopulationChoiceError, match="either"):
        population(study)
    with pytest.raises(OutcomeNotFoundError):
        population(study, per_protocol="cane")
    nobody = Study(
        simulated_trial().assign(came=0), person="id", wave="wave", waves=WAVES, arm="arm",
        control="usual care", allocation="individual",
    )  # fmt: skip
    with pytest.raises(PopulationChoiceError, match="nobody is per protocol"):
        population(nobody, per_protocol="came")
