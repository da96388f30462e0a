"""The box of checkpoints always shows the whole number."""

import pytest
from pytestqt.qtbot import QtBot

from leo_studio.ui.inspection.source_picker import StepBox
from leo_studio.ui.widgets.theme import ThemeManager


@pytest.mark.parametrize("text", ["step 1,500 (best, last)", "step 123,000 (last)", "step 20"])
def test_the_number_is_never_shortened(themes: ThemeManager, qtbot: QtBot, text: str) -> None:
    box = StepBox()
    qtbot.addWidget(box)
    box.addItems(["step 3", text])
    box.setCurrentIndex(1)
    number = text.split()[1]
    whole = box.wanted_width()
    seen = [box.shortened(text, room) for room in range(whole)]
    assert seen[-1] == text
    assert all(number in words and "…" not in words for words in seen)
    assert any("★" in words for words in seen) == ("best" in text)
    box.resize(box.number_width(), box.sizeHint().height())
    room = box.width() - (whole - box.fontMetrics().horizontalAdvance(text))
    assert box.fontMetrics().horizontalAdvance(box.shortened(text, room)) <= room
