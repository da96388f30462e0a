"""The tab Uncertainty: curves with a legend, a table of which nothing is cut, earlier records."""

from functools import partial
from itertools import pairwise

import pytest
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from engine.inspection.uncertainty_record import MEASURES
from leo_studio.analysis.guide.glossary import EVALUATION, UNCERTAINTY
from leo_studio.ui.evaluation.result import ResultView
from leo_studio.ui.evaluation.uncertainty import UncertaintyView
from leo_studio.ui.widgets.fitting_table import FittingTable
from leo_studio.ui.widgets.glossary_links import GlossaryAction, GlossaryButton
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.evaluation.test_uncertainty import record, with_curves


@pytest.fixture
def view(qtbot: QtBot, themes: ThemeManager) -> UncertaintyView:
    made = UncertaintyView(themes)
    made.resize(520, 700)
    qtbot.addWidget(made)
    made.show()
    return made


def test_each_measure_has_a_line_and_a_name(view: UncertaintyView) -> None:
    view.show_record(with_curves(), "", 2000)
    curves = view.curves
    assert curves.isVisible() and view.legend.isVisible()
    assert view.legend.names == tuple(MEASURES) and len(curves.curves) == len(MEASURES)
    x, y = curves.curves[1].getData()
    assert x[-1] == 100 and y[-1] == pytest.approx(2.0)
    labels = [curves.plot.getAxis(side).labelText for side in ("bottom", "left")]
    assert all(label.endswith("(%)") for label in labels)
    assert curves.text_at(50.0, 1.0).startswith("Wrong among the 50 % least uncertain answers")
    pens = [entry.pen for entry in curves.entries(view._themes.current)]
    looks = {(pen.color().name(), pen.style()) for pen in pens}
    assert len(looks) == len(MEASURES)


def test_the_question_mark_lists_the_words_of_the_tab(qtbot: QtBot, themes: ThemeManager) -> None:
    result = ResultView(themes)
    qtbot.addWidget(result)
    (button,) = result.findChildren(GlossaryButton)

    def words() -> tuple[str, ...]:
        menu = button.menu()
        assert menu is not None
        return tuple(each.entry for each in menu.actions() if isinstance(each, GlossaryAction))

    assert words() == EVALUATION
    result.tabs.setCurrentWidget(result.uncertainty)
    assert words() == UNCERTAINTY
    result.tabs.setCurrentWidget(result.calibration)
    assert words() == EVALUATION


def test_no_part_lies_over_another_one(view: UncertaintyView, qtbot: QtBot) -> None:
    view.show_record(with_curves(), "", 2000)
    parts = (view.curves, view.legend, view.table, view.button)

    def is_in_order() -> bool:
        pairs = pairwise(parts)
        return all(upper.geometry().bottom() < lower.y() for upper, lower in pairs)

    qtbot.waitUntil(is_in_order)


def test_an_earlier_record_says_that_it_has_no_curve(view: UncertaintyView) -> None:
    hint = view.findChild(type(view._no_curve), "uncertainty-no-curve")
    assert hint is not None and hint.isHidden()
    view.show_record(record(), "", 2000)
    assert view.curves.isHidden() and view.legend.isHidden() and hint.isVisible()
    assert "earlier version" in hint.text() and "Measure again" in hint.text()
    view.show_record(with_curves(), "", 2000)
    assert hint.isHidden() and view.curves.isVisible()


@pytest.mark.parametrize("letters", [48, 80])
def test_no_column_is_cut_at_any_size_of_text(
    view: UncertaintyView, themes: ThemeManager, qtbot: QtBot, letters: int
) -> None:
    view.show_record(record(confidence=0.9), "", 2000)
    letter = view.fontMetrics().averageCharWidth()
    for scale in (1.5, 1.0):
        view.resize(round(scale * letters * letter), 700)
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        # A page lays itself out when its parts have told their new heights.
        check = partial(require_all_seen, view.table, has_bar=letters == 48)
        qtbot.waitUntil(check)


def require_all_seen(table: FittingTable, *, has_bar: bool) -> None:
    columns, last = range(table.columnCount()), table.rowCount() - 1
    bar = table.horizontalScrollBar()
    width = sum(table.columnWidth(place) for place in columns)
    assert width <= table.viewport().width() + bar.maximum()
    assert bar.isVisible() == has_bar == (bar.maximum() > 0)
    bottom = table.rowViewportPosition(last) + table.rowHeight(last)
    assert bottom <= table.viewport().height()
    for row in range(last + 1):
        for place in columns:
            item = table.item(row, place)
            assert item is not None
            metrics = QFontMetrics(item.font().resolve(table.font()))
            words = map(metrics.horizontalAdvance, item.text().split())
            assert max(words, default=0) < table.columnWidth(place)
