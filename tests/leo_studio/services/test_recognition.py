import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from engine.data.class_splits import SplitChoice
from engine.errors import BadInput
from engine.runs.library import Library
from leo_studio.services.opening import find_openable
from leo_studio.services.recognised import Recognised, Wanted
from leo_studio.services.recognition import recognise
from tests.engine.data.importers.features.test_pickled import as_s2m2, saved
from tests.engine.data.importers.test_deepmind import write
from tests.engine.images.pictures import encoded, picture, write_folders
from tests.engine.images.sources.test_holding import pickled
from tests.engine.images.sources.test_opening import zipped

CLASSES = dict.fromkeys(("a", "b", "c", "d"), 3)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def seen(library: Library, path: Path, wanted: Wanted | None = None) -> Recognised:
    return recognise(library, str(path), wanted or Wanted())


def listed_in(folder: Path, name: str, split: str) -> None:
    """Write a table of two pictures of a class beside a folder of images."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    lines = ["filename,label"]
    for number in range(2):
        (images / f"{name}{number}.png").write_bytes(encoded(picture(number)))
        lines.append(f"{name}{number}.png,{name}")
    (folder / f"{split}.csv").write_text("\n".join(lines) + "\n")


def test_every_kind_of_pictures_is_told_by_what_it_is(library: Library, tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", CLASSES)
    for split, name in (("train", "a"), ("val", "b"), ("test", "c")):
        listed_in(tmp_path / "tables", name, split)
    rows = [{"bytes": encoded(picture(number))} for number in range(8)]
    table = pyarrow.table({"image": rows, "label": list("aabbccdd")})
    parquet.write_table(table, tmp_path / "own.parquet")
    images = np.zeros((8, 6, 6, 3), np.uint8)
    labels = {"data": images, "labels": list(range(4)) * 2}
    for path, kind, count in (
        (folder, "folder", 12),
        (zipped(folder, tmp_path / "own.zip"), "zip archive", 12),
        (tmp_path / "own.parquet", "table (.parquet)", 8),
        (pickled(tmp_path / "own.pkl", labels), "pickle", 8),
    ):
        found = seen(library, path)
        assert found.what == f"A {kind} of pictures: 4 classes, {count} pictures."
        assert found.is_import and found.pictures is not None
        assert [sample.class_name for sample in found.pictures.look.samples] == (
            list("abcd") if kind != "pickle" else ["0", "1", "2", "3"]
        )
    found = seen(library, tmp_path / "tables")
    assert found.what == "A folder of pictures: 3 classes, 6 pictures."
    assert found.pictures is not None and found.pictures.look.says_splits


def test_embeddings_are_no_pictures(library: Library, tmp_path: Path) -> None:
    released = write(tmp_path / "e/birds/center").parents[1]
    (released / "figure.png").write_bytes(encoded(picture()))
    features = tmp_path / "features"
    for split in ("base", "val", "novel"):
        saved(features / f"{split}.plk", as_s2m2(range(4)))
    (features / "figure.png").write_bytes(encoded(picture()))
    assert seen(library, released).what.startswith("A folder of embeddings as LEO's authors")
    assert seen(library, features).what == "A folder of features."


def test_a_pickle_that_a_glance_does_not_tell_is_tried_as_both(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.zeros((8, 6, 6, 3), np.uint8)
    path = pickled(tmp_path / "own.pkl", {"data": images, "labels": list(range(4)) * 2})
    monkeypatch.setattr("leo_studio.services.recognition.are_pictures", lambda _: False)
    assert seen(library, path).what.startswith("A pickle of pictures: 4 classes")
    neither = pickled(tmp_path / "words.pkl", {"words": "of nothing"})
    with pytest.raises(BadInput) as error:
        seen(library, neither)
    assert "features" in str(error.value)


def test_the_splits_that_a_person_wants_are_counted(library: Library, tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", CLASSES)
    (tmp_path / "s.json").write_text(json.dumps({"train": ["a", "b", "c"], "test": ["d"]}))
    (store,) = seen(library, folder, Wanted(splits=SplitChoice(tmp_path / "s.json"))).stores
    assert {split.name: split.classes for split in store.splits} == {"train": 3, "test": 1}


def test_a_folder_of_pictures_can_be_opened(library: Library, tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", CLASSES)
    assert find_openable(library, str(folder)).kind == "archive"
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="nor features nor pictures"):
        find_openable(library, str(tmp_path / "none"))


def test_what_reads_pictures_is_loaded_by_the_first_look_alone() -> None:
    code = (
        "import sys, leo_studio.services.controller, leo_studio.ui.window.main_window\n"
        "print(sorted(each for each in sys.modules if each.startswith(('PIL', 'engine.images'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["README.md", "train.py", "LICENSE"])
def test_a_text_that_is_no_data_is_told_what_can_be_imported(
    library: Library, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("# About these pictures\n\nThey are of fruit.\n")
    with pytest.raises(BadInput, match=f"{name} is .*cannot be imported") as caught:
        seen(library, tmp_path / name)
    said = str(caught.value)
    assert "numpy" not in said
    for kind in ("a folder or a .zip", ".npz", "a store (.h5)", "a preset", "a bundle (.leo)"):
        assert kind in said


def test_a_text_of_numbers_is_told_how_it_becomes_an_archive(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "rows.txt").write_text("0.1 0.2\n0.3 0.4\n")
    with pytest.raises(BadInput, match=r"numpy\.savez\('rows\.npz', embeddings=numpy\.loadtxt"):
        seen(library, tmp_path / "rows.txt")
