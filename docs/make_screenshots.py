"""Take the pictures of the documentation from the running application.

python docs/make_screenshots.py

Trains two runs of the built-in glyphs in a library of its own, offscreen, and writes docs/images.
Takes about two minutes.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1.5"

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from engine.library import Library
from leo_studio.app import make_application
from leo_studio.controller import Controller
from leo_studio.preferences import Preferences
from leo_studio.records import RunEntry
from leo_studio.ui.main_window import MainWindow
from leo_studio.ui.theme import ThemeManager

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT = 1400, 880
STEPS = 2000
COLORS = 200  # of a picture, chosen for it


def wait_until(is_so: Callable[[], bool], seconds: float = 300.0) -> None:
    """Let the application run until something holds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("the application did not come as far as the picture needs")
        QTest.qWait(20)


def take(widget: QWidget, name: str) -> None:
    """Save what a widget shows, in few colours, so that a clone stays small."""
    QTest.qWait(400)
    file = IMAGES / f"{name}.png"
    IMAGES.mkdir(exist_ok=True)
    if not widget.grab().save(str(file)):
        raise OSError(f"{file} cannot be written")
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    print(f"docs/images/{name}.png")


def press(parent: QWidget, text: str) -> None:
    """Press the button that says `text`."""
    for button in parent.findChildren(QPushButton):
        if button.text().replace("&", "") == text and button.isVisible():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            return
    raise LookupError(f"there is no button {text}")


def trained(window: MainWindow) -> tuple[RunEntry, ...]:
    """Return the finished runs, the newest first."""
    return tuple(run for run in window.controller.runs if run.status == "finished")


def train(window: MainWindow, **settings: object) -> None:
    """Put the built-in experiment into the form, changed a little, and press Train."""
    experiment = window.controller.library.experiment("glyphs-5way-1shot")
    changes = {"schedule.steps": STEPS, "evaluation.episodes": 1000} | settings
    window.experiment.load(
        experiment.with_settings(changes), base=experiment, title="glyphs-5way-1shot"
    )
    window.actions_registry["train.start"].trigger()


def evaluate(window: MainWindow, run: RunEntry) -> None:
    """Evaluate a run on its test classes."""
    window.evaluate_run(run)
    press(window.evaluation, "Evaluate")
    path = run.path
    wait_until(
        lambda: any(each.path == path and each.evaluations for each in window.controller.runs)
    )


def main() -> None:
    """Take all pictures."""
    application = make_application()
    themes = ThemeManager(application)
    with tempfile.TemporaryDirectory() as home:
        library = Library(Path(home))
        preferences = Preferences(theme="light", ask_before_closing=False)
        themes.choose(preferences.theme)
        window = MainWindow(Controller(library), themes, preferences)
        window.resize(WIDTH, HEIGHT)
        window.show()
        window.begin([])
        wait_until(lambda: bool(window.controller.presets) and not window.controller.tasks)
        take(window, "first-start")
        try:
            take_all(window)
        finally:
            window.close()
            wait_until(lambda: not window.isVisible())
            QApplication.processEvents()


def take_all(window: MainWindow) -> None:
    """Take the pictures that need runs."""
    train(window, **{"run.seed": 0})
    wait_until(lambda: window.controller.status.step > 0.7 * STEPS)
    take(window, "training")
    window.change_preferences(theme="dark")
    take(window, "training-dark")
    window.change_preferences(theme="light")
    wait_until(lambda: len(trained(window)) == 1)
    train(window, **{"run.seed": 0, "leo.variant": "conditional_generator"})
    wait_until(lambda: len(trained(window)) == 2)
    for run in trained(window):
        evaluate(window, run)
    window.docks.show("evaluation")
    take(window.docks["evaluation"], "evaluation")
    window.compare_runs(trained(window))
    take(window.docks["comparison"], "comparison")
    for run in trained(window):
        window.show_run(run.path)
    wait_until(lambda: window.curves.points_of(trained(window)[-1].path) == STEPS)
    take(window.docks["curves"], "curves")
    take(window.docks["experiment"], "experiment")
    window.palette_popup.open()
    take(window, "palette")
    window.palette_popup.dismiss()


if __name__ == "__main__":
    main()
