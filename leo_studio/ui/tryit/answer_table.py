"""The table of queries: a picture, its class with probability, and how sure the run is."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from leo_studio.analysis.formats import format_percentage
from leo_studio.services.try_records import Example, TryResult
from leo_studio.ui.inspection.class_styles import class_color, paint_marker
from leo_studio.ui.tryit.images import example_pixmap
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.row_height import set_row_height
from leo_studio.ui.widgets.theme import ThemeManager

PICTURE, ANSWER, PROBABILITY, DOUBT = range(4)
_COLUMNS = ("Query", "Answer", "Probabilities", "± codes")
_DOUBT_TIP = (
    "How much the answer's probability varies over latent codes that are drawn from the classes' "
    "distributions: a small number means that the answer hardly depends on the draw. "
    "Learners without such codes have none."
)
_EMPTY = "Answers will stand here: which class each query is, and how probable the classes are."
_LINES = 2.4  # of a row
_PICTURE_LETTERS, _ANSWER_LETTERS, _DOUBT_LETTERS = 22, 14, 10  # of columns that have room
_LONGEST_PICTURE = 40  # letters of a query, with its picture, for which the bar makes way
_LONGEST_ANSWER = 30  # letters of a class's name for which the bar makes way
_PLACE, _SHARES, _NONE = (Qt.ItemDataRole.UserRole + number for number in range(3))
_Index = QModelIndex | QPersistentModelIndex


class AnswerTable(QTableWidget):
    """Lists queries, the newest first; Delete takes those that are selected out."""

    removal_wanted = Signal(object)  # list of `Example`

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(0, len(_COLUMNS))
        self.setObjectName("answers")
        self.setAccessibleName("Queries and answers")
        self._themes = themes
        self._is_bright = True
        self.queries: list[Example] = []
        self.setHorizontalHeaderLabels(_COLUMNS)
        self.verticalHeader().hide()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_AnswerDelegate(themes, self))
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(PROBABILITY, QHeaderView.ResizeMode.Stretch)
        for column in (PICTURE, ANSWER, DOUBT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        doubt = QTableWidgetItem(_COLUMNS[DOUBT])
        doubt.setToolTip(as_tip(_DOUBT_TIP))
        self.setHorizontalHeaderItem(DOUBT, doubt)
        self.widths = ColumnWidths(self)
        self._size_rows()
        themes.changed.connect(self.viewport().update)
        themes.settled.connect(self._size_rows)

    def _size_rows(self) -> None:
        side = round(_LINES * self.fontMetrics().height())
        set_row_height(self, side + 4)
        self.setIconSize(QSize(side, side))
        self.horizontalHeader().setMinimumSectionSize(_percent_width(self.fontMetrics()))
        self._fit()

    def set_bright_on_black(self, is_bright: bool) -> None:
        """Show drawings as the run sees them."""
        if is_bright != self._is_bright:
            self._is_bright = is_bright
            for row, query in enumerate(self.queries):
                self._show_picture(row, query)

    def show_queries(self, queries: Sequence[Example]) -> None:
        """List queries; those that are new have no answer yet."""
        if list(queries) == self.queries:
            return
        self.queries = list(queries)
        self.setRowCount(len(queries))
        for row, query in enumerate(queries):
            self._show_picture(row, query)
            self._show_nothing(row, "...", "")
        self._fit()

    def show_result(self, result: TryResult, classes: Sequence[int]) -> None:
        """Show the answers to the queries that a run was asked.

        `classes` are the places of the result's classes among all of them, for their colours.
        """
        places = {query: place for place, query in enumerate(result.queries)}
        for row, query in enumerate(self.queries):
            if query in places:
                self._show_answer(row, result, places[query], classes)
            elif query in result.problems:
                self._show_nothing(row, "left out", result.problems[query])
        self._fit()

    def show_no_answers(self) -> None:
        """Show the queries alone: nobody can answer now."""
        for row in range(len(self.queries)):
            self._show_nothing(row, "", "")

    def _fit(self) -> None:
        """Share the width: of too little, the bar gives first, then the name of the picture.

        The bar's title is whole where answers leave it the room.

        Columns that a person sized stay.
        """
        letter, header = self.fontMetrics().averageCharWidth(), self.horizontalHeader()
        # The last header is bold, which its hint leaves out.
        hints = [round(1.2 * header.sectionSizeHint(column)) for column in range(len(_COLUMNS))]
        doubt = max(_DOUBT_LETTERS * letter, hints[DOUBT])
        picture = max(hints[PICTURE], self.iconSize().width() + 2 * letter)
        room = self.viewport().width() - doubt - header.minimumSectionSize()
        widest = min(self._widest_answer(), _LONGEST_ANSWER * letter, room - picture)
        answer = max(hints[ANSWER], widest)
        room -= max(0, hints[PROBABILITY] - header.minimumSectionSize())
        named = max(_PICTURE_LETTERS * letter, min(self._widest_query(), _LONGEST_PICTURE * letter))
        picture = max(picture, min(named, room - answer))
        answer = max(answer, min(_ANSWER_LETTERS * letter, room - picture))
        for column, width in ((PICTURE, picture), (ANSWER, answer), (DOUBT, doubt)):
            if not self.widths.has(column):
                self.setColumnWidth(column, width)

    def _widest_query(self) -> int:
        indices = (self.model().index(row, PICTURE) for row in range(self.rowCount()))
        return max((self.sizeHintForIndex(index).width() for index in indices), default=0)

    def _widest_answer(self) -> int:
        items = (self.item(row, ANSWER) for row in range(self.rowCount()))
        metrics = self.fontMetrics()
        names = (metrics.horizontalAdvance(item.text()) for item in items if item is not None)
        return max(names, default=0) + 2 * metrics.height()  # its marker, and the edges

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say what will stand here while nothing does."""
        super().paintEvent(event)
        if not self.queries:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self._themes.current.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            margin = self.fontMetrics().height()
            room = self.viewport().rect().adjusted(margin, 0, -margin, 0)
            painter.drawText(room, flags, _EMPTY)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width that there is."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the selected queries out at Delete."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            rows = {index.row() for index in self.selectedIndexes()}
            self.removal_wanted.emit([self.queries[row] for row in sorted(rows)])
        else:
            super().keyPressEvent(event)

    def _show_picture(self, row: int, query: Example) -> None:
        item = QTableWidgetItem(query.name)
        side = self.iconSize().height()
        pixmap = example_pixmap(query, side, self.devicePixelRatioF(), self._is_bright)
        if pixmap is not None:
            item.setIcon(QIcon(pixmap))
        item.setToolTip(as_tip(f"{query.name}\nDelete takes it out of the list"))
        self.setItem(row, PICTURE, item)

    def _show_nothing(self, row: int, text: str, tip: str) -> None:
        for column in (ANSWER, PROBABILITY, DOUBT):
            item = QTableWidgetItem(text if column == ANSWER else "")
            item.setData(_NONE, True)
            item.setToolTip(as_tip(tip))
            self.setItem(row, column, item)

    def _show_answer(self, row: int, result: TryResult, place: int, classes: Sequence[int]) -> None:
        answers = result.answers
        winner, confidence = int(answers.winners[place]), float(answers.confidences[place])
        is_none = bool(answers.is_none[place])
        shares = answers.probabilities[place].tolist()
        parts = list(zip(classes, shares, strict=True))
        order = sorted(range(len(shares)), key=lambda label: -shares[label])
        lines = [f"{answers.class_names[k]}: {format_percentage(shares[k], 1)}" for k in order]
        if is_none:
            least = format_percentage(answers.threshold.value, 1)
            lines.insert(0, f"None of these: its most probable class has less than {least}.")
        doubt = ""
        if answers.samples:
            doubt = f"± {format_percentage(float(answers.deviations[place]), 1)}"
            lines.append(
                f"Over {answers.samples} sampled codes the winner's probability varies by {doubt}; "
                f"the codes know {1000 * answers.informations[place]:.1f} millinats of the class."
            )
        texts = (answers.label(place), format_percentage(confidence, 1), doubt)
        for column, text in zip((ANSWER, PROBABILITY, DOUBT), texts, strict=True):
            item = QTableWidgetItem(text)
            item.setData(_PLACE, classes[winner])
            item.setData(_SHARES, parts if column == PROBABILITY else None)
            item.setData(_NONE, is_none)
            item.setToolTip(as_tip("\n".join(lines)))
            self.setItem(row, column, item)


