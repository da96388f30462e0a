"""The legend of runs, one line above the plots: number, colour, name, and a way to remove each."""

from dataclasses import dataclass
from functools import partial

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from leo_studio.analysis.comparison.short_names import short_names
from leo_studio.ui.curves.legend import draw_sample
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.short_titles import short_title
from leo_studio.ui.widgets.theme import Theme, ThemeManager

_LONGEST_NAME = 60
_SHORTEST_NAME = 8  # letters; with less room, a run stands in the menu at the end


@dataclass(frozen=True, slots=True)
class RunLabel:
    """The legend's words on a run, or on the mean of several.

    A run alone has no colour: its curves have those of what they show.
    """

    key: str
    name: str
    number: int
    color: int | None
    tip: str
    is_removable: bool
    is_loading: bool = False


class RunLegend(QWidget):
    """The legend of the numbers and colours in the plots.

    One line whatever is shown: names are shortened to the room there is, and runs that have none
    stand in a menu at the end.

    `remove_wanted` is emitted with a run's key, `pointed_at` with the key under the mouse, or "".
    """

    remove_wanted = Signal(str)
    pointed_at = Signal(str)

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("run_legend")
        self._themes = themes
        self._labels: tuple[RunLabel, ...] = ()
        self._entries: list[_Entry] = []
        self._more = QToolButton(self)
        self._more.setObjectName("more_runs")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setAutoRaise(True)
        menu = QMenu(self._more)
        menu.aboutToShow.connect(self._fill_menu)
        self._more.setMenu(menu)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

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
            entry.hide()
            entry.deleteLater()
        own = short_names([label.name for label in self._labels])
        self._entries = [self._entry(*each) for each in zip(self._labels, own, strict=True)]
        self.updateGeometry()
        self._arrange()

    def sizeHint(self) -> QSize:
        """Return the height of one line; whatever width there is will do."""
        return QSize(self._more.sizeHint().width(), round(1.6 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names the room that there is."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        room, gap = self.width(), self.fontMetrics().height() // 2
        wanted = [entry.width_with(_LONGEST_NAME) for entry in self._entries]
        least = [entry.width_with(_SHORTEST_NAME) for entry in self._entries]
        count = len(self._entries)
        if sum(least) + gap * count > room:
            self._more.setText(f"+{count}")  # no text is wider
            inside = room - self._more.sizeHint().width()
            fitting = (n for n in range(count, -1, -1) if sum(least[:n]) + gap * n <= inside)
            count = next(fitting, 0)  # before it has any room
            room = inside
        widths = shared_room(wanted[:count], least[:count], room - gap * count)
        left = 0
        for place, entry in enumerate(self._entries):
            entry.setVisible(place < count)
            if place < count:
                entry.setGeometry(left, 0, widths[place], self.height())
                left += widths[place] + gap
        behind = self._labels[count:]
        self._more.setVisible(bool(behind))
        self._more.setText(f"+{len(behind)}")
        self._more.setToolTip(as_tip("\n".join(f"{each.number} {each.name}" for each in behind)))
        self._more.setAccessibleName("More runs")
        self._more.setGeometry(left, 0, self._more.sizeHint().width(), self.height())

    def _fill_menu(self) -> None:
        menu = self._more.menu()
        menu.clear()
        for label, entry in zip(self._labels, self._entries, strict=True):
            if entry.isHidden():
                text = f"Remove {label.number} {label.name} from the plots"
                action = menu.addAction(self._themes.icon(MDI7.close), without_keys(text))
                action.triggered.connect(partial(self.remove_wanted.emit, label.key))

    def _entry(self, label: RunLabel, own: str) -> "_Entry":
        entry = _Entry(label, own, self._themes, self)
        entry.pointed_at.connect(self.pointed_at)
        entry.remove_wanted.connect(self.remove_wanted)
        return entry


def shared_room(wanted: list[int], least: list[int], room: int) -> list[int]:
    """Share a width: each gets what it wants, or the long ones give way to one common width.

    Nobody gets less than its least.
    """
    if sum(wanted) <= room or not wanted:
        return wanted
    low, high = 0, max(wanted)
    while low < high:
        limit = (low + high + 1) // 2
        total = sum(max(few, min(many, limit)) for many, few in zip(wanted, least, strict=True))
        low, high = (limit, high) if total <= room else (low, limit - 1)
    return [max(few, min(many, low)) for many, few in zip(wanted, least, strict=True)]


class _Entry(QWidget):
    """One run; says when the mouse is over it, and when it is to be removed."""

    pointed_at = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, label: RunLabel, own: str, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._key = label.key
        self._full_name, self._own = label.name, own
        self.setObjectName("run_entry")
        self.setToolTip(as_tip(label.tip))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._spacing = self.fontMetrics().height() // 3
        layout.setSpacing(self._spacing)
        theme = themes.current
        self._others: list[QWidget] = []
        if label.color is not None:
            number = Label(str(label.number), self)
            number.setProperty("role", "title")
            self._others += [_Sample(theme.series_color(label.color), theme, self), number]
        self._name = Label(self._full_name, self)
        for widget in (*self._others, self._name):
            layout.addWidget(widget)
        if label.is_loading:
            reading = Label("reading ...", self)
            reading.setProperty("role", "muted")
            self._others.append(reading)
            layout.addWidget(reading)
        if label.is_removable:
            button = self._button(label, themes)
            self._others.append(button)
            layout.addWidget(button)
        layout.addStretch()

    def width_with(self, letters: int) -> int:
        """Return how wide the entry is with so many letters of its name at most."""
        metrics = self._name.fontMetrics()
        name = metrics.horizontalAdvance(self._full_name)
        return min(name, letters * metrics.averageCharWidth()) + self._width_beside()

    def _width_beside(self) -> int:
        parts = [max(each.sizeHint().width(), each.minimumWidth()) for each in self._others]
        return sum(parts) + self._spacing * (len(parts) + 1) + 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the name as there is room for, above all what is its own."""
        super().resizeEvent(event)
        room = max(0, self.width() - self._width_beside())
        metrics = self._name.fontMetrics()
        self._name.setText(short_title(self._full_name, metrics, room, self._own))

    def _button(self, label: RunLabel, themes: ThemeManager) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("remove_run")
        button.setIcon(themes.icon(MDI7.close))
        tip = f"Remove {label.name} from the plots"
        button.setToolTip(as_tip(tip))
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoRaise(True)
        height = round(1.4 * self.fontMetrics().height())
        button.setFixedSize(QSize(height, height))
        button.setStyleSheet("padding: 1px")  # else the cross is a dot
        button.clicked.connect(lambda _checked: self.remove_wanted.emit(label.key))
        return button

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
