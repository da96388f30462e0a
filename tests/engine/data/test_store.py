from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from engine.data.features import RAW
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.errors import BadInput


def write(path: Path, embeddings: Any = None, **changes: Any) -> EmbeddingStore:
    generator = np.random.default_rng(0)
    parts: dict[str, Any] = {
        "embeddings": generator.normal(size=(6, 3)) if embeddings is None else embeddings,
        "labels": np.array([1, 0, 1, 0, 2, 1]),
        "class_names": ["a", "b", "c"],
        "image_names": [f"image-{row}" for row in range(6)],
    }
    with create_store(path, "mine", "a test", 3) as writer:
        writer.add_split("train", **(parts | changes))
        writer.add_split("val", **parts)
    return EmbeddingStore(path)


def test_examples_are_sorted_by_class_in_their_order(tmp_path: Path) -> None:
    embeddings = np.arange(18, dtype=np.float64).reshape(6, 3)
    images = np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2, 1)
    store = write(tmp_path / "s.h5", embeddings, images=images)
    order = [1, 3, 0, 2, 5, 4]
    split = store.load(["train"], RAW)
    np.testing.assert_array_equal(split.in_memory.numpy(), embeddings[order])
    assert split.class_offsets.tolist() == [0, 2, 5, 6]
    assert split.class_names == ("a", "b", "c")
    assert store.image_names("train") == [f"image-{row}" for row in order]
    found = store.images("train", [5, 0, 5])
    assert found is not None
    np.testing.assert_array_equal(found, images[[4, 1, 4]])
    assert store.images("val", [0]) is None


def test_texts_lie_outside_of_the_heap(tmp_path: Path) -> None:
    """See `engine.io.hdf5`."""
    with h5py.File(write(tmp_path / "s.h5").path) as file:
        for name in ("class_names", "image_names"):
            assert h5py.check_string_dtype(file["val"][name].dtype).length is not None
        assert {file.attrs.get_id(name).dtype.kind for name in ("name", "source")} == {"S"}


def test_joined_splits_follow_one_another(tmp_path: Path) -> None:
    store = write(tmp_path / "s.h5")
    both = store.load(["train", "val"])
    assert both.name == "train+val"
    assert both.class_offsets.tolist() == [0, 2, 5, 6, 8, 11, 12]
    torch.testing.assert_close(both.embeddings[6:], store.load(["val"]).embeddings)


def test_a_file_that_is_damaged_inside_is_one_sentence(tmp_path: Path) -> None:
    store = write(tmp_path / "s.h5", images=np.ones((6, 2, 2, 1), np.uint8))
    with h5py.File(store.path) as file:
        place = file["train/images"].id.get_chunk_info(0).byte_offset
    with store.path.open("r+b") as raw:
        raw.seek(place)
        raw.write(b"damaged")
    with pytest.raises(BadInput, match="cannot be read any more"):
        store.images("train", [0])


def test_embeddings_are_normalised_and_zeros_stay_zero(tmp_path: Path) -> None:
    embeddings = np.array([[3, 4, 0], [0, 0, 0], [1, 1, 1], [2, 0, 0], [0, 5, 0], [1, 2, 2]], "f4")
    store = write(tmp_path / "s.h5", embeddings)
    norms = store.load(["train"]).in_memory.norm(dim=1)
    torch.testing.assert_close(norms, torch.tensor([0.0, 1, 1, 1, 1, 1]))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"labels": np.array([1, 0, 1, 0, 1, 1])}, r'class "c" has no example'),
        ({"class_names": ["a", "a", "c"]}, r'name "a" stands for several classes'),
        ({"image_names": ["one"]}, "6 embeddings and 1 names"),
        ({"labels": np.array([1, 0, 2, 5, 1, 4])}, r"labels up to 5 \(first: row 3, 5\) for its 3"),
        ({"image_names": ["a", "b\0", *"cde", "\0"]}, r"name 'b.x00', and 1 more, which cannot"),
        ({"embeddings": np.zeros((6, 4))}, r"shape \(6, 4\); expected \(n, 3\)"),
    ],
)
def test_parts_that_do_not_fit_are_refused_and_leave_no_file(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        write(tmp_path / "s.h5", **changes)
    assert list(tmp_path.iterdir()) == []


def test_a_row_that_is_not_finite_is_named(tmp_path: Path) -> None:
    embeddings = np.ones((6, 3))
    embeddings[4, 1] = np.nan
    with pytest.raises(BadInput, match='row 4 \\("image-4"\\)'):
        write(tmp_path / "s.h5", embeddings)
    store = write(tmp_path / "s.h5")
    with h5py.File(store.path, "r+") as file:
        file["val/embeddings"][2, 0] = np.inf
    with pytest.raises(BadInput, match=r'val/embeddings has 1 rows .* row 2, "image-0"'):
        store.load(["val"])


def drop(name: str) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]

    return change


def replace(name: str, value: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = value

    return change


def attribute(name: str, value: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file.attrs[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (drop("val/embeddings"), "val/embeddings is missing"),
        (drop("val/class_names"), "val/class_names is missing"),
        (replace("val/embeddings", np.zeros((6, 3))), "val/embeddings is float64, not float32"),
        (replace("val/embeddings", np.zeros((6, 2), "f4")), r"has shape \(6, 2\)"),
        (replace("val/class_offsets", np.array([0, 2, 2, 6])), "must rise from 0 to 6"),
        (replace("val/class_offsets", np.array([0, 6])), "must have 4 entries"),
        (replace("val/class_names", ["a", "b", "a"]), 'name "a" means several; import it again'),
        (replace("val/image_names", ["x"]), "val/image_names must have 6 entries"),
        (attribute("schema", 9), "schema 9"),
    ],
)
def test_opening_names_the_dataset_and_the_rule(
    tmp_path: Path, change: Callable[[h5py.File], None], sentence: str
) -> None:
    store = write(tmp_path / "s.h5")
    with h5py.File(store.path, "r+") as file:
        change(file)
    with pytest.raises(BadInput, match=sentence):
        EmbeddingStore(store.path)


def test_files_that_are_no_store_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no store"):
        EmbeddingStore(tmp_path / "nowhere.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(BadInput, match="not a readable HDF5 file"):
        EmbeddingStore(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(BadInput, match="lacks the attribute"):
        EmbeddingStore(tmp_path / "other.h5")
    store = write(tmp_path / "s.h5")
    with pytest.raises(BadInput, match='has no split "test"; it has train, val'):
        store.load(["test"])
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="not a readable HDF5 file"):
        EmbeddingStore(store.path)


def test_long_embeddings_are_worked_on_fewer_at_a_time(tmp_path: Path) -> None:
    size = 2**22  # 16 MB each
    path = tmp_path / "long.h5"
    with create_store(path, "long", "a test", size) as writer:
        drawn = np.broadcast_to(np.arange(6, dtype=np.float32)[:, None], (6, size))
        writer.add_split("train", drawn, np.zeros(6, int), ["a"], list("abcdef"))
    chunks = list(EmbeddingStore(path).chunks("train"))
    assert [len(chunk) for chunk in chunks] == [4, 2]
    np.testing.assert_array_equal(np.concatenate(chunks)[:, 0], np.arange(6))
