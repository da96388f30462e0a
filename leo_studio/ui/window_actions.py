"""File, View and Help: what concerns the window as a whole."""

from functools import partial
from typing import TYPE_CHECKING

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QActionGroup, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QFileDialog

from leo_studio.ui.about import AboutDialog
from leo_studio.ui.preferences_dialog import PreferencesDialog

if TYPE_CHECKING:
    from leo_studio.ui.main_window import MainWindow

OPENABLE = (
    "Everything that can be opened (*.yaml *.yml *.h5 *.hdf5 *.zip *.npz *.leo);;All files (*)"
)
_SMALLEST, _LARGEST, _SCALE_STEP = 0.8, 2.0, 0.1


def add_window_actions(window: "MainWindow") -> None:
    """Add them to the registry."""
    _add_file_actions(window)
    _add_view_actions(window)
    _add_help_actions(window)


def _add_file_actions(window: "MainWindow") -> None:
    add = window.actions_registry.add

    def ask_for_file() -> None:
        path, _ = QFileDialog.getOpenFileName(
            window, "Open", window.preferences.last_folder, OPENABLE
        )
        if path:
            window.open_path(path)

    def ask_for_folder() -> None:
        path = QFileDialog.getExistingDirectory(
            window, "Open a run, or a folder of released embeddings", window.preferences.last_folder
        )
        if path:
            window.open_path(path)

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
        window.export_model,
        menu="Export",
        shortcut="Ctrl+Alt+M",
        glyph=MDI7.package_variant_closed,
        tip="Take what a run learned to other software, checked against the engine",
    )
    add(
        "open.library",
        "Show library folder",
        lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(window.controller.library.root))),
        menu="File",
        tip="Show where stores, runs and presets are",
    )
    add(
        "preferences.open",
        "Preferences...",
        lambda: _preferences(window),
        menu="File",
        shortcut="Ctrl+,",
        glyph=MDI7.cog_outline,
    )
    add("window.quit", "Quit", window.close, menu="File", shortcut=QKeySequence.StandardKey.Quit)


def _add_view_actions(window: "MainWindow") -> None:
    add = window.actions_registry.add
    for place, name in enumerate(window.docks.names, 1):
        title = window.docks[name].windowTitle()
        add(
            f"panel.{name}",
            f"Show {title}",
            partial(window.docks.show, name),
            menu="View",
            shortcut=f"Alt+{place % 10}",
            glyph=window.docks.glyphs[name],
            tip=f"Bring the panel {title} to the front",
        )
    add(
        "layout.reset",
        "Reset layout",
        window.docks.arrange,
        menu="View",
        tip="Put every panel where it was at first",
    )
    group = QActionGroup(window)
    for theme in ("light", "dark", "system"):
        action = add(
            f"theme.{theme}",
            "Follow the system's theme" if theme == "system" else f"{theme.capitalize()} theme",
            partial(window.change_preferences, theme=theme),
            menu="View",
        )
        action.setCheckable(True)
        group.addAction(action)
    add(
        "text.larger",
        "Larger text",
        lambda: _scale_text(window, _SCALE_STEP),
        menu="View",
        shortcut=QKeySequence.StandardKey.ZoomIn,
    )
    add(
        "text.smaller",
        "Smaller text",
        lambda: _scale_text(window, -_SCALE_STEP),
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


def _add_help_actions(window: "MainWindow") -> None:
    add = window.actions_registry.add
    add("help.messages", "Messages", window.toasts.show_history, menu="Help")
    add(
        "help.log",
        "Show log file",
        lambda: QDesktopServices.openUrl(
            QUrl.fromLocalFile(str(window.controller.library.root / "leo-studio.log"))
        ),
        menu="Help",
    )
    add("help.about", "About LEO Studio", lambda: _about(window), menu="Help")


def _scale_text(window: "MainWindow", step: float) -> None:
    scale = round(window.preferences.text_scale + step, 2)
    window.change_preferences(text_scale=min(max(scale, _SMALLEST), _LARGEST))


def _preferences(window: "MainWindow") -> None:
    dialog = PreferencesDialog(window.preferences, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.changed.connect(window.apply_preferences)
    dialog.open()


def _about(window: "MainWindow") -> None:
    dialog = AboutDialog(window.themes, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    window.controller.about(dialog.show_facts)
    dialog.open()
