"""A start reads no source of what it imports."""

import subprocess
import sys

START = """
import linecache, sys, types
import leo_studio.startup.launch as launch

def run_window(*_):
    import PySide6.QtWidgets, leo_studio.services.records, engine.config
    print(len([name for name in linecache.cache if "leo_studio" in name or "engine" in name]))
    return 0

if "kept" in sys.argv:
    launch.leave_sources_unread = lambda: None
sys.modules["leo_studio.startup.app"] = app = types.ModuleType("leo_studio.startup.app")
app.run_window = run_window
launch.open_window()
"""


def sources_read(*arguments: str) -> int:
    """Return how many of our modules' sources the way to the window read."""
    command = [sys.executable, "-c", START, *arguments]
    return int(subprocess.check_output(command, text=True))


def test_what_is_imported_after_qt_is_not_read_again_as_text() -> None:
    assert sources_read() == 0
    # Once PySide6 leaves them alone by itself, `sources_unread` can go.
    assert sources_read("kept") > 10
