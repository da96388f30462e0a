"""Costs of the window: gaps in its event loop, training beside it, its start, looks, memory.

python benchmarks/window.py [--minutes 30 | --looks]

Offscreen, 1600 x 1000, training a synthetic store of mini-1shot's sizes at full speed with three
plots of the Curves panel visible. `--minutes` trains on for so long and prints how memory grew;
`--looks` measures only how long another theme and another size of text take.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np

from benchmarks.synthetic import held_memory, preset, synthetic_split
from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.events import StepsTaken
from engine.learners.catalogue import learner_kind
from engine.runs.library import Library
from engine.runs.metrics import train_columns
from engine.runs.preparation import new_run
from engine.training import train
from leo_studio.services.controller import Controller
from leo_studio.services.preferences import Preferences
from leo_studio.startup.app import make_application
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.main_window import MainWindow

VISIBLE_PLOTS = ("loss", "accuracy", "learning_rates")
PHASE_SECONDS = 12.0
PHASES = 4
TICK_MILLISECONDS = 5
MILLION = 1_000_000
STARTS = 5
STOPS = 10
LOOKS = (("dark", 1.0), ("light", 1.0), ("light", 1.1), ("light", 1.15), ("dark", 1.0))

IMPORTS = "import torch, PySide6.QtWidgets"
# The command's own way from `main` on; the collector is off there too before these are imported.
START = """
import gc
gc.disable()
from leo_studio.startup.sources_unread import leave_sources_unread
leave_sources_unread()
from PySide6.QtCore import QTimer
import leo_studio.startup.app as app
begin = app.MainWindow.begin
def timed(window, *arguments):
    begin(window, *arguments)
    def tell():
        print("usable", flush=True)
        window.close_without_asking()
    QTimer.singleShot(0, tell)
app.MainWindow.begin = timed
import sys
sys.argv = ["leo-studio"]
from leo_studio.cli import main
main()
"""


def write_store(path: Path) -> None:
    """Write a store of miniImageNet's sizes."""
    with create_store(path, "synthetic", "drawn by a benchmark", 640) as writer:
        for name, classes in (("train", 64), ("val", 16), ("test", 20)):
            split = synthetic_split(name, classes, 600)
            writer.add_split(
                name,
                split.in_memory.numpy(),
                np.repeat(np.arange(classes), 600),
                [f"{name}-{label}" for label in range(classes)],
                [f"{row}" for row in range(classes * 600)],
            )


@contextmanager
def open_window(library: Library) -> Iterator[MainWindow]:
    application = make_application()
    controller = Controller(library)
    preferences = Preferences(ask_before_closing=False)
    themes = ThemeManager(application)
    themes.choose("dark")
    window = MainWindow(controller, themes, preferences)
    window.resize(1600, 1000)
    window.show()
    window.begin([])
    yield window
    window.close()
    process_events_until(lambda: not window.isVisible())


