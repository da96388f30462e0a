"""The banner above a panel: which run it shows, and whether it stays with that one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from leo_studio.services.current_run import FollowedRun
from leo_studio.services.records import RunEntry
from leo_studio.ui.widgets.eliding_box import ElidingBox
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.short_titles import short_title
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_FEWEST_LETTERS = 12
_FLAGS = Qt.ItemDataRole.UserRole - 1  # where the model of a box keeps an item's flags
_TIP = Qt.ItemDataRole.ToolTipRole
_FREE_TIP = "Stay with this run while the other panels go to another one"
_PINNED_TIP = "This panel stays with its run. Press to follow the current run again"


class RunBox(ElidingBox):
    """A list of runs by their titles; what has no room is left out in the middle.

    Runs in which a panel has nothing to show cannot be chosen, and say why.
    """

    run_chosen = Signal(object)  # `Path` of the run, chosen by a person

    def __init__(self, why_not: Callable[[RunEntry], str]) -> None:
        super().__init__()
        self.setObjectName("run-box")
        self.setAccessibleName("Run")
        self.setPlaceholderText("No run yet")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_FEWEST_LETTERS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._why_not = why_not
        self._listed: list[tuple[Path, str, str]] = []
        self.activated.connect(lambda place: self.run_chosen.emit(self.itemData(place)))

    def shortened(self, text: str, room: int) -> str:
        """Return as much of a title as has room, in pixels."""
        return short_title(text, self.fontMetrics(), room)

    def show_runs(self, runs: Sequence[RunEntry], shown: RunEntry | None) -> None:
        """List runs, of which one is shown."""
        if shown is not None and all(run.path != shown.path for run in runs):
            runs = (shown, *runs)
        listed = [(run.path, run.title, self._why_not(run)) for run in runs]
        with QSignalBlocker(self):
            if listed != self._listed:
                self._listed = listed
                self.clear()
                for place, (path, title, reason) in enumerate(listed):
                    self.addItem(title, path)
                    self.setItemData(place, as_tip(reason or str(path)), _TIP)
                    if reason:
                        self.setItemData(place, 0, _FLAGS)
            # Qt's own search finds no equal path, but the same object alone.
            paths = [path for path, _, _ in listed]
            self.setCurrentIndex(-1 if shown is None else paths.index(shown.path))
        changes = "" if shown is None else "\n".join((shown.title, *shown.changes, str(shown.path)))
        self.setToolTip(as_tip(changes or "The run that is shown"))
        self.setEnabled(bool(runs))


class RunBanner(QWidget):
    """Shows and chooses the run of a panel, and pins the panel to it.

    Parameters
    ----------
    controller
        Knows all runs.
    run
        The run of the panel; panels that share one are pinned together.
    themes
        Gives the pin its colour.
    why_not
        Says why a run cannot be shown in the panel; "" where it can.
    """

    def __init__(
        self,
        controller: "Controller",
        run: FollowedRun,
        themes: ThemeManager,
        why_not: Callable[[RunEntry], str] = lambda _: "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("run-banner")
        self._controller = controller
        self._run = run
        self._themes = themes
        self.box = RunBox(why_not)
        self.pin = QToolButton()
        self.pin.setObjectName("pin-run")
        self.pin.setCheckable(True)
        self.pin.setAutoRaise(True)
        label = Label("&Run")
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.box, 1)
        row.addWidget(self.pin)
        self.box.run_chosen.connect(run.choose)
        self.pin.clicked.connect(run.pin)
        run.changed.connect(self._show)
        controller.runs_changed.connect(self._show)
        themes.changed.connect(self._show_pin)
        self._show()

    def _show(self, *_: object) -> None:
        self.box.show_runs(self._controller.runs, self._run.entry)
        self._show_pin()

    def _show_pin(self, *_: object) -> None:
        is_pinned = self._run.is_pinned
        self.pin.setEnabled(self._run.entry is not None)
        self.pin.setChecked(is_pinned)
        self.pin.setText("Pinned" if is_pinned else "Pin")
        self.pin.setToolTip(as_tip(_PINNED_TIP if is_pinned else _FREE_TIP))
        self.pin.setIcon(self._themes.icon(MDI7.pin if is_pinned else MDI7.pin_outline))
        beside, alone = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonIconOnly,
        )
        self.pin.setToolButtonStyle(beside if is_pinned else alone)
