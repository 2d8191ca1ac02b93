"""By service: pooled when small, in alphabetical order, never ranked."""

from __future__ import annotations

import numpy as np
import pytest

from socmeasures.errors import ServiceColumnError
from socmeasures.reports.by_service import by_service
from tests.reports import funder_studies as made


def test_a_small_service_stands_with_others_that_are_not_small():
    found = made.services(made.study(63, lost=10, small_service=3))
    assert "Old Town" not in set(found.table["service"])
    assert found.table.set_index("service").loc["others", "n"] >= 10
    assert list(found.table["service"])[-1] == "others"


def test_everybody_is_counted_once():
    of = made.study(63, lost=10)
    found = made.services(of)
    assert found.table["n_started"].sum() == 63
    assert found.table["n"].sum() == 53
    assert (found.table[list(found.categories)].sum(axis=1) == found.table["n"]).all()


def test_the_change_of_a_service_is_that_of_its_people():
    of = made.study(60)
    found = made.services(of)
    wide = of.data.pivot(index="id", columns=of.wave, values="ucla3_total")
    site = of.data.drop_duplicates("id").set_index("id")["site"]
    change = (wide["the end"] - wide["the start"]).groupby(site).mean()
    got = found.table.set_index("service")["estimate"]
    np.testing.assert_allclose(got, change.loc[got.index])


def test_the_picture_is_a_funnel_with_words():
    from socmeasures.drawing.style import alt_text

    assert alt_text(made.services(made.study(60)).plot()).startswith("Funnel picture")


def test_a_column_that_tells_no_services_apart_is_refused():
    of = made.study(30)
    with pytest.raises(ServiceColumnError, match="not a column"):
        by_service(of, "ucla3_total", service="sit")
    with pytest.raises(ServiceColumnError, match="one service only"):
        by_service(of, "ucla3_total", service="on")
