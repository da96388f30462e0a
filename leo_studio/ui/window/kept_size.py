"""The size that a person gave a window, kept while what is in it needs more room."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QWidget

from leo_studio.ui.window.window_state import (
    bring_title_on_screen,
    place_inside,
    room_on_screen,
)

# After it is shown: a desktop gives a window its frame, a busy one only after some seconds.
_FRAME_MILLISECONDS, _FRAME_LOOKS = 300, 15


class KeptSize(QObject):
    """Lets a window grow as its panels need it, and brings it back to its size when they do not.

    Qt makes a window larger for larger text, also beyond the edge of the screen, and never smaller
    again. Here the window's least size is ours alone to set: whatever else gives it a size is a
    person, or the desktop on a person's behalf.

    Parameters
    ----------
    window
        The window.
    begins_small
        Whether it has the size that its panels need at first, and not the one that it is given.
        Such a window, a dialog, grows around its middle.
    """

    def __init__(self, window: QWidget, *, begins_small: bool = False) -> None:
        super().__init__(window)
        self._begins_small = begins_small
        self._window = window
        self._wanted = QSize(0, 0)  # by the person
        # By us, since then: the desktop tells of them late, and of each.
        self._given: set[tuple[int, int]] = set()
        self._is_giving = False
        self._middle: QPoint | None = None  # of a dialog, twice; while it stands as `_placed`
        self._placed = QPoint()
        self._moved: tuple[QPoint, QPoint] | None = None  # from where, to where
        self._looks = 0  # that are left
        self._framed = QTimer(self, interval=_FRAME_MILLISECONDS)
        self._framed.timeout.connect(self._bring_title)
        if (layout := window.layout()) is not None:
            layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        window.installEventFilter(self)

    @property
    def sizes(self) -> dict[str, int]:
        """The size that a person gave the window, for another session; nothing where none did."""
        wanted = self._wanted
        return {"width": wanted.width(), "height": wanted.height()} if not wanted.isNull() else {}

    def restore(self, sizes: Mapping[str, int]) -> None:
        """Come back to the size of an earlier session when what is in the window lets it."""
        if "width" in sizes and "height" in sizes:
            self._add_given(self._window.size())
            wanted = QSize(sizes["width"], sizes["height"])
            self._wanted = wanted.boundedTo(room_on_screen(self._window))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Notice sizes that a person gives the window, and what its panels need."""
        if isinstance(event, QResizeEvent):
            self._notice(event.size())
        elif event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        elif event.type() == QEvent.Type.Show and not event.spontaneous():
            self._add_given(self._window.size())  # of which the desktop tells once more
            self._looks = _FRAME_LOOKS
            self._framed.start()
            if self._begins_small:
                self._wanted = QSize(0, 0)
            # Later: a dialog has no place yet.
            QCoreApplication.postEvent(self._window, QEvent(QEvent.Type.LayoutRequest))
        elif event.type() == QEvent.Type.Hide and not event.spontaneous():
            self._framed.stop()
        return False

    def _bring_title(self) -> None:
        """Look once more whether the title can be reached."""
        self._looks -= 1
        if self._looks <= 0:
            self._framed.stop()
        bring_title_on_screen(self._window)

    def _notice(self, size: QSize) -> None:
        if not self._is_giving and size.toTuple() not in self._given:
            # As small as can be: a person who wants that has no other wish.
            self._wanted = QSize(0, 0) if size == self._least() else size
            self._given.clear()
            self._moved = None

    def _fit(self) -> None:
        """Give the window the size that is wanted, or what its panels need on its screen."""
        window = self._window
        if not window.isVisible() or window.isMaximized() or window.isFullScreen():
            return
        least = self._least()
        size = self._wanted.expandedTo(least)
        if size != window.size() or least != window.minimumSize():
            before = window.size()
            self._add_given(size)
            self._is_giving = True
            window.setMinimumSize(least)
            window.resize(size)
            self._is_giving = False
            if size != before:
                self._keep_inside(self._centred(before) if self._begins_small else None)

    def _add_given(self, size: QSize) -> None:
        self._given.add((size.width(), size.height()))

    def _least(self) -> QSize:
        """Return how large the window has to be, as far as its screen has room for it."""
        return self._window.minimumSizeHint().boundedTo(room_on_screen(self._window))

    def _centred(self, before: QSize) -> QPoint:
        """Return where a window that had another size has its middle where it was."""
        window = self._window
        middle, place = self._middle, window.pos()
        if middle is None or place != self._placed:
            middle = place + place + QPoint(before.width(), before.height())
        self._middle = middle
        corner = middle - QPoint(window.width(), window.height())
        return QPoint(corner.x() // 2, corner.y() // 2)

    def _keep_inside(self, centred: QPoint | None = None) -> None:
        """Move a window that has grown over the edge, and back when there is room again."""
        window = self._window
        if centred is not None:
            self._placed = place_inside(window, centred)
            window.move(self._placed)
            return
        begin, moved = self._moved or (window.pos(), window.pos())
        if window.pos() != moved:
            begin = window.pos()  # a person has moved it since
        place = place_inside(window, begin)
        self._moved = None if place == begin else (begin, place)
        if place != window.pos():
            window.move(place)
