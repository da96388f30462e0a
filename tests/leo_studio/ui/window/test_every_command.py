"""Everything that can be done in the window has a sentence and is in the palette."""

from collections.abc import Iterator
from fnmatch import fnmatch

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPushButton,
    QTabBar,
    QToolButton,
    QWidget,
    QWidgetAction,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from leo_studio.ui.widgets.glossary_links import GlossaryAction, GlossaryButton
from leo_studio.ui.window.main_window import MainWindow
from tests.leo_studio.ui.conftest import OpenWindow

# Buttons that do what a command does, by their object name or their words.
DOES_A_COMMAND = {
    "train": "train.start",
    "reset all": "experiment.reset_all",
    "preset picker": "experiment.choose",
    "own data": "data.import",
    "Import data...": "data.import",
    "Locate...": "data.choose",
    "Choose a store's file...": "data.choose",
    "How to get *": "data.how",
    "evaluate": "evaluation.start",
    "measure-uncertainty": "evaluation.uncertainty",
    "measure-curvature": "curvature.analyse",
    "cancel": "evaluation.cancel",
    "Export figure or values...": "evaluation.export",
    "Copy result as text": "evaluation.copy",
    "grid-start": "evaluation.grid",
    "grid-cancel": "evaluation.cancel_grid",
    "latent-fit": "latents.fit",
    "hardest-episode": "episodes.hardest",
    "open-class-episodes": "classes.episodes",
    "go-through": "episodes.go_through",
    "go-through-episodes": "episodes.go_through",
    "cancel-episodes": "episodes.go_through",
    "All": "episodes.all",
    "Hardest first": "episodes.hardest_first",
    "Largest gain": "episodes.largest_gain",
    "Adaptation hurt": "episodes.adaptation_hurt",
    "Confident and wrong": "episodes.confident_and_wrong",
    "Most uncertain": "episodes.most_uncertain",
    "what-if-button": "episode.what_if",
    "Previous episode*": "episodes.previous",
    "Next episode*": "episodes.next",
    "log_*": "curves.log_y",
    "compare-selected": "runs.compare",
    "compare-newest": "comparison.newest",
    "clear-search": "runs.find",
    "more": "help.messages",
    "show_hidden*": "runs.eye",
    "pin-run": "panel.pin",
    "fill": "panel.fill",
    "float": "layout.detach",
    "close": "panel.close",
    "fold": "panel.fold_runs",
    "unfold": "panel.fold_runs",
    "study-open": "studies.open",
    "study-add": "studies.add",
    "study-back": "studies.all",
    "study-start": "studies.start",
    "study-stop": "studies.stop",
    "sweep-open": "sweeps.open",
    "sweep-new": "sweeps.new",
    "sweep-add": "sweeps.add",
    "sweep-back": "sweeps.all",
    "sweep-start": "sweeps.start",
    "sweep-stop": "sweeps.stop",
    "tryit-class": "tryit.class",
    "tryit-add": "tryit.add",
    "tryit-ask": "tryit.ask",
    "tryit-pictures": "tryit.pictures",
    "tryit-start-over": "tryit.clear",
}
# What belongs to one place of the window alone, and why it is no command.
LOCAL = {
    "reset ?*.?*": "is for one setting; its keys work in the field",
    "functions-newer": "leads to the checkpoint that the sentence beside it is about",
    "reset name": "is for one setting; its keys work in the field",
    "reset description": "is for one setting; its keys work in the field",
    "section *": "folds a part of the form; looking for a setting unfolds it",
    "Show": "leads to the setting that the sentence beside it is about",
    "chip-*": "narrows the table below; the search line takes state:finished as well",
    "Browse...": "chooses the file of one setting, whose path can be typed in the form as well",
    "filter-again": "types again what Show > All took away; the line beside it takes it as well",
    "as-table": "turns one plot into its table",
    "maximise_*": "enlarges one plot of several",
    "First": "goes along one adaptation, as the arrow keys do",
    "Previous": "goes along one adaptation, as the arrow keys do",
    "Play": "goes along one adaptation; where it is the whole panel, it is a command",
    "Next": "goes along one adaptation, as the arrow keys do",
    "Last": "goes along one adaptation, as the arrow keys do",
    "latent-lasso": "says what the mouse does in the plot; Shift does the same",
    "latent-options": "opens the options beside it",
    "latent-defaults": "is one of those options",
    "latent-selection-*": "is about codes that the mouse has selected",
    "latent-another-show": "is the button of a popup that asks for one number",
    "latent-notice-*": "is about what is computed or offered in the plot just now",
    "asked-episodes": "is there only where the menu Show was asked; its All takes it away, too",
    "chosen-episodes": "is there only where a selection is shown; All episodes does the same",
    "episode-range": "opens the range beside it",
    "episode-options": "opens the options beside it",
    "query-cell": "takes one choice in the plot beside it back",
    "what-if-adjust": "opens the changes beside it",
    "Undo": "is about the changes of one episode, and has keys there",
    "Redo*": "is about the changes of one episode, and has keys there",
    "Reset": "is about the changes of one episode",
    "Copy as text": "is about the changes of one episode",
    "back-from-kept": "is there only while a kept inspection is looked at",
    "use-checkpoint": "is there only where a checkpoint is lost or another is the best",
    "locate-store": "is there only where a store is missing",
    "comparison-back": "is about one plot, as its key Backspace is",
    "comparison-fit": "is about one plot, as its key A is",
    "evaluate-missing": "is there only where an evaluation is missing",
    "cancel import": "is about the one task that it stands beside",
    "tryit-undo": "is about the drawing beside it, as Backspace is",
    "tryit-clear": "is about the drawing beside it, as Delete is",
    "tryit-row-*": "is about one class of the panel Try it",
    "task-cancel": "is about the one task that it stands beside",
    "task-more": "opens the list of tasks",
    "fit_*": "does what Fit does, and is there only where all of a plot lies outside its range",
}


