import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.config import Experiment, ProtoNet, classification, experiment_from_yaml, leo_settings
from engine.events import State
from engine.runs.library import Library
from leo_studio.services.controller import Controller
from leo_studio.services.records import Notice
from leo_studio.ui.experiment import ExperimentPanel
from leo_studio.ui.experiment.fields import ChoiceBox
from leo_studio.ui.experiment.row import SettingRow
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager
from tests.leo_studio.ui.experiment.conftest import Hands
from tests.leo_studio.ui.mouse import turn_wheel

# Popups ask for what the offscreen platform lacks.
opens_popup = pytest.mark.qt_log_ignore(
    r"^This plugin does not support (raise\(\)|grabbing the keyboard)$"
)
LONG = "a-run-of-" + "x" * 71


def test_the_first_start_has_the_glyphs_ready_and_says_what_to_press(
    panel: ExperimentPanel, hands: Hands, controller: Controller
) -> None:
    assert panel.experiment() == controller.library.experiment("glyphs-5way-1shot")
    assert hands.find("hint").isVisible()
    assert "Press Train" in hands.text("hint")
    assert "Drawn when they are first needed" in hands.text("store summary")
    assert hands.text("estimate") == (
        "12 episodes a step, 36,000 in all; 12 validations of 500 episodes"
    )
    assert hands.train_button.isEnabled()
    panel.load_preset("sine-line-5shot")
    assert hands.text("estimate") == "32 tasks a step, 2,000,000 in all; 5 validations of 200 tasks"


