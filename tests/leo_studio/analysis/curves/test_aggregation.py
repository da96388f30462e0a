from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.config import Experiment, differ_in_seed_alone, load_experiment
from engine.config.built_in import built_in_presets
from engine.learners.registry import function_learner_of
from leo_studio.analysis.curves.aggregation import (
    OneRun,
    SeedMean,
    mean_and_deviation,
    runs_by_seed,
    shared_rows,
)
from leo_studio.analysis.curves.series import RunSeries
from tests.changes import CHANGEABLE, changed
from tests.leo_studio.analysis.curves.test_series import ACCURACY, LOSS, steps_taken, validated
from tests.measured import COLUMNS, SCORES


def series_of(experiment: Experiment, seed: int, steps: int = 10) -> RunSeries:
    series = RunSeries(Path(f"run-{seed}"), COLUMNS, SCORES)
    series.experiment = experiment.with_settings({"run.seed": seed})
    series.take_steps(steps_taken(steps, steps))
    return series


@pytest.mark.parametrize("path", CHANGEABLE)
def test_runs_are_averaged_that_differ_in_their_seed_alone(
    toy_experiment: Experiment, path: str
) -> None:
    a, b = series_of(toy_experiment, 0), series_of(toy_experiment, 1)
    b.experiment = changed(toy_experiment, "run.seed", path)
    alone = differ_in_seed_alone(toy_experiment, b.experiment)
    assert runs_by_seed([a, b]) == ([[a, b]] if alone else [[a], [b]])


def test_a_run_of_the_same_seed_is_no_other_seed(toy_experiment: Experiment) -> None:
    a, again, b = (series_of(toy_experiment, seed) for seed in (0, 0, 1))
    assert runs_by_seed([a, again, b]) == [[a, b], [again]]


def test_runs_that_differ_in_their_seed_alone_are_one_group(toy_experiment: Experiment) -> None:
    a, b = series_of(toy_experiment, 0), series_of(toy_experiment, 1)
    other = series_of(toy_experiment.with_settings({"learner.dropout": 0.1}), 0)
    assert runs_by_seed([a, other, b]) == [[a, b], [other]]


def test_a_run_whose_settings_are_not_read_yet_is_alone() -> None:
    a, b = RunSeries(Path("a")), RunSeries(Path("b"))
    assert runs_by_seed([a, b]) == [[a], [b]]


def test_a_run_whose_settings_are_not_read_yet_keeps_its_place(toy_experiment: Experiment) -> None:
    a, b, unread = (*(series_of(toy_experiment, seed) for seed in (0, 1)), RunSeries(Path("c")))
    assert runs_by_seed([unread, a, b]) == [[unread], [a, b]]
    assert runs_by_seed([a, unread, b]) == [[a, b], [unread]]


def test_the_mean_is_drawn_on_the_steps_that_all_runs_have(toy_experiment: Experiment) -> None:
    members = [series_of(toy_experiment, seed, steps) for seed, steps in ((0, 10), (1, 7), (2, 9))]
    curve = SeedMean(members).curve(LOSS, "step", 0.0)
    assert curve is not None
    assert curve.x.tolist() == list(range(1, 8))


def test_what_another_learner_reports_has_no_mean(toy_experiment: Experiment) -> None:
    members = [series_of(toy_experiment, seed) for seed in (0, 1)]
    elsewhere = replace(LOSS, column="rotation_loss")
    assert SeedMean(members).curve(elsewhere, "step", 0.9) is None


def test_runs_with_other_steps_share_those_that_both_have() -> None:
    steps = [np.array([1.0, 2.0, 4.0, 6.0]), np.array([2.0, 3.0, 6.0])]
    rows = shared_rows(steps)
    for each, row in zip(steps, rows, strict=True):
        assert each[row].tolist() == [2.0, 6.0]


def test_the_band_is_one_standard_deviation_of_a_run() -> None:
    mean, deviation = mean_and_deviation([np.array([1.0]), np.array([2.0]), np.array([6.0])])
    assert mean[0] == 3.0
    assert deviation[0] == pytest.approx(np.sqrt(7))


