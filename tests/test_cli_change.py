"""`socmeasures change`: one file, one command, nothing else."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from socmeasures.cli import app, main
from socmeasures.designs.change_words import NOT_AN_EFFECT

CALL = ["--person", "id", "--when", "wave", "--before", "t1", "--after", "t2", "--outcome", "score"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "our data & more.csv"
    pd.DataFrame(
        {"id": [1, 2, 3, 4, 1, 2, 3], "wave": ["t1"] * 4 + ["t2"] * 3,
         "score": [9, 8, 7, 6, 6, 7, 7], "on": ["2026-01-05"] * 4 + ["2026-03-30"] * 3}
    ).to_csv(path, index=False)  # fmt: skip
    return path


def test_the_change_is_printed_with_what_it_does_not_say(file, tmp_path):
    more = ["--better", "score=lower", "--date", "on", "-o", str(tmp_path / "r.html")]
    done = CliRunner().invoke(app, ["change", str(file), *CALL, *more])
    assert done.exit_code == 0, done.output
    told = " ".join(done.output.split())
    assert NOT_AN_EFFECT in told
    assert "3 of 4 people" in told
    assert "lower is better" in told
    assert "12 weeks between the answers" in told
    assert (tmp_path / "r.html").exists()


def test_a_time_point_nobody_has_ends_with_a_plain_refusal(file, monkeypatch, capsys):
    call = [w if w != "t2" else "t3" for w in CALL]
    monkeypatch.setattr("sys.argv", ["socmeasures", "change", str(file), *call])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "nobody has the time point 't3'" in " ".join(capsys.readouterr().err.split())
