import numpy as np

from leo_studio.analysis.latents.picking import inside, nearest


def test_nearest_is_counted_in_pixels_of_the_screen() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0]])
    # A pixel is 5 across and 0.1 up: (6, 0.3) is 3 pixels above the first and the second alike.
    assert nearest(points, (8.0, 0.3), (5.0, 0.1), 10) == 1
    assert nearest(points, (0.0, 0.3), (5.0, 0.1), 2) is None
    assert nearest(np.empty((0, 2)), (0.0, 0.0), (1.0, 1.0), 10) is None


def test_of_two_points_at_one_place_the_last_drawn_is_taken() -> None:
    assert nearest(np.zeros((3, 2)), (0.0, 0.0), (1.0, 1.0), 1) == 2


def test_a_lasso_leaves_out_what_lies_in_its_notch() -> None:
    corners = np.array([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], float)
    points = np.array([[1, 1], [3, 1], [2, 3], [5, 1], [2, 0.5]])
    assert inside(points, corners).tolist() == [True, True, False, False, True]


def test_points_that_are_no_numbers_are_nowhere() -> None:
    points = np.array([[np.nan, 0.0], [0.5, 0.5]])
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    assert inside(points, corners).tolist() == [False, True]
    assert nearest(points, (0.0, 0.0), (1.0, 1.0), 10) == 1
