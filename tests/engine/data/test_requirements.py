"""Requirements of an experiment that a store does not meet are said in sentences."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from engine.config import Experiment, experiment_from_dict
from engine.data.requirements import no_such_split, unmet_requirements

EXPERIMENT = experiment_from_dict({"name": "a", "data": {"store": "s"}}, "a")
LARGE = SimpleNamespace(classes=64, smallest_class=600)


def test_a_split_that_is_not_there_is_said_with_those_that_are() -> None:
    sentence = no_such_split("toy.h5", "dev", ["train", "val"])
    assert sentence == 'toy.h5 has no split "dev"; it has train, val: choose one of these.'


def test_a_split_that_an_experiment_needs_cannot_be_chosen_otherwise() -> None:
    assert list(unmet_requirements(EXPERIMENT, "toy.h5", {"train": LARGE})) == [
        'toy.h5 has no split "val"; it has train: this experiment needs it, so use a store that '
        "has it."
    ]
    assert list(unmet_requirements(EXPERIMENT, "toy.h5", {"train": LARGE, "val": LARGE})) == []


def test_a_learner_without_training_needs_nothing_to_train_on() -> None:
    ridge = EXPERIMENT.with_settings({"learner.kind": "ridge"})
    assert list(unmet_requirements(ridge, "toy.h5", {"val": LARGE})) == []
    (sentence,) = unmet_requirements(ridge, "toy.h5", {"test": LARGE})
    assert 'no split "val"' in sentence


@dataclass
class Size:
    classes: int
    smallest_class: int
    smallest: str = ""
    image_side: int = 0


@pytest.mark.parametrize(
    ("train", "val", "words"),
    [
        (Size(4, 5), Size(4, 3), ""),
        (Size(4, 4), Size(4, 3), "train has 4 examples, and this task needs 5"),
        (Size(3, 5), Size(4, 3), "train has 3 classes, and task.n_way is 4"),
        (Size(4, 5), Size(4, 2), "val has 2 examples, and this task needs 3"),
        (Size(4, 5), Size(4, 2, "dog"), 'class "dog" of split val has 2 examples'),
        (Size(4, 5), Size(3, 3), "val has 3 classes, and task.n_way is 4"),
        (Size(4, 5), None, 'has no split "val"'),
    ],
)
def test_a_store_fits_that_has_as_much_as_an_episode_takes_and_no_less(
    toy_experiment: Experiment, train: Size, val: Size | None, words: str
) -> None:
    """4-way 2-shot with 3 queries; a validation asks for whatever is there, at least one."""
    splits = {"train": train} | ({} if val is None else {"val": val})
    sentences = list(unmet_requirements(toy_experiment, "toy.h5", splits))
    assert len(sentences) == bool(words) and words in "".join(sentences)
