"""Details of an error: copied and saved whole."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from leo_studio.services.records import Notice
from leo_studio.ui.widgets.error_details import ErrorDetails, version_line
from leo_studio.ui.widgets.theme import ThemeManager

NOTICE = Notice("error", "A mistake of ours.", "Traceback: in broken")


@pytest.fixture
def dialog(qtbot: QtBot, themes: ThemeManager) -> ErrorDetails:
    made = ErrorDetails(NOTICE, themes)
    qtbot.addWidget(made)
    made.show()
    return made


def outcome(dialog: ErrorDetails) -> str:
    label = dialog.findChild(QLabel, "outcome")
    assert isinstance(label, QLabel)
    return label.text()


def test_the_traceback_can_be_read_but_not_changed(dialog: ErrorDetails) -> None:
    details = dialog.findChild(QPlainTextEdit, "details")

    assert isinstance(details, QPlainTextEdit)
    assert details.toPlainText() == NOTICE.details
    assert details.isReadOnly()


def test_a_saved_report_has_sentence_traceback_and_versions(
    dialog: ErrorDetails, tmp_path: Path
) -> None:
    dialog.save_to(tmp_path / "report.txt")

    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert text == f"{NOTICE.text}\n\n{NOTICE.details}\n\n{version_line()}\n"
    assert outcome(dialog).startswith("Saved as")


def test_a_report_that_cannot_be_saved_is_said_so(dialog: ErrorDetails, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    dialog.save_to(tmp_path / "file" / "report.txt")

    assert "cannot be written" in outcome(dialog)


def test_versions_name_the_program_python_and_qt() -> None:
    for name in ("LEO Studio", "Python", "PySide6", "torch"):
        assert name in version_line()
