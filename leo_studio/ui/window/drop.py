"""Opens files that are dropped on the window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRect, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from engine.errors import BadInput
from leo_studio.services.opening import KIND_OF_SUFFIX, Openable, find_openable
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_ENTERS = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class DropTarget(QObject):
    """Lets files be dropped anywhere on a window.

    It looks at what arrives for the window as a whole, before any of its widgets does: plots and
    fields would take a drop for themselves. Drags of anything but files are left to them.

    Parameters
    ----------
    window
        Where files may be dropped.
    controller
        Its library knows what they are; it tells of those that cannot be opened.
    themes
        Gives the colours.
    """

    opened = Signal(object)  # `Openable`, for each file that is something to open

    def __init__(self, window: QWidget, controller: "Controller", themes: ThemeManager) -> None:
        super().__init__(window)
        self._window = window
        self._controller = controller
        self._overlay = DropOverlay(window, themes)
        self._takers: list[QWidget] = []
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self._watch()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags of files."""
        kind = event.type()
        if watched is self._window:
            if kind == QEvent.Type.Show:
                self._watch()
            return False
        if isinstance(event, QDropEvent) and self._is_over_taker(event.position().toPoint()):
            self._overlay.hide()
            return False
        if kind in _ENTERS and isinstance(event, QDragEnterEvent | QDragMoveEvent):
            return self._enter(event)
        if kind == QEvent.Type.DragLeave and self._overlay.isVisible():
            self._overlay.hide()
            return True
        if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
            return self._drop(event)
        return False

    def leave_to(self, taker: QWidget) -> None:
        """Leave files that are dropped on a widget to it and what is in it."""
        self._takers.append(taker)

    def open(self, text: str) -> None:
        """Find in the background what a path, or a name in the library, stands for."""

        def work(_task: "Task") -> Openable:
            return find_openable(self._controller.library, text)

        self._controller.start(f"Opening {text}", work, self.opened.emit, is_shown=False)

    def _watch(self) -> None:
        handle = self._window.windowHandle()
        if handle is not None:
            handle.installEventFilter(self)  # twice is once

    def _is_over_taker(self, place: QPoint) -> bool:
        """Whether a place of the window is over a widget that takes files itself."""
        inside = self._window.childAt(place)
        return inside is not None and any(
            each is inside or each.isAncestorOf(inside) for each in self._takers
        )

    def _enter(self, event: QDragEnterEvent | QDragMoveEvent) -> bool:
        if not event.mimeData().hasUrls():
            return False
        if not self._overlay.isVisible():
            self._overlay.show_for(_paths(event.mimeData()))
        event.setDropAction(Qt.DropAction.CopyAction)  # the file stays where it is
        event.accept()
        return True

    def _drop(self, event: QDropEvent) -> bool:
        self._overlay.hide()
        if not event.mimeData().hasUrls():
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        for url in event.mimeData().urls():
            try:
                self.open(local_path(url))
            except BadInput as error:
                self._controller.notify_failure(error)
        return True


class DropOverlay(QWidget):
    """Says, over the whole window, what a drop will do."""

    def __init__(self, window: QWidget, themes: ThemeManager) -> None:
        super().__init__(window)
        self.setObjectName("drop-overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._themes = themes
        self.text = ""
        self.hide()

    def show_for(self, paths: list[str]) -> None:
        """Cover the window while these are held over it."""
        self.text = overlay_text(paths)
        self.setAccessibleName(self.text)
        window = self.parentWidget()
        if window is not None:
            self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a frame, and the text in the middle."""
        theme = self._themes.current
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(theme.window)
        ground.setAlphaF(0.9)
        painter.fillRect(self.rect(), ground)
        margin = self.fontMetrics().height()
        painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DashLine))
        frame = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        painter.drawRoundedRect(frame, 8, 8)
        font = QFont(self.font())
        font.setPointSizeF(1.4 * font.pointSizeF())
        painter.setFont(font)
        painter.setPen(QColor(theme.text))
        area = QRect(frame.toRect()).adjusted(margin, margin, -margin, -margin)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area, flags, self.text)


def local_path(url: QUrl) -> str:
    """Return the path of a file that is dropped; raises `BadInput` for one on another computer."""
    if not url.isLocalFile():
        raise BadInput(f"{url.toString()} is not on this computer; download it and drop it.")
    return url.toLocalFile()


def overlay_text(paths: list[str]) -> str:
    """Say what a drop will do, as far as names tell: "Drop to import embeddings.zip"."""
    names = [path.rstrip("/").rpartition("/")[2] for path in paths]
    kinds = {KIND_OF_SUFFIX.get("." + name.rpartition(".")[2].lower()) for name in names}
    if len(names) == 1 and None not in kinds:
        name = names[0]
        (kind,) = kinds
        imports = kind in ("archive", "bundle")
        return f"Drop to import {name}" if imports else f"Drop to open the {kind} {name}"
    return "Drop to open: run / store / preset / archive / bundle"


def _paths(mime: QMimeData) -> list[str]:
    return [url.toLocalFile() or url.toString() for url in mime.urls()]
