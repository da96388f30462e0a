"""What the latent space leaves out where it is low, so that the plot keeps the height."""

from typing import Protocol

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from leo_studio.ui.inspection.source_picker import SourcePicker
from leo_studio.ui.latents.status_line import StatusLine

_LINES_OF_PANEL = 17  # with fewer lines of text in its height, a panel is low


class RoomyView(Protocol):
    """The latent space, as far as it takes height beside the plot."""

    @property
    def picker(self) -> SourcePicker:
        """Stands in one line or two."""

    @property
    def status(self) -> StatusLine:
        """Says what the tip of the key says, too."""


class LowPanel(QObject):
    """Notices that a panel becomes low, as by larger text, or high again.

    Parameters
    ----------
    view
        Whose parts are left out.
    panel
        The same, as a widget.
    """

    def __init__(self, view: RoomyView, panel: QWidget) -> None:
        super().__init__(panel)
        self._view = view
        self._panel = panel
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the panel's height and the text's size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            lines = self._panel.height() / self._panel.fontMetrics().height()
            is_low = lines < _LINES_OF_PANEL
            is_changed = self._view.status.isHidden() != is_low
            self._view.status.setVisible(not is_low)
            self._view.picker.save_height(is_low)
            if is_changed and (layout := self._panel.layout()) is not None:
                layout.activate()  # a line that has just come has no place yet
        return False
