"""The list of kept episodes: those of the run that is looked at, and of all others."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

from leo_studio.analysis.episode.kept import listed_words
from leo_studio.analysis.formats import format_moment
from leo_studio.analysis.kept_names import kept_name, rest_of_note
from leo_studio.services.records import EpisodeSource, KeptInspection
from leo_studio.ui.widgets.kept_dialog import KeptDialog, KeptItem
from leo_studio.ui.widgets.kept_list import KeptList
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_NOTHING = "Keep puts the episode that is looked at here."
_HINT = "They open as they were, also without their store."


class OpenedEpisode(Protocol):
    """The part of the page that the list calls."""

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights look at which episodes."""

    @property
    def kept_path(self) -> Path | None:
        """The file of the kept episode that is shown; None where none is."""

    def open_kept(self, path: Path) -> None:
        """Show an inspection from a file, and the run that it is kept with."""


class KeptEpisodes(KeptList):
    """Shows the kept episodes of a run, or of all runs.

    Parameters
    ----------
    controller
        As panels have it.
    episode
        Shows what is opened.
    sharing
        Asks for names.
    parent
        Above which the list opens.
    """

    title = "Kept episodes"
    dialog_name = "kept-inspections"
    rename_title = "Rename a kept episode"
    rename_name = "kept-name"

    def __init__(
        self,
        controller: "Controller",
        episode: OpenedEpisode,
        sharing: PanelSharing,
        parent: QWidget,
    ) -> None:
        super().__init__(controller.episodes, sharing, parent)
        self._controller = controller
        self._episode = episode
        self._run: Path | None = None  # whose episodes are listed first
        self._shows_all = False
        self._kept: Mapping[Path, Sequence[KeptInspection]] = {}

    def show_list(self) -> None:
        """Open the list of what is kept with the run; with all runs where there is nothing."""
        source = self._episode.source
        self._run = None if source is None else source.run
        self._shows_all = False
        super().show_list()

    def read(self, then: Callable[[], None]) -> None:
        """Read what is kept with all runs."""
        own = () if self._run is None else (self._run,)
        runs = dict.fromkeys((*own, *(run.path for run in self._controller.runs)))

        def take(kept: Mapping[Path, Sequence[KeptInspection]]) -> None:
            self._kept = kept
            then()

        self._controller.episodes.kept_inspections(tuple(runs), take)

    def prepare(self, dialog: KeptDialog) -> None:
        """Offer the episodes of other runs; without any of this run they are shown at once."""
        self._shows_all = not self._own
        dialog.switched.connect(self._switch)

    def items(self) -> Sequence[KeptItem]:
        """Return the episodes of the run; with those of all others, each run has a heading."""
        if not self._shows_all:
            return [_item(each, "") for each in self._own]
        return [
            _item(each, self._controller.title_of(run))
            for run, kept in self._kept.items()
            for each in kept
        ]

    def hint(self) -> str:
        """Say what the list is of, also where it has nothing of the run."""
        if self._own:
            return _HINT
        if self._run is None:
            return _HINT if self._kept else f"Nothing is kept with any run. {_NOTHING}"
        return f"Nothing is kept with {self._controller.title_of(self._run)}. {_NOTHING}"

    def show_again(self) -> None:
        """Show what was read, and how much is kept with other runs."""
        if (dialog := self.dialog) is not None:
            others = {run: kept for run, kept in self._kept.items() if run != self._run}
            count = sum(map(len, others.values()))
            text = (
                f"Those of &all runs: {_count(count, 'more')} with "
                f"{_count(len(others), 'other run', 'other runs')}"
            )
            dialog.offer_more(text if others else "", is_on=self._shows_all)
        super().show_again()

    def open(self, path: Path) -> None:
        """Show an episode as it was kept."""
        self._episode.open_kept(path)

    def renamed(self, path: Path, _note: str) -> None:
        """Show the new name on the page, which has it as its title."""
        if self._episode.kept_path == path:
            self._episode.open_kept(path)

    @property
    def _own(self) -> Sequence[KeptInspection]:
        return () if self._run is None else self._kept.get(self._run, ())

    def _switch(self, is_on: bool) -> None:
        self._shows_all = is_on
        self.show_again()


def _item(kept: KeptInspection, run: str) -> KeptItem:
    otherwise = kept.path.name if kept.problem else f"{kept.split} {kept.episode}"
    return KeptItem(
        kept.path, kept_name(kept.note, otherwise), _words(kept), kept.note, run, kept.problem
    )


def _words(kept: KeptInspection) -> str:
    if kept.problem:
        return f"{kept.path.name}: {kept.problem}"
    about = f"{kept.split} {kept.episode}, step {kept.step:,}, {format_moment(kept.kept)}"
    lines = (kept_name(kept.note, ""), about, listed_words(kept), rest_of_note(kept.note))
    return "\n".join(filter(None, lines))


def _count(count: int, one: str, several: str = "") -> str:
    return f"{count:,} {one if count == 1 else several or one}"
