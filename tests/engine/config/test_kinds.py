"""An experiment's learner is one of several kinds, each with settings of its own."""

from typing import Annotated, Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    AlphaTim,
    Backbone,
    ClassMean,
    Discriminant,
    Experiment,
    Kinds,
    Leo,
    LeoRegression,
    LinearMaml,
    Logistic,
    Maml,
    Matching,
    Neighbours,
    ProtoNet,
    Ridge,
    SoftKMeans,
    all_kinds,
    allowed_values,
    changes_to,
    declarations,
    declared,
    differ_in_seed_alone,
    differing_settings,
    experiment_from_dict,
    experiment_from_yaml,
    joined_paths,
    kinds_of,
    leo_settings,
    mistakes,
    populations,
    setting_titles,
    setting_values,
    settings,
    settings_of_all_kinds,
    used_settings,
    used_values,
    why_other_episodes,
)
from engine.config.declaration import ONE_OF_KINDS, Section, setting, settings_in, titles_in
from engine.errors import BadInput
from tests.engine.config.test_experiment import minimal

PROTONET = minimal().with_settings({"learner.kind": "protonet"})
RIDGE = minimal().with_settings({"learner.kind": "ridge"})
OF_TRAINING = {
    "data.train_splits",
    "task.queries",
    "optimizer.outer_lr",
    "optimizer.meta_batch",
    "optimizer.clip_value",
    "optimizer.clip_norm",
    "optimizer.clip_all",
    "optimizer.decay",
    "optimizer.warm_up",
    "schedule.steps",
    "schedule.validate_every",
    "schedule.validation_episodes",
    "schedule.early_stopping",
    "run.cuda_graph",
    "run.compile",
    "run.threads",
}
# What only training on tasks reads, and not pre-training.
OF_TASKS = {
    *(path for path in OF_TRAINING if path.startswith("optimizer.")),
    "task.queries",
    "run.cuda_graph",
    "run.compile",
}
OF_GRAPHS = {"run.cuda_graph", "run.compile"}
BASELINES = {
    "class_mean": ClassMean,
    "ridge": Ridge,
    "logistic": Logistic,
    "discriminant": Discriminant,
    "neighbours": Neighbours,
}
TRANSDUCTIVE = {"soft_kmeans": SoftKMeans, "alpha_tim": AlphaTim}
UNUSED = {
    **dict.fromkeys([*BASELINES, *TRANSDUCTIVE], OF_TRAINING),
    "backbone": OF_TASKS,
    "leo_regression": OF_GRAPHS,
    "maml": OF_GRAPHS,
}
# What training alone reads of the settings that some kinds have, and others not.
OF_KINDS = {
    "learner.root_share",
    "learner.last_phase",
    "learner.last_phase_rate",
    "learner.last_phase_samples",
    "learner.last_phase_tasks",
    "learner.last_phase_kl_weight",
}
UNTRAINED = ", ".join([*BASELINES, *TRANSDUCTIVE])
OF_CLASSES = f"leo, protonet, matching, linear_maml, {UNTRAINED}, backbone"
EVERY_LEARNER = f"one of {OF_CLASSES}, leo_regression, maml"
STORE = {"test": {"classes": 8, "examples": 240}}
experiments = st.one_of(
    st.builds(
        lambda dropout, steps: minimal().with_settings(
            {"learner.dropout": dropout, "schedule.steps": steps}
        ),
        st.sampled_from([0.1, 0.3]),
        st.sampled_from([10, 20]),
    ),
    st.builds(
        lambda size, weight: PROTONET.with_settings(
            {"learner.projected_size": size, "learner.l2_weight": weight}
        ),
        st.sampled_from([8, 64]),
        st.sampled_from([0.0, 1e-8]),
    ),
    st.builds(
        lambda penalty, seed: RIDGE.with_settings({"learner.penalty": penalty, "run.seed": seed}),
        st.sampled_from([1.0, 3.0]),
        st.sampled_from([0, 1]),
    ),
)


