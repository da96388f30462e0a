from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.curves.parting import kept_between, parted


@given(st.lists(st.floats(-100, 100), max_size=12), st.floats(0.1, 10))
def test_places_are_apart_and_in_their_order(places: list[float], least: float) -> None:
    moved = parted(sorted(places), least)
    assert len(moved) == len(places)
    gaps = [after - before for before, after in pairwise(moved)]
    assert all(gap >= least * (1 - 1e-6) for gap in gaps)


def test_what_is_far_enough_stays_and_what_is_close_moves_evenly() -> None:
    assert parted([0, 5, 20], 2) == [0, 5, 20]
    assert parted([10, 10], 2) == [9, 11]
    assert parted([0, 10, 10.5, 11], 2) == pytest.approx([0, 8.5, 10.5, 12.5])


def test_places_that_stick_out_are_pushed_inside_and_stay_apart() -> None:
    assert kept_between([], 2, 0, 10) == []
    assert kept_between([-1, 3, 11], 2, 0, 10) == [0, 3, 10]
    assert kept_between([9, 11], 2, 0, 10) == [8, 10]
    assert kept_between([-3, -1], 2, 0, 10) == [0, 2]