@pytest.fixture
def complete(open_window: OpenWindow, qtbot: QtBot) -> MainWindow:
    window = open_window()
    qtbot.waitUntil(lambda: window.is_complete, timeout=60_000)
    window.experiment.load_preset("sine-line-5shot")  # whose file has a field with a button
    return window


def name_of(thing: QAction | QAbstractButton) -> str:
    name = thing.objectName() or thing.text().replace("&", "")
    return name or (thing.accessibleName() if isinstance(thing, QWidget) else "")


def is_qts_own(button: QWidget) -> bool:
    """Whether a button is part of a widget of Qt, such as the cross of a line."""
    is_inside = isinstance(button.parent(), QLineEdit | QTabBar | QMenuBar)
    return is_inside or button.objectName().startswith("qt_")


def not_in_the_registry(window: MainWindow) -> Iterator[str]:
    registered = {each.action for each in window.actions_registry.all}
    for kind in (QPushButton, QToolButton):
        for button in window.findChildren(kind):
            action = button.defaultAction() if isinstance(button, QToolButton) else None
            if isinstance(button, GlossaryButton) or is_qts_own(button) or action in registered:
                continue
            if isinstance(button, QToolButton) and button.menu() is not None:
                continue  # what its menu has is looked at by itself
            yield name_of(button)
    # The menus of pyqtgraph are never shown, and some of their submenus are gone.
    for menu in filter(Shiboken.isValid, window.findChildren(QMenu)):
        for action in menu.actions():
            is_command = action in registered or isinstance(action, GlossaryAction)
            is_empty = isinstance(action, QWidgetAction) or action.isSeparator()
            if not (is_empty or action.menu() or is_command):
                yield name_of(action)


def test_every_command_has_a_sentence_and_every_button_is_a_command(complete: MainWindow) -> None:
    for each in complete.actions_registry.all:
        title = each.action.text().replace("&", "").removesuffix("...").casefold()
        assert each.sentence.casefold() != title, each.identifier
        assert len(each.sentence.split()) >= 3, each.identifier
        assert each.sentence in each.action.statusTip() or not each.action.isEnabled()
    found = set(not_in_the_registry(complete))
    patterns = [*DOES_A_COMMAND, *LOCAL]
    unknown = {name for name in found if not any(fnmatch(name, each) for each in patterns)}
    assert sorted(unknown) == []
    # The lists stay short: what is not there any more is not excused any more.
    gone = {each for each in patterns if not any(fnmatch(name, each) for name in found)}
    assert sorted(gone) == []
    identifiers = {each.identifier for each in complete.actions_registry.all}
    assert set(DOES_A_COMMAND.values()) <= identifiers
