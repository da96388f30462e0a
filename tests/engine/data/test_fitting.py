from dataclasses import dataclass

import pytest

from engine.config import Experiment
from engine.data.fitting import misfits


@dataclass
class Size:
    classes: int
    smallest_class: int


@pytest.mark.parametrize(
    ("train", "val", "words"),
    [
        (Size(4, 5), Size(4, 3), ""),
        (Size(4, 4), Size(4, 3), "train has 4 examples, and this task needs 5"),
        (Size(3, 5), Size(4, 3), "train has 3 classes, and task.n_way is 4"),
        (Size(4, 5), Size(4, 2), "val has 2 examples, and this task needs 3"),
        (Size(4, 5), Size(3, 3), "val has 3 classes, and task.n_way is 4"),
        (Size(4, 5), None, 'has no split "val"'),
    ],
)
def test_a_store_fits_that_has_as_much_as_an_episode_takes_and_no_less(
    toy_experiment: Experiment, train: Size, val: Size | None, words: str
) -> None:
    """4-way 2-shot with 3 queries; a validation asks for whatever is there, at least one."""
    splits = {"train": train} | ({} if val is None else {"val": val})
    sentences = list(misfits(toy_experiment, "toy.h5", splits))
    assert len(sentences) == bool(words) and words in "".join(sentences)
