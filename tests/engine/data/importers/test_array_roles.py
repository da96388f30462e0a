"""Which arrays of an archive are embeddings and labels, and what a look says before an import."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.importers.array_roles import ArrayNames, UnclearArrays
from engine.data.importers.arrays import import_arrays, look_at_arrays
from engine.data.importers.deepmind import import_deepmind, look_at_released
from engine.data.importers.labels import SharedLabels
from engine.data.splits import SPLITS
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from tests.engine.data.importers import test_deepmind
from tests.engine.data.importers.test_deepmind import write, zipped

ROWS = np.arange(48, dtype=np.float32).reshape(12, 4)
LABELS = np.repeat(["elk", "fox", "owl", "yak"], 3)


class Cancelled(Exception):
    """What nobody wants any more."""


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("embeddings", "labels"),
    [
        ("embeddings", "labels"),
        ("X", "y"),
        ("x", "y"),
        ("features", "labels"),
        ("data", "target"),
        ("Features", "LABELS"),
        ("vectors", "species"),  # told by their shapes alone
        ("embeddings", "y"),
        ("X", "labels"),
    ],
)
def test_embeddings_and_labels_are_recognised(embeddings: str, labels: str, tmp_path: Path) -> None:
    source = save(tmp_path / "a.npz", **{embeddings: ROWS, labels: LABELS})
    found = look_at_arrays(source)
    assert found.names == ArrayNames(embeddings, labels) and not found.choices.are_several
    store = EmbeddingStore(import_arrays(source, tmp_path / "a.h5").path)
    assert found.store.embedding_dim == store.embedding_dim == 4
    there = sorted(name for split in store.splits for name in store.class_names(split))
    assert there == ["elk", "fox", "owl", "yak"]
    rows = np.concatenate([store.embeddings(split, range(3)) for split in ("val", "test")])
    assert {tuple(row) for row in rows} <= {tuple(row) for row in ROWS}
    seen = [(each.name, each.classes, each.examples) for each in found.store.splits]
    assert seen == [(s.name, s.classes, s.examples) for s in store.splits.values()]


def test_what_has_another_name_is_said(tmp_path: Path) -> None:
    done = import_arrays(save(tmp_path / "a.npz", X=ROWS, y=LABELS), tmp_path / "a.h5")
    assert done.notes[0] == "a.npz: X as embeddings and y as labels."


def test_names_of_other_meanings_are_no_labels(tmp_path: Path) -> None:
    split = np.repeat(["train", "train", "val", "test"], 3)
    arrays = {"X": ROWS, "kind": LABELS, "split": split, "names": np.arange(12).astype(str)}
    found = look_at_arrays(save(tmp_path / "a.npz", **arrays))
    assert found.names.labels == "kind"
    assert [each.classes for each in found.store.splits] == [2, 1, 1]
    assert found.store.notes == ()


def test_scikit_learns_names_of_classes_are_class_names(tmp_path: Path) -> None:
    target = np.repeat(np.arange(4), 3)
    arrays = {"data": ROWS, "target": target, "target_names": np.array(["a", "b", "c", "d"])}
    done = import_arrays(save(tmp_path / "a.npz", **arrays), tmp_path / "a.h5")
    store = EmbeddingStore(done.path)
    names = {name for split in store.splits for name in store.class_names(split)}
    assert names == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("arrays", "known", "embeddings", "labels"),
    [
        ({"first": ROWS, "second": ROWS * 2, "y": LABELS}, ArrayNames("", "y"), 2, 1),
        ({"X": ROWS, "coarse": LABELS, "fine": LABELS}, ArrayNames("X", ""), 1, 2),
        (
            {"X_train": ROWS, "y_train": LABELS, "X_test": ROWS[:6], "y_test": LABELS[:6]},
            ArrayNames(),
            2,
            2,
        ),
    ],
)
def test_what_is_unclear_is_asked_and_named(
    arrays: dict[str, Any], known: ArrayNames, embeddings: int, labels: int, tmp_path: Path
) -> None:
    source = save(tmp_path / "a.npz", **arrays)
    with pytest.raises(UnclearArrays) as caught:
        look_at_arrays(source)
    unclear = caught.value
    assert unclear.known == known
    assert len(unclear.choices.embeddings) == embeddings and len(unclear.choices.labels) == labels
    assert "--embeddings" in str(unclear) and "--" not in unclear.question
    assert "12 × 4 float32" in str(unclear) or known.embeddings
    with pytest.raises(UnclearArrays):
        import_arrays(source, tmp_path / "a.h5")
    chosen = ArrayNames(
        known.embeddings or unclear.choices.embeddings[0].name,
        known.labels or unclear.choices.labels[0].name,
    )
    found = look_at_arrays(source, chosen)
    assert found.names == chosen and found.choices.are_several
    done = import_arrays(source, tmp_path / "a.h5", wanted=chosen)
    assert EmbeddingStore(done.path).embedding_dim == 4


@pytest.mark.parametrize(
    ("arrays", "wanted", "sentence"),
    [
        ({"X": ROWS}, ArrayNames(), "a.npz lacks labels; its arrays are X"),
        ({"y": LABELS}, ArrayNames(), "a.npz lacks embeddings"),
        ({"X": ROWS, "y": LABELS[:5]}, ArrayNames(), "a.npz lacks labels"),
        ({"X": ROWS, "y": LABELS}, ArrayNames("Z"), 'no array named "Z"; its arrays are X and y'),
        ({"X": ROWS, "y": LABELS[:5]}, ArrayNames("X", "y"), "y has 5 entries for 12"),
        ({"X": ROWS, "y": np.full(12, 0.5)}, ArrayNames(), "a.npz: y, row 0, is 0.5"),
        ({"X": ROWS[0], "y": LABELS}, ArrayNames("X"), "a.npz: X has shape (4,)"),
        ({"X": ROWS, "y": LABELS[:1].repeat(12)}, ArrayNames(), "has 1 classes, too few"),
    ],
)
def test_a_look_refuses_what_the_import_refuses(
    arrays: dict[str, Any], wanted: ArrayNames, sentence: str, tmp_path: Path
) -> None:
    source = save(tmp_path / "a.npz", **arrays)
    for act in (
        lambda: look_at_arrays(source, wanted),
        lambda: import_arrays(source, tmp_path / "a.h5", wanted=wanted),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        assert sentence in str(caught.value) and str(caught.value).endswith(".")


def test_an_array_that_cannot_be_read_is_named_where_it_is_missed(tmp_path: Path) -> None:
    source = save(tmp_path / "a.npz", X=np.zeros(12, [("a", "f4")]), y=LABELS)
    with pytest.raises(BadInput, match="X is an array of records with the fields a"):
        look_at_arrays(source)


def test_labels_that_begin_anew_are_no_reason_to_refuse_a_look(tmp_path: Path) -> None:
    split = np.repeat(["train", "val", "test"], 4)
    source = save(tmp_path / "a.npz", X=ROWS, y=np.tile([0, 0, 1, 1], 3), split=split)
    found = look_at_arrays(source)
    assert found.store.splits == () and "begin anew" in found.store.notes[0]
    with pytest.raises(SharedLabels):
        import_arrays(source, tmp_path / "a.h5")


def test_an_import_says_how_far_it_is_and_what_says_stop_ends_it(tmp_path: Path) -> None:
    source = save(tmp_path / "a.npz", X=ROWS, y=LABELS)
    told: list[tuple[str, float]] = []
    import_arrays(source, tmp_path / "a.h5", progress=lambda *each: told.append(each))
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert told[-1][0] == "writing test" and any("X" in note for note, _ in told)

    def stop(note: str, _: float) -> None:
        if note == "writing val":
            raise Cancelled

    with pytest.raises(Cancelled):
        import_arrays(source, tmp_path / "b.h5", progress=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5", "a.npz"]


# The layout of LEO's release


def test_a_look_at_the_released_layout_counts_what_the_import_makes(tmp_path: Path) -> None:
    write(tmp_path / "e/birds/center")
    write(tmp_path / "e/fish/multiview")
    for source in (tmp_path / "e", zipped(tmp_path / "e", tmp_path / "e.zip")):
        found = look_at_released(source)
        assert [each.name for each in found] == ["birds", "fish-multiview"]
        done = import_deepmind(source, tmp_path / f"{source.name}-out")
        for look, made in zip(found, done, strict=True):
            store = EmbeddingStore(made.path)
            assert look.embedding_dim == store.embedding_dim == test_deepmind.DIM
            assert [(s.name, s.classes, s.examples) for s in look.splits] == [
                (s.name, s.classes, s.examples) for s in store.splits.values()
            ]


def test_what_would_take_long_to_count_is_named_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.importers.deepmind.QUICK_SIZE", 10)
    (found,) = look_at_released(write(tmp_path / "birds/center"))
    assert (found.name, found.splits, found.split_names) == ("birds", (), SPLITS)


def test_some_stores_of_several_are_imported(tmp_path: Path) -> None:
    write(tmp_path / "e/birds/center")
    write(tmp_path / "e/fish/center")
    done = import_deepmind(tmp_path / "e", tmp_path / "out", names={"fish": "cod"}, only=["fish"])
    assert [each.path.name for each in done] == ["cod.h5"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["cod.h5"]
    with pytest.raises(BadInput, match="makes no store named cats, but birds and fish"):
        import_deepmind(tmp_path / "e", tmp_path / "out", only=["cats"])
