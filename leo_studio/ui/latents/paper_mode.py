"""The paper's figure as a mode: it says what it shows, and is left as it was entered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from leo_studio.analysis.latents.remembered import PAPER_LOOK, Look, from_plain, to_plain
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents.axes import LINEAR
from leo_studio.ui.latents.controls import Controls

PAPER_TIP = (
    "The paper's figure (figure 4 of Rusu et al. 2019): 1,000 validation episodes before and after "
    "adaptation, by t-SNE; takes about a minute. Pressed again, it goes back to what was set before"
)
_SPLIT = "val"


class PaperView(Protocol):
    """The latent space, as far as the paper's figure changes it."""

    @property
    def controls(self) -> Controls:
        """Show what is chosen."""

    def take_look(self, look: Look) -> None:
        """Choose episodes, axes and options, without showing them yet."""

    def refresh(self) -> None:
        """Show what is chosen."""


class PaperMode(QObject):
    """Shows the paper's figure while its button is pressed; knows what was set before.

    That is what is remembered over a restart, too.

    Parameters
    ----------
    view
        Where it is shown.
    selection
        Whose source it takes validation episodes of.
    action
        The button's.
    parent
        The panel.
    """

    def __init__(
        self, view: PaperView, selection: EpisodeSelection, action: QAction, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._selection = selection
        self._action = action
        self._split: str | None = None  # that was looked at before, where it was another one
        self.before: Look | None = None  # None while the mode is off

    @property
    def is_on(self) -> bool:
        """Whether the figure is shown, or on its way."""
        return self.before is not None

    def switch(self, is_on: bool) -> None:
        """Show the figure, or what was set before it."""
        if is_on == self.is_on:
            return
        source = self._selection.source
        if not is_on:
            self.leave()
        elif source is None:
            self._action.setChecked(False)
        else:
            self.before = self._view.controls.look
            self._split = None if source.split == _SPLIT else source.split
            self._view.take_look(PAPER_LOOK)
            self._show(_SPLIT)

    def leave(self) -> None:
        """Show what was set before; nothing where the mode is off."""
        if self.before is not None:
            split = self._split
            self._view.take_look(self._end())
            self._show(split)

    def leave_for_scope(self) -> None:
        """Go back to the axes and options of before, for other episodes that a person chose."""
        if self.before is not None:
            now = self._view.controls.look
            self._view.take_look(replace(self._end(), scope=now.scope, count=now.count))

    def remembered(self) -> dict[str, object]:
        """Return what is chosen, or was before the figure, as plain values of JSON."""
        return to_plain(self.before or self._view.controls.look)

    def restore(self, remembered: Mapping[str, object]) -> str:
        """Choose what was chosen before, on axes that are there in a moment.

        What takes a minute begins when a person says so: returns which embedding that is, or "".
        """
        look = from_plain(remembered)
        if self.before is not None:
            self._end()
        is_quick = look.method in LINEAR
        self._view.take_look(look if is_quick else replace(look, method="pca"))
        return "" if is_quick else look.method

    def _end(self) -> Look:
        assert self.before is not None
        before, self.before, self._split = self.before, None, None
        self._action.setChecked(False)
        return before

    def _show(self, split: str | None) -> None:
        """Look at a split, or stay at the one that is looked at."""
        source = self._selection.source
        if source is None or split is None or source.split == split:
            self._view.refresh()
        else:
            self._selection.set_source(replace(source, split=split))  # which refreshes
