"""Whether a run's uncertainty tells which of its answers are wrong: measured here, and shown."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.uncertainty_record import UncertaintyRecord
from leo_studio.analysis.evaluation.uncertainty import COLUMNS, description, finding, rows_of
from leo_studio.ui.widgets.labels import result_label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.read_only_table import make_read_only
from leo_studio.ui.widgets.row_height import set_row_height

NOT_MEASURED = (
    "Does the model know which of its answers are wrong? Measured here, on the same episodes: the "
    "probabilities of one softmax, the same after temperature scaling, and LEO's sampled codes."
    "\n\nPress Measure uncertainty; it adapts fifty sampled codes beside the mean, which takes "
    "minutes, and is kept with the run."
)


class UncertaintyView(QScrollArea):
    """A sentence, a table of measures, and a button that measures; it scrolls up and down.

    `wanted` is emitted when a person wants it measured.
    """

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.record: UncertaintyRecord | None = None
        self.setObjectName("uncertainty")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._finding, self._description = (
            result_label("uncertainty-finding"),
            result_label("", "muted"),
        )
        self.table = QTableWidget(0, len(COLUMNS))
        self.button = QPushButton()
        self.button.setObjectName("measure-uncertainty")
        self.button.clicked.connect(self.wanted)
        self._lay_out()
        self.show_record(None, "", 0)

    def show_record(self, record: UncertaintyRecord | None, why_none: str, episodes: int) -> None:
        """Show a record, or that there is none yet; `why_none` says why there can be none.

        `episodes` is how many it would be measured on now.
        """
        self.record = record
        has_one = record is not None
        self.table.setVisible(has_one)
        self._description.setVisible(has_one)
        again = "Measure again" if has_one else "Measure uncertainty"
        self.button.setText(f"{again} on {episodes:,} episodes")
        self.button.setVisible(not why_none)
        if record is None:
            self._finding.setText(why_none or NOT_MEASURED)
            return
        self._finding.setText(finding(record))
        self._description.setText(description(record))
        rows = rows_of(record)
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, text in enumerate(row.texts):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(row.tip))
                font = QFont(self.table.font())
                font.setBold(row.is_best)
                item.setFont(font)
                self.table.setItem(place, column, item)
        self._fit()

    def show_busy(self, reason: str) -> None:
        """Take the button away from the hand while something is under way; say what."""
        self.button.setEnabled(not reason)
        self.button.setToolTip(
            as_tip(reason or "Measure it on the episodes of this evaluation, and keep the result")
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text's size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """Give the table the height of its rows."""
        height = round(1.6 * self.fontMetrics().height())
        set_row_height(self.table, height)
        self.table.resizeColumnsToContents()
        header = self.table.horizontalHeader().sizeHint().height()
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(header + 4 + self.table.rowCount() * height + bar)

    def _lay_out(self) -> None:
        table = self.table
        make_read_only(table, "uncertainty-measures", "Measures of uncertainty")
        table.setWordWrap(False)
        for column, (name, tip) in enumerate(COLUMNS.items()):
            header = QTableWidgetItem(name)
            header.setToolTip(as_tip(tip))
            table.setHorizontalHeaderItem(column, header)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        inside = QWidget()
        column_of = QVBoxLayout(inside)
        for widget in (self._finding, self._description, table):
            column_of.addWidget(widget)
        column_of.addLayout(line)
        column_of.addStretch(1)
        self.setWidget(inside)
