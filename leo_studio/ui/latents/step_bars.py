"""The two bars below the plot: along an adaptation, and along a run's checkpoints."""

from collections.abc import Iterable
from typing import get_args

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from leo_studio.analysis.latents.projected import METHODS, Projected, position_titles
from leo_studio.services.records import EpisodeSource, RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import why_no_source
from leo_studio.ui.inspection.step_bar import Density, StepBar
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.widgets.wheel import ComboBox

_DENSITIES: tuple[Density, ...] = get_args(Density)  # the roomiest first
_SPEEDS = {"slow": 1500, "normal": 700, "fast": 250}  # milliseconds between two checkpoints
_STEP_TIP = (
    "How far each episode's adaptation is: before it, or after some of its steps. Steps of the "
    "inner loop move codes. Fine-tuning moves the decoded weights themselves: its positions have "
    "the codes whose weights are nearest."
)
_ONE_CHECKPOINT = "The run has one checkpoint only."
_CHECKPOINT_TIP = "The same episodes with the weights of another checkpoint, on the same axes"


class StepBars(QWidget):
    """Chooses a position along the adaptation, and a checkpoint.

    Parameters
    ----------
    themes
        Icons.
    """

    position_chosen = Signal(int)
    step_chosen = Signal(int)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.positions = StepBar(themes, "Position along the adaptation")
        self.positions.setObjectName("latent-positions")
        self.checkpoints = StepBar(themes, "Checkpoint of the training", _SPEEDS["normal"])
        self.checkpoints.setObjectName("latent-checkpoints")
        self.speed = ComboBox()
        self.speed.setObjectName("latent-speed")
        self.speed.setAccessibleName("How fast checkpoints are played")
        self.speed.setToolTip("How fast checkpoints are played")
        for name, milliseconds in _SPEEDS.items():
            self.speed.addItem(name, milliseconds)
        self.speed.setCurrentIndex(list(_SPEEDS).index("normal"))
        self._steps: tuple[int, ...] = ()
        self._names: list[str] = []
        self._rows: list[tuple[QWidget, ...]] = []
        for text, bar in (("Adaptation", self.positions), ("Training", self.checkpoints)):
            label = Label(text)
            label.setProperty("role", "title")
            label.setBuddy(bar.slider)
            self._rows.append((label, bar))
        self._speed_label = Label("Speed")
        self._speed_label.setBuddy(self.speed)
        self._rows[1] = (*self._rows[1], self._speed_label, self.speed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._are_beside = True
        self._arrange(are_beside=False)
        self.positions.moved.connect(self.position_chosen)
        self.checkpoints.moved.connect(lambda place: self.step_chosen.emit(self._steps[place]))
        self.speed.activated.connect(lambda _: self.checkpoints.set_speed(self.speed.currentData()))

    def _use_room(self) -> None:
        """Place the bars in one row where there is room, at last with fewer buttons and words."""
        fitting = (each for each in _DENSITIES if self.width() >= self._room_beside(each))
        density = next(fitting, None)
        for place, bar in enumerate((self.positions, self.checkpoints)):
            bar.set_density(density or self._density_alone(place))
        self._speed_label.setVisible(density != "tight")
        self._arrange(are_beside=density is not None)

    def _arrange(self, *, are_beside: bool) -> None:
        """Place the bars beside each other, which leaves the plot more height, or in two rows."""
        if are_beside == self._are_beside:
            return
        self._are_beside = are_beside
        for place, widgets in enumerate(self._rows):
            row, first = (0, 3 * place) if are_beside else (place, 0)
            for column, widget in enumerate(widgets):
                # Of two rows, the first has no choice of a speed at its end.
                columns = 3 if not are_beside and widget is self.positions else 1
                self._grid.addWidget(widget, row, first + column, 1, columns)
        self._grid.setColumnStretch(1, 3)  # its names are the longer ones
        self._grid.setColumnStretch(4, 2 if are_beside else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width that there is."""
        super().resizeEvent(event)
        self._use_room()

    def _room_beside(self, density: Density) -> int:
        """Return the width from which both bars are in one row, with sliders to be slid."""
        bars = (self.positions, self.checkpoints)
        left_out = self._speed_label if density == "tight" else None
        others = [each for row in self._rows for each in row if each not in (*bars, left_out)]
        gaps = (len(others) + len(bars)) * self._grid.horizontalSpacing()
        widths = [each.minimumSizeHint().width() for each in others]
        return sum(widths) + sum(bar.least_width(density) for bar in bars) + gaps

    def _density_alone(self, place: int) -> Density:
        """Return the roomiest density with which a bar has place in a row of its own."""
        fitting = (each for each in _DENSITIES if self.width() >= self._room_alone(place, each))
        return next(fitting, "tight")

    def _room_alone(self, place: int, density: Density) -> int:
        """Return the width that a row of its own needs; both bars begin at the same place."""
        label = max(row[0].minimumSizeHint().width() for row in self._rows)
        bar, behind = (self.positions, self.checkpoints)[place], self._rows[place][2:]
        widths = [each.minimumSizeHint().width() for each in behind if not each.isHidden()]
        gaps = (1 + len(widths)) * self._grid.horizontalSpacing()
        return label + bar.least_width(density) + sum(widths) + gaps

    def minimumSizeHint(self) -> QSize:
        """Return the width of two rows: beside each other, the bars must be able to part again."""
        label = max(row[0].minimumSizeHint().width() for row in self._rows)
        widths = [label + self.positions.least_width("tight")]
        rest = sum(each.minimumSizeHint().width() for each in self._rows[1][2:])
        widths.append(label + self.checkpoints.least_width("tight") + rest)
        heights = [max(each.minimumSizeHint().height() for each in row) for row in self._rows]
        height = max(heights) if self._are_beside else sum(heights)
        return QSize(max(widths) + 3 * self._grid.horizontalSpacing(), height)

    def show_positions(self, shown: Projected, place: int) -> None:
        """Offer the positions of some codes."""
        names = position_titles(shown)
        if names != self._names:
            self._names = names
            inner_steps = shown.latents.inner_steps if shown.is_linear else None
            self.positions.set_positions(names, place, inner_steps)
            self._use_room()
        elif place != self.positions.position:
            self.positions.set_position(place)
        tip = _STEP_TIP if shown.is_linear else _bent(shown.basis.method, "the steps between")
        self.positions.setToolTip(as_tip(tip))

    def follow(
        self,
        runs: Iterable[RunEntry],
        selection: EpisodeSelection,
        step: int | None,
        why_not: str,
    ) -> str:
        """Offer the checkpoints of a selection's run; returns why there is no choice.

        Parameters
        ----------
        runs
            All of them, as they stand now.
        selection
            Its source's run has the checkpoints.
        step
            Of the one that is shown; None for the source's own.
        why_not
            Why none can be chosen, whichever there are.
        """
        source = selection.source
        if step is None and source is not None:
            step = source.step
        self.show_steps(checkpoints_of(runs, source), step, why_not)
        if self.checkpoints.isEnabled():
            return why_not
        return why_not or why_no_source(selection) or _ONE_CHECKPOINT

    def show_steps(self, steps: tuple[int, ...], step: int | None, why_not: str = "") -> None:
        """Offer checkpoints, or say why there is no choice."""
        if steps != self._steps:
            self.checkpoints.stop()
            self._steps = steps
            place = steps.index(step) if step in steps else 0
            self.checkpoints.set_positions([f"step {each:,}" for each in steps], place)
            self._use_room()
        elif step in steps and steps.index(step) != self.checkpoints.position:
            self.checkpoints.set_position(steps.index(step))
        if why_not:
            self.checkpoints.stop()
        self.checkpoints.setEnabled(not why_not and len(steps) > 1)
        self.checkpoints.setToolTip(as_tip(why_not or _CHECKPOINT_TIP))

    @property
    def next_step(self) -> int | None:
        """The checkpoint after the one that is chosen."""
        place = self.checkpoints.position + 1
        return self._steps[place] if place < len(self._steps) else None

    def stop(self) -> None:
        """Play nothing any more."""
        self.positions.stop()
        self.checkpoints.stop()


def checkpoints_of(runs: Iterable[RunEntry], source: EpisodeSource | None) -> tuple[int, ...]:
    """Return the checkpoints of a source's run."""
    found = (run.checkpoints for run in runs if source is not None and run.path == source.run)
    return next(found, ())


def why_no_checkpoints(method: str) -> str:
    """Say why an embedding shows one checkpoint alone."""
    return _bent(method, "other checkpoints")


def _bent(method: str, what: str) -> str:
    return (
        f"{METHODS[method]} places all codes anew each time, so {what} could not be compared; "
        "PCA and discriminant axes stay where they are."
    )
