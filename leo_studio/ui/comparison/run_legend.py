"""The legend of the runs of a comparison: the sign of each one's line, and its title."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.services.records import RunEntry
from leo_studio.ui.comparison.run_styles import key_size, run_style
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.short_titles import short_title
from leo_studio.ui.widgets.theme import ThemeManager


class RunLegend(QWidget):
    """A line for each run; titles are shortened where runs do not differ."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("comparison-legend")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._themes = themes
        self._runs: tuple[RunEntry, ...] = ()
        self._rows: list[tuple[Label, Label]] = []  # sign and title
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)

    @property
    def titles(self) -> tuple[str, ...]:
        """What stands beside the signs."""
        return tuple(title.text() for _, title in self._rows[: len(self._runs)])

    def show_runs(self, runs: Sequence[RunEntry], numbers: Sequence[int]) -> None:
        """Show these runs, in the styles with these numbers."""
        self._runs = tuple(runs)
        while len(self._rows) < len(runs):
            self._add_row()
        height = self.fontMetrics().height()
        self._grid.setVerticalSpacing(height // 8)
        for place, (sign, title) in enumerate(self._rows):
            is_used = place < len(runs)
            sign.setVisible(is_used)
            title.setVisible(is_used)
            if is_used:
                style = run_style(numbers[place], self._themes.current)
                key = style.key(height, self.devicePixelRatioF())
                sign.setPixmap(key.pixmap(key_size(height)))  # its own are the screen's pixels
                title.setToolTip(as_tip(runs[place].title))
        self._fit_titles()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show more of the titles, or less."""
        super().resizeEvent(event)
        self._fit_titles()

    def _add_row(self) -> None:
        sign, title = Label(parent=self), Label(parent=self)
        title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for column, label in enumerate((sign, title)):
            self._grid.addWidget(label, len(self._rows), column)
        self._rows.append((sign, title))

    def _fit_titles(self) -> None:
        height = self.fontMetrics().height()
        room = (
            self.width() - key_size(height).width() - self._grid.horizontalSpacing() - height // 2
        )
        own = short_names([run.title for run in self._runs])
        for run, name, (_, title) in zip(self._runs, own, self._rows, strict=False):
            title.setText(short_title(run.title, title.fontMetrics(), max(0, room), name))
