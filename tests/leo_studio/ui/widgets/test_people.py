"""What people wrote is shown as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import Qt, QTextDocument
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from leo_studio.ui.widgets.eliding_label import ElidingLabel
from leo_studio.ui.widgets.labels import Label, MarkupLabel
from leo_studio.ui.widgets.people import as_tip, as_title, without_keys

MARKUP = ["<b>x</b>", "a & b", "&amp;", '<img src="x.png">', "x<br>y", "<i>", "a  b\n<b>c"]


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"])))
def test_a_tip_shows_every_letter(text: str) -> None:
    tip = as_tip(text)
    if Qt.mightBeRichText(tip):
        document = QTextDocument()
        document.setHtml(tip)
        assert document.toPlainText() == text
    else:
        assert tip == text


@pytest.mark.parametrize("text", MARKUP)
def test_labels_take_nothing_for_markup(text: str, qtbot: QtBot) -> None:
    for label in (Label(text), ElidingLabel()):
        qtbot.addWidget(label)
        assert label.textFormat() == Qt.TextFormat.PlainText
    ours = MarkupLabel("<b>x</b>")
    qtbot.addWidget(ours)
    assert ours.textFormat() == Qt.TextFormat.RichText


def test_an_ampersand_in_a_button_is_no_key(qtbot: QtBot) -> None:
    button = QPushButton(without_keys("A&B & &File"))
    qtbot.addWidget(button)
    assert button.shortcut().isEmpty()
    assert button.text() == "A&&B && &&File"


def test_a_star_in_brackets_stays_in_a_title() -> None:
    assert as_title("runs[*] of x") == "runs[*][*] of x"


def test_a_long_tip_is_broken_into_lines(qtbot: QtBot) -> None:
    text = "Draw around codes with the mouse to select their episodes, or their class's. " * 3
    widths = []
    for tip in (text, as_tip(text)):
        label = QLabel(tip)  # as Qt's own label of tips does
        label.setWordWrap(Qt.mightBeRichText(tip))
        qtbot.addWidget(label)
        widths.append(label.sizeHint().width())
    assert widths[1] < widths[0] / 3
    assert as_tip("Two\nshort lines") == "Two\nshort lines"
