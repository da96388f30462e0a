"""Each rule about experiments, asked about every setting.

The settings are named here a second time on purpose: who gives one another role must say so twice.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    Experiment,
    declarations,
    differ_in_seed_alone,
    differing_settings,
    experiment_from_dict,
    groups_of_seeds,
    paths_with,
    populations,
    settings_of_all_kinds,
    why_other_episodes,
)
from tests.changes import CHANGEABLE, a_change_of, changed

BASE = experiment_from_dict({"name": "base", "data": {"store": "s"}}, "test")
LABELS = {"name", "description"}
MACHINE = {
    "data.access",
    "run.device",
    "run.cuda_graph",
    "run.compile",
    "run.deterministic",
    "run.threads",
}
EPISODES = {"task.n_way", "task.k_shot", "task.examples_per_class"}
OF_MEMBERS = {
    *LABELS,
    "run.seed",
    "optimizer.outer_lr",
    "learner.dropout",
    "learner.inner_lr",
    "learner.finetuning_lr",
    "learner.kl_weight",
    "learner.encoder_penalty_weight",
    "learner.l2_weight",
    "learner.orthogonality_weight",
}
STORE = {"test": {"classes": 8, "examples": 240}}
every_setting = pytest.mark.parametrize("path", CHANGEABLE)


def other_seed(experiment: Experiment) -> Experiment:
    return experiment.with_settings({"run.seed": 7})


def test_all_settings_are_asked_about_but_kinds_and_those_with_one_value() -> None:
    assert set(declarations()) - set(CHANGEABLE) == {"schema", "task.kind", "learner.kind"}
    assert declarations()["schema"].role == "layout"
    assert declarations()["task.kind"].decides_episodes


@every_setting
def test_every_setting_but_a_label_is_a_difference(path: str) -> None:
    other = changed(BASE, path)
    assert differing_settings(BASE, other) == (() if path in LABELS else (path,))
    assert differing_settings(BASE, other, ("label",)) == ((path,) if path in LABELS else ())


@every_setting
def test_beside_the_seed_only_machine_and_labels_may_differ(path: str) -> None:
    may = path in {*LABELS, *MACHINE, "run.seed"}
    other = changed(BASE, "run.seed", path)
    assert differ_in_seed_alone(BASE, other) == may
    assert differ_in_seed_alone(other, BASE) == may
    assert groups_of_seeds([BASE, other]) == ([[0, 1]] if may else [[0], [1]])


@every_setting
def test_without_another_seed_no_two_differ_in_the_seed_alone(path: str) -> None:
    assert differ_in_seed_alone(BASE, changed(BASE, path)) == (path == "run.seed")


@every_setting
def test_only_some_settings_may_differ_in_a_population(path: str) -> None:
    together = path in OF_MEMBERS
    assert populations([BASE, changed(BASE, path)]) == ([[0, 1]] if together else [[0], [1]])


@every_setting
def test_only_the_evaluations_task_decides_its_episodes(path: str) -> None:
    other = changed(BASE, path)
    why = why_other_episodes(BASE, other, (STORE, STORE))
    assert bool(why) == (path in EPISODES)
    if why:
        mine = a_change_of(path, BASE) - 1
        assert why == f"{path} is {mine} in one and {mine + 1} in the other."


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"test": {"classes": 7, "examples": 240}},
        {"test": {"classes": 8, "examples": 239}},
        {**STORE, "val": {"classes": 8, "examples": 240}},
        {"val": STORE["test"]},
    ],
    ids=str,
)
def test_stores_of_other_sizes_give_other_episodes(other: dict[str, dict[str, int]]) -> None:
    sentence = "their stores hold other classes or examples."
    assert why_other_episodes(BASE, BASE, (STORE, other)) == sentence
    assert why_other_episodes(BASE, BASE, (other, STORE)) == sentence
    assert why_other_episodes(BASE, BASE, (other, dict(other))) == ""


def test_a_seed_that_is_there_already_begins_another_group() -> None:
    again = BASE.with_settings({"name": "again"})
    third = BASE.with_settings({"run.seed": 8})
    assert groups_of_seeds([BASE, again, other_seed(BASE), third]) == [[0, 2, 3], [1]]


kinds = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([0.1, 0.2]), st.sampled_from(["cpu", "auto"]))
)


@given(kinds)
def test_groups_of_seeds_are_those_of_which_all_pairs_differ_in_the_seed_alone(
    chosen: list[tuple[int, float, str]],
) -> None:
    experiments = [
        BASE.with_settings({"run.seed": seed, "learner.dropout": dropout, "run.device": device})
        for seed, dropout, device in chosen
    ]
    groups = groups_of_seeds(experiments)
    assert sorted(place for group in groups for place in group) == list(range(len(chosen)))
    assert groups == sorted(sorted(group) for group in groups)
    for group in groups:
        pairs = [(one, other) for one in group for other in group if one < other]
        for one, other in pairs:
            assert differ_in_seed_alone(experiments[one], experiments[other])
        # The first group of its kind that could take an experiment took it.
        for earlier in groups[: groups.index(group)]:
            before = [place for place in earlier if place < group[0]]
            assert not all(
                differ_in_seed_alone(experiments[place], experiments[group[0]]) for place in before
            )


def test_every_role_has_its_settings() -> None:
    assert set(paths_with("machine")) == MACHINE
    assert set(paths_with("label")) == LABELS
    assert paths_with("seed") == ("run.seed",)
    every = settings_of_all_kinds()
    assert len(paths_with("result")) == len(every) - len(MACHINE) - len(LABELS) - 2


def test_files_of_other_functions_give_other_tasks_wherever_they_lie() -> None:
    one = experiment_from_dict(
        {
            "name": "a",
            "task": {"kind": "regression", "functions": "/mine/a.csv"},
            "learner": {"kind": "maml"},
        },
        "a",
    )
    moved = one.with_settings({"task.functions": "/yours/b.csv"})
    sizes = {"test": {"tasks": 5, "points": 90}}
    assert why_other_episodes(one, moved, (sizes, sizes)) == ""
    more = {"test": {"tasks": 6, "points": 90}}
    said = why_other_episodes(one, moved, (sizes, more))
    assert said == "their files hold other tasks or points."
    drawn = one.with_settings({"task.functions": ""})
    for pair, both in (((one, drawn), (sizes, {})), ((drawn, one), ({}, sizes))):
        said = why_other_episodes(*pair, both)
        assert said == "one learns functions of a file, and the other drawn ones."
    assert why_other_episodes(drawn, drawn, ({}, {})) == ""
