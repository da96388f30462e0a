"""Pickles of features as S2M2, PT-MAP and SimpleShot's followers write them."""

import os
import pickle
import subprocess
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.importers.features.contents import features_of
from engine.errors import BadInput
from tests.engine.data.importers.features.imported import Imported, assert_same, classes, vectors

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def saved(path: Path, content: object, protocol: int | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def as_s2m2(labels: Any) -> defaultdict[int, list[Any]]:
    """Gather one array for each image under its label, as S2M2's save_features does."""
    gathered: defaultdict[int, list[Any]] = defaultdict(list)
    for label, rows in classes(labels).items():
        for row in rows:
            gathered[label].append(row)
    return gathered


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_file_of_s2m2_comes_back_equal(protocol: int, tmp_path: Path) -> None:
    content = as_s2m2(range(5))
    store = Imported(saved(tmp_path / "novel.plk", content, protocol))
    assert_same(store.all, content)
    assert store.store.embedding_dim == 4


def as_lists(content: dict[Any, Any]) -> dict[Any, Any]:
    return {label: rows.tolist() for label, rows in content.items()}


FORMS: dict[str, Any] = {
    "one array for each class": lambda content: content,
    "lists of floats": as_lists,
    "tuples of vectors": lambda content: {label: tuple(rows) for label, rows in content.items()},
    "vectors of shape (1, D)": lambda content: {
        label: [row[None] for row in rows] for label, rows in content.items()
    },
    "doubles": lambda content: {label: rows.astype(float) for label, rows in content.items()},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", [range(4), "abcd", [np.int64(label) for label in range(3)]])
def test_a_dict_of_classes_comes_back_equal(form: str, labels: Any, tmp_path: Path) -> None:
    content = classes(labels)
    assert_same(Imported(saved(tmp_path / "a.pkl", FORMS[form](content))).all, content)


@pytest.mark.parametrize(
    ("embeddings", "labels"), [("features", "labels"), ("Data", "targets"), ("x", "y")]
)
def test_fields_of_features_and_labels_come_back_equal(
    embeddings: str, labels: str, tmp_path: Path
) -> None:
    content = {embeddings: vectors(9), labels: [2, 0, 1] * 3, "names": list("abcdefghi"), "lr": 1}
    store = Imported(saved(tmp_path / "a.pkl", content))
    assert_same(store.all, {label: vectors(9)[(label - 2) % 3 :: 3] for label in range(3)})
    named = {name for split in store.store.splits for name in store.store.image_names(split)}
    assert named == set("abcdefghi")
    assert "also holds lr, left out" in store.notes


def test_names_of_classes_stand_for_their_numbers(tmp_path: Path) -> None:
    content = {
        "features": vectors(6),
        "labels": np.arange(6) // 2,
        "class_names": ["pear", "plum", "fig"],
        "split": ["base"] * 2 + ["val"] * 2 + ["novel"] * 2,
    }
    store = Imported(saved(tmp_path / "a.pkl", content))
    assert store.classes == {"train": {"pear"}, "val": {"plum"}, "test": {"fig"}}


def test_fields_that_are_called_as_names_are_but_hold_none_are_left_out(tmp_path: Path) -> None:
    content = {
        "features": vectors(3),
        "labels": [0, 1, 2],
        "images": np.zeros((3, 2, 2), np.uint8),
        "classes": 3,
        "split": None,
    }
    store = Imported(saved(tmp_path / "a.pkl", content))
    assert_same(store.all, {label: vectors(3)[label : label + 1] for label in range(3)})
    assert "also holds images, classes and split, left out" in store.notes


@pytest.mark.parametrize("pair", [list, tuple])
def test_a_pair_of_features_and_labels_comes_back_equal(pair: type, tmp_path: Path) -> None:
    content = pair([vectors(6), np.arange(6) // 2])
    store = Imported(saved(tmp_path / "a.pkl", content))
    assert_same(store.all, {label: vectors(6)[2 * label : 2 * label + 2] for label in range(3)})


def test_classes_may_be_called_as_fields_are(tmp_path: Path) -> None:
    content = classes("xyz")
    assert_same(Imported(saved(tmp_path / "a.pkl", content)).all, content)
    assert_same(Imported(saved(tmp_path / "b.pkl", as_lists(content))).all, content)


@given(st.dictionaries(st.integers(0, 99), st.integers(1, 5), min_size=3), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_whatever_the_shapes_each_class_keeps_its_vectors(sizes: dict[int, int], dim: int) -> None:
    content = {label: list(vectors(count, dim, label)) for label, count in sizes.items()}
    features = features_of(content, "a.plk", 10**6)
    assert features.embeddings.shape == (sum(sizes.values()), dim)
    for index, name in enumerate(features.class_names):
        rows = features.embeddings[features.labels == index]
        np.testing.assert_array_equal(rows, np.stack(content[int(name)]))


class Harmful:
    def __reduce__(self) -> Any:
        return os.system, ("touch harm",)


HOSTILE: dict[str, Any] = {
    "asks for posix.system": {0: [Harmful()]},
    "asks for subprocess.Popen": {0: subprocess.Popen},
    "asks for collections.OrderedDict": OrderedDict(a=[vectors(1)[0]]),
}


@pytest.mark.parametrize("sentence", HOSTILE)
def test_a_pickle_that_would_do_something_is_refused(
    sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=f"a\\.plk {sentence}"):
        Imported(saved(tmp_path / "a.plk", HOSTILE[sentence]))
    assert not (tmp_path / "harm").exists() and not (tmp_path / "out").exists()


def test_defaults_other_than_lists_are_refused(tmp_path: Path) -> None:
    for factory in (dict, int, os.getcwd):
        with pytest.raises(BadInput, match=r"a\.plk (asks for|puts a call together)"):
            Imported(saved(tmp_path / "a.plk", defaultdict(factory)))


def test_vectors_that_are_repeated_beyond_the_size_of_the_file_are_refused(tmp_path: Path) -> None:
    row = vectors(1, 1000)[0]
    path = saved(tmp_path / "a.plk", {label: [row] * 1000 for label in range(3)})
    assert path.stat().st_size < 20_000
    with pytest.raises(BadInput, match="repeats the same vectors again and again"):
        Imported(path)
    nested: Any = [1.0]
    for _ in range(60):
        nested = [nested] * 60
    with pytest.raises(BadInput, match="is a list of something else than numbers"):
        Imported(saved(tmp_path / "b.plk", {0: [nested]}))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (7, r"a\.plk holds a int; it must be a dict from each label"),
        ({}, r"a\.plk holds an empty dict"),
        ({"epoch": 3}, r'a\.plk: "epoch" is a int'),
        ({"features": vectors(3)}, r'a\.plk has "features" and no labels'),
        ({"embeddings": vectors(1), "labels": [0], "keys": ["0-a-a_1"]}, "import deepmind FOLDER"),
        ({0: []}, r'class "0" is empty'),
        ({0: vectors(2), 1: vectors(2, 5)}, r'class "1" has vectors of 5 numbers, .* have 4'),
        ({0: ["pear"]}, r'class "0", row 0 is a str; it must be a vector'),
        ({0: [["a", "b"]]}, r"row 0 is a list of something else than numbers"),
        ({0: [[10**400, 1]]}, r"is of type object|holds a number that is too large"),
        ({0: np.array([["a"]])}, r'class "0" is of type <U1; it must be numbers'),
        ({0: vectors(2).reshape(2, 2, 2)}, r'class "0" has shape \(2, 2, 2\)'),
        ({0: vectors(2), "a": vectors(2)}, r"labels must be all"),
        ({1.5: vectors(2)}, r"labels, row 0, is a float"),
        ({"x": vectors(3), "y": [1, 2]}, r"a\.plk: y has 2 entries for 3 embeddings"),
        ({"x": vectors(3), "y": 1}, r"a\.plk: y is a int; it must be one for each"),
        ({"x": vectors(3), "y": [0, 1, 2], "split": ["a"] * 3}, r"must be train, val or test"),
        (classes("ab"), r"2 classes, too few to divide"),
        ({**classes("abc"), "d": vectors(1) * np.inf}, r'd/12"\); remove or re-extract them'),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    content: object, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=sentence):
        Imported(saved(tmp_path / "a.plk", content))
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_cut_is_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path / "a.plk", as_s2m2(range(3))).read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / "a.plk").write_bytes(whole[:length])
        with pytest.raises(BadInput, match=r"^a\.plk "):
            Imported(tmp_path / "a.plk")
