"""Files of measured functions: what is read, how it is split and scaled, and what is refused."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.config import Regression
from engine.data.function_file import (
    FunctionFile,
    require_points,
    require_small_numbers,
    split_of,
)
from engine.errors import BadInput
from tests.function_files import oscillations

# Tasks of the three splits by their names' hashes, to begin tables with.
TRAIN, VAL, TEST = (
    next(name for name in map(str, range(99)) if split_of(name) == split)
    for split in ("train", "val", "test")
)
ROWS = [(task, x, x * (2 + len(task))) for task in (TRAIN, VAL, TEST) for x in range(8)]


def table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "my.csv"
    path.write_bytes(text.encode(encoding))
    return path


def good(separator: str = ",", header: str = "task,x,y") -> str:
    lines = [header.replace(",", separator)]
    return "\n".join(lines + [separator.join(map(str, row)) for row in ROWS]) + "\n"


def test_a_file_keeps_every_point_of_every_task(tmp_path: Path) -> None:
    path = oscillations(tmp_path / "damped.csv")
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    file = FunctionFile(path)
    found = {}
    for split in file.splits.values():
        for place, name in enumerate(split.names):
            own = slice(*split.offsets[place : place + 2])
            found[name] = list(zip(split.x[own].tolist(), split.y[own].tolist(), strict=True))
    wanted: dict[str, list[tuple[float, float]]] = {}
    for task, x, y, _ in lines:
        wanted.setdefault(task, []).append((float(x), float(y)))
    assert found == wanted
    assert sum(each["points"] for each in file.sizes.values()) == len(lines)


def test_splits_by_name_are_about_64_16_and_20_percent_and_stay() -> None:
    counts = Counter(split_of(f"task {number}") for number in range(10_000))
    assert counts["train"] == pytest.approx(6400, abs=200)
    assert counts["val"] == pytest.approx(1600, abs=150)
    assert counts["test"] == pytest.approx(2000, abs=150)
    assert [split_of(name) for name in ("a", "b", "c", "d", "e", "f")] == [
        "val",
        "train",
        "train",
        "train",
        "train",
        "train",
    ]


def test_a_column_split_decides(tmp_path: Path) -> None:
    text = "task,x,y,split\n" + "".join(
        f"{task},{x},{x * x},{split}\n"
        for task, split in (("a", "test"), ("b", "val"), ("c", "Train "))
        for x in range(7)
    )
    file = FunctionFile(table(tmp_path, text))
    assert {name: split.names for name, split in file.splits.items()} == {
        "train": ("c",),
        "val": ("b",),
        "test": ("a",),
    }


def test_scaling_is_by_the_training_tasks_alone(tmp_path: Path) -> None:
    path = oscillations(tmp_path / "damped.csv")
    before = FunctionFile(path)
    train = before.split("train")
    scaled = before.scaling.to_scaled(train.x, train.y)
    assert scaled[:, 0].min() == -5
    assert scaled[:, 0].max() == 5
    assert scaled[:, 1].mean(dtype=np.float64) == pytest.approx(0, abs=1e-6)
    assert scaled[:, 1].std(dtype=np.float64) == pytest.approx(4, rel=1e-6)
    np.testing.assert_allclose(before.scaling.own_x(scaled[:, 0]), train.x, rtol=1e-6)
    np.testing.assert_allclose(before.scaling.own_y(scaled[:, 1]), train.y, rtol=1e-6)
    with path.open("a") as file:
        file.write(f"{before.split('test').names[0]},900,1e6,\n")
    assert FunctionFile(path).scaling == before.scaling


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_spreadsheets_are_the_same(tmp_path: Path, separator: str, encoding: str) -> None:
    plain = FunctionFile(table(tmp_path, good()))
    text = good(separator, " Task,X,y").replace("\n", "\r\n") + separator * 2 + "\r\n"
    assert FunctionFile(table(tmp_path, text, encoding)).fingerprint() == plain.fingerprint()


def test_the_fingerprint_tells_points_names_and_splits(tmp_path: Path) -> None:
    known = {FunctionFile(table(tmp_path, good())).fingerprint()}
    for old, new in ((f"{TRAIN},3,", f"{TRAIN},3.5,"), ("21\n", "22\n"), (f"{VAL},", "other 7,")):
        text = good().replace(old, new)
        assert text != good()
        known.add(FunctionFile(table(tmp_path, text + f"{VAL},1,1\n")).fingerprint())
    assert len(known) == 4


BAD = {
    "no y": ("task,x,value\na,1,2\n", 'line 1: there is no column y, but "task", "x" and "value"'),
    "no header": ("a,1,2\n", "line 1: there is no column task"),
    "two y": ("task,x,y,Y\na,1,2,3\n", "line 1: there are several columns y; leave one"),
    "empty": ("", "my.csv is empty"),
    "header alone": ("task,x,y\n", "has no rows below its first line"),
    "text": (good() + "a,3,high\n", 'line 26: column y is "high", no number; mend it'),
    "python number": (good() + "a,1_0,1\n", 'column x is "1_0", no number'),
    "blank": (good() + "a,,1\n", "line 26: column x is empty; fill it in, or remove"),
    "nan": (good() + "a,1,NaN\n", 'line 26: column y is "NaN", no finite number; remove the row'),
    "infinite": (good() + "a,-inf,1\n", 'line 26: column x is "-inf", no finite number'),
    "huge": (good() + "a,1,1e999\n", 'line 26: column y is "1e999", no finite number'),
    "no task": (good() + ' "",1,1\n'.lstrip(), "line 26: column task is empty"),
    "decimal comma": (good(";") + "a;1,5;1\n", 'line 26: column x is "1,5", with a decimal comma'),
    "comma in a row": (good() + "a,1,5,1\n", "line 26, has 4 columns, and the first line 3; num"),
    "short row": (good() + "a,1\n", "line 26, has 2 columns, and the first line 3."),
    "odd split": ("task,x,y,split\na,1,2,validation\n", 'line 2: column split is "validation"'),
    "two splits": (
        "task,x,y,split\na,1,2,train\na,2,2,val\n",
        'line 3: task "a" is in split val here, and in train above',
    ),
    "no val": (
        "task,x,y,split\na,1,2,train\na,2,3,train\nb,2,2,test\n",
        'no task is in split "val" (1 in train, 1 in test), and training needs some there',
    ),
    "constant": (
        "task,x,y,split\na,1,2,train\na,2,2,train\nb,2,3,val\n",
        "column y is 2 in every row of the train tasks",
    ),
    "one place": (
        "task,x,y,split\na,1,2,train\na,1,3,train\nb,2,3,val\n",
        "column x is 1 in every row of the train tasks",
    ),
    "too large": (
        "task,x,y,split\na,1,-1e308,train\na,2,1e308,train\nb,2,3,val\n",
        "too large, or too near",
    ),
    "far away": (
        good() + f"{TEST},1e300,1\n",
        f'task "{TEST}", which begins at line 18, has a point that is 1,000,000 times as far away',
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_meant_is_one_sentence(tmp_path: Path, name: str) -> None:
    text, sentence = BAD[name]
    with pytest.raises(BadInput) as caught:
        FunctionFile(table(tmp_path, text))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("my.csv")


def test_other_encodings_folders_and_missing_files_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="save it again as CSV in UTF-8"):
        FunctionFile(table(tmp_path, good() + "Köln,1,2\n", "latin-1"))
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(BadInput, match=r"There is no file of functions at .*task.functions"):
            FunctionFile(path)


def test_functions_with_too_few_points_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    file = FunctionFile(table(tmp_path, good() + "few,1,2\nfew,2,3\nless,1,2\n"))
    with pytest.raises(BadInput) as caught:
        require_points(Regression(k_shot=5), file)
    assert str(caught.value) == (
        "my.csv: 2 tasks have fewer than 6 points, which are task.k_shot and a query (first: line "
        '26, "few" with 2); leave them out.'
    )
    whole = FunctionFile(table(tmp_path, good()))
    require_points(Regression(k_shot=7), whole)
    with pytest.raises(BadInput, match=r"3 tasks have fewer than 9 points.*lower task.k_shot to 7"):
        require_points(Regression(k_shot=8), whole)


def test_noise_as_large_as_the_values_cannot_be_meant(tmp_path: Path) -> None:
    file = FunctionFile(table(tmp_path, good()))
    assert file.deviation == pytest.approx(3 * math.sqrt(5.25) * (1 + (len(TRAIN) - 1) / 3))
    require_points(Regression(noise=file.deviation * 0.99), file)
    with pytest.raises(BadInput, match=r"task.noise is .* in the unit of column y"):
        require_points(Regression(noise=file.deviation), file)


@pytest.mark.parametrize(
    ("start", "step", "sentence"),
    [
        (1.7e9, 3600, "column x goes from 1700000000 to 1700025200: .* such as 1700000000"),
        (1.7e9, 1e5, ""),
        (-1.7e9, 3600, "column x goes from -1700000000 to -1699974800"),
        (0, 1e12, "column x goes from 0 to 7e\\+12, beyond 1e\\+12; give it in a larger unit"),
        (0, 1e-12, ""),
    ],
)
@pytest.mark.parametrize("column", ["x", "y"])
def test_numbers_that_single_precision_does_not_tell_apart_are_one_sentence(
    tmp_path: Path, start: float, step: float, sentence: str, column: str
) -> None:
    lines = ["task,x,y" if column == "x" else "task,y,x"]
    lines += [f"{task},{start + x * step!r},{x * y}" for task, x, y in ROWS]
    file = FunctionFile(table(tmp_path, "\n".join(lines)))
    if not sentence:
        require_small_numbers(file)
        return
    with pytest.raises(
        BadInput, match=f"my.csv: {sentence.replace('column x', 'column ' + column)}"
    ):
        require_small_numbers(file)
