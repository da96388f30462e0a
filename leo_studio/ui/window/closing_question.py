"""The question before a window closes while something trains."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller


def agrees_to_stop(controller: "Controller", window: QWidget) -> bool:
    """Ask whether what trains may be stopped, and return the answer."""
    undertaken = controller.carrying_out.now
    is_paused = controller.status.state == "paused" and undertaken is None
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Close LEO Studio")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(" ".join(_under_way(controller)))
    kept = "It keeps a checkpoint and can be resumed, to the same result."
    if undertaken is not None:
        kept = "What trains keeps a checkpoint; it all can go on later, to the same result."
    box.setInformativeText(kept)
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
    stay = "Leave it paused" if is_paused else "Go on" if undertaken else "Keep training"
    box.addButton(stay, QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stop)
    box.exec()
    agrees = box.clickedButton() is stop
    box.deleteLater()
    return agrees


def _under_way(controller: "Controller") -> list[str]:
    """Return a sentence for each that would be ended."""
    found = []
    if controller.status.is_active:
        run, is_paused = controller.status.run, controller.status.state == "paused"
        name = controller.title_of(Path(run)) if run else "A run"
        found.append(f"{name} is {'paused' if is_paused else 'being trained'}.")
    found += [f"{controller.title_of(run)} is being trained." for run in controller.beside.runs]
    if (undertaken := controller.carrying_out.now) is not None:
        found.append(f"{undertaken.title} is being carried out.")
    return found
