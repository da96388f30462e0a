"""A window in which nothing happens does nothing."""

from collections import Counter

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.leo_studio.ui.conftest import OpenWindow

_LAYING_OUT = (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest, QEvent.Type.Resize)


class _Counter(QObject):
    """Counts what the widgets of an application are asked for, by kind and class."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _LAYING_OUT:
            self.counts[f"{event.type().name} of {type(watched).__name__}"] += 1
        return False


def test_nothing_is_laid_out_or_painted_while_nothing_happens(
    open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete and window.docks.is_at_rest, timeout=60_000)
    application = QApplication.instance()
    assert application is not None
    for name in ("experiment", "episodes", "latents", "classes", "curves"):
        window.docks.show(name)
        qtbot.wait(300)  # what was asked for is done
        counter = _Counter()
        application.installEventFilter(counter)
        qtbot.wait(300)
        application.removeEventFilter(counter)
        # A clock in the status bar may tick once.
        assert counter.counts.total() < 10, (name, counter.counts.most_common(5))
