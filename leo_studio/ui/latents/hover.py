"""The card beside the mouse, about the code under it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from engine.inspection.records import LATENT_QUERIES, Latents
from leo_studio.analysis.formats import format_percentage, format_value
from leo_studio.analysis.latents.projected import Projected, position_names
from leo_studio.services.records import EpisodeSource, Examples
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.glossary_links import GlossaryAction
from leo_studio.ui.widgets.labels import Label

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_REST_MILLISECONDS = 60  # on one code, before its image is fetched
_LINES = 5
_MOST_KEPT = 2000


class HoverCard(QFrame):
    """Follows the mouse; it lets the mouse through, so it never flickers.

    Parameters
    ----------
    controller
        Fetches images.
    parent
        What it floats over.
    """

    def __init__(self, controller: "Controller", parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setObjectName("latent-hover")
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._controller = controller
        self._known: dict[tuple[str, str, int], Examples] = {}
        self._wanted: tuple[EpisodeSource, int] | None = None
        self._task: Task | None = None
        self._position = QPointF()
        self.picture = Label()
        self.text = Label()
        row = QHBoxLayout(self)
        margin = self.fontMetrics().height() // 3
        row.setContentsMargins(margin, margin, margin, margin)
        row.addWidget(self.picture)
        row.addWidget(self.text)
        self._resting = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._resting.timeout.connect(self._fetch)
        self.hide()

    def follow(
        self,
        shown: Projected | None,
        source: EpisodeSource | None,
        place: int,
        code: tuple[int, bool] | None,
        position: QPointF,
    ) -> None:
        """Describe a code, or nothing.

        Parameters
        ----------
        shown, place
            What is drawn, at which position.
        source
            Whose example is shown as an image; None shows none.
        code
            Its row, and whether it is the one before adaptation.
        position
            Where the mouse is.
        """
        if shown is None or code is None:
            self.leave()
            return
        latents, (index, is_before) = shown.latents, code
        episode, way = divmod(index, latents.classes.shape[1])
        stage = position_names(shown)[0 if is_before else place]
        text = description(latents, episode, way, stage)
        self._position = position
        row = int(latents.support[episode, way, 0])
        wanted = (source, row) if source is not None and row >= 0 else None
        if text != self.text.text() or wanted != self._wanted or self.isHidden():
            self.text.setText(text)
            self._wanted = wanted
            self._show_picture()
            if wanted is not None and self._key not in self._known:
                self._resting.start()
        self._move()
        self.show()

    def describe(self, text: str, position: QPointF) -> None:
        """Describe what is no code of an episode, in some lines."""
        self.leave()
        self.text.setText(text)
        self._position = position
        self._show_picture()
        self.show()

    def leave(self) -> None:
        """Describe nothing."""
        self._resting.stop()
        self._wanted = None
        self.hide()

    @property
    def _key(self) -> tuple[str, str, int]:
        assert self._wanted is not None
        source, row = self._wanted
        return str(source.run), source.split, row

    def _fetch(self) -> None:
        if self._wanted is None:
            return
        if self._task is not None:
            self._task.cancel()
        key, (source, row) = self._key, self._wanted

        def show(examples: Examples) -> None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            self._known[key] = examples
            self._task = None
            self._show_picture()

        self._task = self._controller.episodes.examples(source, [row], show)

    def _show_picture(self) -> None:
        examples = None if self._wanted is None else self._known.get(self._key)
        picture = None
        if examples is not None and self._wanted is not None:
            side = _LINES * self.fontMetrics().height()
            ratio = self.devicePixelRatioF()
            picture = Thumbnails(examples).picture(self._wanted[1], side, ratio)
        self.picture.setVisible(picture is not None)
        if picture is not None:
            self.picture.setPixmap(picture)
        self._move()

    def _move(self) -> None:
        self.adjustSize()
        room = self._over.size() - self.size()
        gap = self.fontMetrics().height()
        corner = self._position.toPoint() + QPoint(gap, gap)
        # Beside the mouse in any case: over it, it would hide what it describes.
        if corner.x() > room.width():
            corner.setX(round(self._position.x()) - gap - self.width())
        if corner.y() > room.height():
            corner.setY(round(self._position.y()) - gap - self.height())
        self.move(max(0, corner.x()), max(0, corner.y()))


def description(latents: Latents, episode: int, way: int, stage: str) -> str:
    """Describe a code in a few lines."""
    name = latents.class_names[int(latents.classes[episode, way])]
    before, _, after = latents.accuracies[episode].tolist()
    accuracy = f"{format_percentage(before, 1)} → {format_percentage(after, 1)}"
    uncertainty = format_value(float(latents.uncertainties[episode]), 3)
    return (
        f"{name}\n"
        f"{latents.provenance.split} {latents.numbers[episode]}, {stage}\n"
        f"accuracy {accuracy}, of at most {LATENT_QUERIES} queries per class\n"
        f"uncertainty {uncertainty} nats (Shift+F1: what is this?)"
    )


def explain_uncertainty(panel: QWidget) -> None:
    """Let the keys that the card names open the glossary, wherever in a panel the keyboard is."""
    action = GlossaryAction("Mutual information", panel)
    action.setShortcut("Shift+F1")
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    panel.addAction(action)
