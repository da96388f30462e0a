"""A NumPy archive becomes a store, or one sentence says which array is wrong."""

import io
import zipfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from engine.data.features import RAW
from engine.data.importers import checks as checks
from engine.data.importers.arrays import divide_classes, import_arrays
from engine.data.placement import have_same_contents
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io import memory

DIM = 3
# Three classes of two examples, one class for each split.
LABELS = np.array(["fox", "fox", "elk", "elk", "owl", "owl"])
SPLIT = np.array(["train", "train", "val", "val", "test", "test"])


def arrays(**replaced: Any) -> dict[str, Any]:
    """Return a good archive's arrays, some replaced; None leaves one out."""
    embeddings = np.arange(6 * DIM, dtype=np.float32).reshape(6, DIM)
    whole = {"embeddings": embeddings, "labels": LABELS, "split": SPLIT} | replaced
    return {name: array for name, array in whole.items() if array is not None}


def save(tmp_path: Path, **replaced: Any) -> Path:
    path = tmp_path / "a.npz"
    np.savez(path, **arrays(**replaced))
    return path


def imported(tmp_path: Path, **replaced: Any) -> EmbeddingStore:
    (tmp_path / "a.h5").unlink(missing_ok=True)
    return EmbeddingStore(import_arrays(save(tmp_path, **replaced), tmp_path / "a.h5").path)


def refusal(source: Path) -> str:
    """Return the sentence with which an archive is refused; nothing is left behind."""
    before = sorted(source.parent.iterdir())
    with pytest.raises(BadInput) as caught:
        import_arrays(source, source.parent / "a.h5")
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    assert sorted(source.parent.iterdir()) == before
    return sentence


# What becomes of a good archive


@pytest.mark.parametrize("save_as", [np.savez, np.savez_compressed])
def test_what_is_larger_than_memory_becomes_the_same_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, save_as: Any
) -> None:
    names = np.array(["f1", "f2", "e1", "e2", "o1", "o2"])
    images = np.arange(6 * 4 * 5 * 3).reshape(6, 4, 5, 3).astype(np.uint8)
    save_as(tmp_path / "a.npz", **arrays(names=names, images=images))
    stores = []
    for free in (2**40, 4):
        monkeypatch.setattr(memory, "available_memory", lambda free=free: free)
        folder = tmp_path / str(free)
        stores.append(import_arrays(tmp_path / "a.npz", folder / "a.h5").path)
        assert [each.name for each in folder.iterdir()] == ["a.h5"]
    assert have_same_contents(*stores)
    assert stores[0].read_bytes() == stores[1].read_bytes()


def test_a_large_array_that_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 4)
    source = save(tmp_path)
    content = source.read_bytes()
    numbers = np.arange(6 * DIM, dtype=np.float32).tobytes()
    place = content.index(numbers)
    source.write_bytes(content[: place + 9] + b"?" + content[place + 10 :])
    assert "is damaged" in refusal(source)


def test_a_store_holds_what_the_archive_held(tmp_path: Path) -> None:
    names = np.array(["f1", "f2", "e1", "e2", "o1", "o2"])
    images = np.arange(6 * 4 * 5 * 3).reshape(6, 4, 5, 3).astype(np.uint8)
    store = imported(tmp_path, names=names, images=images)
    assert store.name == "a"
    for split, rows, class_name in zip(SPLITS, ([0, 1], [2, 3], [4, 5]), LABELS[::2], strict=True):
        loaded = store.load([split], RAW)
        np.testing.assert_array_equal(loaded.embeddings, arrays()["embeddings"][rows])
        assert loaded.class_names == (class_name,)
        assert store.image_names(split) == names[rows].tolist()
        np.testing.assert_array_equal(store.images(split, [0, 1]), images[rows])


def test_the_store_may_be_given_a_name(tmp_path: Path) -> None:
    done = import_arrays(save(tmp_path), tmp_path / "a.h5", "Animals")
    assert EmbeddingStore(done.path).name == "Animals"
    assert done.notes == ()


def test_examples_in_any_order_keep_their_class_and_name(tmp_path: Path) -> None:
    order = np.array([4, 0, 2, 5, 3, 1])
    shuffled = {name: array[order] for name, array in arrays().items()}
    store = imported(tmp_path, **shuffled, names=order.astype(str))
    for split, rows in zip(SPLITS, ([0, 1], [2, 3], [4, 5]), strict=True):
        loaded = store.load([split], RAW)
        assert sorted(store.image_names(split)) == [str(row) for row in rows]
        stored = [int(name) for name in store.image_names(split)]
        np.testing.assert_array_equal(loaded.embeddings, arrays()["embeddings"][stored])


