"""Actions that keep an episode with its run, export it, or copy a link that reopens it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from engine.errors import BadInput
from engine.inspection.records import Inspection
from leo_studio.analysis.kept_names import kept_name
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.records import EpisodeSource, Notice
from leo_studio.ui.episode.kept_list import KeptEpisodes
from leo_studio.ui.episode.page import save_episode_page
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_NO_EPISODE = "Choose an episode first."
_KEPT_ALREADY = "This episode is a kept one already."


@dataclass(frozen=True, slots=True)
class Chosen:
    """An inspection to keep or to export, and the view that shows it."""

    inspection: Inspection
    source: EpisodeSource
    view: InspectionView
    title: str


class ShownEpisode(Protocol):
    """The part of the page that these actions call."""

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights look at which episodes."""

    @property
    def why_no_source(self) -> str:
        """Why there are no episodes to look at; "" where there are."""

    @property
    def inspection(self) -> Inspection | None:
        """How the episode goes; None while nothing is shown."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the episode is to be exported."""

    def chosen(self) -> Chosen | None:
        """Return the inspection to keep or export; None where there is none."""

    def link(self) -> EpisodeLink | None:
        """Return the link that reopens exactly this."""

    @property
    def kept_path(self) -> Path | None:
        """The file of the kept episode that is shown; None where none is."""

    def open_kept(self, path: Path) -> None:
        """Show an inspection from a file."""


class Sharing(PanelSharing):
    """Actions that keep, export and link the episode on the page.

    Parameters
    ----------
    controller, actions
        As panels have them.
    episode
        What is looked at.
    parent
        Above which dialogs open.
    """

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        episode: ShownEpisode,
        parent: QWidget,
    ) -> None:
        super().__init__(controller, parent)
        self._registry = actions
        self._kept = KeptEpisodes(controller, episode, self, parent)
        self._episode = episode
        self.actions = [
            actions.add(
                f"episode.{name}",
                text,
                trigger,
                menu="Export" if name in ("export", "page") else "Episodes",
                shortcut=keys,
                glyph=glyph,
                tip=tip,
            )
            for name, text, trigger, keys, glyph, tip in (
                (
                    "keep",
                    "Keep this episode...",
                    self._ask_name,
                    "Ctrl+Shift+K",
                    MDI7.bookmark_outline,
                    "Save the episode as it is on the page, with a name, in the run's folder",
                ),
                (
                    "kept",
                    "Kept episodes...",
                    self._kept.show_list,
                    "",
                    MDI7.bookmark_multiple_outline,
                    "Look again at episodes that were kept; rename or delete them",
                ),
                (
                    "export",
                    "Export the plots of this episode...",
                    episode.export_wanted.emit,
                    "",
                    MDI7.card_search_outline,
                    "Accuracy, loss, confusions and paths: figure, script or the numbers behind it",
                ),
                (
                    "page",
                    "Export the page of this episode (PDF, PNG, HDF5)...",
                    self._ask_file,
                    "",
                    MDI7.file_document_outline,
                    "Write the whole page as PDF or PNG, or all its numbers as HDF5",
                ),
                (
                    "link",
                    "Copy link to this episode",
                    self.copy_link,
                    "Ctrl+Shift+L",
                    MDI7.link_variant,
                    "Copy a command that opens exactly this again, changes included",
                ),
            )
        ]

    def enable(self) -> None:
        """Enable the actions that are possible."""
        no_source = self._episode.why_no_source
        is_shown = self._episode.inspection is not None  # also one that is kept
        nothing_shown = "" if is_shown else no_source or _NO_EPISODE
        is_chosen = self._episode.chosen() is not None
        no_choice = "" if is_chosen else nothing_shown or _KEPT_ALREADY
        for name, why in {
            "keep": no_choice,
            "page": no_choice,
            "link": no_choice,
            "export": nothing_shown,
            "kept": no_source,
        }.items():
            self._registry.set_reason(f"episode.{name}", why)

    def keep(self, note: str) -> None:
        """Keep the shown inspection with its run."""
        chosen = self._episode.chosen()
        if chosen is None:
            return
        seen = chosen.inspection
        name = kept_name(note, f"{seen.provenance.split} {seen.numbers[0]}")
        run = self._controller.title_of(chosen.source.run)

        def tell(path: Path) -> None:
            self.tell_written(f"Kept with {run}: {name}.", path, self._kept.shown_by_notice)

        self._controller.episodes.keep_inspection(chosen.source, chosen.inspection, note, tell)

    def save(self, path: Path) -> None:
        """Export the shown inspection, in the format that the file's name ends with."""
        chosen = self._episode.chosen()
        if chosen is None:
            return
        if path.suffix.lower() in (".h5", ".hdf5"):
            self._controller.episodes.save_inspection(
                path, chosen.source, chosen.inspection, "", self._tell_saved
            )
            return
        try:
            save_episode_page(path, chosen.view, chosen.title)
        except BadInput as error:
            self._controller.notify_failure(error)
        else:
            self._tell_saved(path)

    def copy_link(self) -> None:
        """Put the command that reopens exactly this on the clipboard."""
        link = self._episode.link()
        if link is not None:
            QGuiApplication.clipboard().setText(link.command())
            self._controller.notified.emit(Notice("success", f"Copied: {link.command()}"))

    def _ask_name(self) -> None:
        self.ask_name("Keep this episode", "keep-note", self.keep)

    def _ask_file(self) -> None:
        chosen = self._episode.chosen()
        if chosen is None:
            return
        kinds = "PDF page (*.pdf);;PNG image (*.png);;HDF5 record (*.h5)"
        seen = chosen.inspection
        file = f"{seen.provenance.split}-{seen.numbers[0]}.pdf"
        self.ask_new_file("Export the page of this episode", kinds, file, "episode-file", self.save)

    def _tell_saved(self, path: Path) -> None:
        self.tell_written(f"Saved the episode as {path.name}.", path)
