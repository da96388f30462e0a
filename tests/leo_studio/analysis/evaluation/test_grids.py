"""Grids as heat maps, numbers and sentences."""

import numpy as np
import pytest

from engine.errors import BadInput
from engine.evaluation.grid_record import GridEntry, GridEvaluation, Place
from leo_studio.analysis.evaluation.grid_choices import read_numbers
from leo_studio.analysis.evaluation.grids import (
    exported_grid,
    heat_maps,
    largest_gain,
    place_of,
    place_text,
)


def entry(n_way: int, k_shot: int, accuracy: float, gain: float) -> GridEntry:
    return GridEntry(
        store="toy",
        n_way=n_way,
        k_shot=k_shot,
        accuracy=accuracy,
        ci95=0.01,
        baseline=accuracy - gain,
        gain=gain,
        gain_ci95=0.005,
        queries=(15, 15),
    )


@pytest.fixture
def grid() -> GridEvaluation:
    return GridEvaluation(
        split="test",
        episodes=100,
        entries=(
            entry(2, 1, 0.9, 0.02),
            entry(5, 1, 0.6, -0.08),
            GridEntry(store="toy", n_way=20, k_shot=1, why_not="toy.h5 has 8 classes."),
            GridEntry(store="other", n_way=2, k_shot=1, why_not="other.h5 has 1 class."),
        ),
        trained=Place("toy", 5, 1),
        run="run",
        checkpoint_step=40,
    )


def test_each_store_has_a_map_in_which_what_is_missing_is_empty(grid: GridEvaluation) -> None:
    toy, other = heat_maps(grid, shows_gain=False)
    assert (toy.store, other.store) == ("toy", "other")
    assert toy.rows == ["2-way", "5-way", "20-way"] and toy.columns == ["1-shot"]
    assert toy.texts == [["90.0"], ["60.0"], [""]]
    assert np.isnan(toy.values[2, 0]) and np.isnan(other.values).all()
    assert (toy.trained, other.trained) == ((1, 0), None)


def test_the_gain_has_a_sign_and_the_largest_of_either_ends_the_scale(grid: GridEvaluation) -> None:
    toy, _ = heat_maps(grid, shows_gain=True)
    assert toy.texts == [["+2.0"], ["-8.0"], [""]]
    assert largest_gain(grid) == 0.08


def test_a_cell_in_words_has_the_interval_and_why_there_is_nothing(grid: GridEvaluation) -> None:
    assert place_text(grid, place_of(grid, "toy", 1, 0)) == (
        "5-way 1-shot on toy: 60.00 ± 1.00 %; nearest class mean 68.00 %, so -8.00 ± 0.50 points; "
        "15 queries a class"
    )
    missing = place_of(grid, "toy", 2, 0)
    assert place_text(grid, missing) == "20-way 1-shot on toy: toy.h5 has 8 classes."
    never = place_of(grid, "other", 1, 0)
    assert place_text(grid, never) == "5-way 1-shot on other was not evaluated"


def test_the_figure_has_the_numbers_of_the_cells_and_the_table_all_of_them(
    grid: GridEvaluation,
) -> None:
    exported = exported_grid(grid, shows_gain=True)
    (table,) = exported.tables
    assert list(table.columns["why_not"])[2:] == ["toy.h5 has 8 classes.", "other.h5 has 1 class."]
    assert table.columns["accuracy"][0] == 0.9
    assert exported.figure is not None
    (cells,) = exported.figure.plots[0].layers
    assert cells.limits == (-8.0, 8.0)  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "2,", "1", "2;5", "2.5", "1001", "-3"])
def test_what_is_no_number_in_the_limits_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"Ways is .* must be numbers from 2 to 1000"):
        read_numbers("Ways", text, 2, 1000)


def test_numbers_are_read_once_each_and_rising() -> None:
    assert read_numbers("Ways", " 20, 2,5,2", 2, 1000) == [2, 5, 20]
