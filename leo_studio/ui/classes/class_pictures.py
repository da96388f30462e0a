"""A few pictures of one class, or of two that are taken for one another."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from shiboken6 import Shiboken

from engine.errors import BadInput
from leo_studio.services.records import EpisodeSource, Examples
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

NO_PICTURES = "The store of this run keeps no pictures, so none are shown here."
_MOST = 24  # pictures of a class
_LARGEST, _SMALLEST = 7.5, 1.6  # lines of text, as high as a picture is
_GAP = 4  # pixels between pictures


@dataclass(frozen=True, slots=True)
class ShownClass:
    """A class whose pictures are shown.

    Attributes
    ----------
    label
        Its place among all classes of the split.
    title
        What stands above its pictures.
    """

    label: int
    title: str


class ClassPictures(QWidget):
    """Paints a row of pictures for each class, as many and as large as there is room for.

    Parameters
    ----------
    controller
        Fetches the pictures.
    themes
        Colours.
    """

    def __init__(self, controller: "Controller", themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("class-pictures")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._controller = controller
        self._themes = themes
        self._source: EpisodeSource | None = None
        self._known: dict[int, Examples] = {}
        self._made: dict[int, Thumbnails] = {}
        self._coming: set[int] = set()
        self._problem = ""
        self.shown: tuple[ShownClass, ...] = ()
        themes.changed.connect(self.update)

    def show_classes(self, source: EpisodeSource | None, classes: Sequence[ShownClass]) -> None:
        """Show other classes of the split of a source; none without one."""
        if source != self._source:
            self._source, self._problem = source, ""
            self._known, self._made, self._coming = {}, {}, set()
        self.shown = () if source is None else tuple(classes)
        titles = " and ".join(each.title for each in self.shown)
        self.setAccessibleName(f"Pictures: {titles}" if titles else "Pictures")
        for each in self.shown:
            self._fetch(each.label)
        self.update()

    def pictures_of(self, label: int) -> int:
        """Return how many pictures of a class are there by now."""
        known = self._known.get(label)
        return 0 if known is None or known.images is None else len(known.images)

    @property
    def problem(self) -> str:
        """Why there are no pictures; "" where there are, or where they are still to come."""
        if self._problem:
            return self._problem
        known = [self._known[each.label] for each in self.shown if each.label in self._known]
        return NO_PICTURES if any(each.images is None for each in known) else ""

    def sizeHint(self) -> QSize:
        """Return room for two rows."""
        line = self.fontMetrics().lineSpacing()
        return QSize(20 * line, round(2 * (line + 3.2 * line)))

    def minimumSizeHint(self) -> QSize:
        """Return nothing: where there is no room, pictures are left out."""
        return QSize(0, 0)

    def least_height(self) -> int:
        """Return the height from which the pictures of two classes are painted."""
        line = self.fontMetrics().lineSpacing()
        return 2 * (line + 3 * _GAP + ceil(_SMALLEST * line))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint titles and pictures."""
        painter = QPainter(self)
        painter.setPen(QColor(self._themes.current.muted))
        if problem := self.problem:
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
            painter.drawText(self.rect(), flags, problem)
        elif self.shown:
            self._paint_rows(painter)
        painter.end()

    def _paint_rows(self, painter: QPainter) -> None:
        line, room = self.fontMetrics().lineSpacing(), self.height() // len(self.shown)
        side = min(room - line - 3 * _GAP, round(_LARGEST * line))
        if side < _SMALLEST * line:
            return
        mode, ratio = Qt.TextElideMode.ElideMiddle, self.devicePixelRatioF()
        for place, each in enumerate(self.shown):
            top = place * (side + line + 3 * _GAP)
            title = self.fontMetrics().elidedText(each.title, mode, self.width())
            above = QRect(0, top, self.width(), line)
            painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, title)
            known = self._known.get(each.label)
            if known is None:
                continue
            thumbnails = self._made.setdefault(each.label, Thumbnails(known))
            for at, row in enumerate(known.rows.tolist()[: self.width() // (side + _GAP)]):
                picture = thumbnails.picture(row, side, ratio)
                if picture is not None:
                    painter.drawPixmap(QPoint(at * (side + _GAP), top + line + _GAP), picture)

    def _fetch(self, label: int) -> None:
        source = self._source
        if source is None or label in self._known or label in self._coming:
            return
        self._coming.add(label)

        def take(examples: Examples) -> None:
            if Shiboken.isValid(self) and source == self._source:
                self._coming.discard(label)
                self._known[label] = examples
                self.update()

        def fail(error: BaseException) -> None:
            if not isinstance(error, BadInput):
                raise error
            # No toast: nobody asked for more than the numbers.
            if Shiboken.isValid(self) and source == self._source:
                self._coming.discard(label)
                self._problem = str(error)
                self.update()

        self._controller.episodes.class_examples(source, label, take, most=_MOST, failed=fail)
