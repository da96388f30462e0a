"""The comparison panel: a table of what differs, the curves over one another, and the pairs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.comparison.differences import SettingRow, newest_comparable, setting_rows
from leo_studio.analysis.comparison.exported import exported_comparison
from leo_studio.analysis.comparison.results import markdown, result_rows
from leo_studio.figures.records import Exported
from leo_studio.services.records import RunEntry
from leo_studio.ui.comparison.overlay import ValidationOverlay
from leo_studio.ui.comparison.pairs import PairedDifferences
from leo_studio.ui.comparison.run_styles import key_size, run_style
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.empty_page import EmptyPage
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.overflow_row import OverflowRow
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_EMPTY = (
    "Nothing is compared yet. Here you see in which settings runs differ, their curves, and how "
    "much better one is on the same episodes. Compare the two newest runs, or select two or more "
    "in the Runs panel (View, Runs) and press Compare there."
)
_WIDEST = 64  # characters of a column: titles are whole, and the table scrolls
_BUTTONS = ("Show curves", "Copy as Markdown", "Export...")
_LINE = 28  # characters of a title's line, at least
_LINES = 3  # of a title, at most


class ComparisonPanel(QWidget):
    """Compares runs; they are followed while they train or are evaluated."""

    curves_wanted = Signal(object)  # tuple of `Path`: show these over one another
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("comparison-panel")
        self._controller = controller
        self._themes = themes
        self._runs: tuple[RunEntry, ...] = ()
        self._numbers: tuple[int, ...] = ()  # of the runs' styles
        self._awaited: tuple[Path, ...] = ()  # compared in an earlier session, and not read yet
        self._title = Label()
        self._title.setProperty("role", "title")
        self.table = _table()
        self.widths = ColumnWidths(self.table)
        self.overlay = ValidationOverlay(themes)
        self.differences = PairedDifferences(controller, themes)
        self._places = QStackedWidget()
        self._all_settings = actions.add(
            "comparison.all",
            "All settings",
            menu="Runs",
            tip="Show also the settings that the compared runs share",
            toggled=lambda _: self._show(),
        )
        self._actions = actions
        self._newest = actions.add(
            "comparison.newest",
            "Compare the two newest runs",
            lambda: self.show_runs(self._newest_runs()),
            menu="Runs",
            tip="Show in what the two runs that were made last on the same data differ, and how "
            "they did",
        )
        self._only_filled = [
            actions.add(
                "comparison.curves",
                "Show compared curves",
                lambda: self.curves_wanted.emit(tuple(run.path for run in self._runs)),
                menu="Runs",
                glyph=MDI7.chart_multiple,
                tip="Show all curves of the compared runs over one another",
            ),
            actions.add(
                "comparison.markdown",
                "Copy comparison as Markdown",
                lambda: self._copy(markdown(self._runs, self.rows(), self.differences.split)),
                menu="Runs",
                glyph=MDI7.language_markdown_outline,
                tip="Put the table of results and settings on the clipboard, for notes and issues",
            ),
            actions.add(
                "comparison.export",
                "Export comparison...",
                self.export_wanted.emit,
                menu="Export",
                glyph=MDI7.file_export_outline,
                tip="The compared runs: a figure, a script, or settings, results and differences",
            ),
        ]
        for action, words in zip(self._only_filled, _BUTTONS, strict=True):
            action.setIconText(words)
        self._lay_out()
        self.differences.split_changed.connect(self._show)
        themes.changed.connect(self._mark_runs)
        controller.runs_changed.connect(self._follow)
        self.show_runs(())
        self._follow(controller.runs)

    def show_runs(self, runs: Sequence[RunEntry]) -> None:
        """Compare these runs."""
        self._runs, self._awaited = tuple(runs), ()
        nothing = "" if runs else "Nothing is compared yet: select runs, then press Compare."
        for action in self._only_filled:
            self._actions.set_reason(action.objectName(), nothing)
        self._show()

    def rows(self) -> tuple[SettingRow, ...]:
        """Return what the table shows: results, then settings."""
        return (*result_rows(self._runs, self.differences.split), *self._settings())

    def exported(self) -> Exported | None:
        """Return the curves that are compared, and what the table and the pairs say."""
        split = self.differences.split
        return exported_comparison(self._runs, self.rows(), split, self._numbers)

    def _settings(self) -> tuple[SettingRow, ...]:
        rows = setting_rows([run.experiment for run in self._runs])
        return rows if self._all_settings.isChecked() else tuple(row for row in rows if row.differs)

    # Over a restart

    def remembered(self) -> dict[str, object]:
        """Return which runs are compared."""
        return {"runs": [str(path) for path in self._awaited or [run.path for run in self._runs]]}

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Compare the same runs again, as far as they are there."""
        paths = remembered.get("runs")
        if isinstance(paths, list):
            self._awaited = tuple(Path(path) for path in paths if isinstance(path, str))
            self._follow(self._controller.runs)

    def _newest_runs(self) -> list[RunEntry]:
        return newest_comparable(self._controller.runs)

    def _follow(self, runs: Sequence[RunEntry]) -> None:
        """Update the compared runs; those that are gone are left out."""
        why_not = "" if len(self._newest_runs()) == 2 else "There are no two runs yet."
        self._actions.set_reason(self._newest.objectName(), why_not)
        by_path = {run.path: run for run in runs}
        if again := [by_path[path] for path in self._awaited if path in by_path]:
            self.show_runs(again)
        if not self._runs:
            return
        by_id = {run.id: run for run in runs if run.id}
        found = (by_path.get(run.path) or by_id.get(run.id) for run in self._runs)
        still_there = tuple(run for run in found if run is not None)
        if still_there != self._runs:
            self.show_runs(still_there)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._title)
        all_settings = QCheckBox("A&ll settings")
        all_settings.setObjectName("all-settings")
        all_settings.setToolTip(as_tip(self._all_settings.toolTip()))
        all_settings.toggled.connect(self._all_settings.setChecked)
        self._all_settings.toggled.connect(all_settings.setChecked)
        row.addWidget(all_settings)
        row.addWidget(OverflowRow(self._themes, self._only_filled, "More to do with compared runs"))
        below = QSplitter(Qt.Orientation.Horizontal)
        below.addWidget(self.overlay)
        below.addWidget(self.differences)
        all_parts = QSplitter(Qt.Orientation.Vertical)
        for place, part in enumerate((self.table, below)):
            all_parts.addWidget(part)
            all_parts.setStretchFactor(place, 1)
        for splitter in (below, all_parts):
            splitter.setChildrenCollapsible(False)
            splitter.setSizes([500, 500])
        page = QWidget()
        inside = QVBoxLayout(page)
        inside.addLayout(row)
        inside.addWidget(all_parts, 1)
        nothing = EmptyPage(_EMPTY, self._newest.text())
        nothing.label.setObjectName("comparison-empty")
        nothing.button.setObjectName("compare-newest")
        nothing.button.clicked.connect(self._newest.trigger)
        self._newest.enabledChanged.connect(nothing.button.setEnabled)
        self._places.addWidget(nothing)
        self._places.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._places)

    def _show(self) -> None:
        runs = self._runs
        self._places.setCurrentIndex(int(bool(runs)))
        noun = "run" if len(runs) == 1 else "runs"
        self._title.setText(f"{len(runs)} {noun} compared")
        numbers = self._controller.run_colors.share("comparison", [run.path for run in runs])
        self._numbers = tuple(numbers[run.path] for run in runs)
        self._fill_table()
        self.overlay.show_runs(runs, self._numbers)
        self.differences.show_runs(runs)

    def _fill_table(self) -> None:
        results = result_rows(self._runs, self.differences.split)
        settings = self._settings()
        table, runs = self.table, self._runs
        table.clearSpans()
        table.clear()
        table.setColumnCount(len(runs))
        table.setRowCount(len(results) + 1 + len(settings))
        for place, run in enumerate(runs):
            item = QTableWidgetItem(_in_lines(run.title))
            item.setToolTip(as_tip(run.title))
            table.setHorizontalHeaderItem(place, item)
        self._mark_runs()
        for place, row in enumerate((*results, _heading(settings, self._all_settings.isChecked()))):
            self._fill_row(place, row, is_marked=False)
        for place, row in enumerate(settings, len(results) + 1):
            self._fill_row(place, row, is_marked=self._all_settings.isChecked() and row.differs)
        if len(runs) > 1:
            table.setSpan(len(results), 0, 1, len(runs))
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Make columns as wide as what they hold, where no title is endless: the table scrolls."""
        table, header = self.table, self.table.horizontalHeader()
        widest = _WIDEST * self.fontMetrics().averageCharWidth()
        for place in range(table.columnCount()):
            width = max(header.sectionSizeHint(place), table.sizeHintForColumn(place))
            table.setColumnWidth(place, min(width, widest))
        self.widths.apply()

    def _mark_runs(self) -> None:
        """Give every run the sign that its curve has, as large as the text."""
        height = self.fontMetrics().height()
        self.table.setIconSize(key_size(height))
        for place, number in enumerate(self._numbers):
            style = run_style(number, self._themes.current)
            icon = style.key(height, self.devicePixelRatioF())
            header = self.table.horizontalHeaderItem(place)
            if header is not None:
                header.setIcon(icon)

    def _fill_row(self, place: int, row: SettingRow, is_marked: bool) -> None:
        header = QTableWidgetItem(f"≠ {row.label}" if is_marked else row.label)
        header.setToolTip(as_tip(row.path))
        self.table.setVerticalHeaderItem(place, header)
        for column, value in enumerate(row.values):
            item = QTableWidgetItem(value)
            item.setToolTip(as_tip(f"{row.label}: {value}" if row.path else value))
            font = item.font()
            font.setBold(is_marked or not row.path)
            item.setFont(font)
            self.table.setItem(place, column, item)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)


def _heading(settings: Sequence[SettingRow], are_all: bool) -> SettingRow:
    if not settings:
        return SettingRow("", ("All settings are the same.",))
    return SettingRow("", ("All settings" if are_all else "Settings that differ",))


def _in_lines(title: str) -> str:
    """Break a long title into a few lines: its end tells it from others, as its seed does."""
    width = max(_LINE, -(-len(title) // _LINES))
    while len(lines := wrap(title, width, break_long_words=False, break_on_hyphens=False)) > _LINES:
        width += 1
    return "\n".join(lines)


def _table() -> QTableWidget:
    table = QTableWidget()
    table.setObjectName("comparison-table")
    table.setAccessibleName("Results and settings of the runs that are compared")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideNone)  # it knows no lines
    table.verticalHeader().setHighlightSections(False)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    table.horizontalHeader().setDefaultAlignment(left)
    table.verticalHeader().setDefaultAlignment(left)
    return table
