"""Which files of a folder, or of a command line, hold features, and which split each is."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.importers.features.sources import (
    is_feature_folder,
    sources_in,
    sources_of,
    split_of_name,
    store_name_of,
)
from engine.errors import BadInput
from tests.engine.data.importers.features.imported import Imported, assert_same, classes, vectors
from tests.engine.data.importers.features.test_pickled import as_s2m2, saved


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("base_features", "train"),
        ("novel_features", "test"),
        ("val", "val"),
        ("mini-train", "train"),
        ("features.VALIDATION", "val"),
        ("vit_base_novel", "test"),
        ("train_features_vit_base", "train"),
        ("train_test", ""),
        ("trained", ""),
        ("features", ""),
    ],
)
def test_names_of_files_say_splits(name: str, split: str) -> None:
    assert split_of_name(name) == split


def test_files_that_are_named_as_splits_come_first(tmp_path: Path) -> None:
    touched(tmp_path, "base_features.plk", "novel_features.plk", "best_model.pt", "labels.npy")
    found = [(source.where, source.split) for source in sources_in(tmp_path)]
    assert found == [("base_features.plk", "train"), ("novel_features.plk", "test")]
    touched(tmp_path, "train.pkl")
    with pytest.raises(BadInput, match=r"for the split train: base_features\.plk and train\.pkl"):
        sources_in(tmp_path)


def test_the_files_of_s2m2_are_the_splits_of_one_store(tmp_path: Path) -> None:
    files = {"base": range(5), "val": range(5, 8), "novel": range(8, 12)}
    for name, labels in files.items():
        saved(tmp_path / "last" / f"{name}_features.plk", as_s2m2(labels))
    store = Imported(tmp_path / "last")
    assert store.classes == {
        "train": set("01234"),
        "val": {"5", "6", "7"},
        "test": {"8", "9", "10", "11"},
    }
    for labels, split in zip(files.values(), ("train", "val", "test"), strict=True):
        assert_same(store.of(split), as_s2m2(labels))
    assert (
        "base_features.plk is train, val_features.plk is val and novel_features.plk is test"
        in store.notes
    )
    assert Imported(*sorted((tmp_path / "last").glob("*.plk"))).classes == store.classes


def test_numbers_that_begin_anew_in_each_file_are_different_classes(tmp_path: Path) -> None:
    for name in ("base", "val", "novel"):
        saved(tmp_path / "a" / f"{name}.plk", as_s2m2(range(3)))
    store = Imported(tmp_path / "a")
    assert store.classes == {
        split: {f"{split}/{label}" for label in range(3)} for split in ("train", "val", "test")
    }
    assert_same(
        store.of("val"), {f"val/{label}": rows for label, rows in as_s2m2(range(3)).items()}
    )
    assert (
        "(3 of them), which were read as different classes, named train/0, train/1" in store.notes
    )


def test_a_name_in_two_splits_is_refused(tmp_path: Path) -> None:
    saved(tmp_path / "a" / "base.plk", classes("abc"))
    saved(tmp_path / "a" / "novel.plk", classes("cd"))
    with pytest.raises(BadInput, match=r'novel\.plk: class "c" is in both train and test'):
        Imported(tmp_path / "a")


def test_files_of_several_sizes_and_files_without_a_split_among_others_are_refused(
    tmp_path: Path,
) -> None:
    base = saved(tmp_path / "base.plk", classes("abc"))
    wide = saved(tmp_path / "novel.plk", classes("de", dim=5))
    with pytest.raises(BadInput, match=r"novel\.plk has embeddings of 5 numbers, and base\.plk"):
        Imported(base, wide)
    with pytest.raises(BadInput, match=r"The name of more\.plk says no split"):
        Imported(base, saved(tmp_path / "more.plk", classes("de")))
    with pytest.raises(BadInput, match=r"Two files are called base\.plk"):
        Imported(base, saved(tmp_path / "b" / "base.plk", classes("de")))


def test_files_whose_names_say_nothing_are_put_together(tmp_path: Path) -> None:
    first = saved(tmp_path / "a" / "one.plk", {"x1": vectors(2), "x2": vectors(3, seed=1)})
    second = saved(tmp_path / "a" / "two.plk", {"x2": vectors(1, seed=2), "x3": vectors(2, seed=3)})
    store = Imported(first, second)
    assert_same(
        store.all,
        {
            "x1": vectors(2),
            "x2": np.concatenate([vectors(3, seed=1), vectors(1, seed=2)]),
            "x3": vectors(2, seed=3),
        },
    )
    assert "one.plk and two.plk does not say which classes are for training" in store.notes


def test_a_folder_of_arrays_has_one_class_in_each(tmp_path: Path) -> None:
    content = classes(("pear", "plum", "fig"))
    (tmp_path / "fruits").mkdir()
    for name, rows in content.items():
        np.save(tmp_path / "fruits" / f"{name}.npy", rows)
    assert_same(Imported(tmp_path / "fruits").all, content)
    paths = sorted((tmp_path / "fruits").iterdir())
    assert_same(Imported(*paths).all, content)


@pytest.mark.parametrize("names", [("train", "val", "test"), ("base", "val", "novel")])
def test_folders_of_arrays_in_folders_that_are_splits(
    names: tuple[str, str, str], tmp_path: Path
) -> None:
    content = classes(("pear", "plum", "fig"))
    for folder, (name, rows) in zip(names, content.items(), strict=True):
        (tmp_path / "fruits" / folder).mkdir(parents=True)
        np.save(tmp_path / "fruits" / folder / f"{name}.npy", rows)
    store = Imported(tmp_path / "fruits")
    assert store.classes == {"train": {"pear"}, "val": {"plum"}, "test": {"fig"}}
    assert_same(store.all, content)


def test_arrays_that_are_none_of_classes_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "features.npy", vectors(6))
    np.save(tmp_path / "labels.npy", np.arange(6))
    with pytest.raises(BadInput, match=r"/labels\.npy has shape \(6,\); .*imported from one \.npz"):
        Imported(tmp_path)
    np.save(tmp_path / "labels.npy", vectors(6, 5))
    with pytest.raises(BadInput, match=r"labels\.npy has vectors of 5 numbers, and features\.npy"):
        Imported(tmp_path)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), "holds no features: features are a pickle"),
        (("a.txt", "notes.csv", ".hidden.npy"), "holds no features"),
        (("a.plk", "b.pt"), r"has 2 files, a\.plk and b\.pt, whose names do not say"),
    ],
)
def test_folders_without_features_are_told(
    names: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    folder = touched(tmp_path / "a", *names)
    folder.mkdir(exist_ok=True)
    with pytest.raises(BadInput, match=sentence):
        sources_in(folder)
    assert not is_feature_folder(folder)


def test_files_that_are_not_there_or_of_another_kind_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file at"):
        sources_of([tmp_path / "none.plk"])
    np.save(tmp_path / "a.npy", vectors(3))
    with pytest.raises(
        BadInput, match=r"a\.npy is one array, of one class alone; import the folder"
    ):
        sources_of([tmp_path / "a.npy"])
    with pytest.raises(BadInput, match=r"a\.txt is of no kind that is known here"):
        sources_of([touched(tmp_path, "a.txt") / "a.txt"])


def test_a_store_is_called_after_its_file_or_the_folder_of_all(tmp_path: Path) -> None:
    folder = touched(tmp_path / "last", "base.plk", "novel.plk")
    assert store_name_of([folder]) == "last"
    assert store_name_of([folder / "base.plk"]) == "base"
    assert store_name_of([folder / "base.plk", folder / "novel.plk"]) == "last"
