"""The header of the form: the preset, what differs from it, and a search line for settings."""

from collections.abc import Sequence

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.experiment.draft import Draft
from leo_studio.analysis.experiment.form_layout import breakable
from leo_studio.ui.experiment.presets import PresetPicker
from leo_studio.ui.widgets.kept_place import keep_place
from leo_studio.ui.widgets.labels import sentence_label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

_DATA = frozenset({"data.store", "task.functions", "task.families"})
"""Settings that say where the tasks come from, which a preset's description is about."""


class Header(QWidget):
    """The panel's head; `searched` has what somebody looks for among the settings."""

    searched = Signal(str)
    reset_all_wanted = Signal()

    def __init__(
        self, themes: ThemeManager, offered: Sequence[QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.picker = PresetPicker(themes)
        self._menu = QToolButton()
        self._menu.setObjectName("experiment menu")
        self._menu.setAccessibleName("More to do with this experiment")
        self._menu.setToolTip("Save, show and copy this experiment")
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._menu)
        menu.addActions(list(offered))
        self._menu.setMenu(menu)
        self._description = sentence_label("about the preset", "muted")
        self._differences = sentence_label("differences", "muted")
        self._reset = QPushButton("&Reset all")
        self._reset.setObjectName("reset all")
        self._reset.clicked.connect(self.reset_all_wanted)
        keep_place(self._reset)
        self.line = SearchLine()
        self.line.textChanged.connect(self.searched)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(self.picker, 1)
        first.addWidget(self._menu)
        second.addWidget(self._differences, 1)
        second.addWidget(self._reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(first)
        layout.addWidget(self._description)
        layout.addLayout(second)
        layout.addWidget(self.line)
        themes.changed.connect(self._color)
        self._color()

    def show_draft(self, draft: Draft) -> None:
        """Show where a draft comes from and how far it went from there."""
        count = len(draft.changed)
        self.picker.show_text(draft.title)
        self.picker.setToolTip(as_tip(f"{draft.title}: choose another preset"))
        description = str(draft.values["description"])
        if not _DATA.isdisjoint(draft.changed) and "description" not in draft.changed:
            description = ""  # it is about other data
        self._description.setText(breakable(description))
        self._description.setVisible(bool(description))
        differ = "1 setting differs" if count == 1 else f"{count} settings differ"
        says = f"{differ} from {draft.title}" if count else f"As in {draft.title}"
        self._differences.setText(breakable(says))
        self._reset.setVisible(count > 0)

    def _color(self, _theme: object = None) -> None:
        self._menu.setIcon(self._themes.icon(MDI7.dots_vertical))


class SearchLine(QLineEdit):
    """A line that Escape empties."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("find a setting")
        self.setPlaceholderText("Find a setting")
        self.setAccessibleName("Find a setting")
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Empty the line on Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
