"""Actions of the menus File, View and Help, on the window as a whole."""

from functools import partial
from typing import Protocol

from fonticon_mdi7 import MDI7
from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from leo_studio.services.opening import KIND_OF_SUFFIX
from leo_studio.services.preferences import Preferences
from leo_studio.services.records import Notice
from leo_studio.ui.widgets.file_dialogs import ask_file, ask_folder
from leo_studio.ui.widgets.folders import open_path
from leo_studio.ui.widgets.last_folders import LastFolder
from leo_studio.ui.widgets.panel_parts import WindowParts
from leo_studio.ui.widgets.run_banner import RunBanner
from leo_studio.ui.window.about import AboutDialog
from leo_studio.ui.window.docks import Docks
from leo_studio.ui.window.opener import Opener
from leo_studio.ui.window.preferences_dialog import PreferencesDialog
from leo_studio.ui.window.toasts import Toasts

OPENABLE = (
    f"Everything that can be opened ({' '.join(f'*{s}' for s in KIND_OF_SUFFIX)});;All files (*)"
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

    @property
    def opener(self) -> Opener:
        """Opens files and folders, and imports data."""

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
    _add_panel_actions(parts, studio)
    _add_look_actions(parts, studio, window)
    _add_help_actions(parts, studio, window)


def _add_file_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    add = parts.actions.add
    last = LastFolder(parts.controller.library.root, "open")

    def ask_for_file() -> None:
        ask_file(window, "Open", OPENABLE, studio.opener.open_path, last)

    def ask_for_folder() -> None:
        title = "Open a run, or a folder of embeddings"
        ask_folder(window, title, studio.opener.open_path, last)

    add(
        "open.file",
        "Open file...",
        ask_for_file,
        menu="File",
        shortcut=QKeySequence.StandardKey.Open,
        glyph=MDI7.folder_open_outline,
        tip="Open a preset or a store, or import an archive of data or a bundle",
    )
    add(
        "open.folder",
        "Open folder...",
        ask_for_folder,
        menu="File",
        shortcut="Ctrl+Shift+O",
        tip="Open a run's folder, or import a folder of data",
    )
    add(
        "data.import",
        "Import data...",
        studio.opener.import_data,
        menu="File",
        glyph=MDI7.database_import_outline,
        tip="Use data of your own, embeddings or pictures: a file or a folder, looked at first",
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
        lambda: open_path(parts.controller.library.root, parts.controller.notified.emit),
        menu="File",
        tip="Show where stores, runs and presets are",
    )
    add(
        "preferences.open",
        "Preferences...",
        lambda: _preferences(parts, studio, window),
        menu="Edit",
        shortcut="Ctrl+,",
        glyph=MDI7.cog_outline,
        tip="Choose colours, text size, and what is remembered and asked",
    )
    add(
        "window.quit",
        "Quit",
        window.close,
        menu="File",
        shortcut=QKeySequence.StandardKey.Quit,
        tip="Close the window; what trains stops with a checkpoint",
    )


_THEME_TIPS = {
    "light": "Use dark text on light ground",
    "dark": "Use light text on dark ground",
    "system": "Be light or dark as the system is, also when that changes",
}


def _detach(parts: WindowParts, studio: Studio) -> None:
    if not studio.docks.toggle_floating():
        text = "No panel has the keyboard; click into the one to take out."
        parts.controller.notified.emit(Notice("information", text))


def _pin(parts: WindowParts, studio: Studio) -> None:
    name = studio.docks.in_use
    banner = studio.docks[name].findChild(RunBanner) if name else None
    if isinstance(banner, RunBanner):
        banner.pin.click()
    else:
        text = "The panel in use shows no run of its own; click into one that does."
        parts.controller.notified.emit(Notice("information", text))


def _add_panel_actions(parts: WindowParts, studio: Studio) -> None:
    add = parts.actions.add
    for place, name in enumerate(studio.docks.names, 1):
        title = studio.docks[name].windowTitle()
        add(
            f"panel.{name}",
            f"Show {title}",
            partial(studio.docks.show, name),
            menu="View",
            shortcut=f"Alt+{place % 10}" if place <= 10 else f"Alt+Shift+{place - 10}",
            glyph=studio.docks.glyphs[name],
            tip=f"Bring the panel {title} to the front",
        )
    add(
        "panel.fill",
        "Fill the window with this panel",
        studio.docks.fill_window,
        menu="View",
        shortcut="Ctrl+Shift+M",
        glyph=MDI7.arrow_expand,
        tip="Let the panel in use fill the window; once more, or Esc, brings all panels back",
    )
    fold = add(
        "panel.fold_runs",
        "Fold Runs away",
        menu="View",
        shortcut="Ctrl+Alt+R",
        glyph=MDI7.chevron_down,
        tip="Leave the room of Runs and Queue to the plots, or bring them back",
        toggled=studio.docks.fold,
    )
    studio.docks.changed.connect(lambda: fold.setChecked(studio.docks.is_folded))
    add(
        "panel.pin",
        "Pin panel to its run, or set it free",
        lambda: _pin(parts, studio),
        menu="View",
        glyph=MDI7.pin_outline,
        tip="Let the panel in use stay with its run while the others go to another one",
    )
    add(
        "panel.close",
        "Close panel",
        studio.docks.close_one,
        menu="View",
        tip="Close the panel in use; the menu View brings it back",
    )
    add(
        "layout.detach",
        "Take panel out of the window, or put it back",
        lambda: _detach(parts, studio),
        menu="View",
        tip="Let the panel in use be a window of its own, or put it back",
    )
    add(
        "layout.reset",
        "Reset layout",
        studio.docks.arrange,
        menu="View",
        tip="Put every panel where it was at first",
    )


def _add_look_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    add = parts.actions.add
    group = QActionGroup(window)
    for theme in ("light", "dark", "system"):
        action = add(
            f"theme.{theme}",
            "Follow the system's theme" if theme == "system" else f"{theme.capitalize()} theme",
            partial(studio.change_preferences, theme=theme),
            menu="View",
            tip=_THEME_TIPS[theme],
        )
        action.setCheckable(True)
        group.addAction(action)
    add(
        "text.larger",
        "Larger text",
        lambda: _scale_text(studio, _SCALE_STEP),
        menu="View",
        shortcut=QKeySequence.StandardKey.ZoomIn,
        tip="Make all text of the window larger",
    )
    add(
        "text.smaller",
        "Smaller text",
        lambda: _scale_text(studio, -_SCALE_STEP),
        menu="View",
        shortcut=QKeySequence.StandardKey.ZoomOut,
        tip="Make all text of the window smaller",
    )
    add(
        "text.normal",
        "Normal text size",
        lambda: studio.change_preferences(text_scale=1.0),
        menu="View",
        shortcut="Ctrl+0",
        tip="Give all text of the window the size of your desktop again",
    )
    add(
        "screen.full",
        "Full screen",
        toggled=lambda on: window.showFullScreen() if on else window.showNormal(),
        menu="View",
        shortcut="F11",
        tip="Give the window the whole screen, or take it back",
    )


def _add_help_actions(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    add = parts.actions.add
    add(
        "help.messages",
        "Messages",
        studio.toasts.show_history,
        menu="Help",
        tip="Read again what the window told, with the details of errors",
    )
    add(
        "help.log",
        "Show log file",
        lambda: open_path(
            parts.controller.library.root / "leo-studio.log", parts.controller.notified.emit
        ),
        menu="Help",
        tip="Open the file that says what happened, with tracebacks of errors",
    )
    add(
        "help.about",
        "About LEO Studio",
        lambda: _about(parts, window),
        menu="Help",
        tip="See version, licence, whom to cite, and what is on this machine",
    )


def _scale_text(studio: Studio, step: float) -> None:
    scale = round(studio.preferences.text_scale + step, 2)
    studio.change_preferences(text_scale=min(max(scale, _SMALLEST), _LARGEST))


def _preferences(parts: WindowParts, studio: Studio, window: QWidget) -> None:
    dialog = PreferencesDialog(studio.preferences, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.changed.connect(studio.apply_preferences)
    last = LastFolder(parts.controller.library.root, "open")
    dialog.cleared.connect(lambda: last.forget())
    dialog.open()


def _about(parts: WindowParts, window: QWidget) -> None:
    dialog = AboutDialog(parts.themes, window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    looking = parts.controller.about(dialog.show_facts)
    dialog.finished.connect(lambda _: looking.cancel())  # what it finds has nowhere to be shown
    dialog.open()
