"""Names of axes become shorter by whole words."""

import pytest
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication

from leo_studio.ui.widgets.axis_names import shortened_name


@pytest.mark.parametrize(
    ("name", "shorter"),
    [
        ("learned step size", ["step size", "size", ""]),
        ("norm before clipping", ["norm", ""]),
        ("Validation accuracy (%)", ["accuracy (%)", "%"]),
        ("loss (nats)", ["nats", ""]),
        ("outer steps per second", ["steps per second", "per second", "second", ""]),
    ],
)
def test_a_name_loses_whole_words_and_its_unit_last(
    qapp: QApplication, name: str, shorter: list[str]
) -> None:
    metrics = QFontMetrics(QFont())
    seen = []
    for room in range(metrics.horizontalAdvance(name) + 2, -1, -1):
        text = shortened_name(name, metrics, room)
        assert not text or metrics.horizontalAdvance(text) <= room
        seen.append(text)
    assert list(dict.fromkeys(seen))[: len(shorter) + 1] == [name, *shorter]
