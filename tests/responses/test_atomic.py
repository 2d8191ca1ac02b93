"""A file is written whole or not at all."""

from __future__ import annotations

import stat

import pytest

from socmeasures.errors import OutputError
from socmeasures.responses.atomic import replacing


def test_a_finished_file_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    with replacing(target) as unfinished:
        unfinished.write_text("new", encoding="utf-8")
        assert target.read_text(encoding="utf-8") == "old"
    assert target.read_text(encoding="utf-8") == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_a_failure_leaves_the_old_file_and_no_rest(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), replacing(target) as unfinished:
        unfinished.write_bytes(bytes(1 // 0))
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_the_temporary_file_keeps_the_ending_so_that_writers_know_the_format(tmp_path):
    with replacing(tmp_path / "out.sav") as unfinished:
        assert unfinished.suffix == ".sav"
        assert unfinished.parent == tmp_path


def test_permissions_of_a_replaced_file_are_kept(tmp_path):
    target = tmp_path / "out.txt"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    with replacing(target) as unfinished:
        unfinished.write_text("new", encoding="utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OutputError, match="no does not exist"), replacing(tmp_path / "no" / "x"):
        pass


def test_a_folder_is_not_written_over(tmp_path):
    with pytest.raises(OutputError, match="this is a folder"), replacing(tmp_path):
        pass


def test_a_locked_target_says_to_close_it(tmp_path, monkeypatch):
    def locked(self, target):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.replace", locked)
    with pytest.raises(OutputError, match="Close it"), replacing(tmp_path / "x.sav") as unfinished:
        unfinished.write_bytes(b"1")
    assert list(tmp_path.iterdir()) == []
