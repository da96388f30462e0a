"""Plots and tables of curvature hold the boxes of the records, each at its place."""

import numpy as np

from leo_studio.analysis.curvature.exported import exported_curvature
from leo_studio.analysis.curvature.plots import side_by_side, step_by_step
from leo_studio.analysis.curvature.rows import Analysed
from leo_studio.figures.records import Boxes, Plot
from tests.leo_studio.analysis.curvature.records import box, leo, meta_sgd

BOTH = [Analysed("glyphs, seed 0", leo()), Analysed("glyphs, MAML, seed 0", meta_sgd())]


def boxes(plot: Plot) -> dict[str, Boxes]:
    return {each.label: each for each in plot.layers if isinstance(each, Boxes)}


def test_runs_stand_side_by_side_where_they_have_a_box() -> None:
    curvature, expansion, steps = side_by_side(BOTH)
    assert all(plot.is_y_logarithmic for plot in (curvature, expansion, steps))
    assert curvature.x_names == ["LEO", "Meta-SGD"]
    found = boxes(curvature)
    latent, weights = found["in latent space"], found["in weight space"]
    assert np.round(latent.x).tolist() == [0.0]
    assert np.round(weights.x).tolist() == [0.0, 1.0]
    assert weights.values.tolist() == [list(box(0.01).values), list(box(0.02).values)]
    assert expansion.x_names == ["LEO"]  # the only one with a decoder
    found = boxes(steps)
    assert found["fine-tuning, in weight space"].values.tolist() == [list(box(0.2).values)]
    assert found["in weight space"].values.tolist() == [
        list(box(3.0).values),
        list(box(5.0).values),
    ]
    places = [place for each in found.values() for place in each.x if round(place) == 0]
    assert len(set(places)) == 3  # none behind another


def test_runs_of_one_method_are_told_apart_by_their_titles() -> None:
    runs = [Analysed(f"5-way 1-shot, {what}, seed 0", leo()) for what in ("a very long name", "b")]
    names = side_by_side(runs)[0].x_names
    assert names == ["a very long name", "b"]
    (alone,) = side_by_side([Analysed("whatever", leo())])[0].x_names
    assert alone == "LEO"
    names = side_by_side(4 * runs)[0].x_names  # the same again cannot be told apart
    assert all("\n" in name for name in names)


def test_a_run_goes_step_by_step() -> None:
    curvature, steps = step_by_step([Analysed("LEO", leo())])
    assert curvature.x_names == ["0", "z1", "z2", "θ1"] and steps.x_names == ["z1", "z2", "θ1"]
    found = boxes(steps)
    assert np.round(found["in latent space"].x).tolist() == [0.0, 1.0]  # fine-tuning moves none
    assert np.round(found["in weight space"].x).tolist() == [0.0, 1.0, 2.0]
    assert found["in weight space"].values[2].tolist() == list(box(0.2).values)
    assert curvature.title == "Curvature along adaptation" and curvature.y_range is None


def test_runs_beside_each_other_go_step_by_step_in_the_same_range() -> None:
    curvature, steps, other_curvature, other_steps = step_by_step(BOTH)
    assert curvature.title == "Curvature along adaptation: LEO"
    assert other_steps.title == "Lengths of steps: Meta-SGD"
    for one, other in ((curvature, other_curvature), (steps, other_steps)):
        assert one.y_range == other.y_range and one.y_range is not None
        low, high = one.y_range
        values = [each.values for plot in (one, other) for each in boxes(plot).values()]
        assert low < min(map(np.min, values)) and max(map(np.max, values)) < high
    assert curvature.y_range != steps.y_range


def test_without_steps_there_are_none_to_plot() -> None:
    alone = leo(0, 0)
    (curvature,) = step_by_step([Analysed("LEO", alone)])
    assert curvature.x_names == ["0"]
    assert len(side_by_side([Analysed("LEO", alone)])) == 2


def test_what_is_exported_has_figure_and_all_numbers() -> None:
    exported = exported_curvature(BOTH)
    assert exported.figure is not None and len(exported.figure.plots) == 3
    table, values = exported.tables
    runs, positions = list(table.columns["run"]), list(table.columns["position"])
    assert runs.count("leo") == 9 + 5 + 7 + 7 + 6 and runs.count("meta-sgd") == 3 + 2 + 3
    assert positions[:9] == ["whole"] * 9 and "fine-tuning 1" in positions
    assert list(values.columns["singular_value"]) == [4.0, 2.0, 0.5]
    by_step = exported_curvature(BOTH, is_by_step=True)
    assert by_step.figure is not None and len(by_step.figure.plots) == 4
    assert "of 2 runs" in by_step.title
    assert len(exported_curvature(BOTH[1:]).tables) == 1
