from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import Experiment
from engine.events import StepsTaken, Validated
from engine.learners.catalogue import LEARNERS
from engine.tasks.catalogue import TASK_KINDS
from leo_studio.analysis.curves.quantities import PlotKind, Quantity, every_plot, plots_of
from leo_studio.analysis.curves.series import RunSeries, measured_by, spread_seconds
from leo_studio.services.records import Curves
from tests import measured
from tests.measured import COLUMNS, SCORES, STEP_COLUMNS, TRAIN_COLUMNS, VALIDATION_COLUMNS

LOSS = Quantity("loss", "loss", "", "loss")
ACCURACY = Quantity("accuracy", "validation", "", "accuracy", "validation")


def steps_taken(last: int, count: int, seconds: float | None = None) -> StepsTaken:
    """Each metric is its step, plus a tenth per column; ten steps a second."""
    steps = np.arange(last - count + 1, last + 1)
    metrics = steps[:, None] + 0.1 * np.arange(len(STEP_COLUMNS))
    return StepsTaken(last, metrics.astype(np.float32), seconds or last / 10, 10.0)


def validated(step: int, accuracy: float, *, is_best: bool = True) -> Validated:
    return measured.validated(step, accuracy, is_best=is_best, ci95=0.01)


def curves_of(experiment: Experiment, steps: int) -> Curves:
    training = {name: np.arange(1, steps + 1, dtype=np.float64) for name in TRAIN_COLUMNS}
    training["seconds"] = np.ceil(training["step"] / 5) * 0.5
    training["steps_per_second"] = np.full(steps, 10.0)
    validation = {name: np.array([5.0]) for name in VALIDATION_COLUMNS}
    return Curves(Path("run"), "id", experiment, training, validation, (5,), 5)


@given(blocks=st.lists(st.integers(1, 700), max_size=8))
def test_a_series_holds_all_steps_of_all_events(blocks: list[int]) -> None:
    series, last = RunSeries(Path("run"), COLUMNS, SCORES), 0
    for count in blocks:
        last += count
        assert series.take_steps(steps_taken(last, count))
    assert series.last_step == last
    np.testing.assert_array_equal(series.steps, np.arange(1, last + 1))
    np.testing.assert_array_equal(series.values(LOSS), np.arange(1, last + 1, dtype=np.float32))


def test_an_event_that_overlaps_adds_what_is_new() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(10, 10))
    assert series.take_steps(steps_taken(13, 8))
    np.testing.assert_array_equal(series.steps, np.arange(1, 14))
    np.testing.assert_array_equal(series.values(LOSS), np.arange(1, 14))


def test_an_event_of_known_steps_changes_nothing() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(10, 10))
    version = series.version
    assert series.take_steps(steps_taken(7, 3))
    assert series.version == version
    assert series.last_step == 10


def test_an_event_after_a_gap_is_refused() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(10, 10))
    assert not series.take_steps(steps_taken(15, 4))
    assert series.last_step == 10


def test_steps_after_a_checkpoint_are_forgotten_with_their_validations() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(30, 30))
    series.take_validation(validated(10, 0.5))
    series.take_validation(validated(20, 0.6))
    series.take_checkpoint(10)
    series.take_checkpoint(20)
    smoothed = series.smoothed(LOSS, 0.9)[:15].copy()
    series.truncate(15)
    assert series.last_step == 15
    assert series.values(ACCURACY).tolist() == [0.5]
    assert series.checkpoints == [10]
    assert series.best_step == 10
    np.testing.assert_array_equal(series.smoothed(LOSS, 0.9), smoothed)


def test_steps_taken_again_after_truncation_replace_the_old_ones() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(30, 30))
    series.truncate(15)
    assert series.take_steps(steps_taken(20, 5))
    np.testing.assert_array_equal(series.steps, np.arange(1, 21))


def test_times_are_spread_over_the_steps_of_an_event() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(10, 10, 1.0))
    series.take_steps(steps_taken(20, 10, 2.0))
    np.testing.assert_allclose(series.seconds, np.arange(1, 21) / 10)


