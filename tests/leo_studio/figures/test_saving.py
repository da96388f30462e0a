"""Figures and numbers in files, read back by software that is not ours."""

import csv
import importlib
import io
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from leo_studio.figures.records import Exported, Figure, Histogram, Plot, Table
from leo_studio.figures.saving import FORMATS, files_of, formats_of, save
from leo_studio.figures.tables import rows_of, tab_separated, titles_of
from tests.leo_studio.figures.pictured import exported

SMALL = Figure([Plot([Histogram(np.arange(3.0), np.ones(2))])])


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_is_written_where_it_was_said(tmp_path: Path, ending: str) -> None:
    path, given = tmp_path / f"glyphs{ending}", Exported("a", SMALL, exported().tables)
    save(path, given)
    assert sorted(tmp_path.iterdir()) == sorted(files_of(path, given))
    assert all(each.stat().st_size for each in tmp_path.iterdir())


def test_csv_is_read_back_as_the_same(tmp_path: Path) -> None:
    save(tmp_path / "a.csv", exported())
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["run"] for row in rows] == ["glyphs"] * 3 and rows[0]["seed"] == "7"
    assert [row["note"] for row in rows] == list(exported().tables[0].columns["note"])
    assert [row["step"] for row in rows] == ["1", "2", "3"] and rows[1]["loss"] == ""
    assert np.float32(rows[2]["loss"]) == np.float32(1.7) and rows[1]["is_best"] == "1"
    with (tmp_path / "a.validation.csv").open(encoding="utf-8") as file:
        assert float(next(csv.DictReader(file))["accuracy"]) == 1 / 3


def test_hdf5_is_read_back_as_the_same(tmp_path: Path) -> None:
    save(tmp_path / "a.h5", exported())
    with h5py.File(tmp_path / "a.h5") as file:
        group = file["training"]
        assert dict(group.attrs) == {"run": "glyphs", "seed": 7} and next(iter(group)) == "step"
        assert group["note"].asstr()[1] == 'with "quotes", a comma'
        np.testing.assert_array_equal(group["loss"], exported().tables[0].columns["loss"])
        assert group["loss"].dtype == np.float32 and group["is_best"].dtype == bool


def test_parquet_is_read_back_as_the_same(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    save(tmp_path / "a.parquet", exported())
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table["run"].to_pylist() == ["glyphs"] * 3 and table["seed"].to_pylist() == [7] * 3
    assert table["note"].to_pylist()[2] == "ä\nline"
    np.testing.assert_array_equal(
        table["loss"].to_numpy(), [np.float32(0.1), np.nan, np.float32(1.7)]
    )
    assert table["is_best"].to_pylist() == [False, True, False]


def test_parquet_without_pyarrow_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(BadInput, match=r"pip install 'leo-studio\[parquet\]'"):
        save(tmp_path / "a.parquet", exported())
    assert not list(tmp_path.iterdir())
    importlib.invalidate_caches()


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a\.bmp must end with one of \.png, "):
        save(tmp_path / "a.bmp", exported())
    table_only = Exported("a", None, exported().tables)
    assert list(formats_of(table_only)) == [".csv", ".parquet", ".h5"]
    with pytest.raises(BadInput, match=r"a\.png must end with one of \.csv, "):
        save(tmp_path / "a.png", table_only)


def test_who_ends_it_finds_every_file_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("before")

    def end(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "a.csv", exported(), report=end)
    assert (tmp_path / "a.csv").read_text() == "before" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        save(tmp_path / "file" / "a.svg", Exported("a", SMALL, exported().tables))


def test_a_preview_has_the_first_rows() -> None:
    table = exported().tables[0]
    assert titles_of(table) == ["run", "seed", "step", "loss", "note", "is_best"]
    rows = rows_of(table, 0, 2)
    assert len(rows) == 2 and rows[0] == ["glyphs", "7", "1", "0.100000001", "plain", "0"]
    assert tab_separated(table).startswith("run\tseed\tstep")


def test_vectors_are_columns_in_csv_and_arrays_in_hdf5(tmp_path: Path) -> None:
    codes = np.arange(6, dtype=np.float32).reshape(3, 2)
    vectors = Exported("codes", None, [Table("codes", {"way": np.arange(3), "code": codes})])
    save(tmp_path / "codes.csv", vectors)
    lines = (tmp_path / "codes.csv").read_text().splitlines()
    assert lines == ["way,code_0,code_1", "0,0,1", "1,2,3", "2,4,5"]
    save(tmp_path / "codes.h5", vectors)
    with h5py.File(tmp_path / "codes.h5") as file:
        np.testing.assert_array_equal(file["codes/code"], codes)


@given(
    single=st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=9),
    double=st.lists(st.floats(allow_nan=False), min_size=1, max_size=9),
)
def test_numbers_come_back_from_text_as_the_same(single: list[float], double: list[float]) -> None:
    for numbers in (np.array(single, np.float32), np.array(double)):
        rows = rows_of(Table("numbers", {"value": numbers}), 0, len(numbers))
        read = np.array([float(row[0]) for row in rows]).astype(numbers.dtype)
        np.testing.assert_array_equal(read, numbers)


def test_cells_stay_cells_in_a_spreadsheet() -> None:
    table = Table("notes", {"note": ["a\ttab", 'a "quote"', "two\nlines"]})
    rows = list(csv.reader(io.StringIO(tab_separated(table), newline=""), delimiter="\t"))
    assert rows == [["note"], ["a\ttab"], ['a "quote"'], ["two\nlines"]]
