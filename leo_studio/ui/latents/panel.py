"""The latent space: where codes of many episodes start and where adaptation takes them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.errors import BadInput
from engine.inspection.records import Latents
from engine.projection import LinearBasis
from leo_studio.analysis.latents.exported import exported_latents
from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.projected import Projected
from leo_studio.analysis.latents.remembered import Look
from leo_studio.analysis.latents.sentences import HINTS, Scope, following_words
from leo_studio.figures.records import Exported
from leo_studio.services.records import EpisodeSource
from leo_studio.services.try_records import TriedCodes
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import SourceActions
from leo_studio.ui.inspection.source_picker import SourcePicker
from leo_studio.ui.latents.axes import Axes
from leo_studio.ui.latents.commands import add_commands
from leo_studio.ui.latents.controls import Controls
from leo_studio.ui.latents.drawing import Drawing
from leo_studio.ui.latents.hover import HoverCard, explain_uncertainty
from leo_studio.ui.latents.latents_cache import LatentsCache
from leo_studio.ui.latents.live_mode import LiveMode
from leo_studio.ui.latents.live_probes import LiveProbes
from leo_studio.ui.latents.low_panel import LowPanel
from leo_studio.ui.latents.one_episode import OneEpisode
from leo_studio.ui.latents.paper_mode import PaperMode
from leo_studio.ui.latents.selection_sync import SelectionSync
from leo_studio.ui.latents.status_line import StatusLine
from leo_studio.ui.latents.step_bars import StepBars, why_no_checkpoints
from leo_studio.ui.latents.waiting import Waiting
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

REFERENCE_EPISODES = 100  # that axes are fitted on where one episode, or a few, are shown
_NO_CODES = "No codes are shown yet."
_LIVE_TIP = "Live shows the run that trains; switch it off to replay checkpoints."


class LatentsPanel(QWidget):
    """Shows codes, replays adaptation and training, and selects episodes.

    `basis_changed` has the axes that are shown: a `LinearBasis`, or None where what is shown has
    none that other codes could be put on. `episode_wanted` is emitted when somebody wants to see an
    episode in full, `rows_wanted` with the numbers of episodes to be seen in the table.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    selection
        What is looked at, shared with other panels.
    """

    basis_changed = Signal(object)
    episode_wanted = Signal(int)
    rows_wanted = Signal(object)
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("latents-panel")
        self._controller = controller
        self._selection = selection
        self._step: int | None = None  # of the replay, where it is not the source's own
        self._wanted: tuple[EpisodeSource, tuple[int, ...]] | None = None  # shown, or on its way
        self.shown: Projected | None = None
        self.shown_source: EpisodeSource | None = None
        self.cache = LatentsCache(controller, self.fail)
        self.live = LiveProbes(controller, self)
        self.axes = Axes(controller, selection.source, lambda error: self.waiting.fail(error), self)
        self.picker = SourcePicker(controller, selection, themes)
        self.controls = Controls(themes)
        self.drawing = Drawing(themes)
        self.plot, self.legend = self.drawing.plot, self.drawing.legend
        self.step_bars = StepBars(themes)
        self.card = HoverCard(controller, self.plot.view.viewport())
        self.selection_sync = SelectionSync(
            selection, self, self.drawing.selection_bar, parent=self
        )
        self.status = StatusLine()
        self._lay_out()
        self.actions_by_name = names = add_commands(self, actions)
        self.controls.arrange(names)
        explain_uncertainty(self)
        self._registry = actions
        self.paper = PaperMode(self, selection, names["paper"], self)
        self.waiting = Waiting(self, controller, self)
        OneEpisode(self.controls, selection, parent=self)
        SourceActions(selection, actions, ["latents.paper"], parent=self)
        self._connect()
        self.show_hint(selection.why_nothing)
        self._show_steps()
        self.live_mode = LiveMode(self, self.live, actions, parent=self)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        edge = self.fontMetrics().height() // 2  # as around the curves
        column.setContentsMargins(edge, edge // 2, edge, edge // 2)
        column.setSpacing(edge // 2)
        column.addWidget(self.picker)
        self.drawing.notices.add(self.picker.line)  # in the picker, it would move the controls
        column.addWidget(self.controls)
        column.addWidget(self.drawing, 1)
        column.addWidget(self.step_bars)
        column.addWidget(self.status)
        LowPanel(self, self)

    def _connect(self) -> None:
        self.controls.scope_changed.connect(self._choose_episodes)
        self.controls.method_chosen.connect(self.set_method)
        self.controls.options_changed.connect(self._take_options)
        self.controls.popover.fit_button.clicked.connect(self.fit_again)
        self.controls.tool_chosen.connect(lambda tool: setattr(self.plot, "tool", tool))
        self.step_bars.position_chosen.connect(self._move_to)
        self.step_bars.step_chosen.connect(self._replay)
        self.picker.own_step_chosen.connect(lambda: self._follow_source(self._selection.source))
        self.axes.changed.connect(self.basis_changed)
        self.axes.embedding_began.connect(self._say)
        self.plot.hovered.connect(self._hover)
        self.plot.tried_hovered.connect(self.card.describe)
        self.selection_sync.opened.connect(self.episode_wanted)
        self.selection_sync.rows_wanted.connect(self.rows_wanted)
        self.selection_sync.selected_elsewhere.connect(lambda: self._refresh_if("selected"))
        self._selection.source_changed.connect(self._follow_source)
        self._selection.selected_changed.connect(self._say)
        self._selection.current_changed.connect(lambda _: self._refresh_if("one"))
        self._controller.runs_changed.connect(self._show_steps)
        self._controller.status_changed.connect(self._say)

    # Which codes

    @property
    def basis(self) -> LinearBasis | None:
        """The axes that codes are shown on; None for none that stay."""
        return self.axes.basis

    def refresh(self, *, is_patient: bool = False) -> None:
        """Show the codes that are asked for."""
        if not self.isVisible() or self.live.is_on:
            return
        source = self._selection.source
        if source is None:
            self.cache.cancel()
            self.show_hint(self._selection.why_nothing)
            return
        if self._step is not None:
            source = replace(source, step=self._step)
        numbers = self.controls.numbers(self._selection)
        if not numbers:
            self.cache.cancel()
            self.show_hint(HINTS[self.controls.chosen_scope])
            return
        self._wanted = (source, tuple(numbers))
        if self.shown is None:
            self.show_hint(following_words(len(numbers), None, None))
        self.cache.load(source, numbers, partial(self._place, source), is_patient=is_patient)
        self._say()

    def _place(self, source: EpisodeSource, latents: Latents) -> None:
        """Give codes their points, on axes that were fitted on many."""

        def show(shown: Projected) -> None:
            self.show_projected(shown, source)

        self.axes.with_samples = self.controls.options_of(len(latents.numbers)).shows_samples
        is_few = self.controls.chosen_scope != "first"
        if is_few and self.axes.held(latents) is None:
            many = range(REFERENCE_EPISODES)
            self.cache.load(source, many, lambda all_: self.axes.project(latents, all_, show))
        else:
            self.axes.project(latents, latents, show)
        self._say()

    def show_projected(self, shown: Projected, source: EpisodeSource | None = None) -> None:
        """Show codes that have their points, until others are asked for."""
        before, self.shown = self.shown, shown
        self.shown_source = source
        place = self.plot.place
        if before is None or len(before.positions) != len(shown.positions):
            place = shown.positions.index(shown.latents.inner_steps)
        is_same = before is not None and before.basis is shown.basis
        self.drawing.show_plot()
        self.card.leave()
        self.plot.options = self.controls.follow(len(shown.latents.numbers))
        self.plot.show_codes(shown, place, keeps_range=is_same)
        self.step_bars.show_positions(shown, place)
        self.waiting.settle()
        self._enable("")
        self._say()
        step = self.step_bars.next_step
        if self.step_bars.checkpoints.is_playing and step is not None and self._wanted is not None:
            self.cache.prefetch(replace(self._wanted[0], step=step), self._wanted[1])

    def show_hint(self, text: str) -> None:
        """Show a sentence instead of codes."""
        self.shown = self.shown_source = None
        self.axes.cancel()
        self.step_bars.positions.stop()
        self.drawing.show_hint(text)
        self._enable(" ".join(text.split()) or _NO_CODES)
        self._say()

    def _enable(self, why_not: str) -> None:
        """Enable what needs codes; `why_not` says why there are none."""
        for widget in (self.step_bars.positions, self.controls.popover.fit_button):
            widget.setEnabled(not why_not)
        for name in ("fit", "play", "reset", "export"):
            self._registry.set_reason(f"latents.{name}", why_not)

    def fail(self, error: BaseException) -> None:
        """Say why codes cannot be shown."""
        self.step_bars.stop()
        self._wanted = None
        is_known = isinstance(error, BadInput)
        self.show_hint(str(error) if is_known else "These codes cannot be shown.")
        if not is_known:
            self._controller.notify_failure(error)

    def show_tried(self, tried: TriedCodes | None) -> None:
        """Show the codes of what a person has asked a run, too, while its codes are shown."""
        self.plot.show_tried(tried)
        self._say()

    # Axes and looks

    def set_method(self, method: str) -> None:
        """Show on other axes."""
        self.waiting.forget()
        self._choose_method(method)
        if self.live.is_on and not self.axes.is_linear:
            self.actions_by_name["live"].setChecked(False)
            return
        self._show_steps()
        self._project_again()

    def _choose_method(self, method: str) -> None:
        self.axes.method = method
        self.controls.set_method(method, has_ellipses=self.axes.is_linear)

    def fit_again(self) -> None:
        """Fit the axes on what is shown."""
        self.axes.forget()
        self._project_again()

    def _project_again(self) -> None:
        if self.live.is_on:
            self.live_mode.show_newest()
        elif self.shown is not None and self.shown_source is not None:
            self._place(self.shown_source, self.shown.latents)
        else:
            self.refresh()

    def _take_options(self, options: Options) -> None:
        self.plot.set_options(options)
        if self.axes.with_samples != options.shows_samples:
            self.axes.with_samples = options.shows_samples
            lacks = self.shown is not None and not self.shown.has_samples
            if not self.axes.is_linear and options.shows_samples and lacks:
                self._project_again()
        self._say()

    def take_look(self, look: Look) -> None:
        """Choose episodes, axes and options, without showing them yet."""
        self._step = None
        self.step_bars.stop()
        self.waiting.drop()
        self._choose_method(look.method)
        self.controls.set_look(look)
        self.plot.fit_next()
        self._show_steps()

    def set_paper(self, is_on: bool) -> None:
        """Show the paper's figure, or what was set before it."""
        if is_on:
            self.actions_by_name["live"].setChecked(False)
        self.paper.switch(is_on)

    def _choose_episodes(self) -> None:
        self.paper.leave_for_scope()
        self.waiting.drop()
        self.plot.fit_next()
        self.refresh()

    # Adaptation and training

    def _move_to(self, place: int) -> None:
        self.plot.move_to(place)
        self.card.leave()
        self._say()

    def _replay(self, step: int) -> None:
        source = self._selection.source
        if source is not None:
            self._step = None if step == source.step else step
            self.picker.show_played(self._step)
            self.refresh(is_patient=True)

    def _show_steps(self, *_: object) -> None:
        why_not = _LIVE_TIP if self.live.is_on else ""
        if not self.axes.is_linear:
            why_not = why_no_checkpoints(self.axes.method)
        self.picker.show_played(self._step)
        why_not = self.step_bars.follow(self._controller.runs, self._selection, self._step, why_not)
        self._registry.set_reason("latents.replay", why_not)

    # Live

    def set_live(self, is_live: bool) -> None:
        """Follow the run that trains, or show the selection's episodes again."""
        if is_live:
            self.paper.leave()
        if is_live and not self.axes.is_linear:
            self._choose_method("pca")
        self.cache.cancel()
        self.axes.cancel()
        self.step_bars.stop()
        self.controls.set_live(is_live)
        self.live.switch(is_live)
        self._show_steps()
        if not is_live:
            self.refresh()
        self.live_mode.explain()
        self._say()

    # Out of the panel

    def exported(self) -> Exported | None:
        """Return the codes as they are shown, and the numbers behind them."""
        if self.shown is None:
            return None
        title = self._controller.title_of(self.shown_source.run) if self.shown_source else ""
        marked = (self.plot.selected, self.plot.hidden, self.plot.tried.points, title)
        return exported_latents(self.shown, self.plot.place, self.plot.options, *marked)

    def remembered(self) -> dict[str, object]:
        """Return what is chosen, as plain values of JSON, for `restore`."""
        return self.paper.remembered()

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Choose what was chosen before; what makes no sense is as at first."""
        self.waiting.offer(self.paper.restore(remembered))
        self.refresh()

    # The selection

    def _follow_source(self, source: EpisodeSource | None) -> None:
        self._step = None
        self.waiting.forget()
        if source is None:
            self.paper.leave()
            self._wanted = None  # so that the same codes are shown again after a run without any
        self._show_steps()
        if self._wanted is None or source != self._wanted[0]:
            self.axes.follow(source, is_live=self.live.is_on)
            self.refresh()

    def _refresh_if(self, scope: Scope) -> None:
        if self.controls.chosen_scope == scope:
            self.refresh()

    # What is said

    def _hover(self, code: tuple[int, bool] | None, position: QPointF) -> None:
        self.card.follow(self.shown, self.shown_source, self.plot.place, code, position)

    def _say(self, *_: object) -> None:
        self.picker.show_live(self.live.words)
        self.status.say(self, self._selection, self._controller)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what was chosen while the panel was hidden."""
        super().showEvent(event)
        self.selection_sync.mark()
        self.live.set_seen(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop computing while the panel is hidden."""
        super().hideEvent(event)
        self.step_bars.stop()
        self.live.set_seen(False)
