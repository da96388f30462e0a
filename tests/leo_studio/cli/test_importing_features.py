"""`leo-studio import features`: files and folders of the field become stores."""

import json
from pathlib import Path

import pytest

from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from tests.command_line import Cli, cli
from tests.engine.data.importers.features.imported import classes
from tests.engine.data.importers.features.test_pickled import as_s2m2, saved

__all__ = ["cli"]


@pytest.fixture
def library(library_home: Path) -> Library:
    return Library(library_home)


def test_files_that_are_splits_become_a_store_of_the_library_called_after_their_folder(
    cli: Cli, library: Library, tmp_path: Path
) -> None:
    files = [
        saved(tmp_path / "wrn" / f"{name}_features.plk", as_s2m2(labels))
        for name, labels in (("base", range(5)), ("val", range(5, 7)), ("novel", range(7, 10)))
    ]
    outcome = cli("import", "features", *map(str, files), "--json")
    assert outcome.status == 0
    (store,) = outcome.json["stores"]
    assert Path(store["path"]) == library.stores / "wrn.h5"
    counts = {split["name"]: split["classes"] for split in store["splits"]}
    assert counts == {"train": 5, "val": 2, "test": 3}
    again = cli("import", "features", str(tmp_path / "wrn"), "--json")
    assert again.status == 0 and again.json["stores"][0]["unchanged"]


def test_splits_names_and_places_are_chosen(cli: Cli, library: Library, tmp_path: Path) -> None:
    source = str(saved(tmp_path / "fruits.pkl", classes("abcdef")))
    (tmp_path / "s.json").write_text(json.dumps({"train": ["a"], "val": ["b"], "test": ["c"]}))
    outcome = cli(
        "import", "features", source, "--name", "mine", "--splits", str(tmp_path / "s.json")
    )
    assert outcome.status == 0
    assert "s.json names no split for 3 of 6 classes" in outcome.err.replace("\n", " ")
    store = EmbeddingStore(library.stores / "mine.h5")
    assert {split: store.class_names(split) for split in store.splits} == {
        "train": ["a"],
        "val": ["b"],
        "test": ["c"],
    }
    out = tmp_path / "drawn.h5"
    drawn = cli(
        "import", "features", source, "--out", str(out), "--proportions", "1/0/1", "--seed", "3"
    )
    assert drawn.status == 0 and "1/0/1 with seed 3" in drawn.err.replace("\n", " ")
    assert {name: split.classes for name, split in EmbeddingStore(out).splits.items()} == {
        "train": 3,
        "test": 3,
    }
    refused = cli("import", "features", source, "--out", str(out))
    assert refused.status == 2 and "--replace" in refused.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.plk"], "There is no file at"),
        (["a.plk", "--proportions", "64/36"], "such as 64/16/20"),
        (["a.plk", "--splits", "none.json"], "none.json cannot be read"),
        (["a.plk", "--out", "a.txt"], "a store's name ends in .h5"),
        (["a.plk", "--name", "a/b"], "it must be a name without slashes"),
        (["harm.plk"], "harm.plk asks for"),
        (["a.plk", "--labels-per-split"], "leave out --labels-per-split"),
    ],
)
def test_what_cannot_be_imported_is_status_2_and_a_sentence(
    arguments: list[str],
    sentence: str,
    cli: Cli,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "a.plk", classes("abc"))
    saved(tmp_path / "harm.plk", {0: print})
    outcome = cli("import", "features", *arguments)
    assert outcome.status == 2 and sentence in outcome.err.replace("\n", " ")
    assert not library.stores.exists() or not list(library.stores.iterdir())
