"""Tables of features: CSV, and Parquet as easyfsl and pandas write it."""

import csv
import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.importers.features.columns import columns_of
from engine.data.importers.features.table_header import has_features
from engine.data.importers.labels import SharedLabels
from engine.errors import BadInput
from tests.engine.data.importers.features.imported import Imported, assert_same, vectors

Columns = dict[str, Any]
ROWS = vectors(9)
LABELS = [label for label in ("fig", "pear", "plum") for _ in range(3)]
BY_CLASS = {
    label: ROWS[3 * place : 3 * place + 3] for place, label in enumerate(dict.fromkeys(LABELS))
}


def as_csv(path: Path, columns: Columns, delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def as_parquet(path: Path, columns: Columns) -> Path:
    pyarrow.parquet.write_table(pyarrow.table(dict(columns)), path)
    return path


def numbered(prefix: str = "", first: int = 0) -> Columns:
    return {f"{prefix}{first + column}": ROWS[:, column] for column in range(4)}


LISTS = [row.tolist() for row in ROWS]
EASYFSL: Columns = {"": range(9), "label": [0] * 3 + [1] * 3 + [2] * 3, "class_name": LABELS}
CSV_FORMS: dict[str, Columns] = {
    "lists": {"embedding": LISTS, **EASYFSL},
    "easyfsl": {**EASYFSL, "embedding": LISTS},
    "as NumPy prints": {
        "features": [np.array2string(row.astype(float), precision=17) for row in ROWS],
        "label": LABELS,
    },
    "of tensors": {"vector": [f"tensor({row})" for row in LISTS], "target": LABELS},
    "0 to D - 1": {**numbered(), "label": LABELS},
    "f1 to fD": {"class": LABELS, **numbered("f", 1)},
    "embedding_0": {**numbered("embedding_"), "y": LABELS},
}


@pytest.mark.parametrize("form", CSV_FORMS)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_of_text_comes_back_equal(form: str, delimiter: str, tmp_path: Path) -> None:
    assert_same(Imported(as_csv(tmp_path / "a.csv", CSV_FORMS[form], delimiter)).all, BY_CLASS)


@pytest.mark.parametrize(
    "columns",
    [
        ("task", "x", "y"),
        ("Y", "X", "Task"),
        ("task", "x", "y", "split"),
        ("split", "y", "task", "x"),
        ("x", "task", "remark", "y"),
    ],
)
def test_points_of_functions_need_no_import(columns: tuple[str, ...], tmp_path: Path) -> None:
    path = as_csv(tmp_path / "a.csv", dict.fromkeys(columns, range(9)))
    with pytest.raises(BadInput, match=r"a\.csv has points of functions .*task\.functions"):
        Imported(path)


def test_vectors_beside_columns_of_points_are_features(tmp_path: Path) -> None:
    points = {name: range(len(LABELS)) for name in ("task", "x", "y")}
    path = as_csv(tmp_path / "a.csv", {**points, "embedding": LISTS, "label": LABELS})
    assert_same(Imported(path).all, BY_CLASS)


PARQUET_FORMS: dict[str, Columns] = {
    "lists": {"embedding": LISTS, **EASYFSL},
    "large lists": {
        "embedding": pyarrow.array(LISTS, pyarrow.large_list(pyarrow.float64())),
        "label": LABELS,
    },
    "lists of one size": {
        "embedding": pyarrow.array(LISTS, pyarrow.list_(pyarrow.float32(), 4)),
        "class_name": pyarrow.array(LABELS).dictionary_encode(),
    },
    "0 to D - 1": {**numbered(), "label": LABELS},
}


@pytest.mark.parametrize("form", PARQUET_FORMS)
def test_a_table_of_parquet_comes_back_equal(form: str, tmp_path: Path) -> None:
    assert_same(Imported(as_parquet(tmp_path / "a.parquet", PARQUET_FORMS[form])).all, BY_CLASS)


def test_pictures_in_a_table_of_parquet_are_no_names(tmp_path: Path) -> None:
    pictures = [{"bytes": b"GIF89a", "path": None}] * 9
    columns = {"image": pictures, "embedding": LISTS, "label": LABELS}
    store = Imported(as_parquet(tmp_path / "a.parquet", columns))
    assert_same(store.all, BY_CLASS)
    assert "pear/3" in {
        name for split in store.store.splits for name in store.store.image_names(split)
    }


@given(st.integers(1, 40), st.integers(1, 6), st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_a_table_of_many_rows_keeps_its_numbers(
    tmp_path_factory: pytest.TempPathFactory, count: int, dim: int, seed: int
) -> None:
    rows = vectors(100 * count, dim, seed)
    labels = np.arange(len(rows)) % 5
    path = tmp_path_factory.mktemp("table") / "a.parquet"
    store = Imported(as_parquet(path, {"embedding": list(rows), "label": labels}))
    assert_same(store.all, {label: rows[labels == label] for label in range(5)})


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_columns_of_splits_and_names_are_read(write: Any, tmp_path: Path) -> None:
    columns: Columns = {
        "image": [f"{place}.jpg" for place in range(9)],
        "split": ["base"] * 3 + ["validation"] * 3 + ["novel"] * 3,
        "embedding": LISTS,
        "label": LABELS,
        "remark": ["ripe"] * 9,
    }
    suffix = {"as_csv": ".csv", "as_parquet": ".parquet"}[write.__name__]
    store = Imported(write(tmp_path / f"a{suffix}", columns))
    assert store.classes == {"train": {"fig"}, "val": {"pear"}, "test": {"plum"}}
    assert store.store.image_names("val") == ["3.jpg", "4.jpg", "5.jpg"]
    assert f"a{suffix} also has remark, left out." in store.notes


def test_a_label_in_two_splits_is_asked_about_and_may_be_two_classes(tmp_path: Path) -> None:
    columns: Columns = {
        "split": ["train", "test"] * 4 + ["val"],
        "embedding": LISTS,
        "label": [0, 0, 1, 1] * 2 + [0],
    }
    path = as_csv(tmp_path / "a.csv", columns)
    with pytest.raises(SharedLabels, match=r"a\.csv: 2 classes"):
        Imported(path)
    assert Imported(path, labels_per_split=True).classes == {
        "train": {"train/0", "train/1"},
        "val": {"val/0"},
        "test": {"test/0", "test/1"},
    }


def test_numbers_of_classes_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    labels = [10, 9, 8, 2, 1, 100, 7, 3, 4]
    path = as_csv(tmp_path / "a.csv", {"embedding": LISTS, "label": labels, "split": ["train"] * 9})
    assert Imported(path).store.class_names("train") == [str(each) for each in sorted(labels)]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"label": LABELS}, r"lacks a column of vectors such as \"embedding\".*columns are label"),
        ({"embedding": LISTS}, r"lacks a column of classes such as \"label\""),
        ({"0": LABELS, "2": LABELS, "label": LABELS}, "lacks a column of vectors"),
        ({"embedding": [*LISTS[:8], [1.0, 2.0]], "label": LABELS}, "of one size"),
        ({"embedding": [*LISTS[:8], []], "label": LABELS}, "of one size"),
        ({"embedding": LABELS, "label": LABELS}, "is no number|must be a list of numbers"),
        ({"0": LABELS, "1": LABELS, "label": LABELS}, "is no number|must be numbers"),
        ({"embedding": [], "label": []}, "has no rows"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_wrong_with_a_table_is_said_in_a_sentence(
    suffix: str, columns: Columns, sentence: str, tmp_path: Path
) -> None:
    path = (as_csv if suffix == ".csv" else as_parquet)(tmp_path / f"a{suffix}", columns)
    with pytest.raises(BadInput, match=rf"^a\{suffix}.*({sentence})"):
        Imported(path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"a\.csv is empty"),
        ("embedding,label\n", r"a\.csv has no rows"),
        ("embedding,label\n[1 2],a\n[1 2]\n", r"a\.csv, line 3, has 1 columns"),
        ("embedding,label\n[1 ... 2],a\n", r"line 2: the vector is cut with \.\.\., as NumPy"),
        ("embedding,label\n[1 pear],a\n", r'line 2: "pear" is no number'),
        ("label,embedding,label\n", r'has two columns named "label"'),
        ('embedding,label\n"[1\n2]",a\n[1 2 3],b\n', r"line 4, has a vector of 3 numbers"),
    ],
)
def test_lines_are_counted_and_named(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, "utf-8")
    with pytest.raises(BadInput, match=sentence):
        Imported(tmp_path / "a.csv")


