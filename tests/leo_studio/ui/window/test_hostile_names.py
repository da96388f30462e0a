"""Names that look like markup, keys and placeholders are shown letter by letter in every panel."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.data.store_writing import create_store
from engine.inspection.what_if import Edit
from engine.io.files import write_text
from engine.io.yaml_text import written_yaml
from engine.runs.annotations import Annotations, write_annotations
from engine.runs.library import Library
from engine.studies.sweeps.space import parameters_of
from engine.studies.sweeps.sweep import Sweep
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.window.main_window import MainWindow
from tests.conftest import TrainedCopy
from tests.leo_studio.ui.conftest import OpenWindow
from tests.leo_studio.ui.shown import shown_texts

NAME = "<b>&amp;[b] $x$ &File {{x}}"
TAG = NAME.replace(";", "")  # which parts tags where they are typed
RATES = {"low": 1e-5, "high": 1e-1, "log": True}
PIECES = ("&amp;", "[b]", "$x$", "&File", "{{x}}")


@pytest.fixture
def store(tmp_path: Path) -> EmbeddingStore:
    """A store whose name, classes and examples are all called so."""
    path = tmp_path / f"{NAME} store.h5"
    generator = np.random.default_rng(0)
    with create_store(path, f"{NAME} store", f"{NAME} source", 16) as writer:
        for split in ("train", "val", "test"):
            rows = np.repeat(generator.normal(size=(6, 16)), 12, axis=0)
            writer.add_split(
                split,
                (rows + generator.normal(size=rows.shape)).astype(np.float32),
                np.repeat(np.arange(6), 12),
                [f"{NAME} {split}-{label}" for label in range(6)],
                [f"{NAME} {split} {row}" for row in range(72)],
            )
    return EmbeddingStore(path)


def _is_whole(text: str) -> bool:
    """Whether the name stands in a text letter by letter, or as far as there was room."""
    text = text.replace("\u200b", "")
    rest = text.replace(NAME, "").replace(TAG, "")
    if "…" in rest or "..." in rest:
        return True  # cut off by ourselves: what is left is looked at where it is whole
    return not any(piece in rest for piece in PIECES)


def _named(window: QWidget) -> list[tuple[str, str]]:
    return [each for each in shown_texts(window) if any(piece in each[1] for piece in PIECES)]


def test_every_letter_of_a_name_is_shown_in_every_panel(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    trained_copy: TrainedCopy,
    store: EmbeddingStore,
    library_home: Path,
    qtbot: QtBot,
) -> None:
    library = Library(library_home)
    window = open_window()
    shutil.copy(store.path, library.stores / store.path.name)
    experiment = toy_experiment.with_settings(
        {"description": f"{NAME} preset", "data.store": str(store.path)}
    )
    study = {"name": "own", "about": f"{NAME} study", "preset": "glyphs-5way-1shot"}
    parts = [{"name": f"{NAME} part"}]
    library.studies.mkdir(parents=True, exist_ok=True)
    (library.studies / "own.yaml").write_text(
        written_yaml({"schema": 1, **study, "rows": parts, "columns": parts}), encoding="utf-8"
    )
    folder, rates = library.sweeps / f"{NAME} sweep", {"optimizer.outer_lr": RATES}
    sweep = Sweep("own", experiment, parameters_of(rates, "test"), trials=2)
    write_text(folder / "sweep.yaml", sweep.to_yaml())
    library.presets.mkdir(parents=True, exist_ok=True)
    (library.presets / f"{NAME} preset.yaml").write_text(experiment.to_yaml(), encoding="utf-8")
    paths = [library.runs / f"{NAME} run {number}" for number in (1, 2)]
    for path in paths:
        trained_copy(library.runs, experiment).path.rename(path)
        write_annotations(path, Annotations(f"{NAME} note", (f"{TAG} tag",)))
    window.opener.open_path(str(paths[0]))
    window.controller.refresh_stores()
    window.controller.refresh_presets()
    window.experiment.load(experiment, title=NAME)
    window.controller.notified.emit(Notice("error", f"{NAME} failed", f"{NAME} details"))
    qtbot.waitUntil(lambda: window.is_complete and len(window.controller.runs) == 2)
    runs = window.controller.runs
    _fill_panels(window, runs, qtbot)
    named = _named(window)
    assert [each for each in named if not _is_whole(each[1])] == []
    docks = {name: len(_named(window.docks[name])) for name in window.docks.names}
    assert {name for name, count in docks.items() if not count} == {"queue"}  # nothing waits
    assert len(named) > 300


def _fill_panels(window: MainWindow, runs: tuple[RunEntry, ...], qtbot: QtBot) -> None:
    """Compare and evaluate runs, look at a study, a sweep, episodes, and change one by hand."""
    window.compare_runs(runs)
    window.evaluate_run(runs[0])
    window.evaluation.form.episodes.setValue(5)
    window.evaluation.start()
    window.runs.select(runs[0].path)
    qtbot.waitUntil(lambda: window.actions_registry["runs.episodes"].isEnabled())
    window.actions_registry["runs.episodes"].trigger()
    panels = window.episode_panels
    browser, page = panels.episodes, panels.episode
    qtbot.waitUntil(lambda: browser.table is not None and not browser.is_going)
    window.docks.show("latents")
    qtbot.waitUntil(lambda: panels.latents.plot.shown is not None)
    window.docks.show("classes")
    window.docks.show("studies")
    window.studies.open_study("own")
    qtbot.waitUntil(lambda: window.studies.view is not None)
    window.docks.show("sweeps")
    qtbot.waitUntil(lambda: bool(window.sweeps.list.rows))
    window.sweeps.open_sweep(f"{NAME} sweep")
    qtbot.waitUntil(lambda: window.sweeps.view is not None)
    window.docks.show("episode")
    browser.view.setCurrentIndex(browser.view.episodes.index(0, 0))
    QTest.keyClick(browser.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.inspection is not None and not page.is_busy)
    assert page.inspection is not None
    page.header.what_if.click()
    page.what_if.edit(Edit("swap", 0, 0 if page.inspection.classes[0, 0] else 1))
    qtbot.waitUntil(lambda: page.other is not None and not page.is_busy)
    qtbot.waitUntil(lambda: window.evaluation.exported() is not None)
    window.show_run(runs[1].path)
    qtbot.waitUntil(lambda: window.curves.exported() is not None)
