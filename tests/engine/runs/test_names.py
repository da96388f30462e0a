"""Names are looked for in the library first; what the current folder holds comes after it."""

from pathlib import Path

import pytest

from engine.config import Experiment
from engine.errors import BadInput
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Library(tmp_path / "library")


@pytest.fixture
def run(library: Library, toy_experiment: Experiment) -> Run:
    return Run.create(library.runs, toy_experiment, StoreRecord())


def test_a_stores_name_means_the_library_before_this_folder(library: Library) -> None:
    for name in ("glyphs", "plain"):
        Path(name).write_text("notes")
    here = Path("plain").resolve()
    assert library.must_draw("glyphs")
    assert library.store_path("glyphs") == library.stores / "glyphs.h5"
    assert library.store_path("plain") == here  # there is none of that name in the library
    library.stores.mkdir(parents=True)
    (library.stores / "plain.h5").touch()
    assert library.existing_store("plain") == library.stores / "plain.h5"
    assert library.store_path("./plain") == here
    Path("plain.h5").touch()
    assert library.store_path("plain.h5") == Path("plain.h5").resolve()
    assert library.store_path("plain") == library.stores / "plain.h5"


def test_a_runs_name_means_the_library_before_this_folder(
    library: Library, run: Run, toy_experiment: Experiment
) -> None:
    other = Run.create(Path.cwd(), toy_experiment, StoreRecord())
    for name in ("toy", run.name):  # its beginning, and in full
        here = other.path.rename(Path.cwd() / name)
        assert library.run(name).path == run.path
        assert library.run(f"./{name}").record.id == other.record.id
        other = Run(here)
    # What is no name in the library may be a run here, also where many begin so there.
    here = other.path.rename(Path.cwd() / "mine")
    assert library.run("mine").path.resolve() == here.resolve()
    Run.create(library.runs, toy_experiment, StoreRecord())
    here.rename("toy")
    assert library.run("toy").record.id == other.record.id
    Path("toy").rename("mine")
    Path("toy").mkdir()
    with pytest.raises(BadInput, match="write more of the name"):
        library.run("toy")


def test_a_name_in_full_counts_more_than_a_beginning(
    library: Library, run: Run, toy_experiment: Experiment
) -> None:
    longer = Run.create(library.runs, toy_experiment, StoreRecord()).path
    longer.rename(library.runs / f"{run.name}-again")
    assert library.run(run.name).path == run.path


def test_a_presets_name_means_the_library_before_this_folder(library: Library) -> None:
    Path("mini-1shot").write_text("notes")
    text = library.experiment("mini-1shot").with_settings({"description": "mine"}).to_yaml()
    for name in ("mini-1shot.yaml", "own"):
        Path(name).write_text(text)
    assert library.experiment("mini-1shot").description != "mine"
    assert library.experiment("mini-1shot.yaml").description == "mine"
    assert library.experiment("own").description == "mine"
    with pytest.raises(BadInput):
        library.experiment("./mini-1shot")


def test_a_path_that_leads_nowhere_is_told_as_such(library: Library, run: Run) -> None:
    with pytest.raises(BadInput, match=r"There is no run at .*; check the path"):
        library.run(f"./{run.name}")