def test_the_kinds_are_these_and_the_defaults_come_first() -> None:
    trained = {
        "leo": Leo,
        "protonet": ProtoNet,
        "matching": Matching,
        "linear_maml": LinearMaml,
    }
    of_classes = trained | BASELINES | TRANSDUCTIVE | {"backbone": Backbone}
    of_functions = {"leo_regression": LeoRegression, "maml": Maml}
    assert kinds_of("learner") == of_classes | of_functions
    assert list(kinds_of("task")) == ["classification", "regression"]
    assert all_kinds()[0] == Kinds() == Kinds("classification", "leo")
    assert all_kinds() == [
        *(Kinds("classification", kind) for kind in of_classes),
        *(Kinds("regression", kind) for kind in of_functions),
    ]


@pytest.mark.parametrize("kinds", all_kinds(), ids=str)
def test_every_setting_of_every_kind_is_declared_whole(kinds: Kinds) -> None:
    known = dict(settings(kinds))
    titles = dict(setting_titles(kinds))
    assert list(declarations(kinds)) == list(titles) == list(known)
    for path, info in known.items():
        assert info.description and info.description.endswith("."), path
        assert allowed_values(info) != "a group of settings", path
    labels = [(titles[path], about.label) for path, about in declarations(kinds).items()]
    assert len(set(labels)) == len(labels)
    assert {titles[path] for path in known if path.startswith("learner.")} == {"Learner"}


def test_what_may_differ_between_members_of_a_population_is_declared_for_each_kind() -> None:
    of_members = {
        path
        for path, each in declarations(Kinds(learner="protonet")).items()
        if path.startswith("learner.") and each.varies_in_population
    }
    assert of_members == {"learner.initial_scale", "learner.l2_weight"}
    larger = PROTONET.with_settings({"learner.projected_size": 8})
    sharper = PROTONET.with_settings({"learner.initial_scale": 1.0, "run.seed": 3})
    everyone = [PROTONET, larger, sharper, minimal(), RIDGE]
    assert populations(everyone) == [[0, 2], [1], [3], [4]]


def test_a_kind_is_one_of_all_in_words_and_in_limits() -> None:
    for kinds in all_kinds():
        assert allowed_values(dict(settings(kinds))["learner.kind"]) == EVERY_LEARNER


def test_kinds_that_are_not_there_are_the_defaults() -> None:
    for learner in (None, 3, {}, {"kind": 3}, {"kind": "forest"}, {"kind": ["ridge"]}):
        assert Kinds.of({"learner": learner}) == Kinds()
    assert Kinds.of({"learner": {"kind": "ridge"}}) == Kinds(learner="ridge")


def test_of_another_kind_an_experiment_has_its_defaults_whatever_comes_first() -> None:
    varied = minimal().with_settings({"learner.l2_weight": 0.5, "task.n_way": 7})
    other = varied.with_settings({"learner.projected_size": 8, "learner.kind": "protonet"})
    assert other.learner == ProtoNet(projected_size=8)
    assert other.task == varied.task
    # A kind that it is of already takes nothing away.
    assert varied.with_settings({"learner.kind": "leo"}) == varied


@given(experiments)
def test_yaml_brings_back_an_experiment_of_any_kind(experiment: Experiment) -> None:
    assert experiment_from_yaml(experiment.to_yaml(), "again") == experiment
    assert set(setting_values(experiment)) == {
        path for path, _ in settings(Kinds.in_experiment(experiment))
    }


