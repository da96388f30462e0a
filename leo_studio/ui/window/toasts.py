"""Toasts: what the program tells, for some seconds at the window's corner, and kept in a list."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal, SignalInstance
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QMainWindow,
    QPushButton,
    QStatusBar,
    QStyle,
    QWidget,
)

from leo_studio.services.records import Notice
from leo_studio.ui.widgets.error_details import ErrorDetails
from leo_studio.ui.widgets.roles import MAY_BE_COVERED, NOT_COVERED
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.messages import MessagesDialog, PastNotice
from leo_studio.ui.window.toast import Toast

_MOST_VISIBLE = 4
_MOST_KEPT = 500
_SECONDS = 6
_LETTERS = 54  # in a line of a toast
_LINES = 7  # that one needs at least


@dataclass(frozen=True, slots=True)
class _Likeness:
    """The properties by which two notices count as the same."""

    kind: str
    text: str
    details: str
    labels: tuple[str, ...]


def _likeness(notice: Notice) -> _Likeness:
    labels = tuple(action.label for action in notice.actions)
    return _Likeness(notice.kind, notice.text, notice.details, labels)


class Toasts(QObject):
    """Shows notices over the plots, at the right, the newest lowest; never over lists and buttons.

    Parameters
    ----------
    window
        Where they are shown; they go with it.
    themes
        Colours and icons.
    """

    _notified = Signal(object)

    def __init__(self, window: QMainWindow, themes: ThemeManager) -> None:
        super().__init__(window)
        self._window = window
        self._themes = themes
        self._seconds = float(_SECONDS)
        self._history: deque[PastNotice] = deque(maxlen=_MOST_KEPT)
        self._toasts: list[Toast] = []
        self._place_for: Callable[[], QRect] = window.rect
        self._overlay = QWidget(window)
        self._overlay.setObjectName("toasts")
        self._overlay.setAccessibleName("Messages")
        self._more = QPushButton(self._overlay)
        self._more.setObjectName("more")
        self._more.clicked.connect(self.show_history)
        self._overlay.hide()
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._overlay)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._close_newest)
        window.installEventFilter(self)
        self._overlay.installEventFilter(self)  # its toasts ask for another height
        themes.changed.connect(self._color)
        # A signal, so that a notice of another thread arrives on this one.
        self._notified.connect(self._show)

    def stand_over(self, area: Callable[[], QRect], changed: SignalInstance) -> None:
        """Say where they may stand in the window, and what tells that it is another place."""
        self._place_for = area
        changed.connect(self._place)

    def show_notice(self, notice: Notice) -> None:
        """Show a notice; may be called on any thread."""
        self._notified.emit(notice)

    def set_seconds(self, seconds: float) -> None:
        """Say how long notices stay that need no answer."""
        self._seconds = float(seconds)

    def clear(self) -> None:
        """Close all toasts; what they said stays in the history."""
        for toast in list(self._toasts):
            self._close(toast)

    def history(self) -> tuple[PastNotice, ...]:
        """Return past notices, the newest last."""
        return tuple(self._history)

    def forget(self) -> None:
        """Close all toasts and empty the history."""
        self.clear()
        self._history.clear()

    def show_history(self) -> None:
        """Open the dialog of past notices."""
        for dialog in self._window.findChildren(MessagesDialog):
            dialog.close()
        MessagesDialog(self, self._themes, self._window).show()

    def show_details(self, notice: Notice) -> None:
        """Open the dialog of a notice's details."""
        ErrorDetails(notice, self._themes, self._window).show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size, and go when it goes."""
        is_window, kind = watched is self._window, event.type()
        is_resized = is_window and kind in (QEvent.Type.Resize, QEvent.Type.Show)
        if is_resized or kind == QEvent.Type.LayoutRequest:
            self._place()
        elif is_window and kind == QEvent.Type.Hide and not event.spontaneous():
            self.clear()
            for dialog in self._window.findChildren(QDialog):
                if isinstance(dialog, ErrorDetails | MessagesDialog):
                    dialog.close()
        return super().eventFilter(watched, event)

    def _show(self, notice: Notice) -> None:
        self._history.append(PastNotice(datetime.now().astimezone(), notice))
        for toast in self._toasts:
            if _likeness(toast.notice) == _likeness(notice):
                toast.repeat(notice)
                self._announce(toast)
                return
        for toast in [each for each in self._toasts if notice.about]:
            if toast.notice.about == notice.about:
                self._close(toast)
        toast = Toast(notice, self._themes, self._overlay)
        toast.closed.connect(lambda: self._close(toast))
        toast.details_wanted.connect(lambda: self.show_details(toast.notice))
        self._toasts.append(toast)
        toast.stay_for(self._seconds)
        self._place()
        self._announce(toast)

    def _announce(self, toast: Toast) -> None:
        event = QAccessibleAnnouncementEvent(toast, toast.accessibleName())
        if toast.notice.kind == "error":
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def _close_newest(self) -> None:
        if self._toasts:
            self._close(self._toasts[-1])

    def _close(self, toast: Toast) -> None:
        if toast not in self._toasts:
            return
        self._toasts.remove(toast)
        toast.hide()
        toast.deleteLater()
        self._place()

    def _place(self) -> None:
        """Show the newest ones at the corner, as high as their texts need, as far as there is room.

        The newest one is shown in any case.
        """
        if not self._toasts:
            self._overlay.hide()
            return
        area, is_above = self._area()
        gap = self._gap()
        # The newest one as a whole, whatever it covers.
        newest = self._toasts[-1].height_for(area.width()) + gap
        area.setTop(max(0, min(area.top(), area.bottom() + 1 - newest)))
        area.setHeight(max(area.height(), newest))
        room = area.height() - self._more.sizeHint().height() - gap
        visible: list[tuple[Toast, int]] = []
        for toast in self._toasts[::-1][:_MOST_VISIBLE]:
            height = toast.height_for(area.width())
            room -= height + gap
            if visible and room < 0:
                break
            visible.append((toast, height))
        top = area.height()
        for toast, height in visible:
            top -= height + gap
            toast.setGeometry(0, top + gap, area.width(), height)
        hidden = len(self._toasts) - len(visible)
        for place, toast in enumerate(self._toasts):
            toast.setVisible(place >= hidden)
        self._more.setText(f"{hidden} more")
        self._more.setVisible(hidden > 0)
        self._more.adjustSize()
        self._more.move(area.width() - self._more.width(), top - self._more.height())
        if is_above:
            area.translate(0, -max(0, top if hidden == 0 else top - self._more.height()))
        self._overlay.setGeometry(area)
        self._overlay.show()
        self._overlay.setMask(self._overlay.childrenRegion())  # the rest is the window's
        self._overlay.raise_()

    def _gap(self) -> int:
        return self._window.style().pixelMetric(QStyle.PixelMetric.PM_LayoutVerticalSpacing)

    def _area(self) -> tuple[QRect, bool]:
        """Return where toasts may be: at the right of the plots, above lists and rows of buttons.

        Where these leave no room it is the window's upper edge, beside menus and toolbar, and True.
        """
        window = self._window
        margin = window.style().pixelMetric(QStyle.PixelMetric.PM_LayoutBottomMargin)
        bar = window.findChild(QStatusBar)
        below = bar.height() if bar is not None and bar.isVisible() else 0
        room = QRect(0, 0, window.width(), window.height() - below)
        place = self._place_for().intersected(room).adjusted(margin, margin, -margin, -margin)
        letter = self._overlay.fontMetrics().averageCharWidth()
        width = min(_LETTERS * letter, window.width() - 2 * margin)
        left = max(margin, place.right() + 1 - width)
        column = QRect(left, place.top(), width, place.height())
        lowest = min((top - margin for top in self._tops(column)), default=place.bottom())
        fewest = _LINES * self._overlay.fontMetrics().height()
        if lowest - column.top() < fewest:
            return QRect(left, 2, width, fewest), True
        column.setBottom(lowest)
        return column, False

    def _tops(self, column: QRect) -> Iterator[int]:
        """Yield the upper edges of what may not be covered and reaches into a column.

        That is lists, tables, and buttons that say so.
        """
        for view in self._window.findChildren(QWidget):
            is_list = isinstance(view, QAbstractItemView) and not view.property(MAY_BE_COVERED)
            if not (is_list or view.property(NOT_COVERED)):
                continue
            if view.window() is self._window and not view.visibleRegion().isEmpty():
                seen = view.visibleRegion().boundingRect()
                top_left = view.mapTo(self._window, seen.topLeft())
                if QRect(top_left, seen.size()).intersects(column):
                    yield top_left.y()

    def _color(self) -> None:
        for toast in self._toasts:
            toast.color()
        self._place()
