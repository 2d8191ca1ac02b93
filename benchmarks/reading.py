"""Reading a .sav file with its labels, beside pyreadstat alone; and what our import costs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

import socmeasures as soc
from benchmarks.measuring import Outcome, in_turn, median_of, ratio_of, told


def written(folder: Path, rows: int, columns: int) -> Path:
    """A file of whole numbers with value labels."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame({f"q{i}": rng.integers(1, 5, rows).astype(float) for i in range(columns)})
    labels = {name: {1.0: "never", 2.0: "rarely", 3.0: "sometimes", 4.0: "always"} for name in data}
    file = folder / "answers.sav"
    pyreadstat.write_sav(data, file, variable_value_labels=labels)
    return file


def of_sav(*, small: bool) -> Outcome:
    """The same file by both."""
    rows = 2_000 if small else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder), rows, 200)
        mine, theirs = soc.read(file)[0], pyreadstat.read_sav(file)[0]
        np.testing.assert_array_equal(mine.to_numpy(float), theirs.to_numpy(float))
        calls = {"ours": lambda: soc.read(file), "theirs": lambda: pyreadstat.read_sav(file)}
        taken = in_turn(calls, 3)
    return Outcome(
        what=f"read .sav, {rows:,} × 200, beside pyreadstat alone", of="ours / pyreadstat",
        ratio=ratio_of(taken, "ours", "theirs"), ours=median_of(taken, "ours"),
        other=median_of(taken, "theirs"), note="ours with the codebook and user-missing codes",
    )  # fmt: skip


def of_import(rounds: int = 9) -> Outcome:
    """`import socmeasures` above the bare interpreter, in milliseconds of processor time."""
    taken: dict[str, list[float]] = {"pass": [], "import socmeasures": []}
    for _ in range(rounds):
        for program, times in taken.items():
            before = os.times()
            subprocess.run([sys.executable, "-c", program], check=True)
            after = os.times()
            times.append(
                after.children_user + after.children_system
                - before.children_user - before.children_system
            )  # fmt: skip
    bare, with_us = (statistics.median(times) for times in taken.values())
    return Outcome(
        what="import socmeasures, above the bare interpreter", of="milliseconds", goal=60.0,
        at_least=False, ratio=(with_us - bare) * 1e3, ours=with_us, other=bare,
    )  # fmt: skip


def measure(*, small: bool = False) -> list[Outcome]:
    """Both."""
    return [of_import(5 if small else 9), of_sav(small=small)]


if __name__ == "__main__":
    raise SystemExit(told(measure(small="--small" in sys.argv)))
