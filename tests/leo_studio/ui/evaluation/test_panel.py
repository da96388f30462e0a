"""The evaluation panel on the real engine: a run is evaluated, shown, kept, compared, exported."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import Experiment, experiment_from_dict
from engine.runs.run import Run
from leo_studio.figures.tables import length_of
from leo_studio.services.controller import Controller
from leo_studio.services.records import EvaluationRequest, Notice, RunEntry
from leo_studio.ui.evaluation import EvaluationPanel
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.scrolled import Scrolled
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.analysis.evaluation.test_function_scores import FOUND

Train = Callable[[Experiment], RunEntry]


@pytest.fixture
def panel(
    qtbot: QtBot, controller: Controller, actions: ActionRegistry, themes: ThemeManager
) -> EvaluationPanel:
    made = EvaluationPanel(controller, actions, themes)
    made.resize(900, 600)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def run(panel: EvaluationPanel, toy_run: RunEntry) -> RunEntry:
    return toy_run


def text(panel: EvaluationPanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert isinstance(label, QLabel)
    return label.text().replace("\u00a0", " ")


def evaluate(qtbot: QtBot, panel: EvaluationPanel, episodes: int = 50) -> None:
    panel.form.episodes.setValue(episodes)
    before = panel.result.report
    QTest.mouseClick(panel.form.start_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.result.report is not before, timeout=30_000)


def choose(panel: EvaluationPanel, split: str) -> None:
    panel.form.split_box.setCurrentIndex(panel.form.split_box.findData(split))


def test_without_a_run_the_panel_says_how_to_get_one(panel: EvaluationPanel) -> None:
    assert "Train an experiment, or choose a run." in text(panel, "nothing")
    assert text(panel, "reason") == "Choose a run first."
    assert not panel.form.start_button.isEnabled()


def test_a_run_is_evaluated_shown_and_kept(
    qtbot: QtBot, panel: EvaluationPanel, run: RunEntry
) -> None:
    evaluate(qtbot, panel)

    report = panel.result.report
    assert report is not None
    assert text(panel, "headline") == report.headline
    assert "4-way 2-shot, 50 episodes of split test" in text(panel, "description")
    (kept,) = (run.path / "evaluations").glob("*.json")
    assert json.loads(kept.read_text(encoding="utf-8"))["accuracy"] == report.evaluation.accuracy
    assert panel.kept.list.topLevelItemCount() == 1


def test_the_default_checkpoint_follows_a_run_that_trains_until_another_is_chosen(
    panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    current = controller.current
    current.update((replace(run, best=None, checkpoints=(15,)),))
    assert panel.form.request().checkpoint == "last"
    current.update((run,))
    assert panel.form.request().checkpoint == "best"
    box = panel.form.checkpoint_box
    place = box.findData("15")
    box.setCurrentIndex(place)
    box.activated.emit(place)
    current.update((replace(run, step=41),))
    assert panel.form.request().checkpoint == "15"
    assert current.step == 15


def test_a_pinned_panel_stays_with_its_run_until_it_is_set_free(
    panel: EvaluationPanel,
    controller: Controller,
    run: RunEntry,
    add_run: Train,
    toy_experiment: Experiment,
) -> None:
    other = add_run(toy_experiment.with_settings({"run.seed": 1}))
    controller.current.choose(run.path)
    assert panel.run is not None and panel.run.path == run.path
    panel.banner.pin.click()
    controller.current.choose(other.path)
    assert panel.run.path == run.path
    assert panel.banner.pin.text() == "Pinned" and panel.banner.box.currentText() == run.title
    panel.banner.pin.click()
    assert panel.run.path == other.path
    assert panel.banner.box.currentText() == controller.title_of(other.path)


def test_the_default_checkpoint_is_the_runs_own(panel: EvaluationPanel, run: RunEntry) -> None:
    assert panel.form.request().checkpoint == "best"
    assert panel.form.request().split == "test"
    assert panel.form.request().compare is None


def test_a_comparison_with_nearest_class_mean_is_shown_as_a_sentence(
    qtbot: QtBot, panel: EvaluationPanel, run: RunEntry
) -> None:
    box = panel.form.opponent_box
    box.setCurrentIndex(box.findData("nearest-class-mean"))

    evaluate(qtbot, panel)

    assert re.search("points (over|below) nearest class mean", text(panel, "comparison"))


def test_a_split_that_was_trained_on_is_warned_of(panel: EvaluationPanel, run: RunEntry) -> None:
    choose(panel, "train")

    assert "says nothing about new classes" in text(panel, "split-remark")
    assert panel.form.start_button.isEnabled()


def test_the_evaluation_that_is_chosen_stays_when_runs_are_read_again(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    evaluate(qtbot, panel)
    choose(panel, "val")
    evaluate(qtbot, panel)
    qtbot.waitUntil(lambda: len(controller.runs[0].evaluations) == 2)
    panel.kept.list.setCurrentIndex(panel.kept.list.model().index(0, 0))

    with qtbot.waitSignal(controller.runs_changed):
        controller.annotate(controller.runs[0], "a note", ())

    assert panel.result.report is not None
    assert panel.result.report.evaluation.split == "test"


def test_a_cancelled_evaluation_keeps_nothing(
    qtbot: QtBot,
    panel: EvaluationPanel,
    controller: Controller,
    actions: ActionRegistry,
    run: RunEntry,
) -> None:
    panel.form.episodes.setValue(1_000_000)
    actions["evaluation.start"].trigger()
    assert panel.form.cancel_button.isVisible()
    assert not actions["evaluation.start"].isEnabled()

    actions["evaluation.cancel"].trigger()

    qtbot.waitUntil(lambda: not controller.tasks, timeout=30_000)
    qtbot.waitUntil(panel.form.start_button.isVisible)
    assert not actions["evaluation.cancel"].isEnabled()
    assert not (run.path / "evaluations").exists()


def test_the_keyboard_stays_where_an_evaluation_was_started(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    others = QWidget()  # another panel, to which Qt would go on
    qtbot.addWidget(others)
    line = QVBoxLayout(others)
    line.addWidget(panel)
    line.addWidget(QPushButton("other"))
    others.show()
    with qtbot.waitActive(others):
        others.activateWindow()
    form = panel.form
    form.episodes.setValue(1_000_000)
    form.start_button.setFocus()
    QTest.mouseClick(form.start_button, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is form.cancel_button
    QTest.mouseClick(form.cancel_button, Qt.MouseButton.LeftButton)
    assert form.cancel_button.text() == "Ending..."
    qtbot.waitUntil(lambda: not controller.tasks, timeout=30_000)
    qtbot.waitUntil(form.start_button.isVisible)
    assert QApplication.focusWidget() is form.start_button
    panel.setParent(None)


def test_a_failed_evaluation_leaves_the_panel_usable(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    for checkpoint in (run.path / "checkpoints").iterdir():
        checkpoint.unlink()

    QTest.mouseClick(panel.form.start_button, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: bool(notices), timeout=30_000)
    qtbot.waitUntil(panel.form.start_button.isVisible)
    assert notices[0].kind == "error"


def test_the_run_that_is_chosen_is_shown(
    qtbot: QtBot,
    panel: EvaluationPanel,
    controller: Controller,
    add_run: Train,
    run: RunEntry,
    toy_experiment: Experiment,
) -> None:
    other = add_run(toy_experiment.with_settings({"run.seed": 1}))

    controller.current.choose(other.path)
    box = panel.banner.box
    assert box.currentText() == controller.title_of(other.path)
    assert panel.form.opponent_box.findData(str(run.path)) > 0

    index = box.findData(run.path)
    box.setCurrentIndex(index)
    box.activated.emit(index)
    assert panel.run is not None
    assert panel.run.path == run.path
    assert controller.current.path == run.path


def test_a_run_without_a_choice_of_its_own_takes_the_number_that_was_chosen_last(
    panel: EvaluationPanel,
    controller: Controller,
    add_run: Train,
    run: RunEntry,
    toy_experiment: Experiment,
) -> None:
    other = add_run(toy_experiment.with_settings({"run.seed": 1}))
    third = add_run(toy_experiment.with_settings({"run.seed": 2}))
    numbers = []
    controller.current.choose(run.path)
    panel.form.episodes.setValue(70)
    controller.current.choose(other.path)
    numbers.append(panel.form.episodes.value())
    controller.current.choose(third.path)
    panel.form.episodes.setValue(90)
    for path in (run.path, other.path):  # the second one only took what was chosen elsewhere
        controller.current.choose(path)
        numbers.append(panel.form.episodes.value())
    assert numbers == [70, 70, 90]


def test_a_run_that_is_thrown_away_is_shown_no_longer(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    controller.throw_away(run)

    qtbot.waitUntil(lambda: panel.run is None)
    assert "Train an experiment, or choose a run." in text(panel, "nothing")


def test_it_exports_the_plot_of_the_tab_that_is_shown(
    qtbot: QtBot, panel: EvaluationPanel, actions: ActionRegistry, run: RunEntry
) -> None:
    assert panel.exported() is None
    evaluate(qtbot, panel)
    panel.result.tabs.setCurrentIndex(1)

    with qtbot.waitSignal(panel.export_wanted):
        actions["evaluation.export"].trigger()
    exported = panel.exported()

    assert exported is not None and exported.figure is not None
    assert exported.figure.plots[0].title == "Accuracy of single episodes"
    assert exported.tables[0].name == "episodes" and length_of(exported.tables[0]) == 50


def test_the_result_of_a_run_is_shown_again_after_one_on_functions(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    evaluate(qtbot, panel)
    evaluated = controller.current.entry
    assert evaluated is not None
    on_functions = RunEntry(
        run.path.with_name("on-functions"),
        experiment=experiment_from_dict(
            {"name": "f", "task": {"kind": "regression"}, "learner": {"kind": "maml"}}, "f"
        ),
        checkpoints=(10,),
        function_evaluations=(FOUND,),
    )
    qtbot.waitUntil(lambda: bool(controller.runs and controller.runs[0].evaluations))
    controller.current.update((*controller.runs, on_functions))
    controller.current.choose(on_functions.path)
    exported = panel.exported()
    assert exported is not None and exported.tables[0].name == "scores"
    told: list[Notice] = []
    controller.notified.connect(told.append)
    for view, path in ((panel.functions, on_functions.path), (panel.result, run.path)):
        controller.current.choose(path)
        QGuiApplication.clipboard().clear()
        view.export_button.copy_wanted.emit()  # as its menu does
        assert QGuiApplication.clipboard().text()
        assert told.pop().text == "The result is on the clipboard."
    exported = panel.exported()
    assert exported is not None and exported.tables[0].name == "classes"
    assert panel.result.isVisible() and not panel.functions.isVisible()


def test_uncertainty_is_measured_shown_kept_and_exported(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    evaluate(qtbot, panel, 40)
    view = panel.result.uncertainty
    panel.result.tabs.setCurrentWidget(view)
    assert view.table.isHidden() and view.button.text() == "Measure uncertainty on 40 episodes"
    QTest.mouseClick(view.button, Qt.MouseButton.LeftButton)
    assert not view.button.isEnabled() and panel.form.cancel_button.isVisible()
    # How far it is stands by the button that began it, and there alone.
    bars = panel.findChildren(QProgressBar)
    (bar,) = (each for each in bars if each.isVisible())
    below = bar.mapTo(view, bar.rect().topLeft()).y()
    assert view.isAncestorOf(bar)
    assert 0 < below - view.button.mapTo(view, view.button.rect().bottomLeft()).y() < 60
    qtbot.waitUntil(lambda: view.record is not None)
    qtbot.waitUntil(view.button.isEnabled)
    assert view.record is not None and view.record.episodes == 40
    assert view.table.rowCount() == len(view.record.measures)
    assert view.curves.isVisible() and not any(each.isVisible() for each in bars)
    assert "A wrong answer is more uncertain" in text(panel, "uncertainty-finding")
    assert (run.path / "evaluations" / view.record.file_name).is_file()
    exported = panel.exported()
    assert exported is not None and exported.tables[0].name == "uncertainty"
    assert length_of(exported.tables[0]) == view.table.rowCount()

    # Another evaluation has none yet; the record comes back with its own.
    def kept_again() -> bool:
        entry = controller.current.entry
        return entry is not None and len(entry.uncertainties) == 1

    qtbot.waitUntil(kept_again)
    before = view.record
    choose(panel, "val")
    evaluate(qtbot, panel, 30)
    assert panel.result.uncertainty.record is None and view.table.isHidden()
    first = panel.kept.list.topLevelItem(0)
    assert first is not None
    panel.kept.list.setCurrentItem(first)
    assert panel.result.report is not None
    assert panel.result.report.evaluation.split == "test" and view.record == before

    # It is thrown away elsewhere, and measured again, while its evaluation is shown.
    entry = controller.current.entry
    assert entry is not None
    for uncertainties in ((), (before,)):
        controller.current.update((replace(entry, uncertainties=uncertainties),))
        assert panel.result.uncertainty.record == (before if uncertainties else None)


def test_what_has_no_codes_says_that_there_is_nothing_to_measure(
    qtbot: QtBot,
    panel: EvaluationPanel,
    add_run: Train,
    toy_experiment: Experiment,
    controller: Controller,
) -> None:
    ridge = toy_experiment.with_settings({"name": "plain", "learner.kind": "ridge"})
    controller.current.choose(add_run(ridge).path)
    evaluate(qtbot, panel)
    view = panel.result.uncertainty
    assert view.button.isHidden()
    assert "it has no latent codes" in text(panel, "uncertainty-finding")


def test_the_result_is_copied_as_text(qtbot: QtBot, panel: EvaluationPanel, run: RunEntry) -> None:
    evaluate(qtbot, panel)

    panel.result.copy_result()

    copied = QGuiApplication.clipboard().text()
    assert panel.result.report is not None
    assert copied.startswith(panel.result.report.headline)
    assert "95 % confidence interval over episodes" in copied


def test_classes_can_be_seen_as_a_table(
    qtbot: QtBot, panel: EvaluationPanel, run: RunEntry
) -> None:
    evaluate(qtbot, panel)

    panel.result.table_button.click()

    assert panel.result.class_table.isVisible()
    assert panel.result.class_table.model().rowCount() == 8
    panel.result.tabs.setCurrentIndex(2)
    assert not panel.result.table_button.isEnabled()


def test_classes_are_scrolled_by_one_bar(
    qtbot: QtBot, panel: EvaluationPanel, run: RunEntry
) -> None:
    evaluate(qtbot, panel)
    result = panel.result
    column = result.parentWidget()
    while column is not None and not isinstance(column, Scrolled):
        column = column.parentWidget()
    assert isinstance(column, Scrolled)
    panel.resize(900, 470)
    QApplication.processEvents()
    assert result.class_bars.isVisible()  # which scrolls by itself where there are many classes
    assert not column.verticalScrollBar().isVisible()


def test_an_old_evaluation_without_episodes_says_so(
    qtbot: QtBot, panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    evaluate(qtbot, panel)
    (kept,) = (run.path / "evaluations").glob("*.json")
    whole = json.loads(kept.read_text(encoding="utf-8"))
    whole.pop("accuracies")
    qtbot.waitUntil(lambda: len(controller.runs[0].evaluations) == 1)
    (kept.parent / "test-old.json").write_text(json.dumps(whole | {"split": "old"}))
    with qtbot.waitSignal(controller.runs_changed):
        controller.refresh_runs()
    old = panel.kept.list.findItems("old", Qt.MatchFlag.MatchExactly)[0]
    panel.kept.list.setCurrentItem(old)
    panel.result.tabs.setCurrentIndex(1)

    pages = panel.result.tabs.currentWidget()
    assert isinstance(pages, QStackedWidget)
    assert pages.currentWidget().objectName() == "no-episodes"


def test_a_damaged_evaluation_is_told_of(
    panel: EvaluationPanel, controller: Controller, run: RunEntry
) -> None:
    sentence = "half.json is no whole evaluation; evaluate again."
    controller.current.update((replace(run, evaluation_problems=(sentence,)),))
    assert text(panel, "nothing") == sentence


def test_a_result_that_cannot_be_kept_is_shown_and_stays(
    qtbot: QtBot, panel: EvaluationPanel, run: RunEntry, controller: Controller
) -> None:
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    (run.path / "evaluations").write_text("somebody else's")
    evaluate(qtbot, panel)
    report = panel.result.report
    assert report is not None and not report.evaluation.is_kept
    assert [each.kind for each in notices] == ["warning"]
    assert "could not be kept" in notices[0].text and str(run.path) in notices[0].text
    controller.refresh_runs()
    qtbot.waitUntil(lambda: bool(controller.runs[0].evaluations), timeout=30_000)
    assert panel.kept.list.topLevelItemCount() == 1
    assert panel.result.report is not None
    assert panel.result.report.evaluation == report.evaluation
    (run.path / "evaluations").unlink()


def test_a_store_that_moved_is_located_and_remembered(
    qtbot: QtBot,
    panel: EvaluationPanel,
    run: RunEntry,
    controller: Controller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.runs.run_store._LOCATED", {})
    moved, gone = tmp_path / "moved.h5", tmp_path / "gone.h5"
    moved.write_bytes(Path(run.store_path).read_bytes())
    record = Run(run.path)
    experiment = record.experiment.with_settings({"data.store": str(gone)})
    (run.path / "experiment.yaml").write_text(experiment.to_yaml())
    record.amend(store=record.record.store.model_copy(update={"path": str(gone)}))
    notices: list[Notice] = []
    controller.notified.connect(notices.append)
    controller.refresh_runs()
    locate = panel.form.locate_button
    qtbot.waitUntil(locate.isVisible)
    assert text(panel, "reason") == f"There is no store at {gone} any more."
    assert not panel.form.start_button.isEnabled()
    qtbot.waitUntil(lambda: bool(controller.run_stores._looked_for))
    qtbot.waitUntil(lambda: not controller._background.tasks)  # it has come, and was told or not
    assert notices == []  # it was looked for in the library, which nobody has asked for

    wanted: list[Path] = []
    controller.store_wanted.connect(wanted.append)
    controller.evaluate(EvaluationRequest(run.path, None, "test", 5), lambda _: None)
    qtbot.waitUntil(lambda: bool(notices))
    (action,) = notices[0].actions
    action.trigger()
    QTest.mouseClick(locate, Qt.MouseButton.LeftButton)
    assert wanted == [run.path, run.path] and action.label == "Locate..."

    controller.run_stores.locate(run.path, moved)
    qtbot.waitUntil(lambda: panel.form.start_button.isEnabled())
    assert not locate.isVisible()
    assert Run(run.path).record.store.path == str(moved)
    evaluate(qtbot, panel)


def test_a_store_that_moved_into_the_library_is_found_without_asking(
    qtbot: QtBot,
    panel: EvaluationPanel,
    run: RunEntry,
    controller: Controller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.runs.run_store._LOCATED", {})
    inside = controller.library.stores / "inside.h5"
    inside.parent.mkdir(exist_ok=True)
    inside.write_bytes(Path(run.store_path).read_bytes())
    record = Run(run.path)
    experiment = record.experiment.with_settings({"data.store": "/gone.h5"})
    (run.path / "experiment.yaml").write_text(experiment.to_yaml())
    record.amend(store=record.record.store.model_copy(update={"path": "/gone.h5"}))
    controller.refresh_runs()
    qtbot.waitUntil(lambda: controller.runs[0].store_path == str(inside))
    qtbot.waitUntil(lambda: panel.form.start_button.isEnabled())
