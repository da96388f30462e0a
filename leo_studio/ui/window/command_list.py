"""The rows of the command palette: their model, and the delegate that paints them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from leo_studio.ui.widgets.key_caps import KeyCapsPainter
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole


def row_height(line: int) -> int:
    """Return how high a row is, by the height of a line of text."""
    return round(2.5 * line)


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One thing that can be done."""

    identifier: str  # by which it is remembered
    title: str
    detail: str  # a sentence beneath the title; of what cannot be done now, the reason
    keys: str
    glyph: str  # of Material Design Icons; "" for none
    is_enabled: bool
    trigger: Callable[[], object]
    words: frozenset[str] = frozenset()  # by which it is found beside letters of its title
    positions: tuple[int, ...] = ()  # letters of the title that were asked for
    others: tuple[str, ...] = ()  # words that were asked for and that the title has not
    weight: float = 1.0  # of matches with it
    is_reading: bool = False  # there to be read, not done
    panel: str = ""  # the title of the panel that it shows

    @property
    def reasoned(self) -> str:
        """The detail, after words by which the row is found and that nobody would see else."""
        unseen = [word for word in self.others if word not in self.detail.casefold()]
        if not unseen:
            return self.detail
        reason = f"Also found by: {', '.join(unseen)}"
        return f"{reason} · {self.detail}" if self.detail else reason


class CommandModel(QAbstractListModel):
    """Rows in the order in which they are shown."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[CommandRow, ...] = ()

    @property
    def rows(self) -> tuple[CommandRow, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[CommandRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Role.DisplayRole) -> object:
        """Return what screen readers and tooltips say; the delegate takes the row itself."""
        row = self._rows[index.row()]
        match role:
            case Role.DisplayRole | Role.AccessibleTextRole:
                return row.title
            case Role.AccessibleDescriptionRole:
                return row.reasoned
            case Role.ToolTipRole:
                return as_tip(row.reasoned)
            case Role.UserRole:
                return row
            case _:
                return None


class CommandDelegate(QStyledItemDelegate):
    """Paints an icon, the title with the letters that were asked for, the detail, and the keys."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the size of a row; all are of one height."""
        return QSize(0, row_height(option.fontMetrics.height()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a row."""
        row: CommandRow = index.data(Role.UserRole)
        theme, metrics = self._themes.current, option.fontMetrics
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        is_lit = is_chosen and row.is_enabled
        text = QColor(theme.on_accent if is_lit else theme.text)
        muted = QColor(theme.on_accent if is_lit else theme.muted)
        painter.save()
        painter.setFont(option.font)
        if is_chosen:
            # What cannot be done has an edge alone: filled, it would promise that Enter does it.
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen if is_lit else QColor(theme.muted))
            painter.setBrush(QColor(theme.accent) if is_lit else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5), 5, 5)
        margin = metrics.height() // 2
        area = option.rect.adjusted(margin, 0, -margin, 0)
        area = self._paint_icon(painter, area, row, text if row.is_enabled else muted)
        area = self._paint_keys(painter, area, row, metrics, muted)
        bright = text if is_lit else QColor(theme.accent if row.is_enabled else theme.muted)
        upper, lower = QRect(area), QRect(area)
        detail = row.reasoned
        if detail:
            edge = (area.height() - 2 * metrics.height()) // 2
            upper.adjust(0, edge, 0, -edge - metrics.height())
            lower.adjust(0, edge + metrics.height(), 0, -edge)
        title_color = text if row.is_enabled else muted
        _paint_marked(painter, upper, row.title, row.positions, title_color, bright)
        _paint_marked(painter, lower, detail, _places(row.others, detail), muted, bright)
        painter.restore()

    def _paint_icon(self, painter: QPainter, area: QRect, row: CommandRow, color: QColor) -> QRect:
        side = painter.fontMetrics().height()
        if row.glyph:
            place = QRect(area.left(), area.center().y() - side // 2, side, side)
            self._themes.icon(row.glyph, color.name()).paint(painter, place)
        return area.adjusted(side + side // 2, 0, 0, 0)

    def _paint_keys(
        self, painter: QPainter, area: QRect, row: CommandRow, metrics: QFontMetrics, color: QColor
    ) -> QRect:
        if not row.keys:
            return area
        caps = KeyCapsPainter(metrics)
        caps.paint(painter, QRectF(area), row.keys, color)
        return area.adjusted(0, 0, -caps.size(row.keys).width() - metrics.height() // 2, 0)


def _places(words: Sequence[str], text: str) -> list[int]:
    """Return where a text has words that were asked for."""
    folded = text.casefold()
    starts = ((folded.find(word), len(word)) for word in words)
    spans = (range(start, start + length) for start, length in starts if start >= 0)
    return [place for span in spans for place in span]


def _paint_marked(
    painter: QPainter,
    area: QRect,
    text: str,
    positions: Sequence[int],
    color: QColor,
    bright: QColor,
) -> None:
    """Paint a line of text, elided where it must be, with what was asked for in bold."""
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    layout = QTextLayout(shown, painter.font())
    marked = QTextCharFormat()
    marked.setFontWeight(QFont.Weight.Bold)
    marked.setForeground(bright)
    formats = []
    for place in positions:
        if place < len(shown) and shown[place] == text[place]:
            part = QTextLayout.FormatRange()
            # Qt counts in UTF-16.
            part.start = len(shown[:place].encode("utf-16-le")) // 2
            part.length = len(shown[place].encode("utf-16-le")) // 2
            part.format = marked
            formats.append(part)
    layout.setFormats(formats)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(area.width())
    layout.endLayout()
    painter.setPen(color)
    top = area.center().y() - line.height() / 2
    layout.draw(painter, QPointF(area.left(), top))
