"""Edits of the support set with the mouse, on the right-hand side of a what-if comparison."""

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit
from leo_studio.services.records import EpisodeSource, Examples
from leo_studio.ui.episode.chooser import Chooser
from leo_studio.ui.episode.what_if_bar import WhatIfBar
from leo_studio.ui.inspection.view import InspectionView

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class ChangedEpisode(Protocol):
    """An episode whose support set is changed by hand."""

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights look at which episodes."""

    @property
    def other(self) -> Inspection | None:
        """The inspection with the changes; None where it is not shown."""

    @property
    def right(self) -> InspectionView:
        """Shows that; the mouse asks for changes there."""

    @property
    def what_if(self) -> WhatIfBar:
        """Takes the changes."""


class SupportEdits(QObject):
    """Swaps classes, and takes examples out or in; asks which where that is open.

    Parameters
    ----------
    controller
        Knows the examples of a class.
    episode
        What is changed.
    parent
        Above which questions are asked.
    """

    def __init__(self, controller: "Controller", episode: ChangedEpisode, parent: QWidget) -> None:
        super().__init__(parent)
        self._controller = controller
        self._episode = episode
        self._parent = parent
        episode.right.swap_wanted.connect(self._ask_class)
        episode.right.add_wanted.connect(self._ask_example)
        episode.right.drop_wanted.connect(self._drop)

    def _ask_class(self, place: int) -> None:
        seen = self._episode.other
        if seen is None:
            return
        name = seen.class_names[int(seen.classes[0, place])]
        chooser = Chooser("Swap a class", f'Which class instead of "{name}"?', self._parent)
        chooser.show_classes(seen.class_names, seen.classes[0].tolist())
        chooser.chosen.connect(lambda label: self._episode.what_if.edit(Edit("swap", place, label)))
        chooser.open()

    def _ask_example(self, place: int) -> None:
        seen, source = self._episode.other, self._episode.source
        if seen is None or source is None:
            return
        label = int(seen.classes[0, place])
        used = [row for row in seen.support[0, place].tolist() if row >= 0]

        def ask(examples: Examples) -> None:
            hint = f'Which example of "{seen.class_names[label]}" joins the support set?'
            chooser = Chooser("Add a support example", hint, self._parent)
            chooser.show_examples(examples, used)
            chooser.chosen.connect(lambda row: self._episode.what_if.edit(Edit("add", place, row)))
            chooser.open()

        self._controller.episodes.class_examples(source, label, ask)

    def _drop(self, place: int, row: int) -> None:
        self._episode.what_if.edit(Edit("drop", place, row))
