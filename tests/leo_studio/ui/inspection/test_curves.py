from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.inspection.checkpoint_inspection import LoadedCheckpoint
from engine.inspection.records import Inspection
from leo_studio.services.records import Examples
from leo_studio.ui.inspection.curves import MetricPlot, PositionPlot
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.theme import ThemeManager


def line(plot: MetricPlot, key: str) -> np.ndarray:
    return np.asarray(plot._lines[key].getData()[1])


def dots(plot: MetricPlot) -> tuple[np.ndarray, np.ndarray]:
    x, y = plot._samples.getData()
    return np.asarray(x), np.asarray(y)


def ticks(plot: PositionPlot) -> list[str]:
    (level,) = plot.plot.getAxis("bottom")._tickLevels
    return [text for _, text in level]


def test_lines_are_what_the_inspection_says(view: InspectionView, seen: Inspection) -> None:
    view.set_inspection(seen)
    np.testing.assert_allclose(line(view.loss, "query"), seen.query_loss[0], rtol=1e-6)
    np.testing.assert_allclose(line(view.loss, "support"), seen.support_loss[0], rtol=1e-6)
    np.testing.assert_allclose(line(view.accuracy, "query"), 100 * seen.query_accuracy[0])
    np.testing.assert_allclose(line(view.accuracy, "support"), 100 * seen.support_accuracy[0])
    assert len(line(view.loss, "other")) == 0


@pytest.mark.parametrize("which", ["seen", "ragged"])
def test_a_dot_is_a_sample_over_the_queries_that_are_there(
    view: InspectionView, which: str, request: pytest.FixtureRequest
) -> None:
    inspection: Inspection = request.getfixturevalue(which)
    view.set_inspection(inspection)
    losses, accuracies = [], []
    for stage in range(3):
        for sample in range(inspection.samples):
            each_loss, each_right = [], []
            for n, q in np.argwhere(inspection.query[0] >= 0):
                probabilities = inspection.sampled_probabilities[0, sample, stage, n, q]
                each_loss.append(-np.log(probabilities[n]))
                each_right.append(probabilities.argmax() == n)
            losses.append(np.mean(each_loss))
            accuracies.append(100 * np.mean(each_right))
    places, drawn = dots(view.loss)
    np.testing.assert_allclose(drawn, losses, rtol=1e-5)
    np.testing.assert_array_equal(places, np.repeat(inspection.stages, inspection.samples))
    np.testing.assert_allclose(dots(view.accuracy)[1], accuracies, rtol=1e-5)


def test_everything_that_is_drawn_lies_within_the_axes(
    view: InspectionView, seen: Inspection
) -> None:
    view.set_inspection(seen)
    view.set_reference(replace(seen, query_loss=seen.query_loss + 3))
    for plot in (view.loss, view.accuracy):
        low, high = plot.box.viewRange()[1]
        for key in ("query", "support", "other"):
            assert low < line(plot, key).min() and line(plot, key).max() < high
        assert low < dots(plot)[1].min() and dots(plot)[1].max() < high
    np.testing.assert_allclose(line(view.loss, "other"), seen.query_loss[0] + 3, rtol=1e-6)


def test_the_other_side_is_drawn_stage_upon_stage(
    view: InspectionView, seen: Inspection, loaded: LoadedCheckpoint
) -> None:
    model = loaded.model._replace(inner_steps=6, finetuning_steps=1)
    other = replace(loaded, model=model).inspect([4], 2)
    view.set_inspection(seen)
    view.set_reference(other)
    places, losses = view.loss._lines["other"].getData()
    np.testing.assert_allclose(losses, other.query_loss[0], rtol=1e-6)
    np.testing.assert_allclose(places, [0, 0.5, 1, 1.5, 2, 2.5, 3, 5])


def test_the_read_out_says_the_numbers_of_the_nearest_position(
    view: InspectionView, seen: Inspection
) -> None:
    view.set_inspection(seen)
    accuracy = 100 * seen.query_accuracy[0, 4]
    text = view.accuracy.text_at(3.7, 50)
    assert text.startswith("fine-tuning 1 of 2\n") and f"queries {accuracy:.1f} %" in text
    assert view.loss.text_at(4.3, 0).startswith("fine-tuning 1 of 2\n")
    assert view.loss.text_at(-0.4, 0).startswith("before\n")
    assert view.loss.text_at(99, 0).startswith("fine-tuning 2 of 2\n")


