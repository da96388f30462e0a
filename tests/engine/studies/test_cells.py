"""The cells of a study are experiments of their own names."""

import pytest

from engine.errors import BadInput
from engine.runs.library import Library
from engine.studies.catalogue import find_study, study_files
from engine.studies.cells import cells_of
from tests.engine.studies.conftest import MakeStudy


def test_trained_rows_have_seeds_and_a_column_comes_after_the_other(
    make_study: MakeStudy, library: Library
) -> None:
    cells = cells_of(make_study(), library.experiment, "cpu")
    assert [cell.name for cell in cells] == [
        "Class-mean-1-shot",
        "LEO-1-shot-seed-0",
        "LEO-1-shot-seed-1",
        "Class-mean-2-shot",
        "LEO-2-shot-seed-0",
        "LEO-2-shot-seed-1",
    ]
    assert [cell.seed for cell in cells[:3]] == [None, 0, 1]
    assert [cell.experiment.run.seed for cell in cells[1:3]] == [0, 1]
    mean, leo = cells[0].experiment, cells[1].experiment
    assert (mean.learner.kind, leo.learner.kind, leo.schedule.steps) == ("class_mean", "leo", 30)
    assert {cell.experiment.run.device for cell in cells} == {"cpu"}


def test_a_row_outdoes_its_column_and_that_the_study(
    make_study: MakeStudy, library: Library
) -> None:
    study = make_study(
        set={"schedule.steps": 5, "learner.dropout": 0.1},
        columns=[{"name": "c", "set": {"schedule.steps": 6, "optimizer.meta_batch": 2}}],
        rows=[{"name": "LEO", "set": {"schedule.steps": 7}}],
    )
    experiment = cells_of(study, library.experiment, "cpu")[0].experiment
    assert (experiment.schedule.steps, experiment.optimizer.meta_batch) == (7, 2)
    assert experiment.learner.model_dump()["dropout"] == 0.1


def test_a_run_is_of_a_cell_by_name_and_all_that_decides_its_result(
    make_study: MakeStudy, library: Library
) -> None:
    cell = cells_of(make_study(), library.experiment, "cpu")[1]
    assert cell.is_of(cell.experiment.with_settings({"run.device": "auto", "description": "x"}))
    for changes in ({"name": "other"}, {"schedule.steps": 31}, {"run.seed": 5}):
        assert not cell.is_of(cell.experiment.with_settings(changes))


def test_what_cannot_be_a_cell_is_refused(make_study: MakeStudy, library: Library) -> None:
    alike = make_study(rows=[{"name": "a/b"}, {"name": "A b"}], against="a/b")
    with pytest.raises(BadInput, match='"A b", "1-shot" and "a/b", "1-shot" would both be called'):
        cells_of(alike, library.experiment, "cpu")
    wrong = make_study(rows=[{"name": "a", "set": {"learner.dropuot": 1}}], against="a")
    with pytest.raises(BadInput, match=r'tiny, row "a": learner\.dropuot is not a setting'):
        cells_of(wrong, library.experiment, "cpu")
    functions = make_study(preset="sine-line-5shot", columns=[{"name": "c"}], against="LEO")
    for rows in ([{"name": "LEO"}], [{"name": "LEO", "set": {"run.seed": 1}}]):
        with pytest.raises(BadInput, match="studies compare learners of classes on embeddings"):
            cells_of(functions.with_parts(rows=rows), library.experiment, "cpu")


@pytest.mark.parametrize("name", study_files())
def test_built_in_studies_are_valid(library: Library, name: str) -> None:
    study = find_study(name)
    cells = cells_of(study, library.experiment, "cpu")
    assert {cell.seed for cell in cells} == {None, *range(study.seeds)}
    assert study.seeds >= 5
    assert study.against is not None
