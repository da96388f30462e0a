from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import Experiment
from engine.errors import BadInput
from engine.evaluation.checkpoints import keep_evaluation, require_same_episodes
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from tests.evaluations import kept

SPLITS = {"test": {"classes": 8, "examples": 240}}


def test_runs_of_one_task_and_store_can_be_compared(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    other_seed = toy_experiment.with_settings({"run.seed": 1, "task.queries": 5})
    one, other = (
        Run.create(tmp_path, experiment, StoreRecord(splits=SPLITS))
        for experiment in (toy_experiment, other_seed)
    )
    require_same_episodes(one, other)


@pytest.mark.parametrize("key", ["n_way", "k_shot", "examples_per_class"])
def test_runs_of_other_tasks_cannot_be_compared(
    tmp_path: Path, toy_experiment: Experiment, key: str
) -> None:
    mine = getattr(toy_experiment.task, key)
    other_task = toy_experiment.with_settings({f"task.{key}": mine + 1})
    one, other = (
        Run.create(tmp_path, experiment, StoreRecord(splits=SPLITS))
        for experiment in (toy_experiment, other_task)
    )
    with pytest.raises(BadInput, match=f"task.{key} is {mine} in one and {mine + 1} in the other"):
        require_same_episodes(one, other)


@pytest.mark.parametrize(
    "splits",
    [
        {"test": {"classes": 9, "examples": 240}},
        {"test": {"classes": 8, "examples": 250}},
        {"val": {"classes": 8, "examples": 240}},
    ],
)
def test_runs_whose_stores_hold_other_classes_or_examples_cannot_be_compared(
    tmp_path: Path, toy_experiment: Experiment, splits: dict[str, dict[str, int]]
) -> None:
    one, other = (
        Run.create(tmp_path, toy_experiment, StoreRecord(splits=each)) for each in (SPLITS, splits)
    )
    with pytest.raises(BadInput, match="their stores hold other classes or examples"):
        require_same_episodes(one, other)


def test_evaluations_of_other_weights_splits_and_numbers_of_episodes_are_kept_apart(
    tmp_path: Path, toy_experiment: Experiment
) -> None:
    run = Run.create(tmp_path, toy_experiment, StoreRecord())
    paths = set()
    for split, step, episodes in (
        ("test", 15, 2),
        ("test", 15, 3),
        ("test", 30, 2),
        ("val", 15, 2),
    ):
        made = replace(kept(), split=split, step=step, episodes=episodes, path=None)
        paths.add(keep_evaluation(run, made).path)
    assert len(paths) == 4
