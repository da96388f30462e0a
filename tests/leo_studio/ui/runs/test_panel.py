"""The runs panel as a person uses it, on runs that were really trained."""

import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QPalette, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.config import Experiment
from engine.events import State
from engine.runs.annotations import Annotations, read_annotations, write_annotations
from engine.runs.record import StoreRecord
from engine.runs.run import Run
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.runs import RunsPanel
from leo_studio.ui.runs.commands import open_command
from leo_studio.ui.runs.table import COLUMNS, EYE, NAME, STATE
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.line_dialog import LineDialog
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.conftest import Train


@pytest.fixture
def panel(
    controller: Controller, actions: ActionRegistry, themes: ThemeManager, qtbot: QtBot
) -> Iterator[RunsPanel]:
    made = RunsPanel(controller, actions, themes)
    qtbot.addWidget(made)
    made.resize(1100, 600)
    made.show()
    qtbot.waitExposed(made)
    yield made


@pytest.fixture
def notices(controller: Controller) -> list[Notice]:
    found: list[Notice] = []
    controller.notified.connect(found.append)
    return found


Create = Callable[[int], list[Path]]


@pytest.fixture
def create(controller: Controller, toy_experiment: Experiment, qtbot: QtBot) -> Create:
    """Makes runs that nobody trained, and has them listed; returns their folders."""

    def create_some(count: int) -> list[Path]:
        folder = controller.library.runs
        made = [Run.create(folder, toy_experiment, StoreRecord()).path for _ in range(count)]
        rescan(controller, qtbot)
        return made

    return create_some


def names(panel: RunsPanel) -> list[str]:
    return [run.name for run in panel.table.shown()]


def cell(panel: RunsPanel, row: int, title: str) -> str:
    place = next(i for i, column in enumerate(COLUMNS) if column.title == title)
    return str(panel.table.order.index(row, place).data())


def entry(controller: Controller, path: Path) -> RunEntry:
    return next(run for run in controller.runs if run.path == path)


def rescan(controller: Controller, qtbot: QtBot) -> None:
    """Read all runs from disk with nothing remembered, as the next start does."""
    qtbot.waitUntil(lambda: controller._scan is None)  # what one under way saw is old
    controller._catalogue._runs.clear()
    controller.runs = ()
    with qtbot.waitSignal(controller.runs_changed, timeout=10_000):
        controller.refresh_runs()


def answer(panel: RunsPanel, qtbot: QtBot, text: str) -> LineDialog:
    dialog = panel.findChildren(LineDialog)[-1]
    dialog.line.setText(text)
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    return dialog


def test_an_empty_library_says_how_runs_come_once_it_is_read(
    panel: RunsPanel, controller: Controller, qtbot: QtBot
) -> None:
    def says(words: str) -> bool:
        labels = [label for label in panel.findChildren(QLabel) if label.isVisible()]
        return any(label.text().startswith(words) for label in labels)

    assert says("Reading the runs") and not says("No runs yet")
    controller.refresh_runs()
    qtbot.waitUntil(lambda: says("No runs yet. Press Train"), timeout=10_000)
    assert not says("Reading the runs")


