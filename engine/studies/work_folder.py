"""The folder in which many runs are carried out, of a study or of a sweep."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True)
class WorkFolder:
    """Says where everything is that those need who carry runs out.

    Attributes
    ----------
    path
        The folder.
    """

    file_name: ClassVar[str]  # by which workers know whether it is a study or a sweep
    lock_name: ClassVar[str]

    path: Path

    @property
    def file(self) -> Path:
        """What was last asked for."""
        return self.path / self.file_name

    @property
    def lock(self) -> Path:
        """The lock that whoever carries it out holds."""
        return self.path / self.lock_name

    @property
    def runs(self) -> Path:
        """Where the runs are."""
        return self.path / "runs"

    @property
    def workers(self) -> Path:
        """Where workers write what they print."""
        return self.path / "workers"

    @property
    def claims(self) -> Path:
        """Where the locks of cells or trials are."""
        return self.path / "claims"

    def claim(self, name: str) -> Path:
        """Return the lock of a cell or a trial, by its name."""
        return self.claims / f"{name}.lock"
