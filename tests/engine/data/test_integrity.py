"""A report counts what a store holds and finds what is wrong with it."""

import dataclasses
import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.integrity import SplitReport, StoreReport, inspect_store, repeated_rows
from engine.data.store import CHUNK_ROWS, EmbeddingStore
from engine.data.store_writing import create_store


def store_of(
    path: Path, splits: dict[str, NDArray[np.float64]], sizes: list[int], shared: bool = False
) -> Path:
    """Write a store whose splits all have classes of the same sizes."""
    with create_store(path, "some", "a test", next(iter(splits.values())).shape[1]) as writer:
        for split, embeddings in splits.items():
            labels = np.arange(len(sizes)).repeat(sizes)
            class_names = [f"{'' if shared else split}{index}" for index in range(len(sizes))]
            names = [f"{split}-{row}" for row in range(len(embeddings))]
            writer.add_split(split, embeddings, labels, class_names, names)
    return path


def report_of(path: Path) -> StoreReport:
    return inspect_store(EmbeddingStore(path))


def only_split(path: Path) -> SplitReport:
    (split,) = report_of(path).splits
    return split


def overwrite(path: Path, split: str, row: int | slice, values: object) -> None:
    """Change a row of a store that is written already, as a bad disk or another program may."""
    with h5py.File(path, "r+") as file:
        file[split]["embeddings"][row] = values


def unit_rows(count: int, seed: int = 0) -> NDArray[np.float64]:
    rows = np.random.default_rng(seed).standard_normal((count, 4))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def test_a_sound_store_has_no_problems(tmp_path: Path) -> None:
    splits = {split: unit_rows(9, seed) for seed, split in enumerate(("train", "val", "test"))}
    report = report_of(store_of(tmp_path / "a.h5", splits, [2, 3, 4]))
    assert report.problems == ()
    assert report.shared_classes == ()
    assert [split.name for split in report.splits] == ["train", "val", "test"]
    assert (report.name, report.source, report.embedding_dim) == ("some", "a test", 4)


def test_classes_and_examples_are_counted(tmp_path: Path) -> None:
    split = only_split(store_of(tmp_path / "a.h5", {"train": unit_rows(11)}, [2, 3, 2, 4]))
    assert (split.classes, split.examples, split.has_images) == (4, 11, False)
    assert (split.smallest_class, split.median_class, split.largest_class) == (2, 2.5, 4)


def test_norms_are_of_the_stored_numbers(tmp_path: Path) -> None:
    rows = np.array([[3, 4], [0, 1], [0, 3e38], [3e38, 0]])
    split = only_split(store_of(tmp_path / "a.h5", {"train": rows}, [4]))
    stored = rows.astype(np.float32).astype(np.float64)
    expected = np.linalg.norm(stored, axis=1)
    assert split.norm_min == 1
    assert split.norm_mean == pytest.approx(expected.mean())
    assert split.norm_max == pytest.approx(expected.max())


def test_a_copy_of_a_row_is_found_in_another_chunk(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).standard_normal((CHUNK_ROWS + 10, 2))
    rows[[CHUNK_ROWS + 1, CHUNK_ROWS + 5]] = rows[3]
    path = store_of(tmp_path / "a.h5", {"train": rows}, [len(rows)])
    split = only_split(path)
    assert split.duplicate_rows == 2
    assert split.duplicate_names == (f"train-{CHUNK_ROWS + 1}", f"train-{CHUNK_ROWS + 5}")
    (problem,) = report_of(path).problems
    assert "train has 2 rows that are an exact copy of an earlier one" in problem


def test_equal_rows_of_different_splits_are_no_copies(tmp_path: Path) -> None:
    path = store_of(tmp_path / "a.h5", {"train": unit_rows(3), "test": unit_rows(3)}, [3])
    assert [split.duplicate_rows for split in report_of(path).splits] == [0, 0]


def test_rows_of_zeros_are_counted(tmp_path: Path) -> None:
    rows = unit_rows(4)
    rows[2] = 0
    path = store_of(tmp_path / "a.h5", {"train": rows}, [4])
    assert only_split(path).zero_rows == 1
    assert 'train has 1 row that is nothing but zeros ("' in report_of(path).problems[0]


def test_rows_that_are_not_finite_are_counted_and_kept_out_of_the_norms(tmp_path: Path) -> None:
    path = store_of(tmp_path / "a.h5", {"train": unit_rows(4)}, [4])
    overwrite(path, "train", 1, [np.nan, 0, 0, 0])
    overwrite(path, "train", 2, [np.inf, 0, 0, 0])
    split = only_split(path)
    assert split.not_finite_rows == 2
    assert split.norm_max == pytest.approx(1)
    assert 'train has 2 rows that are not finite ("' in report_of(path).problems[0]


def test_a_split_without_finite_rows_has_no_norms(tmp_path: Path) -> None:
    path = store_of(tmp_path / "a.h5", {"train": unit_rows(2)}, [2])
    overwrite(path, "train", slice(0, 2), np.nan)
    split = only_split(path)
    assert (split.norm_min, split.norm_mean, split.norm_max) == (None, None, None)


def test_a_class_in_two_splits_is_a_problem(tmp_path: Path) -> None:
    splits = {"train": unit_rows(2, 0), "test": unit_rows(2, 1)}
    report = report_of(store_of(tmp_path / "a.h5", splits, [2], shared=True))
    assert report.shared_classes == ("0",)
    assert report.problems == (
        'Class "0" is in train and test; few-shot splits must not share classes.',
    )


def test_a_class_of_one_image_is_a_problem(tmp_path: Path) -> None:
    report = report_of(store_of(tmp_path / "a.h5", {"train": unit_rows(3)}, [1, 2]))
    assert 'train: class "' in report.problems[0] and "has one image" in report.problems[0]


def test_a_report_can_be_written_as_json(tmp_path: Path) -> None:
    report = report_of(store_of(tmp_path / "a.h5", {"train": unit_rows(3)}, [3]))
    values = dataclasses.asdict(report) | {"path": str(report.path)}
    assert json.loads(json.dumps(values, allow_nan=False))["splits"][0]["examples"] == 3


@given(rows=st.lists(st.sampled_from([0.0, 1.0, 2.0, np.nan]), min_size=1, max_size=30))
def test_a_copy_is_what_stands_earlier_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[float]
) -> None:
    path = store_of(
        tmp_path_factory.mktemp("stores") / "a.h5", {"train": np.zeros((len(rows), 1))}, [len(rows)]
    )
    overwrite(path, "train", slice(None), np.array(rows)[:, None])
    split = only_split(path)
    copies = [place for place, row in enumerate(rows) if str(row) in map(str, rows[:place])]
    assert split.duplicate_rows == len(copies)
    assert split.duplicate_names == tuple(f"train-{place}" for place in copies[:3])


def test_hashes_that_share_their_first_half_are_told_apart() -> None:
    digests = np.zeros((5, 16), np.uint8)
    digests[:, 15] = [1, 2, 1, 3, 2]
    digests[3, 0] = 9
    assert repeated_rows(digests).tolist() == [2, 4]
