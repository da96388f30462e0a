"""The list of kept points, from which they are opened, renamed, deleted and shared."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from engine.inspection.kept_points import KeptPoints, PointsFile
from leo_studio.analysis.functions.sentences import kept_points_name, listed_words
from leo_studio.ui.widgets.kept_dialog import KeptDialog, KeptItem
from leo_studio.ui.widgets.kept_list import KeptList
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

KINDS = "Points of a function (*.json)"
_NOTHING = "Nothing is kept. Keep puts the points that are looked at here, under a name."
_HINT = "They can be looked at with every run that learns functions."


class KeptPointsList(KeptList):
    """Shows the points that are kept in the library.

    Parameters
    ----------
    controller
        As panels have it.
    sharing
        Asks for names and files.
    open_points
        Shows the points in a file, wherever it lies.
    save_points
        Asks where to write a copy of points; it gets them, and above what it asks.
    renamed
        Called with a file and the new name of its points.
    parent
        Above which the list opens.
    """

    title = "Kept points"
    dialog_name = "kept-points"
    rename_title = "Rename kept points"
    rename_name = "points-name"

    def __init__(
        self,
        controller: "Controller",
        sharing: PanelSharing,
        open_points: Callable[[Path], object],
        save_points: Callable[[KeptPoints, QWidget], object],
        renamed: Callable[[Path, str], object],
        parent: QWidget,
    ) -> None:
        super().__init__(controller.points, sharing, parent)
        self._controller = controller
        self._open_points = open_points
        self._save_points = save_points
        self._tell_renamed = renamed
        self._kept: Sequence[PointsFile] = ()

    def read(self, then: Callable[[], None]) -> None:
        """Read what is kept in the library."""

        def take(kept: Sequence[PointsFile]) -> None:
            self._kept = kept
            then()

        self._controller.points.listed(take)

    def prepare(self, dialog: KeptDialog) -> None:
        """Add what has to do with files anywhere."""
        tip = "Look at points that somebody sent, or that lie elsewhere"
        dialog.add_button("Open a &file...", tip).clicked.connect(self._ask_file)
        tip = "Write a copy of the chosen points to a file, to share it"
        save = dialog.add_button("&Save to a file...", tip, is_for_chosen=True)
        save.clicked.connect(self._ask_new_file)

    def items(self) -> Sequence[KeptItem]:
        """Return all points, the newest first."""
        return [self._item(each) for each in self._kept]

    def hint(self) -> str:
        """Say what can be done with them, or how the first are kept."""
        return _HINT if self._kept else _NOTHING

    def open(self, path: Path) -> None:
        """Show points that were kept."""
        self._open_points(path)

    def renamed(self, path: Path, note: str) -> None:
        """Show the new name where the points are looked at."""
        for kept in self._kept:
            if kept.path == path and kept.points is not None:
                self._tell_renamed(
                    path, kept_points_name(kept.points.model_copy(update={"note": note}))
                )

    def title_of(self, kept: KeptPoints) -> str:
        """Return what people call the run that points were kept with; "" for none."""
        runs = self._controller.runs
        same = [run for run in runs if run.id == kept.run_id] if kept.run_id else []
        same += [run for run in runs if run.name == kept.run]
        return same[0].title if same else kept.run

    def _item(self, kept: PointsFile) -> KeptItem:
        path, points = kept.path, kept.points
        if points is None:
            return KeptItem(path, path.name, f"{path.name}: {kept.problem}", problem=kept.problem)
        words = listed_words(points, self.title_of(points))
        return KeptItem(path, kept_points_name(points), words, points.note)

    def _ask_file(self) -> None:
        dialog = self.dialog

        def take(path: Path) -> None:
            if dialog is not None:
                dialog.accept()
            self._open_points(path)

        kinds = f"{KINDS};;All files (*)"
        self._sharing.ask_file("Open points", kinds, "points-to-open", take, dialog)

    def _ask_new_file(self) -> None:
        dialog = self.dialog
        if dialog is None or (chosen := dialog.current) is None:
            return
        for kept in self._kept:
            if kept.path == chosen.path and kept.points is not None:
                self._save_points(kept.points, dialog)
