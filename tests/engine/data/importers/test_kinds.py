"""What cannot be imported is called what it is, with what to do about it."""

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch

from engine.data.importers.arrays import import_arrays
from engine.data.importers.deepmind import import_deepmind
from engine.data.importers.untrusted import OTHER_METHODS
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from tests.engine.data.importers.test_arrays import LABELS, arrays
from tests.engine.data.importers.test_deepmind import write, zipped

ROWS = np.ones((6, 3), np.float32)


def tar_gz(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("train_embeddings.pkl"))


def tar(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("train_embeddings.pkl"))


def hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["embeddings"] = ROWS


def first_bytes(*data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(b"".join(data) + bytes(200))


KINDS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "x.npy": (
        lambda path: np.save(path, ROWS),
        "is a single NumPy array (.npy)",
        "numpy.savez('x.npz', embeddings=numpy.load('x.npy'), labels=...)",
    ),
    "x.pkl": (
        lambda path: path.write_bytes(pickle.dumps({"a": 1}, 4)),
        "is a pickle",
        "leo-studio import deepmind, or make one in Python: numpy.savez('x.npz', embeddings=pickle",
    ),
    "x.pt": (
        lambda path: torch.save({"a": torch.ones(2)}, path),
        "is a file of PyTorch",
        "torch.load('x.pt')",
    ),
    "old.pt": (
        lambda path: torch.save(torch.ones(2), path, _use_new_zipfile_serialization=False),
        "is a pickle",
        "numpy.savez",
    ),
    "x.safetensors": (
        lambda path: safetensors.numpy.save_file({"a": ROWS}, path),
        "is a file of safetensors",
        "safetensors.numpy.load_file('x.safetensors')",
    ),
    "x.csv": (
        lambda path: np.savetxt(path, ROWS, delimiter=","),
        "is text, such as CSV",
        "numpy.loadtxt('x.csv', delimiter=',')",
    ),
    "ü.csv": (lambda path: path.write_text("ü" * 1000, "utf-8"), "is text, such as CSV", "savez"),
    "x.mat": (
        first_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64"),
        "is a MATLAB file (.mat)",
        "scipy.io.loadmat('x.mat')",
    ),
    "x.h5": (hdf5, "is an HDF5 file", "if it is a store of LEO Studio, name it with --store"),
    "x.tar.gz": (tar_gz, "is packed with gzip (such as a .tar.gz)", "unpack it and import"),
    "x.gz": (
        lambda path: path.write_bytes(gzip.compress(b"1")),
        "is packed with gzip",
        "unpack it and import",
    ),
    "x.tar": (tar, "is a tar archive", "unpack it and import"),
    "x.7z": (first_bytes(b"7z\xbc\xaf\x27\x1c"), "is a 7-Zip archive", "unpack it and import"),
    "x.rar": (first_bytes(b"Rar!\x1a\x07\x01\x00"), "is a RAR archive", "unpack it and import"),
    "x.z01": (
        first_bytes(b"PK\x07\x08PK\x03\x04"),
        "is one part of a zip archive",
        "join the parts",
    ),
    "page.npz": (
        lambda path: path.write_text("<!DOCTYPE html><html>Quota exceeded</html>"),
        "is a web page",
        "download the file",
    ),
    "lfs.npz": (
        lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1"),
        "is a pointer of Git LFS",
        "git lfs pull",
    ),
    "none.npz": (lambda path: path.touch(), "is empty", "download it again"),
    "noise.npz": (first_bytes(b"\x00\xff\x12"), "is of a kind that is not known here", "savez"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_called_what_it_is_with_what_to_do(
    name: str, tmp_path: Path
) -> None:
    make, noun, remedy = KINDS[name]
    make(tmp_path / name)
    with pytest.raises(BadInput) as caught:
        import_arrays(tmp_path / name, tmp_path / "out.h5")
    sentence = str(caught.value)
    assert f"{name} {noun}" in sentence and remedy in sentence
    assert "damaged" not in sentence and "an .npz with the arrays embeddings and" in sentence
    if noun != "is a file of PyTorch":  # a zip archive, in which there is nothing of LEO's
        with pytest.raises(BadInput) as caught:
            import_deepmind(tmp_path / name, tmp_path / "out")
        assert f"{name} {noun}" in str(caught.value) and "damaged" not in str(caught.value)


def packed_by(archive: Path, method: int) -> Path:
    """Say of every member of an archive that it is packed by another method."""
    data = bytearray(archive.read_bytes())
    for magic, place in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        start = 0
        while (start := data.find(magic, start)) >= 0:
            data[start + place : start + place + 2] = struct.pack("<H", method)
            start += 4
    archive.write_bytes(data)
    return archive


@pytest.mark.parametrize(
    ("method", "name"), [*list(OTHER_METHODS.items())[-6:], (9, "Deflate64"), (77, "method 77")]
)
def test_a_way_of_packing_that_cannot_be_read_is_named(
    method: int, name: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", **arrays())
    with pytest.raises(BadInput, match=rf"embeddings is packed with {name}.*numpy\.savez, or zip"):
        import_arrays(packed_by(tmp_path / "a.npz", method), tmp_path / "a.h5")
    archive = zipped(write(tmp_path / "in" / "mini" / "center").parents[1], tmp_path / "d.zip")
    with pytest.raises(BadInput, match=rf"packed with {name}.*import the folder, or zip it again"):
        import_deepmind(packed_by(archive, method), tmp_path / "out")


def with_names(archive: Path, rename: Callable[[str], str]) -> Path:
    """Write an archive again, as a program does that names its members in its own way."""
    renamed = archive.with_name(f"renamed{archive.suffix}")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(renamed, "w") as new:
        for member in old.infolist():
            info = zipfile.ZipInfo("x")
            info.filename, info.create_system = rename(member.filename), 0
            new.writestr(info, old.read(member))
    return renamed


def test_backslashes_separate_folders_in_an_archive(tmp_path: Path) -> None:
    archive = zipped(write(tmp_path / "in" / "mini" / "center").parents[1], tmp_path / "d.zip")
    (store,) = import_deepmind(
        with_names(archive, lambda name: name.replace("/", "\\")), tmp_path / "out"
    )
    assert store.path.name == "mini.h5" and len(EmbeddingStore(store.path).splits) == 3


@pytest.mark.parametrize("folder", ["features/", "features\\"])
def test_arrays_that_were_unpacked_and_zipped_as_a_folder_are_found(
    folder: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", **arrays())
    source = with_names(tmp_path / "a.npz", lambda name: f"{folder}{name}")
    store = EmbeddingStore(import_arrays(source, tmp_path / "a.h5").path)
    assert sum(split.examples for split in store.splits.values()) == len(LABELS)


def test_an_array_that_is_there_twice_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **arrays())
    stream = io.BytesIO()
    np.save(stream, LABELS)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("labels", stream.getvalue())
    with pytest.raises(BadInput, match="holds labels twice"):
        import_arrays(tmp_path / "a.npz", tmp_path / "a.h5")


def test_a_pickle_that_is_there_twice_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "in" / "mini" / "center").parents[1]
    archive = zipped(folder, tmp_path / "d.zip")
    with zipfile.ZipFile(archive, "a") as file:
        info = zipfile.ZipInfo("x")
        info.filename = "mini\\center\\val_embeddings.pkl"
        file.writestr(info, b"another")
    with pytest.raises(BadInput, match=r"val_embeddings[.]pkl is there twice"):
        import_deepmind(archive, tmp_path / "out")
