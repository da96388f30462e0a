"""The application: makes controller, theme and window, and runs until the window is closed."""

import gc
import logging
import os
import sys
from collections.abc import Sequence

# pyqtgraph takes the first binding that it finds otherwise.
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"

import PySide6.QtWidgets  # before pyqtgraph, and on Windows torch before it  # noqa: F401
from PySide6.QtCore import QLocale, QTimer  # noqa: TID251 (sets the one that all take)
from PySide6.QtWidgets import QApplication

from engine.errors import BadInput
from engine.runs.library import Library
from leo_studio import __version__
from leo_studio.services.controller import Controller
from leo_studio.services.episode_links import EpisodeLink
from leo_studio.services.library_location import default_library
from leo_studio.services.preferences import load_preferences
from leo_studio.services.records import Notice
from leo_studio.startup import crash_log
from leo_studio.startup.error_hooks import install_exception_hook, log_to
from leo_studio.startup.garbage import collected_on_this_thread
from leo_studio.startup.window_ending import obey_session, obey_signals
from leo_studio.ui.widgets.theme import ThemeManager
from leo_studio.ui.window.main_window import MainWindow


def run_window(to_open: Sequence[str] = (), link: EpisodeLink | None = None) -> int:
    """Open the window and return its exit status when it is closed.

    Parameters
    ----------
    to_open
        Names or paths of runs, stores, presets or archives to open in it.
    link
        An episode to look at.

    Raises
    ------
    BadInput
        If the library folder cannot be written to.
    """
    library = default_library()
    _require_writable(library)
    crash_file = library.root / "crash.log"
    crash = crash_log.previous(crash_file)
    crash_log.start(crash_file)
    log_to(library.root / "leo-studio.log")
    logging.getLogger(__name__).info("LEO Studio %s starts", __version__)

    application = make_application()
    themes = ThemeManager(application)
    preferences, warning = load_preferences(library.root / "preferences.yaml")
    themes.choose(preferences.theme, preferences.text_scale)
    controller = Controller(library)
    window = MainWindow(controller, themes, preferences)
    unhook = install_exception_hook(window.toasts.show_notice)
    obey_signals(window)
    obey_session(application, window)
    window.show()
    if warning:
        controller.notified.emit(Notice("warning", warning))
    if crash is not None:
        text = "LEO Studio crashed the last time. Runs that were under way can be resumed."
        controller.notified.emit(Notice("error", text, crash))
    # The first picture is on the screen before anything is read from the disk.
    QTimer.singleShot(0, lambda: _begin(window, to_open, link))
    try:
        with collected_on_this_thread():
            return application.exec()
    finally:
        unhook()
        crash_log.finish()


def _begin(window: MainWindow, to_open: Sequence[str], link: EpisodeLink | None) -> None:
    window.begin(to_open, link)
    # Modules and the window stay as they are; collections need not look at them ever again.
    gc.freeze()


def make_application() -> QApplication:
    """Return the application, made if it is not there."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    # What Qt itself writes and reads follows the same convention as ours, in every country.
    QLocale.setDefault(QLocale.c())
    application.setApplicationName("leo-studio")
    application.setApplicationDisplayName("LEO Studio")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("leo-studio")
    return application


def _require_writable(library: Library) -> None:
    try:
        library.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"The library folder {library.root} cannot be made ({error.strerror}); set "
            "LEO_STUDIO_HOME to a folder that can be written to."
        ) from None
    if not os.access(library.root, os.W_OK):
        raise BadInput(
            f"The library folder {library.root} cannot be written to; set LEO_STUDIO_HOME to one "
            "that can."
        )
