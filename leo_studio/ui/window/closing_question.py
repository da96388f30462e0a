"""The question before a window closes while something trains."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


def agrees_to_stop(controller: "Controller", window: QWidget) -> bool:
    """Ask whether what trains may be stopped, and return the answer."""
    run, is_paused = controller.status.run, controller.status.state == "paused"
    name = controller.title_of(Path(run)) if run else "A run"
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Close LEO Studio")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{name} is {'paused' if is_paused else 'being trained'}.")
    box.setInformativeText("It keeps a checkpoint and can be resumed, to the same result.")
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
    stay = "Leave it paused" if is_paused else "Keep training"
    box.addButton(stay, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stop)
    box.exec()
    agrees = box.clickedButton() is stop
    box.deleteLater()
    return agrees
