"""Take the pictures of docs/regression.md from the running application.

    python docs/make_regression_screenshots.py RUN

RUN is a trained run of sine-line-5shot. The mouse finds the most ambiguous task and drags a point
of it until one family wins.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from make_screenshots import HEIGHT, WIDTH, show_theme, take, wait_until
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.runs.library import Library
from leo_studio.services.controller import Controller
from leo_studio.services.preferences import Preferences
from leo_studio.startup.app import make_application
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.main_window import MainWindow

_WON = 0.9  # the probability of a family that has won


def main() -> None:
    """Take all pictures of the run that the command line names."""
    parser = argparse.ArgumentParser(description="Take the pictures of docs/regression.md.")
    parser.add_argument("run", type=Path, metavar="RUN")
    run = parser.parse_args().run
    application = make_application()
    themes = ThemeManager(application)
    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home))
        shutil.copytree(run, library.runs / run.name)
        preferences = Preferences(theme="light", ask_before_closing=False)
        themes.choose(preferences.theme)
        window = MainWindow(Controller(library), themes, preferences)
        window.resize(WIDTH, HEIGHT)
        window.show()
        window.begin([])
        wait_until(lambda: bool(window.controller.runs) and window.is_complete)
        try:
            take_functions(window)
        finally:
            window.close()
            wait_until(lambda: not window.isVisible())
            QApplication.processEvents()


def take_functions(window: MainWindow) -> None:
    """Take an ambiguous task, the same with a point dragged, and one in dark."""
    window.docks.show("functions")
    (panel,) = window.findChildren(FunctionsPanel)
    settle(panel)
    window.actions_registry["functions.ambiguous"].trigger()
    settle(panel)
    take(panel, "functions")
    drag_until_one_family_wins(panel)
    take(panel, "functions-dragged")
    window.actions_registry["functions.ambiguous"].trigger()
    settle(panel)
    show_theme(window, "dark")
    take(window, "functions-dark")


def settle(panel: FunctionsPanel) -> None:
    """Wait until the panel shows all that was asked for."""
    wait_until(lambda: panel.has_parts and not panel.is_busy)


def drag_until_one_family_wins(panel: FunctionsPanel) -> None:
    """Drag the outermost point down, in small moves, until the limit names one family."""
    points = panel.plot.points
    place = max(range(len(points.x)), key=lambda each: abs(float(points.x[each])))
    x, y = float(points.x[place]), float(points.y[place])
    viewport = panel.plot.view.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=_pixel(panel, x, y))
    for _ in range(40):
        y -= 0.15
        QTest.mouseMove(viewport, _pixel(panel, x, y))
        QTest.qWait(60)
        record = panel.record
        limit = None if record is None else record.limit
        if limit is not None and float(limit.family_probability.max()) > _WON:
            break
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=_pixel(panel, x, y))
    settle(panel)


def _pixel(panel: FunctionsPanel, x: float, y: float) -> QPoint:
    place: QPoint = panel.plot.view.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))
    return place


if __name__ == "__main__":
    main()
