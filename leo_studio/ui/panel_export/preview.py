"""The preview of a file: the figure, the script, or the first rows of each table."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QPlainTextEdit,
    QSizePolicy,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
)

from leo_studio.analysis.formats import format_number
from leo_studio.figures.records import Table
from leo_studio.figures.tables import length_of, rows_of, titles_of
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.roles import set_role

_ROWS, _COLUMNS, _LINES = 100, 40, 1000


class Picture(Label):
    """A picture that keeps its shape in whatever room there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._whole = QPixmap()

    def show_png(self, png: bytes) -> None:
        """Show an image."""
        self._whole.loadFromData(png)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture into the new room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = QSize(round(self.width() * ratio), round(self.height() * ratio))
        # Never larger than it is: letters would be blurred.
        room = room.boundedTo(self._whole.size())
        smooth = Qt.TransformationMode.SmoothTransformation
        fitted = self._whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        fitted.setDevicePixelRatio(ratio)
        self.setPixmap(fitted)


class Preview(QStackedWidget):
    """Shows a picture, a script or tables, or says that they are on their way or cannot be."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("export_preview")
        self.picture, self.script, self.tables = Picture(), QPlainTextEdit(), QTabWidget()
        self.script.setReadOnly(True)
        self.script.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.script.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.script.setAccessibleName("The script")
        self.tables.setDocumentMode(True)
        self.said = Label()
        self.said.setObjectName("export_preview_said")
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.said.setWordWrap(True)
        self.said.setMargin(self.fontMetrics().height())
        for widget in (self.said, self.picture, self.script, self.tables):
            self.addWidget(widget)
        self.show_waiting()

    def show_waiting(self) -> None:
        """Say that the preview is drawn."""
        self._say("Drawing the preview...", "muted")

    def show_problem(self, sentence: str) -> None:
        """Say why there is no preview."""
        self._say(sentence, "error")

    def show_picture(self, png: bytes, words: str) -> None:
        """Show a figure; `words` say what it is, for people who cannot see it."""
        self.picture.show_png(png)
        self.picture.setAccessibleName(f"Preview: {words}")
        self.setCurrentWidget(self.picture)

    def show_script(self, text: str) -> None:
        """Show the beginning of a script: tens of thousands of numbers would take their time."""
        lines = text.splitlines()
        rest = len(lines) - _LINES
        more = f"\n\n# ... and {rest:,} more lines" if rest > 0 else ""
        self.script.setPlainText("\n".join(lines[:_LINES]) + more)
        self.setCurrentWidget(self.script)

    def show_tables(self, tables: tuple[Table, ...]) -> None:
        """Show the beginning of each table."""
        chosen = self.tables.currentIndex()
        while self.tables.count():
            if (page := self.tables.widget(0)) is not None:
                page.deleteLater()
            self.tables.removeTab(0)
        for table in tables:
            self.tables.addTab(
                _beginning(table), f"{without_keys(table.name)} ({length_of(table):,})"
            )
        self.tables.setCurrentIndex(max(0, min(chosen, len(tables) - 1)))
        self.setCurrentWidget(self.tables)

    def _say(self, sentence: str, role: str) -> None:
        self.said.setText(sentence)
        set_role(self.said, role)
        self.setCurrentWidget(self.said)


def _beginning(table: Table) -> QTableWidget:
    titles = titles_of(table)
    rows = rows_of(table, 0, _ROWS)
    shown = titles[:_COLUMNS]
    widget = QTableWidget(len(rows), len(shown))
    widget.setHorizontalHeaderLabels(shown)
    widget.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    widget.setTabKeyNavigation(False)
    widget.setAlternatingRowColors(True)
    for place, row in enumerate(rows):
        for column, text in enumerate(row[:_COLUMNS]):
            widget.setItem(place, column, QTableWidgetItem(text))
    hidden = len(titles) - len(shown)
    rest = f"; {hidden} more columns" if hidden else ""
    widget.setToolTip(
        as_tip(f"The first {len(rows)} of {format_number(length_of(table))} rows{rest}")
    )
    widget.setAccessibleName(f"Table {table.name}")
    widget.resizeColumnsToContents()
    return widget
