"""What the window remembers over a restart: the current run, and what panels were set to."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.text import read_text
from leo_studio.services.current_run import CurrentRun

_VERSION = 1


@runtime_checkable
class Remembering(Protocol):
    """A panel that can be brought back to what it was set to."""

    def objectName(self) -> str:
        """Return the name under which it is kept."""

    def remembered(self) -> dict[str, object]:
        """Return what it is set to, as plain values of JSON."""

    def restore(self, remembered: Mapping[str, object]) -> None:
        """Set what was remembered; whatever makes no sense is ignored."""


class WindowMemory:
    """Keeps the current run and the settings of panels in a file of the library.

    A file that is damaged, or of a later version, is a first start: nobody is asked. One of a later
    version is left as it is.

    Parameters
    ----------
    path
        The file.
    current
        The current run.
    """

    def __init__(self, path: Path, current: CurrentRun) -> None:
        self._path = path
        self._current = current
        self._panels: dict[str, Remembering] = {}
        self._is_newer = False
        record = self._read()
        panels = record.get("panels")
        self._kept = panels if isinstance(panels, dict) else {}
        run, step = record.get("run"), record.get("step")
        if isinstance(run, str) and run:
            current.choose(Path(run), step if isinstance(step, int) else None)

    def add(self, panel: object) -> None:
        """Bring a panel back to what it was, and remember it from now on."""
        if not isinstance(panel, Remembering):
            return
        self._panels[panel.objectName()] = panel
        kept = self._kept.get(panel.objectName())
        if isinstance(kept, dict):
            panel.restore(kept)

    def save(self) -> None:
        """Write what is to be remembered; raises `BadInput` where it cannot be written."""
        if self._is_newer:
            return
        kept = self._kept | {name: each.remembered() for name, each in self._panels.items()}
        path = self._current.path
        record = {
            "version": _VERSION,
            "run": "" if path is None else str(path),
            "step": self._current.step,
            "panels": kept,
        }
        write_text(self._path, json.dumps(record, indent=1))

    def _read(self) -> dict[str, object]:
        with suppress(OSError, BadInput, ValueError, RecursionError):
            record = json.loads(read_text(self._path))
            if isinstance(record, dict):
                version = record.get("version")
                self._is_newer = isinstance(version, int) and version > _VERSION
                if version == _VERSION:
                    return record
        return {}
