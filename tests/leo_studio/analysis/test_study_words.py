"""What the window says of studies."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import load_experiment
from engine.config.built_in import built_in_presets
from engine.studies.cells import Cell, cells_of
from engine.studies.standing import Standing, StudyFolder
from engine.studies.study import Study
from engine.studies.table import table_of
from leo_studio.analysis.study_words import (
    all_notes,
    entry_text,
    exported_study,
    lead,
    runs_of_entry,
    state_text,
)
from leo_studio.services.study_records import FirstLook, StudyView
from leo_studio.services.work_states import WorkState


@pytest.fixture
def study() -> Study:
    return Study.model_validate(
        {
            "name": "tiny",
            "preset": "any",
            "rows": [{"name": "Ridge", "set": {"learner.kind": "ridge"}}, {"name": "LEO"}],
            "columns": [{"name": "1-shot"}],
            "seeds": 2,
            "episodes": 10,
        }
    )


def view_of(
    study: Study, state: WorkState, why_not: str = "", *, lacks_store: bool = False
) -> StudyView:
    experiment = load_experiment(built_in_presets() / "glyphs-5way-1shot.yaml")
    cells = cells_of(study, lambda _: experiment, "cpu")
    standings = [Standing(cell) for cell in cells]
    table = table_of(study, standings)
    folder = StudyFolder(Path("tiny"))
    return StudyView(study.name, study, None, standings, table, state, folder, why_not, lacks_store)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("new", "not begun, 3 runs"),
        ("done", "done, 3 runs"),
        ("open", "not finished, 0 of 3 runs done"),
        ("elsewhere", "another process carries it out, 0 of 3 runs done"),
    ],
)
def test_the_state_says_how_many_runs_are_done(study: Study, state: WorkState, text: str) -> None:
    assert state_text(view_of(study, state)) == text


def test_the_sentence_says_what_a_start_would_do_or_what_speaks_against_it(study: Study) -> None:
    new = view_of(study, "new")
    assert lead(new, 2) == (
        "Start carries out 3 runs by 2 processes at once; each run is evaluated on 10 episodes of "
        "split test."
    )
    assert lead(new, 1).startswith("Start carries out 3 runs by 1 process at once")
    assert lead(view_of(study, "open"), 1).startswith("Go on carries out")
    missing = view_of(study, "new", "There is no store.", lacks_store=True)
    assert lead(missing, 1).startswith("There is no store. In this window, File > Import data...")
    assert lead(view_of(study, "new", "It has too few classes."), 1) == "It has too few classes."


def test_a_first_look_is_called_one(study: Study) -> None:
    look = replace(view_of(study, "done"), first_look=FirstLook(1, 50))
    assert state_text(look) == "first look of 50 steps: done, 3 runs"
    assert all_notes(look)[0].startswith("A first look: 50 steps and 1 seed, which says little")


def test_an_entry_says_what_is_measured_or_else_how_far_it_is(study: Study) -> None:
    cell: Cell = view_of(study, "new").standings[1].cell
    assert cell.seed == 0
    assert entry_text("–", [Standing(cell)]) == "–"
    assert runs_of_entry([Standing(cell)]) == ["seed 0: not begun"]


def test_a_study_without_results_has_no_figure_and_says_that_it_is_not_whole(study: Study) -> None:
    view = view_of(study, "new")
    assert exported_study(view) is None
    assert all_notes(view)[-1] == "Not every run is evaluated yet."
