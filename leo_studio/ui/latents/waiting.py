"""What the latent space waits for: said above the plot, and what becomes of it when it ends early.

Embeddings and the codes of many episodes take a minute. Meanwhile something else is shown, and who
looks must know what; a person may cancel them, here or in the status bar.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from engine.errors import BadInput
from leo_studio.analysis.latents.projected import METHODS, Projected
from leo_studio.analysis.latents.sentences import (
    Scope,
    cancelled_axes_words,
    cancelled_codes_words,
    components_words,
    following_words,
    offer_words,
)
from leo_studio.ui.latents.axes import LINEAR, Axes
from leo_studio.ui.latents.controls import Controls
from leo_studio.ui.latents.drawing import Drawing
from leo_studio.ui.latents.latents_cache import LatentsCache
from leo_studio.ui.latents.live_probes import LiveProbes
from leo_studio.ui.latents.paper_mode import PaperMode

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_CANCELLED = "This was cancelled. Choose episodes or axes above to go on."


class WaitingView(Protocol):
    """The latent space, as far as it waits for something."""

    @property
    def shown(self) -> Projected | None:
        """The codes that are shown."""

    @property
    def axes(self) -> Axes:
        """What they are shown on."""

    @property
    def cache(self) -> LatentsCache:
        """Where they come from."""

    @property
    def drawing(self) -> Drawing:
        """Shows them."""

    @property
    def controls(self) -> Controls:
        """Show what is chosen."""

    @property
    def live(self) -> LiveProbes:
        """Follows the run that trains."""

    @property
    def paper(self) -> PaperMode:
        """Shows the paper's figure."""

    def set_method(self, method: str) -> None:
        """Show on other axes."""

    def refresh(self) -> None:
        """Show what is chosen."""

    def show_hint(self, text: str) -> None:
        """Show a sentence instead."""

    def fail(self, error: BaseException) -> None:
        """Say why codes cannot be shown."""


class Waiting(QObject):
    """Says what is awaited, offers what is not begun by itself, and notices what is cancelled.

    Parameters
    ----------
    view
        Where something is awaited.
    controller
        Tells how far work is.
    parent
        The panel.
    """

    def __init__(self, view: WaitingView, controller: "Controller", parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._settled: tuple[Scope, int] | None = None  # the episodes that were shown last
        self._kept = ""  # said until a person chooses something
        self._kept_method = ""  # that is offered with it
        self._do: Callable[[], None] = self.forget
        controller.tasks_changed.connect(self.follow)
        notice = view.drawing.notice
        notice.pressed.connect(lambda: self._do())
        notice.dismissed.connect(self.forget)

    def settle(self) -> None:
        """Remember that the episodes that are chosen are shown."""
        if not self._view.live.is_on:
            self._settled = (self._view.controls.chosen_scope, self._view.controls.count)

    def follow(self) -> None:
        """Notice what was cancelled, and say how far the rest is."""
        view, slow = self._view, self._view.cache.slow
        if view.axes.take_cancelled():
            method = view.axes.method
            if not view.axes.is_linear:
                view.set_method("pca")
                view.refresh()  # of what is chosen: it may be shown on no axes yet
            elif view.shown is not None and view.shown.is_linear:
                view.set_method(view.shown.basis.method)
            else:
                view.show_hint(_CANCELLED)
            self._keep(cancelled_axes_words(method), "" if method in LINEAR else method)
        elif view.cache.take_cancelled():
            self._go_back()
            self._keep(cancelled_codes_words(slow[1] if slow else 1), "")
        self.say()

    def fail(self, error: BaseException) -> None:
        """Leave axes that cannot be had for principal components, and say why."""
        if isinstance(error, BadInput) and not self._view.axes.is_linear and self._view.shown:
            self._view.set_method("pca")
            self._keep(str(error), "")
            self.say()
        else:
            self._view.fail(error)

    def _go_back(self) -> None:
        """Choose the episodes again that are shown, as others were cancelled."""
        view, settled = self._view, self._settled
        now = (view.controls.chosen_scope, view.controls.count)
        if view.paper.is_on:
            view.paper.leave()
        elif settled is not None and settled != now:
            view.controls.set_scope(*settled)
            view.refresh()
        elif now[0] != "one":  # these very ones, as of another run, were cancelled
            view.controls.set_scope("one", now[1])
            view.refresh()
        else:
            view.show_hint(_CANCELLED)

    def _keep(self, words: str, method: str) -> None:
        self._kept, self._kept_method = words, method

    @property
    def words(self) -> list[str]:
        """What the line below the plot says of it."""
        if self._view.axes.is_busy:
            return [f"{METHODS[self._view.axes.method]} is being computed..."]
        return ["loading..."] if self._view.cache.is_loading else []

    def offer(self, method: str) -> None:
        """Offer an embedding that does not begin by itself; "" for none."""
        self._keep(offer_words(method) if method else "", method)
        self.say()

    def forget(self) -> None:
        """Say no more of what was cancelled, or offered."""
        self.offer("")

    def drop(self) -> None:
        """Compute no more axes for codes that are not wanted any more, and forget the rest."""
        self._view.axes.cancel()
        self.forget()

    def say(self) -> None:
        """Say what is awaited."""
        view, notice = self._view, self._view.drawing.notice
        embedding, slow = view.axes.embedding, view.cache.slow
        if slow is not None:
            task, count = slow
            words = following_words(count, view.shown, task.fraction)
            if view.shown is None:
                view.drawing.hint.setText(words)
            else:
                self._await(task, words)
        elif embedding is not None and view.shown is not None:
            self._await(embedding, components_words(view.axes.method, embedding.fraction))
        elif self._kept and view.shown is not None:
            method = self._kept_method
            self._do = (lambda: view.set_method(method)) if method else self.forget
            name = f"Compute {METHODS[method]}" if method else ""
            tip = "Place all codes anew; a minute or so where they are many" if method else ""
            notice.say(self._kept, name, tip, may_go=True)
        else:
            notice.say("")

    def _await(self, task: "Task", words: str) -> None:
        self._do = task.cancel
        tip = "Compute it no more, and keep what is shown"
        self._view.drawing.notice.say(words, "Cancel", tip)
