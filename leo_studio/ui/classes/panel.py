"""The classes of many episodes: how hard each is, and what it is taken for."""

from typing import TYPE_CHECKING

import numpy as np
from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.inspection.records import EpisodeTable
from leo_studio.analysis.classes.confusion import (
    Confusions,
    by_difficulty,
    by_likeness,
    by_name,
    confusions,
    episodes_behind,
    worst_pairs,
)
from leo_studio.analysis.classes.exported import exported_classes
from leo_studio.analysis.formats import format_percentage
from leo_studio.analysis.inspection.sources import why_not_inspected
from leo_studio.figures.records import Exported
from leo_studio.services.records import EpisodeSource
from leo_studio.ui.classes.beside_matrix import BesideMatrix
from leo_studio.ui.classes.class_list import ClassList
from leo_studio.ui.classes.class_pictures import ClassPictures, ShownClass
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import SourceActions
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.empty_page import EmptyPage
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.matrix import MatrixView
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.widgets.wheel import ComboBox

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

NOTHING = (
    "Which classes are hard, and which are taken for one another, is shown here, over all episodes "
    "of the panel Episodes."
)
_ORDERS = {"By difficulty": by_difficulty, "By name": by_name, "Alike together": by_likeness}
_MOST_PAIRS = 200
_TABS = (("Hardest classes", "Hardest"), ("Most confused pairs", "Pairs"))  # and with little room
_NO_CLASSES = "The panel Classes shows none yet; open it, and go through some episodes."
_OPEN_CLASS, _OPEN_PAIR = "Look at its &episodes", "Look at their &episodes"
Labels = tuple[int, int]  # a true class and what it is taken for, among all classes of the split