@pytest.mark.parametrize("spelling", ["val", "valid", "validation"])
def test_validation_may_be_spelt_in_three_ways(spelling: str, tmp_path: Path) -> None:
    split = np.array(["train", "train", spelling, spelling, "test", "test"])
    assert imported(tmp_path, split=split).class_names("val") == ["elk"]


def test_integer_labels_are_named_by_class_names_or_themselves(tmp_path: Path) -> None:
    labels = np.array([3, 3, 0, 0, 1, 1])
    assert imported(tmp_path, labels=labels).class_names("train") == ["3"]
    names = np.array(["elk", "owl", "nobody", "fox"])
    assert imported(tmp_path, labels=labels, class_names=names).class_names("train") == ["fox"]


def test_images_without_names_are_named_by_class_and_row(tmp_path: Path) -> None:
    assert imported(tmp_path).image_names("val") == ["elk/2", "elk/3"]


def test_grey_images_get_a_channel(tmp_path: Path) -> None:
    images = imported(tmp_path, images=np.zeros((6, 4, 5), np.uint8)).images("test", [0])
    assert images is not None
    assert images.shape == (1, 4, 5, 1)


@pytest.mark.parametrize("dtype", [">f4", "f2", "f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_float_in_any_order_of_memory_will_do(dtype: str, order: Any, tmp_path: Path) -> None:
    embeddings = np.array(arrays()["embeddings"], dtype, order=order)
    loaded = imported(tmp_path, embeddings=embeddings).load(SPLITS, RAW)
    np.testing.assert_array_equal(loaded.embeddings, embeddings)


def test_a_compressed_archive_gives_the_same_store(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "packed.npz", **arrays())
    done = import_arrays(tmp_path / "packed.npz", tmp_path / "packed.h5")
    loaded = EmbeddingStore(done.path).load(SPLITS, RAW)
    np.testing.assert_array_equal(loaded.embeddings, arrays()["embeddings"])


def test_missing_splits_and_unknown_arrays_are_noted(tmp_path: Path) -> None:
    split = np.array(["train"] * 4 + ["test"] * 2)
    done = import_arrays(save(tmp_path, split=split, comment=np.array("x")), tmp_path / "a.h5")
    assert done.notes == ("a.npz also holds comment, left out.", "a has no val split.")


# Division into splits


def test_classes_without_a_split_are_divided_and_it_is_said_so(tmp_path: Path) -> None:
    labels = np.arange(100).repeat(2)
    source = save(tmp_path, labels=labels, embeddings=np.ones((200, DIM)), split=None)
    done = import_arrays(source, tmp_path / "a.h5")
    sizes = {name: split.classes for name, split in EmbeddingStore(done.path).splits.items()}
    assert sizes == {"train": 64, "val": 16, "test": 20}
    assert done.notes == (
        "a.npz has no array named split, so its classes were divided by a hash of their names: "
        "64 for train, 16 for val, 20 for test.",
    )


@given(st.lists(st.text(), min_size=3, max_size=40, unique=True), st.randoms())
def test_a_class_goes_to_the_same_split_in_any_order(names: list[str], random: Any) -> None:
    shuffled = random.sample(names, len(names))
    division = dict(zip(shuffled, divide_classes(shuffled, "x"), strict=True))
    assert [division[name] for name in names] == divide_classes(names, "x")
    assert set(division.values()) == set(SPLITS)


def test_the_division_never_changes() -> None:
    names = ["ant", "bat", "cat", "dog", "elk", "fox", "gnu", "hen"]
    assert " ".join(divide_classes(names, "x")) == "test train train train val test train train"


# Harmless content, which only looks unusual


@pytest.mark.parametrize("dtype", ["u1", "i2", "i8", "b1"])
def test_whole_numbers_and_truth_values_are_embeddings_and_a_note_says_so(
    dtype: str, tmp_path: Path
) -> None:
    embeddings = np.arange(6 * DIM).reshape(6, DIM).astype(dtype)
    done = import_arrays(save(tmp_path, embeddings=embeddings), tmp_path / "a.h5")
    found = np.concatenate([EmbeddingStore(done.path).embeddings(s, [0, 1]) for s in SPLITS])
    rows = np.concatenate([embeddings[np.array(SPLIT) == split] for split in SPLITS])
    np.testing.assert_array_equal(found, rows.astype(np.float32))
    assert any("read as floating-point numbers" in note for note in done.notes)


@pytest.mark.parametrize(
    "same",
    [
        np.array(LABELS, object),
        np.array(LABELS).reshape(-1, 1),
        np.array([str(label).encode() for label in LABELS], object),
    ],
)
def test_labels_and_names_may_be_objects_or_a_column(same: Any, tmp_path: Path) -> None:
    expected = imported(tmp_path)
    classes = {split: expected.class_names(split) for split in expected.splits}
    names = np.array([f"image {row}" for row in range(6)], object)
    split = np.array(SPLIT, object)
    store = imported(tmp_path, labels=same, names=names, split=split)
    assert {split: store.class_names(split) for split in store.splits} == classes
    assert sorted(n for split in store.splits for n in store.image_names(split)) == list(names)


def test_labels_of_whole_numbers_may_be_floats_or_objects(tmp_path: Path) -> None:
    numbers = [0, 0, 5, 5, 7, 7]
    for labels in (np.array(numbers, float), np.array(numbers, object)):
        store = imported(tmp_path, labels=labels)
        names = sorted(name for split in store.splits for name in store.class_names(split))
        assert names == ["0", "5", "7"]


@pytest.mark.parametrize("names", [None, np.array(["cat", "dog"])])
def test_labels_that_begin_anew_in_each_split_are_different_classes_when_asked(
    names: Any, tmp_path: Path
) -> None:
    labels, split = np.array([0, 1] * 3), np.array(["train"] * 2 + ["val"] * 2 + ["test"] * 2)
    source = save(tmp_path, labels=labels, split=split, class_names=names)
    sentence = refusal(source)
    first, second = ("0", "1") if names is None else names
    assert f'2 classes ("{first}" and "{second}") are in more than one split' in sentence
    assert f'first: row 2, "{first}", in val and in train' in sentence
    assert "--labels-per-split" in sentence

    done = import_arrays(source, tmp_path / "a.h5", labels_per_split=True)
    store = EmbeddingStore(done.path)
    for each in SPLITS:
        assert store.class_names(each) == [f"{each}/{first}", f"{each}/{second}"]
        rows = store.embeddings(each, [0, 1])
        expected = arrays()["embeddings"][split == each]
        np.testing.assert_array_equal(rows, expected)
    assert any("6 instead of 2" in note for note in done.notes)


def test_labels_per_split_need_splits(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has no array named split"):
        import_arrays(save(tmp_path, split=None), tmp_path / "a.h5", labels_per_split=True)


# What is refused

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no labels": ({"labels": None}, "lacks labels"),
    "objects": (
        {"labels": np.array([1, "a", 2, 3, 4, 5], object)},
        "labels, row 1, is a str; labels must be all whole numbers or all text",
    ),
    "records": ({"labels": np.zeros(6, [("a", "f4")])}, "labels is an array of records"),
    "dates": ({"labels": np.zeros(6, "M8[D]")}, "labels is an array of"),
    "integers that floats do not hold": (
        {"embeddings": np.array([[1, 2]] * 5 + [[1, -(2**24) - 1]])},
        "embeddings, row 5, holds -16777217",
    ),
    "complex embeddings": ({"embeddings": np.ones((6, 3), complex)}, "is an array of complex numb"),
    "text as embeddings": ({"embeddings": np.full((6, 3), "a")}, "is an array of text"),
    "flat embeddings": ({"embeddings": np.ones(6)}, "embeddings has shape (6,)"),
    "one number": ({"embeddings": np.array(1.0)}, "embeddings has shape ()"),
    "no embeddings": ({"embeddings": np.ones((0, 3))}, "embeddings has shape (0, 3)"),
    "fractional labels": ({"labels": np.full(6, 0.5)}, "labels, row 0, is 0.5"),
    "too few labels": ({"labels": LABELS[:5]}, "labels has 5 entries for 6"),
    "too many names": ({"names": np.array(["x"] * 7)}, "names has 7 entries for 6"),
    "numbers as names": ({"names": np.arange(6)}, "names is not a list of names"),
    "one name": ({"names": np.array("x")}, "names is not a list of names"),
    "one split": ({"split": np.array("train")}, "split is not a list of names"),
    "too few splits": ({"split": SPLIT[:5]}, "split has 5 entries for 6"),
    "an unknown split": ({"split": np.array([*SPLIT[:5], "dev"])}, 'split, row 5, is "dev"'),
    "a class in two splits": (
        {"split": np.array(["train", "test", "val", "val", "test", "test"])},
        'class "fox" is in more than one split (first: row 1, "fox", in test and in train already)',
    ),
    "labels beyond class_names": (
        {"labels": np.arange(6), "class_names": np.array(["a"] * 5)},
        "labels has 5 (first: row 5), and class_names has 5 entries",
    ),
    "a class named twice": (
        {"labels": np.array([0, 0, 1, 1, 2, 2]), "class_names": np.array(["a", "b", "a"])},
        'class_names: name "a" stands for several classes',
    ),
    "text labels and class_names": ({"class_names": np.array(["a"])}, "names its classes twice"),
    "too few images": ({"images": np.zeros((5, 4, 4), np.uint8)}, "images has 5 entries for 6"),
    "float images": ({"images": np.zeros((6, 4, 4))}, "images has shape (6, 4, 4) and type float"),
    "five channels": ({"images": np.zeros((6, 4, 4, 5), np.uint8)}, "images has shape"),
    "images without pixels": ({"images": np.zeros((6, 0, 4), np.uint8)}, "which holds no pixel"),
    "too few classes": ({"split": None, "labels": np.zeros(6, int)}, "has 1 classes, too few"),
    "a NUL in a name": ({"names": np.array(["a\0b"] * 6)}, "cannot be stored"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_an_array_is_named(mistake: str, tmp_path: Path) -> None:
    replaced, what = MISTAKES[mistake]
    sentence = refusal(save(tmp_path, **replaced))
    assert sentence.startswith("a.npz")
    assert what in sentence


@pytest.mark.parametrize("number", [np.nan, -np.inf, 1e300])
def test_a_number_that_is_not_finite_is_named_with_row_and_image(
    number: float, tmp_path: Path
) -> None:
    embeddings = np.ones((6, DIM))
    embeddings[3, 1] = number
    names = np.array(list("abcdef"))
    sentence = refusal(save(tmp_path, embeddings=embeddings, names=names))
    assert sentence == (
        'a.npz: embeddings has 1 rows that are not finite (first: row 3, "d"); '
        "remove or re-extract them."
    )


def test_rows_that_are_not_finite_are_counted_over_all_that_is_read_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "chunk_rows", lambda size: 2)
    embeddings = np.ones((6, DIM))
    embeddings[[3, 5], 1] = np.nan
    with pytest.raises(BadInput, match=r'has 2 rows .* \(first: row 3, "d"\)'):
        checks.require_finite(embeddings, list("abcdef"), "a.npz")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    assert "no file at" in refusal(tmp_path / "none.npz")
    with pytest.raises(BadInput, match="is a folder"):
        import_arrays(save(tmp_path), tmp_path)


def test_an_archive_that_is_cut_anywhere_is_refused(tmp_path: Path) -> None:
    source = save(tmp_path)
    whole = source.read_bytes()
    for length in range(0, len(whole), 7):
        source.write_bytes(whole[:length])
        if length == 0:
            assert "a.npz is empty" in refusal(source)
        else:
            assert "the beginning of a zip archive whose end is missing" in refusal(source)


def with_embeddings(path: Path, data: bytes) -> Path:
    """Save an archive whose embeddings are some bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays().items():
            stream = io.BytesIO()
            np.save(stream, array)
            archive.writestr(f"{name}.npy", data if name == "embeddings" else stream.getvalue())
    return path


def npy(header: str, payload: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + payload


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"\x80\x04N.",
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000, 3), }"),
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 3), }", bytes(71)),
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6, 3), }", bytes(73)),
        npy("{'descr': '<f3', 'fortran_order': False, 'shape': (6, 3), }", bytes(54)),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (6, 3), }", b"cos\nsystem\n."),
        npy("{'descr': __import__('os').system('touch marker')}"),
        npy("(" * 5000),
        b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
    ],
)
def test_an_array_that_numpy_never_wrote_is_refused(data: bytes, tmp_path: Path) -> None:
    assert "a.npz: embeddings" in refusal(with_embeddings(tmp_path / "a.npz", data))


def test_an_array_that_unpacks_to_absurdly_much_is_refused(tmp_path: Path) -> None:
    assert "would unpack" in refusal(with_embeddings(tmp_path / "a.npz", bytes(80_000_000)))