@given(experiments, experiments)
def test_changes_lead_from_any_experiment_to_any_other(one: Experiment, other: Experiment) -> None:
    changes = changes_to(other, one)
    assert one.with_settings(changes) == other
    for path in changes:
        fewer = {name: value for name, value in changes.items() if name != path}
        try:
            assert one.with_settings(fewer) != other
        except BadInput:
            assert path == "learner.kind"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"learner.kind": "reptile"},
            f"learner.kind is 'reptile'; it must be {EVERY_LEARNER}.",
        ),
        (
            {"learner.kind": "maml"},
            "learner.kind is maml, which does not learn tasks of the kind classification; set it "
            f"to one of {OF_CLASSES}, or change task.kind.",
        ),
        (
            {"learner.kind": 3},
            f"learner.kind is 3; it must be {EVERY_LEARNER}.",
        ),
        (
            {"learner.kind": None},
            f"learner.kind is None; it must be {EVERY_LEARNER}.",
        ),
        (
            {"learner.foo": 1},
            "learner.foo is not a setting; settings are learner.kind, learner.projected_size, "
            "learner.initial_scale, learner.l2_weight.",
        ),
        (
            {"learner.dropout": 0.1},
            "learner.dropout is a setting of leo, and learner.kind is protonet; its settings are "
            "learner.kind, learner.projected_size, learner.initial_scale, learner.l2_weight.",
        ),
        (
            {"learner.projected_sise": 8},
            "learner.projected_sise is not a setting; did you mean learner.projected_size?",
        ),
        ({"learner.n_ways": 8}, "learner.n_ways is not a setting; did you mean task.n_way?"),
        ({"learner.projected_size": 0}, "learner.projected_size is 0; it must be at least 1"),
        ({"learner.initial_scale": 0.0}, "learner.initial_scale is 0.0; it must be above 0"),
        (
            {"learner.kind": "ridge", "learner.scale": -1.0},
            "learner.scale is -1.0; it must be above",
        ),
        ({"learner": {"kind": "ridge", "size": 3}}, "learner.size is not a setting; "),
        (
            {"task.kind": "ranking"},
            "task.kind is 'ranking'; it must be one of classification, regression.",
        ),
        (
            {"task.kind": "regression"},
            "learner.kind is protonet, which does not learn tasks of the kind regression; set it "
            "to one of leo_regression, maml, or change task.kind.",
        ),
    ],
    ids=str,
)
def test_what_a_kind_does_not_allow_is_refused_in_its_own_words(
    changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput) as caught:
        PROTONET.with_settings(changes, "x")
    assert str(caught.value).startswith(f"x: {sentence}")


def test_a_mistake_of_any_kind_stands_at_its_setting() -> None:
    values = RIDGE.to_dict()
    values["learner"]["penalty"] = "much"
    assert mistakes(values) == {
        "learner.penalty": "learner.penalty is 'much'; it must be a number, above 0."
    }
    values["learner"] = {"kind": "forest"}
    assert list(mistakes(values)) == ["learner.kind"]


def test_only_what_training_reads_is_unused_by_a_learner_without_training() -> None:
    for kinds in all_kinds():
        unused = dict(settings(kinds)).keys() - dict(used_settings(kinds)).keys()
        assert unused == UNUSED.get(kinds.learner, set())
    declared_so = {
        path for path, info in settings_of_all_kinds().items() if declared(info).is_for_training
    }
    assert declared_so == OF_TRAINING | OF_KINDS
    assert set(used_values(RIDGE)) == set(setting_values(RIDGE)) - OF_TRAINING


def test_what_is_not_used_makes_no_difference() -> None:
    longer = RIDGE.with_settings({"schedule.steps": 7, "optimizer.outer_lr": 1.0})
    assert longer != RIDGE
    assert differing_settings(RIDGE, longer) == ()
    other_seed = longer.with_settings({"run.seed": 7})
    assert differ_in_seed_alone(RIDGE, other_seed)
    assert not differ_in_seed_alone(minimal(), PROTONET.with_settings({"run.seed": 7}))


def test_across_kinds_the_kind_differs_and_what_only_one_has() -> None:
    mine = {path for path in setting_values(minimal()) if path.startswith("learner.")}
    theirs = {path for path in setting_values(PROTONET) if path.startswith("learner.")}
    found = differing_settings(minimal(), PROTONET)
    assert found[0] == "learner.kind"
    # Of the one that both have, both have the same value.
    assert set(found) == (mine | theirs) - {"learner.l2_weight"}
    assert set(differing_settings(PROTONET, minimal())) == set(found)
    assert set(differing_settings(minimal(), RIDGE)) >= OF_TRAINING