class ClassesPanel(QWidget):
    """Shows confusions, pictures of what is selected, and opens the episodes behind it.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    selection
        Where the episodes behind a cell are selected.
    """

    export_wanted = Signal()
    episodes_wanted = Signal(object)  # frozenset of numbers, all of which are selected by now
    table_wanted = Signal()  # of episodes, from which all is computed

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("classes-panel")
        self._controller = controller
        self._themes = themes
        self._selection = selection
        self._table: EpisodeTable | None = None
        self._is_stale = False
        self.found: Confusions | None = None
        self.order = ComboBox()
        self.order.setObjectName("class-order")
        self.order.addItems(list(_ORDERS))
        self.matrix = MatrixView(themes, "confusions of classes", self._tip)
        self.classes = ClassList(
            "hard-classes", ("Class", "Accuracy", "Episodes", "Mostly taken for"), names=1
        )
        self.pairs = ClassList("confused-pairs", ("Class", "Taken for", "Share", "95 %"), names=2)
        self.tabs = QTabWidget()
        self._chosen: Labels | None = None  # of the cell that is selected; None until one is
        self.pictures = ClassPictures(controller, themes)
        self.open_button = QPushButton(_OPEN_CLASS)
        self.seen = Label()  # whose classes these are
        self.status = Label()
        self.banner = RunBanner(controller, selection.run, themes, why_not_inspected)
        self._nothing = EmptyPage("", "Go through episodes")
        self._nothing.label.setObjectName("classes-nothing")
        self._nothing.button.setObjectName("go-through-episodes")
        self._nothing.button.clicked.connect(self.table_wanted)
        self._places = QStackedWidget()
        self._lay_out()
        actions.add(
            "classes.export",
            "Export confusions of classes...",
            self.export_wanted.emit,
            menu="Export",
            glyph=MDI7.grid,
            tip="The matrix: a figure, a script, or the numbers behind it",
        )
        actions.add(
            "classes.episodes",
            "Look at the episodes of a class",
            self._open_chosen,
            menu="Episodes",
            glyph=MDI7.table_search,
            tip="Select the episodes behind the class or pair of the panel Classes, and open one",
        )
        self._actions = actions
        SourceActions(selection, actions, ["classes.export"], parent=self)
        selection.source_changed.connect(self._say_nothing)
        self._say_nothing()
        actions.set_reason("classes.episodes", _NO_CLASSES)
        self.order.activated.connect(self._show)
        self.matrix.chosen.connect(self.show_cell)
        self.matrix.opened.connect(self.open_cell)
        self.matrix.pointed.connect(self._say)
        for table in (self.classes, self.pairs):
            table.cell_selected.connect(self.show_cell)
            table.cell_opened.connect(self.open_cell)
        self.tabs.currentChanged.connect(self._show_tab)
        self.open_button.clicked.connect(self._open_chosen)

    def set_table(self, table: EpisodeTable | None) -> None:
        """Show the classes of other episodes."""
        self._table = table
        self._is_stale = True
        if self.isVisible():
            self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Add up the tables that arrived while the panel was hidden."""
        super().showEvent(event)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Use fewer words for the tabs where they would be cut off."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            bar, room = self.tabs.tabBar(), self.tabs.width()
            for is_short in (0, 1):
                for place, texts in enumerate(_TABS):
                    bar.setTabText(place, texts[is_short])
                if bar.sizeHint().width() <= room:
                    break
        return super().eventFilter(watched, event)

    def show_cell(self, row: int, column: int) -> None:
        """Select a cell: its classes' pictures are shown, and its episodes can be opened."""
        if self.found is None:
            return
        labels = (int(self.found.labels[row]), int(self.found.labels[column]))
        if labels != self._chosen:
            self._chosen = labels
            self._say(f"{self._tip(row, column)}.")
            self._show_chosen()

    def open_cell(self, row: int, column: int) -> None:
        """Select the episodes behind a cell, and look at the worst."""
        if self.found is None or self._table is None:
            return
        true, taken = (int(self.found.labels[place]) for place in (row, column))
        numbers, _ = episodes_behind(self._table, true, taken)
        if not len(numbers):
            self._say(f"{self._tip(row, column)}: no episode is behind it.")
            return
        chosen = frozenset(numbers.tolist())
        self._selection.select(chosen)
        self._selection.show(int(numbers[0]))
        self._say(f"{self._tip(row, column)}. {len(numbers):,} episodes are selected, worst first.")
        self.episodes_wanted.emit(chosen)

    def exported(self) -> Exported | None:
        """Return the matrix in the order that is chosen, and the numbers behind it."""
        if self.found is None or self._table is None:
            return None
        provenance, count = self._table.provenance, len(self._table.numbers)
        words = f"{provenance.run}, step {provenance.step:,}: {count:,} {provenance.split} episodes"
        return exported_classes(self.found, words)

    def _say_nothing(self, *_: object) -> None:
        selection = self._selection
        why_nothing = selection.why_nothing if selection.source is None else ""
        self._nothing.label.setText(why_nothing or NOTHING)
        self._nothing.button.setVisible(not why_nothing)

    def _refresh(self) -> None:
        if not self._is_stale:
            return
        self._is_stale = False
        table = self._table
        has_rows = table is not None and len(table.numbers) > 0
        self.found = confusions(table) if table is not None and has_rows else None
        self._places.setCurrentIndex(1 if has_rows else 0)
        self._actions.set_reason("classes.episodes", "" if has_rows else _NO_CLASSES)
        self._show()

    def _show(self) -> None:
        if self.found is None or self._table is None:
            return
        self.found = found = self.found.ordered(_ORDERS[self.order.currentText()](self.found))
        shares = found.shares
        texts = [
            ["" if np.isnan(share) or share < 0.005 else f"{100 * share:.0f}" for share in row]
            for row in shares.tolist()
        ]
        self.matrix.show_matrix(shares, texts, found.names, ("true class", "taken for (%)"))
        self._fill_classes(found)
        self._fill_pairs(found)
        provenance = self._table.provenance
        self.seen.setText(f"{provenance.split} · step {provenance.step:,}")
        self.seen.setToolTip("Another split or checkpoint is chosen in the panel Episodes")
        self._show_chosen()
        low = int(found.episodes.diagonal().min())
        self._say(
            f"{len(found.names)} classes in {len(self._table.numbers):,} {provenance.split} "
            f"episodes; each class is in {low:,} or more. A share counts only episodes that have "
            "both classes."
        )

    def _fill_classes(self, found: Confusions) -> None:
        rows = []
        for place in by_difficulty(found).tolist():
            taken, mostly = self._mostly_taken(found, place), ""
            if taken is not None:
                worst = format_percentage(float(found.shares[place, taken]), 1)
                mostly = f"{found.names[taken]} {worst}"
            accuracy = format_percentage(float(found.accuracies[place]), 1)
            count = f"{found.episodes[place, place]:,}"
            rows.append(((place, place), (found.names[place], accuracy, count, mostly)))
        self.classes.fill(rows, self._tip)

    def _fill_pairs(self, found: Confusions) -> None:
        rows = []
        for row, column in worst_pairs(found, _MOST_PAIRS):
            low, high = found.interval(row, column)
            share = format_percentage(float(found.shares[row, column]), 1)
            interval = f"{100 * low:.1f} to {100 * high:.1f} %"
            names = (found.names[row], found.names[column])
            rows.append(((row, column), (*names, share, interval)))
        self.pairs.fill(rows, self._tip)

    def _cell(self) -> tuple[int, int] | None:
        """Return the cell that is selected: the first one of the list while none is."""
        found = self.found
        if found is None:
            return None
        places = {label: place for place, label in enumerate(found.labels.tolist())}
        if self._chosen is not None and set(self._chosen) <= places.keys():
            return places[self._chosen[0]], places[self._chosen[1]]
        table = self.tabs.currentWidget()
        assert isinstance(table, ClassList)
        return table.first_cell or self.classes.first_cell

    def _show_chosen(self) -> None:
        """Mark the selected cell in the lists, and show the pictures of its classes."""
        cell, found, table = self._cell(), self.found, self._table
        if cell is None or found is None or table is None:
            return
        row, column = cell
        for each in (self.classes, self.pairs):
            each.mark(cell)
        self.open_button.setText(_OPEN_CLASS if row == column else _OPEN_PAIR)
        shown = [ShownClass(int(found.labels[row]), found.names[row])]
        taken = self._mostly_taken(found, row) if row == column else column
        if taken is not None:
            share = format_percentage(float(found.shares[row, taken]), 1)
            mostly = "mostly taken for" if row == column else "taken for"
            title = f"{mostly} {found.names[taken]} ({share})"
            shown.append(ShownClass(int(found.labels[taken]), title))
        self.pictures.show_classes(self._source_of(table), shown)

    def _source_of(self, table: EpisodeTable) -> EpisodeSource | None:
        """Return the source of a table's rows; None where another split is looked at meanwhile."""
        source = self._selection.source
        return source if source is not None and source.split == table.provenance.split else None

    def _mostly_taken(self, found: Confusions, row: int) -> int | None:
        """Return the class that another one is mostly taken for; None where it is always right."""
        shares = np.nan_to_num(found.shares[row])
        shares[row] = 0.0
        taken = int(shares.argmax())
        return taken if shares[taken] > 0 else None

    def _show_tab(self, _place: int) -> None:
        """Show the first one of the list that is seen now."""
        table = self.tabs.currentWidget()
        if isinstance(table, ClassList) and (cell := table.selected_cell or table.first_cell):
            self.show_cell(*cell)

    def _open_chosen(self) -> None:
        if (cell := self._cell()) is not None:
            self.open_cell(*cell)

    def _tip(self, row: int, column: int) -> str:
        found = self.found
        if found is None:
            return ""
        one, other = found.names[row], found.names[column]
        asked = int(found.asked[row, column])
        if not asked:
            return f'"{one}" and "{other}" are in no episode together'
        count, episodes = int(found.counts[row, column]), int(found.episodes[row, column])
        share = format_percentage(count / asked, 1)
        if row == column:
            return f'{share} of the queries of "{one}" are right ({count:,} of {asked:,})'
        return (
            f'{share} of the queries of "{one}" are taken for "{other}" where it is there too '
            f"({count:,} of {asked:,}, {episodes:,} episodes)"
        )

    def _say(self, text: str) -> None:
        self.status.setText(text)

    def _lay_out(self) -> None:
        self.status.setObjectName("classes-status")
        self.status.setProperty("role", "muted")
        self.status.setWordWrap(True)
        head = QHBoxLayout()
        label = Label("&Order")
        label.setBuddy(self.order)
        self.seen.setObjectName("classes-source")
        head.addWidget(self.banner, 1)
        head.addWidget(self.seen)
        head.addSpacing(self.fontMetrics().height())
        head.addWidget(label)
        head.addWidget(self.order)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.matrix, 1)
        for table, (text, _) in zip((self.classes, self.pairs), _TABS, strict=True):
            self.tabs.setTabToolTip(self.tabs.addTab(table, text), as_tip(text))
        self.tabs.installEventFilter(self)
        self.open_button.setObjectName("open-class-episodes")
        self.open_button.setToolTip("Select the episodes behind it, and open the worst")
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.addWidget(left)
        sides.addWidget(BesideMatrix(self.tabs, self.pictures, self.open_button))
        sides.setStretchFactor(0, 3)
        sides.setStretchFactor(1, 2)
        inside = QWidget()
        whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(head)
        whole.addWidget(sides, 1)
        whole.addWidget(self.status)
        self._places.addWidget(self._nothing)
        self._places.addWidget(inside)
        layout = QVBoxLayout(self)
        layout.addWidget(self._places)
