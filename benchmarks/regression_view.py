"""Measure how soon a moved point is answered: by the engine, by the service, and in the panel.

python benchmarks/regression_view.py RUN [--library FOLDER]

RUN is a run of few-shot regression, by its name or path. For 30 samples, as while a point is
dragged, and for all of an evaluation it prints milliseconds, the fastest, the median and the
slowest of some moves: to the record (engine), to the record on the window's thread (service), and
from the mouse's move to drawn curves (panel, offscreen). One thread computes; the engine's numbers
are of its processor time, which other work on the machine does not change much.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.inspection.function_records import FunctionRecord
from engine.inspection.functions import load_functions
from engine.runs.library import Library
from engine.runs.run import Run
from leo_studio.services.controller import Controller
from leo_studio.services.library_location import default_library
from leo_studio.services.records import EpisodeSource
from leo_studio.startup.app import make_application
from leo_studio.ui.functions import FunctionsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

MOVES = 40
FEW = 30
STEP = 0.05  # that a point is moved by, each time


def report(what: str, samples: str, seconds: list[float]) -> None:
    """Print the fastest, the median and the slowest, in milliseconds."""
    found = [1000 * each for each in seconds]
    measured = min(found), statistics.median(found), max(found)
    numbers = "  ".join(f"{each:6.1f}" for each in measured)
    print(f"{what:8} {samples:>4} samples  {numbers} ms")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Let the application run until something holds."""
    while not is_so():
        QApplication.processEvents()
        time.sleep(0.0005)  # lets the other thread run


def measure_engine(run: Run, step: int) -> None:
    """Time records of a point that is moved, by the processor's time of the one thread."""
    loaded = load_functions(run, step, "cpu")
    own = loaded.record(0)
    for samples in (FEW, None):
        seconds = []
        for move in range(MOVES):
            y = own.support_y.copy()
            y[0] += STEP * (move + 1)
            begin = time.thread_time()
            loaded.record_of(own.support_x, y, number=0, samples=samples)
            seconds.append(time.thread_time() - begin)
        report("engine", str(samples or own.samples), seconds)


def measure_service(controller: Controller, source: EpisodeSource) -> None:
    """Time the way to the engine and back to the window's thread."""
    points = (np.linspace(-4, 4, 5).astype(np.float32), np.zeros(5, np.float32))
    for samples in (FEW, None):
        seconds = []
        for move in range(MOVES):
            y = points[1].copy()
            y[0] += STEP * move
            found: list[FunctionRecord] = []
            begin = time.perf_counter()
            controller.functions.record(source, 0, (points[0], y), samples, found.append, raised)
            wait_until(partial(bool, found))
            seconds.append(time.perf_counter() - begin)
        report("service", str(found[0].samples), seconds)


def raised(error: BaseException) -> None:
    """Fail with what went wrong."""
    raise error


def measure_panel(panel: FunctionsPanel) -> None:
    """Time from a move of the mouse to curves that are painted."""
    plot, drawn = panel.plot, [0]
    show = plot.show_record

    def shown(*args: object, **more: object) -> None:
        show(*args, **more)  # type: ignore[arg-type]
        drawn[0] += 1

    plot.show_record = shown  # type: ignore[method-assign]
    viewport = plot.view.viewport()
    for asked in (FEW, None):
        panel.few_samples = asked
        x, y = float(plot.points.x[0]), float(plot.points.y[0])
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=place_of(panel, x, y))
        seconds = []
        for move in range(MOVES):
            wait_until(lambda: not panel.is_busy)
            target, before = y + (1 if move % 2 else -1) * 0.5, drawn[0]
            begin = time.perf_counter()
            QTest.mouseMove(viewport, place_of(panel, x, target))
            wait_until(partial(is_above, drawn, before))
            viewport.grab()  # paints at once, as the next frame would
            seconds.append(time.perf_counter() - begin)
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=place_of(panel, x, y))
        wait_until(lambda: not panel.is_busy)
        report("panel", str(asked or plot.record.samples if plot.record else ""), seconds)


def is_above(drawn: list[int], before: int) -> bool:
    """Whether more was drawn than before."""
    return drawn[0] > before


def place_of(panel: FunctionsPanel, x: float, y: float) -> QPoint:
    """Return where a place of the plot is in its viewport."""
    place: QPoint = panel.plot.view.mapFromScene(panel.plot.box.mapViewToScene(QPointF(x, y)))
    return place


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--library", type=Path, default=None)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    library = Library(chosen.library) if chosen.library else default_library()
    run = library.run(chosen.run)
    step = run.checkpoint("last").step
    measure_engine(run, step)
    application = make_application()
    themes = ThemeManager(application)
    themes.choose("light")
    window, controller = QMainWindow(), Controller(library)
    measure_service(controller, EpisodeSource(run.path, step, "test"))
    panel = FunctionsPanel(controller, ActionRegistry(themes, window), themes, window)
    window.setCentralWidget(panel)
    window.resize(1000, 700)
    window.show()
    controller.include_run(run.path)
    controller.current.choose(run.path, step)
    wait_until(lambda: panel.has_parts and not panel.is_busy)
    measure_panel(panel)
    window.close()
    controller.close()


if __name__ == "__main__":
    main()
