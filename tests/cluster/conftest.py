"""What tests on clusters share: a study whose runs last some seconds, and what becomes of it."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.runs.library import Library
from engine.studies.carrying_out import Overseer, carried_out
from engine.studies.cells import cells_of
from engine.studies.executors import Executor
from engine.studies.standing import Standing, StudyFolder
from engine.studies.worker import work
from tests.engine.studies.conftest import MakeStudy, library, make_study, study_folder

__all__ = ["library", "make_study", "study_folder"]

STEPS = 400
SECONDS = 0.2
Look = Callable[[list[Standing]], object]


@pytest.fixture
def overseer(make_study: MakeStudy, library: Library, study_folder: StudyFolder) -> Overseer:
    """A study of runs of some seconds, of which nothing is done.

    There are four, so that much is left when one of two workers is lost.
    """
    schedule = {"schedule.steps": STEPS, "schedule.validate_every": 50}
    study = make_study(columns=[{"name": "c"}], rows=[{"name": "LEO"}], seeds=4, set=schedule)
    return Overseer(study, cells_of(study, library.experiment, "cpu"), study_folder)


@pytest.fixture(scope="module")
def known() -> dict[str, list[float]]:
    """What the runs of the study measure in this process, as far as it is known."""
    return {}


@pytest.fixture
def accuracies(
    overseer: Overseer, library: Library, known: dict[str, list[float]], tmp_path: Path
) -> dict[str, list[float]]:
    """What each run of the study measures, by episode: carried out in this process, once."""
    if not known:
        alone = Overseer(overseer.study, overseer.cells, StudyFolder(tmp_path / "alone"))
        alone.folder.path.mkdir()
        alone.folder.file.write_text(overseer.study.to_yaml())
        for _ in work(alone.folder, library, "cpu", lambda _: None):
            pass
        known |= measured(alone)
    return known


def measured(overseer: Overseer) -> dict[str, list[float]]:
    """Return what each run of a study that is done measured, by episode."""
    standings = overseer.look()
    assert {each.state for each in standings} == {"evaluated"}
    assert len(list(overseer.folder.runs.iterdir())) == len(standings)  # none was begun anew
    found = {each.cell.name: each.evaluation for each in standings}
    return {name: each.accuracies.tolist() for name, each in found.items() if each is not None}


def carry_out(overseer: Overseer, executor: Executor, look: Look = lambda _: None) -> list[str]:
    """Carry out a study by two workers to its end, and return what was said."""
    said: list[str] = []
    with closing(carried_out(overseer, executor, 2, said.append)) as looks:
        for standings in looks:
            look(standings)
            time.sleep(SECONDS)
    return said


def once(act: Callable[[Standing], object]) -> Look:
    """Return a look that does something, once, when a run is well under way."""

    def look(standings: list[Standing]) -> None:
        for each in standings:
            if not done and each.record is not None and 0 < each.record.step < STEPS:
                done.append(each.cell.name)
                act(each)

    done: list[str] = []
    return look