def test_trained_runs_are_found_renamed_and_annotated(
    panel: RunsPanel,
    controller: Controller,
    actions: ActionRegistry,
    toy_experiment: Experiment,
    train: Train,
    qtbot: QtBot,
) -> None:
    first = train(toy_experiment)
    second = train(toy_experiment.with_settings({"run.seed": 1}))
    assert set(names(panel)) == {second.name, first.name}
    titles = {cell(panel, row, "Run") for row in range(2)}
    assert titles == {"4-way 2-shot, toy, seed 0", "4-way 2-shot, toy, seed 1"}
    assert cell(panel, 0, "Task") == "4-way 2-shot"
    assert cell(panel, 0, "Steps") == "40 / 40"

    QTest.keyClicks(panel.filters.line, "seed:1")
    assert names(panel) == [second.name]
    panel.filters.line.setText("nowhere")
    QTest.mouseClick(panel.findChildren(QPushButton, "clear-search")[0], Qt.MouseButton.LeftButton)
    assert len(names(panel)) == 2

    panel.select(second.path)
    actions["runs.rename"].trigger()
    dialog = answer(panel, qtbot, "bad/name")
    assert "letters, digits" in dialog.problem.text()
    answer(panel, qtbot, "seed-one")
    qtbot.waitUntil(lambda: "seed-one" in names(panel))
    assert [run.name for run in panel.selected()] == ["seed-one"]

    actions["runs.note"].trigger()
    note = panel.details.editors.note
    QTest.keyClicks(note, "a longer look")
    QTest.keyClick(note, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.selected()[0].note == "a longer look")
    actions["runs.tags"].trigger()
    QTest.keyClicks(panel.details.editors.tags, "paper, new")
    QTest.keyClick(panel.details.editors.tags, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.selected()[0].tags == ("new", "paper"))

    rescan(controller, qtbot)
    panel.filters.line.setText("tag:paper longer")
    assert names(panel) == ["seed-one"]
    assert entry(controller, second.path.with_name("seed-one")).note == "a longer look"


def test_the_table_is_exported_as_it_is_shown(
    panel: RunsPanel, add_run: Train, toy_experiment: Experiment, qtbot: QtBot
) -> None:
    assert panel.exported() is None
    runs = [add_run(toy_experiment), add_run(toy_experiment.with_settings({"run.seed": 1}))]
    qtbot.waitUntil(lambda: len(names(panel)) == 2)
    exported = panel.exported()
    assert exported is not None and exported.figure is None
    (table,) = exported.tables
    assert table.columns["name"] == names(panel)
    best = {run.name: run.best and run.best.value for run in runs}
    assert list(table.columns["best_accuracy"]) == [best[name] for name in names(panel)]


def test_a_note_goes_to_the_run_that_it_was_written_for(
    panel: RunsPanel,
    controller: Controller,
    toy_experiment: Experiment,
    train: Train,
    qtbot: QtBot,
) -> None:
    first = train(toy_experiment)
    second = train(toy_experiment)
    panel.select(first.path)
    panel.details.editors.note.setPlainText("of the first")
    panel.select(second.path)
    assert panel.details.editors.note.toPlainText() == ""
    qtbot.waitUntil(lambda: entry(controller, first.path).note == "of the first")
    assert entry(controller, second.path).note == ""


def test_a_note_is_saved_when_the_panel_is_put_away(
    panel: RunsPanel, controller: Controller, create: Create
) -> None:
    (path,) = create(1)
    panel.select(path)
    panel.details.editors.note.setPlainText("half a thought")
    panel.hide()
    assert read_annotations(path).note == "half a thought"


def test_a_note_on_a_run_that_is_gone_meanwhile_is_no_failure(
    panel: RunsPanel, create: Create, notices: list[Notice]
) -> None:
    gone, other = create(2)
    panel.select(gone)
    panel.details.editors.note.setPlainText("too late")
    shutil.rmtree(gone)
    panel.select(other)
    assert not notices and not gone.exists()


def test_several_runs_get_tags_beside_those_that_they_have(
    panel: RunsPanel, controller: Controller, actions: ActionRegistry, create: Create, qtbot: QtBot
) -> None:
    one, other = create(2)
    write_annotations(one, Annotations(tags=("old",)))
    rescan(controller, qtbot)
    panel.table.selectAll()
    actions["runs.tags"].trigger()
    answer(panel, qtbot, "new")
    assert read_annotations(one).tags == ("new", "old")
    assert read_annotations(other).tags == ("new",)


def test_what_is_paused_counts_as_running(
    panel: RunsPanel, controller: Controller, create: Create, qtbot: QtBot
) -> None:
    path, _ = create(2)
    run = Run(path)
    with run.owned():
        run.update(status="paused")
        rescan(controller, qtbot)
        panel.filters.choose("Running")
        assert names(panel) == [run.name]


