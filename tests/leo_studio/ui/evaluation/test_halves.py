"""The halves of the panel Evaluation when the text has another size, and again the first."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.evaluation.column import Column
from leo_studio.ui.evaluation.halves import BEST_LETTERS, Halves
from leo_studio.ui.widgets.theme import ThemeManager


def test_the_form_is_as_wide_as_it_was_after_other_sizes_of_text(
    themes: ThemeManager, qtbot: QtBot
) -> None:
    form = QWidget()
    halves = Halves(form, themes)
    qtbot.addWidget(halves)
    halves.addWidget(Column(form, BEST_LETTERS))
    halves.addWidget(Column(QWidget()))
    halves.resize(940, 400)
    halves.show()

    def change_text(scale: float) -> None:
        themes.choose("light", scale)
        qtbot.waitUntil(lambda: themes.is_settled)
        qtbot.wait(20)

    change_text(1.0)
    first = halves.sizes()
    for scale in (1.25, 2.0):
        change_text(scale)
        halves.resize(939, 400)  # as a dock does that needs more room
    assert halves.orientation() == Qt.Orientation.Vertical
    halves.resize(940, 400)
    change_text(1.0)
    halves.resize(939, 400)
    halves.resize(940, 400)
    assert halves.orientation() == Qt.Orientation.Horizontal
    assert halves.sizes() == first
    handle = halves.handle(1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton)
    QTest.mouseMove(handle, handle.rect().center() - QPoint(60, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton)
    chosen = halves.sizes()
    assert chosen[0] < first[0] - 30
    change_text(1.25)
    change_text(1.0)
    assert abs(halves.sizes()[0] - chosen[0]) <= 1
