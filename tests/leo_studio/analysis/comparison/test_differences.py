"""Differences between runs."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.config import Experiment, experiment_from_dict
from engine.errors import BadInput
from engine.evaluation.checkpoints import require_same_episodes
from engine.evaluation.record import Evaluation
from engine.evaluation.statistics import paired_difference
from engine.runs.record import Best, StoreRecord
from engine.runs.run import Run
from leo_studio.analysis.comparison.differences import (
    Paired,
    as_markdown,
    differing_settings,
    missing_evaluations,
    newest_comparable,
    paired,
    same_episodes_problem,
    setting_rows,
)
from leo_studio.analysis.comparison.verdict import differ_in, verdict
from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.services.records import RunEntry
from tests import evaluations
from tests.changes import CHANGEABLE, changed

BASE: dict[str, Any] = {"name": "toy", "data": {"store": "s"}}
SPLITS = {"test": {"classes": 8, "examples": 240}}


def experiment(**changes: Any) -> Experiment:
    return experiment_from_dict(BASE, "toy").with_settings(
        {path.replace("__", "."): value for path, value in changes.items()}
    )


def kept(accuracies: list[float], step: int = 5, split: str = "test") -> Evaluation:
    return evaluations.kept(
        accuracies=accuracies,
        episodes=len(accuracies),
        accuracy=float(np.mean(accuracies)),
        checkpoint_step=step,
        split=split,
    )


def run(name: str, *entries: Evaluation, **changes: Any) -> RunEntry:
    return RunEntry(
        Path(f"/runs/{name}"),
        name,
        experiment=experiment(**changes),
        best=Best(step=5, score="accuracy", value=0.5),
        checkpoints=(5, 10),
        evaluations=entries,
        store_splits=SPLITS,
    )


def test_only_settings_that_differ_are_listed() -> None:
    rows = differing_settings([experiment(), experiment(run__seed=3, learner__dropout=0.1)])
    assert [(row.path, row.values) for row in rows] == [
        ("learner.dropout", ("0.3", "0.1")),
        ("run.seed", ("0", "3")),
    ]


def test_all_settings_are_listed_once_and_as_yaml_has_them() -> None:
    rows = {row.path: row.values for row in setting_rows([experiment()])}
    assert rows["schedule.early_stopping"] == ("null",)
    assert rows["data.normalize"] == ("true",)
    assert rows["data.train_splits"] == ("train",)
    assert not differing_settings([experiment(), experiment()])


def test_runs_of_several_kinds_have_a_dash_where_there_is_no_such_setting() -> None:
    ridge = experiment(learner__kind="ridge")
    found = {row.path: row.values for row in differing_settings([experiment(), ridge, None])}
    assert found["learner.kind"] == ("leo", "ridge", "")
    assert found["learner.dropout"] == ("0.3", "–", "")
    assert found["learner.penalty"] == ("–", "1.0", "")
    assert found["schedule.steps"] == ("100000", "–", "")
    paths = [row.path for row in setting_rows([experiment(), ridge])]
    assert len(set(paths)) == len(paths)
    learner = [path.startswith("learner.") for path in paths]
    assert learner.index(True) + sum(learner) == len(learner) - learner[::-1].index(True)


accuracies = st.integers(2, 30).flatmap(
    lambda count: st.tuples(*[arrays(np.float64, count, elements=st.floats(0, 1))] * 2)
)


@given(accuracies)
def test_paired_difference_is_the_engines(
    both: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]],
) -> None:
    one, other = both
    expected = paired_difference(one, other)
    found = paired(run("a", kept(one.tolist())), run("b", kept(other.tolist())), "test")
    assert isinstance(found, Paired)
    assert found.difference == expected


def test_the_verdict_says_which_is_better_by_how_much_and_whether_it_counts() -> None:
    clear = paired(run("a", kept([0.5, 0.5, 0.5])), run("b", kept([0.9, 0.8, 0.9])), "test")
    assert isinstance(clear, Paired)
    assert verdict(clear, "a", "b", "test") == (
        "b is better than a by 36.67 ± 6.53 points (test, paired on the same 3 episodes; "
        "the interval excludes 0)."
    )
    unclear = paired(run("a", kept([0.1, 0.8])), run("b", kept([0.5, 0.5])), "test")
    assert isinstance(unclear, Paired)
    said = verdict(unclear, "a", "b", "test")
    assert said.startswith("b is not clearly better than a: the difference is 5.00 ±")
    assert said.endswith("the interval includes 0).")


def test_several_settings_in_which_runs_differ_are_named_and_one_is_not() -> None:
    plain, seed = run("a"), run("b")
    assert plain.experiment is not None
    changed = {"run.seed": 1}
    seed = replace(seed, experiment=plain.experiment.with_settings(changed))
    assert differ_in(plain, seed) == ""
    both = replace(
        seed, experiment=plain.experiment.with_settings({**changed, "learner.inner_steps": 9})
    )
    assert differ_in(plain, both) == "They differ in inner steps and seed."


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (run("b"), "b was not evaluated on test yet"),
        (run("b", kept([0.5] * 3)), "evaluated on 2 and 3 episodes"),
        (run("b", kept([0.5] * 2), task__k_shot=5), '"Shots" is 1 in one and 5 in the other'),
        (run("b", kept([0.5] * 2, split="val")), "was not evaluated on test"),
    ],
)
def test_what_is_missing_for_a_comparison_is_said(other: RunEntry, words: str) -> None:
    found = paired(run("a", kept([0.4, 0.6])), other, "test")
    assert isinstance(found, str)
    assert words in found


def test_runs_on_other_stores_or_unreadable_ones_are_not_compared() -> None:
    one = run("a", kept([0.4, 0.6]))
    elsewhere = replace(run("b", kept([0.5] * 2)), store_splits={"test": {"classes": 7}})
    sentence = "cannot be compared: their stores hold other classes or examples."
    assert paired(one, elsewhere, "test") == paired(elsewhere, one, "test") == sentence
    unreadable = replace(run("b", kept([0.5] * 2)), experiment=None)
    assert paired(one, unreadable, "test") == "cannot be compared: b cannot be read."


@pytest.mark.parametrize("path", CHANGEABLE)
def test_the_window_and_the_engine_say_the_same_of_every_setting(tmp_path: Path, path: str) -> None:
    one, other = run("a"), replace(run("b"), experiment=changed(experiment(), path))
    assert one.experiment is not None and other.experiment is not None
    runs = [
        Run.create(tmp_path / each.name, each.experiment, StoreRecord(splits=SPLITS))
        for each in (one, other)
        if each.experiment is not None
    ]
    problem = same_episodes_problem(one, other)
    with pytest.raises(BadInput) if problem else nullcontext() as error:
        require_same_episodes(*runs)
    if error is not None:
        said = in_labels(str(error.value))  # the window has labels where the engine has names
        assert said.endswith(f"cannot be compared: {problem}")


@pytest.mark.parametrize("splits", [{"test": {"classes": 9, "examples": 240}}, {}])
def test_runs_whose_stores_hold_other_classes_or_examples_meet_other_episodes(
    splits: dict[str, dict[str, int]],
) -> None:
    other = replace(run("b", kept([0.5, 0.5])), store_splits=splits)
    problem = "their stores hold other classes or examples."
    assert same_episodes_problem(run("a"), other) == problem
    assert problem in str(paired(run("a", kept([0.4, 0.6])), other, "test"))
    assert same_episodes_problem(run("a"), run("b", run__seed=3)) == ""


def on(store: str, name: str, examples: int, **changes: Any) -> RunEntry:
    splits = {"test": {"classes": 8, "examples": examples}}
    return replace(run(name, **changes), store=store, store_splits=splits)


def test_runs_on_different_data_are_told_so_and_not_evaluated() -> None:
    one = on("glyphs", "a", 40)
    other = on("groceries", "b", 20, task__k_shot=5)
    third = on("glyphs", "c", 40, run__seed=3)
    assert same_episodes_problem(one, other) == (
        "they are on different data, glyphs and groceries."
    )
    assert missing_evaluations([one, other], "test") == ()
    requests = missing_evaluations([one, other, third], "test")
    assert [request.run.name for request in requests] == ["a", "c"]


def test_the_newest_that_can_be_compared_are_on_the_same_data() -> None:
    runs = [on("groceries", "d", 20), on("glyphs", "c", 40), on("glyphs", "b", 40)]
    assert [each.name for each in newest_comparable(runs)] == ["c", "b"]
    assert [each.name for each in newest_comparable(runs[:2])] == ["d", "c"]
    damaged = replace(runs[1], problem="run.json is damaged.")
    assert [each.name for each in newest_comparable([damaged, *runs[::2]])] == ["d", "b"]
    assert newest_comparable([damaged]) == []


def test_the_best_checkpoint_counts_where_several_were_evaluated() -> None:
    one = run("a", kept([0.1, 0.2], step=10), kept([0.4, 0.6], step=5))
    found = paired(one, run("b", kept([0.5, 0.5])), "test")
    assert isinstance(found, Paired)
    assert found.one.step == 5


def test_only_what_is_missing_is_evaluated_and_on_as_many_episodes() -> None:
    requests = missing_evaluations([run("a", kept([0.4, 0.6])), run("b")], "test")
    assert [(request.run.name, request.episodes) for request in requests] == [("b", 2)]
    neither = missing_evaluations([run("a"), run("b", evaluation__episodes=500)], "test")
    assert [request.episodes for request in neither] == [10_000, 10_000]


def test_a_run_trained_further_is_evaluated_again() -> None:
    stale = run("a", kept([0.4, 0.6], step=2))
    assert [request.run.name for request in missing_evaluations([stale], "test")] == ["a"]


def test_an_evaluation_without_single_episodes_is_passed_over() -> None:
    assert paired(
        run("a", evaluations.kept(accuracies=[])), run("b", kept([0.5, 0.5])), "test"
    ) == ("a was not evaluated on test yet.")


def test_a_table_can_be_pasted() -> None:
    rows = differing_settings([experiment(), experiment(run__seed=1)])
    assert as_markdown(["a|b", "c"], rows) == (
        "|  | a\\|b | c |\n| --- | --- | --- |\n| run.seed | 0 | 1 |\n"
    )
