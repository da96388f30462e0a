"""Grids: other ways, shots and stores than were trained on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.evaluation.checkpoints import evaluate_baseline, evaluate_checkpoint
from engine.evaluation.grid import GridWanted, evaluate_grid, keep_grid, require_stores
from engine.evaluation.grid_record import Place, kept_grids
from engine.evaluation.record import kept_evaluations
from engine.io.generators import finished
from engine.runs.run import Run
from engine.runs.run_store import store_record
from engine.training import train


@pytest.fixture
def run(tmp_path: Path, toy_experiment: Experiment, toy_store: EmbeddingStore) -> Run:
    experiment = toy_experiment.with_settings({"schedule.steps": 2, "run.device": "cpu"})
    made = Run.create(tmp_path / "runs", experiment, store_record(toy_store))
    list(train(experiment, toy_store, made))
    return made


def wanted_of(store: EmbeddingStore, ways: list[int], shots: list[int]) -> GridWanted:
    return GridWanted({"toy": store}, ways, shots, "test", 10)


def test_the_trained_place_is_the_runs_own_evaluation(run: Run, toy_store: EmbeddingStore) -> None:
    grid = finished(evaluate_grid(run, 2, wanted_of(toy_store, [2, 4], [1, 2]), "toy"))
    assert grid.trained == Place("toy", 4, 2)
    own = grid.at(grid.trained)
    assert own is not None
    expected = finished(evaluate_checkpoint(run, 2, toy_store, "test", 10))
    baseline = finished(evaluate_baseline(run, toy_store, "test", 10))
    assert (own.accuracy, own.ci95) == (expected.accuracy, expected.ci95)
    assert (own.baseline, own.queries) == (baseline.accuracy, expected.queries_per_class)
    assert own.gain == pytest.approx(expected.accuracy - baseline.accuracy)

    # Fewer classes are easier, and a place is that of a run with those settings.
    easier = grid.at(Place("toy", 2, 2))
    assert easier is not None
    assert easier.accuracy is not None
    assert easier.accuracy > expected.accuracy
    smaller = run.experiment.with_settings({"task.n_way": 2})
    (run.path / "experiment.yaml").write_text(smaller.to_yaml())
    other = finished(evaluate_checkpoint(Run(run.path), 2, toy_store, "test", 10))
    assert easier.accuracy == other.accuracy


def test_classes_have_as_many_queries_whatever_the_shots(
    run: Run, toy_store: EmbeddingStore
) -> None:
    experiment = run.experiment.with_settings({"task.examples_per_class": 12})
    (run.path / "experiment.yaml").write_text(experiment.to_yaml())
    grid = finished(evaluate_grid(Run(run.path), 2, wanted_of(toy_store, [3], [1, 2, 5]), "toy"))
    assert [entry.queries for entry in grid.entries] == [(10, 10)] * 3


def test_a_place_without_episodes_says_why_and_the_others_are_evaluated(
    run: Run, toy_store: EmbeddingStore
) -> None:
    seen: list[int] = []
    grid = finished(
        evaluate_grid(run, 2, wanted_of(toy_store, [4, 9], [2, 30]), "toy"), seen.append
    )
    reasons = {entry.place[1:]: entry.why_not for entry in grid.entries}
    assert reasons[4, 2] == ""
    assert "has 8 classes; task.n_way is 9" in reasons[9, 2]
    assert "has 30 examples; this task needs 31" in reasons[4, 30]
    assert seen == sorted(seen)
    assert seen[-1] <= 40


def test_hard_episodes_are_harder_and_kept_apart(run: Run, toy_store: EmbeddingStore) -> None:
    drawn = finished(evaluate_grid(run, 2, wanted_of(toy_store, [3], [2]), "toy"))
    asked = replace(wanted_of(toy_store, [3], [2]), is_hard=True)
    hard = finished(evaluate_grid(run, 2, asked, "toy"))
    mine, theirs = hard.entries[0], drawn.entries[0]
    assert mine.baseline is not None and theirs.baseline is not None
    assert mine.accuracy is not None and theirs.accuracy is not None
    assert mine.baseline < theirs.baseline - 0.05 and mine.accuracy < theirs.accuracy
    keep_grid(run, drawn)
    keep_grid(run, hard)
    assert [grid.is_hard for grid in kept_grids(run.path).records] == [True, False]


def test_grids_are_joined_where_they_are_kept(run: Run, toy_store: EmbeddingStore) -> None:
    first = finished(evaluate_grid(run, 2, wanted_of(toy_store, [2], [1, 2]), "toy"))
    keep_grid(run, first)
    second = finished(evaluate_grid(run, 2, wanted_of(toy_store, [2, 3], [2]), "toy"))
    joined = keep_grid(run, second)
    assert [entry.place[1:] for entry in joined.entries] == [(2, 1), (2, 2), (3, 2)]
    assert (joined.ways, joined.shots, joined.stores) == ([2, 3], [1, 2], ["toy"])
    assert kept_grids(run.path).records == (joined,)
    assert kept_evaluations(run.path) == ((), ())

    (path,) = (run.path / "evaluations").glob("grid-*.json")
    path.write_text("{")
    assert "is no whole evaluation; evaluate it again" in kept_grids(run.path).problems[0]
    assert keep_grid(run, second) == second
    assert json.loads(path.read_text())["schema"] == 1


def test_stores_of_other_embeddings_or_splits_are_refused(
    run: Run, toy_store: EmbeddingStore, glyphs_file: Path
) -> None:
    glyphs = EmbeddingStore(glyphs_file)
    with pytest.raises(BadInput, match="was trained on 16; use a store of the same encoder"):
        require_stores(run, GridWanted({"glyphs": glyphs}, [2], [1], "test", 10))
    with pytest.raises(BadInput, match="no split"):
        require_stores(run, GridWanted({"toy": toy_store}, [2], [1], "nothing", 10))


def test_varying_episodes_stand_beside_the_places_and_are_kept(
    run: Run, toy_store: EmbeddingStore
) -> None:
    wanted = replace(wanted_of(toy_store, [2, 4], [1, 2]), is_varying=True)
    seen: list[int] = []
    grid = finished(evaluate_grid(run, 2, wanted, "toy"), seen.append)
    (entry,) = grid.varying
    assert (entry.store, entry.ways, entry.shots) == ("toy", (2, 4), (1, 2))
    assert entry.accuracy is not None and entry.baseline is not None
    assert entry.gain == pytest.approx(entry.accuracy - entry.baseline)
    accuracies = [each.accuracy for each in grid.entries if each.accuracy is not None]
    assert min(accuracies) < entry.accuracy < max(accuracies)
    assert wanted.all_episodes == 50
    assert seen == sorted(seen) and seen[-1] <= 50

    keep_grid(run, grid)
    others = replace(wanted_of(toy_store, [2, 9], [1]), is_varying=True)
    kept = keep_grid(run, finished(evaluate_grid(run, 2, others, "toy")))
    assert [each.ways for each in kept.varying] == [(2, 4), (2, 9)]
    assert "has 8 classes" in kept.varying[1].why_not
    assert kept_grids(run.path).records == (kept,)
