"""Embeddings in the layout of LEO's release become stores, or one sentence says why not."""

import os
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.features import RAW
from engine.data.importers.deepmind import import_deepmind
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore
from engine.errors import BadInput

DATA = Path(os.environ.get("LEO_STUDIO_DATA", Path(__file__).parents[5] / "shared/data"))
DIM = 4


def content(split: str, classes: int = 3, images: int = 2, **replaced: Any) -> dict[str, Any]:
    """Return what a pickle of the release holds, with classes whose names begin with the split."""
    labels = np.arange(classes).repeat(images)
    names = [f"{split}{label}" for label in labels]
    keys = [f"{i}-{name}-{name}_{i % images}.jpg".encode() for i, name in enumerate(names)]
    random = np.random.default_rng(len(split))
    embeddings = random.standard_normal((classes * images, DIM)).astype(np.float32)
    return {"embeddings": embeddings, "labels": labels, "keys": np.array(keys)} | replaced


def write(folder: Path, protocol: int = 2, contents: Mapping[str, object] | None = None) -> Path:
    """Write one pickle for each split; three ordinary ones unless others are given."""
    folder.mkdir(parents=True)
    for split, value in (contents or {split: content(split) for split in SPLITS}).items():
        path = folder / f"{split}_embeddings.pkl"
        path.write_bytes(pickle.dumps(value, protocol))
    return folder


