"""The legend of colours and shapes, beside the plot: classes are shown or hidden there."""

from pyqtgraph.graphicsItems.ScatterPlotItem import drawSymbol
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QIcon,
    QKeyEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from leo_studio.ui.inspection.class_styles import symbol_scale
from leo_studio.ui.latents.point_styles import ColorBar, Entry, PointStyles
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.roles import MAY_BE_COVERED
from leo_studio.ui.widgets.theme import ThemeManager

_FEWEST_LETTERS, _FEWEST_IN_NARROW = 11, 8
_MOST_OF_PANEL = 0.25  # of its width, for names of classes
_UNBOUNDED = 1 << 24  # pixels
_MOST_LINES = 3.5  # of the title of a scale
_MOST_ROWS = 16  # where there are more, they may scroll
_ICON_RATIO = 3.0  # sharp on every screen
_ALL = "All classes"
_TIP = "Click to show or hide the class"


class Legend(QWidget):
    """Explains colours and shapes, and takes which classes are hidden.

    `hidden_changed` has the names of all classes that are hidden.

    Parameters
    ----------
    themes
        Colours.
    """

    hidden_changed = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("latent-legend")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._themes = themes
        self._styles: PointStyles | None = None
        self._shown: object = None  # what the list was filled with
        self._panel_width = _UNBOUNDED
        self.hidden: frozenset[str] = frozenset()
        self.bar = _Bar(themes)
        self.list = _ClassList()
        self.list.setObjectName("latent-classes")
        self.list.setSpacing(1)  # boxes of classes below each other do not touch
        self.note = Label()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 0, 0)
        column.addWidget(self.bar)
        column.addWidget(self.list, 1)
        column.addWidget(self.note)
        self.list.setProperty(MAY_BE_COVERED, True)
        self.list.toggled.connect(self._toggle)
        themes.changed.connect(self._color_again)

    def _color_again(self, _theme: object) -> None:
        # A method, which Qt forgets with the widget, and no function.
        self.show_styles(self._styles)

    def show_styles(self, styles: PointStyles | None) -> None:
        """Explain other colours and shapes."""
        self._styles = styles
        entries = () if styles is None else styles.entries
        bar = styles.bar if styles is not None else None
        texts = [entry.text for entry in entries]
        if bar is not None:
            texts.insert(0, bar.words)
        self.setAccessibleName("Legend: " + ", ".join(texts))
        self.bar.show_bar(bar)
        self.list.setVisible(bool(entries))
        self.note.setText("" if styles is None else styles.note)
        self._place_note()
        self.setVisible(bool(entries) or bar is not None)
        key = (entries, self.hidden, self._themes.current, self.font().key())
        if key != self._shown:
            self._shown = key
            self._fill(entries)

    def hasHeightForWidth(self) -> bool:
        """Say that it can do with less height than its note would like."""
        return False

    def minimumSizeHint(self) -> QSize:
        """Return room for the scale and some classes; the note is a tip where it has none."""
        return QSize(super().minimumSizeHint().width(), self._least_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the note where it has room."""
        super().resizeEvent(event)
        self._place_note()

    def _least_height(self) -> int:
        height = 0 if self.bar.isHidden() else self.bar.sizeHint().height()
        if not self.list.isHidden():
            height += self._column.spacing() + self.list.minimumSizeHint().height()
        return height

    def _place_note(self) -> None:
        note, text = self.note, self.note.text()
        height = self._least_height() + self._column.spacing() + note.heightForWidth(self.width())
        note.setVisible(bool(text) and height <= self.height())
        self.list.setToolTip(as_tip(text))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "note"):
            self.show_styles(self._styles)

    def _fill(self, entries: tuple[Entry, ...]) -> None:
        """List the entries; where a person has scrolled to stays."""
        place = self.list.verticalScrollBar().value()
        row = self.list.currentRow()
        self.list.clear()
        side = self.fontMetrics().height()
        self.list.setIconSize(QSize(side, side))
        classes = [entry.text for entry in entries if entry.is_class]
        if len(classes) > 1:
            hidden = sum(name in self.hidden for name in classes)
            state = Qt.CheckState.PartiallyChecked if hidden else Qt.CheckState.Checked
            is_none = hidden == len(classes)
            self._add(_ALL, "", Qt.CheckState.Unchecked if is_none else state)
        for entry in entries:
            self._add_entry(entry, side)
        self.list.setCurrentRow(row)
        self.list.verticalScrollBar().setValue(place)
        self._fit_width()

    def set_panel_width(self, pixels: int) -> None:
        """Take a share of so much room at most for names of classes."""
        self._panel_width = pixels
        self._fit_width()

    def _add_entry(self, entry: Entry, side: int) -> None:
        if not entry.is_class:
            item = QListWidgetItem(_icon(entry, side), entry.text, self.list)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            return
        is_hidden = entry.text in self.hidden
        state = Qt.CheckState.Unchecked if is_hidden else Qt.CheckState.Checked
        item = self._add(entry.text, entry.text, state)
        muted = QColor(self._themes.current.muted)
        shown = Entry(entry.text, muted, entry.symbol, is_filled=False) if is_hidden else entry
        item.setIcon(_icon(shown, side))
        if is_hidden:  # never by its colour alone: the name is struck, the mark hollow
            font = item.font()
            font.setStrikeOut(True)
            item.setFont(font)
            item.setForeground(muted)

    def _add(self, text: str, name: str, state: Qt.CheckState) -> QListWidgetItem:
        item = QListWidgetItem(text, self.list)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setCheckState(state)
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setToolTip(as_tip(f"{text}: {_TIP[0].lower()}{_TIP[1:]}" if name else _TIP + "es"))
        return item

    def _toggle(self, item: QListWidgetItem) -> None:
        """Show what is hidden, hide what is shown; the first row does so for all."""
        name = item.data(Qt.ItemDataRole.UserRole)
        if name is None or self._styles is None:
            return
        classes = frozenset(entry.text for entry in self._styles.entries if entry.is_class)
        if name:
            self.hidden ^= {name}
        elif item.checkState() == Qt.CheckState.Checked:
            self.hidden |= classes
        else:
            self.hidden -= classes
        self.hidden_changed.emit(self.hidden)

    def _fit_width(self) -> None:
        """Be as wide as the longest name needs: never by what is hidden, which changes often."""
        entries = () if self._styles is None else self._styles.entries
        if not entries:
            return
        classes = [entry.text for entry in entries if entry.is_class]
        others = [entry.text for entry in entries if not entry.is_class]
        metrics = self.list.fontMetrics()
        beside = self.list.room_beside_names() + self._column.contentsMargins().left()
        if len(classes) > _MOST_ROWS:
            beside += self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        letter = metrics.averageCharWidth()
        least = _FEWEST_LETTERS * letter
        share = round(_MOST_OF_PANEL * self._panel_width) - beside
        most = max(_FEWEST_IN_NARROW * letter, share)
        text = min(max([least, *map(metrics.horizontalAdvance, classes)]), most)
        self.setFixedWidth(beside + max([text, *map(metrics.horizontalAdvance, others)]))


class _ClassList(QListWidget):
    """A list whose rows are switched by a click or the space bar."""

    toggled = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Classes that are shown")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.itemClicked.connect(self._tell)

    def _tell(self, item: QListWidgetItem) -> None:
        self.toggled.emit(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Switch the row that has the keyboard."""
        item = self.currentItem()
        if event.key() == Qt.Key.Key_Space and item is not None:
            self.toggled.emit(item)
        else:
            super().keyPressEvent(event)

    def room_beside_names(self) -> int:
        """Return the width of check, mark and margins, in pixels; 0 for no rows."""
        if not self.count():
            return 0
        self.ensurePolished()
        last = self.item(self.count() - 1)  # the first, of all classes, has no mark
        row = self.sizeHintForIndex(self.indexFromItem(last)).width()
        name = self.fontMetrics().horizontalAdvance(last.text())
        return row - name + 2 * (self.frameWidth() + self.spacing())

    def sizeHint(self) -> QSize:
        """Take the room that there is, not more."""
        return QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        """Scroll where there is little room."""
        return QSize(0, 3 * self.fontMetrics().height())


class _Bar(QWidget):
    """The scale of a continuous colour: its title, its colours, and both ends."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._bar: ColorBar | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_bar(self, bar: ColorBar | None) -> None:
        """Explain another quantity, or nothing."""
        self._bar = bar
        self.setToolTip(as_tip("" if bar is None else bar.words))
        self.setVisible(bar is not None)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the title and the scale, or for words alone."""
        width = (_FEWEST_LETTERS + 4) * self.fontMetrics().averageCharWidth()
        bar, lines = self._bar, 2.6
        if bar is not None and bar.value:
            lines = 0.5
        elif bar is not None:
            ends = self.fontMetrics().horizontalAdvance(f"{bar.low} {bar.high}")
            lines += ends > max(width, self.width())
        height = self._title(max(width, self.width())).height()
        return QSize(width, round(height + lines * self.fontMetrics().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the title needs now."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        if self._bar is None:
            return
        theme, metrics = self._themes.current, self.fontMetrics()
        painter = QPainter(self)
        painter.setPen(QColor(theme.text))
        title = self._title(self.width())
        painter.drawText(title, int(Qt.TextFlag.TextWordWrap), self._words(self.width()))
        if self._bar.value:
            return
        low, high = self._bar.low, self._bar.high
        unit = metrics.height()
        place = QRectF(0, title.bottom() + 0.2 * unit, self.width() - 1, 0.8 * unit)
        gradient = QLinearGradient(place.topLeft(), place.topRight())
        for index, color in enumerate(self._bar.colors):
            gradient.setColorAt(index / (len(self._bar.colors) - 1), color)
        painter.fillRect(place, gradient)
        below = QRectF(0, place.bottom() + 1, place.width(), 1.3 * unit)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, low)
        if metrics.horizontalAdvance(f"{low} {high}") > below.width():
            below.translate(0, unit)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, high)

    def _title(self, width: int) -> QRectF:
        return self._bounds(width, self._words(width))

    def _bounds(self, width: int, words: str) -> QRectF:
        flags = int(Qt.TextFlag.TextWordWrap)
        return QRectF(self.fontMetrics().boundingRect(0, 0, width, 1000, flags, words))

    def _words(self, width: int) -> str:
        """Return what it says: all of it, unless that takes many lines; the tip has it all."""
        if self._bar is None:
            return ""
        whole, short = (
            bar.words if bar.value else bar.title for bar in (self._bar, self._bar.shortest)
        )
        is_long = self._bounds(width, whole).height() > _MOST_LINES * self.fontMetrics().height()
        return short if is_long else whole


def _icon(entry: Entry, side: int) -> QIcon:
    """Return the mark of an entry."""
    pixmap = QPixmap(round(side * _ICON_RATIO), round(side * _ICON_RATIO))
    pixmap.setDevicePixelRatio(_ICON_RATIO)
    pixmap.fill(Qt.GlobalColor.transparent)
    size = 0.65 * side * symbol_scale(entry.symbol)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(QPointF(side / 2, side / 2))
    fill = entry.color if entry.fill is None else entry.fill
    brush = QBrush(fill) if entry.is_filled else QBrush(Qt.BrushStyle.NoBrush)
    drawSymbol(painter, entry.symbol, size, QPen(entry.color, 1.3 / size), brush)
    painter.end()
    return QIcon(pixmap)
