"""What every list of kept things does: opens them, renames them, and throws them away."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from leo_studio.services.background import Task
from leo_studio.services.records import NoticeAction
from leo_studio.ui.widgets.kept_dialog import KeptDialog, KeptItem
from leo_studio.ui.widgets.panel_sharing import PanelSharing


class KeptFiles(Protocol):
    """What a service does with files that were kept."""

    def rename(self, path: Path, note: str, then: Callable[[None], None]) -> Task:
        """Give one another note, whose first line is its name."""

    def throw_away(self, path: Path, then: Callable[[Path], None]) -> Task:
        """Move one to the trash; `then` gets where it is now."""

    def restore(self, thrown_away: Path, path: Path, then: Callable[[None], None]) -> Task:
        """Take one back out of the trash."""


class KeptList(QObject):
    """Shows what was kept, and does what is asked for there.

    A kind of kept things says what there is (`read`, `items`, `hint`) and opens it (`open`).

    Parameters
    ----------
    files
        Renames and deletes.
    sharing
        Asks for names.
    parent
        Above which the list opens.
    """

    title = ""  # of the list
    dialog_name = ""  # of the list, for programs
    rename_title = ""  # of the question for another name
    rename_name = ""  # of that question, for programs

    def __init__(self, files: KeptFiles, sharing: PanelSharing, parent: QWidget) -> None:
        super().__init__(parent)
        self._files = files
        self._sharing = sharing
        self._parent = parent
        self._thrown_away: tuple[Path, Path] | None = None  # where it is, and where it was

    def read(self, then: Callable[[], None]) -> None:
        """Read what was kept, and call `then` when that is there."""
        raise NotImplementedError

    def items(self) -> Sequence[KeptItem]:
        """Return what is listed of what was read."""
        raise NotImplementedError

    def hint(self) -> str:
        """Return what is said above the list."""
        raise NotImplementedError

    def open(self, path: Path) -> None:
        """Show what was kept in a file."""
        raise NotImplementedError

    def renamed(self, path: Path, note: str) -> None:
        """Show the new name of what may be looked at."""

    def prepare(self, dialog: KeptDialog) -> None:
        """Add what the dialog of this kind has of its own."""

    @property
    def dialog(self) -> KeptDialog | None:
        """The list, while it is open."""
        return self._parent.findChild(KeptDialog, self.dialog_name)

    @property
    def shown_by_notice(self) -> NoticeAction:
        """A notice's button that opens the list."""
        return NoticeAction(self.title, self.show_list)

    def show_list(self) -> None:
        """Open the list of what is kept."""
        self.read(self._open_list)

    def show_again(self) -> None:
        """Show what was read, as it is to be listed now."""
        if (dialog := self.dialog) is not None:
            dialog.show_kept(self.items(), self.hint())

    def _open_list(self) -> None:
        if self.dialog is None:
            self._thrown_away = None
            dialog = KeptDialog(self.title, self.dialog_name, self._parent)
            dialog.chosen.connect(self.open)
            dialog.rename_wanted.connect(self._ask_name)
            dialog.delete_wanted.connect(self._throw_away)
            dialog.undo_wanted.connect(self._restore)
            self.prepare(dialog)
            dialog.open()
        self.show_again()

    def _ask_name(self, kept: KeptItem) -> None:
        """Ask for another name: the first line of a note, whose other lines stay as they are."""
        line, _, rest = kept.note.strip().partition("\n")

        def rename(name: str) -> None:
            note = f"{name}\n{rest}" if rest else name

            def tell(_: None) -> None:
                self._read_again()
                self.renamed(kept.path, note)

            self._files.rename(kept.path, note, tell)

        self._sharing.ask_name(
            self.rename_title,
            self.rename_name,
            rename,
            button="Rename",
            text=line,
            parent=self.dialog,
        )

    def _throw_away(self, kept: KeptItem) -> None:
        def tell(place: Path) -> None:
            self._thrown_away = place, kept.path
            if (dialog := self.dialog) is not None:
                dialog.say_deleted(f"{kept.name} is in the trash.")
            self._read_again()

        self._files.throw_away(kept.path, tell)

    def _restore(self) -> None:
        thrown_away, self._thrown_away = self._thrown_away, None
        if (dialog := self.dialog) is not None:
            dialog.say_deleted("")
        if thrown_away is not None:
            self._files.restore(*thrown_away, self._read_again)

    def _read_again(self, _: None = None) -> None:
        if self.dialog is not None:
            self.read(self.show_again)