def test_stopped_runs_are_found_and_a_column_stays_sorted(
    panel: RunsPanel, controller: Controller, create: Create, qtbot: QtBot
) -> None:
    paths = sorted(create(4))
    for path in paths[:3]:
        Run(path).update(status="stopped")
    rescan(controller, qtbot)
    panel.table.sortByColumn(NAME, Qt.SortOrder.DescendingOrder)
    chip = panel.findChild(QToolButton, "chip-stopped")
    assert chip is not None and chip.text() == "Stopped 3"
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    wanted = [path.name for path in reversed(paths[:3])]
    assert names(panel) == wanted
    Run(paths[3]).update(status="stopped")
    rescan(controller, qtbot)
    assert names(panel) == [paths[3].name, *wanted]
    panel.filters.clear()
    assert names(panel) == [paths[3].name, *wanted]


def test_training_time_moves_while_a_run_trains(
    panel: RunsPanel,
    controller: Controller,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    wait_for_state: Callable[[State], None],
    qtbot: QtBot,
) -> None:
    controller.train(
        toy_experiment.with_settings(
            {"schedule.steps": 100_000, "schedule.validate_every": 100_000}
        )
    )
    wait_for_state("running")
    path = Path(controller.status.run)
    qtbot.waitUntil(lambda: panel.model.row_of(path) >= 0, timeout=10_000)
    panel.select(path)
    value = panel.details._facts["Training time"]
    qtbot.waitUntil(lambda: value.text() == "1 s", timeout=30_000)
    qtbot.waitUntil(lambda: value.text() == "2 s", timeout=30_000)
    assert value.isVisible()
    assert entry(controller, path).seconds == 0  # it is not from the disk
    controller.stop()
    wait_for_state("stopped")
    (shown,) = panel.selected()
    assert shown.seconds >= 1.5  # which is said as "2 s"


def test_runs_that_are_selected_are_compared_by_the_button_beside_them(
    panel: RunsPanel, toy_experiment: Experiment, train: Train, qtbot: QtBot
) -> None:
    train(toy_experiment)
    (button,) = panel.details.findChildren(QPushButton, "compare-selected")
    panel.table.selectAll()
    assert not button.isVisible()
    train(toy_experiment.with_settings({"run.seed": 1}))
    panel.table.selectAll()
    assert button.isVisible()
    with qtbot.waitSignal(panel.compare_wanted) as wish:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(wish.args[0]) == 2


def test_trash_can_be_undone(
    panel: RunsPanel,
    controller: Controller,
    toy_run: RunEntry,
    notices: list[Notice],
    qtbot: QtBot,
) -> None:
    run = toy_run
    panel.select(run.path)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: names(panel) == [])
    assert not run.path.exists()
    undo = notices[-1].actions[0]
    assert undo.label == "Undo"
    undo.trigger()
    qtbot.waitUntil(lambda: names(panel) == [run.name])


def test_ctrl_z_takes_back_what_was_thrown_away_last_and_nothing_else(
    panel: RunsPanel,
    actions: ActionRegistry,
    toy_run: RunEntry,
    qtbot: QtBot,
) -> None:
    others: list[str] = []
    window_wide = QShortcut(QKeySequence.StandardKey.Undo, panel)
    window_wide.activated.connect(lambda: others.append("the form's"))
    run = toy_run
    panel.select(run.path)
    panel.table.setFocus()
    actions["runs.trash"].trigger()
    qtbot.waitUntil(lambda: names(panel) == [])

    QTest.keySequence(panel, QKeySequence.StandardKey.Undo)
    qtbot.waitUntil(lambda: names(panel) == [run.name])
    assert not others
    QTest.keySequence(panel, QKeySequence.StandardKey.Undo)
    assert others == ["the form's"]


