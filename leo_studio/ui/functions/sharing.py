"""Commands that keep the points that are looked at, list what is kept, and share it as files."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from fonticon_mdi7 import MDI7
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.errors import BadInput
from engine.inspection.function_records import FunctionRecord
from engine.inspection.kept_points import ENDING, KeptPoints, keep_points, kept_of, read_points
from leo_studio.analysis.functions.edited_points import KeptAs
from leo_studio.analysis.functions.sentences import kept_points_name, opened_words
from leo_studio.services.export_plan import points_stem
from leo_studio.services.kept_checkpoints import run_of
from leo_studio.services.records import EpisodeSource, Notice
from leo_studio.ui.functions.kept_points import KINDS, KeptPointsList
from leo_studio.ui.functions.layout import LARGEST_NUMBER
from leo_studio.ui.functions.plot import FunctionsPlot
from leo_studio.ui.widgets.actions import ActionRegistry
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


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

    `named` is emitted when the points that are shown have another name, or one at last.

    Parameters
    ----------
    controller, actions
        As panels have them.
    shown
        What is looked at.
    parent
        Above which dialogs open.
    """

    named = Signal()

    def __init__(
        self,
        controller: "Controller",
        actions: ActionRegistry,
        shown: ShownPoints,
        parent: QWidget,
    ) -> None:
        super().__init__(controller, parent)
        self._shown = shown
        self._opened: tuple[Path, KeptPoints] | None = None  # until its task is shown
        self._list = KeptPointsList(
            controller, self, self.open, self._ask_new_file, self._rename, parent
        )
        for name, text, trigger, menu, glyph, tip in (
            (
                "keep",
                "Keep points...",
                self._ask_name,
                "Episodes",
                MDI7.bookmark_outline,
                "Keep points: put them as they are into the library, under a name",
            ),
            (
                "kept",
                "Kept points...",
                self._list.show_list,
                "Episodes",
                MDI7.bookmark_multiple_outline,
                "Kept points: look at them with the weights shown here, rename or delete them",
            ),
            (
                "save",
                "Save points to a file...",
                self._ask_to_save,
                "Export",
                MDI7.content_save_outline,
                "Write the points as they are to a file, which others can open in Kept points",
            ),
        ):
            actions.add(f"functions.{name}", text, trigger, menu=menu, glyph=glyph, tip=tip)

    def keep(self, note: str = "") -> None:
        """Keep the points that are shown in the library."""
        kept = self._kept_now(note)
        if kept is None:
            return
        x, y = kept.points

        def tell(path: Path) -> None:
            name = kept_points_name(kept)
            self.tell_written(f"Kept the points: {name}.", path, self._list.shown_by_notice)
            points = self._shown.plot.points
            if np.array_equal(points.x, x) and np.array_equal(points.y, y):  # they are shown still
                points.name(KeptAs(path, name))
                self.named.emit()

        self._controller.points.keep(kept, tell)

    def save(self, path: Path, kept: KeptPoints) -> None:
        """Write points to a file anywhere."""
        try:
            keep_points(path, kept)
        except BadInput as error:
            self._controller.notify_failure(error)
            return
        self.tell_written(f"Saved the points as {path.name}.", path)

    def open(self, path: Path) -> None:
        """Show points from a file, in the place of the points of their task."""
        record = self._shown.record
        try:
            kept = read_points(path)
        except BadInput as error:
            self._controller.notify_failure(error)
            return
        if record is None or record.number is None:
            return
        number = record.number if kept.number is None else min(kept.number, LARGEST_NUMBER)
        self._opened = path, kept.model_copy(update={"number": number})
        self._shown.look_at(number)
        if record.number == number:  # it is shown already
            self.follow()

    def follow(self) -> None:
        """Put opened points into the plot if their task is shown now; else forget them."""
        opened, self._opened = self._opened, None
        record = self._shown.record
        if opened is None or record is None or record.number != opened[1].number:
            return
        path, kept = opened
        plot = self._shown.plot
        has_same_task = kept.is_of(plot.points.own)
        plot.take_points(kept.points, KeptAs(path, kept_points_name(kept)))
        words = opened_words(kept, self._list.title_of(kept), has_same_task=has_same_task)
        self._controller.notified.emit(Notice("information", words))

    def _kept_now(self, note: str) -> KeptPoints | None:
        """Return the points that are shown, as they are kept; None where that cannot be."""
        source, record = self._shown.source, self._shown.record
        if source is None or record is None:
            return None
        points = self._shown.plot.points
        task = None if record.number is None else (record.number, points.own)
        entry = run_of(source, self._controller.runs)
        run_id = entry.id if entry is not None else ""
        try:
            return kept_of((points.x, points.y), task, source.run.name, run_id, source.step, note)
        except BadInput as error:
            self._controller.notify_failure(error)
            return None

    def _rename(self, path: Path, name: str) -> None:
        self._shown.plot.points.rename(path, name)
        self.named.emit()

    def _ask_name(self) -> None:
        self.ask_name("Keep points", "points-note", self.keep)

    def _ask_to_save(self) -> None:
        kept_as = self._shown.plot.points.kept_as
        note = "" if kept_as is None or kept_as.is_changed else kept_as.name
        if (kept := self._kept_now(note)) is not None:
            self._ask_new_file(kept, None)

    def _ask_new_file(self, kept: KeptPoints, parent: QWidget | None) -> None:
        file = f"{points_stem(kept.note, kept.number)}{ENDING}"
        save = partial(self.save, kept=kept)
        self.ask_new_file("Save points to a file", KINDS, file, "points-file", save, parent)
