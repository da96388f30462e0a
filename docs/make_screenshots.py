"""Take the pictures of the documentation from the running application.

python docs/make_screenshots.py

Trains two runs of the built-in glyphs in a library of its own, offscreen, and writes docs/images.
Takes about a minute.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_SCALE_FACTOR"] = "1.5"

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QSignalBlocker, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QTabBar, QToolButton, QWidget

from engine.config import leo_settings
from engine.data.glyphs import DOTS, bezier, classes_of, letter
from engine.data.store import EmbeddingStore
from engine.runs.library import Library
from leo_studio.services.controller import Controller
from leo_studio.services.preferences import Preferences
from leo_studio.services.records import RunEntry
from leo_studio.startup.app import make_application
from leo_studio.ui.episode import EpisodePanel
from leo_studio.ui.episode.chooser import Chooser
from leo_studio.ui.panel_export.dialog import PanelExportDialog
from leo_studio.ui.tryit.canvas import DrawingCanvas
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.data_import_dialog import DataImportDialog
from leo_studio.ui.window.main_window import MainWindow

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT = 1400, 880
STEPS = 2000
COLORS = 256  # of a picture, chosen for it


def wait_until(is_so: Callable[[], bool], seconds: float = 300.0) -> None:
    """Let the application run until something holds."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError("the application did not come as far as the picture needs")
        QApplication.processEvents()
        time.sleep(0.01)  # unlike `QTest.qWait`, this lets other threads run


def take(widget: QWidget, name: str) -> None:
    """Save what a widget shows, in few colours, so that a clone stays small."""
    QTest.qWait(400)
    file = IMAGES / f"{name}.png"
    IMAGES.mkdir(exist_ok=True)
    if not widget.grab().save(str(file)):
        raise OSError(f"{file} cannot be written")
    with Image.open(file) as picture:
        few = picture.convert("RGB").quantize(COLORS, kmeans=2, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    print(f"docs/images/{name}.png")


def press(parent: QWidget, text: str) -> None:
    """Press the button that says `text`."""
    for button in parent.findChildren(QPushButton):
        if button.text().replace("&", "") == text and button.isVisible():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            return
    raise LookupError(f"there is no button {text}")


def click(widget: QWidget, position: QPoint | None = None, *, twice: bool = False) -> None:
    """Click on a widget, in its middle or at a place of it."""
    place = widget.rect().center() if position is None else position
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
    if twice:
        QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, pos=place)


def turn_to(window: MainWindow, title: str) -> None:
    """Click on the tab of a panel."""
    for bar in window.findChildren(QTabBar):
        for place in range(bar.count()):
            if bar.tabText(place) == title and bar.isVisible():
                click(bar, bar.tabRect(place).center())
                return
    raise LookupError(f"there is no tab {title}")


def show_theme(window: MainWindow, theme: str) -> None:
    """Give the window another theme, and wait until all of it has it."""
    window.change_preferences(theme=theme)
    wait_until(lambda: window.themes.is_settled)


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


def take_export(window: MainWindow) -> None:
    """Take the dialog that exports the curves, with a figure for a paper in its preview."""
    window.actions_registry["curves.export"].trigger()
    (dialog,) = window.findChildren(PanelExportDialog)
    style = dialog.form.style_box
    style.setCurrentIndex(style.findData("paper"))
    dialog.target.setText("/home/me/curves.png")
    QTest.qWait(500)
    wait_until(lambda: not dialog.preview.picture.pixmap().isNull())
    take(dialog, "export")
    dialog.reject()


def take_all(window: MainWindow) -> None:
    """Take the pictures that need runs."""
    train(window, **{"run.seed": 0})
    wait_until(lambda: window.controller.status.step > 0.7 * STEPS)
    take(window, "training")
    show_theme(window, "dark")
    take(window, "training-dark")
    show_theme(window, "light")
    wait_until(lambda: len(trained(window)) == 1)
    train(window, **{"run.seed": 0, "learner.variant": "conditional_generator"})
    wait_until(lambda: len(trained(window)) == 2)
    for run in trained(window):
        evaluate(window, run)
    window.docks.show("evaluation")
    take(window.docks["evaluation"], "evaluation")
    take_export(window)
    window.compare_runs(trained(window))
    take(window.docks["comparison"], "comparison")
    for run in trained(window):
        window.curves.show_run(run.path)
    window.docks.show("curves")
    wait_until(lambda: window.curves.points_of(trained(window)[-1].path) == STEPS)
    take(window.docks["curves"], "curves")
    take(window.docks["experiment"], "experiment")
    window.palette_popup.open()
    take(window, "palette")
    window.palette_popup.dismiss()
    import_pictures(window)
    walk(window)


