"""What the list of kept episodes does: opens them, renames them, and throws them away."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from leo_studio.services.records import EpisodeSource, KeptInspection
from leo_studio.ui.episode.kept_inspections import KeptDialog, name_of
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


class OpenedEpisode(Protocol):
    """The part of the page that the list calls."""

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights look at which episodes."""

    @property
    def kept_path(self) -> Path | None:
        """The file of the kept episode that is shown; None where none is."""

    def open_kept(self, path: Path) -> None:
        """Show an inspection from a file."""


class KeptEpisodes(QObject):
    """Shows the kept episodes of a run, and does what is asked for there.

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

    def __init__(
        self,
        controller: "Controller",
        episode: OpenedEpisode,
        sharing: PanelSharing,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._requests = controller.episodes
        self._episode = episode
        self._sharing = sharing
        self._parent = parent
        self._run = Path()
        self._thrown_away: tuple[Path, Path] | None = None  # where it is, and where it was

    @property
    def dialog(self) -> KeptDialog | None:
        """The list, while it is open."""
        return self._parent.findChild(KeptDialog)

    def show_list(self) -> None:
        """Open the list of what is kept with the run."""
        source = self._episode.source
        if source is not None:
            self._run = source.run
            self._requests.kept_inspections(self._run, self._open_list)

    def _open_list(self, kept: tuple[KeptInspection, ...]) -> None:
        self._thrown_away = None
        dialog = KeptDialog(kept, self._parent)
        dialog.chosen.connect(self._episode.open_kept)
        dialog.rename_wanted.connect(self._ask_name)
        dialog.delete_wanted.connect(self._throw_away)
        dialog.undo_wanted.connect(self._restore)
        dialog.open()

    def _ask_name(self, kept: KeptInspection) -> None:
        """Ask for another name: the first line of a note, whose other lines stay as they are."""
        line, _, rest = kept.note.strip().partition("\n")

        def rename(name: str) -> None:
            note = f"{name}\n{rest}" if rest else name
            self._requests.rename_kept(kept.path, note, lambda _: self._renamed(kept.path))

        self._sharing.ask_name(
            "Rename a kept episode",
            "kept-name",
            rename,
            button="Rename",
            text=line,
            parent=self.dialog,
        )

    def _renamed(self, path: Path) -> None:
        self._list_again()
        if self._episode.kept_path == path:  # its page has the name as its title
            self._episode.open_kept(path)

    def _throw_away(self, kept: KeptInspection) -> None:
        def tell(place: Path) -> None:
            self._thrown_away = place, kept.path
            if (dialog := self.dialog) is not None:
                dialog.say_deleted(f"{name_of(kept)} is in the trash.")
            self._list_again()

        self._requests.throw_away_kept(kept.path, tell)

    def _restore(self) -> None:
        thrown_away, self._thrown_away = self._thrown_away, None
        if (dialog := self.dialog) is not None:
            dialog.say_deleted("")
        if thrown_away is not None:
            self._requests.restore_kept(*thrown_away, self._list_again)

    def _list_again(self, _: None = None) -> None:
        if self.dialog is not None:
            self._requests.kept_inspections(self._run, self._show_again)

    def _show_again(self, kept: tuple[KeptInspection, ...]) -> None:
        if (dialog := self.dialog) is not None:
            dialog.show_kept(kept)
