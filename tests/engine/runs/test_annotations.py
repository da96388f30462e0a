from pathlib import Path

import pytest

from engine.runs.annotations import FILE, Annotations, read_annotations, write_annotations


def test_notes_and_tags_come_back(tmp_path: Path) -> None:
    written = Annotations("Größer ist besser.\nZweite Zeile", ("paper", " old ", "paper", ""))
    write_annotations(tmp_path, written)
    assert read_annotations(tmp_path) == Annotations(written.note, ("old", "paper"))


@pytest.mark.parametrize("content", [None, "", "{", "[1]", '{"tags": 3}'])
def test_a_damaged_file_is_no_note(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    assert read_annotations(tmp_path) == Annotations()
