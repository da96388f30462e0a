"""Commands on the selected runs, and the reason where one is not possible."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from engine.errors import BadInput
from leo_studio.analysis.evaluation.choices import learns_functions
from leo_studio.analysis.runs.naming import (
    names_of,
    split_tags,
    why_no_checkpoint,
    why_not_renamed,
    why_not_resumed,
    why_not_thrown_away,
    why_not_trained_further,
    why_resume_is_over,
)
from leo_studio.services.records import Notice, RunEntry
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.folders import open_path
from leo_studio.ui.widgets.line_dialog import LineDialog

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_EYE = "Draw the curves of the selected runs beside the others, or leave them out"
_NOTHING = "Select a run first."
_SECTIONS = (
    ("open", "eye", "compare"),
    ("use_settings", "resume", "train_further"),
    ("evaluate", "episodes", "export", "report"),
    ("rename", "note", "tags"),
    ("reveal", "copy_path", "copy_command"),
    ("trash",),
)


class RunCommands(QWidget):
    """The actions of the Runs menu; an invisible part of the panel, whose shortcuts they are.

    Parameters
    ----------
    controller, actions
        As panels have them.
    panel
        Where the shortcuts work, and above which questions are asked.
    """

    show_wanted = Signal(object)  # `Path`
    visibility_wanted = Signal(object, bool)  # `Path`, and whether its curves are to be shown
    compare_wanted = Signal(object)  # tuple of `RunEntry`
    settings_wanted = Signal(object)  # `RunEntry`
    evaluate_wanted = Signal(object)  # `RunEntry`
    episodes_wanted = Signal(object)  # `RunEntry`
    export_wanted = Signal(object)  # `RunEntry`
    report_wanted = Signal(object)  # tuple of `RunEntry`
    note_wanted = Signal()
    tags_wanted = Signal()
    undo_changed = Signal()  # a run was thrown away, or taken back

    def __init__(self, controller: "Controller", actions: ActionRegistry, panel: QWidget) -> None:
        super().__init__(panel)
        self.hide()
        self._controller = controller
        self._actions = actions
        self._panel = panel
        self._selected: tuple[RunEntry, ...] = ()
        self._are_shown = False
        self._thrown_away: list[list[Callable[[], None]]] = []  # what takes back, the last last
        self._add_for_training()
        self._add_for_folders()
        controller.queue_changed.connect(lambda _: self._enable())
        self._enable()

    def select(self, runs: Sequence[RunEntry], are_shown: bool) -> None:
        """Set the runs that commands act on; `are_shown` says whether all have an open eye."""
        self._selected, self._are_shown = tuple(runs), are_shown
        self._enable()

    def menu(self) -> QMenu:
        """Return a new menu of what can be done with a selection."""
        menu = QMenu(self._panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for section in _SECTIONS:
            menu.addActions([self._actions[f"runs.{name}"] for name in section])
            menu.addSeparator()
        return menu

    def resume(self, runs: Sequence[RunEntry]) -> None:
        """Go on with some runs, one after the other."""
        is_busy = self._controller.status.is_active
        for run in runs:
            self._controller.resume_run(run.path)
        if is_busy or len(runs) > 1:
            verb = "goes" if len(runs) == 1 else "go"
            text = f"{names_of(runs)} {verb} on when what comes before has ended; see the queue."
            self._controller.notified.emit(Notice("information", text))

    # The actions

    def _add_for_training(self) -> None:
        self._add("open", "Open", self._open, MDI7.chart_line, "Show the run's curves")
        self._add("eye", "Show in curves", self._turn_eye, MDI7.eye_outline, _EYE, "Ctrl+E")
        self._add(
            "compare",
            "Compare",
            lambda: self.compare_wanted.emit(self._selected),
            MDI7.compare_horizontal,
            "Show in what the selected runs differ, and how they did",
            "Ctrl+D",
        )
        self._add(
            "use_settings",
            "Use these settings",
            lambda: self.settings_wanted.emit(self._selected[0]),
            MDI7.content_duplicate,
            "Put the run's settings into the form, to change and train anew",
        )
        self._add(
            "resume",
            "Resume",
            lambda: self.resume(self._selected),
            MDI7.play_circle_outline,
            "Go on from the last checkpoint",
            "Ctrl+R",
        )
        self._add(
            "train_further",
            "Train further...",
            self._ask_steps,
            MDI7.skip_next_outline,
            "Give the run more steps and go on",
        )
        self._add(
            "evaluate",
            "Evaluate",
            lambda: self.evaluate_wanted.emit(self._selected[0]),
            MDI7.bullseye_arrow,
            "Measure the run's accuracy on test episodes",
        )
        self._add(
            "episodes",
            "Look at its episodes",
            lambda: self.episodes_wanted.emit(self._selected[0]),
            MDI7.table_eye,
            "Go through episodes one by one, or functions, with what the run learned",
        )
        self._add(
            "export",
            "Export model...",
            lambda: self.export_wanted.emit(self._selected[0]),
            MDI7.package_variant_closed,
            "Take what the run learned to other software",
        )

        self._add(
            "report",
            "Write report...",
            lambda: self.report_wanted.emit(self._selected),
            MDI7.file_chart_outline,
            "One page about the selected runs: results, curves, episodes, and how to do it again",
            menu="Export",
        )

    def _add_for_folders(self) -> None:
        self._add(
            "rename",
            "Rename...",
            self._ask_name,
            MDI7.rename_outline,
            "Give the run another name",
            "F2",
        )
        self._add(
            "note",
            "Add note",
            self.note_wanted.emit,
            MDI7.note_edit_outline,
            "Write down beside the run what it was for",
        )
        self._add(
            "tags",
            "Edit tags",
            self._edit_tags,
            MDI7.tag_outline,
            "Give the run words by which it is found again",
            "Ctrl+T",
        )
        self._add(
            "reveal",
            "Reveal in files",
            self._reveal,
            MDI7.folder_open_outline,
            "Show the run's folder in the system's own window of files",
        )
        self._add(
            "copy_path",
            "Copy path",
            self._copy_paths,
            MDI7.content_copy,
            "Put on the clipboard where the run's folder is",
        )
        self._add(
            "copy_command",
            "Copy command",
            self._copy_commands,
            MDI7.console,
            "Copy the command that opens the run, such as leo-studio open PATH",
        )
        self._add(
            "trash",
            "Move to trash",
            self._throw_away,
            MDI7.trash_can_outline,
            "Move the run to the library's trash; Undo takes it back",
            "Delete",
        )
        self._add(
            "refresh",
            "Refresh",
            self._controller.refresh_runs,
            MDI7.refresh,
            "Look at the runs on disk again",
            "F5",
        )

    def _add(
        self,
        name: str,
        text: str,
        trigger: Callable[[], object],
        glyph: str,
        tip: str = "",
        shortcut: str = "",
        menu: str = "Runs",
    ) -> None:
        self._actions.add(
            f"runs.{name}",
            text,
            trigger,
            menu=menu,
            shortcut=shortcut,
            glyph=glyph,
            tip=tip,
            within=self._panel,  # Delete means a run only where the runs have the focus
        )

    def _enable(self) -> None:
        runs, one = self._selected, len(self._selected) == 1
        waiting = [each.name for each in self._controller.waiting]
        nothing = "" if runs else _NOTHING
        single = nothing or ("" if one else "Select one run only.")
        unread = next((f"{run.title} cannot be read." for run in runs if run.problem), "")
        renamed = next(filter(None, (why_not_renamed(run, waiting) for run in runs)), "")
        trashed = next(filter(None, (why_not_thrown_away(run, waiting) for run in runs)), "")
        resumed = next(filter(None, (why_not_resumed(run, waiting) for run in runs)), "")
        over = next(filter(None, map(why_resume_is_over, runs)), "")
        untrained = next(filter(None, map(why_not_trained_further, runs)), "")
        no_checkpoint = next(filter(None, map(why_no_checkpoint, runs)), "")
        without_latents = next(
            (run.why_no_latent_space for run in runs if not learns_functions(run)), ""
        )
        reasons = {
            "open": single or unread,
            "eye": nothing or unread,
            "compare": unread or ("" if len(runs) > 1 else "Select two runs or more."),
            "use_settings": single or unread,
            "resume": nothing or resumed or over,
            "train_further": single or resumed or untrained,
            "evaluate": single or unread or no_checkpoint,
            "episodes": single or unread or no_checkpoint or without_latents,
            "export": single or unread or no_checkpoint,
            "report": nothing or unread or no_checkpoint,
            "rename": single or renamed,
            "note": single or unread,
            "tags": nothing or unread,
            "trash": nothing or trashed,
            "reveal": nothing,
            "copy_path": nothing,
            "copy_command": nothing,
        }
        for name, reason in reasons.items():
            self._actions.set_reason(f"runs.{name}", reason)
        self._actions["runs.eye"].setText(
            "Hide from curves" if self._are_shown else "Show in curves"
        )

    def _open(self) -> None:
        self.show_wanted.emit(self._selected[0].path)

    def _turn_eye(self) -> None:
        is_wanted = not self._are_shown
        for run in self._selected:
            self.visibility_wanted.emit(run.path, is_wanted)

    def _ask_steps(self) -> None:
        run = self._selected[0]

        def attempt(text: str) -> None:
            self._controller.resume_run(run.path, _checked_steps(run, text))

        question = f"{run.title} is at step {run.step:,}. Train it &up to step:"
        suggestion = str(max(2 * run.steps, run.step + 1))
        self._ask("Train further", question, suggestion, "Train", attempt)

    def _ask_name(self) -> None:
        run = self._selected[0]
        self._ask(
            "Rename run",
            "The run's &name, and its folder's:",
            run.name,
            "Rename",
            lambda name: self._controller.rename_run(run, name),
        )

    def _edit_tags(self) -> None:
        runs = self._selected
        if len(runs) == 1:
            self.tags_wanted.emit()
            return

        def attempt(text: str) -> None:
            tags = split_tags(text)
            if not tags:
                raise BadInput("There is no tag yet; write one, or several with commas.")
            for run in runs:
                self._controller.annotate(run, run.note, (*run.tags, *tags))

        question = f"&Tags that {len(runs)} runs get beside those that they have:"
        self._ask("Add tags", question, "", "Add", attempt)

    def _ask(
        self, title: str, question: str, text: str, button: str, attempt: Callable[[str], object]
    ) -> None:
        LineDialog(title, question, text, button, attempt, self._panel).open()

    def _reveal(self) -> None:
        for folder in dict.fromkeys(run.path for run in self._selected):
            open_path(folder, self._controller.notified.emit)

    def _copy_paths(self) -> None:
        _copy([str(run.path) for run in self._selected])

    def _copy_commands(self) -> None:
        _copy([open_command(run.path) for run in self._selected])

    @property
    def can_undo(self) -> bool:
        """Whether a run was thrown away that was not taken back by `undo`."""
        return bool(self._thrown_away)

    def undo(self) -> None:
        """Take back the runs that were thrown away last."""
        for take_back in self._thrown_away.pop():
            take_back()
        self.undo_changed.emit()

    def _throw_away(self) -> None:
        taken_back: list[Callable[[], None]] = []
        self._thrown_away.append(taken_back)
        for run in self._selected:
            try:
                taken_back.append(self._controller.throw_away(run))
            except Exception as error:  # the others go on; the toast says what happened to this
                self._controller.notify_failure(error, f"{run.title} is still there")
        self.undo_changed.emit()


def open_command(path: Path) -> str:
    """Return the command that opens a run."""
    return f"leo-studio open {shlex.quote(str(path))}"


def _checked_steps(run: RunEntry, text: str) -> int:
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not digits.isdecimal():
        raise BadInput(f'"{text}" is no number of steps; write one such as {run.step + 1000}.')
    steps = int(digits)
    if steps <= run.step:
        raise BadInput(f"It is at step {run.step:,} already; write a larger number.")
    if run.experiment is not None:
        run.experiment.with_settings({"schedule.steps": steps}, run.name)
    return steps


def _copy(lines: Sequence[str]) -> None:
    QGuiApplication.clipboard().setText("\n".join(lines))
