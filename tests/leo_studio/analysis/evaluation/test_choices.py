"""Choices for an evaluation, and the reasons against it."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import Experiment, experiment_from_dict
from engine.data.splits import SplitSummary
from engine.runs.record import Best
from leo_studio.analysis.evaluation.choices import (
    Choice,
    checkpoint_choices,
    opponent_choices,
    own_checkpoint,
    split_choices,
    split_remark,
    why_not_evaluated,
    why_own_checkpoint,
)
from leo_studio.services.records import RunEntry, StoreEntry

SPLIT = SplitSummary("test", 8, 240, 30, 30, False)
STORE = StoreEntry("toy", Path("toy.h5"), 16, "", (SPLIT,))


@pytest.fixture
def run(toy_experiment: Experiment) -> RunEntry:
    return RunEntry(
        Path("/runs/one"),
        experiment=toy_experiment,
        best=Best(step=30, score="accuracy", value=0.8, ci95=0.01),
        checkpoints=(15, 30, 40),
    )


@pytest.fixture
def trainval(run: RunEntry, toy_experiment: Experiment) -> RunEntry:
    changes = {"data.train_splits": ["train", "val"]}
    return replace(run, experiment=toy_experiment.with_settings(changes))


def test_checkpoints_are_best_and_last_and_every_step(run: RunEntry) -> None:
    values = [choice.value for choice in checkpoint_choices(run)]

    assert values == ["best", "last", "40", "30", "15"]


def test_a_best_checkpoint_that_is_gone_is_not_offered(run: RunEntry) -> None:
    run = replace(run, best=Best(step=20, score="accuracy", value=0.8))

    assert "best" not in [choice.value for choice in checkpoint_choices(run)]
    assert own_checkpoint(run) == "last"


def test_the_best_is_the_default_and_it_says_why(run: RunEntry) -> None:
    assert own_checkpoint(run) == "best"
    assert why_own_checkpoint(run).startswith("Best is the default")


def test_a_run_trained_on_validation_classes_takes_the_last(trainval: RunEntry) -> None:
    for each in (trainval, replace(trainval, best=Best(step=40, score="accuracy", value=0.8))):
        assert own_checkpoint(each) == "last"
        assert "trained on the validation classes" in why_own_checkpoint(each)


def test_classes_that_were_trained_on_are_warned_of(run: RunEntry, trainval: RunEntry) -> None:
    assert "trained on the classes of train" in split_remark(run, "train")
    assert "a little too high" in split_remark(run, "val")
    assert "trained on the classes of val" in split_remark(trainval, "val")
    assert split_remark(run, "test") == ""


def test_only_runs_with_the_same_episodes_can_be_compared(
    run: RunEntry, toy_experiment: Experiment
) -> None:
    same = replace(run, path=Path("/runs/two"))
    other_task = toy_experiment.with_settings({"task.k_shot": 1})
    other = replace(run, path=Path("/runs/three"), experiment=other_task)
    untrained = replace(run, path=Path("/runs/four"), checkpoints=())

    other_store = replace(run, path=Path("/runs/five"), store_splits={"test": {"classes": 7}})
    runs = [run, same, other, untrained, other_store]

    offered = [choice.value for choice in opponent_choices(run, runs)]

    assert offered == [None, "nearest-class-mean", str(same.path)]


def test_what_speaks_against_an_evaluation_is_said(run: RunEntry) -> None:
    assert why_not_evaluated(run, STORE, "test") == ""
    assert why_not_evaluated(None, None, "") == "Choose a run first."
    assert "no checkpoint yet" in why_not_evaluated(replace(run, checkpoints=()), STORE, "test")
    gone = replace(STORE, splits=(), problem="There is no store at toy.h5 yet.")
    assert why_not_evaluated(run, gone, "test") == "There is no store at toy.h5 yet."
    few = replace(STORE, splits=(replace(SPLIT, classes=3),))
    assert why_not_evaluated(run, few, "test") == (
        "test has 3 classes; an episode of this run has 4."
    )
    small = replace(STORE, splits=(replace(SPLIT, smallest_class=2),))
    assert "needs a query besides" in why_not_evaluated(run, small, "test")


def test_the_best_that_is_there_stands_in_for_one_that_is_missing(run: RunEntry) -> None:
    kept = Best(step=15, score="accuracy", value=0.7)
    run = replace(run, best=Best(step=20, score="accuracy", value=0.8), kept_best=kept)

    assert checkpoint_choices(run)[0] == Choice("Best that is there: step 15", "best")
    assert (own_checkpoint(run), run.own_step) == ("best", 15)
    assert "That of step 20, which was better, is missing." in why_own_checkpoint(run)


def test_measured_functions_are_chosen_by_split_and_compared_with_nothing(run: RunEntry) -> None:
    task = {"kind": "regression", "functions": "/mine/my.csv", "noise": 2.0}
    experiment = experiment_from_dict({"name": "a", "task": task, "learner": {"kind": "maml"}}, "a")
    splits = {
        "train": {"tasks": 190, "points": 2000},
        "val": {"tasks": 1200, "points": 9000},
    }
    measured = replace(run, experiment=experiment, store="my.csv", store_splits=splits)
    assert split_choices(measured, STORE) == [Choice("val: 1,200 functions of my.csv", "val")]
    assert opponent_choices(measured, [run]) == [Choice("Nothing: no limit is known", None)]
    assert why_not_evaluated(measured, None, "val") == ""
    drawn = experiment.with_settings({"task.functions": "", "task.noise": 0.3})
    assert len(split_choices(replace(measured, experiment=drawn), STORE)) == 2
