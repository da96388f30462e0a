"""Smoothness of the latent space: frames a second of the real panel while it pans and zooms.

    python benchmarks/latents.py [--episodes 1000] [--frames 120]

Offscreen, 1200 x 900: 1,000 episodes of 5 classes are 5,000 codes before adaptation, 5,000 after it
and 5,000 arrows. A frame is what the mouse causes, and one painting of the whole viewport.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from engine.inspection.records import Latents, Provenance
from engine.projection import fit_pca
from engine.runs.library import Library
from leo_studio.analysis.latents.options import Options
from leo_studio.analysis.latents.projected import project_linearly
from leo_studio.services.controller import Controller
from leo_studio.startup.app import make_application
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.latents import LatentsPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

BAR = 30.0  # frames a second
WAYS, CLASSES, SIZE, SAMPLES, STEPS = 5, 20, 64, 8, 5


def made_latents(episodes: int, seed: int = 0) -> Latents:
    """Make codes that gather around their classes."""
    draw = np.random.default_rng(seed)
    classes = np.stack([draw.permutation(CLASSES)[:WAYS] for _ in range(episodes)])
    centres = draw.normal(size=(CLASSES, SIZE))
    shape = (episodes, WAYS, SIZE)
    codes = np.empty((episodes, 2 * STEPS + 1, WAYS, SIZE), np.float32)
    codes[:, 0] = 0.6 * centres[classes] + 0.4 * draw.normal(size=shape)
    for step in range(2 * STEPS):
        codes[:, step + 1] = codes[:, step] + 0.2 * (1.6 * centres[classes] - codes[:, step])
    deviation = draw.uniform(0.1, 0.3, size=shape).astype(np.float32)
    noise = draw.normal(size=(episodes, SAMPLES, WAYS, SIZE)) * deviation[:, None]
    return Latents(
        provenance=Provenance("val", 0),
        class_names=tuple(f"class {label}" for label in range(CLASSES)),
        numbers=np.arange(episodes),
        classes=classes,
        support=np.zeros((episodes, WAYS, 1), np.int64),
        inner_steps=STEPS,
        finetuning_steps=STEPS,
        deviation=deviation,
        codes=codes,
        sampled_before=(codes[:, :1] + noise).astype(np.float32),
        sampled_after=(codes[:, STEPS : STEPS + 1] + noise).astype(np.float32),
        accuracies=draw.uniform(0.5, 1, size=(episodes, 3)).astype(np.float32),
        uncertainties=draw.uniform(0, 0.2, size=episodes).astype(np.float32),
    )


def open_panel(controller: Controller, latents: Latents) -> tuple[QMainWindow, LatentsPanel]:
    application = make_application()
    themes = ThemeManager(application)
    themes.choose("light")
    window = QMainWindow()
    selection = EpisodeSelection(controller.current, window)
    panel = LatentsPanel(controller, ActionRegistry(themes, window), themes, selection)
    window.setCentralWidget(panel)
    window.resize(1200, 900)
    window.show()
    basis = fit_pca(latents.codes[:, latents.inner_steps], "what is shown")
    panel.show_projected(project_linearly(latents, basis))
    application.processEvents()
    return window, panel


def mouse(panel: LatentsPanel, kind: QMouseEvent.Type, place: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    view = panel.plot.view.viewport()
    button = none if kind == QMouseEvent.Type.MouseMove else left
    held = none if kind == QMouseEvent.Type.MouseButtonRelease else left
    where, on_screen = QPointF(place), QPointF(view.mapToGlobal(place))
    event = QMouseEvent(kind, where, on_screen, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def wheel(panel: LatentsPanel, place: QPoint, turn: int) -> None:
    view = panel.plot.view.viewport()
    event = QWheelEvent(
        QPointF(place),
        QPointF(view.mapToGlobal(place)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


class Paints(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count."""
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return super().eventFilter(watched, event)


def paint(panel: LatentsPanel, paints: Paints) -> None:
    """Take what the mouse caused, and see to it that the whole viewport is painted, once."""
    before = paints.count
    panel.plot.view.viewport().update()
    while paints.count == before:
        QApplication.processEvents()


def measure(panel: LatentsPanel, frames: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each frame of panning, and of zooming in and out."""
    view, paints = panel.plot.view.viewport(), Paints()
    view.installEventFilter(paints)
    middle = view.rect().center()
    times: tuple[list[float], list[float]] = ([], [])
    panel.plot.fit()
    still = panel.plot.box.viewRange()
    mouse(panel, QMouseEvent.Type.MouseButtonPress, middle)
    for frame in range(1, frames + 1):
        began = time.perf_counter()
        way = QPoint(round(90 * np.sin(frame / 6)), round(60 * np.sin(frame / 9)))
        mouse(panel, QMouseEvent.Type.MouseMove, middle + way)
        paint(panel, paints)
        times[0].append(time.perf_counter() - began)
    assert panel.plot.box.viewRange() != still
    mouse(panel, QMouseEvent.Type.MouseButtonRelease, middle + way)
    panel.plot.fit()
    for frame in range(frames):
        began = time.perf_counter()
        wheel(panel, middle, 60 if frame % 20 < 10 else -60)
        paint(panel, paints)
        times[1].append(time.perf_counter() - began)
    view.removeEventFilter(paints)
    return times


def report(name: str, seconds: list[float], *, is_promised: bool) -> None:
    typical, slow = statistics.median(seconds), float(np.quantile(seconds, 0.99))
    bar = f"; the bar is {BAR:.0f}" if is_promised else ""
    print(f"{name}: {1 / typical:.0f} frames/s, slowest percent {1 / slow:.0f}{bar}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=120)
    chosen = parser.parse_args()
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        controller = Controller(Library(Path(folder)))
        window, panel = open_panel(controller, made_latents(chosen.episodes))
        every = Options(shows_samples=True, shows_half=True, shows_most=True)
        for name, options in (
            ("arrows", Options()),
            ("arrows, samples and ellipses", every),
            ("full trajectories", Options(paths="trajectories")),
        ):
            panel.controls.set_options(options)
            pans, zooms = measure(panel, chosen.frames)
            assert panel.shown is not None
            what = f"{panel.shown.count:,} codes, {name}"
            report(f"Pan, {what}", pans, is_promised=name == "arrows")
            report(f"Zoom, {what}", zooms, is_promised=name == "arrows")
        began = time.perf_counter()
        panel.step_bars.positions.move_to(panel.plot.place - 1)
        panel.plot.view.viewport().repaint()
        print(f"Another position: {1000 * (time.perf_counter() - began):.0f} ms")
        window.close()
        controller.close()


if __name__ == "__main__":
    main()