def test_pressing_train_asks_for_what_is_in_the_form(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    hands.type("learner.dropout", "0.5")
    with qtbot.waitSignal(panel.train_wanted) as wish:
        hands.press("train")

    assert wish.args is not None
    assert wish.args[0].learner.dropout == 0.5


def test_typing_changes_the_experiment_and_marks_the_setting(
    panel: ExperimentPanel, hands: Hands
) -> None:
    hands.type("learner.inner_lr", "2.5e-1")

    experiment = panel.experiment()
    assert experiment is not None
    assert leo_settings(experiment).inner_lr == 0.25
    assert hands.text("differences") == "1 setting differs from glyphs-5way-1shot"
    assert hands.find("reset learner.inner_lr").isVisible()
    assert hands.find("reset learner.inner_lr").toolTip() == "Reset to 1 (Ctrl+Shift+Backspace)"
    assert not hands.find("reset learner.dropout").isVisible()
    bold = [label.text() for label in hands.find("learner.inner_lr").findChildren(QLabel)]
    assert any("<b>" in text for text in bold)


def test_what_is_typed_stays_until_the_field_is_left(hands: Hands) -> None:
    hands.type("learner.inner_lr", "2.50e-1")
    assert hands.box("learner.inner_lr").text() == "2.50e-1"
    hands.box("learner.dropout").setFocus()
    assert hands.box("learner.inner_lr").text() == "0.25"


def test_tab_goes_from_field_to_field_also_after_an_edit(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    """Every key arrives where a person sees the cursor; nothing depends on what was typed."""
    panel.activateWindow()

    def type_on(*keys: str, back: bool = False) -> None:
        for text in keys:
            here = QApplication.focusWidget()
            assert here is not None
            QTest.keyClicks(here, text)
            key = Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab
            QTest.keyClick(here, key)

    def setting() -> str:
        here = QApplication.focusWidget()
        while here is not None and here.objectName() not in panel._form.rows:
            here = here.parentWidget()
        return "" if here is None else here.objectName()

    hands.box("learner.inner_steps").setFocus(Qt.FocusReason.TabFocusReason)
    type_on("4", "0,25", "3")  # as a country with a comma writes it
    assert setting() == "learner.finetuning_lr"
    type_on("0.5", "6", back=True)
    assert setting() == "learner.inner_lr"
    type_on("1")  # the value of the preset again: its mark goes, the keyboard does not
    assert setting() == "learner.finetuning_steps"
    experiment = panel.experiment()
    assert experiment is not None
    learner = leo_settings(experiment)
    assert (learner.inner_steps, learner.inner_lr) == (4, 1)
    assert (learner.finetuning_lr, learner.finetuning_steps) == (0.5, 6)

    # Where a section is folded away, its heading is on the way, and no key is lost at it.
    line = hands.find("name").findChild(QLineEdit)
    assert line is not None
    hands.find("section Schedule").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(hands.find("section Schedule"), Qt.Key.Key_Space)
    assert not hands.find("schedule.steps").isVisible()
    QTest.keyClick(hands.find("section Schedule"), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is hands.find("section Evaluation")
    QTest.keyClick(hands.find("section Evaluation"), Qt.Key.Key_Tab)
    QTest.keyClick(hands.find("section Run"), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is line
    type_on("first", "7")
    assert setting() == "run.device"
    experiment = panel.experiment()
    assert experiment is not None and (experiment.name, experiment.run.seed) == ("first", 7)

    # The keys that do what the button beside a field does.
    hands.box("run.seed").setFocus()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(hands.box("run.seed"), Qt.Key.Key_Backspace, keys)
    assert panel._history.draft.values["run.seed"] == panel._history.draft.base_values["run.seed"]


def test_settings_are_reset_one_by_one_and_all_together(
    panel: ExperimentPanel, hands: Hands, controller: Controller
) -> None:
    hands.type("learner.dropout", "0.5")
    hands.type("task.n_way", "7")
    hands.type("run.seed", "11")
    hands.press("reset learner.dropout")
    assert hands.box("learner.dropout").text() == "0.3"
    assert hands.text("differences").startswith("2 settings differ")

    hands.press("reset all")
    assert panel.experiment() == controller.library.experiment("glyphs-5way-1shot")
    assert hands.text("differences") == "As in glyphs-5way-1shot"


def test_the_description_of_a_preset_is_not_told_of_other_data(
    panel: ExperimentPanel, hands: Hands
) -> None:
    assert hands.find("about the preset").isVisible()
    assert "built-in glyphs" in hands.text("about the preset")
    panel.use_store("leaves100")
    assert not hands.find("about the preset").isVisible()
    panel.undo()
    assert hands.find("about the preset").isVisible()
    panel.use_store("leaves100")
    panel._edit("description", "Mine")
    assert hands.text("about the preset") == "Mine"
    panel.load_preset("sine-line-5shot")
    assert "sines and lines" in hands.text("about the preset")
    panel._edit("task.functions", "mine.csv")
    assert not hands.find("about the preset").isVisible()


def test_a_wrong_value_stays_as_typed_with_its_sentence_and_nothing_can_be_trained(
    panel: ExperimentPanel, hands: Hands
) -> None:
    hands.type("learner.dropout", "1.3")

    sentence = '"Dropout" is 1.3; it must be at least 0 and below 1.'
    assert hands.box("learner.dropout").text() == "1.3"
    assert hands.box("learner.dropout").property("role") == "error"
    assert hands.text("problem learner.dropout") == sentence
    assert hands.find("problem learner.dropout").isVisible()
    assert panel.experiment() is None
    assert not hands.train_button.isEnabled()
    assert hands.text("reason") == sentence

    hands.type("learner.dropout", "0.2")
    assert not hands.find("problem learner.dropout").isVisible()
    assert hands.box("learner.dropout").property("role") == ""
    assert hands.train_button.isEnabled()


def test_what_is_no_number_at_all_is_wrong_and_kept(panel: ExperimentPanel, hands: Hands) -> None:
    hands.type("task.n_way", "five")

    assert hands.box("task.n_way").text() == "five"
    assert "must be a whole number" in hands.text("problem task.n_way")
    assert panel.experiment() is None


def test_a_rule_across_settings_is_told_at_their_section(
    hands: Hands, panel: ExperimentPanel
) -> None:
    hands.type("task.k_shot", "40")

    problems = [
        label.text().replace("\u200b", "")
        for label in panel.findChildren(QLabel)
        if label.isVisible()
    ]
    assert any('"Evaluation examples" is 40 and "Shots" is 40' in text for text in problems)
    for path in ("task.k_shot", "task.examples_per_class"):
        assert hands.box(path).property("role") == "error"
    assert hands.box("task.queries").property("role") == ""


def test_show_leads_to_a_setting_that_is_folded_away(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    hands.press("section Evaluation")
    hands.type("evaluation.episodes", "1")
    hands.press("section Evaluation")
    assert not hands.box("evaluation.episodes").isVisible()
    show = next(
        button for button in panel.findChildren(QAbstractButton) if button.text() == "&Show"
    )
    QTest.mouseClick(show, Qt.MouseButton.LeftButton)

    assert hands.box("evaluation.episodes").isVisible()
    qtbot.waitUntil(hands.box("evaluation.episodes").hasFocus)


def test_undo_and_redo_say_what_they_do_and_do_it(hands: Hands, actions: ActionRegistry) -> None:
    undo, redo = actions["experiment.undo"], actions["experiment.redo"]
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("Undo", False, False)
    hands.type("learner.dropout", "0.45")
    hands.type("task.n_way", "6")
    assert undo.text() == "Undo Ways"

    undo.trigger()
    assert hands.box("task.n_way").text() == "5"
    assert undo.text() == "Undo Dropout"
    assert redo.text() == "Redo Ways"
    undo.trigger()
    assert hands.box("learner.dropout").text() == "0.3"
    assert not undo.isEnabled()
    redo.trigger()
    redo.trigger()
    assert hands.box("learner.dropout").text() == "0.45"
    assert hands.box("task.n_way").text() == "6"
    assert not redo.isEnabled()


def test_the_keys_of_undo_reach_the_menu_from_inside_a_field(
    hands: Hands, panel: ExperimentPanel, actions: ActionRegistry
) -> None:
    panel.addAction(actions["experiment.undo"])
    panel.activateWindow()
    hands.type("learner.dropout", "0.45")
    QTest.keyClick(hands.box("learner.dropout"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)

    assert hands.box("learner.dropout").text() == "0.3"


def test_a_reset_can_be_undone(hands: Hands, actions: ActionRegistry) -> None:
    hands.type("learner.dropout", "0.45")
    hands.press("reset learner.dropout")
    assert actions["experiment.undo"].text() == "Undo reset of Dropout"
    actions["experiment.undo"].trigger()

    assert hands.box("learner.dropout").text() == "0.45"


def test_switching_presets_can_be_undone_with_all_that_was_edited(
    panel: ExperimentPanel, hands: Hands, actions: ActionRegistry
) -> None:
    hands.type("learner.dropout", "0.45")
    panel.load_preset("glyphs-5way-5shot")
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.task.k_shot == 5
    assert actions["experiment.undo"].text() == "Undo switch to glyphs-5way-5shot"

    actions["experiment.undo"].trigger()
    assert hands.box("learner.dropout").text() == "0.45"
    assert hands.text("differences") == "1 setting differs from glyphs-5way-1shot"


def test_the_preset_that_a_window_begins_with_is_nothing_to_undo(
    panel: ExperimentPanel, actions: ActionRegistry
) -> None:
    panel.load_preset("glyphs-5way-5shot")

    assert not actions["experiment.undo"].isEnabled()


@opens_popup
def test_presets_are_searched_and_chosen_with_the_keyboard(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(panel.recent_changed) as recent:
        hands.press("preset picker")
        search = hands.find("search presets")
        assert search.isVisible()
        QTest.keyClicks(search, "glyphs 5-shot")
        QTest.keyClick(search, Qt.Key.Key_Return)

    assert not search.isVisible()
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.name == "glyphs-5way-5shot"
    assert recent.args == [("glyphs-5way-5shot",)]


@opens_popup
def test_the_list_of_presets_has_groups_and_leaves_out_what_is_gone(
    panel: ExperimentPanel, hands: Hands, controller: Controller, toy_experiment: Experiment
) -> None:
    controller.save_preset("mine", toy_experiment)
    panel.set_recent(("mine", "thrown-away"))
    hands.press("preset picker")
    tree = panel.findChild(QTreeWidget, "presets")
    assert tree is not None
    root = tree.invisibleRootItem()
    groups = {
        root.child(index).text(0): [
            root.child(index).child(row).text(0) for row in range(root.child(index).childCount())
        ]
        for index in range(root.childCount())
    }

    assert groups["Your own"] == ["mine"]
    assert "mini-1shot" in groups["Built in"]
    assert groups["Recent"] == ["mine"]
    QTest.keyClick(hands.find("search presets"), Qt.Key.Key_Escape)


def test_a_preset_is_saved_and_then_is_what_differences_are_counted_against(
    panel: ExperimentPanel, hands: Hands, controller: Controller, actions: ActionRegistry
) -> None:
    hands.type("learner.dropout", "0.45")
    actions["experiment.save"].trigger()
    name = hands.find("preset name")
    assert isinstance(name, QLineEdit)
    name.clear()
    QTest.keyClicks(name, "no/slashes")
    assert "letters, digits" in hands.text("preset remark")
    save = panel.findChild(QDialogButtonBox)
    assert save is not None
    button = save.button(QDialogButtonBox.StandardButton.Save)
    assert not button.isEnabled()
    name.clear()
    QTest.keyClicks(name, "mine")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert leo_settings(controller.library.experiment("mine")).dropout == 0.45
    assert hands.text("differences") == "As in mine"
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.name == "mine"


def test_replacing_a_preset_of_ones_own_is_said_before_it_happens(
    panel: ExperimentPanel, hands: Hands, controller: Controller, actions: ActionRegistry
) -> None:
    controller.save_preset("mine", controller.library.experiment("glyphs-5way-1shot"))
    panel.load_preset("mine")
    actions["experiment.save"].trigger()

    assert "Replacing it cannot be undone" in hands.text("preset remark")
    dialog = panel.findChild(QDialog)
    assert dialog is not None
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    assert buttons.button(QDialogButtonBox.StandardButton.Save).text() == "Replace"
    dialog.reject()


def test_yaml_is_shown_whole(panel: ExperimentPanel, hands: Hands, actions: ActionRegistry) -> None:
    hands.type("learner.dropout", "0.45")
    actions["experiment.yaml"].trigger()
    view = panel.findChild(QPlainTextEdit, "text")
    assert view is not None

    assert experiment_from_yaml(view.toPlainText(), "shown") == panel.experiment()
    dialog = panel.findChild(QDialog)
    assert dialog is not None
    dialog.reject()


def test_the_command_line_is_copied(
    hands: Hands, actions: ActionRegistry, controller: Controller, qtbot: QtBot
) -> None:
    hands.type("learner.dropout", "0.45")
    with qtbot.waitSignal(controller.notified) as told:
        actions["experiment.copy_command"].trigger()

    line = "leo-studio train glyphs-5way-1shot --set learner.dropout=0.45"
    assert QGuiApplication.clipboard().text() == line
    assert told.args is not None
    notice: Notice = told.args[0]
    assert notice.details == line


def test_nothing_is_offered_to_save_or_copy_while_a_value_is_wrong(
    hands: Hands, actions: ActionRegistry
) -> None:
    hands.type("learner.dropout", "2")

    names = ("experiment.save", "experiment.yaml", "experiment.copy_command")
    assert [actions[name].isEnabled() for name in names] == [False] * 3


def test_no_value_at_all_is_a_check_box(panel: ExperimentPanel, hands: Hands) -> None:
    hands.press("section More")
    panel.reveal("optimizer.clip_norm")
    off = hands.find("optimizer.clip_norm").findChild(QCheckBox)
    assert off is not None
    assert off.text() == "Off"
    QTest.mouseClick(off, Qt.MouseButton.LeftButton, pos=QPoint(5, off.height() // 2))
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.optimizer.clip_norm is None
    assert not hands.box("optimizer.clip_norm").isEnabled()

    QTest.mouseClick(off, Qt.MouseButton.LeftButton, pos=QPoint(5, off.height() // 2))
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.optimizer.clip_norm == 0.1


def test_arrow_keys_step_by_scale(panel: ExperimentPanel, hands: Hands) -> None:
    for path, keys in (
        ("learner.kl_weight", "up"),
        ("learner.dropout", "down"),
        ("task.n_way", "up"),
    ):
        key = Qt.Key.Key_Up if keys == "up" else Qt.Key.Key_Down
        QTest.keyClick(hands.box(path), key)

    experiment = panel.experiment()
    assert experiment is not None
    assert leo_settings(experiment).kl_weight == 0.002
    assert leo_settings(experiment).dropout == 0.25
    assert classification(experiment).n_way == 6


@pytest.mark.parametrize("text", ["1e400", "-1e308", "nan", "9" * 400, "much"])
def test_arrow_keys_leave_what_cannot_be_stepped(hands: Hands, text: str) -> None:
    """Infinity ended the program; `tests/hunts/monkey.py` found it."""
    for path in ("learner.kl_weight", "learner.dropout", "task.n_way"):
        box = hands.box(path)
        box.lineEdit().setText(text)
        for key in (Qt.Key.Key_Up, Qt.Key.Key_PageDown):
            QTest.keyClick(box, key)
        assert box.text() == text


@pytest.mark.parametrize("path", ["learner.dropout", "learner.variant"])
def test_the_wheel_changes_only_the_field_that_has_the_keyboard(
    hands: Hands, panel: ExperimentPanel, path: str
) -> None:
    before = panel.experiment()
    field = hands.find(path).findChild(QComboBox) or hands.box(path)
    hands.find("find a setting").setFocus()
    turn_wheel(field)
    assert panel.experiment() == before

    field.setFocus()
    turn_wheel(field)
    assert panel.experiment() != before


@pytest.mark.parametrize(
    ("wanted", "there", "hidden"),
    [
        ("learning rate", "learner.inner_lr", "learner.dropout"),
        ("β", "learner.kl_weight", "learner.l2_weight"),
        ("early_stopping", "schedule.early_stopping", "schedule.steps"),
        ("released", "data.normalize", "run.seed"),
    ],
)
def test_settings_are_found_by_name_sentence_and_symbol(
    hands: Hands, wanted: str, there: str, hidden: str
) -> None:
    line = hands.find("find a setting")
    assert isinstance(line, QLineEdit)
    line.insert(wanted)  # QTest has no keys for Greek
    assert hands.find(there).isVisible()
    assert not hands.find(hidden).isVisible()

    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert hands.find("learner.dropout").isVisible()


def test_a_search_that_finds_nothing_says_so(hands: Hands, panel: ExperimentPanel) -> None:
    QTest.keyClicks(hands.find("find a setting"), "quux")

    texts = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert 'No setting matches "quux".' in texts


def test_a_mistyped_setting_is_asked_back(hands: Hands, panel: ExperimentPanel) -> None:
    QTest.keyClicks(hands.find("find a setting"), "dropuot")

    texts = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert 'No setting matches "dropuot"; did you mean dropout?' in texts


def test_tooltips_say_path_symbol_sentence_and_limits(hands: Hands) -> None:
    tip = hands.box("learner.kl_weight").toolTip()

    for part in (
        "<b>learner.kl_weight</b>",
        "β",
        "divergence from the prior",
        "at least 0",
        "As in the preset or run above: 0.001.",
    ):
        assert part in tip


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_what_is_chosen_is_seen_whole_where_there_is_room_for_it(
    panel: ExperimentPanel, hands: Hands, themes: ThemeManager, qtbot: QtBot, scale: float
) -> None:
    themes.choose("light", scale)
    panel.load_preset("glyphs-5way-1shot")
    panel.resize(round(370 * scale), 900)
    boxes = [hands.find(path).findChild(ChoiceBox) for path in ("data.store", "run.device")]
    store, device = (box for box in boxes if box is not None)
    qtbot.waitUntil(lambda: store.width() >= store.wanted_width())
    assert store.currentText() == "Built-in glyphs"
    assert device.currentText() in ("auto (CPU)", "auto (GPU)")
    assert device.width() >= device.wanted_width()


def test_no_setting_says_the_same_word_in_its_name_and_in_its_symbol(
    panel: ExperimentPanel,
) -> None:
    for path, row in panel._form.rows.items():
        about = row._declared
        words = [set(re.findall(r"\w+", each.casefold())) for each in (about.label, about.symbol)]
        assert not words[0] & words[1], path


def test_numbers_have_a_point_where_the_country_has_a_comma(
    make_panel: Callable[[], ExperimentPanel], controller: Controller
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        hands = Hands(make_panel())
        assert hands.box("learner.dropout").text() == "0.3"
        hands.type("learner.dropout", "0.25")
        experiment = hands.panel.experiment()
        assert experiment is not None
        assert leo_settings(experiment).dropout == 0.25
        hands.type("learner.dropout", "0,35")
        experiment = hands.panel.experiment()
        assert experiment is not None
        assert leo_settings(experiment).dropout == 0.35
        QTest.keyClick(hands.box("learner.dropout"), Qt.Key.Key_Return)
        assert hands.box("learner.dropout").text() == "0.35"
        hands.type("learner.dropout", "1,000.5")
        assert hands.text("problem learner.dropout")
        hands.type("task.n_way", "1,000")
        assert hands.text("problem task.n_way")
        QTest.keyClick(hands.box("run.seed"), Qt.Key.Key_Up)
        assert hands.box("run.seed").text() == "1"
    finally:
        QLocale.setDefault(before)


def test_a_field_beneath_its_name_stands_in_line_with_it(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    panel.resize(240, 900)
    row = next(each for each in panel.findChildren(SettingRow) if each.path == "task.n_way")

    def places() -> tuple[int, int]:
        field = row.field.input
        name = row._label.mapTo(row, QPoint(0, 0))
        return name.x(), field.mapTo(row, QPoint(0, 0)).x()

    qtbot.waitUntil(lambda: row.field.y() > row._label.y(), timeout=10_000)
    qtbot.waitUntil(lambda: abs(places()[0] - places()[1]) <= 1, timeout=10_000)


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("preset", ["mini-1shot-trainval", "sine-line-5shot", LONG])
def test_a_narrow_panel_cuts_nothing_off(
    make_panel: Callable[[], ExperimentPanel],
    controller: Controller,
    themes: ThemeManager,
    actions: ActionRegistry,
    preset: str,
    scale: float,
    qtbot: QtBot,
) -> None:
    themes.choose("light", scale)
    controller.save_preset(LONG, controller.library.experiment("glyphs-5way-1shot"))
    panel = make_panel()
    panel.load_preset(preset)
    hands = Hands(panel)
    hands.type("learner.encoder_penalty_weight", "-1")
    hands.type("task.k_shot", "600")
    panel.resize(320, 900)
    form = panel.findChild(QScrollArea)
    assert form is not None
    content = form.widget()
    assert content is not None
    qtbot.waitUntil(lambda: content.width() <= form.viewport().width())

    assert panel.width() == 320
    for widget in panel.findChildren(QWidget):
        if widget.isVisible() and isinstance(widget, QLabel | QAbstractButton):
            place = widget.mapTo(panel, QPoint(0, 0)).x()
            assert place + widget.width() <= 320, widget
            assert widget.width() >= widget.minimumSizeHint().width() or (
                widget.objectName() == "preset picker"
            ), widget


def test_a_run_that_trains_makes_the_button_queue(
    panel: ExperimentPanel,
    hands: Hands,
    controller: Controller,
    toy_experiment: Experiment,
    unhurried: pytest.MonkeyPatch,
    wait_for_state: Callable[[State], None],
    qtbot: QtBot,
) -> None:
    controller.train(toy_experiment.with_settings({"schedule.steps": 100_000}))
    wait_for_state("running")
    qtbot.waitUntil(lambda: "queue" in hands.train_button.text())
    assert not hands.find("hint").isVisible()
    with qtbot.waitSignal(panel.queue_wanted) as wish:
        hands.press("train")
    assert wish.args == [panel.experiment()]

    controller.stop()
    wait_for_state("stopped")
    assert "Train" in hands.train_button.text()


def test_settings_of_a_run_are_loaded_and_named(
    panel: ExperimentPanel,
    hands: Hands,
    toy_experiment: Experiment,
    train: Callable[[Experiment], object],
    controller: Controller,
) -> None:
    train(toy_experiment)
    entry = controller.runs[0]
    assert entry.experiment is not None
    panel.load(entry.experiment, title=f"run {entry.title}")
    assert hands.text("differences") == f"As in run {entry.title}"

    panel.load_preset("glyphs-5way-1shot")
    panel.load_preset(f"run {entry.title}")
    assert panel.experiment() == toy_experiment


def test_a_broken_preset_file_does_not_keep_the_panel_from_opening(
    library_home: object, make_panel: Callable[[], ExperimentPanel], controller: Controller
) -> None:
    library: Library = controller.library
    library.presets.mkdir(parents=True)
    (library.presets / "glyphs-5way-1shot.yaml").write_text("name: [")
    controller.refresh_presets()

    panel = make_panel()
    experiment = panel.experiment()
    assert experiment is not None
    assert experiment.data.store == "glyphs"


def choose_learner(hands: Hands, kind: str) -> None:
    """Go through the choices with the keyboard."""
    box = hands.find("learner.kind").findChild(ChoiceBox)
    assert box is not None
    while box.currentData() != kind:
        key = Qt.Key.Key_Down if box.currentIndex() < box.findData(kind) else Qt.Key.Key_Up
        QTest.keyClick(box, key)


def is_laid_out(panel: ExperimentPanel) -> bool:
    """Return whether all that was asked for is done and nothing moved by it."""
    before = {path: row.geometry().getRect() for path, row in panel._form.rows.items()}
    QApplication.processEvents()
    QApplication.processEvents()
    return before == {path: row.geometry().getRect() for path, row in panel._form.rows.items()}


def test_the_form_shows_what_the_chosen_learner_has(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: is_laid_out(panel))
    box = hands.find("learner.kind").findChild(ChoiceBox)
    assert box is not None
    words = [box.itemText(index) for index in range(box.count())]
    trained = ["LEO", "Prototypical networks", "Matching networks", "MAML on a linear classifier"]
    baselines = ["Nearest class mean", "Ridge regression", "Logistic regression"]
    baselines += ["Linear discriminant analysis", "Nearest neighbours"]
    transductive = ["Soft k-means", "Alpha-TIM"]
    of_functions = ["LEO for regression", "MAML"]
    assert words == [*trained, *baselines, *transductive, "Backbone", *of_functions]
    before = box.mapTo(panel, box.pos())
    assert hands.find("learner.dropout").isVisible()
    assert panel.findChild(QWidget, "learner.projected_size") is None

    choose_learner(hands, "protonet")
    qtbot.waitUntil(lambda: is_laid_out(panel))
    assert box.mapTo(panel, box.pos()) == before
    assert hands.find("learner.projected_size").isVisible()
    assert not hands.find("learner.dropout").isVisible()
    assert hands.find("optimizer.outer_lr").isVisible()
    assert hands.text("differences") == "1 setting differs from glyphs-5way-1shot"
    hands.type("learner.projected_size", "8")
    experiment = panel.experiment()
    assert experiment is not None and experiment.learner == ProtoNet(projected_size=8)


def test_tab_follows_the_rows_of_another_learner_where_they_stand(
    panel: ExperimentPanel, hands: Hands, qtbot: QtBot
) -> None:
    """Also of one whose rows were made last."""
    panel.activateWindow()
    for kind in ("protonet", "maml", "leo"):
        choose_learner(hands, kind)
        qtbot.waitUntil(lambda: is_laid_out(panel))
        rows = panel._form.rows
        shown = [path for path, row in rows.items() if row.isVisible()]
        rows[shown[0]].field.input.setFocus(Qt.FocusReason.TabFocusReason)
        passed = list[str]()
        while len(passed) == 0 or passed[-1] != shown[-1]:
            here = QApplication.focusWidget()
            assert here is not None and panel.isAncestorOf(here), passed
            path = next((path for path in shown if rows[path].isAncestorOf(here)), None)
            passed += [path] if path is not None and path not in passed else []
            QTest.keyClick(here, Qt.Key.Key_Tab)
        tops = [rows[path].mapTo(panel, QPoint()).y() for path in passed]
        assert tops == sorted(tops)
        with_stops = [path for path in shown if rows[path].field.isEnabled()]
        assert set(with_stops) <= set(passed)


def test_a_learner_without_training_has_no_settings_of_training(
    panel: ExperimentPanel, hands: Hands
) -> None:
    choose_learner(hands, "ridge")

    assert hands.find("learner.penalty").isVisible()
    for path in ("schedule.steps", "optimizer.outer_lr", "task.queries", "data.train_splits"):
        assert not hands.find(path).isVisible()
    for title in ("Optimiser", "Schedule"):
        assert not hands.find(f"section {title}").isVisible()
    assert hands.find("run.seed").isVisible()
    assert hands.text("estimate") == "Ridge regression needs no training, only evaluation"
    assert not hands.find("hint").isVisible()
    # Nor are they found.
    hands.find("find a setting").setProperty("text", "outer")
    assert not hands.find("optimizer.outer_lr").isVisible()
    hands.find("find a setting").setProperty("text", "penalty")
    assert hands.find("learner.penalty").isVisible()
    choose_learner(hands, "leo")
    # What is looked for is still looked for.
    assert hands.find("learner.encoder_penalty_weight").isVisible()
    assert not hands.find("learner.dropout").isVisible()
    hands.find("find a setting").setProperty("text", "")
    assert hands.find("learner.dropout").isVisible()
    assert hands.find("schedule.steps").isVisible()


def test_what_was_typed_for_another_learner_comes_back_with_it(
    panel: ExperimentPanel, hands: Hands, actions: ActionRegistry
) -> None:
    hands.type("learner.dropout", "0.45")
    choose_learner(hands, "protonet")
    hands.type("learner.projected_size", "8")
    choose_learner(hands, "leo")
    assert hands.box("learner.dropout").text() == "0.45"
    choose_learner(hands, "protonet")
    assert hands.box("learner.projected_size").text() == "8"

    while actions["experiment.undo"].isEnabled():
        actions["experiment.undo"].trigger()
    assert hands.box("learner.dropout").text() == "0.3"
    assert hands.find("learner.dropout").isVisible()
    assert hands.text("differences") == "As in glyphs-5way-1shot"


def test_a_preset_of_another_learner_is_shown_as_its_own(
    panel: ExperimentPanel, hands: Hands
) -> None:
    panel.load_preset("glyphs-5way-1shot-ridge")

    assert hands.find("learner.penalty").isVisible()
    assert not hands.find("learner.dropout").isVisible()
    assert hands.text("differences") == "As in glyphs-5way-1shot-ridge"
    panel.reveal("learner.scale")
    assert hands.box("learner.scale").isVisible()
