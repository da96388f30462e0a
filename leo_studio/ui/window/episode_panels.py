"""The panels that look at episodes: made when first wanted, joined by one selection."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.errors import BadInput
from engine.inspection.records import EpisodeTable
from leo_studio.analysis.inspection.sources import why_not_inspected
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.latent_space import NoLatentSpace, why_no_latent_space
from leo_studio.services.records import Notice, RunEntry
from leo_studio.services.try_records import TriedCodes
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.panel_export import ExportingPanel
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
    keep
        Called with each when it is made: what it shows can be exported, what it is set to is
        remembered.
    """

    def __init__(
        self,
        parts: WindowParts,
        docks: Docks,
        keep: Callable[[ExportingPanel], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self._docks = docks
        self._keep = keep
        self.selection = EpisodeSelection(parts.controller.current, self)

    @cached_property
    def latents(self) -> "LatentsPanel":
        """Where codes go."""
        from leo_studio.ui.latents import LatentsPanel

        panel = self._docks.fill_with_resting(
            "latents", partial(LatentsPanel, *self._parts, self.selection)
        )
        panel.basis_changed.connect(self.episode.set_basis)
        panel.episode_wanted.connect(self._show_page)
        panel.rows_wanted.connect(self._show_rows)
        for name in _LATENT_ACTIONS:
            self._parts.actions[f"latents.{name}"].triggered.connect(self._show_latents)
        self.episode.set_basis(panel.basis)
        self._keep(panel)
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
        self._keep(panel)
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
        self._keep(panel)
        return panel

    @cached_property
    def classes(self) -> "ClassesPanel":
        """Confusions of classes."""
        from leo_studio.ui.classes import ClassesPanel

        panel = self._docks.fill_with_resting(
            "classes", partial(ClassesPanel, *self._parts, self.selection)
        )
        panel.episodes_wanted.connect(self._show_page)
        panel.table_wanted.connect(self._go_through)
        panel.set_table(self.episodes.table)
        self._keep(panel)
        return panel

    def make(self) -> Iterator[QObject]:
        """Make all of them, one after another."""
        yield self.episode
        yield self.episodes
        yield self.latents
        yield self.classes

    def show_run(self, entry: RunEntry) -> None:
        """Go through a run's episodes, or say why that cannot be."""
        controller = self._parts.controller
        self.selection.run.pin(False)
        controller.current.choose(entry.path)
        self._go_through()
        if why_not := why_not_inspected(entry):
            controller.notified.emit(Notice("warning", why_not))

    def _go_through(self) -> None:
        """Show the browser, which computes its table by itself."""
        self._docks.show("episodes")
        self.episodes.view.setFocus()

    def show_tried(self, tried: TriedCodes | None) -> None:
        """Show the codes of what a person has asked a run in the latent space too."""
        self.latents.show_tried(tried)

    def open_link(self, link: EpisodeLink) -> None:
        """Look at an episode."""
        controller = self._parts.controller
        try:
            source = controller.episodes.linked_source(link)
        except NoLatentSpace as error:
            self._choose(error.run)
            self._docks.show("episode")
            sentence = why_no_latent_space(controller.title_of(error.run), error.experiment)
            controller.notified.emit(Notice("warning", sentence))
            return
        except BadInput as error:
            controller.notify_failure(error)
            return
        self._choose(source.run, source.step)
        self.episode.open_link(link, source)
        self._docks.show("episode")

    def _choose(self, run: Path, step: int | None = None) -> None:
        """Let these panels and all others be about a run, wherever it lies."""
        self._parts.controller.include_run(run)
        self.selection.run.pin(False)
        self._parts.controller.current.choose(run, step)

    def _show_page(self, _wanted: object) -> None:
        self._docks.show("episode")

    def _show_latents(self) -> None:
        self._docks.show("latents")

    def _show_rows(self, numbers: frozenset[int]) -> None:
        self._docks.show("episodes")
        self.episodes.reveal(numbers)

    def _hand_on(self, table: EpisodeTable | None) -> None:
        self.classes.set_table(table)

    def _next(self) -> None:
        self.episodes.next()

    def _previous(self) -> None:
        self.episodes.previous()
