"""Reads the file of functions that the form names, so that the form says what is in it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from leo_studio.services.own_functions import OwnFunctions, look_into, stamp

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_REST_MILLISECONDS = 300  # after the last key of a path that is typed
_AGAIN_MILLISECONDS = 1000  # between looks at a file that is wrong: somebody may mend it


class FileReading(QObject):
    """Knows what the file holds that was asked about last; reads in the background."""

    known = Signal()  # something else than before

    def __init__(self, controller: "Controller", parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._path = ""
        self._stamp: tuple[int, int] | None = None
        self._found: OwnFunctions | None = None
        self._rest = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._rest.timeout.connect(self._read)
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MILLISECONDS)
        self._again.timeout.connect(self._look_again)

    def of(self, path: str) -> OwnFunctions | None:
        """Return what a file holds; None while nobody knows, or where none is named."""
        if path != self._path:
            self._path, self._found = path, None
            self._again.stop()
            self._rest.stop()
            if path:
                self._rest.start()
        return self._found

    def _read(self) -> None:
        path, self._stamp = self._path, stamp(self._path)
        self._controller.start(
            "Reading a file of functions",
            lambda _: look_into(path),
            partial(self._take, path),
            is_shown=False,
        )

    def _take(self, path: str, found: OwnFunctions) -> None:
        if path != self._path:
            return  # another one is named by now
        if found != self._found:
            self._found = found
            self.known.emit()
        if found.problem:
            self._again.start()

    def _look_again(self) -> None:
        if stamp(self._path) != self._stamp:
            self._read()
        else:
            self._again.start()
