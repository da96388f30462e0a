from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.eliding_label import ElidingLabel

TEXT = "a sentence that is longer than the label which shows it"


def shown(label: ElidingLabel) -> str:
    return super(ElidingLabel, label).text()


def test_text_that_has_no_room_ends_in_an_ellipsis_and_is_known_whole(qtbot: QtBot) -> None:
    label = ElidingLabel()
    qtbot.addWidget(label)
    label.resize(label.fontMetrics().horizontalAdvance(TEXT) // 2, 20)
    label.show()
    label.setText(TEXT)
    assert label.text() == TEXT
    assert shown(label).endswith("…")
    assert label.fontMetrics().horizontalAdvance(shown(label)) <= label.width()
    label.resize(label.fontMetrics().horizontalAdvance(TEXT) + 10, 20)
    assert shown(label) == TEXT
    assert label.minimumSizeHint().width() < label.fontMetrics().horizontalAdvance(TEXT) / 2


def test_a_text_is_shortened_in_its_middle_where_both_ends_tell(qtbot: QtBot) -> None:
    label = ElidingLabel(Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.resize(label.fontMetrics().horizontalAdvance(TEXT) // 2, 20)
    label.setText(TEXT)
    assert shown(label).startswith("a sen") and shown(label).endswith("it")