def _percent_width(metrics: QFontMetrics) -> int:
    """Return the width of a cell that has a percentage alone."""
    return metrics.horizontalAdvance("100.0 %") + 18


class _AnswerDelegate(QStyledItemDelegate):
    """Paints the marker of an answer's class, and all probabilities as parts of one bar."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint a cell."""
        place, shares = index.data(_PLACE), index.data(_SHARES)
        if place is None or index.column() not in (ANSWER, PROBABILITY):
            super().paint(painter, option, index)
            return
        theme = self._themes.current
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_selected:
            painter.fillRect(option.rect, option.palette.highlight())
        is_none = bool(index.data(_NONE))
        color = theme.on_accent if is_selected else (theme.muted if is_none else theme.text)
        painter.setPen(QColor(color))
        cell = QRectF(option.rect).adjusted(6, 4, -6, -4)
        if index.column() == ANSWER:
            self._paint_answer(painter, cell, index.data(), None if is_none else place, is_selected)
        else:
            self._paint_shares(painter, cell, index.data(), shares, place)
        painter.restore()

    def _paint_answer(
        self, painter: QPainter, cell: QRectF, text: str, place: int | None, is_selected: bool
    ) -> None:
        height = painter.fontMetrics().height()
        centre = QPointF(cell.left() + height / 2, cell.center().y())
        if place is not None:
            if is_selected:  # else a marker may have the colour that it stands on
                pen = painter.pen()
                painter.setBrush(QColor(self._themes.current.base))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.drawEllipse(centre, height / 2, height / 2)
                painter.setPen(pen)
            paint_marker(painter, self._themes.current, place, centre, 0.7 * height)
        else:
            painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, "∅")
        cell = cell.adjusted(1.3 * height, 0, 0, 0)
        elided = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideMiddle, int(cell.width())
        )
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, elided)

    def _paint_shares(
        self,
        painter: QPainter,
        cell: QRectF,
        text: str,
        shares: Sequence[tuple[int, float]],
        place: int,
    ) -> None:
        theme, metrics = self._themes.current, painter.fontMetrics()
        room = _percent_width(metrics) - 12  # the cell's own edges
        painter.drawText(cell, Qt.AlignmentFlag.AlignVCenter, text)
        bar = cell.adjusted(room, 0, 0, 0)
        height = min(bar.height(), 0.9 * metrics.height())
        if bar.width() < height:
            return  # too little to tell shares apart
        left = bar.left()
        # The winner first, the others behind it in the order of their classes.
        for label, share in sorted(shares, key=lambda each: each[0] != place):
            width = bar.width() * share
            part = QRectF(left, bar.center().y() - height / 2, width, height)
            fill = class_color(theme, label)
            fill.setAlphaF(1.0 if label == place else 0.35)
            painter.fillRect(part, fill)
            left += width
