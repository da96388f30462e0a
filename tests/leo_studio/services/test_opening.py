from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from leo_studio.services.opening import Openable, find_openable


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def run(library: Library, toy_experiment: Experiment) -> Run:
    return Run.create(library.runs, toy_experiment, StoreRecord())


def test_a_run_is_found_by_folder_name_and_beginning(library: Library, run: Run) -> None:
    expected = Openable("run", run.path)
    assert find_openable(library, str(run.path)) == expected
    assert find_openable(library, run.path.name) == expected
    assert find_openable(library, "toy") == expected
    assert expected.name == run.path.name


def test_a_beginning_that_fits_two_runs_is_refused(
    library: Library, run: Run, toy_experiment: Experiment
) -> None:
    other = Run.create(library.runs, toy_experiment, StoreRecord())
    with pytest.raises(BadInput, match="write more of the name") as error:
        find_openable(library, "toy")
    assert other.path.name in str(error.value)


def test_a_store_is_found_by_path_and_name(library: Library, toy_store: EmbeddingStore) -> None:
    assert find_openable(library, str(toy_store.path)) == Openable("store", toy_store.path)
    library.stores.mkdir(parents=True)
    mine = library.stores / "mine.h5"
    mine.touch()
    assert find_openable(library, "mine") == Openable("store", mine)


def test_a_preset_is_found_by_name_and_path(library: Library, tmp_path: Path) -> None:
    built_in = find_openable(library, "mini-1shot")
    assert (built_in.kind, built_in.name) == ("preset", "mini-1shot")
    assert library.experiment(str(built_in.path)) == library.experiment("mini-1shot")
    own = tmp_path / "own.YAML"
    own.touch()
    assert find_openable(library, str(own)) == Openable("preset", own)


def test_names_of_presets_come_first(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mini-1shot").mkdir()
    monkeypatch.chdir(tmp_path)
    assert find_openable(library, "mini-1shot").kind == "preset"


@pytest.mark.parametrize(
    "name", ["embeddings.zip", "mine.npz", "novel.plk", "a.PT", "a.csv", "a.parquet"]
)
def test_archives_are_known_by_their_suffix(library: Library, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert find_openable(library, str(tmp_path / name)) == Openable("archive", tmp_path / name)


@pytest.mark.parametrize("folder", ["", "center", "miniImageNet/center", "e/miniImageNet/center"])
def test_the_unpacked_release_is_an_archive_from_any_level(
    library: Library, tmp_path: Path, folder: str
) -> None:
    root = tmp_path / "unpacked"
    (root / folder).mkdir(parents=True)
    (root / folder / "train_embeddings.pkl").touch()
    assert find_openable(library, str(root)) == Openable("archive", root)


@pytest.mark.parametrize(
    "names", [("base_features.plk", "novel_features.plk"), ("pear.npy",), ("train/pear.npy",)]
)
def test_a_folder_of_features_is_an_archive(
    library: Library, tmp_path: Path, names: tuple[str, ...]
) -> None:
    for name in names:
        (tmp_path / "last" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "last" / name).touch()
    assert find_openable(library, f"{tmp_path}/last") == Openable("archive", tmp_path / "last")


def test_relative_paths_become_absolute(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.h5").touch()
    monkeypatch.chdir(tmp_path)
    assert find_openable(library, "a.h5") == Openable("store", tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nothing", 'no preset, store or run named "nothing"'),
        ("", 'named ""'),
        ("no/such/run", "There is nothing at "),
        ("gone.h5", "There is nothing at "),
        ("letter.txt", "is of no kind that can be opened"),
        ("folder", "is a folder with neither"),
    ],
)
def test_what_cannot_be_opened_is_said_with_what_can(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match=sentence) as error:
        find_openable(library, text)
    assert "a run, a store (.h5), a preset" in str(error.value)


def test_names_mean_the_library_before_this_folder(
    library: Library, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    library.stores.mkdir(parents=True)
    (library.stores / "mine.h5").touch()
    for name in ("mine", "toy", "mini-1shot"):
        Path(name).mkdir()
        (Path(name) / "run.json").touch()
    assert find_openable(library, "mine") == Openable("store", library.stores / "mine.h5")
    assert find_openable(library, "toy") == Openable("run", run.path)
    assert find_openable(library, "mini-1shot").kind == "preset"
    for name in ("mine", "toy", "mini-1shot"):
        assert find_openable(library, f"./{name}") == Openable("run", Path(name).resolve())
    Path("mine").rename("yours")
    assert find_openable(library, "yours") == Openable("run", Path("yours").resolve())
