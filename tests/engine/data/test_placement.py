"""What becomes of a store that is there already when another is imported."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.importers.arrays import import_arrays
from engine.data.importers.deepmind import import_deepmind
from engine.data.placement import Placement, StoreTaken, free_name, have_same_contents
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.library import Library
from tests.engine.data.importers.test_arrays import arrays
from tests.engine.data.importers.test_deepmind import content, write


def archive(folder: Path, **replaced: Any) -> Path:
    folder.mkdir(exist_ok=True)
    np.savez(folder / "features.npz", **arrays(**replaced))
    return folder / "features.npz"


def other_numbers(row: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    embeddings = np.array(arrays()["embeddings"])
    embeddings[row] += 1
    return embeddings


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A store that was imported."""
    path = tmp_path / "library" / "stores" / "features.h5"
    import_arrays(archive(tmp_path / "a"), path)
    return path


def test_another_file_of_the_same_name_is_refused_and_nothing_is_left_of_it(
    out: Path, tmp_path: Path
) -> None:
    before = out.read_bytes()
    with pytest.raises(StoreTaken, match=r"features is there already.*--name NEW.*--replace"):
        import_arrays(archive(tmp_path / "b", embeddings=other_numbers(3)), out)
    assert out.read_bytes() == before and list(out.parent.iterdir()) == [out]


def test_the_same_file_again_changes_nothing_and_says_so(out: Path, tmp_path: Path) -> None:
    before = out.stat().st_mtime_ns
    again = import_arrays(archive(tmp_path / "b"), out)
    assert again.is_unchanged and "there already, unchanged" in again.notes[-1]
    assert out.stat().st_mtime_ns == before and list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("replaces", [False, True])
def test_one_changed_picture_or_one_changed_number_in_a_large_store_is_another_store(
    replaces: bool, tmp_path: Path
) -> None:
    """More rows than its fingerprint looks at."""
    labels = np.repeat(np.arange(10), 300)
    embeddings = np.arange(3000 * 4, dtype=np.float32).reshape(-1, 4)
    images = np.zeros((3000, 2, 2), np.uint8)
    whole: dict[str, Any] = {"embeddings": embeddings, "labels": labels, "images": images}
    np.savez(tmp_path / "x.npz", **whole)
    keep_old = Library(tmp_path).keep_old_store if replaces else None
    first = import_arrays(tmp_path / "x.npz", tmp_path / "x.h5")
    for name, row in (("embeddings", 1501), ("images", 1501)):
        changed = whole | {name: whole[name].copy()}
        changed[name][row] += 1
        np.savez(tmp_path / "y.npz", **changed)
        other = import_arrays(tmp_path / "y.npz", tmp_path / f"{name}.h5", "x")
        assert not have_same_contents(first.path, other.path)
    assert import_arrays(tmp_path / "x.npz", first.path, keep_old=keep_old).is_unchanged


def test_what_is_replaced_is_kept_in_the_trash_and_comes_back(out: Path, tmp_path: Path) -> None:
    library, before = Library(tmp_path / "library"), out.read_bytes()
    source = archive(tmp_path / "b", embeddings=other_numbers(3))
    done = import_arrays(source, out, keep_old=library.keep_old_store)
    assert done.old is not None and done.old.parent == library.trash
    assert done.old.read_bytes() == before != out.read_bytes()
    newer = out.read_bytes()

    library.restore_store(done.old, out)
    assert out.read_bytes() == before
    (kept,) = library.trash.iterdir()
    assert kept.read_bytes() == newer
    with pytest.raises(BadInput, match="is no longer at"):
        library.restore_store(done.old, out)


def test_a_store_outside_of_the_library_is_kept_beside_the_one_that_replaced_it(
    tmp_path: Path,
) -> None:
    out = tmp_path / "else.h5"
    import_arrays(archive(tmp_path / "a"), out)
    before = out.read_bytes()
    keep_old = Library(tmp_path / "library").keep_old_store
    done = import_arrays(archive(tmp_path / "b", embeddings=other_numbers(0)), out, None, keep_old)
    assert done.old is not None and done.old.parent == tmp_path
    assert done.old.read_bytes() == before


