"""Boxes take what is typed for what it says, in every country."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.number_boxes import DecimalBox, WholeBox


@pytest.fixture(params=["C", "en_US", "de_DE", "fr_FR", "ar_EG"])
def _country(request: pytest.FixtureRequest) -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(before)


class Form(QWidget):
    """Two boxes, and something else that can have the keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self.decimal, self.whole, self.other = DecimalBox(), WholeBox(), QLineEdit()
        self.decimal.setRange(0.0, 100.0)
        self.decimal.setPrefix("× ")
        self.decimal.setValue(1.0)
        self.decimal.setToolTip("A factor")
        self.whole.setRange(2, 100_000)
        self.whole.setSuffix(" s")
        self.whole.setValue(20)
        self.whole.setToolTip("A duration")
        layout = QVBoxLayout(self)
        for widget in (self.decimal, self.whole, self.other):
            layout.addWidget(widget)


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form()
    qtbot.addWidget(made)
    made.show()
    return made


def enter(box: DecimalBox | WholeBox, text: str) -> None:
    box.setFocus()
    box.selectAll()
    QTest.keyClick(box, Qt.Key.Key_Delete)
    QTest.keyClicks(box, text)
    QTest.keyClick(box, Qt.Key.Key_Return)


@pytest.mark.usefixtures("_country")
def test_a_typed_number_is_never_another_one(qtbot: QtBot) -> None:
    form = Form()
    qtbot.addWidget(form)
    told: list[float] = []
    form.decimal.valueChanged.connect(told.append)
    assert form.decimal.text() == "× 1"
    for text, value, shown in (
        ("0.5", 0.5, "× 0.5"),
        ("1,5", 1.5, "× 1.5"),
        (".25", 0.25, "× 0.25"),
        ("1e-4", 1e-4, "× 0.0001"),
        ("3E-5", 3e-5, "× 3e-5"),
        ("0.00012", 0.00012, "× 0.00012"),
        ("0.1234567890123", 0.1234567890123, "× 0.1234567890123"),
        ("1,000", 1.0, "× 1"),
    ):
        enter(form.decimal, text)
        assert (form.decimal.value(), form.decimal.text(), told[-1]) == (value, shown, value)
        assert form.decimal.property("role") in (None, "")
    assert len(told) == 8  # one for each, none while it was typed
    enter(form.whole, "10000")
    assert (form.whole.value(), form.whole.text()) == (10_000, "10000 s")


@pytest.mark.usefixtures("_country")
def test_what_cannot_be_read_is_marked_and_changes_nothing(qtbot: QtBot) -> None:
    form = Form()
    qtbot.addWidget(form)
    told: list[object] = []
    form.decimal.valueChanged.connect(told.append)
    form.whole.valueChanged.connect(told.append)
    for text in ("1,000.5", "1.000,5", "abc", "", "100.5", "-1"):
        enter(form.decimal, text)
        assert form.decimal.value() == 1.0 and form.decimal.text() == "× 1"
        assert form.decimal.property("role") == "error"
        assert f'"{text}" is not a number from 0 to 100' in form.decimal.toolTip()
        assert form.decimal.toolTip().endswith("; 1 is kept.")
    for text in ("1,000", "1.000", "1e3", "1"):
        enter(form.whole, text)
        assert form.whole.value() == 20 and form.whole.text() == "20 s"
        assert form.whole.property("role") == "error" and text in form.whole.toolTip()
    assert not told
    enter(form.whole, "30")
    form.decimal.setValue(2.0)
    for box, tip in ((form.whole, "A duration"), (form.decimal, "A factor")):
        assert box.toolTip() == tip and box.property("role") == ""


def test_what_is_typed_counts_before_the_keyboard_leaves_and_is_marked_at_once(form: Form) -> None:
    form.decimal.setFocus()
    form.decimal.selectAll()
    QTest.keyClicks(form.decimal, "0,7")
    assert form.decimal.value() == 0.7  # a button that takes no focus reads this
    QTest.keyClicks(form.decimal, ".5")
    assert form.decimal.cleanText() == "0,7.5" and form.decimal.value() == 1.0
    assert form.decimal.property("role") == "error"
    form.other.setFocus()
    assert form.decimal.text() == "× 1" and form.decimal.property("role") == "error"


def test_arrows_step_to_round_numbers_inside_the_limits(form: Form) -> None:
    box = form.decimal
    box.setStepType(DecimalBox.StepType.AdaptiveDecimalStepType)
    for start, key, value in (
        (1.0, Qt.Key.Key_Up, 1.1),
        (1.0, Qt.Key.Key_Down, 0.99),
        (0.2, Qt.Key.Key_Up, 0.21),
        (0.0, Qt.Key.Key_Up, 0.01),
        (1e-5, Qt.Key.Key_Up, 1.1e-5),
        (100.0, Qt.Key.Key_Up, 100.0),
        (0.0, Qt.Key.Key_Down, 0.0),
    ):
        box.setValue(start)
        QTest.keyClick(box, key)
        assert box.value() == pytest.approx(value, rel=1e-9)
    box.setStepType(DecimalBox.StepType.DefaultStepType)
    box.setSingleStep(0.1)
    box.setValue(0.1)
    box.stepBy(2)
    assert box.text() == "× 0.3"
    form.whole.selectAll()
    QTest.keyClicks(form.whole, "50")
    QTest.keyClick(form.whole, Qt.Key.Key_Up)
    assert form.whole.value() == 51


def test_there_is_room_for_decimals_where_the_limits_have_none(form: Form) -> None:
    lengths = form.decimal.fontMetrics()
    assert form.decimal.sizeHint().width() > lengths.horizontalAdvance("× 0.0000")
    assert form.decimal.minimumSizeHint().width() > lengths.horizontalAdvance("× 0.0000")
