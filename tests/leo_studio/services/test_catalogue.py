import json
import os
from pathlib import Path

import numpy as np
import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.export.trained import trained
from engine.runs.annotations import Annotations, write_annotations
from engine.runs.library import Library
from engine.runs.preparation import new_run
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from leo_studio.analysis.comparison.differences import chosen_evaluations
from leo_studio.analysis.evaluation.report import report_of
from leo_studio.report.results import newest_first
from leo_studio.services.background import Task
from leo_studio.services.catalogue import Catalogue, load_curves, store_entry
from leo_studio.services.evaluations import evaluate
from leo_studio.services.records import EvaluationRequest
from tests.conftest import TrainedCopy


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def run(library: Library, toy_experiment: Experiment, trained_copy: TrainedCopy) -> Run:
    return trained_copy(library.runs, toy_experiment)


def test_a_run_is_told_as_it_is_on_disk(library: Library, run: Run) -> None:
    write_annotations(run.path, Annotations("a note", ("tag",)))
    (entry,) = Catalogue(library).runs()
    assert (entry.id, entry.name, entry.status) == (run.record.id, run.name, "finished")
    assert (entry.step, entry.steps, entry.checkpoints) == (40, 40, (15, 30, 40))
    assert entry.validation == tuple(row["accuracy"] for row in run.validation.read())
    assert entry.best is not None and entry.best.value == max(entry.validation)
    assert (entry.note, entry.tags) == ("a note", ("tag",))
    assert entry.experiment == run.experiment


def test_a_run_that_did_not_change_is_read_once(library: Library, run: Run) -> None:
    catalogue = Catalogue(library)
    (before,) = catalogue.runs()
    assert catalogue.runs()[0] is before
    write_annotations(run.path, Annotations("new"))
    assert catalogue.runs()[0].note == "new"


def test_a_change_within_a_tick_of_the_clock_is_seen(library: Library, run: Run) -> None:
    write_annotations(run.path, Annotations("old"))
    notes = run.path / "notes.json"
    times = (notes.stat().st_atime_ns, notes.stat().st_mtime_ns)
    catalogue = Catalogue(library)
    assert catalogue.runs()[0].note == "old"
    write_annotations(run.path, Annotations("new"))
    os.utime(notes, ns=times)
    assert catalogue.runs()[0].note == "new"


def test_a_run_is_read_again_once_it_is_copied_whole(library: Library, run: Run) -> None:
    catalogue = Catalogue(library)
    settings = run.path / "experiment.yaml"
    text = settings.read_text()
    settings.unlink()
    assert catalogue.run(run.path).problem
    settings.write_text(text)  # which no other file tells
    assert catalogue.run(run.path).problem == ""


def test_a_run_that_lost_its_owner_is_interrupted_though_no_file_changed(
    library: Library, toy_experiment: Experiment
) -> None:
    run = Run.create(library.runs, toy_experiment, StoreRecord())
    catalogue = Catalogue(library)
    with run.owned():
        run.update(status="running")
        assert catalogue.runs()[0].status == "running"
    assert catalogue.runs()[0].status == "interrupted"


def test_a_run_that_is_gone_is_forgotten(library: Library, run: Run) -> None:
    catalogue = Catalogue(library)
    assert len(catalogue.runs()) == 1
    library.throw_away(run.path)
    assert catalogue.runs() == ()
    assert catalogue._runs == {}


def test_a_folder_that_cannot_be_read_hides_no_other(library: Library, run: Run) -> None:
    broken = library.runs / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    entries = {entry.name: entry for entry in Catalogue(library).runs()}
    assert "cannot be read as a run's record" in entries["broken"].problem
    assert entries[run.name].problem == ""


def test_curves_are_the_metrics_files(run: Run) -> None:
    curves = load_curves(run.path)
    rows = run.training.read()
    for name, column in curves.training.items():
        np.testing.assert_array_equal(column, [row[name] for row in rows])
    assert curves.validation["step"].tolist() == [15, 30, 40]
    assert curves.best_step == run.record.best.step if run.record.best else False


