"""Files appear whole or not at all."""

import pytest

from technogen.errors import MissingFileError, OutputError
from technogen.files import make_folder, replace_on_success, write_bytes, write_text


def test_a_file_is_written_and_replaced(tmp_path):
    write_text(tmp_path / "a.txt", "é")
    write_bytes(tmp_path / "a.txt", b"two")
    assert (tmp_path / "a.txt").read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("error", [RuntimeError, OSError, MissingFileError, KeyboardInterrupt])
def test_what_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")

    def break_off():
        with replace_on_success(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(OutputError if error is OSError else error):
        break_off()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_missing_folder_an_empty_name_and_a_folder_are_said(tmp_path):
    for path in (tmp_path / "none" / "a.txt", "", tmp_path, "a\0b"):
        with pytest.raises(OutputError):
            write_text(path, "x")


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "kept.bin").write_bytes(b"old")

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OutputError, match="No space left"):
        write_bytes(tmp_path / "kept.bin", b"new")
    assert (tmp_path / "kept.bin").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_folders_are_made_or_the_reason_is_said(tmp_path):
    assert make_folder(tmp_path / "a" / "b").is_dir()
    assert make_folder(tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        make_folder(tmp_path / "file" / "c")