def import_pictures(window: MainWindow) -> None:
    """Choose a folder of pictures, those of the glyphs, in the dialog that imports data."""
    store = EmbeddingStore(window.controller.library.stores / "glyphs.h5")
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "my-pictures"
        for split in store.splits:
            ends = store.class_offsets(split).tolist()
            for label, name in enumerate(store.class_names(split)):
                (folder / name).mkdir(parents=True)
                images = store.images(split, range(ends[label], ends[label] + 12))
                assert images is not None
                for number, image in enumerate(images):
                    picture = Image.fromarray(255 - image.squeeze()).resize((84, 84))
                    picture.save(folder / name / f"{number:02}.png")
        window.actions_registry["data.import"].trigger()
        dialog = window.findChildren(DataImportDialog)[-1]
        dialog.look_at(str(folder))
        what = dialog.findChild(Label, "what it is")
        wait_until(lambda: what is not None and "pictures" in what.text())
        with QSignalBlocker(dialog.source):  # a place as a reader has it, for the picture alone
            dialog.source.setText("/home/me/my-pictures")
        take(dialog, "import-pictures")
        dialog.reject()


def walk(window: MainWindow) -> None:
    """Find, with the mouse alone, the episode that adaptation hurt most, and mend it."""
    episode_panels = window.episode_panels
    run = next(run for run in trained(window) if leo_settings(run.experiment).variant == "full")
    window.runs.select(run.path)
    QTest.qWait(200)
    window.actions_registry["runs.episodes"].trigger()
    browser, page = episode_panels.episodes, episode_panels.episode
    window.docks.fold(True)  # the page has the room
    wait_until(lambda: browser.table is not None and not browser.is_going)
    window.actions_registry["episodes.adaptation_hurt"].trigger()
    row = browser.view.visualRect(browser.view.episodes.index(0, 0))
    click(browser.view.viewport(), row.center(), twice=True)
    wait_until(lambda: page.inspection is not None and not page.is_busy)
    take(window, "walk-1-hurt")
    click(page.left.steps.findChildren(QToolButton)[0])
    take(window.docks["episode"], "walk-2-before")
    click(page.left.steps.findChildren(QToolButton)[4])
    press(page, "What if")
    wait_until(lambda: page.other is not None and not page.is_busy)
    mend(page)
    take(window, "walk-3-what-if")
    turn_to(window, "Latent space")
    wait_until(lambda: episode_panels.latents.shown is not None)
    take(window, "walk-4-latents")
    turn_to(window, "Classes")
    take(window.docks["classes"], "classes")
    try_it(window)


def try_it(window: MainWindow) -> None:
    """Draw five glyphs with the mouse, once each, and ask about ten further drawings."""
    window.docks.show("tryit")
    panel, hand = window.tryit, np.random.default_rng(0)
    wait_until(lambda: panel.run is not None and panel.can_draw)
    letters = [classes_of("test")[place] for place in (0, 5, 11, 17, 23)]
    for label in letters:
        draw(panel.drawing.canvas, label, hand)
        click(panel.drawing.add)
    for label in letters * 2:
        draw(panel.drawing.canvas, label, hand)
        click(panel.drawing.ask)
    wait_until(lambda: panel.answers.trust.text() != "" and not panel.is_asking)
    draw(panel.drawing.canvas, letters[2], hand)
    take(window, "try-it")


def draw(canvas: DrawingCanvas, label: int, hand: np.random.Generator) -> None:
    """Draw a letter of the glyphs with the mouse, a little different each time."""
    control = drawn_control(label, hand)
    square = canvas.square()
    for stroke in bezier(control, DOTS[::2]) * 0.6 * square.width():
        places = [(square.center() + QPointF(x, y)).toPoint() for x, y in stroke]
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(canvas, place)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def drawn_control(label: int, hand: np.random.Generator) -> NDArray[np.float64]:
    """Return the control points of a letter as a hand that shakes and slants moves them."""
    control = letter(label) + hand.normal(0, 0.02, letter(label).shape)
    x = control[..., 0] - control[..., 1] * hand.uniform(-0.3, 0.3)
    return np.stack([x, control[..., 1]], axis=-1)


def mend(page: EpisodePanel) -> None:
    """Put another example of the class that lost most queries into the support set."""
    seen = page.inspection
    assert seen is not None
    labels = np.arange(seen.query.shape[1])[:, None]
    lost = ((seen.predictions[0, 0] == labels) & (seen.predictions[0, -1] != labels)).sum(1)
    place = int(lost.argmax())
    add = page.right.support.findChild(QToolButton, f"add-{place}")
    assert isinstance(add, QToolButton)
    click(add)
    wait_until(lambda: page.findChild(Chooser) is not None)
    chooser = page.findChild(Chooser)
    assert isinstance(chooser, Chooser)
    item = next(
        chooser.list.item(at)
        for at in range(1, chooser.list.count())
        if chooser.list.item(at).flags()
    )
    take(chooser, "walk-add-example")
    rect = chooser.list.visualItemRect(item)
    click(chooser.list.viewport(), rect.center())
    press(chooser, "Take it")
    wait_until(lambda: not page.is_busy)


if __name__ == "__main__":
    main()
