"""Doctor: checks of this machine, and what to do about each problem.

Qt is never imported here but in a process of its own: where it cannot start, it aborts the process.
"""

import importlib.metadata
import importlib.util
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BadInput
from leo_studio.services.machine import MISSING, WINDOW_PACKAGES, devices, versions
from leo_studio.services.own_process import own_code
from leo_studio.startup.platform_libraries import how_to_install, missing_libraries, platforms

if TYPE_CHECKING:
    from engine.io.drafts import Draft

LITTLE_SPACE = 2**30

TESTED_PYSIDE = "PySide6-Essentials==6.10.3"
OLDEST_PYSIDE = (6, 8)
UNUSABLE_PYSIDE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "6.9.1": "is suspected of crashes",
        "6.11.0": "breaks floating docks",
        "6.11.1": "breaks floating docks",
        "6.12.0": "ends the process after some hundred signals",
    }
)
NO_DISPLAY = (
    "There is no display to open a window on; connect with ssh -X, put xvfb-run before the "
    "command, or use the command line: leo-studio train PRESET"
)
# Only a display on another computer that does not answer takes so long.
DISPLAY_SECONDS = 2.0
WINDOW_SECONDS = 30.0


def qt_problem() -> str | None:
    """Say in a sentence why no window can be opened, or nothing where one can, as far as is known.

    Takes some milliseconds: it looks at packages, libraries and the display, and imports no Qt.
    """
    missing = [name for name in WINDOW_PACKAGES if not importlib.util.find_spec(name)]
    if missing:
        packages = [
            TESTED_PYSIDE if name == "PySide6" else WINDOW_PACKAGES[name] for name in missing
        ]
        return (
            f"The window needs {' and '.join(missing)}; install what is missing with: "
            f"pip install {' '.join(packages)}"
        )
    return _version_problem(_pyside_version()) or _platform_problem(os.environ)


def try_window() -> None:
    """Open a window for a moment, and print Qt's version and the platform plugin it chose as JSON.

    Called in a process of its own, which does not survive where Qt cannot start.
    """
    from PySide6.QtCore import qVersion
    from PySide6.QtWidgets import QApplication, QWidget

    app = QApplication.instance() or QApplication([])
    window = QWidget()
    window.show()
    app.processEvents()
    print(json.dumps({"qt": qVersion(), "plugin": QApplication.platformName()}))


def examine() -> dict[str, Any]:
    """Return versions, devices, folders and the window, and a list of problems, each a sentence."""
    problems: list[str] = []
    return {
        "versions": _versions(problems),
        "devices": devices(),
        "folders": _folders(problems),
        "window": _window(problems),
        "problems": problems,
    }


def _versions(problems: list[str]) -> dict[str, str]:
    found = versions()
    problems += [
        f"{package} is missing; install it with: pip install {package}"
        for package, version in found.items()
        if version == MISSING
    ]
    return found


