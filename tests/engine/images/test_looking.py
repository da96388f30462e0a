from pathlib import Path

import numpy as np
import pytest

from engine.data.class_splits import SplitChoice
from engine.images.looking import look_at_pictures, seen_in
from engine.images.sources import opened_pictures
from tests.engine.images.pictures import write_folders


def test_samples_are_of_different_classes_and_skip_what_is_broken(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {f"class{number:02}": 2 for number in range(20)})
    (folder / "class00" / "000.png").write_bytes(b"words")  # its other picture is shown
    for path in (folder / "class19").iterdir():
        path.write_bytes(b"")
    with opened_pictures(folder) as source:
        look = seen_in(source, 16, 5)
    assert (look.classes, look.pictures, look.says_splits) == (20, 40, False)
    names = [sample.class_name for sample in look.samples]
    assert names == ["class00", "class05", "class10", "class14"]
    assert all(sample.pixels.shape == (16, 16, 3) for sample in look.samples)
    assert not np.array_equal(look.samples[0].pixels, look.samples[1].pixels)


def test_a_look_ends_when_nobody_wants_it(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"a": 1, "b": 1})

    def stop() -> None:
        raise KeyboardInterrupt

    with opened_pictures(folder) as source, pytest.raises(KeyboardInterrupt):
        seen_in(source, 16, 5, stop)


def test_classes_are_drawn_where_a_person_wants_it_whatever_folders_say(tmp_path: Path) -> None:
    names = [f"{split}/{name}" for split, name in zip(("train", "val", "test"), "abc", strict=True)]
    folder = write_folders(tmp_path / "own", dict.fromkeys(names, 2))
    with opened_pictures(folder) as source:
        assert seen_in(source, 16, 5).says_splits
    assert any("places say" in note for note in look_at_pictures(folder).notes)
    drawn = look_at_pictures(folder, SplitChoice(None, (50, 0, 50), 3, is_drawn=True))
    assert [each.name for each in drawn.splits] == ["train", "test"]
    assert any(note.startswith("Classes were drawn, 50/0/50 with seed 3") for note in drawn.notes)
