"""The panel "Try it": show a run a few classes of one's own, and ask it about more."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from engine.errors import BadInput
from leo_studio.services.current_run import FollowedRun
from leo_studio.services.records import Notice, RunEntry
from leo_studio.services.try_records import (
    Example,
    ReadExamples,
    TriedCodes,
    TryRequest,
    TryResult,
    TryTools,
)
from leo_studio.ui.tryit.answers import AnswersView
from leo_studio.ui.tryit.class_list import ClassList
from leo_studio.ui.tryit.class_row import ClassRow
from leo_studio.ui.tryit.commands import add_commands
from leo_studio.ui.tryit.drawing_box import DrawingBox
from leo_studio.ui.tryit.export import ClassifierExport
from leo_studio.ui.tryit.images import chosen_pictures, pasted_picture
from leo_studio.ui.tryit.missing import LOOKING, NO_QUERIES, NO_RUN, why_not_asked
from leo_studio.ui.tryit.parts import Parts
from leo_studio.ui.tryit.store_picker import StoreChoice, StorePicker
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.labels import Label
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.widgets.scrolled import Scrolled
from leo_studio.ui.widgets.theme import ThemeManager

if TYPE_CHECKING:
    from leo_studio.services.background import Task
    from leo_studio.services.controller import Controller

_REST_MILLISECONDS = 100  # after a change, before the run is asked: names are typed


class TryItPanel(QWidget):
    """Classifies a person's own pictures and drawings by the current run.

    `answered` has the codes of what the run was asked, as `TriedCodes`, or None where it has
    answered nothing.

    Parameters
    ----------
    controller, actions, themes
        As for every panel.
    """

    answered = Signal(object)

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tryit-panel")
        self._controller = controller
        self._last = LastFolder(controller.library.root, "open")
        self._tools: TryTools | None = None
        self._looking: Task | None = None
        self._asking: Task | None = None
        self._shown: tuple[Path, str] | None = None  # the run that tools are of
        self._tried: TriedCodes | None = None  # what was answered last
        self.queries: list[Example] = []
        self.followed = FollowedRun(controller.current, self)
        self.banner = RunBanner(controller, self.followed, themes)
        self.hint = Label()
        self.classes = ClassList(themes)
        self.drawing = DrawingBox(themes)
        self.answers = AnswersView(themes)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._rest.timeout.connect(self._ask_run)
        self._lay_out()
        self.export = ClassifierExport(self, controller, self)
        self._actions = actions
        add_commands(actions, self, self.export.ask)
        self.answers.add_button(actions["tryit.export"])
        actions.set_reason("tryit.export", self.why_not_exported())
        self._connect()
        self._name_class()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the run, which nobody needs to while the panel stands behind others."""
        super().showEvent(event)
        self._show_run()

    @property
    def run(self) -> RunEntry | None:
        """The run that is asked."""
        return self.followed.entry

    @property
    def can_draw(self) -> bool:
        """Whether the run takes drawings."""
        return self._why_no_pictures() == ""

    @property
    def is_asking(self) -> bool:
        """Whether the run has not answered to everything yet."""
        return self._asking is not None or self._rest.isActive()

    def add_drawing(self) -> None:
        """Make the drawing an example of the chosen class, and go on to the next class."""
        row, example = self.classes.current, self._taken_drawing()
        if row is not None and example is not None:
            row.add_examples([example])
            self.classes.choose_next()

    def ask_drawing(self) -> None:
        """Ask what the drawing is."""
        if (example := self._taken_drawing()) is not None:
            self._add_queries([example])

    def start_over(self) -> None:
        """Begin with empty classes, no queries and an empty canvas."""
        self.queries.clear()
        self.drawing.canvas.clear()
        self.classes.start_over()

    def add_class(self) -> None:
        """Add a class, and put the keyboard where its name is written."""
        row = self.classes.add_class()
        row.name.setFocus()
        row.name.selectAll()

    def ask_about_files(self) -> None:
        """Choose pictures to ask about."""
        if paths := chosen_pictures("Pictures to ask about", self, self._last):
            self._controller.try_it.read(paths, self._ask_about)

    def paste(self, row: ClassRow | None = None) -> None:
        """Add what is on the clipboard to a class, by default to the chosen one."""
        row = row or self.classes.current
        mime = QApplication.clipboard().mimeData()
        if why := self._why_no_pictures():
            self._say(why)
        elif mime.hasUrls():
            paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
            self._read(paths, row)
        elif mime.hasImage():
            if row is not None:
                row.add_examples([pasted_picture(QApplication.clipboard().image())])
        else:
            self._say("There is no picture on the clipboard; copy one first.")

    # What the run says

    def _show_run(self) -> None:
        """Find out what can be done with the run, and ask it again."""
        if not self.isVisible():
            return
        entry = self.run
        shown = None if entry is None or entry.problem else (entry.path, entry.id)
        if shown != self._shown:
            self._shown = shown
            self._tools = None
            self._enable("" if shown is None else LOOKING, is_bright=True)
            if self._looking is not None:
                self._looking.cancel()
            if shown is not None:
                self._looking = self._controller.try_it.tools(
                    shown[0], self._show_tools, self._tools_failed
                )
        self._ask_soon()

    def _look_again(self, _stores: object) -> None:
        """Look for a store anew that was not there."""
        if self._tools is not None and not self._tools.classes:
            self._shown = None
            self._show_run()

    def _show_tools(self, tools: TryTools) -> None:
        self._tools = tools
        self._enable(tools.why_no_pictures, tools.is_bright_on_black)
        self._ask_soon()

    def _tools_failed(self, error: BaseException) -> None:
        if not isinstance(error, BadInput):
            self._controller.notify_failure(error)
        self._show_tools(TryTools(str(error), True, {}, str(error)))

    def _enable(self, why_no_pictures: str, is_bright: bool) -> None:
        """Let pictures and drawings be added, or say why not."""
        self.classes.set_tools(why_no_pictures, is_bright)
        self.drawing.set_tools(why_no_pictures, is_bright)
        self.answers.table.set_bright_on_black(is_bright)

    def _ask_soon(self) -> None:
        """Ask the run after a moment's rest, and say at once what is missing."""
        self.answers.table.show_queries(self.queries[::-1])
        why_not = self._why_not_asked()
        self.hint.setText(why_not or ("" if self.queries else NO_QUERIES))
        self.hint.setVisible(bool(self.hint.text()))
        self._actions.set_reason("tryit.export", self.why_not_exported())
        if why_not:
            self._rest.stop()
            self._cancel()
            self._show_nothing()
        elif self.isVisible():  # else when somebody looks again
            self._rest.start()

    def _why_not_asked(self) -> str:
        return why_not_asked(self.run, [row.title for row in self.classes.shown])

    def request(self) -> TryRequest | None:
        """Return what the run is asked; None where it cannot be asked."""
        entry, shown = self.run, self.classes.shown
        if entry is None or self._why_not_asked():
            return None
        return TryRequest(
            entry.path,
            self.followed.step,
            tuple(row.title for row in shown),
            tuple(tuple(row.examples) for row in shown),
            tuple(self.queries),
            self.answers.threshold,
        )

    def _ask_run(self) -> None:
        if (request := self.request()) is None:
            return
        self._cancel()
        rows = self.classes.shown

        def show(result: TryResult) -> None:
            self._show_result(result, [rows[place] for place in result.kept])

        self._asking = self._controller.try_it.answer(request, show, self._not_answered)

    def _cancel(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _show_result(self, result: TryResult, rows: Sequence[ClassRow]) -> None:
        """Show the answers, whose classes are those of some rows."""
        self._asking = None
        self.classes.mark(result.problems)
        if all(row in self.classes.rows for row in rows):  # else it is about to be asked again
            places = tuple(self.classes.rows.index(row) for row in rows)
            self.answers.show_result(result, places)
            self._tried = TriedCodes(result, places)
            self._tell_codes()

    def _show_nothing(self) -> None:
        self.answers.show_nothing()
        self._tried = None
        self._tell_codes()

    def _tell_codes(self) -> None:
        """Tell of the codes, as long as they are of the run that is asked."""
        tried, entry = self._tried, self.run
        is_of_run = tried is not None and entry is not None and entry.id == tried.result.run_id
        self.answered.emit(tried if is_of_run else None)

    def _not_answered(self, error: BaseException) -> None:
        self._asking = None
        self._show_nothing()
        if isinstance(error, BadInput):
            self.hint.setText(str(error))
            self.hint.show()
        else:
            self._controller.notify_failure(error)

    # Examples and queries

    def _taken_drawing(self) -> Example | None:
        """Return what is drawn, and leave an empty canvas; None where nothing is, or cannot be."""
        why_not = self._why_no_pictures()
        if not why_not and self.drawing.canvas.is_empty:
            why_not = "Nothing is drawn yet; draw on the canvas of the panel Try it."
        if why_not:
            self._say(why_not)
            return None
        return self.drawing.take()

    def why_not_exported(self) -> str:
        """Say why there is no classifier to export; "" where there is."""
        tools = self._tools
        why_no_export = self._why_no_pictures() if tools is None else tools.why_no_export
        return self._why_not_asked() or why_no_export

    def _why_no_pictures(self) -> str:
        if self._tools is not None:
            return self._tools.why_no_pictures
        return LOOKING if self._shown is not None else NO_RUN

    def _add_queries(self, queries: Sequence[Example]) -> None:
        self.queries += queries
        self._ask_soon()

    def _take_out(self, queries: Sequence[Example]) -> None:
        self.queries = [each for each in self.queries if each not in queries]
        self._ask_soon()

    def _ask_about(self, read: ReadExamples) -> None:
        self._tell_problems(read)
        self._add_queries(read.examples)

    def _give(self, row: ClassRow, want: str) -> None:
        """Give a class more examples, as somebody wants."""
        self.classes.choose(row)
        if want == "paste":
            self.paste(row)
        elif want == "pictures":
            self._read(chosen_pictures(f"Pictures of {row.title}", self, self._last), row)
        elif self._tools is not None and self._tools.classes:
            experiment = None if self.run is None else self.run.experiment
            shots = 1 if experiment is None else experiment.task.k_shot
            picker = StorePicker(self._tools, shots, self)
            picker.chosen.connect(lambda choice: self._take_from_store(row, choice))
            picker.open()
        else:
            self._say(self._why_no_pictures() or "The store of the run is not there.")

    def _take_from_store(self, row: ClassRow, choice: StoreChoice) -> None:
        if self.run is None:
            return

        def add(read: ReadExamples) -> None:
            if row not in self.classes.rows:
                return  # removed meanwhile
            if not row.examples:
                row.name.setText(choice.name)
            row.add_examples(read.examples[: choice.examples])
            self._add_queries(read.examples[choice.examples :])
            self.classes.choose_next()

        count = choice.examples + choice.queries
        self._controller.try_it.of_store(self.run.path, choice.split, choice.label, count, add)

    def _read(self, paths: Sequence[Path], row: ClassRow | None) -> None:
        def add(read: ReadExamples) -> None:
            self._tell_problems(read)
            if row is not None and row in self.classes.rows:
                row.add_examples(read.examples)

        if paths:
            self._controller.try_it.read(paths, add)

    def _tell_problems(self, read: ReadExamples) -> None:
        if read.problem:
            self._controller.notified.emit(Notice("warning", read.problem))

    def _say(self, text: str) -> None:
        self._controller.notified.emit(Notice("information", text))

    def _name_class(self) -> None:
        self.drawing.set_class("" if self.classes.current is None else self.classes.current.title)

    def _classes_changed(self) -> None:
        self._name_class()
        self._ask_soon()

    def _connect(self) -> None:
        self.classes.changed.connect(self._classes_changed)
        self.classes.current_changed.connect(self._name_class)
        self.classes.wanted.connect(self._give)
        self.classes.dropped.connect(lambda row, paths: self._read(paths, row))
        self.drawing.add_wanted.connect(self.add_drawing)
        self.drawing.ask_wanted.connect(self.ask_drawing)
        self.answers.pictures_wanted.connect(self.ask_about_files)
        self.answers.start_over_wanted.connect(self.start_over)
        self.answers.threshold_changed.connect(self._ask_soon)
        self.answers.table.removal_wanted.connect(self._take_out)
        # Methods, not lambdas, which would keep the panel for as long as the controller lives.
        self.followed.changed.connect(self._tell_codes)
        self.followed.changed.connect(self._show_run)
        self._controller.stores_changed.connect(self._look_again)

    def _lay_out(self) -> None:
        self.hint.setProperty("role", "muted")
        self.hint.setObjectName("tryit-hint")
        self.hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(self.banner)
        column.addWidget(self.hint)
        answers = Scrolled(self.answers)  # its buttons take more lines where it is narrow
        column.addWidget(Parts(self.classes, self.drawing, answers), 1)
