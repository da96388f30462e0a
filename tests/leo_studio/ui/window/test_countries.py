"""The window reads and shows numbers in one way in every country."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.library import Library
from leo_studio.ui.experiment.fields import NumberBox
from leo_studio.ui.widgets.number_boxes import DecimalBox, WholeBox
from tests.conftest import TrainedCopy
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.shown import OF_MENUS_THAT_NO_PLOT_OPENS, shown_texts

PATIENCE = 60_000  # milliseconds


@pytest.fixture(params=["de_DE", "ar_EG"])
def _country(request: pytest.FixtureRequest) -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("_country")
def test_no_number_in_the_window_follows_the_country(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
    library_home: Path,
    qtbot: QtBot,
) -> None:
    window = open_window()
    window.opener.open_path(str(trained_copy(Library(library_home).runs, toy_experiment).path))
    qtbot.waitUntil(lambda: window.is_complete, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.curves.exported() is not None, timeout=PATIENCE)
    boxes = [
        box
        for box in window.findChildren(QAbstractSpinBox)
        if box.objectName() not in OF_MENUS_THAT_NO_PLOT_OPENS
    ]
    assert len(boxes) > 20
    assert all(isinstance(box, WholeBox | DecimalBox | NumberBox) for box in boxes)
    texts = list(shown_texts(window))
    assert len(texts) > 500 and any("0.9" in text for _, text in texts)
    assert [each for each in texts if _has_foreign_digits(each[1])] == []
    smoothing = window.findChild(DecimalBox, "smoothing")
    assert smoothing is not None
    for typed in ("0,5", "0.25", "1e-1"):
        smoothing.selectAll()
        QTest.keyClicks(smoothing, typed)
        QTest.keyClick(smoothing, Qt.Key.Key_Return)
        assert smoothing.value() == float(typed.replace(",", "."))
        assert smoothing.text() == str(smoothing.value())


def _has_foreign_digits(text: str) -> bool:
    return any(not each.isascii() and unicodedata.decimal(each, None) is not None for each in text)
