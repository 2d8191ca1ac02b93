"""Columns that look like personal data, pointed out before anything is written.

Looks at names, labels and answers; never shows an answer. A column that is not pointed out may
still identify people: free text always can.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from socmeasures import frames
from socmeasures.responses.codebook import Codebook

LOOKED_AT = 2000  # answers of a column that are looked at
SHARE = 0.5  # of the answers that must look like it

_NAMES = (
    (
        "name",
        r"(?:first|fore|given|last|sur|family|middle|full|maiden|child)_?names?|^names?$|"
        r"(?:client|person|patient|participant|carer|mother|baby|recipient)_?s?_?name",
    ),
    ("e-mail address", r"e_?mails?(?:_address)?"),
    ("phone number", r"(?:(?:tele)?phone|mobile|tel)(?:_?(?:no|number))?"),
    ("postcode", r"post_?code|zip(?:_?code)?"),
    ("address", r"(?:home_|street_)?address(?:_?line)?_?\d?|street"),
    ("NHS number", r"nhs(?:_?(?:no|number|num))?|chi_?(?:no|number)"),
    ("national insurance number", r"nino|national_insurance(?:_?(?:no|number))?"),
    ("date of birth", r"dob|d_o_b|date_?of_?birth|birth_?(?:date|day)"),
    ("internet address", r"ip_?address"),
    ("place on a map", r"(?:location_?)?(?:latitude|longitude)"),
)  # fmt: skip
_RECIPIENT = {
    "recipientfirstname": "name",
    "recipientlastname": "name",
    "recipientemail": "e-mail address",
    "locationlatitude": "place on a map",
    "locationlongitude": "place on a map",
}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(?:\+44|0044|0)\d{9,10}|\+\d{8,14}")
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", re.IGNORECASE)
_NINO = re.compile(r"[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]", re.IGNORECASE)
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_DATE = re.compile(r"(?:\d{1,2}[/.\-]\d{1,2}[/.\-](19\d\d|20\d\d))|(?:(19\d\d|20\d\d)-\d\d-\d\d)")


def personal_columns(data: Any, codebook: Codebook | None = None) -> pd.DataFrame:
    """Columns that look like names, e-mails, phone numbers, postcodes, NHS numbers, birth dates.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        Not changed.
    codebook : Codebook, optional
        Variable labels are looked at too.

    Returns
    -------
    pandas.DataFrame
        ``column, looks_like, because`` (name, label or answers); no answer is shown. Empty when
        nothing was found, which is no proof that nobody can be recognised.

    Notes
    -----
    An NHS number is ten digits with a valid check digit (modulus 11, NHS Data Dictionary).

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.privacy import personal_columns
    >>> data = pd.DataFrame({"id": ["a", "b"], "contact": ["ann@example.org", "bo@example.org"],
    ...                      "dob": ["1950-03-12", "1948-01-02"]})
    >>> personal_columns(data)
        column      looks_like  because
    0  contact  e-mail address  answers
    1      dob   date of birth     name
    """
    rows = []
    for name in frames.names(data):
        variable = codebook.get(name) if codebook else None
        label = variable.label if variable else ""
        found = _by_name(name)
        because = "name"
        if not found and label and len(label.split()) <= 4:
            found, because = _by_name(label), "label"
        if not found:
            found, because = _by_answers(data, name), "answers"
        if found:
            rows.append({"column": name, "looks_like": found, "because": because})
    return pd.DataFrame(rows, columns=["column", "looks_like", "because"])


def drop_identifiers(
    data: Any, codebook: Codebook | None = None, *, keep: Sequence[str] = ()
) -> tuple[Any, Codebook | None, tuple[str, ...]]:
    """Leave out the columns that look like personal data.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        Not changed.
    codebook : Codebook, optional
        The variables go with their columns, and so do their reasons for missing.
    keep : sequence of str
        Columns that stay whatever they look like, e.g. the person's identifier.

    Returns
    -------
    data, codebook, dropped
        The columns that were left out by name.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.privacy import drop_identifiers
    >>> data = pd.DataFrame({"id": [1], "surname": ["Ash"], "q1": [3]})
    >>> kept, _, dropped = drop_identifiers(data)
    >>> list(kept.columns), dropped
    (['id', 'q1'], ('surname',))
    """
    found = personal_columns(data, codebook)["column"].tolist()
    dropped = tuple(c for c in found if c not in set(keep))
    kept = frames.select(data, [c for c in frames.names(data) if c not in set(dropped)])
    if codebook is None or not dropped:
        return kept, codebook, dropped
    reasons = codebook.reasons[~codebook.reasons["column"].isin(dropped)]
    without = replace(
        codebook,
        variables={n: v for n, v in codebook.variables.items() if n not in dropped},
        reasons=reasons.reset_index(drop=True),
        weight=None if codebook.weight in dropped else codebook.weight,
        _row_marks={n: m for n, m in codebook._row_marks.items() if n not in dropped},
    )
    return kept, without, dropped


IN_THE_OUTPUT = "They are in the output like in the input; --drop-identifiers leaves them out."


def privacy_note(found: pd.DataFrame, fate: str = IN_THE_OUTPUT) -> str:
    """What was pointed out, and what becomes of it, in words; empty when nothing was."""
    if not len(found):
        return ""
    shown = ", ".join(f"{row['column']} ({row['looks_like']})" for row in found.to_dict("records"))
    return f"These columns look like personal data: {shown}. {fate}"


def _by_name(name: str) -> str:
    # a name such as DateOfBirth is parted at its capitals
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    flat = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    if flat.replace("_", "") in _RECIPIENT:
        return _RECIPIENT[flat.replace("_", "")]
    for kind, pattern in _NAMES:
        if re.fullmatch(rf"(?:.*_)?(?:{pattern})(?:_\w{{1,8}})?", flat):
            return kind
    return ""


def _by_answers(data: Any, name: str) -> str:
    column = frames.column(data, name)
    if isinstance(column, frames.Numbers):
        texts = [_digits(v) for v in column.values[:LOOKED_AT].tolist()]
        kinds: list[tuple[str, Callable[[str], bool]]] = [("NHS number", _is_nhs_number)]
    else:
        texts = [str(v).strip() for v in column.distinct[:LOOKED_AT]]
        kinds = [
            ("e-mail address", lambda t: bool(_EMAIL.fullmatch(t))),
            ("NHS number", _is_nhs_number),
            ("phone number", lambda t: bool(_PHONE.fullmatch(re.sub(r"[\s()\-]", "", t)))),
            ("postcode", lambda t: bool(_POSTCODE.fullmatch(t))),
            ("national insurance number", lambda t: bool(_NINO.fullmatch(t))),
            ("internet address", lambda t: bool(_IP.fullmatch(t))),
            ("date of birth", _is_old_date),
        ]
    texts = [t for t in texts if t]
    for kind, is_it in kinds:
        if texts and sum(map(is_it, texts)) > SHARE * len(texts):
            return kind
    return ""


def _digits(value: float) -> str:
    return str(int(value)) if value == value and abs(value) < 1e15 and value == int(value) else ""


def _is_nhs_number(text: str) -> bool:
    digits = re.sub(r"[\s\-]", "", text)
    if not re.fullmatch(r"\d{10}", digits):
        return False
    rest = 11 - sum(int(d) * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11
    return rest != 10 and rest % 11 == int(digits[9])


def _is_old_date(text: str) -> bool:
    """A date with a year in which people are born, not in which questionnaires are answered."""
    found = _DATE.match(text)
    return found is not None and int(found[1] or found[2]) <= 2005
