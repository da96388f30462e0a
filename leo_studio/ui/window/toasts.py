"""Toasts: what the program tells, for some seconds at the window's corner, and kept in a list."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCursor,
    QEnterEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QPushButton,
    QStatusBar,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.error_details import GLYPHS, TITLES, ErrorDetails, kind_color
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import without_keys
from leo_studio.ui.widgets.roles import MAY_BE_COVERED
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.messages import MessagesDialog, PastNotice

_MOST_VISIBLE = 4
_MOST_KEPT = 500
_SECONDS = 6
_TIMES_TO_ANSWER = 3  # as long: what can be undone
_LOOK_MILLISECONDS = 1000  # between two looks whether somebody is there
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


class Toast(QFrame):
    """One notice.

    Parameters
    ----------
    notice
        What it says.
    themes
        Colours and icons.
    """

    closed = Signal()
    details_wanted = Signal()

    def __init__(self, notice: Notice, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setProperty("role", "card")
        self.setAccessibleName(f"{TITLES[notice.kind]}: {notice.text}")
        self.notice = notice
        self.count = 1
        self._themes = themes
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._leave)
        self._mouse = QPoint()
        self._coming = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._coming.timeout.connect(self._look_for_somebody)

        self._icon = Label()
        self._title = Label()
        self._title.setObjectName("title")
        self._title.setProperty("role", "title")
        self._text = Label(in_labels(notice.text))
        self._text.setObjectName("text")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setObjectName("close")
        self._close.setToolTip("Close (Esc)")
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.closed)
        self._lay_out()
        self.show_count()
        self.color()

    def stay_for(self, seconds: float) -> None:
        """Close by itself after some seconds without the mouse or the focus, where it may.

        Of what took minutes the time begins when somebody is there.
        """
        notice = self.notice
        asks = bool(notice.actions)
        is_missed = notice.kind == "error" or (asks and notice.kind == "warning")
        if is_missed or notice.details:
            return
        self._timer.setInterval(round(1000 * seconds * (_TIMES_TO_ANSWER if asks else 1)))
        self._mouse = QCursor.pos()
        if notice.stays:
            self._coming.start()
        else:
            self._timer.start()

    def _look_for_somebody(self) -> None:
        """Begin the time when the mouse moves: somebody has come back."""
        if QCursor.pos() != self._mouse:
            self._coming.stop()
            self._timer.start()

    def repeat(self, notice: Notice) -> None:
        """Count a notice that is shown already once more."""
        self.notice = notice
        self.count += 1
        self.show_count()
        if self._timer.isActive():
            self._timer.start()

    def height_for(self, width: int) -> int:
        """Return how high it must be at a width."""
        for child in (self, *self.findChildren(QWidget)):
            child.ensurePolished()  # the style sheet's fonts count, also before it is shown
        layout = self._layout
        layout.invalidate()
        return layout.totalHeightForWidth(width)

    def show_count(self) -> None:
        """Show the kind, and how often it was said."""
        times = f" ×{self.count}" if self.count > 1 else ""
        self._title.setText(TITLES[self.notice.kind] + times)

    def color(self) -> None:
        """Take icons in the theme's colours."""
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        size = max(size, round(1.3 * self.fontMetrics().height()))
        kind = self.notice.kind
        glyph = self._themes.icon(GLYPHS[kind], kind_color(self._themes, kind))
        self._icon.setPixmap(glyph.pixmap(QSize(size, size), self.devicePixelRatioF()))
        self._close.setIcon(self._themes.icon(MDI7.close))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._icon)
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        self._layout = layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self._text)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for place, action in enumerate(self.notice.actions):
            button = QPushButton(without_keys(action.label))
            button.setObjectName("action")
            button.clicked.connect(lambda _=False, place=place: self._trigger(place))
            buttons.addWidget(button)
        if self.notice.details:
            details = QPushButton("Details")
            details.setObjectName("details")
            details.clicked.connect(self.details_wanted)
            buttons.addWidget(details)
        if buttons.count() > 1:
            layout.addLayout(buttons)

    def _trigger(self, place: int) -> None:
        action = self.notice.actions[place]
        self.closed.emit()
        action.trigger()

    def _leave(self) -> None:
        focused = QApplication.focusWidget()
        # Qt does not notice that a widget was moved away from under the mouse.
        is_under_mouse = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        # A mouse that has rested all the time lies where the message came up by chance.
        has_moved, self._mouse = QCursor.pos() != self._mouse, QCursor.pos()
        if (is_under_mouse and has_moved) or (focused is not None and self.isAncestorOf(focused)):
            self._timer.start()
        else:
            self.closed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Begin the time anew when somebody looks at it."""
        if self._timer.isActive():
            self._timer.start()
        super().enterEvent(event)


class Toasts(QObject):
    """Shows notices over the plots, at the right, the newest lowest; never over a list.

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
        """Return where toasts may be: at the right of the plots, above the lists that are there.

        Where lists leave no room it is the window's upper edge, beside menus and toolbar, and True.
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
        lowest = min((top - margin for top in self._tops_of_lists(column)), default=place.bottom())
        fewest = _LINES * self._overlay.fontMetrics().height()
        if lowest - column.top() < fewest:
            return QRect(left, 2, width, fewest), True
        column.setBottom(lowest)
        return column, False

    def _tops_of_lists(self, column: QRect) -> Iterator[int]:
        """Yield the upper edges of the lists and tables that reach into a column of the window."""
        for view in self._window.findChildren(QAbstractItemView):
            if view.property(MAY_BE_COVERED):
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