def test_the_mean_is_of_smoothed_runs_within_one_standard_deviation(
    toy_experiment: Experiment,
) -> None:
    members = [series_of(toy_experiment, seed, 1) for seed in (0, 1)]
    members[0].take_steps(steps_taken(10, 9))
    members[1].take_steps(replace(taken := steps_taken(10, 9), metrics=3 * taken.metrics))
    one, other = (series.smoothed(LOSS, 0.9) for series in members)
    curve = SeedMean(members).curve(LOSS, "step", 0.9)
    assert curve is not None and curve.upper is not None and curve.lower is not None
    np.testing.assert_allclose(curve.line, (one + other) / 2)
    deviation = np.abs(one - other) / np.sqrt(2)
    np.testing.assert_allclose(curve.upper - curve.line, deviation)
    np.testing.assert_allclose(curve.line - curve.lower, deviation)


def test_mean_and_band_follow_a_run_that_grows(toy_experiment: Experiment) -> None:
    members = [series_of(toy_experiment, 0, 10), series_of(toy_experiment, 1, 8)]
    mean = SeedMean(members)
    before = mean.curve(LOSS, "step", 0.9)
    members[1].take_steps(steps_taken(10, 2))
    after = mean.curve(LOSS, "step", 0.9)
    assert before is not None
    length = len(before.x)
    assert after is not None
    assert (length, len(after.x)) == (8, 10)


def test_validation_has_its_interval_and_the_best_is_marked(toy_experiment: Experiment) -> None:
    series = series_of(toy_experiment, 0)
    series.take_validation(validated(5, 0.6))
    series.take_checkpoint(5)
    curve = OneRun(series).curve(ACCURACY, "step", 0.9)
    assert curve is not None and curve.upper is not None and curve.lower is not None
    assert curve.upper[0] == pytest.approx(0.61)
    marks = OneRun(series).marks("episodes")
    meta_batch = toy_experiment.optimizer.meta_batch
    assert marks.best == pytest.approx((5 * meta_batch, 0.6))
    assert marks.checkpoints == (5 * meta_batch,)


def test_the_last_phase_begins_where_the_settings_say(toy_experiment: Experiment) -> None:
    assert OneRun(series_of(toy_experiment, 0)).last_phase("step") is None  # it has one phase
    preset = load_experiment(built_in_presets() / "sine-line-5shot.yaml")
    changes = {"schedule.steps": 10, "learner.last_phase": 0.4}
    series = series_of(preset.with_settings(changes), 0, 6)
    assert OneRun(series).last_phase("step") is None  # training has not come as far
    series.take_steps(steps_taken(7, 1))
    assert OneRun(series).last_phase("step") == 6
    assert OneRun(series).last_phase("episodes") == 6 * preset.seen_in_step
    assert OneRun(series).last_phase("time") == series.seconds_at(np.array([6.0]))[0]
    assert SeedMean([series, series]).last_phase("step") == 6
    without = series_of(preset.with_settings({**changes, "learner.last_phase": 0.0}), 0, 10)
    assert OneRun(without).last_phase("step") is None
    unread = RunSeries(Path("unread"))
    assert OneRun(unread).last_phase("step") is None


@pytest.mark.parametrize("preset", ["sine-line-5shot", "sine-line-5shot-maml"])
def test_roots_end_where_the_learner_no_longer_takes_them(preset: str) -> None:
    loaded = load_experiment(built_in_presets() / f"{preset}.yaml")
    experiment = loaded.with_settings({"schedule.steps": 10})
    learner = function_learner_of([experiment], torch.device("cpu"), 1.0)
    roots = [learner.draws(step).takes_roots for step in range(8)]
    series = series_of(experiment, 0, 10)
    assert OneRun(series).roots_end("step") == roots.index(False)
    assert OneRun(series).roots_end("episodes") == roots.index(False) * experiment.seen_in_step
    assert SeedMean([series, series]).roots_end("step") == roots.index(False)
    early = series_of(experiment, 0, 4)
    assert OneRun(early).roots_end("step") is None  # training has not come as far
    without = series_of(experiment.with_settings({"learner.root_share": 0.0}), 0, 10)
    assert OneRun(without).roots_end("step") is None


def test_a_learner_of_classes_takes_no_roots(toy_experiment: Experiment) -> None:
    assert OneRun(series_of(toy_experiment, 0, 10)).roots_end("step") is None