def test_what_is_no_text_and_a_line_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"embedding,label\n\xff\xff,a\n")
    with pytest.raises(BadInput, match=r"a\.csv is no table of text"):
        Imported(path)
    path.write_text("embedding,label\n" + "1 " * (3 << 20), "utf-8")
    with pytest.raises(BadInput, match=r"a\.csv, line 2, is longer than"):
        Imported(path)


def test_parquet_that_unpacks_to_absurdly_much_is_refused(tmp_path: Path) -> None:
    one = pyarrow.array(np.zeros(30_000_000, np.float32))
    columns = {"0": one, "1": one, "label": pyarrow.array(np.zeros(len(one), np.int8))}
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(BadInput, match=r"a\.parquet would unpack from .*was not read"):
        Imported(path)


def test_parquet_that_is_damaged_or_lacks_values_is_refused(tmp_path: Path) -> None:
    path = as_parquet(tmp_path / "a.parquet", {"embedding": LISTS, "label": LABELS})
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match=r"a\.parquet cannot be read as Parquet"):
        Imported(path)
    as_parquet(path, {"embedding": [*LISTS[:8], None], "label": LABELS})
    with pytest.raises(BadInput, match=r"a\.parquet has rows from 0 on whose vector is missing"):
        Imported(path)
    as_parquet(path, {"embedding": LISTS, "label": [*LABELS[:8], None]})
    with pytest.raises(BadInput, match=r"a\.parquet: label has no value in 1"):
        Imported(path)


def test_without_pyarrow_the_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = as_parquet(tmp_path / "a.parquet", {"embedding": LISTS, "label": LABELS})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError):
        importlib.import_module("pyarrow")
    with pytest.raises(BadInput, match=r"pip install 'leo-studio\[parquet\]', or save .* as CSV"):
        Imported(path)


def test_a_class_name_goes_before_its_number_and_an_index_is_nothing() -> None:
    columns = columns_of(["Unnamed: 0", "embedding", "label", "class_name", "image_path"], "a.csv")
    assert (columns.label, columns.others) == ("class_name", ("image_path",))


def test_a_table_of_images_is_none_of_features(tmp_path: Path) -> None:
    assert has_features(as_csv(tmp_path / "a.csv", {"embedding": LISTS, "label": LABELS}))
    assert not has_features(as_csv(tmp_path / "b.csv", {"filename": LABELS, "label": LABELS}))
