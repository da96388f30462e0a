"""The page of one episode: as it is, and beside it what if, or as other weights see it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.errors import BadInput
from engine.inspection.records import Inspection
from engine.inspection.what_if import WhatIf
from leo_studio.analysis.episode.changes import are_same_episode, result
from leo_studio.analysis.episode.edit_history import Histories, History, restore_histories
from leo_studio.services.episode_links import EpisodeLink, link_to
from leo_studio.services.kept_checkpoints import CheckpointGone
from leo_studio.services.kept_files import run_folder
from leo_studio.services.records import EpisodeSource, Examples, Notice, OpenedInspection
from leo_studio.ui.episode.edits import SupportEdits
from leo_studio.ui.episode.header import KEPT_TIP, LOST_TIP
from leo_studio.ui.episode.layout import NO_EPISODE, EpisodeLayout
from leo_studio.ui.episode.remembering import page_memory, remembered_samples
from leo_studio.ui.episode.requests import Side, SideRequests
from leo_studio.ui.episode.sharing import Chosen, Sharing
from leo_studio.ui.inspection.query_table import take_choices
from leo_studio.ui.inspection.selection import EpisodeSelection
from leo_studio.ui.inspection.source_actions import SourceActions, why_no_source
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_PATIENCE_MILLISECONDS = 300  # before a page says that it is being made


class EpisodePanel(EpisodeLayout):
    """Shows the episode that the selection looks at.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    selection
        What is looked at, shared with other panels.
    """

    next_wanted = Signal()
    previous_wanted = Signal()
    export_wanted = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        selection: EpisodeSelection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(controller, themes, selection, parent)
        self.setObjectName("episode-panel")
        self._controller = controller
        self._selection = selection
        self._requests = SideRequests(controller, self._take, self._take_examples, self._fail)
        # At the left: the source, the episode's number, and how many samples.
        self._shown: tuple[EpisodeSource, int, int] | None = None
        self._compared: EpisodeSource | None = None
        self._histories = Histories()
        self._is_change_wanted = False  # those that were seen before, once their episode is there
        self._opened: OpenedInspection | None = None
        self._compared_before: EpisodeSource | None = None  # until a kept episode was opened
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MILLISECONDS)
        self._patience.timeout.connect(self.say_that_it_is_made)
        self.sharing = Sharing(controller, actions, self, parent=self)
        self._edits = SupportEdits(controller, self, parent=self)
        self.header.menu.addActions(self.sharing.actions)
        actions.add(
            "episode.what_if",
            "What if",
            self.header.what_if.click,
            menu="Episodes",
            tip="Change the episode's support set or its steps, and see both results",
        )
        SourceActions(selection, actions, ["episode.what_if"], parent=self)
        self._connect()
        self._follow()

    # What is looked at

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights look at which episodes."""
        return self._selection.source

    @property
    def kept_path(self) -> Path | None:
        """The file of the kept episode that is shown; None where none is."""
        return None if self._opened is None else self._opened.path

    @property
    def why_no_source(self) -> str:
        """Why there are no episodes to look at; "" where there are."""
        return why_no_source(self._selection)

    @property
    def is_busy(self) -> bool:
        """Whether something that was asked for is still to come."""
        return self._requests.is_busy or self.what_if.is_settling

    def open_link(self, link: EpisodeLink, source: EpisodeSource) -> None:
        """Inspect the episode of a link; its run and checkpoint are `source`."""
        self.header.set_samples(link.samples)
        if not link.what_if.is_nothing:  # what was changed here before is one undo away
            self._history(source, link.episode).change(link.what_if)
        self._leave_kept()
        self._selection.set_source(source)
        self._selection.show(link.episode)
        self.header.set_what_if(not link.what_if.is_nothing)
        self._shown = None  # also where it is looked at already
        self._inspect_current()

    def link(self) -> EpisodeLink | None:
        """Return the link that reopens exactly this."""
        source, number = self._selection.source, self._selection.current
        if source is None or number is None:
            return None
        what_if = self.what_if.what_if if self.header.what_if.isChecked() else WhatIf()
        runs = self._controller.library.runs.resolve()
        return link_to(source, number, self.header.samples.value(), what_if, runs)

    # Making it

    def showEvent(self, event: QShowEvent) -> None:
        """Show the episode that was chosen while the panel was hidden."""
        super().showEvent(event)
        self._inspect_current()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Want nothing any more."""
        self._cancel()
        self.what_if.settle()
        super().closeEvent(event)

    def _follow(self, *_: object) -> None:
        """Another episode is looked at, or other weights look at it."""
        self._leave_kept()
        source, number = self._selection.source, self._selection.current
        if source is None or number is None:
            self._cancel()
            self._shown = None
            why_nothing = self._selection.why_nothing if source is None else ""
            self._show_nothing(why_nothing or NO_EPISODE)
            return
        self._compared = self._compared if self._is_comparable(source) else None
        self._offer_runs()
        self._inspect_current()
        self.sharing.enable()  # a hidden page inspects nothing, and its actions are in the menu

    def _inspect_current(self, *_: object) -> None:
        source, number = self._selection.source, self._selection.current
        if source is None or number is None or not self.isVisible():
            return
        self._selection.is_offered = False  # somebody looks
        wanted = (source, number, self.header.samples.value())
        if wanted == self._shown or self._opened is not None:
            return
        self.what_if.go_on_with(self._history(source, number))
        is_other = self._shown is None or number != self._shown[1]
        if is_other and not self.header.what_if.isChecked():
            self.sides.show_top()
        self._shown = wanted
        self.header.show_episode(self._title(source, number), number)
        self._inspect("left", source, number, WhatIf())
        self._inspect_right()

    def _history(self, source: EpisodeSource, number: int) -> History:
        """Return what was changed about an episode since the window was opened."""
        return self._histories.of(source.run, source.split, number)

    def _inspect_right(self) -> None:
        """Inspect the episode for the right side."""
        source, number = self._selection.source, self._selection.current
        is_changed = self.header.what_if.isChecked()
        # Without an episode a comparison waits for one.
        is_there = source is not None and number is not None
        is_beside = is_there and (is_changed or self._compared is not None)
        self.what_if.setVisible(is_changed)
        self.result.setVisible(is_beside)
        self.left.set_title("As it is" if is_changed else "This" if is_beside else "")
        self.right.set_editable(is_changed)
        if source is None or number is None or not is_beside:
            self._requests.end("right")
            self.result.show_result(None)
        elif is_changed:
            self.right.set_title("What if")
            self._inspect("right", source, number, self.what_if.what_if)
        elif self._compared is not None:
            title = self._controller.title_of(self._compared.run)
            self.right.set_title(f"{title}, step {self._compared.step:,}")
            self._inspect("right", self._compared, number, WhatIf())
        self.sides.set_pair(is_beside)

    def _inspect(self, side: Side, source: EpisodeSource, number: int, what_if: WhatIf) -> None:
        self._requests.inspect(side, source, number, self.header.samples.value(), what_if)
        if self.inspection is None:
            self._patience.start()

    def _take(self, side: Side, seen: Inspection, examples: Examples | None) -> None:
        self._patience.stop()
        view = self.left if side == "left" else self.right
        view.set_inspection(seen, examples)
        if side == "left":
            self._name_changes()
            if self.right.inspection is None:
                self.right.set_position(view.position)
        else:
            self.what_if.set_problem("")
            self.sides.keep_in_step()
        self._compare_sides()
        self.show_sides()
        self._enable()
        if self._is_change_wanted and not self.what_if.what_if.is_nothing:
            self._offer_changes(True)

    def _take_examples(self, side: Side, examples: Examples) -> None:
        (self.left if side == "left" else self.right).set_examples(examples)
        self._name_changes()

    def _name_changes(self) -> None:
        self.what_if.set_episode(self.inspection, *self._requests.thumbnails)

    def _compare_sides(self) -> None:
        other, plain = self.other, self.inspection
        self.left.set_reference(None)
        self.right.set_reference(plain if other is not None else None)
        # One side is there before the other: of another episode it says nothing.
        if other is not None and plain is not None and are_same_episode(other, plain):
            self.result.show_result(result(other, plain))
        self.sides.match()

    def _fail(self, side: Side, error: BaseException) -> None:
        self._patience.stop()
        is_gone = isinstance(error, CheckpointGone)
        if is_gone:
            self._controller.refresh_runs()  # and the line says so, with what is near
        if side == "left":
            self._fail_left(error, is_gone=is_gone)
        elif self.header.what_if.isChecked() and isinstance(error, BadInput):
            self.what_if.set_problem(str(error))  # what was shown stays
        elif is_gone:
            self._controller.notified.emit(
                Notice("information", f"{error} The comparison with it was closed.")
            )
            self._compare_with(None)
            self._offer_runs()
        else:
            self._controller.notify_failure(error)

    def _fail_left(self, error: BaseException, *, is_gone: bool) -> None:
        if not is_gone:  # else it would only be tried again
            self._controller.notify_failure(error)
            self._shown = None
        self._requests.end("right")
        self.checkpoint.set_shown(False)
        self._show_nothing(f"This episode cannot be shown.\n\n{error}")

    def _show_nothing(self, sentence: str) -> None:
        """Say why no episode is shown; nothing can be changed about none."""
        self.show_sentence(sentence)
        self.header.set_what_if(False)
        self._enable()

    def _cancel(self) -> None:
        self._requests.end_all()
        self._patience.stop()

    # Wishes

    def _offer_changes(self, is_on: bool) -> None:
        self._is_change_wanted = False
        self.header.set_what_if(is_on)
        if is_on:
            self._compared = None
            self._offer_runs()
        examples = self._requests.examples
        if self.inspection is not None and is_on and self.right.inspection is None:
            self.right.set_inspection(self.inspection, examples["left"])
            examples["right"] = examples["left"]
        self._inspect_right()
        if is_on:
            self.sides.show_support()

    def _compare_with(self, source: EpisodeSource | None) -> None:
        self._compared = source
        self.header.set_what_if(False)
        self._requests.examples["right"] = None
        self._inspect_right()

    def _is_comparable(self, source: EpisodeSource) -> bool:
        return self._compared is not None and self._compared.split == source.split

    # Out

    def chosen(self) -> Chosen | None:
        """Return the inspection to keep or export: the right side of what if, else the left."""
        source = self._selection.source
        if self.inspection is None or source is None or self._opened is not None:
            return None
        is_changed = self.header.what_if.isChecked() and self.other is not None
        view = self.right if is_changed else self.left
        assert view.inspection is not None
        return Chosen(view.inspection, source, view, self.header.title.text())

    def open_kept(self, path: Path) -> None:
        """Show an inspection from a file, and the run that it is kept with."""
        run = run_folder(path)
        if self.source is None or self.source.run != run:
            self._selection.run.choose(run)
        self._controller.episodes.open_inspection(path, run, self._show_opened)

    def _show_opened(self, opened: OpenedInspection) -> None:
        self._cancel()
        if self._opened is None:
            self._compared_before = self._compared
        self._is_change_wanted |= self.header.what_if.isChecked()
        self._opened, self._shown, self._compared = opened, None, None
        self.header.set_what_if(False)
        self._inspect_right()
        kept = opened.inspection.provenance
        runs = (run.title for run in self._controller.runs if run.id == kept.run_id)
        self.show_opened(opened, next(runs, kept.run))
        self._compare_sides()
        self._enable()

    def _leave_kept(self) -> None:
        """Go back to what was beside the episode before a kept one was opened."""
        if self._opened is not None:
            self._compared = self._compared_before
        self._opened = None

    # Its parts

    def _title(self, source: EpisodeSource, number: int) -> str:
        title = self._controller.title_of(source.run)
        return f"{source.split} {number} · {title} · step {source.step:,}"

    def _connect(self) -> None:
        header = self.header
        header.number_wanted.connect(self._selection.show)
        header.next_wanted.connect(self.next_wanted)
        header.previous_wanted.connect(self.previous_wanted)
        header.samples_changed.connect(self._inspect_current)
        header.what_if_toggled.connect(self._offer_changes)
        header.comparison_wanted.connect(self._compare_with)
        header.back_wanted.connect(self._follow)
        self.what_if.changed.connect(self._inspect_right)
        self.checkpoint.changed.connect(self._enable)
        self._selection.source_changed.connect(self._follow)
        self._selection.current_changed.connect(self._follow)
        self._controller.runs_changed.connect(self._offer_runs)

    def _offer_runs(self, *_: object) -> None:
        self.header.offer(self._controller.runs, self._selection.source, self._compared)

    def _enable(self) -> None:
        has_one = self.has_sides
        source, is_lost = self._selection.source, self.checkpoint.is_lost
        header = self.header
        for widget in (header.previous, header.next, header.number, header.samples):
            widget.setEnabled(source is not None)
        why_not = LOST_TIP if is_lost else KEPT_TIP if self._opened is not None else ""
        header.allow_what_if(why_not, is_shown=has_one)
        header.set_kept(self._opened is not None)
        self.checkpoint.set_shown(has_one)
        if not has_one:
            header.show_episode("No episode is looked at", self._selection.current)
        self.sharing.enable()

    # Over a restart

    def remembered(self) -> dict[str, object]:
        """Return what a person has set, looks at, and has changed, as plain values."""
        is_seen = self.header.what_if.isChecked() or self._is_change_wanted
        number, queries = self._selection.current, self.left.queries
        return page_memory(self.header, number, self._histories, queries, is_change_seen=is_seen)

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Set it again; what makes no sense is ignored."""
        restore_histories(self._histories, remembered.get("changes"))
        self._is_change_wanted = remembered.get("what_if") is True
        samples = remembered_samples(remembered.get("samples"))
        if samples is not None:
            self.header.set_samples(samples)
            self._inspect_current()
        number = remembered.get("episode")
        is_number = type(number) is int and 0 <= number <= self.header.number.maximum()
        if is_number and self._selection.current is None:
            self._selection.show(cast(int, number))
        take_choices(self.left.queries, remembered)
