"""The rows of classes of one's own, in little room."""

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.tryit.class_list import ClassList
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_row_is_seen_as_a_whole_in_the_width_that_it_asks_for(
    themes: ThemeManager, qtbot: QtBot, scale: float
) -> None:
    classes = ClassList(themes)
    qtbot.addWidget(classes)
    classes.show()
    themes.choose("light", scale)
    qtbot.waitUntil(lambda: themes.is_settled)
    classes.resize(classes.row_width(), 400)
    room, row = classes.viewport(), classes.rows[0]
    assert row.count.text() == "0 shots"

    def is_seen() -> bool:
        parts: tuple[QWidget, ...] = (row, row.name, row.count, row.remove, row.paste)
        places = [QRect(part.mapTo(room, QPoint(0, 0)), part.size()) for part in parts]
        return all(room.rect().left() <= place.left() for place in places) and all(
            place.right() <= room.rect().right() for place in places
        )

    qtbot.waitUntil(is_seen, timeout=3000)
    assert row.name.width() >= row.fontMetrics().horizontalAdvance(row.name.text()) + 16
