"""Ranges that are zoomed and moved, and the way back."""

from hypothesis import given
from hypothesis import strategies as st

from leo_studio.analysis.curves.views import View, ViewHistory, within, zoomed

PLACES = st.floats(-1e6, 1e6)
WIDTHS = st.floats(1e-3, 1e6)


@given(PLACES, WIDTHS, st.floats(0, 1), st.floats(0.01, 100))
def test_zooming_keeps_the_place_under_the_mouse(
    low: float, width: float, part: float, factor: float
) -> None:
    anchor = low + part * width
    left, right = zoomed((low, low + width), anchor, factor)
    new = right - left
    assert abs(new - factor * width) <= 1e-6 * (new + abs(low) + width)
    assert abs(left + part * new - anchor) <= 1e-6 * (new + abs(low) + width)


@given(PLACES, WIDTHS, PLACES, WIDTHS)
def test_what_is_chosen_lies_in_the_whole_and_keeps_its_width(
    low: float, width: float, start: float, span: float
) -> None:
    whole = (low, low + width)
    left, right = within((start, start + span), whole)
    assert whole[0] <= left < right <= whole[1] + 1e-9 * (abs(whole[1]) + width)
    assert right - left <= max(span, 1e-6 * width) * (1 + 1e-6) + 1e-9 * abs(left)
    if span < 0.999 * width:
        assert right - left >= 0.99 * span


def test_a_range_that_is_wider_than_everything_is_everything() -> None:
    assert within((-50.0, 170.0), (0.0, 100.0)) == (0.0, 100.0)
    assert View().changed("loss", (0.0, 100.0), None, (0.0, 100.0)).is_everything


def test_back_goes_through_the_choices_one_by_one() -> None:
    history = ViewHistory()
    history.choose(View((1.0, 9.0)))
    history.choose(View((2.0, 3.0), {"loss": (0.0, 1.0)}))
    history.go_back()
    assert history.current == View((1.0, 9.0))
    history.go_back()
    assert history.current.is_everything and not history.has_earlier
    history.go_back()
    assert history.current.is_everything


def test_one_movement_is_undone_at_once() -> None:
    history = ViewHistory()
    history.choose(View((1.0, 9.0)))
    for low in (2.0, 3.0, 4.0):
        history.choose(View((low, low + 1)), goes_on=low > 2)
    history.go_back()
    assert history.current == View((1.0, 9.0))


def test_a_movement_that_began_without_effect_is_its_own() -> None:
    history = ViewHistory()
    history.choose(View((1.0, 9.0)))
    history.choose(View((1.0, 9.0)))  # at the edge already
    history.choose(View((2.0, 10.0)), goes_on=True)
    history.go_back()
    assert history.current == View((1.0, 9.0))


def test_a_movement_that_led_back_leaves_nothing_to_undo() -> None:
    history = ViewHistory()
    history.choose(View((1.0, 9.0)))
    history.choose(View(), goes_on=True)
    assert history.current.is_everything and not history.has_earlier


def test_everything_can_be_left_again_by_going_back() -> None:
    history = ViewHistory()
    history.choose(View((1.0, 9.0)))
    history.choose(View())
    history.go_back()
    assert history.current == View((1.0, 9.0))


def test_other_units_of_a_plot_forget_its_range_alone() -> None:
    history = ViewHistory()
    history.choose(View((1.0, 9.0), {"loss": (0.0, 1.0), "accuracy": (0.5, 1.0)}))
    history.choose(View((2.0, 3.0), {"loss": (0.0, 1.0)}))
    history.forget_y("loss")
    assert history.current == View((2.0, 3.0))
    history.go_back()
    assert history.current == View((1.0, 9.0), {"accuracy": (0.5, 1.0)})