def test_runs_are_taken_back_in_turn_the_last_one_first(
    panel: RunsPanel, actions: ActionRegistry, create: Create, qtbot: QtBot
) -> None:
    first, last = create(2)
    for path in (first, last):
        panel.select(path)
        actions["runs.trash"].trigger()
    qtbot.waitUntil(lambda: names(panel) == [])
    panel.commands.undo()
    qtbot.waitUntil(lambda: names(panel) == [last.name])
    panel.commands.undo()
    qtbot.waitUntil(lambda: set(names(panel)) == {first.name, last.name})


def test_a_small_panel_scrolls_to_the_tags_that_are_to_be_edited(
    panel: RunsPanel,
    actions: ActionRegistry,
    toy_run: RunEntry,
    qtbot: QtBot,
) -> None:
    panel.resize(900, 220)
    panel.select(toy_run.path)
    tags = panel.details.editors.tags
    assert tags.visibleRegion().isEmpty()
    actions["runs.tags"].trigger()
    qtbot.waitUntil(lambda: not tags.visibleRegion().isEmpty())
    assert tags.hasFocus()


def test_why_a_name_will_not_do_is_read_in_full(
    panel: RunsPanel,
    actions: ActionRegistry,
    toy_run: RunEntry,
    qtbot: QtBot,
) -> None:
    panel.select(toy_run.path)
    actions["runs.rename"].trigger()
    problem = answer(panel, qtbot, "spaces in a name").problem
    qtbot.waitUntil(lambda: problem.height() >= problem.heightForWidth(problem.width()))
    panel.findChildren(LineDialog)[-1].reject()


def test_a_stopped_run_is_resumed_and_cannot_be_thrown_away_meanwhile(
    panel: RunsPanel,
    controller: Controller,
    actions: ActionRegistry,
    toy_experiment: Experiment,
    wait_for_state: Callable[[State], None],
    qtbot: QtBot,
) -> None:
    long = toy_experiment.with_settings({"schedule.steps": 100_000})
    controller.train(long)
    qtbot.waitUntil(lambda: controller.status.step > 2 and len(names(panel)) == 1, timeout=30_000)
    panel.select(controller.runs[0].path)
    assert not actions["runs.trash"].isEnabled()
    assert "stop it first" in actions["runs.trash"].toolTip()
    assert not actions["runs.resume"].isEnabled()
    qtbot.waitUntil(lambda: cell(panel, 0, "State") == "Running", timeout=30_000)
    controller.stop()
    assert cell(panel, 0, "State") == "Stopping"
    wait_for_state("stopped")
    qtbot.waitUntil(lambda: actions["runs.resume"].isEnabled(), timeout=10_000)
    stopped_at = controller.runs[0].step
    actions["runs.resume"].trigger()
    qtbot.waitUntil(lambda: controller.status.step > stopped_at, timeout=30_000)
    assert len(names(panel)) == 1
    controller.stop()
    wait_for_state("stopped")


def test_a_finished_run_gets_more_steps(
    panel: RunsPanel,
    controller: Controller,
    actions: ActionRegistry,
    toy_run: RunEntry,
    qtbot: QtBot,
) -> None:
    run = toy_run
    panel.select(run.path)
    assert not actions["runs.resume"].isEnabled()
    assert "train it further" in actions["runs.resume"].toolTip()
    actions["runs.train_further"].trigger()
    dialog = answer(panel, qtbot, "40")
    assert "at step 40 already" in dialog.problem.text()
    assert "no number" in answer(panel, qtbot, "many").problem.text()
    answer(panel, qtbot, "60")
    qtbot.waitUntil(
        lambda: (
            entry(controller, run.path).step == 60
            and entry(controller, run.path).status == "finished"
        ),
        timeout=30_000,
    )
    assert Run(run.path).experiment.schedule.steps == 60


