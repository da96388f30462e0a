"""Actions of the menus File, View and Help, on the window as a whole."""

from functools import partial
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QActionGroup, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QFileDialog, QWidget

from leo_studio.services.preferences import Preferences
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.window.about import AboutDialog
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.preferences_dialog import PreferencesDialog
from leo_studio.ui.window.toasts import Toasts

OPENABLE = (
    "Everything that can be opened (*.yaml *.yml *.h5 *.hdf5 *.zip *.npz *.leo);;All files (*)"
)
_SMALLEST, _LARGEST, _SCALE_STEP = 0.8, 2.0, 0.1


class Studio(Protocol):
    """The part of the window that these actions call."""

    @property
    def preferences(self) -> Preferences:
        """The preferences."""

    @property
    def docks(self) -> Docks:
        """The panels' places."""

    @property
    def toasts(self) -> Toasts:
        """Shows notices, and those of before."""

    def open_path(self, path: str) -> None:
        """Open what a path stands for."""

    def export_model(self) -> None:
        """Ask what of a run is exported, as what and where to."""

    def apply_preferences(self, preferences: Preferences) -> None:
        """Take preferences over and keep them."""

    def change_preferences(self, **changes: object) -> None:
        """Change some preferences."""


def add_window_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    """Add them to the registry.

    Parameters
    ----------
    parts
        What every panel is made of.
    studio
        Does what is asked for.
    window
        Above which dialogs open; it is closed, and made as large as the screen.
    """
    _add_file_actions(parts, studio, window)
    _add_view_actions(parts, studio, window)
    _add_help_actions(parts, studio, window)


def _add_file_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    add = parts.actions.add

    def ask_for_file() -> None:
        path, _ = QFileDialog.getOpenFileName(
            window, "Open", studio.preferences.last_folder, OPENABLE
        )
        if path:
            studio.open_path(path)

    def ask_for_folder() -> None:
        path = QFileDialog.getExistingDirectory(
            window, "Open a run, or a folder of released embeddings", studio.preferences.last_folder
        )
        if path:
            studio.open_path(path)

    add(
        "open.file",
        "Open file...",
        ask_for_file,
        menu="File",
        shortcut=QKeySequence.StandardKey.Open,
        glyph=MDI7.folder_open_outline,
        tip="Open a preset or a store, or import an archive of embeddings or a bundle",
    )
    add(
        "open.folder",
        "Open folder...",
        ask_for_folder,
        menu="File",
        shortcut="Ctrl+Shift+O",
        tip="Open a run's folder, or import a folder of released embeddings",
    )
    add(
        "model.export",
        "Export model...",
        studio.export_model,
        menu="Export",
        shortcut="Ctrl+Alt+M",
        glyph=MDI7.package_variant_closed,
        tip="Take what a run learned to other software, checked against the engine",
    )
    add(
        "open.library",
        "Show library folder",
        lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(parts.controller.library.root))),
        menu="File",
        tip="Show where stores, runs and presets are",
    )
    add(
        "preferences.open",
        "Preferences...",
        lambda: _preferences(studio, window),
        menu="File",
        shortcut="Ctrl+,",
        glyph=MDI7.cog_outline,
    )
    add("window.quit", "Quit", window.close, menu="File", shortcut=QKeySequence.StandardKey.Quit)


def _add_view_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    add = parts.actions.add
    for place, name in enumerate(studio.docks.names, 1):
        title = studio.docks[name].windowTitle()
        add(
            f"panel.{name}",
            f"Show {title}",
            partial(studio.docks.show, name),
            menu="View",
            shortcut=f"Alt+{place % 10}",
            glyph=studio.docks.glyphs[name],
            tip=f"Bring the panel {title} to the front",
        )
    add(
        "layout.reset",
        "Reset layout",
        studio.docks.arrange,
        menu="View",
        tip="Put every panel where it was at first",
    )
    group = QActionGroup(window)
    for theme in ("light", "dark", "system"):
        action = add(
            f"theme.{theme}",
            "Follow the system's theme" if theme == "system" else f"{theme.capitalize()} theme",
            partial(studio.change_preferences, theme=theme),
            menu="View",
        )
        action.setCheckable(True)
        group.addAction(action)
    add(
        "text.larger",
        "Larger text",
        lambda: _scale_text(studio, _SCALE_STEP),
        menu="View",
        shortcut=QKeySequence.StandardKey.ZoomIn,
    )
    add(
        "text.smaller",
        "Smaller text",
        lambda: _scale_text(studio, -_SCALE_STEP),
        menu="View",
        shortcut=QKeySequence.StandardKey.ZoomOut,
    )
    add(
        "screen.full",
        "Full screen",
        toggled=lambda on: window.showFullScreen() if on else window.showNormal(),
        menu="View",
        shortcut="F11",
    )


def _add_help_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    add = parts.actions.add
    add("help.messages", "Messages", studio.toasts.show_history, menu="Help")
    add(
        "help.log",
        "Show log file",
        lambda: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(parts.controller.library.root / "leo-studio.log"))
        ),
        menu="Help",
    )
    add("help.about", "About LEO Studio", lambda: _about(parts, window), menu="Help")


def _scale_text(studio: Studio, step: float) -> None:
    scale = round(studio.preferences.text_scale + step, 2)
    studio.change_preferences(text_scale=min(max(scale, _SMALLEST), _LARGEST))


def _preferences(studio: Studio, window: QWidget) -> None:
    dialog = PreferencesDialog(studio.preferences, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.changed.connect(studio.apply_preferences)
    dialog.open()


def _about(parts: WindowParts, window: QWidget) -> None:
    dialog = AboutDialog(parts.themes, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    looking = parts.controller.about(dialog.show_facts)
    dialog.finished.connect(lambda _: looking.cancel())  # what it finds has nowhere to be shown
    dialog.open()
