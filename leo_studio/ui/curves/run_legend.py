"""The legend of runs, above the plots: number, colour and name of each, and a way to remove it."""

from dataclasses import dataclass

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from leo_studio.ui.curves.legend import draw_sample
from leo_studio.ui.widgets.flow_layout import FlowLayout
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class RunLabel:
    """The legend's words on a run, or on the mean of several."""

    key: str
    name: str
    number: int
    color: int
    tip: str
    is_removable: bool
    is_loading: bool = False


class RunLegend(QWidget):
    """The legend of the numbers and colours in the plots.

    `remove_wanted` is emitted with a run's key, `pointed_at` with the key under the mouse, or "".
    """

    remove_wanted = Signal(str)
    pointed_at = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("run_legend")
        self._themes = themes
        self._labels: tuple[RunLabel, ...] = ()
        self._entries: list[QWidget] = []
        self._flow = FlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def labels(self) -> tuple[RunLabel, ...]:
        """What is shown."""
        return self._labels

    def show_labels(self, labels: tuple[RunLabel, ...]) -> None:
        """Show other runs."""
        if labels == self._labels:
            return
        self._labels = labels
        self.recolor()

    def recolor(self) -> None:
        """Make the entries anew, in the theme's colours."""
        for entry in self._entries:
            self._flow.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self._entries = [self._entry(label) for label in self._labels]
        for entry in self._entries:
            self._flow.addWidget(entry)
            entry.show()

    def _entry(self, label: RunLabel) -> QWidget:
        entry = _Entry(label.key, self)
        entry.setObjectName("run_entry")
        entry.setToolTip(as_tip(label.tip))
        entry.pointed_at.connect(self.pointed_at)
        layout = QHBoxLayout(entry)
        edge = self.fontMetrics().height() // 4
        layout.setContentsMargins(edge * 2, edge // 2, edge, edge // 2)
        theme = self._themes.current
        layout.addWidget(_Sample(theme.series_color(label.color), theme, entry))
        shown = label.name
        if len(shown) > _LONGEST_NAME:
            half = _LONGEST_NAME // 2
            shown = f"{shown[: half - 1]}…{shown[-half:]}"
        number = Label(str(label.number), entry)
        number.setProperty("role", "title")
        layout.addWidget(number)
        layout.addWidget(Label(shown, entry))
        if label.is_loading:
            reading = Label("reading ...", entry)
            reading.setProperty("role", "muted")
            layout.addWidget(reading)
        if label.is_removable:
            button = QToolButton(entry)
            button.setObjectName("remove_run")
            button.setIcon(self._themes.icon(MDI7.close))
            tip = f"Remove {label.name} from the plots"
            button.setToolTip(as_tip(tip))
            button.setAccessibleName(tip)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAutoRaise(True)
            button.clicked.connect(lambda _checked: self.remove_wanted.emit(label.key))
            layout.addWidget(button)
        return entry


class _Entry(QFrame):
    """Says when the mouse is over it."""

    pointed_at = Signal(str)

    def __init__(self, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._key = key
        self.setProperty("role", "card")

    def enterEvent(self, event: QEnterEvent) -> None:
        """Say that the mouse came."""
        self.pointed_at.emit(self._key)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse left."""
        self.pointed_at.emit("")
        super().leaveEvent(event)


class _Sample(QWidget):
    """A piece of a run's curve."""

    def __init__(self, color: str, theme: Theme, parent: QObject) -> None:
        super().__init__(parent if isinstance(parent, QWidget) else None)
        self._color = color
        self._theme = theme
        height = self.fontMetrics().height()
        self.setFixedSize(QSize(round(height * 1.4), height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        box = QRectF(self.rect())
        draw_sample(QPainter(self), box, self._color, Qt.PenStyle.SolidLine, width=3.0)
