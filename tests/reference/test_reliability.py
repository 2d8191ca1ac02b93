"""Internal consistency and retest against R 4.2.2: psych 2.2.9 and lavaan 0.6.14.

Outside truth: oracles/reliability.json; tolerances are the entries' own. Entries on pairwise
covariances, Guttman's lambdas, kappa, polychoric alpha and three-factor omega are of methods the
library does not offer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from socmeasures.effects.reliability import internal_consistency, spearman_brown
from socmeasures.effects.retest import icc, measurement_error, retest_correlation
from socmeasures.responses.reading import read
from socmeasures.scoring.reliability import item_statistics

pytestmark = pytest.mark.needs("shared")

BFI = {
    "bfi_agree": "-A1 A2 A3 A4 A5",
    "bfi_consc": "C1 C2 C3 -C4 -C5",
    "bfi_extra": "-E1 -E2 E3 E4 E5",
    "bfi_neuro": "N1 N2 N3 N4 N5",
    "bfi_open": "O1 -O2 O3 O4 -O5",
    "bfi_agree_not_reversed": "A1 A2 A3 A4 A5",
}
CALM = "calm secure at.ease rested comfortable confident relaxed content joyful pleasant".split()
TENSE = (
    "tense regretful upset worrying anxious nervous jittery high.strung worried rattled".split()
)


def keyed(data, names, turn):
    columns = [turn - data[n[1:]] if n.startswith("-") else data[n] for n in names.split()]
    return np.column_stack(columns).astype(float)


def bfi(topic):
    return lambda data_csv: keyed(data_csv("psych_bfi/bfi.csv"), BFI[topic], 7)


def cope(data_csv):
    data = data_csv("sav_efc/efc.csv")
    return data[[c for c in data if "cop" in c]].to_numpy(float)


def covid(file, wave, items):
    def table(data_csv):
        data = data_csv(f"covid_gaming/{file}")
        mine = data[data.lockdown_period == wave]
        wide = mine.pivot(index="pid", columns="item", values="score")
        return wide[list(range(1, items + 1))].to_numpy(float)

    return table


def ds14(names):
    return lambda data_csv: keyed(data_csv("mokken/DS14.csv"), names, 4)


def hotel(first, second):
    def table(data_csv):
        data, _ = read(pytest.shared_sav / "hotel.sav")
        return np.column_stack([data[first], 6 - data[second], data["v4"]]).astype(float)

    return table


UCLA3, DJG = "study01_loneliness_long_items.csv", "study02_loneliness_extended_long_items.csv"
TABLES = {
    **{name: bfi(name) for name in BFI},
    "efc_cope9": cope,
    "covid1_ucla3_before": covid(UCLA3, "before", 3),
    "covid1_ucla3_during": covid(UCLA3, "during", 3),
    "covid2_djg11_before": covid(DJG, "before", 11),
    "covid2_djg11_during": covid(DJG, "during", 11),
    "ds14_negative_affectivity": ds14("Na2 Na4 Na5 Na7 Na9 Na12 Na13"),
    "ds14_social_inhibition": ds14("-Si1 -Si3 Si6 Si8 Si10 Si11 Si14"),
}
WITH_OMEGA = [n for n in TABLES if n not in ("bfi_agree_not_reversed", "efc_cope9")]
WITH_OMEGA = [n for n in WITH_OMEGA if not n.startswith("covid2")]
print(TABLES.keys())
