import csv
import json
import pickle
import re
import stat
import zipfile
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from engine.errors import BadInput
from engine.images.sources import BrokenPicture, PictureSource, opened_pictures
from tests.engine.images.pictures import encoded, picture, write_folders


def kinds(source: PictureSource) -> list[tuple[str, str]]:
    """Return each class with its split, once."""
    return sorted({(each.class_name, each.split) for each in source.pictures})


def refused(path: Path) -> str:
    """Return the sentence that a path is refused with."""
    with pytest.raises(BadInput) as error, opened_pictures(path):
        pass
    return str(error.value)


def zipped(folder: Path, out: Path) -> Path:
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, Path("pictures") / path.relative_to(folder))
    return out


def test_a_folder_is_a_class_at_any_depth(tmp_path: Path) -> None:
    write_folders(tmp_path / "own", {"Greek/alpha": 2, "Greek/beta": 3, "Latin/a": 2})
    with opened_pictures(tmp_path / "own") as source:
        assert kinds(source) == [("Greek/alpha", ""), ("Greek/beta", ""), ("Latin/a", "")]
        assert len(source.pictures) == 7
        assert source.pixels(0).shape == (24, 24, 3)


def test_an_archive_is_read_as_the_folder_that_it_would_unpack_to(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"Greek/alpha": 2, "Latin/a": 2})
    archive = zipped(folder, tmp_path / "own.zip")
    with opened_pictures(folder) as here, opened_pictures(archive) as there:
        assert here.pictures == there.pictures
        for row in range(len(here.pictures)):
            np.testing.assert_array_equal(here.pixels(row), there.pixels(row))


def test_folders_that_all_share_are_no_part_of_a_class(tmp_path: Path) -> None:
    write_folders(tmp_path / "own" / "data" / "images", {"a": 2, "b": 2})
    with opened_pictures(tmp_path / "own") as source:
        assert kinds(source) == [("a", ""), ("b", "")]


def test_one_class_alone_keeps_its_name(tmp_path: Path) -> None:
    write_folders(tmp_path / "own", {"images/apple": 3})
    with opened_pictures(tmp_path / "own") as source:
        assert kinds(source) == [("apple", "")]


def test_folders_named_after_splits_are_splits(tmp_path: Path) -> None:
    write_folders(tmp_path / "own", {"train/n1": 2, "val/n2": 2, "test/n3": 2})
    with opened_pictures(tmp_path / "own") as source:
        assert kinds(source) == [("n1", "train"), ("n2", "val"), ("n3", "test")]


def test_folders_with_the_same_classes_are_joined_and_that_is_said(tmp_path: Path) -> None:
    write_folders(tmp_path / "own", {"train/a": 3, "train/b": 3, "test/a": 2, "test/b": 2})
    with opened_pictures(tmp_path / "own") as source:
        assert kinds(source) == [("a", ""), ("b", "")]
        assert len(source.pictures) == 10
        assert len({each.name for each in source.pictures}) == 10
        assert "the folders were joined" in source.notes[0]


def test_pictures_outside_of_a_class_are_named(tmp_path: Path) -> None:
    write_folders(tmp_path / "own", {"a": 2, ".": 1})
    with (
        pytest.raises(BadInput, match=r"^own: 000\.png lies in no folder"),
        opened_pictures(tmp_path / "own"),
    ):
        pass


def test_what_is_no_picture_is_passed_over(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"a": 2, "b": 2, "__MACOSX/a": 1, ".cache/b": 1})
    (folder / "a" / "Thumbs.db").write_bytes(b"x")
    (folder / "a" / "._000.png").write_bytes(b"x")
    (folder / "README.md").write_text("words")
    with opened_pictures(folder) as source:
        assert len(source.pictures) == 4


def test_a_broken_picture_is_an_error_of_its_own(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"a": 2})
    (folder / "a" / "000.png").write_bytes(b"words")
    with opened_pictures(folder) as source:
        with pytest.raises(BrokenPicture, match=r"^a/000\.png is no picture"):
            source.pixels(0)
        assert source.pixels(1).shape == (24, 24, 3)


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"a": 2})
    secret = tmp_path / "secret.png"
    secret.write_bytes(encoded(picture(9)))
    (folder / "a" / "link.png").symlink_to(secret)
    (folder / "a" / "inside.png").symlink_to(folder / "a" / "000.png")
    (folder / "elsewhere").symlink_to(tmp_path)
    with opened_pictures(folder) as source:
        names = [each.name for each in source.pictures]
        assert names == ["a/000.png", "a/001.png", "a/inside.png"]
        assert "link.png" in source.notes[0]


@pytest.mark.parametrize("name", ["../outside.png", "/etc/a/b.png", "a/../../b.png", "C:/a/b.png"])
def test_an_archive_whose_names_lead_out_of_it_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "own.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/000.png", encoded(picture()))
        archive.writestr(name, encoded(picture()))
    with pytest.raises(BadInput, match="leads out of the archive"), opened_pictures(path):
        pass


def test_links_in_an_archive_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "own.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/000.png", encoded(picture()))
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with opened_pictures(path) as source:
        assert [each.name for each in source.pictures] == ["a/000.png"]
        assert source.notes == ['link "a/link.png" was left out.']


def test_a_bomb_in_an_archive_is_a_broken_picture(tmp_path: Path) -> None:
    path = tmp_path / "own.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/000.png", encoded(picture()))
        archive.writestr("a/bomb.png", bytes(100 << 20))
    with opened_pictures(path) as source:
        assert source.pixels(0).shape == (24, 24, 3)
        with pytest.raises(BrokenPicture, match="would unpack from"):
            source.pixels(1)