def test_wishes_go_out_for_what_is_selected(
    panel: RunsPanel,
    actions: ActionRegistry,
    toy_experiment: Experiment,
    train: Train,
    qtbot: QtBot,
) -> None:
    first, second = train(toy_experiment), train(toy_experiment)
    panel.select(first.path)
    assert not actions["runs.compare"].isEnabled()
    assert actions["runs.compare"].toolTip() == "Select two runs or more."
    for signal, action in (
        (panel.settings_wanted, "use_settings"),
        (panel.evaluate_wanted, "evaluate"),
    ):
        with qtbot.waitSignal(signal) as wish:
            actions[f"runs.{action}"].trigger()
        assert wish.args is not None
        assert wish.args[0].path == first.path
    with qtbot.waitSignal(panel.show_wanted) as shown:
        QTest.keyClick(panel.table, Qt.Key.Key_Return)
    assert shown.args == [first.path]
    panel.table.selectAll()
    with qtbot.waitSignal(panel.compare_wanted) as compared:
        actions["runs.compare"].trigger()
    assert compared.args is not None
    assert {run.path for run in compared.args[0]} == {first.path, second.path}


def test_the_eye_wishes_and_shows_what_it_is_told(
    panel: RunsPanel,
    actions: ActionRegistry,
    toy_experiment: Experiment,
    train: Train,
    qtbot: QtBot,
) -> None:
    run = train(toy_experiment)
    place = panel.table.visualRect(panel.table.order.index(0, EYE)).center()
    with qtbot.waitSignal(panel.visibility_wanted) as wish:
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wish.args == [run.path, True]
    panel.set_shown([run.path])
    panel.select(run.path)
    assert actions["runs.eye"].text() == "Hide from curves"
    with qtbot.waitSignal(panel.visibility_wanted) as wish:
        actions["runs.eye"].trigger()
    assert wish.args == [run.path, False]


def test_a_shell_reads_the_command_of_a_run_whose_folder_has_a_space() -> None:
    assert shlex.split(open_command(Path("/my runs/a")))[2:] == ["/my runs/a"]


