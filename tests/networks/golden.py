"""The worked example of the reference: one woman, eight contacts, a second time point."""

from __future__ import annotations

import pandas as pd

COLUMNS = [
    "contact_id",
    "relation",
    "frequency",
    "is_friend",
    "is_confidant",
    "would_miss",
    "initiates",
    "inside_service",
    "sex",
    "support_emotional",
    "support_practical",
    "support_companionship",
    "support_information",
]
ROWS = """
c1 sibling weekly 0 1 1 both 0 F 1 1 0 0
c2 parent weekly 0 0 1 other 0 F 0 1 0 0
c3 friend several_weekly 1 1 1 both 0 F 1 0 1 1
c4 service_user_peer daily 1 0 1 self 1 M 0 0 1 0
c5 service_user_peer daily 0 0 0 unknown 1 M 0 0 1 .
c6 professional fortnightly 0 1 0 other 1 F 1 0 0 1
c7 shop_or_service weekly 0 0 0 self 0 . 0 0 0 0
c8 neighbour monthly . 0 0 both 0 M 0 1 0 0
"""


def contacts() -> pd.DataFrame:
    rows = [row.split() for row in ROWS.strip().splitlines()]
    return pd.DataFrame(rows, columns=COLUMNS).replace(".", None).assign(person_id="w", wave="1")


def persons() -> pd.DataFrame:
    """The woman, somebody who named nobody, and somebody who was not interviewed."""
    return pd.DataFrame(
        {
            "person_id": ["w", "x", "y"],
            "wave": "1",
            "interviewed": [True, True, False],
            "sex": ["F", "M", None],
        }
    )


def ties() -> pd.DataFrame:
    rows = [
        ("c1", "c2", 1), ("c3", "c8", 0.5), ("c4", "c5", 1), ("c4", "c6", 0.5), ("c5", "c6", 0),
        ("c2", "c1", 1),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["contact_a", "contact_b", "weight"])
    return table.assign(person_id="w", wave="1")


def second_wave() -> pd.DataFrame:
    """Contacts of both time points: c4 now a confidant and met outside, c6 no longer one."""
    first = contacts()
    later = first[first["contact_id"].isin(["c1", "c3", "c4", "c6"])].assign(wave="2")
    later.loc[later["contact_id"] == "c4", ["is_confidant", "inside_service"]] = ["1", "0"]
    later.loc[later["contact_id"] == "c6", "is_confidant"] = "0"
    new = pd.DataFrame({"contact_id": ["c9", "c10"], "person_id": "w", "wave": "2"})
    return pd.concat([first, later, new], ignore_index=True)


def both_waves() -> pd.DataFrame:
    return pd.concat([persons(), persons().assign(wave="2")], ignore_index=True)
