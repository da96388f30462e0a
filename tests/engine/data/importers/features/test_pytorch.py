"""Files of PyTorch with features; nothing in them is executed."""

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import BadInput
from tests.engine.data.importers.features.imported import Imported, assert_same, classes, vectors


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def tensors(labels: Any) -> dict[Any, torch.Tensor]:
    return {label: torch.from_numpy(rows) for label, rows in classes(labels).items()}


FORMS: dict[str, Any] = {
    "one tensor for each class": lambda content: content,
    "lists of tensors": lambda content: {label: list(rows) for label, rows in content.items()},
    "parameters": lambda content: {
        label: torch.nn.Parameter(rows) for label, rows in content.items()
    },
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", [range(4), "abc"])
def test_a_dict_of_classes_comes_back_equal(form: str, labels: Any, tmp_path: Path) -> None:
    content = tensors(labels)
    assert_same(Imported(saved(tmp_path / "a.pt", FORMS[form](content))).all, content)


@pytest.mark.parametrize("labels", ["labels", "targets", "y"])
@pytest.mark.parametrize("embeddings", ["features", "embeddings", "feats", "data", "x"])
def test_features_and_labels_come_back_equal(embeddings: str, labels: str, tmp_path: Path) -> None:
    rows = torch.from_numpy(vectors(9))
    content = {embeddings: rows, labels: torch.arange(9) % 3}
    store = Imported(saved(tmp_path / "a.pth", content))
    assert_same(store.all, {label: rows[label::3] for label in range(3)})


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_read(dtype: torch.dtype, tmp_path: Path) -> None:
    content = {label: rows.to(dtype) for label, rows in tensors("abc").items()}
    expected = {label: rows.float() for label, rows in content.items()}
    assert_same(Imported(saved(tmp_path / "a.pt", content)).all, expected)


def test_a_file_of_pytorch_may_be_called_a_pickle(tmp_path: Path) -> None:
    assert_same(Imported(saved(tmp_path / "a.pkl", tensors("abc"))).all, tensors("abc"))


class Harmful:
    def __reduce__(self) -> Any:
        return os.system, ("touch harm",)


def test_a_file_that_would_do_something_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"a\.pt asks for (posix|nt)\.system.*was not read"):
        Imported(saved(tmp_path / "a.pt", {**tensors("abc"), "d": Harmful()}))
    assert not (tmp_path / "harm").exists()


def test_views_that_are_more_than_the_file_are_refused(tmp_path: Path) -> None:
    one = torch.ones(1, 1)
    with pytest.raises(BadInput, match=r"a\.pt holds more numbers than it has bytes"):
        Imported(saved(tmp_path / "a.pt", {0: one.expand(10**9, 10**3), 1: one, 2: one}))
    rows = torch.ones(100, 100)
    with pytest.raises(BadInput, match=r"b\.pt holds more numbers than it has bytes"):
        Imported(saved(tmp_path / "b.pt", {label: rows.view(100, 100) for label in range(30)}))
    nested: Any = [one]
    for _ in range(20):
        nested = [nested] * 20
    with pytest.raises(BadInput, match=r"c\.pt holds containers more than 8 deep"):
        Imported(saved(tmp_path / "c.pt", {0: nested}))


def test_an_archive_that_unpacks_to_absurdly_much_is_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path / "whole.pt", tensors("abc"))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(tmp_path / "a.pt", "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
        new.writestr("whole/data/9", bytes(100 << 20), zipfile.ZIP_DEFLATED)
    with pytest.raises(BadInput, match=r"a\.pt: whole/data/9 would unpack from"):
        Imported(tmp_path / "a.pt")


def sparse(path: Path) -> Path:
    return saved(path, {0: torch.eye(3).to_sparse()})


def old_format(path: Path) -> Path:
    torch.save({0: torch.ones(2, 2)}, path, _use_new_zipfile_serialization=False)
    return path


def cut(path: Path) -> Path:
    whole = saved(path, {0: torch.ones(100, 100)}).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def swapped(path: Path) -> Path:
    """Say in the pickle that a tensor is larger than what is there of it."""
    whole = saved(path.with_name("whole.pt"), {0: torch.arange(4.0)})
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.endswith("data.pkl"):
                content = content.replace(b"K\x04", b"M\x00\xfa")
            new.writestr(member.filename, content)
    return path


def zip_of_text(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    return path


def array(path: Path) -> Path:
    return saved(path, {"features": np.ones((3, 2)), "labels": [0, 1, 2]})


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (sparse, "holds a sparse or quantized tensor"),
        (old_format, "is a pickle, and not a file that torch.save writes; save it again"),
        (cut, "is the beginning of a zip archive whose end is missing"),
        (swapped, "cannot be read by torch.load"),
        (zip_of_text, "is a zip archive, and not a file that torch.save writes"),
        (array, r"asks for numpy[\w.]*, and nothing in it is executed, .*; save tensors"),
        (lambda path: saved(path, torch.ones(3, 3)), "holds a ndarray; it must be a dict"),
        (lambda path: saved(path, torch.nn.Linear(2, 3).state_dict()), r'"bias"|has shape'),
        (lambda path: saved(path, {0: torch.ones(3, 2) * 1j}), "of type complex64"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(
    make: Any, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=rf"^a\.pt.*({sentence})"):
        Imported(make(tmp_path / "a.pt"))
    assert not (tmp_path / "out").exists()
