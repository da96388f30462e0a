"""What the plots of a sweep show: the best so far, and where values stand on axes."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import load_experiment
from engine.config.built_in import built_in_presets
from engine.studies.sweeps.final import final_study
from engine.studies.sweeps.overseer import SweepState
from engine.studies.sweeps.space import Value, parameters_of
from engine.studies.sweeps.sweep import Sweep
from engine.studies.sweeps.trials import Outcome, State, SweepFolder, Trial
from leo_studio.analysis.sweep_figure import exported_sweep
from leo_studio.analysis.sweep_plots import axes, best_so_far
from leo_studio.analysis.sweep_words import (
    best_text,
    hint,
    importance_text,
    lead,
    state_text,
    trial_text,
)
from leo_studio.services.sweep_records import Importance, SweepView, SweepWanted

PARAMETERS: dict[str, dict[str, Any]] = {
    "optimizer.outer_lr": {"low": 1e-4, "high": 1e-2, "log": True},
    "learner.dropout": {"low": 0.0, "high": 0.5, "step": 0.1},
    "optimizer.clip_norm": {"choices": [None, 0.1, True]},
}


def trial(
    number: int, state: State | None, accuracy: float | None, rate: float = 1e-3, clip: Value = 0.1
) -> Trial:
    values = {"optimizer.outer_lr": rate, "learner.dropout": 0.2, "optimizer.clip_norm": clip}
    run = Path(f"trial-{number:04d}-x")
    if state is None:
        return Trial(number, run, None, values)
    is_complete = state == "complete"
    seen = [] if accuracy is None else [accuracy]
    value, step = (accuracy, 9) if is_complete else (None, None)
    return Trial(number, run, None, values, Outcome(number, values, state, seen, 9, value, step))


@pytest.fixture
def sweep() -> Sweep:
    experiment = load_experiment(built_in_presets() / "glyphs-5way-1shot.yaml")
    return Sweep("tiny", experiment, parameters_of(PARAMETERS, "test"), trials=6, final_seeds=0)


@pytest.fixture
def trials() -> list[Trial]:
    return [
        trial(0, "complete", 0.6),
        trial(1, "failed", None, rate=1e-2, clip=None),
        trial(2, "pruned", 0.9, rate=1e-4),
        trial(3, "complete", 0.7, clip=True),
        trial(4, None, None),
        Trial(5),
    ]


def view_of(sweep: Sweep, trials: list[Trial]) -> SweepView:
    state = SweepState(sweep, trials, final_study(sweep), [])
    return SweepView(SweepWanted("tiny"), state, "open", SweepFolder(Path("tiny")))


def test_the_best_so_far_is_that_of_complete_trials_alone(trials: list[Trial]) -> None:
    history = best_so_far(trials)
    numbers, accuracies = history.best
    assert numbers.tolist() == [0, 3] and accuracies.tolist() == [60, 70]
    assert history.points["pruned"][1].tolist() == [90]
    assert np.isnan(history.points["failed"][1]).all()
    assert history.points["under way"][0].tolist() == [4]
    assert history.own == 60 and history.span == (60, 90)


def test_a_better_trial_does_not_make_later_ones_better_and_worse_ones_change_nothing() -> None:
    found = best_so_far([trial(0, "complete", 0.6), trial(1, "complete", 0.5)])
    assert found.best[1].tolist() == [60, 60]


def test_values_stand_where_their_axis_says(sweep: Sweep, trials: list[Trial]) -> None:
    rate, dropout, clip, accuracy = axes(sweep, [each for each in trials if each.run])
    assert rate.note == "log" and rate.places == pytest.approx([0.5, 1, 0, 0.5, 0.5])
    assert [text for _, text in rate.ticks] == ["10⁻⁴", "0.001", "0.01"] or rate.ticks[1][0] == 0.5
    assert dropout.places == pytest.approx([0.4] * 5)
    assert [text for _, text in clip.ticks] == ["null", "0.1", "True"]
    assert clip.places == pytest.approx([0.5, 0, 0.5, 1, 0.5])
    assert accuracy.places[0] == 0 and accuracy.places[2] == 1
    assert math.isnan(accuracy.places[1]) and math.isnan(accuracy.places[4])


def test_sentences_say_what_is_best_and_how_a_trial_stands(
    sweep: Sweep, trials: list[Trial]
) -> None:
    view = view_of(sweep, trials)
    assert best_text(view) == (
        "Best so far: trial 3, 70.00 % in validation; the preset's own values, trial 0: 60.00 %."
    )
    assert lead(view, 2).endswith("Go on carries out 2 trials, by 2 processes at once.")
    assert state_text(view) == "not finished, 4 of 6 trials ended"
    assert trial_text(view, trials[1]).startswith("Trial 1, failed at step 9")
    assert trial_text(view, trials[2]).startswith("Trial 2, ended early at step 9: 90.00 %")
    assert "there are 2." in importance_text(view, None)
    assert "drawn at random: they are proposed by results from trial 18 on" in hint(sweep)


def test_the_figure_holds_what_the_page_shows(sweep: Sweep, trials: list[Trial]) -> None:
    view = view_of(sweep, trials)
    shares = {"optimizer.outer_lr": 0.7, "learner.dropout": 0.3}
    exported = exported_sweep(view, Importance(shares, 4))
    assert exported is not None and exported.figure is not None
    assert [table.name for table in exported.tables] == ["tiny", "importance"]
    assert len(exported.figure.plots) == 3
    assert exported.figure.plots[1].x_names[-1] == "accuracy, %"
    assert exported_sweep(view_of(sweep, [Trial(number) for number in range(6)]), None) is None
