"""The window asks where a run's store is, and the run remembers it."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.data.store import EmbeddingStore
from engine.runs.run import Run
from engine.runs.run_store import store_record
from leo_studio.services.records import Notice
from tests.leo_studio.ui.conftest import OpenWindow


def test_a_run_that_cannot_be_resumed_without_its_store_is_told_where_it_is(
    open_window: OpenWindow,
    toy_experiment: Experiment,
    toy_store: EmbeddingStore,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.runs.run_store._LOCATED", {})
    window = open_window()
    controller = window.controller
    (controller.library.stores / "glyphs.h5").unlink()  # it has the same contents
    gone, moved = tmp_path / "gone.h5", tmp_path / "moved.h5"
    shutil.copy(toy_store.path, moved)
    experiment = toy_experiment.with_settings({"data.store": str(gone), "schedule.steps": 2})
    record = store_record(toy_store).model_copy(update={"path": str(gone)})
    run = Run.create(controller.library.runs, experiment, record)
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    controller.resume_run(run.path)
    qtbot.waitUntil(lambda: any("There is no store at" in each.text for each in notices))
    (action,) = next(each for each in notices if "There is no store at" in each.text).actions
    assert action.label == "Locate..." and Run(run.path).status == "created"
    action.trigger()
    dialog = window.findChild(QFileDialog, "store_file")
    assert dialog is not None
    dialog.fileSelected.emit(str(moved))
    dialog.reject()
    qtbot.waitUntil(lambda: any("try again" in each.text for each in notices))
    controller.resume_run(run.path)
    qtbot.waitUntil(lambda: controller.status.state == "finished")
    assert Run(run.path).record.store.path == str(moved)