def test_a_run_without_steps_has_empty_columns(
    library: Library, toy_experiment: Experiment
) -> None:
    curves = load_curves(new_run(library, toy_experiment).run.path)
    assert {len(column) for column in curves.training.values()} == {0}
    assert curves.best_step is None


def test_a_row_that_was_cut_off_is_left_out(run: Run) -> None:
    with run.training.path.open("a") as file:
        file.write("41,0.1,0.")
    assert load_curves(run.path).training["step"][-1] == 40


def test_presets_say_what_is_wrong_with_them(library: Library) -> None:
    library.presets.mkdir(parents=True)
    (library.presets / "mine.yaml").write_text("name: mine\ndata: {store: toy}\n")
    (library.presets / "bad.yaml").write_text("name: [\n")
    entries = {entry.name: entry for entry in Catalogue(library).presets()}
    assert not entries["mine"].is_built_in and entries["mine"].experiment is not None
    assert entries["bad"].experiment is None and "not valid YAML" in entries["bad"].problem
    assert entries["mini-1shot"].is_built_in


def test_a_store_says_what_it_holds_or_why_not(tmp_path: Path, toy_store: EmbeddingStore) -> None:
    entry = store_entry("toy", toy_store.path)
    assert [(split.name, split.classes, split.examples) for split in entry.splits] == [
        ("train", 12, 360),
        ("val", 8, 240),
        ("test", 8, 240),
    ]
    bad = tmp_path / "bad.h5"
    bad.write_text("no")
    assert "not a readable HDF5 file" in store_entry("bad", bad).problem


@pytest.mark.parametrize("compare", [None, "nearest-class-mean"])
def test_an_evaluation_is_kept_with_its_run(
    library: Library, run: Run, compare: str | None
) -> None:
    task = Task("Evaluating", is_shown=True)
    request = EvaluationRequest(run.path, None, "test", 50, compare)
    catalogue = Catalogue(library)
    assert catalogue.run(run.path).evaluations == ()
    entry = evaluate(library, request, task)
    assert (entry.split, entry.episodes) == ("test", 50)
    assert (entry.opponent is not None) == (compare is not None)
    assert task.fraction == 1.0
    for each in (catalogue, Catalogue(library)):
        assert each.run(run.path).evaluations == (entry,)


def test_every_reader_reads_the_same_evaluation(library: Library, run: Run) -> None:
    request = EvaluationRequest(run.path, None, "test", 50, "nearest-class-mean")
    made = evaluate(library, request, Task("Evaluating", is_shown=True))
    assert made.path is not None
    entry = Catalogue(library).run(run.path)

    # The window and its comparisons, a report, and an export, which tells no paths.
    assert entry.evaluations == (made,)
    assert report_of(entry.evaluations[0]).evaluation == made
    assert chosen_evaluations(entry, "test") == {50: made}
    assert newest_first(run) == [made]
    assert trained(run).evaluations == [made.without_paths()]
    assert json.loads(made.path.read_text(encoding="utf-8")) == made.to_dict()


def test_a_damaged_evaluation_is_left_out_and_told_of(library: Library, run: Run) -> None:
    folder = run.path / "evaluations"
    folder.mkdir()
    (folder / "half.json").write_text('{"split": "test"}', encoding="utf-8")
    entry = Catalogue(library).run(run.path)
    assert entry.evaluations == ()
    assert entry.evaluation_problems == (
        f"{folder / 'half.json'} is no whole evaluation; evaluate again.",
    )


def test_runs_that_meet_other_episodes_are_not_compared(
    library: Library, run: Run, toy_experiment: Experiment
) -> None:
    harder = toy_experiment.with_settings({"task.k_shot": 1})
    other = Run.create(library.runs, harder, run.record.store)
    request = EvaluationRequest(run.path, None, "test", 2, str(other.path))
    with pytest.raises(BadInput, match=r"task\.k_shot is 2 in one and 1 in the other"):
        evaluate(library, request, Task("Evaluating", is_shown=True))
    assert Catalogue(library).run(run.path).evaluations == ()
