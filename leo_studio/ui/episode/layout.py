"""The parts of the page of an episode and their places; what they do is the panel's."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.inspection.records import Inspection
from engine.projection.linear import LinearBasis
from leo_studio.analysis.episode.exported import exported_episode
from leo_studio.analysis.episode.kept import opened_words
from leo_studio.analysis.inspection.sources import why_not_inspected
from leo_studio.analysis.kept_names import kept_name, rest_of_note
from leo_studio.figures.records import Exported
from leo_studio.services.records import OpenedInspection
from leo_studio.ui.episode.header import EpisodeHeader
from leo_studio.ui.episode.result_banner import ResultBanner
from leo_studio.ui.episode.sides import Sides
from leo_studio.ui.episode.what_if_bar import WhatIfBar
from leo_studio.ui.inspection.checkpoint_line import CheckpointLine
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.panel_keys import REDO, UNDO, PanelWithKeys
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

NO_EPISODE = (
    "One episode is shown here in full: its support set, every query, and each step of its "
    "adaptation.\n\nChoose an episode in Episodes, or click a code in Latent space."
)


class EpisodeLayout(PanelWithKeys):
    """A header, a line about the checkpoint, and below it both sides, or a sentence.

    Parameters
    ----------
    controller, themes
        As for every panel.
    selection
        What is looked at, shared with other panels.
    """

    def __init__(
        self,
        controller: "Controller",
        themes: ThemeManager,
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.banner = RunBanner(controller, selection.run, themes, why_not_inspected)
        self.header = EpisodeHeader(themes)
        self.checkpoint = CheckpointLine(controller, selection, self)
        self.result = ResultBanner(themes, self)
        self.what_if = WhatIfBar(themes)
        self.sides = Sides(themes, self)
        self._nothing = Label(NO_EPISODE)
        self._places = QStackedWidget()
        self._lay_out()
        self.what_if.history_changed.connect(self.undo_changed)
        self.what_if.changed.connect(self.worked_in)

    @property
    def left(self) -> InspectionView:
        """The episode as it is."""
        return self.sides.left

    @property
    def right(self) -> InspectionView:
        """The episode with changes, or as other weights see it."""
        return self.sides.right

    @property
    def inspection(self) -> Inspection | None:
        """The inspection at the left."""
        return self.left.inspection

    @property
    def other(self) -> Inspection | None:
        """The inspection at the right; None where there is none."""
        return self.right.inspection if self.right.isVisibleTo(self) else None

    @property
    def has_sides(self) -> bool:
        """Whether an episode is seen, not a sentence."""
        return self._places.currentIndex() == 1

    def show_sides(self) -> None:
        """Show the episode."""
        self._places.setCurrentIndex(1)

    def show_opened(self, opened: OpenedInspection, run: str) -> None:
        """Show what was kept: what was changed by hand stands beside the episode as it is.

        `run` is what people call its run.
        """
        kept, plain = opened.inspection, opened.plain
        number, provenance = int(kept.numbers[0]), kept.provenance
        title = f"{provenance.split} {number} · {run} · step {provenance.step:,}"
        name, changed = kept_name(opened.note, ""), opened_words(opened)
        parts = [
            f"Kept: {' · '.join(filter(None, (name, title)))}",
            f"Changed: {changed}." if changed else "",
            rest_of_note(opened.note),
        ]
        self.header.show_episode("\n".join(filter(None, parts)), number)
        self.left.set_title("" if plain is None else "As it is")
        self.left.set_inspection(kept if plain is None else plain, opened.examples)
        if plain is not None:
            self.right.set_title("What if, as it was kept")
            self.right.set_editable(False)
            self.right.set_inspection(kept, opened.examples)
            self.sides.set_pair(True)
            self.sides.keep_in_step()
        self.result.setVisible(plain is not None)
        self.show_sides()

    def set_basis(self, basis: LinearBasis | None) -> None:
        """Draw the codes' paths on the axes of the latent space."""
        self.left.set_basis(basis)
        self.right.set_basis(basis)

    def exported(self) -> Exported | None:
        """Return figure and numbers of the episode: the right side of what if, else the left."""
        other = self.other
        is_what_if = self.header.what_if.isChecked() or bool(other and other.provenance.what_if)
        is_changed = other is not None and is_what_if
        view = self.right if is_changed else self.left
        if view.inspection is None or not self.has_sides:
            return None
        title = self.header.title.text().partition("\n")[0] + (", what if" if is_changed else "")
        return exported_episode(view.inspection, view.paths.basis, view.position, title)

    def say_that_it_is_made(self) -> None:
        """Say that the first episode is still to come."""
        if self.inspection is None:
            self._nothing.setText("Loading the weights and the examples...")

    def show_sentence(self, text: str) -> None:
        """Show a sentence where the episode would be."""
        self._nothing.setText(text)
        self._places.setCurrentIndex(0)

    def own_keys(self) -> dict[str, Callable[[], object]]:
        """Undo and redo the changes by hand."""
        return {UNDO: self.what_if.undo, REDO: self.what_if.redo}

    def undo_words(self) -> tuple[str, str]:
        """Return what of the changes by hand can be undone and redone."""
        return self.what_if.undo_words()

    def _lay_out(self) -> None:
        self._nothing.setObjectName("episode-nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "muted")
        # From the outside in: what changes its parent is styled again, with all that is in it.
        layout = QVBoxLayout(self)
        layout.addWidget(self.banner)
        layout.addWidget(self.header)
        layout.addWidget(self.checkpoint)
        layout.addWidget(self._places, 1)
        inside = QWidget()
        self._places.addWidget(self._nothing)
        self._places.addWidget(inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.result)
        column.addWidget(self.what_if)
        column.addWidget(self.sides, 1)
        self.result.hide()
        self.what_if.hide()
