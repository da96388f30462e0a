"""A path in a line that is too short for it: folder and file name are seen."""

from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.eliding_line import ElidingLine

PATH = "/home/somebody/Documents/figures of the paper/5-way 1-shot, leaves100, seed 0.png"


def test_a_long_path_shows_its_beginning_and_its_end_until_it_is_edited(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line, other = ElidingLine(PATH, window), QLineEdit(window)
    letter = line.fontMetrics().averageCharWidth()
    line.setGeometry(0, 0, 40 * letter, line.sizeHint().height())
    with qtbot.waitExposed(window):
        window.show()
    other.setFocus()
    assert line.text() == PATH
    assert line.shown.startswith("/home/somebody") and line.shown.endswith("seed 0.png")
    assert line.fontMetrics().horizontalAdvance(line.shown) < line.width()
    whole = line.grab().toImage()
    line.setText(line.shown)  # which Qt itself paints as it is
    line.setCursorPosition(0)
    assert line.grab().toImage() == whole
    line.setText(PATH)
    line.setFocus()
    assert line.shown == PATH
    other.setFocus()
    line.resize(200 * letter, line.height())
    assert line.shown == PATH