@pytest.mark.parametrize("has_links", [True, False])
def test_of_two_imports_of_one_name_at_once_the_later_finds_the_earlier(
    has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is free when the second begins, and taken when it ends."""
    out = tmp_path / "features.h5"
    publish = Placement.publish

    def late(place: Placement, draft: Path, path: Path) -> None:
        monkeypatch.setattr(Placement, "publish", publish)
        import_arrays(archive(tmp_path / "a"), out)
        publish(place, draft, path)

    def no_links(*_: object) -> None:
        raise PermissionError("no links on this file system")

    if not has_links:
        monkeypatch.setattr("os.link", no_links)
    monkeypatch.setattr(Placement, "publish", late)
    with pytest.raises(StoreTaken):
        import_arrays(archive(tmp_path / "b", embeddings=other_numbers(1)), out)
    assert EmbeddingStore(out).embeddings("train", [1])[0, 0] == arrays()["embeddings"][1, 0]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["features.h5"]


def test_glyphs_is_the_name_of_the_built_in_store_alone(tmp_path: Path) -> None:
    source = archive(tmp_path / "a")
    keep_old = Library(tmp_path).keep_old_store
    for path, name in (("Glyphs.h5", None), ("glyphs.h5", "mine"), ("mine.h5", "glyphs")):
        with pytest.raises(StoreTaken, match="name of the built-in store alone") as caught:
            import_arrays(source, tmp_path / path, name, keep_old)
        assert not caught.value.may_replace
    with pytest.raises(StoreTaken, match="built-in"):
        import_deepmind(write(tmp_path / "glyphs"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def two_datasets(folder: Path, second: Mapping[str, Any]) -> Path:
    write(folder / "birds")
    write(folder / "fish", contents=second)
    return folder


def test_an_archive_of_several_stores_is_refused_before_any_of_them_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    import_deepmind(two_datasets(tmp_path / "one", {"train": content("train")}), out)
    fish = (out / "fish.h5").read_bytes()
    (out / "birds.h5").unlink()
    other = two_datasets(tmp_path / "two", {"train": content("train", classes=2)})
    with pytest.raises(StoreTaken, match=r"^fish is there already") as caught:
        import_deepmind(other, out)
    assert caught.value.paths == (out / "fish.h5",)
    assert [path.name for path in out.iterdir()] == ["fish.h5"]
    assert (out / "fish.h5").read_bytes() == fish

    stores = import_deepmind(other, out, names={"fish": "fish-2"})
    assert [store.path.name for store in stores] == ["birds.h5", "fish-2.h5"]
    assert free_name(out / "fish.h5") == "fish-3"
    assert free_name(out / "fish [x].h5") == "fish-x-2"
    again = import_deepmind(other, out, names={"fish": "fish-2"})
    assert [store.is_unchanged for store in again] == [True, True]
    done = import_deepmind(other, out, keep_old=Library(tmp_path).keep_old_store)
    assert [store.old is not None for store in done] == [False, True]


def test_one_name_for_several_stores_or_for_none_is_refused(tmp_path: Path) -> None:
    source = two_datasets(tmp_path / "one", {"train": content("train")})
    for names, sentence in (
        ("new", "makes 2 stores, birds and fish; name them one by one, as in --name birds=NEW"),
        ({"cats": "new"}, "makes no store named cats, but birds and fish"),
        ({"birds": "fish"}, "would make two stores named fish"),
    ):
        with pytest.raises(BadInput, match=sentence):
            import_deepmind(source, tmp_path / "out", names=names)
    (only,) = import_deepmind(source / "birds", tmp_path / "out", names="crows")
    assert only.path.name == "crows.h5" and EmbeddingStore(only.path).name == "crows"
