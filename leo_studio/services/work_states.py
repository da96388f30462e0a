"""How a study or a sweep stands as a whole, for the windows."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from engine.io.locks import lock_state
from engine.studies.work_folder import WorkFolder

WorkState = Literal["new", "open", "under way", "elsewhere", "done", "unreadable"]
"""Not begun, ended before its end, carried out here or by another process, done, unreadable."""


def is_elsewhere(folder: WorkFolder, is_ours: Callable[[Path], bool]) -> bool:
    """Whether another process carries out what is in a folder; a look at one file."""
    return lock_state(folder.lock) == "held" and not is_ours(folder.path)


def work_state(
    folder: WorkFolder, is_ours: Callable[[Path], bool], *, is_over: bool, has_begun: bool
) -> WorkState:
    """Return how it stands.

    Parameters
    ----------
    folder
        Where it is carried out.
    is_ours
        Whether this process carries out what is in a folder.
    is_over, has_begun
        Whether all of its runs are over, and whether any has begun.
    """
    if is_ours(folder.path):
        return "under way"
    if is_elsewhere(folder, is_ours):
        return "elsewhere"
    if is_over:
        return "done"
    return "open" if has_begun else "new"
