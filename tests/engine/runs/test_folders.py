"""One identity for each run, whatever links lead to it."""

import shutil
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.errors import BadInput
from engine.runs.folders import link_target, listed_identity, run_folders, run_identity
from engine.runs.library import Library
from engine.runs.record import StoreRecord
from engine.runs.run import Run


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def linked(library: Library, toy_experiment: Experiment, tmp_path: Path) -> Path:
    """A link "alias" among the runs, to a run that lies elsewhere."""
    real = tmp_path / "bigdisk" / "run1"
    shutil.move(Run.create(tmp_path / "made", toy_experiment, StoreRecord()).path, real)
    library.runs.mkdir(parents=True)
    link = library.runs / "alias"
    link.symlink_to(real)
    return link


def test_the_name_that_is_listed_is_the_name_that_can_be_typed(
    library: Library, linked: Path
) -> None:
    assert [Run(path).name for path in run_folders(library.runs)] == ["alias"]
    for text in ("alias", "al", str(linked)):
        assert library.run(text).path == linked
    with pytest.raises(BadInput, match='no run "run1"'):
        library.run("run1")


def test_throwing_a_link_away_takes_the_link_alone_and_undo_brings_it_back(
    library: Library, linked: Path
) -> None:
    run = library.run("alias")
    real = link_target(run.path)
    assert real is not None
    trash = library.throw_away(run.path)
    assert not linked.is_symlink() and trash.is_symlink()
    assert (real / "run.json").is_file()
    library.restore(trash, linked)
    assert linked.is_symlink() and link_target(library.run("alias").path) == real


def test_renaming_a_link_leaves_the_run_as_it_is(library: Library, linked: Path) -> None:
    before = (linked / "run.json").read_bytes()
    target = library.rename(library.run("alias"), "better")
    assert target.is_symlink() and not linked.is_symlink()
    assert (target / "run.json").read_bytes() == before
    assert [path.name for path in run_folders(library.runs)] == ["better"]


def test_a_relative_link_survives_the_trash(library: Library, linked: Path) -> None:
    linked.unlink()
    linked.symlink_to(Path("../../bigdisk/run1"))
    library.restore(library.throw_away(library.run("alias").path), linked)
    assert link_target(library.run("alias").path) == linked.resolve()


def test_a_run_and_a_link_to_it_beside_it_are_one(library: Library, linked: Path) -> None:
    real = linked.resolve()
    linked.unlink()
    shutil.move(real, library.runs / "real")
    for name in ("alias", "zalias"):
        (library.runs / name).symlink_to(library.runs / "real")
    assert [path.name for path in run_folders(library.runs)] == ["real"]
    assert library.run("alias").name == "alias"  # it can be typed, and deleted


def test_a_library_behind_a_link_has_one_path_for_a_run(
    library: Library, linked: Path, tmp_path: Path
) -> None:
    door = tmp_path / "door"
    door.symlink_to(library.root)
    assert run_folders(door / "runs") == [linked]
    assert run_identity(door / "runs" / "alias") == linked
    assert Run(door / "runs" / "alias").path == linked
    assert listed_identity(tmp_path / "bigdisk" / "run1", door / "runs") == linked


def test_a_run_is_reached_from_inside_its_folder(
    linked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = linked.resolve()
    monkeypatch.chdir(real / "checkpoints")
    assert Run(Path("..")).path == real
    monkeypatch.chdir(real)
    assert Run(Path()).path == real
