"""What is asked in the panel "Try it" is seen in the latent space, in the real window."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.runs.library import Library
from leo_studio.services.try_records import ReadExamples
from leo_studio.ui.tryit.class_row import ClassRow
from leo_studio.ui.window.main_window import MainWindow
from tests.conftest import TrainedCopy
from tests.leo_studio.ui.conftest import OpenWindow

PATIENCE = 30_000


@pytest.fixture
def window(
    open_window: OpenWindow,
    library_home: Path,
    trained_copy: TrainedCopy,
    toy_experiment: Experiment,
    qtbot: QtBot,
) -> MainWindow:
    """A window with all panels and two runs, of which the older one is the current one."""
    trained_copy(Library(library_home).runs, toy_experiment)
    trained_copy(Library(library_home).runs, toy_experiment.with_settings({"run.seed": 7}))
    made = open_window()
    qtbot.waitUntil(lambda: len(made.controller.runs) == 2, timeout=PATIENCE)
    qtbot.waitUntil(lambda: made.is_complete, timeout=PATIENCE)
    made.controller.current.choose(made.controller.runs[1].path)
    return made


def test_what_was_asked_is_among_the_codes_of_its_run_alone(
    window: MainWindow, qtbot: QtBot
) -> None:
    docks, panel, latents = window.docks, window.tryit, window.episode_panels.latents
    asked, other = window.controller.runs[1], window.controller.runs[0]
    docks.show("tryit")
    qtbot.waitUntil(lambda: panel._tools is not None and bool(panel._tools.classes))
    for label, row in enumerate(panel.classes.rows[:2]):

        def add(read: ReadExamples, row: ClassRow = row) -> None:
            row.add_examples(read.examples[:1])
            panel._add_queries(read.examples[1:])

        window.controller.try_it.of_store(asked.path, "test", label, 2, add)
    qtbot.waitUntil(lambda: len(panel.queries) == 2)
    qtbot.waitUntil(lambda: not panel.is_asking, timeout=PATIENCE)

    def drawn() -> int:
        """Return how many classes and queries are seen; -1 before any codes are."""
        return -1 if latents.shown is None else len(latents.plot.tried.places)

    docks.show("latents")
    assert not panel.isVisible()
    qtbot.waitUntil(lambda: drawn() == 4, timeout=PATIENCE)
    # Of another run they are not; the panel behind still has them, and so they come back.
    window.controller.current.choose(other.path)
    qtbot.waitUntil(lambda: drawn() == 0 and latents.shown_source is not None, timeout=PATIENCE)
    window.controller.current.choose(asked.path)
    qtbot.waitUntil(lambda: drawn() == 4, timeout=PATIENCE)
    docks.show("tryit")
    window.actions_registry["tryit.clear"].trigger()
    docks.show("latents")
    qtbot.waitUntil(lambda: drawn() == 0, timeout=PATIENCE)
    assert latents.shown is not None
