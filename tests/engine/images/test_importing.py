import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.class_splits import SplitChoice
from engine.data.placement import StoreTaken
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.images.encoders import Framing
from engine.images.encoders.pixel_encoder import PixelEncoder
from engine.images.framing import center_view
from engine.images.importing import import_pictures
from engine.images.looking import look_at_pictures
from engine.images.sources import opened_pictures
from tests.engine.images.pictures import write_folders

CPU = torch.device("cpu")
CLASSES = {f"class{number}": 3 + number % 3 for number in range(10)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folders(tmp_path / "own", CLASSES)


class Stopped(Exception):
    """Ends an import, as a person does."""


def encoder(**framing: object) -> PixelEncoder:
    return PixelEncoder(Framing(side=28, **framing))  # type: ignore[arg-type]


def test_a_store_holds_the_embedding_of_every_picture(folder: Path, tmp_path: Path) -> None:
    made = import_pictures(folder, tmp_path / "own.h5", encoder(), CPU)
    store = EmbeddingStore(made.path)
    assert store.encoder == encoder().record
    silent = "own does not say which classes are for training, validation and test"
    assert f"{silent}, so classes were drawn, 64/16/20 with seed 0" in made.notes[0]
    assert sum(each.examples for each in store.splits.values()) == sum(CLASSES.values())
    with opened_pictures(folder) as source:
        by_name = {each.name: row for row, each in enumerate(source.pictures)}
        for split in store.splits:
            names = store.image_names(split)
            rows = list(range(len(names)))
            pixels = [source.pixels(by_name[name]) for name in names]
            views = np.stack([center_view(each, 28, 1.0) for each in pixels])
            expected = encoder().encode(torch.from_numpy(views).permute(0, 3, 1, 2))
            np.testing.assert_allclose(store.embeddings(split, rows), expected, rtol=1e-6)
            thumbnails = np.stack([center_view(each, 64, 1.0) for each in pixels])
            images = store.images(split, rows)
            assert images is not None
            np.testing.assert_array_equal(images, thumbnails)
            offsets = store.class_offsets(split)
            for number, name in enumerate(store.class_names(split)):
                own = names[offsets[number] : offsets[number + 1]]
                assert {each.partition("/")[0] for each in own} == {name}
                assert len(own) == CLASSES[name]


def test_splits_of_a_file_are_taken_and_other_classes_left_out(
    folder: Path, tmp_path: Path
) -> None:
    splits = {"train": ["class0", "class1"], "val": ["class2"], "test": ["class3"]}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    choice = SplitChoice(tmp_path / "splits.json")
    made = import_pictures(folder, tmp_path / "own.h5", encoder(), CPU, splits=choice)
    store = EmbeddingStore(made.path)
    assert {split: store.class_names(split) for split in store.splits} == splits
    assert "names no split for 6 of 10 classes" in made.notes[1]


def test_what_cannot_be_read_is_listed_and_never_fatal(folder: Path, tmp_path: Path) -> None:
    (folder / "class0" / "000.png").write_bytes(b"words")
    for path in (folder / "class1").iterdir():
        path.write_bytes(b"")
    write_folders(folder, {"alone": 1})
    made = import_pictures(folder, tmp_path / "own.h5", encoder(), CPU)
    store = EmbeddingStore(made.path)
    names = [name for split in store.splits for name in store.image_names(split)]
    assert "class0/001.png" in names and "class0/000.png" not in names
    classes = [name for split in store.splits for name in store.class_names(split)]
    assert sorted(classes) == sorted(set(CLASSES) - {"class1"})
    assert len(store.left_out) == 1 + CLASSES["class1"]
    assert any(each.startswith("class0/000.png is no picture") for each in store.left_out)
    notes = " ".join(made.notes)
    assert f"{1 + CLASSES['class1']} of {sum(CLASSES.values())} pictures were left out" in notes
    assert 'class "class1" was left out' in notes and 'class "alone" was left out' in notes


def test_nothing_readable_is_one_sentence_and_no_store(tmp_path: Path) -> None:
    folder = write_folders(tmp_path / "own", {"a": 2, "b": 2, "c": 2})
    for path in folder.rglob("*.png"):
        path.write_bytes(b"words")
    with pytest.raises(BadInput, match=r"^None of 6 pictures can be read"):
        import_pictures(folder, tmp_path / "own.h5", encoder(), CPU)
    assert not (tmp_path / "own.h5").exists()


def test_the_mean_of_ten_views_and_each_of_them(folder: Path, tmp_path: Path) -> None:
    names = ("center", "mean", "each")
    stores = {
        views: EmbeddingStore(
            import_pictures(folder, tmp_path / f"{views}.h5", encoder(views=views), CPU).path
        )
        for views in names
    }
    count = stores["center"].splits["train"].examples
    assert stores["mean"].splits["train"].examples == count
    assert stores["each"].splits["train"].examples == 10 * count
    each = stores["each"].embeddings("train", list(range(10 * count)))
    mean = stores["mean"].embeddings("train", list(range(count)))
    center = stores["center"].embeddings("train", list(range(count)))
    np.testing.assert_allclose(each.reshape(count, 10, -1).mean(axis=1), mean, rtol=1e-5)
    np.testing.assert_allclose(each.reshape(count, 10, -1)[:, 0], center)
    assert stores["each"].splits["val"] == stores["center"].splits["val"]
    assert stores["each"].image_names("train")[1] == stores["mean"].image_names("train")[0] + "#1"


def test_a_stopped_import_goes_on_where_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.images.extraction._ON_CPU", 4)
    told: list[float] = []

    def stop_in_the_middle(_: str, done: float) -> None:
        told.append(done)
        if done > 0.4:
            raise Stopped

    out = tmp_path / "own.h5"
    with pytest.raises(Stopped):
        import_pictures(folder, out, encoder(), CPU, progress=stop_in_the_middle)
    assert not out.exists()
    again: list[float] = []
    made = import_pictures(folder, out, encoder(), CPU, progress=lambda _, done: again.append(done))
    assert again[0] > 0.3  # what was done is not done again
    assert again[-1] == 1.0
    whole = import_pictures(folder, tmp_path / "whole.h5", encoder(), CPU, name="own")
    assert same(made.path, whole.path)
    assert list(tmp_path.glob("*.extracting")) == []


def test_what_another_encoder_began_is_not_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.images.extraction._ON_CPU", 4)

    def stop(_: str, done: float) -> None:
        if done > 0.4:
            raise Stopped

    out = tmp_path / "own.h5"
    with pytest.raises(Stopped):
        import_pictures(folder, out, encoder(), CPU, progress=stop)
    again: list[float] = []
    import_pictures(
        folder, out, encoder(crop=0.5), CPU, progress=lambda _, done: again.append(done)
    )
    assert again[0] == 0.0


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
import engine.images.extraction
from engine.images.encoders import Framing
from engine.images.encoders.pixel_encoder import PixelEncoder
from engine.images.importing import import_pictures
engine.images.extraction._ON_CPU = 4
def kill(_, done):
    if done > 0.4:
        os.kill(os.getpid(), signal.SIGKILL)
source, out = map(Path, sys.argv[1:])
import_pictures(source, out, PixelEncoder(Framing(side=28)), torch.device("cpu"), progress=kill)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a word of other systems")
def test_an_import_goes_on_after_kill_9(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.h5"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(out)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not out.exists()
    again: list[float] = []
    made = import_pictures(folder, out, encoder(), CPU, progress=lambda _, done: again.append(done))
    assert again[0] > 0.3
    whole = import_pictures(folder, tmp_path / "whole.h5", encoder(), CPU, name="own")
    assert same(made.path, whole.path)


def same(one: Path, other: Path) -> bool:
    first, second = EmbeddingStore(one), EmbeddingStore(other)
    return first.splits == second.splits and all(
        np.array_equal(next(first.chunks(split)), next(second.chunks(split)))
        and first.image_names(split) == second.image_names(split)
        for split in first.splits
    )


@pytest.mark.parametrize("cores", [1, 5])
def test_a_store_has_the_same_bits_on_any_number_of_cores(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    monkeypatch.setattr("engine.images.extraction._ON_CPU", 3)
    asked: list[int] = []

    def imported(count: int) -> Path:
        def usable() -> int:
            asked.append(count)
            return count

        monkeypatch.setattr("engine.images.extraction.usable_cores", usable)
        return import_pictures(folder, tmp_path / f"on-{count}.h5", encoder(), CPU).path

    assert same(imported(2), imported(cores))
    assert asked == [2, cores]


def test_two_imports_of_one_store_at_once_are_refused(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.h5"

    def import_again(_: str, done: float) -> None:
        with pytest.raises(BadInput, match="Another process extracts into"):
            import_pictures(folder, out, encoder(), CPU)
        raise Stopped

    with pytest.raises(Stopped):
        import_pictures(folder, out, encoder(), CPU, progress=import_again)


def test_another_store_is_not_replaced_and_the_work_is_kept(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.h5"
    import_pictures(folder, out, encoder(), CPU)
    with pytest.raises(StoreTaken):
        import_pictures(folder, out, encoder(crop=0.5), CPU)
    assert EmbeddingStore(out).encoder == encoder().record
    again: list[float] = []
    import_pictures(
        folder,
        out,
        encoder(crop=0.5),
        CPU,
        keep_old=lambda path: path.replace(tmp_path / "old.h5"),
        progress=lambda _, done: again.append(done),
    )
    assert again == [1.0]
    assert EmbeddingStore(out).encoder == encoder(crop=0.5).record


def test_a_look_counts_without_reading(folder: Path) -> None:
    for path in folder.rglob("*.png"):
        path.write_bytes(b"not read")
    found = look_at_pictures(folder)
    assert found.name == "own"
    assert sum(each.examples for each in found.splits) == sum(CLASSES.values())
    assert [each.name for each in found.splits] == ["train", "val", "test"]
