"""Codes in the place of identifiers, made with a secret key that is kept apart.

The same key gives the same code for the same identifier, so that later files still fit.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

from socmeasures import frames
from socmeasures.errors import PseudonymError, did_you_mean
from socmeasures.responses.atomic import replacing
from socmeasures.responses.near_ids import id_text

LETTERS = 16  # of a code: 64 bits, so that no two of a million people meet
_HEAD = "socmeasures pseudonym key 1"


def pseudonymised(data: Any, person: str, key: bytes) -> Any:
    """The data with a code in the place of each identifier.

    Parameters
    ----------
    data : DataFrame (pandas or polars)
        Not changed.
    person : str
        Column with the identifier.
    key : bytes
        Secret, at least 16 bytes.

    Returns
    -------
    DataFrame
        The kind that came in; the column holds text, missing identifiers stay missing.

    Raises
    ------
    PseudonymError
        The column is not there, or the key is too short.

    Examples
    --------
    >>> import pandas as pd
    >>> from socmeasures.responses.pseudonyms import pseudonymised
    >>> data = pd.DataFrame({"id": ["AB01", "AB02", "AB01"], "q1": [1, 2, 3]})
    >>> coded = pseudonymised(data, "id", b"sixteen bytes or more")
    >>> coded["id"].nunique(), coded["id"].str.len().unique().tolist(), "AB01" in set(coded["id"])
    (2, [16], False)
    """
    if len(key) < 16:
        raise PseudonymError.short_key()
    table = frames.to_pandas(data)
    columns = [str(c) for c in table.columns]
    if person not in columns:
        raise PseudonymError.no_column(person, did_you_mean(person, columns))
    codes = [
        None
        if value is None or value != value
        else hmac.new(key, id_text(value).encode("utf-8"), hashlib.sha256).hexdigest()[:LETTERS]
        for value in table[person].tolist()
    ]
    coded = table.copy(deep=False)
    coded[person] = codes
    coded.attrs = dict(table.attrs)
    return frames.like(data, coded)


def key_from(path: str | os.PathLike[str]) -> bytes:
    """The key in a file; a new one is made where there is none, readable by its owner only.

    Raises
    ------
    PseudonymError
        The file is there and holds something else.
    """
    file = Path(path)
    if not file.exists():
        with replacing(file) as unfinished:
            unfinished.write_text(f"{_HEAD}\n{secrets.token_hex(32)}\n", encoding="utf-8")
        file.chmod(0o600)
    lines = file.read_text(encoding="utf-8", errors="replace").split()
    text = lines[-1] if lines else ""
    if " ".join(lines[:-1]) != _HEAD or len(text) != 64:
        raise PseudonymError.not_a_key(file)
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise PseudonymError.not_a_key(file) from None
