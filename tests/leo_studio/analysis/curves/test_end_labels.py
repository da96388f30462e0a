"""Numbers at the ends of curves in a figure are put apart."""

from collections.abc import Sequence

import numpy as np
import pytest

from leo_studio.analysis.curves.end_labels import Axis, with_labels_apart
from leo_studio.figures.records import Layer, Line, Points, Texts

LEAST = 0.1


def at(x: float, y: float, word: str) -> Texts:
    return Texts(np.array([x]), np.array([y]), [word])


def apart(layers: Sequence[Layer], *, is_log: bool = False) -> list[Texts]:
    ends = Line(np.array([1.0, 100.0]), np.array([1.0, 100.0]))
    axes = Axis((1.0, 103.0), is_log), Axis(None, is_log)
    moved = list(with_labels_apart([ends, *layers], *axes, LEAST))
    assert moved[0] is ends
    return [each for each in moved if isinstance(each, Texts)]


@pytest.mark.parametrize("is_log", [False, True])
def test_numbers_at_one_place_are_put_apart(is_log: bool) -> None:
    axis = Axis((1.0, 100.0), is_log)
    one, other = apart([at(100, 50, "1"), at(100, 51, "2")], is_log=is_log)
    places = [axis.share(float(text.y[0])) for text in (one, other)]
    assert places[1] - places[0] == pytest.approx(LEAST)
    assert (one.words, other.words) == (["1"], ["2"])


def test_numbers_stay_where_something_is_drawn() -> None:
    axis = Axis((1.0, 100.0), is_log=False)
    texts = apart([at(100, 100, "1"), at(100, 100, "2")])
    places = [axis.share(float(text.y[0])) for text in texts]
    assert places == pytest.approx([1 - LEAST, 1])


def test_numbers_that_can_be_read_stay() -> None:
    texts = [at(100, 20, "1"), at(100, 80, "2"), at(50, 80, "3")]
    assert [(text.x[0], text.y[0], text.right) for text in apart(texts)] == [
        (100, 20, 0),
        (100, 80, 0),
        (50, 80, 0),
    ]


def test_a_number_stands_beside_a_star_at_its_end() -> None:
    star = Points(np.array([101.0]), np.array([22.0]), "", marker="star")
    beside, other = apart([at(100, 20, "1"), at(100, 80, "2"), star])
    assert beside.x[0] == 101 and beside.right > 0
    assert other.right == 0
