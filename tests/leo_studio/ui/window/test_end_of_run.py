"""The end of a run is told of with the record of that end."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from engine.events import StateChanged
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.window.end_of_run import EndOfRun


def test_a_run_that_was_finished_once_before_is_told_of_when_its_new_record_is_there(
    controller: Controller, toy_run: RunEntry, qtbot: QtBot
) -> None:
    told: list[Notice] = []
    controller.notified.connect(told.append)
    EndOfRun(controller, print, print, print, print, controller)
    (run,) = controller.runs
    controller.status = replace(controller.status, run=str(run.path), step=run.step + 20)
    controller.happened.emit(StateChanged("finished", str(run.path)))
    assert told == []
    controller.runs = (replace(run, step=run.step + 20),)
    controller.runs_changed.emit(controller.runs)
    (notice,) = told
    assert notice.text == f"{run.title} is finished: {run.best_text} on validation."
    controller.runs_changed.emit(controller.runs)
    assert len(told) == 1
