"""Widths of columns that a person set: they stay while data, theme and text size change."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

Letters = dict[str, float]  # widths by a column's name, in letters of the text's size
_NARROWEST, _WIDEST = 1.0, 400.0  # letters; a file may say anything
_MOST = 200  # columns whose widths are remembered


class ColumnWidths(QObject):
    """Knows which columns of a table a person has dragged, and how wide.

    A table sizes its columns by what they hold, and calls `apply` after it. Columns are known by
    their names: in another version they may stand in another order.

    Parameters
    ----------
    table
        It has to have its name already, by which its widths are kept.
    """

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table, self._header = table, table.horizontalHeader()
        self._letters: Letters = {}
        self._is_held = False
        self._header.viewport().installEventFilter(self)
        self._header.sectionResized.connect(self._resized)

    @property
    def name(self) -> str:
        """The table's name."""
        return self._table.objectName()

    def apply(self) -> None:
        """Give the columns that a person sized the same width in letters again."""
        if not self._letters:
            return
        for section in range(self._header.count()):
            letters = self._letters.get(self._name_of(section))
            if letters is not None and not self._header.isSectionHidden(section):
                self._header.resizeSection(section, round(letters * self._letter()))

    def has(self, section: int) -> bool:
        """Say whether a person has sized a column."""
        return self._name_of(section) in self._letters

    def forget(self) -> None:
        """Leave all widths to the table again."""
        self._letters.clear()

    def state(self) -> Letters:
        """Return what `restore` needs at the next start."""
        newest = list(self._letters.items())[-_MOST:]
        return {name: round(letters, 2) for name, letters in newest}

    def restore(self, letters: Mapping[str, object]) -> None:
        """Take widths over from an earlier start; what makes no sense is left out.

        Earlier versions kept them by the columns' numbers, which may be other columns now.
        """
        self._letters = {
            name: min(max(_NARROWEST, width), _WIDEST)  # in this order also for nan
            for name, width in letters.items()
            if not name.isdecimal() and isinstance(width, int | float)
        }
        self.apply()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice when a person holds an edge of a column."""
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress:
            self._is_held = True
        elif kind == QEvent.Type.MouseButtonRelease:
            self._is_held = False
        return super().eventFilter(watched, event)

    def _resized(self, section: int, _before: int, width: int) -> None:
        header = self._header
        is_last = header.visualIndex(section) == header.count() - 1
        stretches = is_last and header.stretchLastSection()
        is_free = header.sectionResizeMode(section) == QHeaderView.ResizeMode.Interactive
        # One that is hidden or shown tells a width of 0 or its old one, and nobody chose it.
        if self._is_held and is_free and width and not stretches:
            name = self._name_of(section)
            self._letters.pop(name, None)  # it becomes the newest
            self._letters[name] = width / self._letter()

    def _name_of(self, section: int) -> str:
        """Return a column's title; what screen readers say where it has none."""
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        across, model = Qt.Orientation.Horizontal, self._table.model()
        texts = (model.headerData(section, across, role) for role in roles)
        return next((text for text in texts if text), "")

    def _letter(self) -> float:
        return float(max(1, self._table.fontMetrics().averageCharWidth()))


def column_widths(window: QWidget) -> dict[str, Letters]:
    """Return the widths that were set in all tables of a window, by the tables' names."""
    kept: dict[str, Letters] = {}
    for widths in window.findChildren(ColumnWidths):
        if state := widths.state():
            kept[widths.name] = state
    return kept


def restore_column_widths(window: QWidget, kept: Mapping[str, Mapping[str, object]]) -> None:
    """Give tables the widths of an earlier start, unless a person has sized them since."""
    for widths in window.findChildren(ColumnWidths):
        if widths.name in kept and not widths.state():
            widths.restore(kept[widths.name])
