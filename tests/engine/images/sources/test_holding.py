import csv
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from engine.images.sources import holds_pictures
from tests.engine.images.pictures import encoded, picture, write_folders
from tests.engine.images.sources.test_opening import zipped


def pickled(path: Path, content: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def table(path: Path, *names: str) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, ["1"] * len(names)])
    return path


def test_folders_and_archives_of_pictures_are_told_by_names(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"deep/a": 2, "deep/b": 2})
    assert holds_pictures(folder)
    assert holds_pictures(zipped(folder, tmp_path / "own.zip"))
    (tmp_path / "empty").mkdir()
    assert not holds_pictures(tmp_path / "empty")
    with zipfile.ZipFile(tmp_path / "words.zip", "w") as archive:
        archive.writestr("a/readme.txt", "words")
    assert not holds_pictures(tmp_path / "words.zip")
    (tmp_path / "torn.zip").write_bytes((tmp_path / "own.zip").read_bytes()[:300])
    assert not holds_pictures(tmp_path / "torn.zip")


def test_embeddings_with_a_figure_beside_them_are_no_pictures(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "released.zip", "w") as archive:
        archive.writestr("mini/center/train_embeddings.pkl", b"")
        archive.writestr("mini/figure.png", b"")
    assert not holds_pictures(tmp_path / "released.zip")
    features = tmp_path / "features"
    features.mkdir()
    for name in ("base", "val", "novel"):
        pickled(features / f"{name}.plk", {0: [np.ones(4)]})
    (features / "tsne.png").write_bytes(encoded(picture()))
    assert not holds_pictures(features)


def test_tables_of_paths_are_told_from_tables_of_vectors(tmp_path: Path) -> None:
    assert holds_pictures(table(tmp_path / "paths.csv", "filename", "Label"))
    assert not holds_pictures(table(tmp_path / "vectors.csv", "filename", "label", "0", "1"))
    assert not holds_pictures(table(tmp_path / "other.csv", "filename", "size"))
    splits = tmp_path / "splits"
    splits.mkdir()
    for split in ("train", "val", "test"):
        table(splits / f"{split}.csv", "filename", "label")
    assert holds_pictures(splits)


def test_parquet_is_told_by_its_schema(tmp_path: Path) -> None:
    labels = {"label": ["a", "b"]}
    pictures = pyarrow.table({"image": [{"bytes": b"x"}] * 2, **labels})
    vectors = pyarrow.table({"image": ["a.png"] * 2, "embedding": [[0.5, 1.0]] * 2, **labels})
    parquet.write_table(pictures, tmp_path / "pictures.parquet")
    parquet.write_table(vectors, tmp_path / "vectors.parquet")
    assert holds_pictures(tmp_path / "pictures.parquet")
    assert not holds_pictures(tmp_path / "vectors.parquet")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    assert not holds_pictures(tmp_path / "torn.parquet")


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickles_are_told_by_their_words(tmp_path: Path, protocol: int) -> None:
    images = np.zeros((4, 8, 8, 3), np.uint8)
    mini = {"image_data": images, "class_dict": {"a": [0, 1], "b": [2, 3]}}
    cifar = {"data": images, "labels": [0, 0, 1, 1]}
    features = {"data": np.zeros((4, 8), np.float32), "labels": np.zeros(4, np.uint8)}
    assert holds_pictures(pickled(tmp_path / "mini.pkl", mini, protocol))
    assert holds_pictures(pickled(tmp_path / "cifar.pickle", cifar, protocol))
    assert not holds_pictures(pickled(tmp_path / "features.pkl", features, protocol))
