"""Files that say which classes are for training, validation and test; and drawing them."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.class_splits import (
    DRAWN,
    draw_class_splits,
    read_class_splits,
    read_proportions,
    splits_by_chance,
    splits_of_classes,
)
from engine.errors import BadInput


def written(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


OF_THREE = {"pear": "train", "plum": "val", "fig": "test"}


@pytest.mark.parametrize(
    "content",
    [
        {"train": ["pear"], "val": ["plum"], "test": ["fig"], "coarse": {"pear": "pome"}},
        {"base": ["pear"], "validation": ["plum"], "novel": ["fig"]},
        {"Train": ["pear"], "valid": ["plum"], "test": ["fig"]},
    ],
)
def test_lists_of_json_are_splits_and_other_keys_are_ignored(
    content: object, tmp_path: Path
) -> None:
    assert read_class_splits(written(tmp_path / "split.json", content)) == OF_THREE


def test_a_table_of_classes_and_splits_is_read(tmp_path: Path) -> None:
    table = "\ufeffclass,split\r\npear,train\r\nplum,valid\r\nfig,novel\r\n"
    assert read_class_splits(written(tmp_path / "split.csv", table)) == OF_THREE


def test_a_folder_of_nested_files_gives_names_that_are_paths(tmp_path: Path) -> None:
    written(tmp_path / "train.json", {"background": {"Korean": ["c01", "c02"]}})
    written(tmp_path / "val.json", {"background": {"Latin": ["c01"]}})
    written(tmp_path / "test.json", {"background": {}, "evaluation": {"Mongolian": ["c01"]}})
    written(tmp_path / "LICENSE.txt", "a text")
    assert read_class_splits(tmp_path) == {
        "background/Korean/c01": "train",
        "background/Korean/c02": "train",
        "background/Latin/c01": "val",
        "evaluation/Mongolian/c01": "test",
    }
    assert read_class_splits(tmp_path / "val.json") == {"background/Latin/c01": "val"}


def test_tables_of_images_in_a_folder_give_the_classes_of_their_labels(tmp_path: Path) -> None:
    written(tmp_path / "train.csv", "filename,label\na.jpg,pear\nb.jpg,pear\n")
    written(tmp_path / "val.csv", "filename,label\nc.jpg,plum\n")
    written(tmp_path / "test.csv", "filename,label\nd.jpg,fig\n")
    assert read_class_splits(tmp_path) == OF_THREE


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.json", {"train": ["pear"], "test": ["pear"]}, r'a\.json puts class "pear" into test'),
        ("a.json", {"fruits": ["pear"]}, r"a\.json names neither train nor val nor test"),
        ("a.json", {"train": [1.5]}, r"a\.json: train holds a float"),
        ("a.json", {"train": "pear"}, r"a\.json: train is a str"),
        ("a.json", {"train": []}, r"a\.json names no class"),
        ("a.json", {"train": [" "]}, r"a\.json has a class without a name"),
        ("a.json", "{", r"a\.json is no file of splits"),
        ("a.json", "[" * 100_000, r"a\.json is no file of splits"),
        ("train.json", '{"a":' * 30 + "[]" + "}" * 30, r"nested more than 16 deep"),
        ("a.csv", "name,split\n", r"a\.csv has the columns name and split"),
        ("a.csv", "class,split\npear,all\n", r'a\.csv, line 2: split is "all"'),
        ("a.csv", "class,split\npear\n", r"a\.csv, line 2, has 1 of 2 columns"),
        ("a.csv", "", r"a\.csv has the columns none"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_sentence(
    name: str, content: object, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_class_splits(written(tmp_path / name, content))


def test_a_class_in_two_files_and_two_files_for_a_split_are_refused(tmp_path: Path) -> None:
    written(tmp_path / "a" / "train.json", ["pear"])
    written(tmp_path / "a" / "test.json", ["pear"])
    with pytest.raises(BadInput, match=r'test\.json puts class "pear" into test, .* in train'):
        read_class_splits(tmp_path / "a")
    written(tmp_path / "b" / "train.json", ["pear"])
    written(tmp_path / "b" / "base.json", ["plum"])
    with pytest.raises(BadInput, match=r"b has base\.json and train\.json for the split train"):
        read_class_splits(tmp_path / "b")
    with pytest.raises(BadInput, match="holds no train, val and test files"):
        read_class_splits(written(tmp_path / "c" / "notes.txt", "").parent)
    with pytest.raises(BadInput, match="cannot be read: No such file"):
        read_class_splits(tmp_path / "none.json")


@given(
    st.sets(st.text(max_size=5), min_size=3, max_size=60),
    st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(1, 99)),
    st.integers(0, 9),
)
def test_drawn_splits_depend_on_names_and_seed_alone_and_leave_none_empty(
    names: set[str], proportions: tuple[int, int, int], seed: int
) -> None:
    drawn = draw_class_splits(sorted(names), proportions, seed)
    assert drawn == draw_class_splits(sorted(names, reverse=True), proportions, seed)
    assert set(drawn) == names and set(drawn.values()) == {"train", "val", "test"}


def test_drawing_keeps_to_the_proportions_and_another_seed_draws_otherwise() -> None:
    names = [str(number) for number in range(100)]
    first, second = draw_class_splits(names), draw_class_splits(names, seed=1)
    assert Counter(first.values()) == {"train": 64, "val": 16, "test": 20}
    assert first != second
    halves = draw_class_splits(names, (1, 0, 1))
    assert Counter(halves.values()) == {"train": 50, "test": 50}


def test_shares_that_are_none_and_too_few_classes_are_refused() -> None:
    assert read_proportions("64/16/20") == (64, 16, 20)
    for text in ("64/16", "a/b/c", ""):
        with pytest.raises(BadInput, match="such as 64/16/20"):
            read_proportions(text)
    for shares in ((64, -1, 20), (0, 1, 1), (1, 1), (float("nan"), 1, 1)):
        with pytest.raises(BadInput, match="none below 0"):
            draw_class_splits(["a", "b", "c"], shares)
    with pytest.raises(BadInput, match="2 classes, too few"):
        draw_class_splits(["a", "b"])


def test_classes_are_known_by_their_names_or_else_by_the_ends_of_their_paths() -> None:
    classes = [
        "images_background/Korean/c01",
        "images_background/Latin/c01",
        "images_evaluation/Latin/c01",
        "other",
    ]
    wanted = {"background/Korean/c01": "train", "background/Latin/c01": "val"}
    assert splits_of_classes(classes, wanted, "split.json") == dict(
        zip(classes, ("train", "val", None, None), strict=True)
    )
    assert splits_of_classes(classes, {"Korean/c01": "test"}, "")[classes[0]] == "test"
    assert splits_of_classes(["c01", "x"], {"a/b/c01": "val"}, "") == {"c01": "val", "x": None}
    nested = ["a/c01", "b/a/c01"]  # the whole name goes before the end of another
    assert splits_of_classes(nested, {"a/c01": "val"}, "") == {"a/c01": "val", "b/a/c01": None}


@pytest.mark.parametrize(
    ("classes", "wanted", "sentence"),
    [
        (["a", "b"], {"c": "train", "a": "val"}, r's\.json: class "c" is not in the data'),
        (["x/a", "y/a"], {"a": "train"}, r's\.json: class "a" may be any of "x/a" and "y/a"'),
        (["a"], {"x/a": "train", "y/a": "val"}, r'puts class "a" into both train and val'),
    ],
)
def test_classes_that_cannot_be_told_are_refused(
    classes: list[str], wanted: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        splits_of_classes(classes, wanted, "s.json")


def test_every_split_has_as_many_classes_as_an_episode_where_there_are_enough() -> None:
    names = [f"class{number}" for number in range(24)]
    counts = Counter(draw_class_splits(names).values())
    assert counts == {"train": 14, "val": 5, "test": 5}
    assert Counter(draw_class_splits(names[:12]).values()) == {"train": 6, "val": 3, "test": 3}
    assert Counter(draw_class_splits(names, (1, 0, 0)).values()) == {"train": 24}


def test_the_note_says_why_splits_have_more_than_their_share() -> None:
    names = [f"class{number}" for number in range(24)]
    _, note = splits_by_chance(names, DRAWN, "own")
    assert "14 for train, 5 for val, 5 for test" in note
    assert "val have more" not in note and "val has more than that share" in note
    assert "each gets at least 5 classes" in note
    _, note = splits_by_chance([f"class{number}" for number in range(100)], DRAWN, "own")
    assert note.endswith("64 for train, 16 for val, 20 for test.")
    _, note = splits_by_chance(names[:12], DRAWN, "own")
    assert "val and test have more than that share" in note and "at least 3 classes" in note