def test_a_cut_archive_is_one_sentence(tmp_path: Path) -> None:
    path = zipped(write_folders(tmp_path / "own", {"a": 2}), tmp_path / "own.zip")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BadInput, match=r"own\.zip is the beginning"), opened_pictures(path):
        pass


# Tables


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_ravi_and_larochelles_tables_are_splits(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "mini", {"images": 6})
    for split, names in (("train", "012"), ("val", "34"), ("test", "5")):
        rows = [{"filename": f"00{at}.png", "label": f"n{split}"} for at in names]
        write_table(folder / f"{split}.csv", rows)
    with opened_pictures(folder) as source:
        assert kinds(source) == [("ntest", "test"), ("ntrain", "train"), ("nval", "val")]
        assert all(source.pixels(row).shape == (24, 24, 3) for row in range(6))


def test_a_table_may_have_a_column_of_splits(tmp_path: Path) -> None:
    write_folders(tmp_path, {"here": 2})
    rows = [
        {"Path": "here/000.png", "Class": "a", "Split": "train"},
        {"Path": "here/001.png", "Class": "b", "Split": "Validation"},
    ]
    write_table(tmp_path / "own.csv", rows)
    with opened_pictures(tmp_path / "own.csv") as source:
        assert kinds(source) == [("a", "train"), ("b", "val")]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"path": "../x.png", "label": "a"}, "line 2: the path .* leads out"),
        ({"path": "/etc/x.png", "label": "a"}, "leads out of the folder"),
        ({"path": "none.png", "label": "a"}, "there is no file"),
        ({"path": "000.png", "label": ""}, "a path or a label is missing"),
        ({"path": "000.png"}, "no column of labels"),
        ({"label": "a"}, "no column of paths"),
        ({"path": "000.png", "label": "a", "split": "all"}, "write train, val or test"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, row: dict[str, str], sentence: str
) -> None:
    write_folders(tmp_path, {".": 1})
    write_table(tmp_path / "own.csv", [row])
    with pytest.raises(BadInput, match=sentence), opened_pictures(tmp_path / "own.csv"):
        pass


# Parquet


def test_parquet_tables_of_hugging_face_are_read_with_their_names(tmp_path: Path) -> None:
    for split, labels in (("train", [0, 0, 1]), ("test", [2, 2])):
        images = [{"bytes": encoded(picture(at)), "path": f"{at}.png"} for at in range(len(labels))]
        table = pyarrow.table({"image": images, "label": labels})
        names = {"label": {"names": ["cat", "dog", "owl"], "_type": "ClassLabel"}}
        notes = json.dumps({"info": {"features": names}})
        table = table.replace_schema_metadata({"huggingface": notes})
        parquet.write_table(table, tmp_path / f"{split}-00000-of-00001.parquet", row_group_size=2)
    with opened_pictures(tmp_path) as source:
        assert kinds(source) == [("cat", "train"), ("dog", "train"), ("owl", "test")]
        for row in (4, 0, 3, 2, 1):
            assert source.pixels(row).shape == (24, 24, 3)
        np.testing.assert_array_equal(source.pixels(0), np.asarray(picture(0)))


def test_parquet_without_pictures_is_one_sentence(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"x": [1]}), tmp_path / "own.parquet")
    assert refused(tmp_path / "own.parquet").startswith("own.parquet has the columns x")
    (tmp_path / "own.parquet").write_bytes(b"PAR1 and no more")
    assert "no whole Parquet table" in refused(tmp_path / "own.parquet")


# Pickles of miniImageNet


@pytest.mark.parametrize("form", ["class_dict", "labels", "names"])
def test_pickled_copies_of_miniimagenet_are_read(tmp_path: Path, form: str) -> None:
    images = np.stack([np.asarray(picture(seed)) for seed in range(4)])
    content = {
        "class_dict": {"image_data": images, "class_dict": {"n1": [0, 1], "n2": [2, 3]}},
        "labels": {"data": images, "labels": ["n1", "n1", "n2", "n2"]},
        "names": {"data": images, "labels": [5, 5, 7, 7], "catname2label": {"n1": 5, "n2": 7}},
    }[form]
    for split in ("train", "val"):
        with (tmp_path / f"mini-imagenet-cache-{split}.pkl").open("wb") as file:
            pickle.dump(content, file)
    with opened_pictures(tmp_path / "mini-imagenet-cache-val.pkl") as source:
        assert kinds(source) == [("n1", "val"), ("n2", "val")]
        np.testing.assert_array_equal(source.pixels(2), images[2])
    with opened_pictures(tmp_path) as source:
        assert {each.split for each in source.pictures} == {"train", "val"}


@pytest.mark.parametrize(
    "content", [[1, 2], {"data": np.zeros((2, 4))}, {"data": np.zeros((2, 4, 4, 3), np.uint8)}]
)
def test_a_pickle_of_something_else_is_one_sentence(tmp_path: Path, content: object) -> None:
    with (tmp_path / "own.pkl").open("wb") as file:
        pickle.dump(content, file)
    assert re.match(r"own\.pkl (holds|tells) no", refused(tmp_path / "own.pkl"))


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.pkl").write_bytes(b"cos\nsystem\n(S'touch hacked'\ntR.")
    with pytest.raises(BadInput, match="system"), opened_pictures(tmp_path / "own.pkl"):
        pass
    assert not Path("hacked").exists()


def test_nothing_and_other_files_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for name, sentence in (
        ("none", "There is nothing at"),
        ("words.txt", "of no kind that holds pictures"),
        ("empty", "holds no pictures"),
    ):
        with pytest.raises(BadInput, match=sentence), opened_pictures(tmp_path / name):
            pass