def zipped(folder: Path, archive: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Pack everything below `folder`."""
    with zipfile.ZipFile(archive, "w", method) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return archive


def refusal(source: Path, out: Path) -> str:
    """Return the sentence with which a source is refused; nothing is left behind."""
    with pytest.raises(BadInput) as caught:
        import_deepmind(source, out)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    assert not out.exists() or not list(out.iterdir())
    return sentence


def refusal_of(tmp_path: Path, **contents: Any) -> str:
    """Return the sentence with which pickles of such contents are refused."""
    sentence = refusal(write(tmp_path / "mini/center", contents=contents), tmp_path / "out")
    assert f"{next(reversed(contents))}_embeddings.pkl" in sentence
    return sentence


# What becomes of a good source


def test_a_store_holds_what_the_pickles_held(tmp_path: Path) -> None:
    write(tmp_path / "mini/center")
    (imported,) = import_deepmind(tmp_path / "mini", tmp_path / "out")
    assert imported.path == tmp_path / "out/mini.h5"
    assert imported.notes == ()
    store = EmbeddingStore(imported.path)
    assert store.name == "mini"
    assert list(store.splits) == list(SPLITS)
    for split in SPLITS:
        loaded = store.load([split], RAW)
        np.testing.assert_array_equal(loaded.embeddings, content(split)["embeddings"])
        assert loaded.class_names == (f"{split}0", f"{split}1", f"{split}2")
        assert loaded.class_offsets.tolist() == [0, 2, 4, 6]
    assert store.image_names("val")[:3] == ["val0_0.jpg", "val0_1.jpg", "val1_0.jpg"]


def test_the_released_archive_makes_a_store_for_each_dataset_and_view(tmp_path: Path) -> None:
    for folder in ("miniImageNet/center", "miniImageNet/multiview", "tieredImageNet/center"):
        write(tmp_path / "source/embeddings" / folder)
    archive = zipped(tmp_path / "source", tmp_path / "embeddings.zip")
    for source in (archive, tmp_path / "source"):
        stores = import_deepmind(source, tmp_path / source.stem / "out")
        names = ["miniImageNet", "miniImageNet-multiview", "tieredImageNet"]
        assert [store.path.stem for store in stores] == names
        assert [EmbeddingStore(store.path).name for store in stores] == names


@pytest.mark.parametrize("part", ["mini/center", "mini", "."])
def test_any_part_of_the_unpacked_archive_will_do(part: str, tmp_path: Path) -> None:
    write(tmp_path / "source/mini/center")
    (imported,) = import_deepmind(tmp_path / "source" / part, tmp_path / "out")
    assert imported.path.name == "mini.h5"


def test_pickles_without_a_view_are_named_by_their_folder_or_archive(tmp_path: Path) -> None:
    folder = write(tmp_path / "birds: all")
    archive = zipped(folder, tmp_path / "fish.zip", zipfile.ZIP_STORED)
    assert import_deepmind(folder, tmp_path)[0].path.name == "birds_ all.h5"
    assert import_deepmind(archive, tmp_path)[0].path.name == "fish.h5"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "f8", "f2"])
def test_every_protocol_and_float_gives_the_same_store(
    protocol: int, dtype: str, tmp_path: Path
) -> None:
    embeddings = np.arange(6 * DIM).reshape(-1, DIM).astype(dtype)
    folder = write(tmp_path / "mini", protocol, {"train": content("train", embeddings=embeddings)})
    (imported,) = import_deepmind(folder, tmp_path)
    loaded = EmbeddingStore(imported.path).load(["train"], RAW)
    np.testing.assert_array_equal(loaded.embeddings, embeddings)


@pytest.mark.parametrize(
    "keys",
    [
        ["0-a-a_1.jpg", "1-b-b_1.jpg"],
        [b"0-a-a_1.jpg", b"1-b-b_1.jpg"],
        np.array(["0-a-a_1.jpg", "1-b-b_1.jpg"]),
        np.array([b"0-a-a_1.jpg", b"1-b-b_1.jpg"]),
        (np.str_("0-a-a_1.jpg"), np.bytes_(b"1-b-b_1.jpg")),
    ],
)
def test_keys_may_be_bytes_or_text_in_an_array_or_a_list(keys: object, tmp_path: Path) -> None:
    folder = write(tmp_path / "mini", contents={"train": content("train", 2, 1, keys=keys)})
    (imported,) = import_deepmind(folder, tmp_path)
    assert EmbeddingStore(imported.path).image_names("train") == ["a_1.jpg", "b_1.jpg"]


@pytest.mark.parametrize(
    ("key", "name", "image"),
    [
        ("7-n01-n01_5.jpg", "n01", "n01_5.jpg"),
        ("7-great-auk-great-auk_5.jpg", "great-auk", "great-auk_5.jpg"),
        ("7-great_auk-great_auk_5-a.jpg", "great_auk", "great_auk_5-a.jpg"),
        ("7-a-a-a-a_5.jpg", "a-a", "a-a_5.jpg"),
        ("7-Süß-Süß_5.jpg", "Süß", "Süß_5.jpg"),
    ],
)
def test_a_class_is_found_in_its_key_with_dashes_and_underscores(
    key: str, name: str, image: str, tmp_path: Path
) -> None:
    one = content("train", 1, 1, keys=np.array([key.encode()]))
    (imported,) = import_deepmind(write(tmp_path / "mini", contents={"train": one}), tmp_path)
    store = EmbeddingStore(imported.path)
    assert store.class_names("train") == [name]
    assert store.image_names("train") == [image]


def test_rows_in_any_order_are_sorted_by_class(tmp_path: Path) -> None:
    whole = content("train", 3, 5)
    order = np.random.default_rng(0).permutation(15)
    shuffled = {name: values[order] for name, values in whole.items()}
    (imported,) = import_deepmind(write(tmp_path / "mini", contents={"train": shuffled}), tmp_path)
    store = EmbeddingStore(imported.path)
    row_of = {key.decode().split("-")[2]: row for row, key in enumerate(whole["keys"])}
    rows = [row_of[name] for name in store.image_names("train")]
    loaded = store.load(["train"], RAW)
    np.testing.assert_array_equal(loaded.embeddings, whole["embeddings"][rows])
    assert (np.diff(whole["labels"][rows]) != 0).sum() == 2


def test_missing_splits_and_extra_fields_are_noted(tmp_path: Path) -> None:
    contents: dict[str, Any] = {"train": content("train", comment="x"), "val": content("val")}
    (imported,) = import_deepmind(write(tmp_path / "mini", contents=contents), tmp_path)
    assert list(EmbeddingStore(imported.path).splits) == ["train", "val"]
    extra, missing = imported.notes
    assert extra.startswith("mini/train_embeddings.pkl holds more")
    assert missing.startswith("mini has no test split")


def test_labels_of_a_coarser_grouping_are_noted_and_the_keys_followed(tmp_path: Path) -> None:
    coarse = content("train", 3, 2, labels=np.array(["x", "x", "y", "y", "y", "y"]))
    (imported,) = import_deepmind(write(tmp_path / "mini", contents={"train": coarse}), tmp_path)
    assert EmbeddingStore(imported.path).splits["train"].classes == 3
    assert "3 classes by its keys and 2 by its labels" in imported.notes[0]


def test_progress_rises_to_one_and_may_end_the_import(tmp_path: Path) -> None:
    folder, fractions = write(tmp_path / "mini"), []
    import_deepmind(folder, tmp_path / "out", lambda name, fraction: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1

    def cancel(name: str, fraction: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_deepmind(folder, tmp_path / "other", cancel)
    assert not (tmp_path / "other").exists()


def test_the_sample_of_real_embeddings_is_imported(tmp_path: Path) -> None:
    source = DATA / "leaves/embeddings"
    if not source.is_dir():
        pytest.skip(f"there is no {source}; set LEO_STUDIO_DATA to the folder with the real data")
    (imported,) = import_deepmind(source, tmp_path)
    store = EmbeddingStore(imported.path)
    assert imported.notes == ()
    assert {name: (split.classes, split.examples) for name, split in store.splits.items()} == {
        "train": (64, 64 * 16),
        "val": (16, 16 * 16),
        "test": (19, 19 * 16),
    }
    with (source / "leaves100/center/test_embeddings.pkl").open("rb") as file:
        original = pickle.load(file)
    loaded = store.load(["test"], RAW)
    np.testing.assert_array_equal(loaded.embeddings, original["embeddings"])


# What is refused


def test_a_pickle_that_would_run_a_command_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "mini")
    marker = tmp_path / "marker"
    command = f"cos\nsystem\n(S'touch {marker}'\ntR."
    (folder / "val_embeddings.pkl").write_text(command)
    assert refusal(folder, tmp_path / "out").startswith(
        "mini/val_embeddings.pkl asks for os.system"
    )
    archive = zipped(folder, tmp_path / "mini.zip")
    assert "mini.zip/val_embeddings.pkl asks for" in refusal(archive, tmp_path / "out")
    assert not marker.exists()


def test_a_source_without_embeddings_is_told_the_layout(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "expected DATASET/center/train_embeddings.pkl" in refusal(empty, tmp_path / "out")
    archive = zipped(empty, tmp_path / "empty.zip")
    assert "expected DATASET/center/train_embeddings.pkl" in refusal(archive, tmp_path / "out")


def test_a_source_that_is_missing_or_no_archive_is_refused(tmp_path: Path) -> None:
    assert "no file at" in refusal(tmp_path / "none.zip", tmp_path / "out")
    text = tmp_path / "text.zip"
    text.write_text("not a zip")
    sentence = refusal(text, tmp_path / "out")
    assert (
        "text.zip is text, such as CSV, and not the released zip archive or its folder" in sentence
    )
    with pytest.raises(BadInput, match="name a folder"):
        import_deepmind(write(tmp_path / "mini"), text)


def test_two_folders_that_would_make_one_store_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "source/a/mini/center")
    write(tmp_path / "source/b/mini/center")
    assert "two stores named mini" in refusal(tmp_path / "source", tmp_path / "out")


def test_a_class_in_two_splits_is_refused(tmp_path: Path) -> None:
    sentence = refusal_of(tmp_path, train=content("same"), val=content("same"))
    assert '3 classes ("same0", "same1" and "same2") are in both train and val' in sentence


def test_splits_of_different_sizes_of_embedding_are_refused(tmp_path: Path) -> None:
    wide = content("val", embeddings=np.ones((6, DIM + 1), np.float32))
    assert "shape (6, 5)" in refusal_of(tmp_path, train=content("train"), val=wide)


MISTAKES: dict[str, tuple[object, str]] = {
    "a list": ([1, 2], "holds a list"),
    "no labels": ({"embeddings": 1, "keys": 2, "label": 3}, "lacks labels"),
    "no names": ({10**5000: 1}, "its fields are not named"),
    "embeddings in a list": (content("train", embeddings=[[1.0]]), "embeddings is a list"),
    "integers": (content("train", embeddings=np.full((6, 4), 2**25 + 1)), "row 0, holds 33554433"),
    "flat": (content("train", embeddings=np.ones(6)), "has shape (6,)"),
    "nothing": (content("train", embeddings=np.ones((0, 4))), "has shape (0, 4)"),
    "no numbers": (content("train", embeddings=np.ones((6, 0))), "has shape (6, 0)"),
    "fewer embeddings": (content("train", embeddings=np.ones((5, 4))), "5 embeddings and 6 keys"),
    "fewer labels": (content("train", labels=np.zeros(5)), "6 embeddings and 5 labels"),
    "labels in a table": (content("train", labels=np.zeros((6, 1))), "labels must be"),
    "mixed labels": (content("train", labels=[1, None, 2, 3, 4, 5]), "labels must be"),
    "huge labels": (content("train", labels=[10**5000, 5, 1, 1, 2, 2]), "disagree: row 1"),
    "shuffled labels": (content("train", labels=np.array([0, 1, 1, 0, 2, 2])), "disagree: row 1"),
    "numbers as keys": (content("train", keys=np.arange(6)), "keys is not a list of names"),
    "a number among keys": (content("train", keys=["0-a-a_1", 5]), "keys, row 1, is a int"),
    "keys without classes": (content("train", keys=["a.jpg\n"] * 6), "INDEX-CLASS-CLASS_IMAGE"),
    "two classes in a key": (content("train", keys=["0-a-b_1.jpg"] * 6), "INDEX-CLASS-CLASS"),
    "a NUL in a key": (content("train", keys=["0-a-a_\0.jpg"] * 6, labels=[0] * 6), "be stored"),
    "half a character": (content("train", keys=["0-a-a_\ud800"] * 6, labels=[0] * 6), "be stored"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_pickle_is_named(mistake: str, tmp_path: Path) -> None:
    value, what = MISTAKES[mistake]
    assert what in refusal_of(tmp_path, train=value)


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e300])
def test_numbers_that_are_not_finite_in_single_precision_are_refused(
    number: float, tmp_path: Path
) -> None:
    embeddings = np.ones((6, DIM))
    embeddings[4, 2] = number
    sentence = refusal_of(tmp_path, train=content("train", embeddings=embeddings))
    assert '1 rows that are not finite (first: row 4, "train2_0.jpg")' in sentence


def test_a_failed_import_leaves_the_earlier_store(tmp_path: Path) -> None:
    folder = write(tmp_path / "mini")
    (imported,) = import_deepmind(folder, tmp_path)
    before = imported.path.read_bytes()
    (folder / "test_embeddings.pkl").write_bytes(b"damage")
    with pytest.raises(BadInput):
        import_deepmind(folder, tmp_path)
    assert imported.path.read_bytes() == before


# Archives that were made to do harm, or damaged


def with_declared_size(archive: Path, size: int) -> Path:
    """Declare another unpacked size for the only member, in the archive's directory."""
    data = bytearray(archive.read_bytes())
    start = data.rindex(b"PK\x01\x02")
    data[start + 24 : start + 28] = struct.pack("<I", size)
    archive.write_bytes(data)
    return archive


def test_an_archive_that_unpacks_to_absurdly_much_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mini/center/train_embeddings.pkl", bytes(80_000_000))
    assert "would unpack from" in refusal(tmp_path / "bomb.zip", tmp_path / "out")


@pytest.mark.parametrize("size", [100, 4_000_000_000])
def test_an_archive_that_lies_about_a_size_is_refused(size: int, tmp_path: Path) -> None:
    folder = write(tmp_path / "mini", contents={"train": content("train")})
    archive = with_declared_size(zipped(folder, tmp_path / "mini.zip"), size)
    assert "mini.zip" in refusal(archive, tmp_path / "out")


def test_a_changed_byte_in_an_archive_is_noticed(tmp_path: Path) -> None:
    folder = write(tmp_path / "mini", contents={"train": content("train")})
    archive = zipped(folder, tmp_path / "mini.zip", zipfile.ZIP_STORED)
    data = bytearray(archive.read_bytes())
    data[data.rindex(b"0-train0")] ^= 1
    archive.write_bytes(data)
    assert "damaged" in refusal(archive, tmp_path / "out")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    archive = zipped(
        write(tmp_path / "mini", contents={"train": content("train")}), tmp_path / "mini.zip"
    )
    data = bytearray(archive.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    assert "is encrypted" in refusal(archive, tmp_path / "out")


def test_a_damaged_archive_is_imported_or_refused(tmp_path: Path) -> None:
    source = zipped(
        write(tmp_path / "mini", contents={"train": content("train")}), tmp_path / "mini.zip"
    )
    whole, draw = source.read_bytes(), random.Random(0)
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            data[draw.randrange(len(data))] = draw.randrange(256)
        source.write_bytes(data[: draw.choice([len(data), draw.randrange(len(data))])])
        try:
            import_deepmind(source, tmp_path / "out")
        except BadInput as error:
            assert "mini.zip" in str(error)


# Memory

MEASURE = """
import sys
from pathlib import Path
from engine.data.importers.deepmind import import_deepmind

def kilobytes(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))

before = kilobytes("VmRSS")
for source, out in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    import_deepmind(Path(source), Path(out))
print((kilobytes("VmHWM") - before) * 1024)
"""


# Not resource.getrusage: a child's peak there begins with that of the process it was started by.
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_an_import_needs_little_more_memory_than_the_largest_split(tmp_path: Path) -> None:
    """Of either protocol, one after the other: what the first one kept would count as well."""
    # As wide as the release's, so that names are as small a part as there.
    embeddings = np.random.default_rng(0).standard_normal((24_000, 640), dtype=np.float32)
    contents = {split: content(split, 60, 400, embeddings=embeddings) for split in SPLITS}
    places: list[Path] = []
    for protocol in (2, 4):
        places.append(write(tmp_path / f"large-{protocol}", protocol, contents))
        places.append(tmp_path / f"out-{protocol}")
    command = [sys.executable, "-c", MEASURE, *map(str, places)]
    measured = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(measured.stdout) <= 2.5 * embeddings.nbytes


def test_what_was_imported_before_an_error_is_whole_and_named(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write(tmp_path / "embeddings" / name / "center")
    (tmp_path / "embeddings" / "second" / "center" / "val_embeddings.pkl").write_bytes(b"\x80")
    with pytest.raises(BadInput, match=r"Imported before that, and whole: first\.$"):
        import_deepmind(tmp_path / "embeddings", tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["first.h5"]
    assert EmbeddingStore(tmp_path / "out" / "first.h5").splits.keys() == set(SPLITS)
