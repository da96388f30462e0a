"""The table of a study: what is measured at each row and column, and how far the rest is."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from engine.studies.standing import Standing
from leo_studio.analysis.study_tables import Head, heads, rows
from leo_studio.analysis.study_words import entry_text, runs_of_entry, share_done
from leo_studio.services.study_records import StudyView
from leo_studio.ui.widgets.column_widths import ColumnWidths
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.theme import ThemeManager

_SHARE = Qt.ItemDataRole.UserRole  # how much of an entry's runs is done; None for no bar
_BAR = 0.16  # of the height of a line
_ROW = 1.7  # of the height of a line


class _ProgressDelegate(QStyledItemDelegate):
    """Draws how far an entry's runs are, as a bar below what is measured of them so far."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint a cell."""
        super().paint(painter, option, index)
        share = index.data(_SHARE)
        if share is None:
            return
        theme, rect = self._themes.current, option.rect
        height = max(2, round(_BAR * option.fontMetrics.height()))
        bar = rect.adjusted(3, rect.height() - height - 1, -3, -1)
        painter.fillRect(bar, QColor(theme.border))
        bar.setWidth(round(share * bar.width()))
        painter.fillRect(bar, QColor(theme.accent))


class StudyTable(QTableWidget):
    """Shows a study's table; an entry leads to its runs.

    Parameters
    ----------
    themes
        Colours.
    """

    run_wanted = Signal(object)  # `Path` of a run
    selected = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: StudyView | None = None
        self._heads: Sequence[Head] = ()
        self.setObjectName("study-table")
        self.setAccessibleName("The study's table")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setItemDelegate(_ProgressDelegate(themes, self))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
            header.setDefaultAlignment(left)
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.widths = ColumnWidths(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.doubleClicked.connect(lambda _: self.open_run())
        self.currentCellChanged.connect(lambda *_: self.selected.emit())
        themes.settled.connect(self._fit)

    def show_view(self, view: StudyView) -> None:
        """Show how a study stands; where one stands in the table stays."""
        is_other = self._view is None or self._view.name != view.name
        self._view, self._heads = view, heads(view.table)
        titles = [head.text for head in self._heads]
        names = [row.name for row in view.table.study.rows]
        if is_other or (self.rowCount(), self.columnCount()) != (len(names), len(titles)):
            self.clear()
            self.setRowCount(len(names))
            self.setColumnCount(len(titles))
        self.setHorizontalHeaderLabels(titles)
        self.setVerticalHeaderLabels(names)
        places, changed = view.places, is_other
        for row, (name, *texts) in enumerate(rows(view.table)):
            for column, (head, text) in enumerate(zip(self._heads, texts, strict=True)):
                standings = places.get((name, head.column), ())
                shown = entry_text(text, standings) if head.is_accuracy else text
                changed |= self._fill(row, column, shown, standings)
        if changed:
            self._fit(can_shrink=is_other)
        if is_other:
            self.setCurrentCell(0, 0)

    def standings(self) -> Sequence[Standing]:
        """Return how the runs of the selected entry stand."""
        row, column = self.currentRow(), self.currentColumn()
        if self._view is None or row < 0 or column < 0:
            return ()
        name = self._view.table.study.rows[row].name
        return self._view.places.get((name, self._heads[column].column), ())

    def why_no_run(self) -> str:
        """Say why the selected entry leads to no run; "" where it does."""
        if not self.standings():
            return "Select an entry of a study's table first."
        return "" if self._runs() else "No run of this entry has begun yet."

    def open_run(self) -> None:
        """Open the run of the selected entry, the first one of several seeds."""
        if runs := self._runs():
            self.run_wanted.emit(runs[0])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the run of the selected entry on Enter."""
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_run()
        else:
            super().keyPressEvent(event)

    def menu(self) -> QMenu:
        """Return the menu of the selected entry: each of its runs, and how it stands."""
        menu = QMenu(self)
        menu.setObjectName("study-entry-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        standings = self.standings()
        for standing, text in zip(standings, runs_of_entry(standings), strict=True):
            action = menu.addAction(without_keys(f"Open the run of {text}"))
            action.setEnabled(standing.run is not None)
            action.triggered.connect(lambda _=False, run=standing.run: self.run_wanted.emit(run))
        return menu

    def _show_menu(self, place: QPoint) -> None:
        if self.itemAt(place) is not None:
            self.menu().popup(self.viewport().mapToGlobal(place))

    def _runs(self) -> list[Path]:
        return [each.run for each in self.standings() if each.run is not None]

    def _fill(self, row: int, column: int, text: str, standings: Sequence[Standing]) -> bool:
        """Show a cell; returns whether its text is another one than before."""
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.setItem(row, column, item)
        changed = item.text() != text
        if changed:
            item.setText(text)
        share = share_done(standings)
        is_under_way = self._heads[column].is_accuracy and 0 < share < 1
        item.setData(_SHARE, share if is_under_way else None)
        item.setToolTip(as_tip("\n".join(runs_of_entry(standings))))
        return changed

    def _fit(self, *, can_shrink: bool = True) -> None:
        """Make columns as wide as what they hold, but for those that a person sized.

        While a study goes on none becomes narrower: what is read would move each second.
        """
        self.verticalHeader().setDefaultSectionSize(round(_ROW * self.fontMetrics().height()))
        for column in range(self.columnCount()):
            before = 0 if can_shrink else self.columnWidth(column)
            self.resizeColumnToContents(column)
            self.setColumnWidth(column, max(before, self.columnWidth(column)))
        self.widths.apply()
