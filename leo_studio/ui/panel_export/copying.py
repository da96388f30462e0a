"""What a panel shows on the clipboard: as a picture, as Python, or as a table for a spreadsheet."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from leo_studio.background import Task
from leo_studio.figures.drawing import Look, draw
from leo_studio.figures.records import Exported
from leo_studio.figures.saving import PICTURES
from leo_studio.figures.script import script_of
from leo_studio.figures.tables import tab_separated
from leo_studio.records import Notice

if TYPE_CHECKING:
    from leo_studio.controller import Controller


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
    figure = exported.figure
    if figure is not None and ending == ".py":
        text = script_of(figure, look, exported.title, exported.name)
        _put(controller, "The script is on the clipboard.", _text(text))
        return

    def make(task: Task) -> tuple[bytes, bytes, str]:
        task.report()
        if figure is None or ending not in PICTURES:
            return b"", b"", tab_separated(exported.tables[0])
        svg = draw(figure, look, "svg") if ending == ".svg" else b""
        return draw(figure, look, "png"), svg, ""

    def put(made: tuple[bytes, bytes, str]) -> None:
        png, svg, text = made
        if not png:
            _put(controller, f"Table {exported.tables[0].name} is on the clipboard.", _text(text))
            return
        data = QMimeData()
        data.setImageData(QImage.fromData(png))
        if svg:
            data.setData("image/svg+xml", QByteArray(svg))
        _put(controller, "The picture is on the clipboard.", data)

    controller.start("Copying", make, put, is_shown=False, failed=failed)


def _text(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def _put(controller: "Controller", words: str, data: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(data)
    controller.notified.emit(Notice("success", words))
