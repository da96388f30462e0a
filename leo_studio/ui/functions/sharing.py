"""Commands that keep the points that are looked at in a file, and open such a file again."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtWidgets import QWidget

from engine.errors import BadInput
from engine.inspection.function_records import FunctionRecord
from engine.inspection.kept_points import KeptPoints, keep_points, kept_of, read_points
from leo_studio.analysis.functions.sentences import opened_words
from leo_studio.services.export_plan import file_stem
from leo_studio.services.records import EpisodeSource, Notice
from leo_studio.ui.functions.layout import LARGEST_NUMBER
from leo_studio.ui.functions.plot import FunctionsPlot
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_KINDS = "Points of a function (*.json)"


class ShownPoints(Protocol):
    """The part of the panel that these commands call."""

    @property
    def source(self) -> EpisodeSource | None:
        """Which weights are asked."""

    @property
    def record(self) -> FunctionRecord | None:
        """What is shown; None where nothing is."""

    @property
    def plot(self) -> FunctionsPlot:
        """The plot, whose points can be moved."""

    def look_at(self, number: int) -> None:
        """Look at another task."""


class PointSharing(PanelSharing):
    """Keeps points, and opens kept ones in the place of a task's own.

    Parameters
    ----------
    controller, actions
        As panels have them.
    shown
        What is looked at.
    parent
        Above which dialogs open.
    """

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        shown: ShownPoints,
        parent: QWidget,
    ) -> None:
        super().__init__(controller, parent)
        self._shown = shown
        self._opened: KeptPoints | None = None  # until its task is shown
        actions.add(
            "functions.keep",
            "Keep points...",
            self._ask_name,
            menu="Episodes",
            glyph=MDI7.bookmark_outline,
            tip="Save the points as they are, with a name: this and other runs can look at them",
        )
        actions.add(
            "functions.open",
            "Open kept points...",
            self._ask_file,
            menu="Episodes",
            glyph=MDI7.bookmark_multiple_outline,
            tip="Look at points of a function that somebody kept, with the weights shown here",
        )

    def keep(self, path: Path, note: str = "") -> None:
        """Keep the points that are shown."""
        source, record = self._shown.source, self._shown.record
        if source is None or record is None:
            return
        points = self._shown.plot.points
        task = None if record.number is None else (record.number, points.own)
        entry = next((each for each in self._controller.runs if each.path == source.run), None)
        run_id = entry.id if entry is not None else ""
        try:
            kept = kept_of((points.x, points.y), task, source.run.name, run_id, source.step, note)
            keep_points(path, kept)
        except BadInput as error:
            self._controller.notify_failure(error)
            return
        self.tell_written(f"Kept the points as {path.name}.", path)

    def open(self, path: Path) -> None:
        """Show points that were kept, in the place of the points of their task."""
        record = self._shown.record
        try:
            kept = read_points(path)
        except BadInput as error:
            self._controller.notify_failure(error)
            return
        if record is None or record.number is None:
            return
        number = record.number if kept.number is None else min(kept.number, LARGEST_NUMBER)
        self._opened = kept.model_copy(update={"number": number})
        self._shown.look_at(number)
        if record.number == number:  # it is shown already
            self.follow()

    def follow(self) -> None:
        """Put opened points into the plot if their task is shown now; else forget them."""
        kept, self._opened = self._opened, None
        record = self._shown.record
        if kept is None or record is None or record.number != kept.number:
            return
        plot = self._shown.plot
        has_same_task = kept.is_of(plot.points.own)
        plot.take_points(*kept.points)
        words = opened_words(kept, has_same_task=has_same_task)
        self._controller.notified.emit(Notice("information", words))

    def _ask_name(self) -> None:
        self.ask_name("Keep points", "points-note", self._ask_new_file)

    def _ask_new_file(self, note: str) -> None:
        record = self._shown.record
        number = "" if record is None else f"-{record.number}"
        file = f"{file_stem(note, f'task{number}')}.json"
        keep = partial(self.keep, note=note)
        self.ask_new_file("Keep points", _KINDS, file, "points-file", keep)

    def _ask_file(self) -> None:
        kinds = f"{_KINDS};;All files (*)"
        self.ask_file("Open kept points", kinds, "points-to-open", self.open)
