"""Edits of the support set with the mouse, on the right-hand side of a what-if comparison."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.inspection.records import Inspection
from engine.inspection.what_if import Edit
from leo_studio.analysis.episode.changes import replaced
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
    """Swaps classes, replaces examples, and takes them out or in; asks which where that is open.

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
        episode.right.replace_wanted.connect(self._ask_other_example)
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
        what_if = self._episode.what_if
        self._ask(
            place,
            "Add a support example",
            'Which example of "{}" joins the support set?',
            lambda row: what_if.edit(Edit("add", place, row)),
        )

    def _ask_other_example(self, place: int, old: int) -> None:
        what_if = self._episode.what_if
        self._ask(
            place,
            "Replace a support example",
            'Which example of "{}" takes its place?',
            lambda row: what_if.change(replaced(what_if.what_if, place, old, row)),
        )

    def _ask(self, place: int, title: str, question: str, take: Callable[[int], None]) -> None:
        """Ask for an example of a class that is not in the support set yet."""
        seen, source = self._episode.other, self._episode.source
        if seen is None or source is None:
            return
        label = int(seen.classes[0, place])
        used = [row for row in seen.support[0, place].tolist() if row >= 0]

        def ask(examples: Examples) -> None:
            chooser = Chooser(title, question.format(seen.class_names[label]), self._parent)
            chooser.show_examples(examples, used)
            chooser.chosen.connect(take)
            chooser.open()

        self._controller.episodes.class_examples(source, label, ask)

    def _drop(self, place: int, row: int) -> None:
        self._episode.what_if.edit(Edit("drop", place, row))
