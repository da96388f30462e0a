"""The export of the classifier: where it goes is asked, and the end is told."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

from engine.export.formats import Check
from leo_studio.services.export_plan import file_stem
from leo_studio.services.records import Notice
from leo_studio.services.try_records import TryRequest
from leo_studio.ui.widgets.panel_sharing import PanelSharing

if TYPE_CHECKING:
    from leo_studio.services.controller import Controller

_KINDS = "ONNX models (*.onnx)"


class Shown(Protocol):
    """The panel, as far as what it shows can be exported."""

    def request(self) -> TryRequest | None:
        """Return what the run is asked; None where it cannot be asked."""

    def why_not_exported(self) -> str:
        """Say why there is no classifier to export; "" where there is."""


class ClassifierExport(PanelSharing):
    """Asks for a file, has the classifier written there, and tells how its check went.

    Parameters
    ----------
    shown
        What is shown to the run.
    controller
        Does the work in the background.
    parent
        The panel, over which the question stands.
    """

    def __init__(self, shown: Shown, controller: "Controller", parent: QWidget) -> None:
        super().__init__(controller, parent)
        self._shown = shown

    def ask(self) -> None:
        """Ask where the classifier goes."""
        request, why_not = self._shown.request(), self._shown.why_not_exported()
        if request is None or why_not:
            self._controller.notified.emit(Notice("information", why_not))
            return
        self.ask_new_file(
            "Export this classifier",
            _KINDS,
            f"{file_stem(self._controller.title_of(request.run))}-classifier.onnx",
            "classifier-file",
            lambda path: self._export(request, path),
        )

    def _export(self, request: TryRequest, path: Path) -> None:
        controller = self._controller
        if path.suffix.lower() != ".onnx":
            text = f"{path.name} must end with .onnx; export it again under another name."
            controller.notified.emit(Notice("warning", text))
            return

        def tell(check: Check) -> None:
            self.tell_written(f"Exported the classifier: {path}. {check}.", path)

        controller.try_it.export(request, path, tell)
