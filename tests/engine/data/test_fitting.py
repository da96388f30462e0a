"""What a store lacks for an experiment, in sentences."""

from types import SimpleNamespace

from engine.config import experiment_from_dict
from engine.data.fitting import misfits, no_such_split

EXPERIMENT = experiment_from_dict({"name": "a", "data": {"store": "s"}}, "a")
LARGE = SimpleNamespace(classes=64, smallest_class=600)


def test_a_split_that_is_not_there_is_said_with_those_that_are() -> None:
    sentence = no_such_split("toy.h5", "dev", ["train", "val"])
    assert sentence == 'toy.h5 has no split "dev"; it has train, val: choose one of these.'


def test_a_split_that_an_experiment_needs_cannot_be_chosen_otherwise() -> None:
    assert list(misfits(EXPERIMENT, "toy.h5", {"train": LARGE})) == [
        'toy.h5 has no split "val"; it has train: this experiment needs it, so use a store that '
        "has it."
    ]
    assert list(misfits(EXPERIMENT, "toy.h5", {"train": LARGE, "val": LARGE})) == []
