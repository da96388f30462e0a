"""Copies what a panel shows: as a picture, as Python, or as a table for a spreadsheet."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.records import Exported
from leo_studio.figures.saving import PICTURES
from leo_studio.figures.script import script_of
from leo_studio.figures.tables import tab_separated
from leo_studio.services.background import Task
from leo_studio.services.records import Notice

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


def copy_words(ending: str) -> str:
    """Return what copying does where a file would have some ending."""
    if ending == ".py":
        return "Copy as Python"
    return "Copy picture" if ending in PICTURES else "Copy table"


def copy(
    controller: "Controller",
    exported: Exported,
    ending: str,
    look: Look,
    failed: Callable[[BaseException], None] | None = None,
) -> None:
    """Put what a file with some ending would hold on the clipboard, as soon as it is made.

    A picture is an image, and with ".svg" a drawing too; of tables it is the first.
    """
    figure, first = exported.figure, exported.tables[0]
    is_script = figure is not None and ending == ".py"
    is_picture = figure is not None and ending in PICTURES

    def make(task: Task) -> _Made:
        task.report()
        if figure is None or not (is_picture or is_script):
            return _Made(text=tab_separated(first))
        if is_script:
            return _Made(text=script_of(figure, look, exported.title, exported.name))
        svg = draw(figure, look, "svg") if ending == ".svg" else b""
        return _Made(png=draw(figure, look, "png"), svg=svg)

    def put(made: _Made) -> None:
        QGuiApplication.clipboard().setMimeData(made.data())
        what = "The picture" if is_picture else "The script" if is_script else f"Table {first.name}"
        controller.notified.emit(Notice("success", f"{what} is on the clipboard."))

    controller.start("Copying", make, put, is_shown=False, failed=failed)


class _Made(NamedTuple):
    """Content for the clipboard; what is empty is left out."""

    text: str = ""
    png: bytes = b""
    svg: bytes = b""

    def data(self) -> QMimeData:
        """Return it as Qt takes it."""
        data = QMimeData()
        if self.text:
            data.setText(self.text)
        if self.png:
            data.setImageData(QImage.fromData(self.png))
        if self.svg:
            data.setData("image/svg+xml", QByteArray(self.svg))
        return data