class Opener(QObject):
    """Stands for the file manager, which no test may start."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toLocalFile())


def test_a_run_is_revealed_and_its_path_and_command_copied(
    panel: RunsPanel, actions: ActionRegistry, toy_experiment: Experiment, train: Train
) -> None:
    run = train(toy_experiment)
    panel.select(run.path)
    actions["runs.copy_path"].trigger()
    assert QGuiApplication.clipboard().text() == str(run.path)
    actions["runs.copy_command"].trigger()
    assert QGuiApplication.clipboard().text() == f"leo-studio open {run.path}"
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "open")  # type: ignore[arg-type]
    try:
        actions["runs.reveal"].trigger()
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert opener.opened == [str(run.path)]


def test_interrupted_runs_are_offered_in_one_notice(
    panel: RunsPanel,
    controller: Controller,
    toy_experiment: Experiment,
    train: Train,
    notices: list[Notice],
    qtbot: QtBot,
) -> None:
    panel.offer_interrupted()
    assert not notices
    for run in (train(toy_experiment), train(toy_experiment)):
        Run(run.path).update(status="running")  # as a process leaves it that is killed
    rescan(controller, qtbot)
    panel.offer_interrupted()
    (notice,) = notices
    assert notice.text.startswith("2 runs were interrupted")
    resume, show = notice.actions
    show.trigger()
    chip = panel.findChildren(QToolButton, "chip-interrupted")[0]
    assert (chip.isChecked(), chip.text()) == (True, "Interrupted 2")
    resume.trigger()
    qtbot.waitUntil(
        lambda: [run.status for run in controller.runs] == ["finished"] * 2, timeout=30_000
    )


def test_what_cannot_be_read_is_listed_with_its_reason(
    panel: RunsPanel, controller: Controller, actions: ActionRegistry, qtbot: QtBot
) -> None:
    folder = controller.library.runs / "broken"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    rescan(controller, qtbot)
    assert cell(panel, 0, "State") == "Unreadable"
    tip = panel.table.order.index(0, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert "run.json" in tip
    panel.select(folder)
    assert actions["runs.trash"].isEnabled() and not actions["runs.rename"].isEnabled()
    hint = panel.findChildren(QLabel, "details-hint")[0]
    assert "run.json" in hint.text()


def test_a_bad_filter_is_explained_and_changes_nothing(
    panel: RunsPanel, toy_experiment: Experiment, train: Train
) -> None:
    run = train(toy_experiment)
    panel.filters.line.setText("colour:red")
    assert 'no filter "colour"' in panel.filters.summary.text()
    assert names(panel) == [run.name]
    panel.filters.line.clear()
    assert panel.filters.summary.text() == "1 run"


def test_details_say_in_what_a_run_differs_from_its_preset(
    panel: RunsPanel,
    controller: Controller,
    toy_experiment: Experiment,
    train: Train,
) -> None:
    controller.save_preset("toy", toy_experiment)
    run = train(toy_experiment.with_settings({"run.seed": 7}))
    panel.select(run.path)
    table = panel.details._settings
    assert [table.model().index(0, column).data() for column in range(3)] == [
        "Run › Seed",
        "0",
        "7",
    ]
    assert table.rowCount() == 1


def test_columns_are_hidden_and_come_back(
    panel: RunsPanel,
    controller: Controller,
    toy_experiment: Experiment,
    train: Train,
    themes: ThemeManager,
    qtbot: QtBot,
) -> None:
    train(toy_experiment)
    header = panel.table.horizontalHeader()
    menu = panel.table.column_menu()
    store = next(action for action in menu.actions() if action.text() == "Store")
    store.trigger()
    place = next(i for i, column in enumerate(COLUMNS) if column.title == "Store")
    assert header.isSectionHidden(place)
    store.trigger()
    assert not header.isSectionHidden(place)
    menu.deleteLater()


def test_a_run_of_a_later_version_is_greyed_explained_and_can_be_thrown_away(
    panel: RunsPanel, create: Create, controller: Controller, qtbot: QtBot
) -> None:
    (path,) = create(1)
    file = path / "run.json"
    file.write_text(file.read_text().replace('"schema": 2', '"schema": 3'))
    rescan(controller, qtbot)
    (entry,) = panel.model.entries()
    assert (entry.state, panel.model.look(0).word) == ("newer", "Needs a newer LEO Studio")
    index = panel.model.index(0, NAME)
    grey = panel.palette().brush(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert index.data(Qt.ItemDataRole.ForegroundRole).color() == grey.color()
    panel.select(path)
    hint = panel.details.findChild(QLabel, "details-hint")
    assert hint is not None and f"{file} has schema 3" in hint.text()
    actions = panel.commands._actions
    assert not actions["runs.rename"].isEnabled() and not actions["runs.resume"].isEnabled()
    actions["runs.trash"].trigger()
    qtbot.waitUntil(lambda: controller.runs == ())
    assert not path.exists()
    panel.commands.undo()
    assert file.is_file()


def test_facts_stand_below_their_titles_where_they_would_break_after_each_word(
    panel: RunsPanel, toy_run: RunEntry, themes: ThemeManager, qtbot: QtBot
) -> None:
    panel.select(toy_run.path)
    details = panel.details
    fact = details._facts["Task"]
    qtbot.waitUntil(fact.isVisible)
    title = details._form.labelForField(fact)
    assert title is not None
    assert title.geometry().right() < fact.x()
    note = details.editors.note
    lines = note.height() / note.fontMetrics().lineSpacing()
    themes.choose("light", 2.0)
    qtbot.waitUntil(lambda: themes.is_settled and title.geometry().bottom() < fact.y())
    assert fact.heightForWidth(fact.width()) == fact.fontMetrics().height()  # in one line
    assert note.height() / note.fontMetrics().lineSpacing() > 0.85 * lines
    themes.choose("light", 1.0)
    qtbot.waitUntil(lambda: themes.is_settled and title.geometry().right() < fact.x())