def test_a_click_in_a_plot_moves_everything_there(
    view: InspectionView, seen: Inspection, qtbot: QtBot
) -> None:
    view.set_inspection(seen)
    plot = view.accuracy
    qtbot.waitUntil(lambda: plot.box.sceneBoundingRect().width() > 100)
    middle = sum(plot.box.viewRange()[1]) / 2
    where = plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(2.1, middle)))
    QTest.mouseClick(plot.view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert view.position == 2 and view.steps.label.text() == "inner 2 of 3"


def test_fine_tuning_is_shaded_where_there_is_any(
    view: InspectionView, seen: Inspection, loaded: LoadedCheckpoint
) -> None:
    view.set_inspection(seen)
    assert view.loss._tuning.isVisible() and view.loss._tuning.getRegion() == (3, 5)
    assert ticks(view.loss) == ["0", "1", "2", "3", "+1", "+2"]
    untuned = replace(loaded, model=loaded.model._replace(finetuning_steps=0))
    view.set_inspection(untuned.inspect([1], 4))
    assert not view.loss._tuning.isVisible() and ticks(view.loss) == ["0", "1", "2", "3"]


def test_labels_of_many_positions_thin_out_where_there_is_no_room(
    themes: ThemeManager, loaded: LoadedCheckpoint, qtbot: QtBot
) -> None:
    deep = replace(loaded, model=loaded.model._replace(inner_steps=40, finetuning_steps=10))
    plot = MetricPlot(themes, "loss")
    qtbot.addWidget(plot)
    plot.resize(2000, 300)
    plot.show()
    inspection = deep.inspect([1], 4)
    plot.show_inspection(inspection, None)
    assert len(ticks(plot)) == 51
    plot.resize(400, 300)
    assert 5 < len(ticks(plot)) < 20
    assert ticks(plot)[0] == "0" and ticks(plot)[-1].startswith("+")


def test_a_query_is_drawn_with_the_probabilities_of_its_classes(
    view: InspectionView, seen: Inspection, examples: Examples
) -> None:
    view.set_inspection(seen, examples)
    view.queries.view.selectRow(2)
    query = view.queries.queries.query(2)
    n, q = np.argwhere(seen.query[0] == query.row)[0]
    drawn = np.stack([curve.getData()[1] for curve in view.query._lines], axis=1)
    np.testing.assert_allclose(drawn, seen.probabilities[0, :, n, q], rtol=1e-6)
    widths = [curve.opts["pen"].widthF() for curve in view.query._lines]
    assert int(np.argmax(widths)) == query.true and sorted(widths)[-2] < max(widths)
    text = view.query.text_at(0, 0.5)
    assert text.count("\n") == 4 and f"{100 * seen.probabilities[0, 0, n, q, 1]:.1f} %" in text


def test_a_name_is_a_name_even_where_it_looks_like_a_tag(
    view: InspectionView, seen: Inspection, examples: Examples
) -> None:
    names = tuple(f"<b>{row}</b> & Co" for row in examples.rows)
    strange = replace(seen, class_names=tuple(f"<i>{name}" for name in seen.class_names))
    view.set_inspection(strange, replace(examples, names=names))
    view.queries.view.selectRow(0)
    document = view.query.plot.getPlotItem().titleLabel.item.document()
    row = view.queries.queries.query(0).row
    assert f"<b>{row}</b> & Co" in document.toPlainText()
    assert '"<i>val-' in document.toPlainText()


def test_a_long_title_leaves_the_plot_as_wide_as_its_room(
    view: InspectionView, seen: Inspection, examples: Examples, qtbot: QtBot
) -> None:
    long = tuple(f"a name that is longer than any plot is wide {row}" * 3 for row in examples.rows)
    view.resize(340, 700)
    view.set_inspection(seen, replace(examples, names=long))
    view.set_reference(seen)
    view.queries.view.selectRow(0)
    for plot in (view.query, view.loss, view.accuracy, view.paths):
        qtbot.waitUntil(partial(lambda each: 250 < each.width() <= 340, plot))
        assert plot.plot.getPlotItem().minimumWidth() <= plot.width()
        assert plot.box.sceneBoundingRect().right() <= plot.view.viewport().width()


def test_without_a_query_the_plot_says_how_to_get_one(
    view: InspectionView, seen: Inspection
) -> None:
    view.set_inspection(seen)
    title = view.query.plot.getPlotItem().titleLabel.item.document().toPlainText()
    assert "choose one in the table" in title
    assert view.query.is_empty and ticks(view.query) == ticks(view.loss)