def process_events_until(is_done: Callable[[], bool], seconds: float = 120.0) -> list[float]:
    """Run the event loop and return the gaps between its turns, in milliseconds."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    loop, gaps = QEventLoop(), list[float]()
    end, last = time.perf_counter() + seconds, time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(1000 * (now - last))
        last = now
        if is_done() or now > end:
            loop.quit()

    timer = QTimer(interval=TICK_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start()
    loop.exec()
    timer.stop()
    return gaps


def steps_alone(experiment: Experiment, library: Library, seconds: float) -> float:
    """Return the steps a second of training without a window."""
    run, store = new_run(library, experiment)
    events = train(run.experiment, store, run)
    taken, began = 0, 0.0
    for event in events:
        if isinstance(event, StepsTaken):
            began = began or time.perf_counter()
            taken = event.step
            if time.perf_counter() - began > seconds:
                break
    rate = taken / (time.perf_counter() - began)
    events.close()
    return rate


def measure_training(window: MainWindow, experiment: Experiment) -> None:
    controller = window.controller
    alone, beside, gaps = [], [], []
    for _ in range(PHASES):
        alone.append(steps_alone(experiment, controller.library, PHASE_SECONDS))
        controller.train(experiment)
        process_events_until(lambda: controller.status.step > 0)
        first, began = controller.status.step, time.perf_counter()
        gaps += process_events_until(lambda: False, PHASE_SECONDS)
        beside.append((controller.status.step - first) / (time.perf_counter() - began))
        stop_and_time(window)
    ratios = [with_window / without for with_window, without in zip(beside, alone, strict=True)]
    p99, p999 = np.percentile(gaps, [99, 99.9])
    print(
        f"gap between turns of the event loop: median {statistics.median(gaps):.1f} ms, "
        f"p99 {p99:.1f} ms, p99.9 {p999:.1f} ms, longest {max(gaps):.1f} ms, {len(gaps)} turns"
    )
    print(
        f"training beside the window: {100 * statistics.median(ratios):.0f} % of headless "
        f"({min(ratios):.2f} to {max(ratios):.2f}; "
        f"{statistics.median(alone):.0f} steps/s headless)"
    )


def stop_and_time(window: MainWindow) -> tuple[float, float]:
    """Stop and return the seconds until the window said so and until it was done."""
    controller = window.controller
    began = time.perf_counter()
    window.actions_registry["train.stop"].trigger()
    told = time.perf_counter() - began
    assert controller.status.state in ("stopping", "stopped")
    process_events_until(lambda: controller.status.state == "stopped")
    return told, time.perf_counter() - began


def measure_stop(window: MainWindow, experiment: Experiment) -> None:
    controller = window.controller
    often = experiment.with_settings({"schedule.validate_every": 20})
    times = []
    for round_ in range(STOPS):
        controller.train(often)
        process_events_until(lambda: controller.status.step > 0)
        process_events_until(lambda: False, 0.3 + 0.13 * round_)
        times.append(stop_and_time(window))
    told, done = (1000 * np.array(column) for column in zip(*times, strict=True))
    print(
        f"Stop: told after {told.max():.1f} ms at most, done after {np.median(done):.0f} ms "
        f"(median) and {done.max():.0f} ms (longest of {STOPS}; every 20 steps a validation of "
        f"{often.schedule.validation_episodes} episodes)"
    )


def measure_opening(window: MainWindow, experiment: Experiment) -> None:
    """Time the opening of a run with a million rows."""
    library = window.controller.library
    run, _ = new_run(library, experiment)
    columns = train_columns(run.columns)
    block = np.random.default_rng(0).random((10_000, len(columns) - 1))
    for start in range(0, MILLION, len(block)):
        run.training.append((start + row + 1, block[row].tolist()) for row in range(len(block)))
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        window.show_run(run.path)
        gaps = process_events_until(lambda: window.curves.points_of(run.path) == MILLION)
        seconds.append(time.perf_counter() - began)
        window.curves.hide_run(run.path)
    print(
        f"opening a run of {MILLION:,} rows: {statistics.median(seconds):.2f} s, "
        f"longest gap meanwhile {max(gaps):.0f} ms"
    )


def show_everything(window: MainWindow, experiment: Experiment) -> None:
    """Train a run for a moment and show it in every panel."""
    controller, panels = window.controller, window.episode_panels
    process_events_until(lambda: window.is_complete)
    short = {
        "schedule.steps": 40,
        "schedule.validate_every": 20,
        "schedule.validation_episodes": 50,
    }
    controller.train(experiment.with_settings(short))
    process_events_until(lambda: controller.status.state == "finished")
    process_events_until(lambda: any(run.status == "finished" for run in controller.runs))
    entry = next(run for run in controller.runs if run.status == "finished")
    window.show_run(entry.path)
    window.evaluate_run(entry)
    panels.show_run(entry)
    process_events_until(lambda: panels.episodes.table is not None and not panels.episodes.is_going)
    panels.selection.show(0)
    window.docks.show("episode")
    process_events_until(lambda: panels.episode.inspection is not None)
    window.docks.show("latents")
    process_events_until(lambda: panels.latents.shown is not None)
    window.docks.show("experiment")


def measure_looks(window: MainWindow, experiment: Experiment) -> None:
    """Print how long the window stands still for another theme and another size of text."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    imports = 1000 * (time.perf_counter() - began)
    show_everything(window, experiment)
    for front in ("curves", "latents", "episode"):
        window.docks.show(front)
        process_events_until(lambda: False, 1)
        longest = []
        for theme, scale in LOOKS:
            window.change_preferences(theme=theme, text_scale=scale)
            gaps = process_events_until(lambda: window.themes.is_settled)
            gaps += process_events_until(lambda: False, 0.3)  # until all is painted
            longest.append(max(gaps))
        print(
            f"another look with {front} in front: longest gaps "
            f"{', '.join(f'{gap:.0f}' for gap in longest)} ms, the longest "
            f"{max(longest) / imports:.2f} times `{IMPORTS}` ({imports:.0f} ms)"
        )


