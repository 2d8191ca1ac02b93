"""pandera schemas for other people's pipelines."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
import pytest

import socmeasures as soc
from socmeasures.responses.schemas import failed_checks, frame_schema
from socmeasures.scales.catalogue import shipped_ids

GOOD = pd.DataFrame({"ucla3_1": [1, None], "ucla3_2": [3, 3], "ucla3_3": [2, 1]})


def test_legal_and_missing_answers_pass() -> None:
    assert soc.scale_schema("ucla3").validate(GOOD).equals(GOOD)


@pytest.mark.parametrize("value", [0, 4, 2.5, 99])
def test_an_answer_outside_the_options_fails(value: float) -> None:
    with pytest.raises(pa.errors.SchemaErrors, match="item 2 of ucla3 takes 1, 2, 3"):
        soc.scale_schema("ucla3").validate(GOOD.assign(ucla3_2=[value, 1.0]), lazy=True)


def test_the_codes_are_those_of_the_coding() -> None:
    zero = pd.DataFrame({f"ucla3_{n}": [0, 1, 2] for n in (1, 2, 3)})

    soc.scale_schema("ucla3", coding="zero-based").validate(zero)
    with pytest.raises(pa.errors.SchemaError):
        soc.scale_schema("ucla3").validate(zero)


def test_columns_may_have_names_of_their_own() -> None:
    schema = soc.scale_schema("ucla3", items={1: "a", 2: "b", 3: "c"})

    assert list(schema.columns) == ["a", "b", "c"]


def test_an_absent_column_fails_unless_it_need_not_be_there() -> None:
    short = GOOD.drop(columns="ucla3_3")

    with pytest.raises(pa.errors.SchemaError):
        soc.scale_schema("ucla3").validate(short)
    soc.scale_schema("ucla3", required=False).validate(short)


@pytest.mark.parametrize("scale_id", shipped_ids())
def test_every_shipped_scale_has_a_schema(scale_id: str) -> None:
    scale = soc.load_scale(scale_id)
    data = pd.DataFrame({f"{scale_id}_{n}": list(scale.codes(n))[:2] for n in scale.numbers})

    soc.scale_schema(scale).validate(data)


def test_failed_checks_are_named() -> None:
    schema = frame_schema(
        ["a"], {"many rows": lambda f: len(f) > 3, "few rows": lambda f: len(f) < 3}
    )

    assert failed_checks(schema, pd.DataFrame({"a": [1]})) == {"many rows"}
    assert failed_checks(schema, pd.DataFrame({"a": []})) == {"many rows"}
