"""The log of crashes that no Python code survives, such as a segmentation fault inside Qt.

faulthandler writes the traceback of every thread while the process dies; the next start shows it.
Each process has a log of its own beside the given path: for `crash.log` it is `crash-PID.log`, and
`crash-YYYYmmdd-HHMMSS.log` once it was shown. Call `previous` before `start`.
"""

import faulthandler
import importlib.metadata
import os
import platform
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

from leo_studio import __version__

# faulthandler has one log for the whole process, and so has this module.
_log: TextIO | None = None


def start(path: Path) -> None:
    """Write the traceback of a crash of this process beside `path`, from now on.

    Where nothing can be written it goes to stderr: a full disk must not keep the window shut.
    """
    global _log
    own = _of_process(path, os.getpid())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if own.exists():
            _set_aside(own, path)
        _log = own.open("w", encoding="utf-8")
        _log.write(_header())
        _log.flush()
    except OSError:
        if sys.stderr is not None:
            faulthandler.enable(all_threads=True)
        return
    faulthandler.enable(_log, all_threads=True)


def finish() -> None:
    """Remove this process's log: it ended well. Nothing happens if there is none."""
    global _log
    if _log is None:
        return
    faulthandler.disable()
    _log.close()
    with suppress(OSError):
        Path(_log.name).unlink(missing_ok=True)
    _log = None


def previous(path: Path) -> str | None:
    """Return what the last crashed session wrote beside `path`, header and tracebacks, if any did.

    All logs of processes that live no more are set aside or, where there is no more in them than
    the header, removed, so that a crash is shown once; those of other open windows stay.
    """
    crashes = []
    for log in sorted(path.parent.glob(f"{path.stem}-*{path.suffix}"), key=_written):
        process_id = log.stem.removeprefix(f"{path.stem}-")
        if not process_id.isdecimal() or _is_alive(int(process_id)):
            continue
        # What another window took meanwhile, or what cannot be read, is no reason to fail.
        with suppress(OSError):
            text = log.read_text(encoding="utf-8", errors="replace")
            header, _, traceback = text.partition("\n\n")
            if traceback.strip():
                _set_aside(log, path)
                crashes.append(f"{header}\n\n{traceback.strip()}\n")
            else:
                log.unlink()
    return crashes[-1] if crashes else None


def _header() -> str:
    """Return the lines that tell a report from another; an empty line ends them."""
    versions = [f"LEO Studio {__version__}", f"Python {platform.python_version()}"]
    for package in ("PySide6-Essentials", "torch"):
        with suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return f"{now}, process {os.getpid()}\n{', '.join(versions)}\n{platform.platform()}\n\n"


def _of_process(path: Path, process_id: int) -> Path:
    return path.with_name(f"{path.stem}-{process_id}{path.suffix}")


def _set_aside(log: Path, path: Path) -> None:
    stamp = datetime.fromtimestamp(_written(log)).strftime("%Y%m%d-%H%M%S")
    log.replace(path.with_name(f"{path.stem}-{stamp}{path.suffix}"))


def _written(log: Path) -> float:
    """Return when a log was last written to, in seconds since the epoch."""
    try:
        return log.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _is_alive(process_id: int) -> bool:
    """Return whether a process other than this one lives.

    A log with this process's number, met before `start`, is of an earlier one with the same.
    """
    if process_id == os.getpid():
        return _log is not None
    if sys.platform == "win32":
        # Signal 0 is Ctrl+C there; but an open file can be neither moved nor removed, and stays.
        return False
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
