"""Connects panels with their export dialog."""

from functools import partial
from typing import Protocol, cast

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QApplication, QWidget

from leo_studio.figures.records import Exported
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.panel_parts import WindowParts


class ExportingPanel(Protocol):
    """A panel that gives away what it shows."""

    @property
    def export_wanted(self) -> SignalInstance:
        """Emitted when the content is to be exported."""

    def exported(self) -> Exported | None:
        """Return the content that is shown now; None where there is none."""


class PanelExports(QObject):
    """Opens the dialog for panels, and copies what the one in use shows.

    Parameters
    ----------
    parts
        What every panel is made of.
    window
        Above which dialogs open.
    """

    def __init__(self, parts: WindowParts, window: QWidget) -> None:
        super().__init__(window)
        self._controller = parts.controller
        self._themes = parts.themes
        self._window = window
        self._panels: list[ExportingPanel] = []
        for name, ending, text, what, keys, glyph in (
            ("picture", ".png", "picture", "a picture", "Ctrl+Shift+C", MDI7.content_copy),
            ("python", ".py", "Python", "Python", "Ctrl+Alt+C", MDI7.language_python),
        ):
            parts.actions.add(
                f"copy.{name}",
                f"Copy panel as {text}",
                partial(self.copy, ending),
                menu="Export",
                shortcut=keys,
                glyph=glyph,
                tip=f"Put the plot of the panel that has the keyboard on the clipboard as {what}, "
                "in the look that was last chosen for exports",
            )

    def add(self, panel: ExportingPanel) -> None:
        """Connect a panel with the export dialog."""
        self._panels.append(panel)
        panel.export_wanted.connect(lambda: self.open(panel))

    def open(self, panel: ExportingPanel) -> None:
        """Open the dialog for what a panel shows now."""
        from leo_studio.ui.panel_export.dialog import PanelExportDialog

        exported = self._exported(panel)
        if exported is not None:
            theme = self._themes.current
            PanelExportDialog(self._controller, exported, theme, self._window).open()

    def copy(self, ending: str) -> None:
        """Put what the panel in use shows on the clipboard, as a picture or a script."""
        from leo_studio.ui.panel_export.choices import KeptChoices
        from leo_studio.ui.panel_export.copying import copy

        panel = self._panel_in_use()
        exported = None if panel is None else self._exported(panel)
        if exported is not None:
            kept = KeptChoices(self._controller.library.root).read()
            copy(
                self._controller, exported, ending, kept.look(exported.figure, self._themes.current)
            )

    def _exported(self, panel: ExportingPanel) -> Exported | None:
        exported = panel.exported()
        if exported is None:
            text = "There is nothing to export here yet; the panel says how to fill it."
            self._controller.notified.emit(Notice("information", text))
        return exported

    def _panel_in_use(self) -> ExportingPanel | None:
        """Return the panel that has the keyboard's focus, or else the first that is seen."""
        panels = {cast(QWidget, panel): panel for panel in self._panels}
        widget: QWidget | None = QApplication.focusWidget()
        while widget is not None:
            if widget in panels:
                return panels[widget]
            widget = widget.parentWidget()
        seen = (panel for place, panel in panels.items() if not place.visibleRegion().isEmpty())
        return next(seen, None)
