"""How the cells of a study stand is told by the folders of their runs."""

import shutil
from pathlib import Path

import pytest

from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.studies import standing
from engine.studies.cells import cells_of
from engine.studies.standing import StudyFolder
from tests.engine.studies.conftest import MakeStudy


def test_a_look_reads_no_run_but_those_of_the_cells_in_question(
    make_study: MakeStudy,
    library: Library,
    study_folder: StudyFolder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = make_study(columns=[{"name": "c"}], rows=[{"name": "LEO"}], seeds=12)
    cells = cells_of(study, library.experiment, "cpu")
    runs = [new_run(library, cell.experiment, study_folder.runs).run for cell in cells]
    read: list[Path] = []

    def read_text(path: Path) -> str:
        read.append(path.parent)
        return path.read_text()

    monkeypatch.setattr(standing, "required_text", read_text)
    # "LEO-c-seed-1" is the beginning of "LEO-c-seed-10" too.
    found = study_folder.standings(study, cells[1:2])
    assert [each.run for each in found] == [runs[1].path] == read
    read.clear()
    assert [each.run for each in study_folder.standings(study, cells)] == read
    assert len(read) == 12


def test_a_run_that_a_person_renamed_or_brought_from_elsewhere_still_counts(
    make_study: MakeStudy, library: Library, study_folder: StudyFolder
) -> None:
    study = make_study(columns=[{"name": "c"}], rows=[{"name": "LEO"}], seeds=2)
    first, second = cells_of(study, library.experiment, "cpu")
    run, _ = new_run(library, first.experiment, study_folder.runs)
    renamed = run.path.rename(study_folder.runs / "LEO-c-seed-0-the-good-one")
    assert study_folder.standing(study, first).run == renamed
    # What is written otherwise and means the same.
    settings = renamed / "experiment.yaml"
    settings.write_text(f"# from another machine\n{settings.read_text()}")
    assert study_folder.standing(study, first).run == renamed

    # Named like a run of the other cell, it is none.
    shutil.copytree(renamed, study_folder.runs / "LEO-c-seed-1-20261201-000000")
    assert study_folder.standing(study, second).run is None