def test_what_only_one_has_stands_in_its_section() -> None:
    one = dict.fromkeys(["name", "a.kind", "a.x", "a.y", "b.z"])
    other = dict.fromkeys(["name", "a.kind", "a.w", "b.v", "c.u"])
    joined = ["name", "a.kind", "a.x", "a.y", "a.w", "b.z", "b.v", "c.u"]
    assert joined_paths([one, other]) == joined
    assert joined_paths([{}, one, one]) == list(one)
    assert joined_paths([]) == []


def test_learners_of_all_kinds_meet_the_same_episodes() -> None:
    for other in (PROTONET, RIDGE):
        assert why_other_episodes(minimal(), other, (STORE, STORE)) == ""
        fewer = other.with_settings({"task.n_way": 4})
        words = "task.n_way is 5 in one and 4 in the other."
        assert why_other_episodes(minimal(), fewer, (STORE, STORE)) == words


def test_the_settings_of_leo_are_had_of_leo_alone() -> None:
    assert leo_settings(minimal()) == minimal().learner
    with pytest.raises(BadInput, match=r"^x learns by prototypical networks; it has no latent"):
        leo_settings(PROTONET)
    with pytest.raises(BadInput, match=r"^x learns by ridge regression; it has no programs\.$"):
        leo_settings(RIDGE, "it has no programs")


class Wide(Section):
    title: ClassVar[str] = "Wide"
    kind: Literal["wide"] = setting("wide", "Which.", label="Kind")
    width: int = setting(1, "A width.", label="Width")


class High(Section):
    title: ClassVar[str] = "High"
    group: ClassVar[str] = "Shape"
    kind: Literal["high"] = setting("high", "Which.", label="Kind")
    height: int = setting(1, "A height.", label="Height")


class House(Section):
    title: ClassVar[str] = "House"
    shape: Annotated[Wide | High, ONE_OF_KINDS] = High()


def test_any_section_may_be_one_of_several_kinds() -> None:
    assert [path for path, _ in settings_in(House)] == ["shape.kind", "shape.height"]
    wide = dict(settings_in(House, kinds={"shape": "wide"}))
    assert list(wide) == ["shape.kind", "shape.width"]
    assert allowed_values(wide["shape.kind"]) == "one of wide, high"
    assert wide["shape.kind"].default == "high"
    assert dict(titles_in(House)) == {"shape.kind": "Shape", "shape.height": "Shape"}
    assert dict(titles_in(House, kinds={"shape": "wide"})).popitem() == ("shape.width", "Wide")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"task.families": ["line"], "task.functions": "my.csv"},
            "task.functions is my.csv and task.families is line; functions of a file are of no "
            "family: leave task.families out, or task.functions empty.",
        ),
        ({"task.noise": 101.0}, "task.noise is 101; it must be at most 100 where functions are"),
        ({"task.noise": 1e13, "task.functions": "my.csv"}, "task.noise is 10000000000000.0"),
        ({"task.functions": 3}, "task.functions is 3; it must be a text"),
    ],
)
def test_a_file_of_functions_and_families_do_not_go_together(
    changes: dict[str, object], sentence: str
) -> None:
    base = experiment_from_dict(
        {"name": "a", "task": {"kind": "regression"}, "learner": {"kind": "maml"}}, "a"
    )
    with pytest.raises(BadInput) as caught:
        base.with_settings(changes)
    assert sentence in str(caught.value)


def test_a_file_of_functions_is_a_setting_that_may_be_empty() -> None:
    base = experiment_from_dict(
        {"name": "a", "task": {"kind": "regression"}, "learner": {"kind": "maml"}}, "a"
    )
    of_file = base.with_settings({"task.functions": "my.csv", "task.noise": 250.0})
    assert of_file.source == "my.csv" and base.source == "sine, line"
    assert "functions" in of_file.to_yaml() and "functions" not in base.to_yaml()
    assert experiment_from_yaml(of_file.to_yaml(), "again") == of_file
    assert of_file.with_source("other.csv").source == "other.csv"
    assert base.with_source("other.csv") == base
    emptied = of_file.with_settings({"task.functions": None, "task.noise": 0.3})
    assert emptied == base
