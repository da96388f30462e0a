"""Synchronises the selection in the plot with the one that all panels share."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from leo_studio.analysis.latents.picking import Code
from leo_studio.analysis.latents.sentences import selected_words
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents.canvas import LatentPlot
from leo_studio.ui.latents.live_probes import LiveProbes
from leo_studio.ui.latents.selection_bar import SelectionBar


class ShownCodes(Protocol):
    """The codes that are shown: where they are drawn, and whose they are."""

    @property
    def plot(self) -> LatentPlot:
        """Draws them; a person clicks there, and draws boxes."""

    @property
    def live(self) -> LiveProbes:
        """Follows the run that trains."""

    @property
    def shown_source(self) -> EpisodeSource | None:
        """The source of the codes; None for weights that are on no disk."""


class SelectionSync(QObject):
    """Keeps the plot's marks and the shared selection alike, and says what is selected.

    `opened` has the number of an episode that somebody wants to see in full, `rows_wanted` those
    that somebody wants to see in the table of episodes.

    Parameters
    ----------
    selection
        What all panels look at.
    codes
        What the plot shows.
    bar
        Says what is selected, and what can be done with it.
    parent
        What this goes with; Escape clears the selection there.
    """

    selected_elsewhere = Signal()
    opened = Signal(int)
    rows_wanted = Signal(object)  # frozenset of episode numbers

    def __init__(
        self,
        selection: EpisodeSelection,
        codes: ShownCodes,
        bar: SelectionBar,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self._codes = codes
        self._bar = bar
        self._lassoed: frozenset[Code] = frozenset()
        self._is_selecting = False
        codes.plot.clicked.connect(self.show_episode)
        codes.plot.opened.connect(self._open)
        codes.plot.lassoed.connect(self._select)
        codes.plot.styles_changed.connect(self._say)
        selection.selected_changed.connect(self._follow_selected)
        selection.current_changed.connect(self.mark)
        bar.show_wanted.connect(lambda: self.rows_wanted.emit(selection.selected))
        bar.open_wanted.connect(self._open_selected)
        bar.clear_wanted.connect(self.clear)
        clear = QShortcut(QKeySequence(Qt.Key.Key_Escape), parent)
        clear.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        clear.activated.connect(_close_popup_or(self.clear))

    def mark(self, *_: object) -> None:
        """Mark the selected episodes and the current one."""
        selected = self._selection.selected
        self._codes.plot.mark(selected, self._selection.current, self._lassoed)
        self._say()

    def _say(self) -> None:
        """Say what is selected; how much of it is shown changes with what is shown."""
        selected, shown = self._selection.selected, self._codes.plot.shown
        numbers = None if shown is None else shown.latents.numbers.tolist()
        words = selected_words(self._lassoed, selected, numbers) if selected else ""
        self._bar.say(words, len(selected))

    def show_episode(self, number: int) -> None:
        """Look at an episode, with the weights that are shown."""
        if self._share_source():
            self._selection.show(number)

    def clear(self) -> None:
        """Select nothing."""
        self._selection.select(())

    def _open(self, number: int) -> None:
        if self._share_source():
            self._selection.show(number)
            self.opened.emit(number)

    def _open_selected(self) -> None:
        if self._selection.selected:
            self._open(min(self._selection.selected))

    def _select(self, codes: frozenset[Code], adds: bool) -> None:
        # What is drawn around here must not make the codes outside of it disappear at once.
        self._is_selecting = True
        try:
            if self._share_source():
                numbers = frozenset(number for number, _ in codes)
                self._lassoed = self._with_lassoed(codes) if adds else codes
                self._selection.select(numbers | self._selection.selected if adds else numbers)
                self.mark()  # other codes of the same episodes are another sentence
        finally:
            self._is_selecting = False

    def _with_lassoed(self, codes: frozenset[Code]) -> frozenset[Code]:
        """Add codes, but of episodes that are selected as a whole: all theirs are there already."""
        whole = self._selection.selected - {number for number, _ in self._lassoed}
        return self._lassoed | {code for code in codes if code[0] not in whole}

    def _follow_selected(self, _numbers: object) -> None:
        if not self._is_selecting:
            self._lassoed = frozenset()  # episodes that others selected stand out as a whole
        self.mark()
        if not self._is_selecting:
            self.selected_elsewhere.emit()

    def _share_source(self) -> bool:
        """Have the others look at the same weights; False where those are kept nowhere."""
        source = self._codes.shown_source
        if source is None:
            return False
        if self._codes.live.is_on:
            own = self._selection.source
            return own is not None and (own.run, own.split) == (source.run, source.split)
        self._selection.set_source(source)
        return True


def _close_popup_or(do: Callable[[], None]) -> Callable[[], None]:
    """Return what Escape does: it closes what is open before it reaches what lies behind."""

    def escape() -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        else:
            do()

    return escape
