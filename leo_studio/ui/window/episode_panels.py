"""The panels that look at episodes: made when first wanted, joined by one selection."""

from collections.abc import Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.errors import BadInput
from engine.inspection.records import EpisodeTable
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.latent_space import NoLatentSpace
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.panel_export import PanelExports
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.docks import Docks

if TYPE_CHECKING:  # imported when they are made: the first picture should not wait for them
    from leo_studio.ui.classes import ClassesPanel
    from leo_studio.ui.episode import EpisodePanel
    from leo_studio.ui.episodes import EpisodesPanel
    from leo_studio.ui.latents import LatentsPanel

_LATENT_ACTIONS = ("paper", "live", "play", "replay")  # they show the panel


class EpisodePanels(QObject):
    """Latent space, Episodes, Episode and Classes.

    Parameters
    ----------
    parts
        What every panel is made of.
    docks
        Where they go.
    exports
        Takes what they show elsewhere.
    """

    def __init__(
        self, parts: WindowParts, docks: Docks, exports: PanelExports, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._docks = docks
        self._exports = exports
        self.selection = EpisodeSelection(self)

    @cached_property
    def latents(self) -> "LatentsPanel":
        """Where codes go."""
        from leo_studio.ui.latents import LatentsPanel

        panel = self._docks.fill_with_resting(
            "latents", partial(LatentsPanel, *self._parts, self.selection)
        )
        panel.basis_changed.connect(self.episode.set_basis)
        panel.episode_wanted.connect(self._show_page)
        for name in _LATENT_ACTIONS:
            self._parts.actions[f"latents.{name}"].triggered.connect(self._show_latents)
        self.episode.set_basis(panel.basis)
        self._exports.add(panel)
        return panel

    @cached_property
    def episodes(self) -> "EpisodesPanel":
        """The browser."""
        from leo_studio.ui.episodes import EpisodesPanel

        panel = self._docks.fill_with_resting(
            "episodes", partial(EpisodesPanel, *self._parts, self.selection)
        )
        panel.episode_wanted.connect(self._show_page)
        panel.table_changed.connect(self._hand_on)
        self._exports.add(panel)
        return panel

    @cached_property
    def episode(self) -> "EpisodePanel":
        """The page of one episode."""
        from leo_studio.ui.episode import EpisodePanel

        panel = self._docks.fill_with_resting(
            "episode", partial(EpisodePanel, *self._parts, self.selection)
        )
        panel.next_wanted.connect(self._next)
        panel.previous_wanted.connect(self._previous)
        self._exports.add(panel)
        return panel

    @cached_property
    def classes(self) -> "ClassesPanel":
        """Confusions of classes."""
        from leo_studio.ui.classes import ClassesPanel

        panel = self._docks.fill_with_resting(
            "classes", partial(ClassesPanel, *self._parts, self.selection)
        )
        panel.episodes_wanted.connect(self._show_page)
        panel.set_table(self.episodes.table)
        self._exports.add(panel)
        return panel

    def make(self) -> Iterator[QObject]:
        """Make all of them, one after another."""
        yield self.episode
        yield self.episodes
        yield self.latents
        yield self.classes

    def show_run(self, entry: RunEntry) -> None:
        """Go through a run's episodes, or say why that cannot be."""
        from leo_studio.ui.inspection.source_picker import default_source

        if why_not := entry.why_no_latent_space:
            self._refuse(why_not, "episodes")
            return
        split = self.selection.source.split if self.selection.source else None
        self.selection.set_source(default_source(entry, split))
        self.episodes.view.setFocus()
        self._docks.show("episodes")

    def open_link(self, link: EpisodeLink) -> None:
        """Look at an episode."""
        controller = self._parts.controller
        try:
            source = controller.episodes.linked_source(link)
        except NoLatentSpace as error:
            self._refuse(str(error), "episode")
            return
        except BadInput as error:
            controller.notify_failure(error)
            return
        controller.include_run(source.run)
        self.episode.open_link(link, source)
        self._docks.show("episode")

    def _refuse(self, why_not: str, dock: str) -> None:
        """Say why a run has nothing to show, at once and in the panels."""
        self.selection.refuse(why_not)
        self._docks.show(dock)
        self._parts.controller.notified.emit(Notice("warning", why_not))

    def _show_page(self, _wanted: object) -> None:
        self._docks.show("episode")

    def _show_latents(self) -> None:
        self._docks.show("latents")

    def _hand_on(self, table: EpisodeTable | None) -> None:
        self.classes.set_table(table)

    def _next(self) -> None:
        self.episodes.next()

    def _previous(self) -> None:
        self.episodes.previous()
