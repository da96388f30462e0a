from dataclasses import fields, replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.errors import BadInput
from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.files import (
    load_inspection,
    read_heading,
    rename_inspection,
    save_inspection,
)
from engine.inspection.records import SHAPES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inspections" / "one.h5"


def test_an_inspection_is_read_back_as_it_was(loaded: LoadedCheckpoint, path: Path) -> None:
    seen = loaded.inspect([1, 5], 3)
    seen = replace(
        seen, provenance=replace(seen.provenance, run="a run", step=7, what_if="swap 0 1")
    )
    save_inspection(path, seen, "look at the cherry", {3: "val-3", 9: "val-9"})
    kept = load_inspection(path)
    assert (kept.note, kept.names) == ("look at the cherry", {3: "val-3", 9: "val-9"})
    for field in fields(seen):
        mine, its = getattr(seen, field.name), getattr(kept.inspection, field.name)
        if isinstance(mine, np.ndarray):
            np.testing.assert_array_equal(mine, its)
            assert mine.dtype == its.dtype
        else:
            assert mine == its
    heading = read_heading(path)
    assert (heading.provenance, heading.numbers) == (seen.provenance, (1, 5))
    assert [each.name for each in path.parent.iterdir()] == ["one.h5"]


def test_another_name_changes_nothing_else(loaded: LoadedCheckpoint, path: Path) -> None:
    save_inspection(path, loaded.inspect([1], 2), "odd", {3: "val-3"}, kept="2026-01-02T03:04:05Z")
    before, heading = load_inspection(path), read_heading(path)
    rename_inspection(path, "odd glyph")
    after = load_inspection(path)
    assert read_heading(path) == replace(heading, note="odd glyph")
    assert (after.note, after.names) == ("odd glyph", before.names)
    for name in SHAPES:
        mine, its = getattr(before.inspection, name), getattr(after.inspection, name)
        np.testing.assert_array_equal(mine, its)
        assert mine.dtype == its.dtype


def test_a_heading_names_the_classes_of_its_episode(loaded: LoadedCheckpoint, path: Path) -> None:
    seen = loaded.inspect([1], 2)
    save_inspection(path, seen)
    labels = seen.classes[0].tolist()
    assert read_heading(path).classes == tuple(seen.class_names[label] for label in labels)
    with h5py.File(path, "a") as file:
        file["classes"][...] = 1000
    with pytest.raises(BadInput, match=r"one\.h5: classes names none of the \d+ classes"):
        read_heading(path)


def test_a_file_that_is_none_is_refused_in_a_sentence(loaded: LoadedCheckpoint, path: Path) -> None:
    with pytest.raises(BadInput, match="no inspection at"):
        load_inspection(path)
    path.parent.mkdir()
    path.write_bytes(b"not HDF5")
    with pytest.raises(BadInput, match=r"one\.h5 is not a readable HDF5 file"):
        load_inspection(path)
    with h5py.File(path, "w"):
        pass
    with pytest.raises(BadInput, match="is no inspection"):
        load_inspection(path)


def test_a_damaged_file_and_one_of_a_later_version_are_refused(
    loaded: LoadedCheckpoint, path: Path
) -> None:
    save_inspection(path, loaded.inspect([1], 2))
    with h5py.File(path, "a") as file:
        del file["mean"]
    with pytest.raises(BadInput, match=r"one\.h5: mean is missing; inspect the episode again\."):
        load_inspection(path)
    with h5py.File(path, "a") as file:
        file.attrs["schema"] = 99
    with pytest.raises(BadInput, match=r"has schema 99; .*update LEO Studio"):
        read_heading(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="it is damaged, or only a part of one"):
        load_inspection(path)


@pytest.mark.parametrize("name", SHAPES)
def test_an_array_that_does_not_fit_the_others_is_named(
    loaded: LoadedCheckpoint, path: Path, name: str
) -> None:
    save_inspection(path, loaded.inspect([1, 5], 2))
    with h5py.File(path, "a") as file:
        whole = file[name][()]
        del file[name]
        file[name] = np.concatenate([whole, whole], axis=-1)
    with pytest.raises(BadInput, match="does not fit the others"):
        load_inspection(path)


def test_texts_lie_outside_of_the_heap(loaded: LoadedCheckpoint, path: Path) -> None:
    """See `engine.io.hdf5`."""
    save_inspection(path, loaded.inspect([1], 2), "a note", {3: "val-3"})
    with h5py.File(path) as file:
        for name in ("class_names", "example_names"):
            assert h5py.check_string_dtype(file[name].dtype).length is not None
        kinds = {name: file.attrs.get_id(name).dtype.kind for name in file.attrs}
    assert {kinds.pop(name) for name in list(kinds) if kinds[name] not in "iu"} == {"S"}
