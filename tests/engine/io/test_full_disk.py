"""Where the disk is full, every kind of file is one sentence, and no half of one is left behind.

The system itself refuses here: it is told that no file may be longer than a few kilobytes.
"""

import errno
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import safetensors.numpy
import torch
from matplotlib.figure import Figure

from engine.data.importers.arrays import import_arrays
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.io.files import replacing
from engine.io.hdf5_writing import new_hdf5

NUMBERS = np.random.default_rng(0).normal(size=(500, 64))
LIMIT = 20_000

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="another system has no such limit")


@contextmanager
def full_disk() -> Iterator[None]:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("numbers", NUMBERS.tobytes())


def write_npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, numbers=NUMBERS)


def write_torch(path: Path) -> None:
    with path.open("wb") as file:
        torch.save({"numbers": torch.from_numpy(NUMBERS)}, file)


def write_figure(path: Path) -> None:
    figure = Figure(dpi=300)
    figure.subplots().imshow(NUMBERS)
    figure.savefig(path, format="png")


WRITERS: dict[str, Callable[[Path], object]] = {
    "bytes": lambda path: path.write_bytes(NUMBERS.tobytes()),
    "zip": write_zip,
    "npz": write_npz,
    "torch": write_torch,
    "safetensors": lambda path: safetensors.numpy.save_file({"numbers": NUMBERS}, path),
    "figure": write_figure,
}


def require_kind_sentence(sentence: str, path: Path) -> None:
    """Require a sentence of our own about the file that was to be."""
    assert sentence == (
        f"{path} cannot be written (File too large); make room or choose another folder."
    )


@posix_only
@pytest.mark.parametrize("kind", WRITERS)
def test_whichever_library_writes_it_is_one_sentence_and_the_old_file_stays(
    kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with full_disk(), pytest.raises(BadInput) as caught, replacing(path) as draft:
        WRITERS[kind](draft)
    require_kind_sentence(str(caught.value), path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@posix_only
@pytest.mark.parametrize("compression", [None, "gzip"])
@pytest.mark.parametrize("is_checked", [True, False])
def test_hdf5_never_sees_a_full_disk_and_can_go_on_afterwards(
    compression: str | None, is_checked: bool, tmp_path: Path
) -> None:
    """Where it does see one it writes on at any later moment, and ends the process."""
    path = tmp_path / "file.h5"
    for _ in range(3):
        with full_disk(), pytest.raises(BadInput) as caught, new_hdf5(path) as draft:
            for part in range(3):
                draft.file.create_dataset(str(part), data=NUMBERS, compression=compression)
                if is_checked:
                    draft.check()
        require_kind_sentence(str(caught.value), path)
        assert list(tmp_path.iterdir()) == []
    with new_hdf5(path) as draft:
        draft.file["numbers"] = NUMBERS
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["numbers"][()], NUMBERS)


@posix_only
def test_a_store_that_does_not_fit_is_refused_at_the_first_part_that_does_not(
    tmp_path: Path,
) -> None:
    path, labels = tmp_path / "big.h5", np.repeat(np.arange(10), 50)
    np.savez(tmp_path / "big.npz", embeddings=NUMBERS, labels=labels)
    with full_disk(), pytest.raises(BadInput) as caught:
        import_arrays(tmp_path / "big.npz", path)
    require_kind_sentence(str(caught.value), path)

    names, classes = [str(row) for row in range(500)], [str(label) for label in range(10)]
    with full_disk(), pytest.raises(BadInput), create_store(path, "big", "", 64) as writer:
        with pytest.raises(OSError, match="too large"):
            writer.add_split("train", NUMBERS, labels, classes, names)
        raise OSError(errno.EFBIG, "told earlier")
    assert [each.name for each in tmp_path.iterdir()] == ["big.npz"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "raw"), "No space left on device: 5.0 MB are free"),
        (
            OSError(
                "Can't close file (file write failed: time = Sat Nov 28 19:37:56 2026\n, filename "
                "= 'x', file descriptor = 3, errno = 28, error message = 'No space', buf = 0x55f)"
            ),
            "No space left on device: 5.0 MB are free",
        ),
        (
            ValueError("Error while serializing: I/O error: Read-only (os error 30)"),
            "Read-only file system",
        ),
        (OSError("a library's own words"), "the system does not say why"),
    ],
)
def test_the_systems_reason_is_told_in_its_words_whoever_passed_it_on(
    error: Exception, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=5_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(BadInput) as caught, replacing(tmp_path / "file"):
        raise error
    assert str(caught.value) == (
        f"{tmp_path / 'file'} cannot be written ({reason}); make room or choose another folder."
    )


def test_a_mistake_of_ours_stays_one_even_while_another_error_is_handled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ours"), replacing(tmp_path / "file"):
        try:
            (tmp_path / "missing").read_text()
        except OSError:
            raise ValueError("ours")  # noqa: B904
