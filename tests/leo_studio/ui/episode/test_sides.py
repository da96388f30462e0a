"""Both sides of a what-if: in one scroll, aligned, with the result in words."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit, WhatIf
from leo_studio.analysis.episode.changes import replaced
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.episode.chooser import Chooser
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.episode.conftest import EPISODE
from tests.leo_studio.ui.inspection.conftest import examples_of
from tests.leo_studio.ui.mouse import turn_wheel

Change = Callable[[Callable[[], object]], Inspection]


@pytest.fixture
def change(panel: EpisodePanel, qtbot: QtBot) -> Change:
    """Turn what if on, and return what does something there and waits for what comes of it."""

    def do(action: Callable[[], object]) -> Inspection:
        action()
        qtbot.waitUntil(lambda: not panel.is_busy)
        assert panel.other is not None
        return panel.other

    do(panel.header.what_if.click)
    return do


def heights(panel: EpisodePanel, view: InspectionView) -> list[int]:
    """Return where the parts of a side stand in the scroll."""
    inside = panel.sides._scroll.widget()
    assert inside is not None
    parts: list[QWidget] = [view.summary, view.support, view.accuracy, view.paths]
    parts += [view.confusion, view.loss, view.weights, view.query, view.queries.view]
    return [part.mapTo(inside, QPoint(0, 0)).y() for part in parts]


def test_every_part_is_at_the_same_height_on_both_sides_in_one_scroll(
    panel: EpisodePanel, change: Change, themes: ThemeManager, qtbot: QtBot
) -> None:
    seen = panel.inspection
    assert seen is not None
    change(lambda: panel.what_if.edit(Edit("add", 1, int(seen.query[0, 1, 2]))))
    for scale, size in ((1.0, (680, 560)), (1.0, (900, 700)), (1.5, (680, 560))):
        themes.choose("light", scale)
        panel.resize(*size)
        qtbot.waitUntil(lambda: heights(panel, panel.left) == heights(panel, panel.right))
        (scroll,) = [each for each in panel.findChildren(QScrollArea) if each.isVisible()]
        inside = scroll.widget()
        assert panel.width() == size[0]  # no part asks for more
        assert inside is not None and inside.width() <= scroll.viewport().width()
        assert scroll.verticalScrollBar().maximum() > 0
    # Also where both have more room than they need.
    assert inside is not None
    inside.setMinimumHeight(inside.height() + 700)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() > 700)
    qtbot.waitUntil(lambda: heights(panel, panel.left) == heights(panel, panel.right))


def test_the_wheel_is_left_to_the_page_wherever_the_mouse_is_on_a_plot(
    panel: EpisodePanel, change: Change
) -> None:
    side = panel.left
    for plot in (side.accuracy, side.loss, side.paths, side.query):
        box = plot.box.sceneBoundingRect()
        below, beside = QPointF(box.center().x(), box.bottom() + 10), QPointF(20, box.center().y())
        for place_in_scene in (below, beside, box.center()):
            place = plot.view.mapFromScene(place_in_scene)
            turn = turn_wheel(plot.view.viewport(), at=place)
            # The scroll area around gets what is left alone here.
            assert not turn.isAccepted(), plot.objectName()


def test_curves_of_both_sides_have_the_same_range_until_one_side_goes(
    panel: EpisodePanel, change: Change
) -> None:
    alone = [panel.left.accuracy.box.viewRange()[1], panel.left.loss.box.viewRange()[1]]
    change(lambda: panel.what_if.change(WhatIf(inner_lr=0.0, finetuning_lr=0.0)))
    for one, other in (
        (panel.left.accuracy, panel.right.accuracy),
        (panel.left.loss, panel.right.loss),
    ):
        assert one.box.viewRange()[1] == other.box.viewRange()[1]
    panel.right.steps.move_to(1)
    panel.header.what_if.click()
    assert panel.other is None
    assert [panel.left.accuracy.box.viewRange()[1], panel.left.loss.box.viewRange()[1]] == alone


def test_paths_of_both_sides_have_the_same_axes_and_ranges_until_one_side_goes(
    panel: EpisodePanel, change: Change
) -> None:
    left, right = panel.left.paths, panel.right.paths
    alone = left.box.viewRange()
    change(lambda: panel.what_if.change(WhatIf(inner_lr=5.0)))
    assert left.box.viewRange() == right.box.viewRange() != alone
    assert left.basis is right.basis
    for plot in (left, right):
        for path in plot._paths:
            x, y = path.getData()
            (west, east), (south, north) = plot.box.viewRange()
            assert west < x.min() and x.max() < east and south < y.min() and y.max() < north
    panel.header.what_if.click()
    assert panel.other is None and left.box.viewRange() == alone


def test_parts_are_aligned_also_when_pictures_come_later(
    panel: EpisodePanel, change: Change, qtbot: QtBot
) -> None:
    seen = panel.inspection
    assert seen is not None
    rows = seen.query[0, 1, :6].tolist()
    changed = change(
        lambda: panel.what_if.change(WhatIf(tuple(Edit("add", 1, row) for row in rows)))
    )
    panel.resize(680, 700)
    for images in (False, True, False):
        for view, shown in ((panel.right, changed), (panel.left, seen)):
            view.set_examples(examples_of(shown, images=images))
            qtbot.waitUntil(lambda: heights(panel, panel.left) == heights(panel, panel.right))
            qtbot.wait(20)  # and stay so
            assert heights(panel, panel.left) == heights(panel, panel.right)
            assert panel.left.support.height() == panel.right.support.height()


def test_a_query_is_at_the_same_height_on_both_sides_whatever_is_shown(
    panel: EpisodePanel, change: Change
) -> None:
    seen = panel.inspection
    assert seen is not None
    gone = int(seen.query[0, 1, 2])
    change(lambda: panel.what_if.change(WhatIf((Edit("add", 1, gone),), inner_lr=0.3)))
    left, right = panel.left.queries, panel.right.queries
    assert right.queries.rows == left.queries.rows[:-1] and left.queries.rows[-1] == gone
    assert not right.filter.isVisible()  # one choice is for both
    combo = left.findChild(QComboBox, "query-filter")
    assert isinstance(combo, QComboBox)
    combo.setCurrentText("Wrong")
    combo.activated.emit(combo.currentIndex())
    rows = left.queries.rows
    assert 0 < len(rows) < 30
    assert [row for row in rows if row != gone] == right.queries.rows
    left.view.selectRow(0)
    chosen = right.queries.query(right.view.currentIndex().row()).row
    assert chosen == rows[0]


def test_the_result_has_a_sign_and_words_also_where_nothing_changed(
    panel: EpisodePanel, change: Change, themes: ThemeManager
) -> None:
    seen = panel.inspection
    assert seen is not None
    assert panel.result.text().startswith("No change: ")
    assert "Click a support example" in panel.what_if.words.text()
    changed = change(lambda: panel.what_if.change(WhatIf(inner_lr=0.0, finetuning_lr=0.0)))
    points = 100 * (round(float(changed.query_accuracy[0, -1]), 3))
    points -= 100 * round(float(seen.query_accuracy[0, -1]), 3)
    assert abs(points) >= 0.1  # else this shows nothing
    sign, word = ("▲ +", "better") if points > 0 else ("▼ −", "worse")
    assert panel.result.text().startswith(f"{sign}{abs(points):.1f} points, {word}: ")
    color = themes.current.success if points > 0 else themes.current.danger
    assert color in panel.result.styleSheet()
    assert panel.result.font().pointSizeF() > 1.3 * panel.what_if.words.font().pointSizeF()
    words = "Changed: inner step size × 0, fine-tuning step size × 0."
    assert panel.what_if.words.text() == words


def test_a_support_example_is_replaced_by_a_click_and_undo_takes_it_back_at_once(
    panel: EpisodePanel, change: Change, qtbot: QtBot
) -> None:
    seen = panel.inspection
    assert seen is not None
    old = int(seen.support[0, 2, 0])
    picture = panel.right.support.findChild(QToolButton, f"replace-2-{old}")
    assert picture is not None
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.findChild(Chooser) is not None)
    chooser = panel.findChild(Chooser)
    assert isinstance(chooser, Chooser)
    new = int(seen.query[0, 2, 5])
    chooser.search.setText(f"val-{new}")
    changed = change(lambda: QTest.keyClick(chooser.search, Qt.Key.Key_Return))
    assert sorted(changed.support[0, 2].tolist()) == sorted([new, int(seen.support[0, 2, 1])])
    assert panel.what_if.words.text().startswith("Changed: 1 support example replaced (")
    back = change(panel.what_if.undo_button.click)
    np.testing.assert_array_equal(back.support, seen.support)


# The offscreen platform has no popups of its own.
@pytest.mark.qt_log_ignore("does not support grabbing", extend=True)
def test_steps_are_changed_in_a_popover(panel: EpisodePanel, change: Change) -> None:
    QTest.mouseClick(panel.what_if.adjust, Qt.MouseButton.LeftButton)
    assert panel.what_if.adjust.popover.isVisible() and panel.what_if.inner_steps.isVisible()
    changed = change(lambda: panel.what_if.inner_steps.setValue(1))
    assert changed.inner_steps == 1
    assert panel.what_if.words.text().startswith("Changed: inner steps ")
    panel.what_if.adjust.popover.close()
    # The side with more positions leads, so that each of them can be reached.
    assert panel.left.steps.isVisible() and not panel.right.steps.isVisible()


def test_what_was_replaced_is_named_and_its_picture_marked(
    panel: EpisodePanel, change: Change, qtbot: QtBot
) -> None:
    seen = panel.inspection
    assert seen is not None
    old, new = int(seen.support[0, 2, 0]), int(seen.query[0, 2, 5])
    change(lambda: panel.what_if.change(replaced(panel.what_if.what_if, 2, old, new)))
    words = f"Changed: 1 support example replaced (val-{old} → val-{new})."
    qtbot.waitUntil(lambda: panel.what_if.words.text() == words, timeout=10_000)
    pictures = panel.right.support.findChildren(QToolButton)
    marked = [each.objectName() for each in pictures if each.property("is_new")]
    assert marked == [f"replace-2-{new}"]


def test_what_if_begins_at_the_support_set_and_another_episode_at_the_top(
    panel: EpisodePanel, selection: EpisodeSelection, qtbot: QtBot
) -> None:
    panel.resize(1000, 500)
    bar = panel.sides._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 600, timeout=10_000)
    bar.setValue(bar.maximum())
    panel.header.what_if.click()
    viewport, support = panel.sides._scroll.viewport(), panel.right.support

    def is_at_top() -> bool:
        top = support.mapTo(viewport, QPoint(0, 0)).y()
        return support.isVisible() and 0 <= top < viewport.height() // 2

    qtbot.waitUntil(is_at_top, timeout=10_000)
    bar.setValue(300)
    selection.show(EPISODE + 1)
    qtbot.waitUntil(lambda: not panel.is_busy)
    assert bar.value() == 300
    panel.header.what_if.click()
    qtbot.waitUntil(lambda: not panel.is_busy)
    bar.setValue(300)
    selection.show(EPISODE + 2)
    assert bar.value() == 0


def test_a_query_that_was_chosen_is_chosen_at_the_other_side_too(
    panel: EpisodePanel, qtbot: QtBot
) -> None:
    panel.left.queries.view.selectRow(4)
    row = panel.left.queries.queries.query(4).row
    panel.header.what_if.click()
    qtbot.waitUntil(lambda: not panel.is_busy)
    queries = panel.right.queries

    def chosen() -> int | None:
        current = queries.view.currentIndex()
        return queries.queries.query(current.row()).row if current.isValid() else None

    qtbot.waitUntil(lambda: chosen() == row, timeout=10_000)
