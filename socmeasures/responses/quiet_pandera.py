"""pandera, loaded without the warnings of whatever else it finds installed.

pandera looks for pyspark when it is imported and again at its first check, and a pyspark that does
not know this pandas says so each time, though nothing here uses it.
"""

from __future__ import annotations

import warnings

import pandas as pd

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", category=FutureWarning, message=".*pandas")
    import pandera.pandas as pa

    pa.DataFrameSchema({}).validate(pd.DataFrame())

__all__ = ["pa"]
