"""The button that chooses which runs stand beside the one that a panel shows."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton

from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.people import as_tip, without_keys

_NOTHING = "No other run was measured yet"


class BesideButton(QToolButton):
    """Opens a menu of runs, each of which can be ticked.

    `changed` is emitted with nothing when a person has chosen others.

    Parameters
    ----------
    offered
        Returns the runs that can be chosen now.
    """

    changed = Signal()

    def __init__(self, offered: Callable[[], Sequence[RunEntry]]) -> None:
        super().__init__()
        self._offered = offered
        self.chosen: list[Path] = []
        self.setObjectName("curvature-beside")
        self.setText("Beside")
        self.setToolTip(as_tip("Other runs whose curvature was measured, beside this one"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        for run in self._offered():
            action = menu.addAction(without_keys(run.title))
            action.setToolTip(as_tip(run.title))
            action.setCheckable(True)
            action.setChecked(run.path in self.chosen)
            action.toggled.connect(partial(self._choose, run.path))
        if menu.isEmpty():
            menu.addAction(_NOTHING).setEnabled(False)

    def _choose(self, path: Path, is_chosen: bool) -> None:
        self.chosen = [each for each in self.chosen if each != path]
        if is_chosen:
            self.chosen.append(path)
        self.changed.emit()
