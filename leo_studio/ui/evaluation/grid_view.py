"""A run on other ways, shots and stores than it was trained on, as heat maps."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.evaluation.grid_record import GridEvaluation
from leo_studio.analysis.evaluation.grids import (
    describe,
    exported_grid,
    grid_as_text,
    grid_name,
    heat_maps,
    largest_gain,
    place_of,
    place_text,
    scale_labels,
    varying_text,
)
from leo_studio.figures.records import Exported
from leo_studio.ui.evaluation.export_button import ExportButton
from leo_studio.ui.evaluation.grid_form import START, GridForm
from leo_studio.ui.widgets.color_scale import ColorScale
from leo_studio.ui.widgets.colors import diverging_color, sequential_color
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label, result_label, sentence_label
from leo_studio.ui.widgets.matrix import MatrixView
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.widgets.wheel import ComboBox

NOTHING = (
    "How the run does on other ways, shots and stores than it was trained on is shown here, beside "
    f"nearest class mean.\n\nPress {START}; it takes some seconds to some minutes, and "
    "is kept with the run."
)
_LETTERS_OF_MAP = 36  # in width, at least, where there is another one beside it
_LINES_OF_ROW, _LINES_ABOVE = 2.6, 3.2  # heights of a map, in lines of text
_FEWEST_LETTERS = 24  # of the list of what is kept, which otherwise asks for its longest entry


class GridView(QWidget):
    """The form of a grid, and the heat maps of one that is kept.

    Parameters
    ----------
    themes
        Colours and icons.
    """

    export_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("grid-view")
        self._themes = themes
        self._grids: Sequence[GridEvaluation] = ()
        self.grid: GridEvaluation | None = None
        self.form = GridForm()
        self.kept = ComboBox()
        self.gain = QCheckBox("Gain on nearest class &mean")
        self.export_button = ExportButton("grid-export", themes)
        self.description = result_label("grid-description", "muted")
        self.pointed = sentence_label("grid-pointed")
        self.varying = result_label("grid-varying-result")
        self.scale = ColorScale(themes, "scale of colours")
        self.maps: list[MatrixView] = []
        self._nothing = Label(NOTHING)
        self._places = QStackedWidget()
        self._lay_out()
        self.kept.activated.connect(self._choose)
        self.gain.toggled.connect(lambda _: self._show())
        self.export_button.export_wanted.connect(self.export_wanted)
        self.export_button.copy_wanted.connect(self.copy_wanted)
        themes.settled.connect(self._size_maps)

    def show_grids(
        self, grids: Sequence[GridEvaluation], why_none: str = "", wanted: str = ""
    ) -> None:
        """List what is kept with a run; `wanted` is the name of the file to show.

        Parameters
        ----------
        grids
            Of one run.
        why_none
            What is to be known where there are none; the usual hint by default.
        wanted
            By default the one that was shown, if it is still there, or the last.
        """
        self._nothing.setText(why_none or NOTHING)
        if tuple(grids) == tuple(self._grids) and not wanted:
            return
        before = wanted or ("" if self.grid is None else self.grid.file_name)
        self._grids = tuple(grids)
        with QSignalBlocker(self.kept):
            self.kept.clear()
            for each in grids:
                self.kept.addItem(grid_name(each), each.file_name)
            place = self.kept.findData(before)
            self.kept.setCurrentIndex(place if place >= 0 else self.kept.count() - 1)
        self._choose()

    def exported(self) -> Exported | None:
        """Return the heat maps that are shown, and the numbers behind them."""
        if self.grid is None:
            return None
        return exported_grid(self.grid, shows_gain=self.gain.isChecked())

    def copy_result(self) -> None:
        """Put what was measured on the clipboard, a line for each place."""
        if self.grid is not None:
            QGuiApplication.clipboard().setText(grid_as_text(self.grid))

    def _choose(self, *_: object) -> None:
        place = self.kept.currentIndex()
        self.grid = self._grids[place] if 0 <= place < len(self._grids) else None
        self.pointed.clear()
        self._show()

    def _show(self) -> None:
        grid = self.grid
        self._places.setCurrentIndex(int(grid is not None))
        if grid is None:
            return
        self.description.setText(describe(grid))
        self.varying.setText("\n".join(map(varying_text, grid.varying)))
        self.varying.setVisible(bool(grid.varying))
        shows_gain = self.gain.isChecked()
        scale = largest_gain(grid) if shows_gain else 1.0
        found = heat_maps(grid, shows_gain=shows_gain)
        self._make_maps(len(found))
        unit = "points" if shows_gain else "%"
        colors = diverging_color if shows_gain else sequential_color
        labels = scale_labels(grid, shows_gain=shows_gain)
        self.scale.show_scale(colors, (-1.0 if shows_gain else 0.0, 1.0), labels)
        for place, (view, each) in enumerate(zip(self.maps, found, strict=True)):
            view.colors = colors
            view.marked = each.trained
            title = f"{each.store}: shots ({unit})"
            view.show_matrix(
                each.values / scale, each.texts, each.rows, ("ways", title), each.columns
            )
            view.setAccessibleDescription(self._spoken(place))
        self._size_maps()

    def _make_maps(self, count: int) -> None:
        """Have so many maps: each is of one store."""
        while len(self.maps) > count:
            gone = self.maps.pop()
            self._table.removeWidget(gone)
            gone.deleteLater()
        while len(self.maps) < count:
            place = len(self.maps)
            view = MatrixView(self._themes, f"grid map {place + 1}", partial(self._tip, place))
            view.pointed.connect(self.pointed.setText)
            view.chosen.connect(partial(self._point, place))
            self.maps.append(view)
        self._place_maps()

    def _place_maps(self) -> None:
        """Put maps beside one another where there is room for their numbers."""
        beside = max(1, self.width() // (_LETTERS_OF_MAP * self.fontMetrics().averageCharWidth()))
        for place, view in enumerate(self.maps):
            self._table.addWidget(view, place // beside, place % beside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room."""
        super().resizeEvent(event)
        self._place_maps()

    def _size_maps(self) -> None:
        if self.grid is None:
            return
        line = self.fontMetrics().height()
        height = round(line * (_LINES_ABOVE + _LINES_OF_ROW * len(self.grid.ways)))
        for view in self.maps:
            view.setFixedHeight(height)

    def _tip(self, place: int, row: int, column: int) -> str:
        grid = self.grid
        if grid is None:
            return ""
        return place_text(grid, place_of(grid, grid.stores[place], row, column))

    def _point(self, place: int, row: int, column: int) -> None:
        self.pointed.setText(self._tip(place, row, column))

    def _spoken(self, place: int) -> str:
        """Return all cells of a map in words, for people who cannot see it."""
        grid = self.grid
        assert grid is not None
        shape = np.ndindex(len(grid.ways), len(grid.shots))
        return ". ".join(self._tip(place, row, column) for row, column in shape)

    def _lay_out(self) -> None:
        self._nothing.setObjectName("no-grid")
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setMargin(2 * self.fontMetrics().height())
        self.kept.setObjectName("grid-kept")
        self.kept.setAccessibleName("Kept grids")
        self.kept.setMinimumContentsLength(_FEWEST_LETTERS)
        self.kept.setSizeAdjustPolicy(
            ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.gain.setObjectName("grid-gain")
        self.gain.setToolTip("Show by how much it is better than nearest class mean, in points")
        head = QWidget()
        flow = FlowLayout(head)  # as narrow as its widest part, with large text
        flow.setContentsMargins(0, 0, 0, 0)
        for part in (self.kept, self.gain, self.export_button):
            flow.addWidget(part)
        inside = QWidget()
        self._table = QGridLayout()
        self._table.setHorizontalSpacing(self.fontMetrics().height())
        below = QVBoxLayout(inside)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(head)
        below.addWidget(self.description)
        below.addLayout(self._table)
        below.addWidget(self.scale)
        below.addWidget(self.pointed)
        below.addWidget(self.varying)
        below.addStretch()
        self._places.addWidget(self._nothing)
        self._places.addWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        column.addWidget(self._places, 1)
