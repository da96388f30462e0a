"""Files of HDF5 that are not as they should be are one sentence, and texts have a fixed length."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.errors import BadInput
from engine.io.hdf5 import Contents, opened, set_text, write_texts
from engine.io.versions import NewerVersion

Change = Callable[[h5py.File], object]
NAMES = ["a", "größer", "猫" * 50]


def write(path: Path, change: Change = lambda _: None) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = 1
        set_text(file, "name", "Löwe")
        file["numbers"] = np.zeros((2, 3), np.float32)
        write_texts(file, "names", NAMES)
        write_texts(file, "none", [])
        change(file)
    return path


def replaced(name: str, value: Any) -> Change:
    def change(file: h5py.File) -> None:
        del file[name]
        file[name] = value

    return change


def refusal(path: Path, read: Callable[[Contents], object]) -> str:
    with pytest.raises(BadInput) as caught, opened(path, "thing", "make it again") as contents:
        read(contents)
    return str(caught.value)


def test_what_was_written_is_read_and_lies_outside_of_the_heap(tmp_path: Path) -> None:
    """One changed bit in HDF5's heap of texts of any length is a loop without end (2.0.0)."""
    with opened(write(tmp_path / "a.h5"), "thing", "make it again") as contents:
        assert contents.text("name") == "Löwe"
        assert contents.texts("names") == NAMES and contents.texts("none") == []
        assert contents.texts("names", slice(1, 2)) == NAMES[1:2]
        for kept in (contents.file["names"], contents.file["none"]):
            assert h5py.check_string_dtype(kept.dtype).length is not None
        assert contents.file.attrs.get_id("name").dtype.kind == "S"


def test_texts_of_any_length_of_earlier_versions_are_read(tmp_path: Path) -> None:
    def earlier(file: h5py.File) -> None:
        file.attrs["name"] = "Löwe"
        del file["names"]
        file.create_dataset("names", data=NAMES, dtype=h5py.string_dtype())

    with opened(write(tmp_path / "a.h5", earlier), "thing", "make it again") as contents:
        assert contents.text("name") == "Löwe" and contents.texts("names") == NAMES


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda file: file.pop("numbers"), "numbers is missing"),
        (replaced("numbers", h5py.Empty("f4")), "numbers has shape None"),
        (replaced("numbers", np.zeros(3, np.float32)), r"numbers has shape \(3,\)"),
        (replaced("numbers", np.zeros((2, 3), np.int64)), "holds int64, not floating-point"),
        (replaced("numbers", ["a"]), "not floating-point numbers"),
        (replaced("numbers", h5py.SoftLink("/numbers")), "numbers cannot be read"),
        (replaced("numbers", h5py.ExternalLink("nowhere.h5", "/x")), "numbers is missing"),
        (
            lambda file: (file.pop("numbers"), file.create_group("numbers")),
            "numbers is no dataset",
        ),
    ],
)
def test_what_is_no_such_dataset_is_named(tmp_path: Path, change: Change, sentence: str) -> None:
    told = refusal(write(tmp_path / "a.h5", change), lambda each: each.array("numbers", "f", 2))
    assert told.startswith("a.h5: ") and told.endswith("; make it again.")
    assert re.search(sentence, told)


@pytest.mark.parametrize("value", [3, np.zeros(2), h5py.Empty("f4"), b"\xff\xfe"])
def test_an_attribute_that_is_no_text_is_named(tmp_path: Path, value: Any) -> None:
    path = write(tmp_path / "a.h5", lambda file: file.attrs.__setitem__("name", value))
    told = refusal(path, lambda contents: contents.text("name"))
    assert told.startswith("a.h5: the attribute name ")


@pytest.mark.parametrize("value", ["1", 1.0, True, np.zeros(0), h5py.Empty("f4")])
def test_an_attribute_that_is_no_whole_number_is_named(tmp_path: Path, value: Any) -> None:
    path = write(tmp_path / "a.h5", lambda file: file.attrs.__setitem__("schema", value))
    told = refusal(path, lambda contents: contents.whole("schema"))
    assert told == "a.h5: the attribute schema is no whole number; make it again."


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    odd = np.array([b"\xff\xfe"], h5py.string_dtype("utf-8", 2))
    path = write(tmp_path / "a.h5", replaced("names", odd))
    assert "names cannot be read" in refusal(path, lambda contents: contents.texts("names"))


def test_a_group_that_is_none_and_a_later_layout_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", lambda file: file.attrs.__setitem__("schema", 9))
    assert "numbers is no group" in refusal(path, lambda each: each.require_group("numbers"))
    with pytest.raises(NewerVersion), opened(path, "thing", "make it again") as contents:
        contents.require_known_version(1)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda content: b"text", "it is none, or its beginning is damaged"),
        (lambda content: content[: len(content) // 2], "it is damaged, or only a part of one"),
    ],
)
def test_what_is_no_whole_file_is_not_read(
    tmp_path: Path, damage: Callable[[bytes], bytes], why: str
) -> None:
    path = write(tmp_path / "a.h5")
    path.write_bytes(damage(path.read_bytes()))
    told = refusal(path, lambda contents: contents.text("name"))
    assert told == f"a.h5 is not a readable HDF5 file: {why}; make it again."


def test_a_bug_of_ours_is_no_damage(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="ours"),
        opened(write(tmp_path / "a.h5"), "thing", "make it again"),
    ):
        raise RuntimeError("ours")