def _folders(problems: list[str]) -> dict[str, str]:
    from engine.config.built_in import built_in_presets
    from engine.io.drafts import drafts_below
    from leo_studio.services.library_location import default_library

    presets = built_in_presets()
    if not presets.is_dir():
        problems.append(f"The built-in presets are missing from {presets}; install again.")
    try:
        library = default_library()
        root = library.root
    except BadInput as error:
        problems.append(str(error))
        return {"library": "none", "presets": str(presets)}
    existing = next(path for path in (root, *root.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if not os.access(existing, os.W_OK):
        problems.append(
            f"The library folder {root} cannot be written to; set LEO_STUDIO_HOME to one that can."
        )
    if free < LITTLE_SPACE:
        problems.append(f"{existing} has less than 1 GiB free; make room or set LEO_STUDIO_HOME.")
    drafts = list(drafts_below(root))
    problems += [text for draft in drafts if (text := _draft_problem(draft))]
    return {
        "library": str(root),
        "free": f"{free / 2**30:.1f} GiB",
        "stores": _names(library.stores, "*.h5"),
        "runs": str(len(list(library.runs.glob("*/run.json")))),
        "presets": str(presets),
        "drafts": ", ".join(_draft_fact(draft) for draft in drafts) or "none",
    }


def _draft_fact(draft: "Draft") -> str:
    from engine.io.files import size_text

    words = {"written": "is being written", "abandoned": "is left over", "unknown": "may be left"}
    return f"{draft.name} ({size_text(draft.size)}) {words[draft.state]}"


def _draft_problem(draft: "Draft") -> str | None:
    """Say how a draft that nobody writes any more, as far as can be told, is removed."""
    from engine.io.files import size_text

    if draft.state == "written":
        return None
    told = (
        "was left by a process that has ended. It goes when something is next written there, or"
        if draft.state == "abandoned"
        else f"was last written to at {datetime.fromtimestamp(draft.modified):%Y-%m-%d %H:%M}, "
        "perhaps by another computer. If nothing writes it any more,"
    )
    path = str(draft.path)
    command = shlex.join(["rm", "-r", path] if draft.path.is_dir() else ["rm", path])
    if sys.platform == "win32":
        command = subprocess.list2cmdline(
            ["rmdir", "/s", path] if draft.path.is_dir() else ["del", path]
        )
    return (
        f"{draft.path}, an unfinished {draft.name} ({size_text(draft.size)}), {told} remove it "
        f"with: {command}"
    )


def _window(problems: list[str]) -> dict[str, str]:
    """Return whether a window opens; that there is no display is a fact, and no problem."""
    variables = ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")
    given = [f"{name}={os.environ[name]}" for name in variables if os.environ.get(name)]
    unnamed = "none" if sys.platform == "linux" else "the system's"
    facts = {"display": ", ".join(given) or unnamed}
    problem = qt_problem()
    if problem is None:
        opened = _open_elsewhere()
        if isinstance(opened, dict):
            return facts | opened | {"opens": "yes"}
        problem = opened
    if problem != NO_DISPLAY:
        problems.append(problem)
    return facts | {"opens": f"no: {problem}"}


def _open_elsewhere() -> dict[str, str] | str:
    """Open a window in another process; return what it found, or why it could not."""
    try:
        process = subprocess.run(
            own_code("from leo_studio.startup.doctor import try_window; try_window()"),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WINDOW_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"Qt did not open a window within {WINDOW_SECONDS:.0f} s."
    if process.returncode == 0:
        opened: dict[str, str] = json.loads(process.stdout)
        return opened
    said = " ".join(process.stderr.split()) or "it said nothing"
    return f"Qt cannot open a window: {said}"


def _pyside_version() -> str | None:
    """Return PySide6's version without importing it; other installers call it otherwise."""
    for name in ("PySide6-Essentials", "PySide6"):
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _version_problem(version: str | None) -> str | None:
    if version is None:
        return None
    reason = UNUSABLE_PYSIDE.get(version)
    if reason is None and tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PYSIDE:
        reason = "is too old"
    if reason is None:
        return None
    return f"PySide6 {version} {reason}; install another with: pip install {TESTED_PYSIDE}"


def _platform_problem(environment: Mapping[str, str]) -> str | None:
    """Say why none of the platform plugins that Qt will try can start; Linux alone has a choice."""
    if sys.platform != "linux":
        return None
    # Qt takes the first that starts, and the first is the one that was meant.
    problems = [_plugin_problem(name, environment) for name in platforms(environment)]
    if not problems:
        return NO_DISPLAY
    return None if None in problems else problems[0]


def _plugin_problem(name: str, environment: Mapping[str, str]) -> str | None:
    plugins = _bundled_plugins()
    # Where Qt is the system's, it has other plugins, and their libraries came with it.
    if plugins:
        if name not in plugins and "QT_QPA_PLATFORM_PLUGIN_PATH" not in environment:
            return (
                f'QT_QPA_PLATFORM asks for "{name}", which Qt lacks; it has '
                f"{', '.join(sorted(plugins))}."
            )
        missing = missing_libraries(name)
        if missing:
            return how_to_install(missing)
    match name:
        case "xcb":
            return _x11_problem(environment.get("DISPLAY", ""))
        case "wayland":
            return _wayland_problem(environment)
        case _:
            return None


def _bundled_plugins() -> set[str]:
    spec = importlib.util.find_spec("PySide6")
    folders = spec.submodule_search_locations if spec else None
    return {
        path.stem.removeprefix("libq").partition("-")[0]
        for folder in folders or ()
        for path in Path(folder, "Qt", "plugins", "platforms").glob("libq*.so")
    }


def _x11_problem(display: str) -> str | None:
    """Say why an X display does not answer: "host:10.0" is on TCP port 6010, ":0" a local one."""
    if not display:
        return NO_DISPLAY
    host, _, numbers = display.rpartition(":")
    number = numbers.partition(".")[0]
    if not number.isdecimal():
        return f'DISPLAY is "{display}"; it must be like :0 or host:10.0.'
    local = f"/tmp/.X11-unix/X{number}"
    if host in ("", "unix"):
        # Some servers listen in the abstract namespace alone.
        answers = _answers(local) or _answers(f"\0{local}")
    else:
        answers = _answers((host.strip("[]"), 6000 + int(number)))
    return None if answers else _no_answer("DISPLAY", display)


def _wayland_problem(environment: Mapping[str, str]) -> str | None:
    display = environment.get("WAYLAND_DISPLAY", "wayland-0")
    folder = environment.get("XDG_RUNTIME_DIR", "")
    return None if _answers(str(Path(folder, display))) else _no_answer("WAYLAND_DISPLAY", display)


def _no_answer(variable: str, display: str) -> str:
    return (
        f"The display that {variable} names, {display}, does not answer; log in again, put "
        "xvfb-run before the command, or use the command line: leo-studio train PRESET"
    )


def _answers(address: str | tuple[str, int]) -> bool:
    """Return whether something listens at a socket's path, or at a host and port."""
    try:
        if isinstance(address, str):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(DISPLAY_SECONDS)
                connection.connect(address)
        else:
            socket.create_connection(address, DISPLAY_SECONDS).close()
    except (OSError, OverflowError, UnicodeError):  # also for what is no port and no host's name
        return False
    return True


def _names(folder: Path, pattern: str) -> str:
    return ", ".join(sorted(path.stem for path in folder.glob(pattern))) or "none"
