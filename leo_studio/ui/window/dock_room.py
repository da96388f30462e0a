"""Who gets the room that a window gains: plots. Forms and lists keep the size that they have."""

from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSplitter, QStatusBar, QStyle, QWidget

from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.dock_titles import bars_of_docks

_WIDTH, _HEIGHT = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
# At first: the form has so many letters' width, the lists below the plots this part of the height.
_FORM_LETTERS = 56
_WIDEST_FORM = 0.34  # of the window
_LISTS = 0.3  # of the window: five runs at 1280 x 800
# After a new look panels are laid out in several turns, each of which moves docks a little.
_TURN_MILLISECONDS, _TURNS = 100, 5


class _Side(NamedTuple):
    """Docks beside those of the plots, tabbed with one another, and what they keep."""

    names: tuple[str, ...]
    orientation: Qt.Orientation


FORMS = _Side(("experiment", "episodes"), _WIDTH)
LISTS = _Side(("runs", "queue"), _HEIGHT)
_SIDES = {"forms": FORMS, "lists": LISTS}
PLOTS = (
    *("curves", "latents", "episode", "classes"),
    *("functions", "evaluation", "comparison", "studies", "sweeps", "tryit", "curvature"),
)


class DockRoom(QObject):
    """Keeps forms as wide and lists as high as somebody made them, whatever the window's size.

    Qt itself shares what a window gains equally among its docks. `came_back` says that docks have
    the sizes again that a new look has changed.

    Parameters
    ----------
    window
        The main window.
    docks
        Its docks, by name.
    themes
        Tells when panels may need more room, or less.
    """

    came_back = Signal()

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, QDockWidget], themes: ThemeManager
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._kept: dict[_Side, int] = {}
        self._restored: dict[_Side, int] = {}  # until the window is shown
        self._stacks: dict[tuple[QDockWidget, ...], list[int]] = {}  # and how high each dock is
        self._size = QSize()  # of the window, to which the kept sizes belong
        self.is_held = False  # while one panel fills the window
        self._known: set[QDockWidget] = set()  # of plots, seen with this look: Qt's word is good
        self._themes = themes
        self._is_in_hand = False  # what parts two docks, by the mouse
        self._rest = QTimer(self, singleShot=True, interval=_TURN_MILLISECONDS)
        self._rest.timeout.connect(self._let_go)
        self._laid_out = QTimer(self, singleShot=True, interval=_TURN_MILLISECONDS)
        self._laid_out.timeout.connect(self._remember_new_stacks)
        self._turns = 0  # that are left
        self._turn = QTimer(self, interval=_TURN_MILLISECONDS)
        self._turn.timeout.connect(self._come_back)
        themes.changed.connect(self.come_back_soon)
        themes.settled.connect(self._measure_again)
        window.installEventFilter(self)

    def watch(self, dock: QDockWidget) -> None:
        """Notice when somebody gives a dock another size."""
        dock.installEventFilter(self)

    def share(self) -> None:
        """Give each dock its first part of the window."""
        window = self._window
        letters = _FORM_LETTERS * window.fontMetrics().averageCharWidth()
        self._kept = {
            FORMS: min(letters, round(_WIDEST_FORM * window.width())),
            LISTS: round(_LISTS * window.height()),
        }
        self.keep()
        self.come_back_soon()  # their tabs are laid out later

    def keep(self) -> None:
        """Give forms and lists the size that they had, and the plots the rest."""
        for side, size in self._kept.items():
            self._resize(side, size)
        self._size = self._window.size()

    def remember(self) -> None:
        """Keep the sizes that forms and lists have now, or had in an earlier session, if known."""
        self._remember_sides(FORMS, LISTS)
        self._remember_stacks()
        self._size = self._window.size()
        if self._kept | self._restored != self._kept:
            self._kept |= self._restored
            self.come_back_soon()
        self._restored.clear()

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes that somebody gave forms and lists, by name; larger text may need more."""
        return {name: self._kept[side] for name, side in _SIDES.items() if side in self._kept}

    def restore(self, sizes: Mapping[str, int]) -> None:
        """Take over sizes of an earlier session, before the window is shown."""
        self._restored = {side: sizes[name] for name, side in _SIDES.items() if name in sizes}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size, and the sizes that somebody gives docks."""
        if watched is self._window and isinstance(event, QMouseEvent):
            self._follow_hand(event)
        if event.type() != QEvent.Type.Resize or self.is_held:
            return False
        if watched is self._window:
            self.keep()  # Qt has shared the room already
            self._stacks.clear()
            self._laid_out.start()
        elif self._window.size() == self._size:
            self._laid_out.start()
            if self.is_calm and self._is_in_hand:
                self._remember_sides(FORMS, LISTS)
                self._remember_stacks()
        return False

    def _follow_hand(self, event: QMouseEvent) -> None:
        """Notice that somebody moves what parts two docks: only then a size is a choice.

        A panel that comes to the front, or needs more room for a while, changes sizes too.
        """
        kind, at = event.type(), event.position().toPoint()
        if kind == QEvent.Type.MouseButtonPress and self._window.childAt(at) is None:
            self._rest.stop()
            self._is_in_hand = True
        elif kind == QEvent.Type.MouseButtonRelease and self._is_in_hand:
            self._rest.start()  # Qt gives the last size a little later

    def _let_go(self) -> None:
        self._is_in_hand = False

    @property
    def is_calm(self) -> bool:
        """Whether a dock that gets another size gets it from somebody, not from a new look."""
        return self._themes.is_settled and not self._turn.isActive()

    def _measure_again(self) -> None:
        """Let what nobody sees ask for its room anew: Qt keeps what it needed with other text."""
        self._known.clear()
        for dock in self._docks.values():
            inside = [dock, *dock.findChildren(QWidget)]
            for widget in reversed(inside):  # children before parents
                widget.updateGeometry()
                if (layout := widget.layout()) is not None:
                    layout.invalidate()
                elif isinstance(widget, QSplitter) and not widget.isVisible():
                    QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LayoutRequest))
        if (layout := self._window.layout()) is not None:
            layout.invalidate()
        self.come_back_soon()

    def come_back_soon(self, *_: object) -> None:
        """Give docks their sizes again, in some turns, which panels that needed more have taken."""
        self._turns = _TURNS
        self._turn.start()

    def _come_back(self) -> None:
        """Give docks their sizes again; one of some turns."""
        if not self.is_held:
            self.keep()
            self._keep_stacks()
        self._turns -= 1
        if self._turns <= 0:
            self._turn.stop()
            self.came_back.emit()

    def has_room_for_lists(self) -> bool:
        """Say whether the window is high enough for plots and, below them, the lists.

        Of the plots those count that were seen since the last change of the look; the others may
        ask for more than they need. So lists do not come and go with each panel in front.
        """
        plots = self._seen(PLOTS)
        lists = [self._docks[name] for name in LISTS.names]
        apart = any(not each.isHidden() and not self._is_below(each, plots) for each in lists)
        if plots is None or apart or any(each.isFloating() for each in lists):
            return True  # they do not share a column
        tabs = _extent(plots, _HEIGHT) - plots.height()
        top, bottom = plots.y() - tabs, self._bottom()
        parting = self._window.style().pixelMetric(
            QStyle.PixelMetric.PM_DockWidgetSeparatorExtent, None, self._window
        )
        self._known.add(plots)
        above = max(_needed(each).height() for each in self._known) + tabs
        below = max(_needed(each).height() for each in lists) + tabs
        return top + above + parting + below <= bottom

    def _is_below(self, dock: QDockWidget, plots: QDockWidget | None) -> bool:
        """Whether a dock stands below the plots, as at first; one behind others has no place."""
        is_behind = dock.visibleRegion().isEmpty()
        return plots is None or is_behind or (dock.x() == plots.x() and dock.y() > plots.y())

    def _bottom(self) -> int:
        """Return where docks end: at the status bar."""
        bars = self._window.findChildren(QStatusBar)  # Qt's own way to ask makes one
        return next((bar.y() for bar in bars if bar.isVisible()), self._window.height())

    def _remember_sides(self, *sides: _Side) -> None:
        for side in sides:
            dock = self._seen(side.names)
            if dock is not None and not self._is_forced(side, dock):
                self._kept[side] = _extent(dock, side.orientation)

    def _remember_stacks(self) -> None:
        self._stacks = {stack: _heights(stack) for stack in self._seen_stacks()}

    def _remember_new_stacks(self) -> None:
        """Keep how high docks are that somebody has put above one another, or Qt in a new size."""
        if not self.is_calm:
            self._laid_out.start()
        elif not self.is_held:
            self._stacks = {
                stack: self._stacks.get(stack, _heights(stack)) for stack in self._seen_stacks()
            }

    def _is_forced(self, side: _Side, dock: QDockWidget) -> bool:
        """Say whether a dock has another size than it should since it, or the plots, need room."""
        kept, size = self._kept.get(side), _extent(dock, side.orientation)
        if kept is None or kept == size:
            return False
        in_need = dock if size > kept else self._seen(PLOTS)
        if in_need is None:
            return False
        return _extent(in_need, side.orientation) <= self._least(in_need, side.orientation)

    def _least(self, dock: QDockWidget, orientation: Qt.Orientation) -> int:
        """Return how much room a dock needs, with the tabs above it and those behind it."""
        docks = (dock, *self._window.tabifiedDockWidgets(dock))
        needed = [_needed(each) for each in docks]
        if orientation == _WIDTH:
            return max(size.width() for size in needed)
        return max(size.height() for size in needed) + _extent(dock, _HEIGHT) - dock.height()

    def _keep_stacks(self) -> None:
        """Give docks that stand above one another their heights again, in the room there is."""
        for stack in self._seen_stacks():
            heights = self._stacks.get(stack)
            if heights is not None and heights != _heights(stack):
                *others, _last = heights
                rest = max(sum(_heights(stack)) - sum(others), 1)
                self._window.resizeDocks(list(stack), [*others, rest], _HEIGHT)

    def _seen_stacks(self) -> list[tuple[QDockWidget, ...]]:
        """Return docks that stand above one another, from the top, but for plots above lists."""
        columns: dict[tuple[int, int], list[QDockWidget]] = {}
        for dock in sorted(self._docks.values(), key=QDockWidget.y):
            if is_in_window(dock) and not dock.visibleRegion().isEmpty():
                columns.setdefault((dock.x(), dock.width()), []).append(dock)
        lists = self._seen(LISTS.names)
        return [
            tuple(column) for column in columns.values() if len(column) > 1 and lists not in column
        ]

    def _resize(self, side: _Side, size: int) -> None:
        dock, plot = self._seen(side.names), self._seen(PLOTS)
        if dock is None or plot is None or plot in self._window.tabifiedDockWidgets(dock):
            return
        both = _extent(dock, side.orientation) + _extent(plot, side.orientation)
        rest = max(both - size, 1)
        self._window.resizeDocks([dock, plot], [size, rest], side.orientation)

    def _seen(self, names: tuple[str, ...]) -> QDockWidget | None:
        """Return the dock in front among some, as far as they are in the window."""
        docks = [self._docks[name] for name in names if is_in_window(self._docks[name])]
        in_front = (dock for dock in docks if not dock.visibleRegion().isEmpty())
        return next(in_front, None)


def is_in_window(dock: QDockWidget) -> bool:
    """Whether a dock has a place in the main window: neither closed nor taken out of it."""
    return not dock.isHidden() and dock.window() is dock.parentWidget()


def _needed(dock: QDockWidget) -> QSize:
    return dock.minimumSizeHint().expandedTo(dock.minimumSize())


def _heights(stack: tuple[QDockWidget, ...]) -> list[int]:
    return [_extent(dock, _HEIGHT) for dock in stack]


def _extent(dock: QDockWidget, orientation: Qt.Orientation) -> int:
    """Return how much room a dock takes, with the tabs above it: what Qt calls its size."""
    if orientation == _WIDTH:
        return dock.width()
    tabs = (
        bar.height()
        for bar in bars_of_docks(dock.window())
        if bar.isVisible() and (bar.x(), bar.geometry().bottom() + 1) == (dock.x(), dock.y())
    )
    return dock.height() + sum(tabs)
