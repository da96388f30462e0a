"""Whether a run's uncertainty tells which of its answers are wrong: measured here, and shown."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.uncertainty_record import UncertaintyRecord
from leo_studio.analysis.evaluation.uncertainty import (
    COLUMNS,
    NO_CURVE,
    description,
    finding,
    rows_of,
)
from leo_studio.ui.evaluation.risk_coverage import RiskCoverageCurves
from leo_studio.ui.widgets.fitting_table import FittingTable
from leo_studio.ui.widgets.labels import result_label
from leo_studio.ui.widgets.line_legend import LineLegend
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

NOT_MEASURED = (
    "Does the model know which of its answers are wrong? Measured here, on the same episodes: the "
    "probabilities of one softmax, the same after temperature scaling, and LEO's sampled codes."
    "\n\nPress Measure uncertainty; it adapts fifty sampled codes beside the mean, which takes "
    "minutes, and is kept with the run."
)


class UncertaintyView(QScrollArea):
    """A sentence, curves, a table of measures, and a button; it scrolls up and down.

    `wanted` is emitted when a person wants it measured.

    Parameters
    ----------
    themes
        Colours.
    """

    wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.record: UncertaintyRecord | None = None
        self.setObjectName("uncertainty")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._finding, self._description, self._no_curve = (
            result_label("uncertainty-finding"),
            result_label("", "muted"),
            result_label("uncertainty-no-curve", "muted"),
        )
        self._no_curve.setText(NO_CURVE)
        self.curves = RiskCoverageCurves(themes)
        self.legend = LineLegend("uncertainty-legend")
        self.table = FittingTable("uncertainty-measures", "Measures of uncertainty")
        self.button = QPushButton()
        self.button.setObjectName("measure-uncertainty")
        self.button.clicked.connect(self.wanted)
        self._column = QVBoxLayout()
        self._lay_out()
        self.show_record(None, "", 0)
        # Methods, and no functions: they are no longer called once the view is gone.
        themes.changed.connect(self._color)
        themes.settled.connect(self.table.fit)

    def add_progress(self, progress: QWidget) -> None:
        """Show how far measuring is, below the button."""
        self._column.insertWidget(self._column.count() - 1, progress)

    def show_record(self, record: UncertaintyRecord | None, why_none: str, episodes: int) -> None:
        """Show a record, or that there is none yet; `why_none` says why there can be none.

        `episodes` is how many it would be measured on now.
        """
        self.record = record
        has_one = record is not None
        has_curves = record is not None and record.has_curves
        self.table.setVisible(has_one)
        self._description.setVisible(has_one)
        self.curves.setVisible(has_curves)
        self.legend.setVisible(has_curves)
        self._no_curve.setVisible(has_one and not has_curves)
        again = "Measure again" if has_one else "Measure uncertainty"
        self.button.setText(f"{again} on {episodes:,} episodes")
        self.button.setVisible(not why_none)
        if record is None:
            self._finding.setText(why_none or NOT_MEASURED)
            return
        self._finding.setText(finding(record))
        self._description.setText(description(record))
        if has_curves:
            self.curves.show_record(record)
            self._color(self._themes.current)
        self._fill_table(record)

    def _fill_table(self, record: UncertaintyRecord) -> None:
        rows = rows_of(record)
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            font = QFont()  # bold alone: its size is the table's, whatever that becomes
            font.setBold(row.is_best)
            for column, text in enumerate(row.texts):
                item = QTableWidgetItem(text)
                item.setToolTip(as_tip(row.tip))
                item.setFont(font)
                self.table.setItem(place, column, item)
        self.table.fit()

    def show_busy(self, reason: str) -> None:
        """Take the button away from the hand while something is under way; say what."""
        self.button.setEnabled(not reason)
        self.button.setToolTip(
            as_tip(reason or "Measure it on the episodes of this evaluation, and keep the result")
        )

    def _color(self, theme: Theme) -> None:
        self.legend.show_entries(self.curves.entries(theme))

    def _lay_out(self) -> None:
        table = self.table
        table.setColumnCount(len(COLUMNS))
        for column, (name, tip) in enumerate(COLUMNS.items()):
            header = QTableWidgetItem(name.replace(" ", "\n").replace("-", "-\n"))
            header.setToolTip(as_tip(tip))
            table.setHorizontalHeaderItem(column, header)
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._column)
        parts = (self._finding, self._description, self.curves, self.legend, self._no_curve, table)
        for widget in parts:
            self._column.addWidget(widget)
        self._column.addLayout(line)
        self._column.addStretch(1)
        self.setWidget(inside)
