"""The list of everything that toasts said since the program started."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.formats import format_moment
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.error_details import GLYPHS, TITLES, kind_color, report_text
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

EMPTY = "Nothing was told yet. What LEO Studio tells you is listed here until you close it."


@dataclass(frozen=True, slots=True)
class PastNotice:
    """A notice and when it was shown."""

    moment: datetime
    notice: Notice


class NoticeHistory(Protocol):
    """A history of notices."""

    def history(self) -> tuple[PastNotice, ...]:
        """Return past notices, the newest last."""

    def forget(self) -> None:
        """Empty the history."""

    def show_details(self, notice: Notice) -> None:
        """Show a notice in full."""


class MessagesDialog(QDialog):
    """Past notices, the newest first.

    Parameters
    ----------
    notices
        Where they come from.
    themes
        Colours and icons.
    """

    def __init__(
        self, notices: NoticeHistory, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("messages")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Messages")
        self._history = notices
        self._themes = themes
        self._notices: list[Notice] = []

        self._empty = Label(EMPTY)
        self._empty.setObjectName("empty")
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._list = QTreeWidget()
        self._list.setObjectName("list")
        self._list.setAccessibleName("Messages, the newest first")
        self._list.setHeaderLabels(["Time", "Kind", "Message"])
        self._list.setRootIsDecorated(False)
        self._list.setAlternatingRowColors(True)
        self._list.setAllColumnsShowFocus(True)
        header = self._list.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self._list.itemActivated.connect(lambda _item, _column: self._show_details())
        self._list.currentItemChanged.connect(lambda _new, _old: self._enable())

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self._details = buttons.addButton("&Details", role)
        self._copy = buttons.addButton("&Copy", role)
        self._clear = buttons.addButton("C&lear", role)
        for name in ("details", "copy", "clear"):
            getattr(self, f"_{name}").setObjectName(name)
        self._details.clicked.connect(self._show_details)
        self._copy.clicked.connect(self._copy_notice)
        self._clear.clicked.connect(self._forget)
        buttons.rejected.connect(self.close)

        layout = QVBoxLayout(self)
        layout.addWidget(self._empty, 1)
        layout.addWidget(self._list, 1)
        layout.addWidget(buttons)
        letter = self.fontMetrics().averageCharWidth()
        self.resize(100 * letter, 22 * self.fontMetrics().height())
        self.refresh()

    def refresh(self) -> None:
        """Read the history again."""
        past = self._history.history()[::-1]
        self._notices = [each.notice for each in past]
        self._list.clear()
        for each in past:
            kind, text = each.notice.kind, " ".join(each.notice.text.split())
            row = QTreeWidgetItem([format_moment(each.moment), TITLES[kind], text])
            row.setIcon(1, self._themes.icon(GLYPHS[kind], kind_color(self._themes, kind)))
            row.setToolTip(2, as_tip(each.notice.text))
            self._list.addTopLevelItem(row)
        self._empty.setVisible(not past)
        self._list.setVisible(bool(past))
        if past:
            self._list.setCurrentIndex(self._list.model().index(0, 0))
        self._enable()

    def _current(self) -> Notice | None:
        row = self._list.currentIndex().row()
        return self._notices[row] if 0 <= row < len(self._notices) else None

    def _enable(self) -> None:
        has_current = self._current() is not None
        self._details.setEnabled(has_current)
        self._copy.setEnabled(has_current)
        self._clear.setEnabled(bool(self._notices))

    def _show_details(self) -> None:
        if (notice := self._current()) is not None:
            self._history.show_details(notice)

    def _copy_notice(self) -> None:
        if (notice := self._current()) is not None:
            QGuiApplication.clipboard().setText(report_text(notice))

    def _forget(self) -> None:
        self._history.forget()
        self.refresh()
