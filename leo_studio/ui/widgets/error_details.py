"""The dialog of an error in full, to be read, copied into a report, or saved."""

import importlib.metadata
import platform
from contextlib import suppress
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from engine.errors import BadInput
from engine.io.files import write_text
from leo_studio import __version__
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager

TITLES = {
    "information": "Information",
    "success": "Done",
    "warning": "Warning",
    "error": "Error",
}
GLYPHS = {
    "information": MDI7.information_outline,
    "success": MDI7.check_circle_outline,
    "warning": MDI7.alert_outline,
    "error": MDI7.alert_circle_outline,
}


def kind_color(themes: ThemeManager, kind: str) -> str:
    """Return the colour that a kind of notice has in the theme."""
    theme = themes.current
    colors = {"success": theme.success, "warning": theme.warning, "error": theme.danger}
    return colors.get(kind, theme.accent)


def version_line() -> str:
    """Return the versions that a report needs."""
    versions = [f"LEO Studio {__version__}", f"Python {platform.python_version()}"]
    for package in ("PySide6-Essentials", "torch"):
        with suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    return f"{', '.join(versions)}, {platform.platform()}"


def report_text(notice: Notice) -> str:
    """Return a notice as a text for a report."""
    return "\n\n".join(part for part in (notice.text, notice.details, version_line()) if part)


class ErrorDetails(QDialog):
    """Shows a notice with its details, such as a traceback.

    Parameters
    ----------
    notice
        What to show.
    themes
        Colours.
    """

    def __init__(self, notice: Notice, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_details")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{TITLES[notice.kind]}: details")
        self._notice = notice

        sentence = Label(notice.text)
        sentence.setObjectName("sentence")
        sentence.setWordWrap(True)
        sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        icon = Label()
        size = 2 * self.fontMetrics().height()
        glyph = themes.icon(GLYPHS[notice.kind], kind_color(themes, notice.kind))
        icon.setPixmap(glyph.pixmap(QSize(size, size), self.devicePixelRatioF()))
        head = QHBoxLayout()
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(sentence, 1)

        details = QPlainTextEdit(notice.details)
        details.setObjectName("details")
        details.setReadOnly(True)
        details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        details.setAccessibleName("Details")
        details.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        versions = Label(version_line())
        versions.setObjectName("versions")
        versions.setProperty("role", "muted")
        versions.setWordWrap(True)
        versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._outcome = Label()
        self._outcome.setObjectName("outcome")
        self._outcome.setWordWrap(True)

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("copy")
        copy.clicked.connect(self.copy)
        save = buttons.addButton("&Save...", QDialogButtonBox.ButtonRole.ActionRole)
        save.setObjectName("save")
        save.clicked.connect(self._ask_and_save)
        buttons.rejected.connect(self.close)

        layout = QVBoxLayout(self)
        layout.addLayout(head)
        if notice.details:
            layout.addWidget(details, 1)
        layout.addWidget(versions)
        layout.addWidget(self._outcome)
        layout.addWidget(buttons)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(100 * letter, 30 * self.fontMetrics().height() if notice.details else 0)

    def copy(self) -> None:
        """Put everything on the clipboard."""
        QGuiApplication.clipboard().setText(report_text(self._notice))
        self._say("Copied.")

    def save_to(self, path: Path) -> None:
        """Save everything as a text file, and say whether that worked."""
        try:
            write_text(path, report_text(self._notice) + "\n")
        except BadInput as error:
            self._say(str(error), "error")
        else:
            self._say(f"Saved as {path}.")

    def _ask_and_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Save details", "leo-studio-error.txt", "Text (*.txt)"
        )
        if path:
            self.save_to(Path(path))

    def _say(self, text: str, role: str = "muted") -> None:
        self._outcome.setProperty("role", role)
        self.style().polish(self._outcome)
        self._outcome.setText(text)
