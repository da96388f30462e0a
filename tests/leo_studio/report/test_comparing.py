import importlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import differ_in_seed_alone
from engine.io.files import last_name
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.report.comparing import compared
from leo_studio.report.contents import Contents, ReportOptions, gathered
from tests.changes import CHANGEABLE, a_change_of


@pytest.fixture(scope="module")
def gathered_once(trained_library: Library) -> list[Contents]:
    options = ReportOptions(episodes=30)
    return [
        gathered(trained_library, Run(trained_library.runs / name), options, lambda *_: None)
        for name in ("zero", "one", "plain")
    ]


@pytest.fixture
def contents(gathered_once: list[Contents], library: Library) -> list[Contents]:
    """What was gathered of the runs, each with a copy of its run, which a test may change."""
    return [replace(each, run=Run(library.runs / each.run.name)) for each in gathered_once]


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
    found = pairs[0].difference
    assert found is not None and found.episodes == 30
    assert found.difference == pytest.approx(differences.mean())
    assert found.ci95 == pytest.approx(1.96 * differences.std(ddof=1) / math.sqrt(30))


def with_settings(contents: Contents, changes: dict[str, object]) -> Contents:
    """Return the same contents of a run that says that it has other settings."""
    run = contents.run
    text = run.experiment.with_settings(changes).to_yaml()
    (run.path / "experiment.yaml").write_text(text)
    return replace(contents, run=Run(run.path))


def test_a_mean_is_of_runs_that_differ_in_their_seed_alone(contents: list[Contents]) -> None:
    zero, one = contents[:2]
    for path in CHANGEABLE:
        value = a_change_of(path, zero.run.experiment)
        other = with_settings(one, {"run.seed": 1, path: value})
        alone = differ_in_seed_alone(zero.run.experiment, other.run.experiment)
        groups = [each.names for each in compared([zero, other]).seeds]
        assert groups == ([("zero", "one")] if alone else []), path


def test_a_store_elsewhere_on_the_disk_is_the_same_store(contents: list[Contents]) -> None:
    moved = with_settings(contents[1], {"data.store": "/elsewhere/toy.h5"})
    assert len(compared([contents[0], moved]).seeds) == 1
    renamed = with_settings(contents[1], {"data.store": "/elsewhere/other.h5"})
    assert not compared([contents[0], renamed]).seeds


def test_runs_that_meet_other_episodes_are_no_pair(contents: list[Contents]) -> None:
    zero, one = contents[:2]
    other_task = with_settings(one, {"task.k_shot": 1})
    (pair,) = compared([zero, other_task]).pairs
    assert pair.problem == "task.k_shot is 2 in one and 1 in the other."
    one = with_settings(one, {"task.k_shot": 2})
    splits = {**one.run.record.store.splits, "test": {"classes": 7, "examples": 210}}
    one.run.update(store=one.run.record.store.model_copy(update={"splits": splits}))
    (pair,) = compared([zero, replace(one, run=Run(one.run.path))]).pairs
    assert pair.problem == "their stores hold other classes or examples."


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
        assert words in pair.problem and pair.difference is None


@pytest.mark.parametrize("path", ["/home/me/x.h5", "C:\\Users\\me\\x.h5", "x.h5", "\\\\host\\x.h5"])
def test_of_a_path_its_last_part_alone_is_told(path: str) -> None:
    assert last_name(path) == "x.h5"
