import pytest

from engine.config import experiment_from_dict, mistakes
from engine.errors import BadInput
from tests.engine.config.test_experiment import minimal


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"learner.dropout": 1.3}, "x: learner.dropout is 1.3; it must be at least 0 and below 1."),
        (
            {"learner.droput": 0.1},
            "x: learner.droput is not a setting; did you mean learner.dropout?",
        ),
        (
            {"task.n_way": "five"},
            "x: task.n_way is 'five'; it must be a whole number, at least 2 and at most 1000.",
        ),
        (
            {"run.seed": True},
            "x: run.seed is True; it must be a whole number, at least 0 and at most "
            "9223372036854775807.",
        ),
        (
            {"learner.variant": "best"},
            "x: learner.variant is 'best'; it must be one of full, no_finetuning, deterministic, "
            "random_prior, conditional_generator, conditional_generator_finetuning.",
        ),
        (
            {"task.k_shot": 600},
            "x: task.examples_per_class is 600 and task.k_shot is 600; examples_per_class must be "
            "larger, or no query is left to evaluate on.",
        ),
        (
            {"data.train_splits": ["test"]},
            "x: data.train_splits is 'test'; it must be a list of train, val, with at least 1 "
            "entry.",
        ),
        ({"learner": 3}, "x: learner is 3; it must be a group of settings."),
        (
            {"schema": 3},
            "x has schema 3; this version of LEO Studio reads up to 2: update LEO Studio.",
        ),
        (
            {"run.device": "gpu"},
            "x: run.device is 'gpu'; it must be auto, cpu, cuda, cuda:0 and so on, mps or xpu.",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_with_path_value_and_remedy(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadInput) as caught:
        minimal().with_settings(changes, "x")
    assert str(caught.value) == sentence


def test_all_mistakes_are_told_at_once_each_at_its_path() -> None:
    values = experiment_from_dict({"name": "all", "data": {"store": "glyphs"}}, "all").to_dict()
    values["learner"]["dropout"] = 1.5
    values["task"]["k_shot"] = 600
    values["schedule"]["steps"] = "many"

    assert mistakes(values) == {
        "learner.dropout": "learner.dropout is 1.5; it must be at least 0 and below 1.",
        "task": "task.examples_per_class is 600 and task.k_shot is 600; examples_per_class must be "
        "larger, or no query is left to evaluate on.",
        "schedule.steps": "schedule.steps is 'many'; it must be a whole number, at least 1 and at "
        "most 100000000.",
    }


def test_a_valid_experiment_has_no_mistakes() -> None:
    assert mistakes({"name": "all", "data": {"store": "glyphs"}}) == {}
