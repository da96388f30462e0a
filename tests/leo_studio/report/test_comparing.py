import importlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import Experiment
from engine.library import Library
from engine.runs import Run
from leo_studio.report.comparing import compared
from leo_studio.report.contents import Asked, Contents, gathered
from leo_studio.report.reproducing import differ_in_seed_alone
from leo_studio.report.results import last_name


@pytest.fixture
def contents(library: Library) -> list[Contents]:
    asked = Asked(episodes=30)
    return [
        gathered(library, Run(library.runs / name), asked, lambda *_: None)
        for name in ("zero", "one", "plain")
    ]


def test_a_mean_over_seeds_has_students_interval_over_runs(contents: list[Contents]) -> None:
    (seeds,) = compared(contents).seeds
    assert seeds.names == ("zero", "one") and seeds.seeds == (0, 1)
    accuracies = [each.result.accuracy for each in contents[:2] if each.result is not None]
    deviation = abs(accuracies[0] - accuracies[1]) / math.sqrt(2)
    quantile = importlib.import_module("scipy.stats").t.ppf(0.975, 1)
    assert seeds.mean == pytest.approx(np.mean(accuracies))
    assert seeds.ci95 == pytest.approx(quantile * deviation / math.sqrt(2))


def test_a_pair_is_compared_episode_by_episode(contents: list[Contents]) -> None:
    pairs = compared(contents).pairs
    assert [(each.one, each.other) for each in pairs] == [
        ("zero", "one"),
        ("zero", "plain"),
        ("one", "plain"),
    ]
    first, second = contents[0].result, contents[1].result
    assert first is not None and second is not None
    differences = first.accuracies - second.accuracies
    assert pairs[0].difference == pytest.approx(differences.mean())
    assert pairs[0].ci95 == pytest.approx(1.96 * differences.std(ddof=1) / math.sqrt(30))


def test_runs_that_met_other_episodes_have_no_difference(
    contents: list[Contents], tmp_path: Path
) -> None:
    one, other = contents[0], contents[1]
    experiment, store = other.run.experiment, other.run.record.store
    cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"task.k_shot": 1}, {}, "task.k_shot is 2 in one and 1 in the other"),
        ({}, {"splits": {}}, "their stores hold other classes or examples"),
        ({}, {"fingerprint": "another"}, "they were evaluated on other classes or examples"),
    ]
    for changes, about, words in cases:
        its_store = store.model_copy(update=about)
        run = Run.create(tmp_path / "others", experiment.with_settings(changes), its_store)
        (pair,) = compared([one, replace(other, run=run)]).pairs
        assert words in pair.problem and pair.difference == 0


def test_a_name_or_a_place_is_no_other_experiment_and_a_step_is(toy_experiment: Experiment) -> None:
    other = toy_experiment.with_settings({"run.seed": 1, "name": "other", "run.threads": 2})
    assert differ_in_seed_alone(toy_experiment, other)
    assert not differ_in_seed_alone(toy_experiment, toy_experiment)
    longer = other.with_settings({"schedule.steps": 41})
    assert not differ_in_seed_alone(toy_experiment, longer)


@pytest.mark.parametrize("path", ["/home/me/x.h5", "C:\\Users\\me\\x.h5", "x.h5", "\\\\host\\x.h5"])
def test_of_a_path_its_last_part_alone_is_told(path: str) -> None:
    assert last_name(path) == "x.h5"
