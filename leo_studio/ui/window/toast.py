"""A toast: one notice of the program, for some seconds or until somebody answers."""

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from leo_studio.analysis.experiment.setting_labels import in_labels
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.error_details import GLYPHS, TITLES, kind_color
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.people import as_tip, without_keys
from leo_studio.ui.widgets.theme import ThemeManager

_TIMES_TO_ANSWER = 3  # as long: what can be undone
_LOOK_MILLISECONDS = 1000  # between two looks whether somebody is there


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
            button.setToolTip(as_tip(action.tip))
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
