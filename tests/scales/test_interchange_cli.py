"""`scale export` and `scale new`: the same as the library, to a file or to the terminal."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from socmeasures.cli import app
from socmeasures.errors import ChoiceError, OutputError, UnverifiedScaleError
from socmeasures.scales.interchange import export_scale
from socmeasures.scales.skeleton import scale_skeleton


def run(*words, refused=None):
    result = CliRunner().invoke(app, ["scale", *map(str, words)])
    if refused is not None:
        assert isinstance(result.exception, refused)
        assert result.exception.exit_code == 2
        return str(result.exception)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("to", ["frictionless", "redcap", "sps", "psych", "codebook"])
def test_an_export_goes_to_a_file_or_to_the_terminal(tmp_path, to):
    file = tmp_path / "out.txt"
    text = export_scale("ucla3", to, prefix="q_")
    assert run("export", "ucla3", "--to", to, "--prefix", "q_", "-o", file).endswith(f"{file}\n")
    assert file.read_bytes().decode("utf-8") == text
    assert run("export", "ucla3", "--to", to, "--prefix", "q_") == text.replace("\r\n", "\n")


def test_refusals_of_an_export_are_the_librarys():
    run("export", "ucla3", "--to", "spss", refused=ChoiceError)
    text = run("export", "ucla4", "--to", "sps", refused=UnverifiedScaleError)
    assert "--accept-unverified" in text
    assert "WARNING" in run("export", "ucla4", "--to", "sps", "--accept-unverified")


def test_a_wave_and_a_coding_reach_the_syntax():
    text = run("export", "djg6", "--to", "sps", "--wave", "t2", "--coding", "yes-first")
    assert "COMPUTE djg6_total__t2 = SUM.5(" in text
    assert "(1=1) (2=1) (3=0)" in text


def test_a_new_definition_starts_from_exported_keys_and_is_not_written_over(tmp_path):
    keys, mine = tmp_path / "keys.R", tmp_path / "mine.toml"
    run("export", "brs", "--to", "psych", "-o", keys)
    said = run("new", "mine", "--from-psych", keys, "-o", mine)
    assert f"scale check {mine}" in said
    assert "reverse = [2, 4, 6]" in mine.read_text("utf-8")
    run("new", "mine", "-o", mine, refused=OutputError)
    assert run("new", "mine", "--items", 2) == scale_skeleton("mine", items=2)
