import os
from pathlib import Path

import pytest

from engine.io.files import write_text


def test_a_file_is_on_the_disk_before_it_takes_its_place_and_the_move_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, flushed, flush = tmp_path / "file", list[tuple[int, str]](), os.fsync

    def noted(descriptor: int) -> None:
        flushed.append((os.fstat(descriptor).st_ino, path.read_text()))
        flush(descriptor)

    path.write_text("old")
    monkeypatch.setattr(os, "fsync", noted)
    write_text(path, "new")
    assert flushed == [(path.stat().st_ino, "old"), (tmp_path.stat().st_ino, "new")]
