import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.io.generators import finished
from engine.tasks.regression import (
    Limit,
    Prior,
    evaluation_tasks,
    keeping_limit,
    kept_limit,
    limit_of,
)

PRIOR = Prior(("sine", "line"))
ABOUT: dict[str, Any] = {
    "prior": PRIOR,
    "k_shot": 5,
    "seed": 3,
    "split": "test",
    "tasks": 4,
    "queries": 6,
}


def assert_same(one: Limit, other: Limit) -> None:
    for name in one.__dataclass_fields__:
        mine, its = getattr(one, name), getattr(other, name)
        np.testing.assert_array_equal(mine, its, err_msg=name)
        assert mine.dtype == its.dtype


def is_computed(folder: Path, **changes: object) -> bool:
    """Ask for a limit, and say whether it had to be computed."""
    done: list[int] = []
    finished(keeping_limit(folder, **(ABOUT | changes)), done.append)
    return bool(done)


def test_a_kept_limit_is_the_computed_one_to_the_bits(tmp_path: Path) -> None:
    tasks = evaluation_tasks(**ABOUT)
    computed = finished(limit_of(PRIOR, tasks))
    assert (tasks.query_x == PRIOR.grid(6)).all()
    assert_same(kept_limit(tmp_path / "new" / "folder", **ABOUT), computed)
    assert not is_computed(tmp_path / "new" / "folder")
    assert_same(kept_limit(tmp_path / "new" / "folder", **ABOUT), computed)


@pytest.mark.parametrize(
    "change",
    [
        {"prior": Prior(("line", "sine"))},
        {"prior": Prior(("sine", "line"), noise=0.31)},
        {"prior": Prior(("sine", "line"), low=-4)},
        {"prior": Prior(("sine", "line"), high=4)},
        {"k_shot": 4},
        {"seed": 4},
        {"split": "val"},
        {"tasks": 5},
        {"queries": 7},
    ],
    ids=str,
)
def test_other_tasks_have_a_limit_of_their_own(tmp_path: Path, change: dict[str, object]) -> None:
    kept_limit(tmp_path, **ABOUT)
    assert is_computed(tmp_path, **change)
    assert not is_computed(tmp_path)


def test_a_limit_of_another_version_is_computed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_limit(tmp_path, **ABOUT)
    monkeypatch.setattr("engine.tasks.regression.limit_file._VERSION", 0)
    assert is_computed(tmp_path)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def damaged(path: Path, **changes: object) -> None:
    with np.load(path) as file:
        arrays: dict[str, Any] = dict(file) | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


@pytest.mark.parametrize("kept_bytes", [0, 1, 300, -1])
def test_half_a_file_is_computed_anew(tmp_path: Path, kept_bytes: int) -> None:
    before = kept_limit(tmp_path, **ABOUT)
    path = only_file(tmp_path)
    path.write_bytes(path.read_bytes()[:kept_bytes])
    assert_same(kept_limit(tmp_path, **ABOUT), before)
    assert not is_computed(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"mean": None},
        {"mean": np.zeros((4, 5), np.float32)},
        {"variance": np.full((4, 6), np.nan, np.float32)},
        {"pit": np.full((4, 6), "half")},
        {"family_probability": np.array([[{}]])},
    ],
    ids=["missing", "too-short", "not-finite", "text", "pickle"],
)
def test_a_file_of_something_else_is_computed_anew(
    tmp_path: Path, change: dict[str, object]
) -> None:
    before = kept_limit(tmp_path, **ABOUT)
    damaged(only_file(tmp_path), **change)
    assert_same(kept_limit(tmp_path, **ABOUT), before)
    assert not is_computed(tmp_path)


def test_a_file_of_one_array_is_computed_anew(tmp_path: Path) -> None:
    before = kept_limit(tmp_path, **ABOUT)
    with only_file(tmp_path).open("wb") as file:
        np.save(file, np.zeros(3))
    assert_same(kept_limit(tmp_path, **ABOUT), before)


def test_a_flipped_bit_is_computed_anew(tmp_path: Path) -> None:
    before = kept_limit(tmp_path, **ABOUT)
    path = only_file(tmp_path)
    with zipfile.ZipFile(path) as archive:
        middle = archive.getinfo("mean.npy").header_offset + 200
    content = bytearray(path.read_bytes())
    content[middle] ^= 1
    path.write_bytes(content)
    assert_same(kept_limit(tmp_path, **ABOUT), before)


def test_nothing_is_left_of_a_limit_that_was_given_up(tmp_path: Path) -> None:
    steps = keeping_limit(tmp_path, **ABOUT)
    next(steps)
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_there_is_a_limit_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    limit = kept_limit(tmp_path / "file", **ABOUT)
    assert limit.mean.shape == (4, 6)
