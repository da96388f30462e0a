"""The page of one episode: as it is, and beside it what if, or as other weights see it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import BadInput
from engine.inspection.records import Inspection
from engine.inspection.what_if import WhatIf
from engine.projection.linear import LinearBasis
from leo_studio.analysis.episode.exported import exported_episode
from leo_studio.analysis.inspection.positions import carried_over
from leo_studio.figures.records import Exported
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.records import EpisodeSource, Examples, OpenedInspection, RunEntry
from leo_studio.ui.episode.edits import SupportEdits
from leo_studio.ui.episode.header import EpisodeHeader
from leo_studio.ui.episode.sharing import Chosen, Sharing
from leo_studio.ui.episode.what_if_bar import WhatIfBar
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import SourceActions
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.panel_keys import REDO, UNDO, PanelWithKeys
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

NO_EPISODE = (
    "One episode is shown here in full: its support set, every query, and each step of its "
    "adaptation.\n\nChoose an episode in Episodes, or click a code in Latent space."
)
_PATIENCE_MILLISECONDS = 300  # before a page says that it is being made
Side = Literal["left", "right"]


class EpisodePanel(PanelWithKeys):
    """Shows the episode that the selection looks at.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    selection
        What is looked at, shared with other panels.
    """

    next_wanted = Signal()
    previous_wanted = Signal()
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("episode-panel")
        self._controller = controller
        self._selection = selection
        self._tasks: dict[str, Task] = {}
        # At the left: the source, the episode's number, and how many samples.
        self._shown: tuple[EpisodeSource, int, int] | None = None
        self._compared: EpisodeSource | None = None
        # Changes that a link asks for, until its episode is shown.
        self._linked_what_ifs: dict[tuple[EpisodeSource, int], WhatIf] = {}
        self._opened: OpenedInspection | None = None
        self._examples: dict[Side, Examples | None] = {"left": None, "right": None}
        self.header = EpisodeHeader(themes)
        self.what_if = WhatIfBar(themes)
        self.left, self.right = InspectionView(themes), InspectionView(themes)
        self._nothing = Label(NO_EPISODE)
        self._places = QStackedWidget()
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MILLISECONDS)
        self._patience.timeout.connect(self._say_that_it_is_made)
        self._lay_out()
        self.sharing = Sharing(controller, actions, self, parent=self)
        self._edits = SupportEdits(controller, self, parent=self)
        self.header.menu.addActions(self.sharing.actions)
        SourceActions(selection, (), self.sharing.actions, parent=self)
        self._connect()
        self._follow()

    # What is looked at

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights look at which episodes."""
        return self._selection.source

    @property
    def inspection(self) -> Inspection | None:
        """The inspection at the left."""
        return self.left.inspection

    @property
    def other(self) -> Inspection | None:
        """The inspection at the right; None where there is none."""
        return self.right.inspection if self.right.isVisibleTo(self) else None

    @property
    def is_busy(self) -> bool:
        """Whether something that was asked for is still to come."""
        return bool({"left", "right"} & self._tasks.keys()) or self.what_if.is_settling

    def set_basis(self, basis: LinearBasis | None) -> None:
        """Draw the codes' paths on the axes of the latent space."""
        self.left.set_basis(basis)
        self.right.set_basis(basis)

    def open_link(self, link: EpisodeLink, source: EpisodeSource) -> None:
        """Inspect the episode of a link; its run and checkpoint are `source`."""
        self.header.set_samples(link.samples)
        self.header.set_what_if(not link.what_if.is_nothing)
        self._linked_what_ifs = {(source, link.episode): link.what_if}
        self._shown = self._opened = None  # also where it is looked at already
        self._selection.set_source(source)
        self._selection.show(link.episode)
        self._inspect_current()

    def link(self) -> EpisodeLink | None:
        """Return the link that reopens exactly this."""
        source, number = self._selection.source, self._selection.current
        if source is None or number is None:
            return None
        is_ours = source.run.parent == self._controller.library.runs.resolve()
        return EpisodeLink(
            run=source.run.name if is_ours else str(source.run),
            split=source.split,
            episode=number,
            checkpoint=str(source.step),
            samples=self.header.samples.value(),
            what_if=self.what_if.what_if if self.header.what_if.isChecked() else WhatIf(),
        )

    # Making it

    def showEvent(self, event: QShowEvent) -> None:
        """Show the episode that was chosen while the panel was hidden."""
        super().showEvent(event)
        self._inspect_current()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Want nothing any more."""
        self._cancel()
        self.what_if.settle()
        super().closeEvent(event)

    def _follow(self, *_: object) -> None:
        """Another episode is looked at, or other weights look at it."""
        self._opened = None
        source, number = self._selection.source, self._selection.current
        if source is None or number is None:
            self._cancel()
            self._shown = None
            why_nothing = self._selection.why_nothing if source is None else ""
            self._nothing.setText(why_nothing or NO_EPISODE)
            self._places.setCurrentIndex(0)
            self._enable()
            return
        self._compared = self._compared if self._is_comparable(source) else None
        self.header.offer(self._controller.runs, source, self._compared)
        self._inspect_current()

    def _inspect_current(self) -> None:
        source, number = self._selection.source, self._selection.current
        if source is None or number is None or not self.isVisible():
            return
        wanted = (source, number, self.header.samples.value())
        if wanted == self._shown or self._opened is not None:
            return
        is_other_episode = self._shown is None or self._shown[1] != number
        if is_other_episode or self._shown is None or self._shown[0].split != source.split:
            self.what_if.begin(self._linked_what_ifs.pop((source, number), WhatIf()))
        self._shown = wanted
        self.header.show_episode(self._title(source, number), number)
        self._inspect("left", source, number, WhatIf())
        self._inspect_right()

    def _inspect_right(self) -> None:
        """Inspect the episode for the right side."""
        source, number = self._selection.source, self._selection.current
        is_changed = self.header.what_if.isChecked()
        # Without an episode a comparison waits for one.
        is_there = source is not None and number is not None
        is_beside = is_there and (is_changed or self._compared is not None)
        self.what_if.setVisible(is_changed)
        self.right.setVisible(is_beside)
        self.left.set_title("As it is" if is_changed else "This" if is_beside else "")
        if source is None or number is None or not is_beside:
            self._end("right")
            self.left.set_reference(None)
            return
        self.right.set_editable(is_changed)
        if is_changed:
            self.right.set_title("What if")
            self._inspect("right", source, number, self.what_if.what_if)
        elif self._compared is not None:
            self.right.set_title(f"{self._compared.run.name}, step {self._compared.step:,}")
            self._inspect("right", self._compared, number, WhatIf())

    def _inspect(self, side: Side, source: EpisodeSource, number: int, what_if: WhatIf) -> None:
        self._end(side)
        self._tasks[side] = self._controller.episodes.inspect(
            source,
            number,
            lambda seen: self._take(side, source, seen),
            samples=self.header.samples.value(),
            what_if=what_if,
            failed=lambda error: self._fail(side, error),
        )
        if self.inspection is None:
            self._patience.start()

    def _take(self, side: Side, source: EpisodeSource, seen: Inspection) -> None:
        self._patience.stop()
        self._tasks.pop(side, None)
        view = self.left if side == "left" else self.right
        before = self._examples[side]
        rows = np.union1d(seen.support, seen.query)
        rows = rows[rows >= 0]
        has_all = before is not None and np.isin(rows, before.rows).all() and side == "right"
        view.set_inspection(seen, before if has_all else None)
        if side == "left":
            self._name_changes()
            if self.right.inspection is None:
                self.right.set_position(view.position)
        else:
            self.what_if.set_problem("")
            self._follow_left(self.left.position)
        self._compare_sides()
        self._places.setCurrentIndex(1)
        self._enable()
        if not has_all:
            self._tasks[f"{side} examples"] = self._controller.episodes.examples(
                source, rows.tolist(), lambda examples: self._take_examples(side, examples)
            )

    def _take_examples(self, side: Side, examples: Examples) -> None:
        self._examples[side] = examples
        (self.left if side == "left" else self.right).set_examples(examples)
        self._name_changes()

    def _name_changes(self) -> None:
        examples = (self._examples["right"], self._examples["left"])
        self.what_if.set_episode(self.inspection, *map(Thumbnails, examples))

    def _follow_left(self, position: int) -> None:
        _keep_in_step(self.left, self.right, position)

    def _follow_right(self, position: int) -> None:
        _keep_in_step(self.right, self.left, position)

    def _compare_sides(self) -> None:
        other = self.other
        same = other is not None and self.inspection is not None
        self.left.set_reference(None)
        self.right.set_reference(self.inspection if same else None)

    def _fail(self, side: Side, error: BaseException) -> None:
        self._patience.stop()
        self._tasks.pop(side, None)
        if side == "right" and self.header.what_if.isChecked() and isinstance(error, BadInput):
            self.what_if.set_problem(str(error))  # what was shown stays
            return
        self._controller.notify_failure(error)
        if side == "left":
            self._shown = None
            self._nothing.setText(f"This episode cannot be shown.\n\n{error}")
            self._places.setCurrentIndex(0)
            self._enable()

    def _say_that_it_is_made(self) -> None:
        if self.inspection is None:
            self._nothing.setText("Loading the weights and the examples...")

    def _end(self, side: Side) -> None:
        for name in (side, f"{side} examples"):
            if (task := self._tasks.pop(name, None)) is not None:
                task.cancel()

    def _cancel(self) -> None:
        self._end("left")
        self._end("right")
        self._patience.stop()

    # Wishes

    def _offer_changes(self, is_on: bool) -> None:
        self.header.set_what_if(is_on)
        if is_on:
            self._compared = None
            self.header.offer(self._controller.runs, self._selection.source, None)
        if self.inspection is not None and is_on and self.right.inspection is None:
            self.right.set_inspection(self.inspection, self._examples["left"])
            self._examples["right"] = self._examples["left"]
        self._inspect_right()

    def _compare_with(self, source: EpisodeSource | None) -> None:
        self._compared = source
        self.header.set_what_if(False)
        self._examples["right"] = None
        self._inspect_right()

    def _is_comparable(self, source: EpisodeSource) -> bool:
        return self._compared is not None and self._compared.split == source.split

    # Out

    def chosen(self) -> Chosen | None:
        """Return the inspection to keep or export: the right side of what if, else the left."""
        source = self._selection.source
        if self.inspection is None or source is None or self._opened is not None:
            return None
        is_changed = self.header.what_if.isChecked() and self.other is not None
        view = self.right if is_changed else self.left
        assert view.inspection is not None
        return Chosen(view.inspection, source, view, self.header.title.text())

    def exported(self) -> Exported | None:
        """Return figure and numbers of the episode: the right side of what if, else the left."""
        is_changed = self.header.what_if.isChecked() and self.other is not None
        view = self.right if is_changed else self.left
        if view.inspection is None or self._places.currentIndex() == 0:
            return None
        title = self.header.title.text().partition("\n")[0] + (", what if" if is_changed else "")
        return exported_episode(view.inspection, view.paths.basis, view.position, title)

    def open_kept(self, path: Path) -> None:
        """Show an inspection from a file."""
        self._controller.episodes.open_inspection(path, self._show_opened)

    def _show_opened(self, opened: OpenedInspection) -> None:
        self._cancel()
        self._opened, self._shown, self._compared = opened, None, None
        self.header.set_what_if(False)
        provenance = opened.inspection.provenance
        number = int(opened.inspection.numbers[0])
        title = f"Kept: {provenance.split} {number} · {provenance.run} · step {provenance.step:,}"
        parts = [title, provenance.what_if, opened.note]
        self.header.show_episode("\n".join(filter(None, parts)), number)
        self._inspect_right()
        self.left.set_inspection(opened.inspection, opened.examples)
        self._places.setCurrentIndex(1)
        self._enable()

    # Its parts

    def _title(self, source: EpisodeSource, number: int) -> str:
        return f"{source.split} {number} · {source.run.name} · step {source.step:,}"

    def _lay_out(self) -> None:
        self._nothing.setObjectName("episode-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "muted")
        # From the outside in: what changes its parent is styled again, with all that is in it.
        layout = QVBoxLayout(self)
        layout.addWidget(self.header)
        layout.addWidget(self._places, 1)
        inside = QWidget()
        self._places.addWidget(self._nothing)
        self._places.addWidget(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.what_if)
        sides = QSplitter(Qt.Orientation.Horizontal)
        column.addWidget(sides, 1)
        sides.addWidget(self.left)
        sides.addWidget(self.right)
        sides.setChildrenCollapsible(False)
        sides.setStretchFactor(0, 1)
        sides.setStretchFactor(1, 1)
        self.right.hide()
        self.what_if.hide()

    def own_keys(self) -> dict[str, Callable[[], object]]:
        """Undo and redo the changes by hand."""
        return {UNDO: self.what_if.undo, REDO: self.what_if.redo}

    def _connect(self) -> None:
        header = self.header
        header.number_wanted.connect(self._selection.show)
        header.next_wanted.connect(self.next_wanted)
        header.previous_wanted.connect(self.previous_wanted)
        header.samples_changed.connect(self._inspect_again)
        header.what_if_toggled.connect(self._offer_changes)
        header.comparison_wanted.connect(self._compare_with)
        header.back_wanted.connect(self._follow)
        self.what_if.changed.connect(self._inspect_right)
        self.left.position_changed.connect(self._follow_left)
        self.right.position_changed.connect(self._follow_right)
        self._selection.source_changed.connect(self._follow)
        self._selection.current_changed.connect(self._follow)
        self._controller.runs_changed.connect(self._offer_runs)

    def _inspect_again(self, _samples: int) -> None:
        self._inspect_current()

    def _offer_runs(self, runs: tuple[RunEntry, ...]) -> None:
        self.header.offer(runs, self._selection.source, self._compared)

    def _enable(self) -> None:
        has_one = self._places.currentIndex() == 1
        source = self._selection.source
        for widget in (self.header.previous, self.header.next, self.header.samples):
            widget.setEnabled(source is not None)
        self.header.number.setEnabled(source is not None)
        self.header.what_if.setEnabled(has_one and self._opened is None)
        self.header.back.setVisible(self._opened is not None)
        if not has_one:
            self.header.show_episode("No episode is looked at", self._selection.current)
        self.sharing.enable()


def _keep_in_step(leader: InspectionView, follower: InspectionView, position: int) -> None:
    """Move one side to the other's position; to its stage where their steps differ."""
    if leader.inspection is not None and follower.inspection is not None:
        (place,) = carried_over([position], leader.inspection, follower.inspection)
        follower.set_position(round(float(place)))