def test_times_read_from_disk_are_spread_as_those_of_events(toy_experiment: Experiment) -> None:
    series = RunSeries.from_curves(curves_of(toy_experiment, 23))
    # The last event had three steps at ten a second, and began 0.2 s after the one before.
    expected = np.append(np.arange(1, 21) / 10, [2.3, 2.4, 2.5])
    np.testing.assert_allclose(series.seconds, expected)


@given(
    counts=st.lists(st.integers(1, 9), min_size=1, max_size=9),
    durations=st.lists(st.floats(0.01, 5), min_size=9, max_size=9),
    rates=st.lists(st.floats(0.01, 500), min_size=9, max_size=9),
)
def test_spread_times_never_go_back_and_end_where_they_were_measured(
    counts: list[int], durations: list[float], rates: list[float]
) -> None:
    ends = np.cumsum(durations[: len(counts)])
    seconds = np.repeat(ends, counts)
    times = spread_seconds(seconds, np.repeat(rates[: len(counts)], counts))
    assert (np.diff(times) >= -1e-12).all()
    np.testing.assert_allclose(times[np.cumsum(counts) - 1], ends)


def test_episodes_seen_are_steps_times_the_meta_batch(toy_experiment: Experiment) -> None:
    series = RunSeries.from_curves(curves_of(toy_experiment, 10))
    places = series.places("training", "episodes")
    assert places is not None
    assert (places[0] * places[1])[-1] == 10 * toy_experiment.optimizer.meta_batch


def test_episodes_are_unknown_until_the_experiment_is() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(3, 3))
    assert series.places("training", "episodes") is None


def test_smoothing_goes_on_where_it_stopped() -> None:
    grown, whole = RunSeries(Path("run"), COLUMNS, SCORES), RunSeries(Path("run"), COLUMNS, SCORES)
    for last in range(50, 1001, 50):
        grown.take_steps(steps_taken(last, 50))
        grown.smoothed(LOSS, 0.97)
    whole.take_steps(steps_taken(1000, 1000))
    np.testing.assert_allclose(grown.smoothed(LOSS, 0.97), whole.smoothed(LOSS, 0.97), rtol=1e-6)


def test_a_column_is_drawn_in_the_plot_of_its_kind_alone() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    series.take_steps(steps_taken(10, 10))
    assert len(series.values(LOSS)) == 10
    # Another learner's column of that name may be another kind of number.
    elsewhere = replace(LOSS, plot="squared_error")
    assert not len(series.values(elsewhere)) and not len(series.smoothed(elsewhere, 0.9))


def test_validations_are_never_smoothed() -> None:
    series = RunSeries(Path("run"), COLUMNS, SCORES)
    for step, accuracy in ((10, 0.2), (20, 0.8)):
        series.take_validation(validated(step, accuracy))
    assert series.smoothed(ACCURACY, 0.99).tolist() == [0.2, 0.8]


@pytest.mark.parametrize("kind", plots_of(COLUMNS, SCORES), ids=lambda kind: kind.name)
def test_every_quantity_that_is_plotted_is_measured(
    kind: PlotKind, toy_experiment: Experiment
) -> None:
    series = RunSeries.from_curves(curves_of(toy_experiment, 10))
    for quantity in kind.quantities:
        assert len(series.values(quantity)) == (10 if quantity.source == "training" else 1)


def test_plots_of_the_first_run_come_first_and_the_score_that_counts_second() -> None:
    learned, on_functions = LEARNERS["leo_regression"].columns, TASK_KINDS["regression"].scores
    own = RunSeries(Path("own"), learned, on_functions)
    other = RunSeries(Path("other"), COLUMNS, SCORES)
    kinds = every_plot()
    alone, both = measured_by(kinds, [own]), measured_by(kinds, [own, other])
    assert list(alone)[:2] == ["loss", on_functions[0].quantity.name]
    assert list(both)[: len(alone)] == list(alone)
    assert set(both) == {*alone, *measured_by(kinds, [other])}
    assert list(measured_by(kinds, [other, own]))[:2] == ["loss", "accuracy"]
