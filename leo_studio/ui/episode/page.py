"""Exports an episode as one page, PDF or PNG: what it is, what happened, the worst queries."""

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from engine.errors import BadInput
from engine.inspection.records import Inspection, taken_for
from leo_studio.analysis.formats import format_percentage
from leo_studio.analysis.inspection.findings import class_names, headline, reasons
from leo_studio.ui.inspection.class_styles import paint_marker
from leo_studio.ui.inspection.queries import QueryModel
from leo_studio.ui.inspection.thumbnails import Thumbnails
from leo_studio.ui.inspection.view import InspectionView
from leo_studio.ui.widgets.matrix import MatrixView
from leo_studio.ui.widgets.pages import save_page
from leo_studio.ui.widgets.plot import Plot
from leo_studio.ui.widgets.theme import Theme

_WIDTH, _HEIGHT = 1000, 1414  # the shape of A4
_MARGIN = 44
_WORST = 14  # queries
_PICTURE = 34
_SUPPORT_HEIGHT = 380  # of all classes together
_PLOT_HEIGHT = 300
_NAME_WIDTH, _MORE_WIDTH = 150, 80


def save_episode_page(path: Path, view: InspectionView, title: str) -> None:
    """Save what a view shows as one page.

    Raises
    ------
    BadInput
        For another ending than .pdf and .png, or where the file cannot be written.
    """
    if path.suffix.lower() not in (".pdf", ".png"):
        raise BadInput(f"{path.name} must end with .pdf, .png or .h5; choose one of these.")
    page = _Page(view, title)
    save_page(path, page.paint, QSize(_WIDTH, _HEIGHT), scale=2.0)


class _Page:
    """Paints the page from top to bottom."""

    def __init__(self, view: InspectionView, title: str) -> None:
        assert view.inspection is not None
        self._view = view
        self._seen: Inspection = view.inspection
        self._title = title
        self._theme: Theme = view.accuracy.themes.current
        self._thumbnails: Thumbnails = view.queries.queries.thumbnails

    def paint(self, painter: QPainter, target: QRectF) -> None:
        """Paint all of it."""
        painter.fillRect(target, QColor(self._theme.base))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self._view.font())
        font.setPixelSize(14)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        inner = target.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        y = self._text(painter, inner, inner.top(), self._title, size=20)
        for sentence in (headline(self._seen), " ".join(reasons(self._seen))):
            y = self._text(painter, inner, y + 6, sentence, size=14)
        y = self._support(painter, inner, y + 14)
        y = self._plots(painter, inner, y + 14)
        self._queries(painter, inner, y + 14)

    def _text(self, painter: QPainter, inner: QRectF, y: float, text: str, *, size: int) -> float:
        painter.save()
        font = QFont(painter.font())
        font.setPixelSize(size)
        font.setBold(size > 14)
        painter.setFont(font)
        area = QRectF(inner.left(), y, inner.width(), inner.bottom() - y)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        used = painter.boundingRect(area, flags, text)
        painter.drawText(area, flags, text)
        painter.restore()
        return float(used.bottom())

    def _support(self, painter: QPainter, inner: QRectF, y: float) -> float:
        names = class_names(self._seen)
        # Twenty classes take no more of the page than ten do.
        side = min(_PICTURE, _SUPPORT_HEIGHT // len(names) - 4)
        for place, name in enumerate(names):
            middle = y + side / 2
            paint_marker(painter, self._theme, place, QPointF(inner.left() + 8, middle), 11)
            label = QRectF(inner.left() + 24, y, 190, side)
            painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, self._short(painter, name, 190))
            rows = [row for row in self._seen.support[0, place].tolist() if row >= 0]
            area = QRectF(label.right() + 8, y, inner.right() - label.right() - 8, side)
            self._examples(painter, area, rows)
            y += side + 4
        return y

    def _examples(self, painter: QPainter, area: QRectF, rows: list[int]) -> None:
        """Paint as many examples as there is room for, and say how many more there are."""
        step = area.height() + 4 if self._thumbnails.has_images else _NAME_WIDTH + 8
        room = int((area.width() - _MORE_WIDTH) // step)
        for at, row in enumerate(rows[:room]):
            place = QRectF(area.left() + at * step, area.top(), step - 6, area.height())
            picture = self._thumbnails.picture(row, round(area.height()), 2.0)
            if picture is not None:
                painter.drawPixmap(place.topLeft(), picture)
            else:
                name = self._short(painter, self._thumbnails.name(row), place.width())
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
        if len(rows) > room:
            rest = QRectF(area.right() - _MORE_WIDTH, area.top(), _MORE_WIDTH, area.height())
            text = f"and {len(rows) - room} more"
            painter.drawText(
                rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text
            )

    def _plots(self, painter: QPainter, inner: QRectF, y: float) -> float:
        view = self._view
        pairs = ((view.accuracy, view.loss), (view.paths, view.confusion))
        width = (inner.width() - 16) / 2
        for pair in pairs:
            # As high as it is on the screen at this width, within what a page has room for.
            height = max(width * part.height() / max(1, part.width()) for part in pair)
            height = min(height, _PLOT_HEIGHT)
            for place, part in enumerate(pair):
                area = QRectF(inner.left() + place * (width + 16), y, width, height)
                if isinstance(part, Plot):
                    part.paint_figure(painter, area)
                elif isinstance(part, MatrixView):
                    self._paint_matrix(painter, part, area)
            y += height + 12
        return y

    def _paint_matrix(self, painter: QPainter, part: MatrixView, area: QRectF) -> None:
        scale = min(area.width() / max(1, part.width()), area.height() / max(1, part.height()))
        painter.save()
        painter.translate(area.topLeft())
        painter.scale(scale, scale)
        part.paint_into(painter)
        painter.restore()

    def _queries(self, painter: QPainter, inner: QRectF, y: float) -> None:
        model = QueryModel()
        model.show(self._seen, self._thumbnails, self._view.position)
        names = class_names(self._seen)
        if y + 60 > inner.bottom():
            return
        y = self._text(painter, inner, y, "The worst queries", size=16) + 4
        height = 25
        for place in range(min(_WORST, model.rowCount())):
            if y + height > inner.bottom():
                break
            query = model.query(place)
            picture = self._thumbnails.picture(query.row, height - 3, 2.0)
            if picture is not None:
                painter.drawPixmap(QPointF(inner.left(), y), picture)
            share = format_percentage(float(query.probabilities[query.predicted]), 0)
            taken = f"{taken_for(names, query.predicted)} ({share})"
            own = format_percentage(float(query.probabilities[query.true]), 0)
            mark = "right" if query.is_right else "wrong"
            text = (
                f"{self._thumbnails.name(query.row)}: {names[query.true]} ({own}), taken for "
                f"{taken}, {mark}"
            )
            line = QRectF(inner.left() + height + 6, y, inner.width() - height - 6, height)
            shown = self._short(painter, text, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            y += height

    def _short(self, painter: QPainter, text: str, width: float) -> str:
        mode = Qt.TextElideMode.ElideMiddle
        return painter.fontMetrics().elidedText(text, mode, int(width))