def measure_start() -> None:
    """Time `leo-studio` in an empty library against the bare imports."""

    def seconds(code: str, until: str) -> float:
        with tempfile.TemporaryDirectory() as home:
            environment = os.environ | {"LEO_STUDIO_HOME": home, "PYTHONDONTWRITEBYTECODE": ""}
            began = time.perf_counter()
            with subprocess.Popen(
                [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout is not None
                if until:
                    for line in process.stdout:
                        if line.strip() == until:
                            break
                    taken = time.perf_counter() - began
                status = process.wait()
                assert status == 0, status
                return taken if until else time.perf_counter() - began

    seconds(START, "usable")  # compiles our modules, as the first start does
    pairs = [(seconds(START, "usable"), seconds(IMPORTS, "")) for _ in range(STARTS)]
    ratios = [start / imports for start, imports in pairs]
    print(
        f"from leo-studio to a usable window: {statistics.median(s for s, _ in pairs):.2f} s, "
        f"{statistics.median(ratios):.2f} times `{IMPORTS}` ({min(ratios):.2f} to "
        f"{max(ratios):.2f})"
    )


def measure_memory(window: MainWindow, experiment: Experiment, minutes: float) -> None:
    controller, every = window.controller, experiment.schedule.validate_every

    def is_between_validations() -> bool:
        return every // 5 < controller.status.step % every < every // 2

    controller.train(experiment)
    process_events_until(is_between_validations)
    at_first = held_memory()
    # The first validation takes memory that later ones take again.
    process_events_until(lambda: controller.status.step > every and is_between_validations())
    before = held_memory()
    for _ in range(math.ceil(60 * minutes)):  # not in one: the gaps would be kept for so long
        process_events_until(lambda: False, 1)
    process_events_until(is_between_validations)
    grown, whole = ((held_memory() - then) / 2**20 for then in (before, at_first))
    rows = controller.status.step
    own = rows * len(train_columns(learner_kind(experiment).columns)[1:]) * 8 / 2**20
    print(
        f"memory after {minutes:g} minutes and {rows} steps: {grown:+.1f} MB since the first "
        f"validation, {whole:+.1f} MB since before it (the metrics themselves are {own:.1f} MB)"
    )
    stop_and_time(window)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=0.0, help="train on and watch memory")
    parser.add_argument("--looks", action="store_true", help="only theme and text size")
    arguments = parser.parse_args()
    minutes = arguments.minutes
    if not minutes and not arguments.looks:
        measure_start()
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        path = library.stores / "synthetic.h5"
        write_store(path)
        EmbeddingStore(path)
        experiment = preset("mini-1shot").with_settings(
            {"data.store": "synthetic", "schedule.steps": 10 * MILLION}
        )
        with open_window(library) as window:
            process_events_until(lambda: not window.controller.tasks)  # the glyphs are drawn
            window.curves.set_visible_plots(VISIBLE_PLOTS)
            if minutes:
                measure_memory(window, experiment, minutes)
            elif arguments.looks:
                measure_looks(window, experiment)
            else:
                measure_training(window, experiment)
                measure_stop(window, experiment)
                measure_opening(window, experiment)
                measure_looks(window, experiment)


if __name__ == "__main__":
    main()
