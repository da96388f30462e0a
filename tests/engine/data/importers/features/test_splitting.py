"""The splits of features by a file of splits or by chance, and what a look says beforehand."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.data.class_splits import SplitChoice, draw_class_splits
from engine.data.importers.features import importing
from engine.data.importers.features.importing import look_at_features
from engine.data.placement import StoreTaken
from engine.errors import BadInput
from tests.engine.data.importers.features.imported import Imported, assert_same, classes
from tests.engine.data.importers.features.test_pickled import as_s2m2, saved


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return saved(tmp_path / "fruits.plk", as_s2m2(range(20)))


def test_classes_of_one_file_are_drawn_by_proportions_and_seed(source: Path) -> None:
    store = Imported(source)
    assert {split: len(names) for split, names in store.classes.items()} == {
        "train": 10,
        "val": 5,
        "test": 5,
    }
    assert "64/16/20 with seed 0: 10 for train, 5 for val, 5 for test." in store.notes
    first = store.classes
    wanted = draw_class_splits([str(label) for label in range(20)], (50, 25, 25), 7)
    other = Imported(source, splits=SplitChoice(None, (50, 25, 25), 7), keep_old=set_aside)
    for split, names in other.classes.items():
        assert names == {name for name, its_split in wanted.items() if its_split == split}
    assert other.classes != first
    assert_same(other.all, as_s2m2(range(20)))


def set_aside(path: Path) -> Path:
    return path.rename(path.with_suffix(".old"))


def test_a_file_of_splits_divides_and_what_it_does_not_name_is_left_out(
    source: Path, tmp_path: Path
) -> None:
    file = tmp_path / "splits.json"
    file.write_text(json.dumps({"train": ["3", "5"], "val": ["7"], "test": ["11", "13"]}))
    store = Imported(source, splits=SplitChoice(file))
    assert store.classes == {"train": {"3", "5"}, "val": {"7"}, "test": {"11", "13"}}
    whole = as_s2m2(range(20))
    assert_same(store.all, {label: whole[label] for label in (3, 5, 7, 11, 13)})
    assert "splits.json names no split for 15 of 20 classes, which were left out" in store.notes


def test_a_file_of_splits_goes_before_the_names_of_files(tmp_path: Path) -> None:
    paths = [
        saved(tmp_path / "base.plk", classes("abc")),
        saved(tmp_path / "more.plk", classes("de")),
    ]
    (tmp_path / "splits.csv").write_text("class,split\na,test\nb,val\nc,train\nd,train\ne,train\n")
    store = Imported(*paths, splits=SplitChoice(tmp_path / "splits.csv"))
    assert store.classes == {"train": {"c", "d", "e"}, "val": {"b"}, "test": {"a"}}


def test_splits_of_other_data_are_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text("class,split\nn01532829,train\n")
    with pytest.raises(BadInput, match=r'splits\.csv: class "n01532829" is not in the data'):
        Imported(source, splits=SplitChoice(tmp_path / "splits.csv"))


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_look_says_what_an_import_makes(is_folder: bool, source: Path, tmp_path: Path) -> None:
    path = source
    if is_folder:
        path = tmp_path / "last"
        saved(path / "base.plk", as_s2m2(range(4)))
        saved(path / "novel.plk", as_s2m2(range(3)))
    found, store = look_at_features([path]), Imported(path)
    assert found.name == ("last" if is_folder else "fruits") and found.embedding_dim == 4
    made = store.store.splits
    assert {each.name: (each.classes, each.examples) for each in found.splits} == {
        name: (each.classes, each.examples) for name, each in made.items()
    }
    assert set(found.notes) <= set(store.result.notes)


def test_a_look_at_large_files_counts_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "QUICK_SIZE", 10)
    assert look_at_features([source]).split_names == ()
    saved(tmp_path / "last" / "base.plk", as_s2m2(range(4)))
    saved(tmp_path / "last" / "novel.plk", as_s2m2(range(4)))
    found = look_at_features([tmp_path / "last"])
    assert (found.split_names, found.splits) == (("train", "test"), ())


def test_progress_reaches_the_end_and_may_end_the_import(source: Path) -> None:
    told: list[float] = []
    Imported(source, progress=lambda _, done: told.append(done))
    assert told == sorted(told) and told[-1] == 1 and Counter(told)[1] >= 1

    def stop(_: str, __: float) -> None:
        raise KeyboardInterrupt

    (source.parent / "out" / "features.h5").unlink()
    with pytest.raises(KeyboardInterrupt):
        Imported(source, progress=stop)
    assert list((source.parent / "out").iterdir()) == []


def test_another_store_is_not_replaced_unasked(source: Path, tmp_path: Path) -> None:
    before = Imported(source).result.path.read_bytes()
    assert Imported(source).result.is_unchanged
    content = as_s2m2(range(20))
    content[3][0] = content[3][0] + np.float32(1)
    saved(source, content)
    with pytest.raises(StoreTaken, match="--replace"):
        Imported(source)
    assert (tmp_path / "out" / "features.h5").read_bytes() == before
    assert Imported(source, keep_old=set_aside).result.old is not None
