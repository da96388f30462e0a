"""Drafts: hidden files and folders, written beside what they become when they are whole.

A process that is killed leaves its drafts behind. A draft's name says who writes it,
`.NAME.MACHINE-BOOT-SPACE-PROCESS-STARTED-NUMBER.part`, so that whoever writes there next can tell
that nobody does any more, and remove it. Where that cannot be told (another computer, another
container, a name of an earlier version) the draft stays, and `leo-studio doctor` names it.
"""

import hashlib
import itertools
import os
import re
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

State = Literal["written", "abandoned", "unknown"]

ENDING = ".part"
# Of NAME; file names have 255 bytes at most.
_LONGEST_NAME = 160
# A computer with the same name and identity that was started at another time is this one before
# its last start, or a copy of it that shares the folder; a copy that writes is not silent so long.
_SILENT_SECONDS = 24 * 3600.0
_NAME = re.compile(
    r"\.(?P<name>.+)\.(?P<machine>[0-9a-f]{6})-(?P<boot>[0-9a-f]{6})-(?P<space>[0-9a-f]{6})"
    r"-(?P<process>\d+)-(?P<started>\d+)-\d+\.part",
    re.DOTALL,
)
# Of versions that named the process and its thread alone.
_OLDER_NAME = re.compile(r"\.(?P<name>.+)\.\d+-\d+\.part|\.(?P<run>import)-[0-9a-f]{8}", re.DOTALL)
_numbers = itertools.count(1)
_swept: set[tuple[int, Path]] = set()  # process, for a forked one has its own life, and folder


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that was found.

    Attributes
    ----------
    path
        The file or folder.
    name
        What it was to become.
    size
        Bytes, of all files in a folder.
    modified
        When it was last written to, in seconds since 1970.
    state
        "written" by a living process, "abandoned" by one that has ended, or "unknown".
    """

    path: Path
    name: str
    size: int
    modified: float
    state: State


def new_draft(path: Path) -> Path:
    """Return a name for a draft of `path`, beside it, that no other thread or process takes.

    The folder's abandoned drafts are removed where this process writes there for the first time.
    """
    if (os.getpid(), path.parent) not in _swept:
        _swept.add((os.getpid(), path.parent))
        sweep(path.parent)
    name = path.name.encode(errors="surrogateescape")[:_LONGEST_NAME].decode(errors="ignore")
    process = os.getpid()
    owner = f"{_machine()}-{_boot()}-{_space()}-{process}-{_started(process)}"
    return path.with_name(f".{name}.{owner}-{next(_numbers)}{ENDING}")


def drafts_in(folder: Path) -> Iterator[Draft]:
    """Iterate over the drafts in a folder, not those further down."""
    try:
        entries = [entry for entry in os.scandir(folder) if entry.name.startswith(".")]
    except OSError:  # nobody has written there yet, or nobody may look
        return
    for entry in sorted(entries, key=lambda entry: entry.name):
        parts = _NAME.fullmatch(entry.name) or _OLDER_NAME.fullmatch(entry.name)
        if parts is None:
            continue
        path = folder / entry.name
        with suppress(OSError):  # it has become whole, or was removed, meanwhile
            size, modified = _size_and_time(path)
            name = parts["name"] or parts["run"]
            yield Draft(path, name, size, modified, _state(parts, modified))


def drafts_below(folder: Path) -> Iterator[Draft]:
    """Iterate over the drafts in a folder and in all below it."""
    for place, folders, _ in os.walk(folder):
        found = list(drafts_in(Path(place)))
        yield from found
        known = {draft.path.name for draft in found}
        folders[:] = sorted(name for name in folders if name not in known)


def sweep(folder: Path, *, below: bool = False) -> list[Draft]:
    """Remove a folder's abandoned drafts, or those `below` it too, and return what they were."""
    drafts = list((drafts_below if below else drafts_in)(folder))
    return [draft for draft in drafts if draft.state == "abandoned" and remove(draft.path)]


def remove(path: Path) -> bool:
    """Remove a draft, where it is there and the system lets it be removed; return whether."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            # So that the room is free even while a library holds the file open.
            with suppress(OSError):
                os.truncate(path, 0)
            path.unlink()
    except OSError:
        return False
    return True


def _size_and_time(path: Path) -> tuple[int, float]:
    """Return the bytes and the newest change of a file, or of a folder and all in it."""
    facts = path.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        return facts.st_size, facts.st_mtime
    each = [facts, *(inner.lstat() for inner in path.rglob("*"))]
    size = sum(one.st_size for one in each if stat.S_ISREG(one.st_mode))
    return size, max(one.st_mtime for one in each)


def _state(owner: re.Match[str], modified: float) -> State:
    parts = owner.groupdict()
    if parts.get("machine") != _machine() or sys.platform == "win32":
        return "unknown"
    if parts["boot"] == _boot() and parts["space"] != _space():
        return "unknown"  # another container, whose processes have other numbers
    if parts["boot"] == _boot() and _is_running(int(parts["process"]), int(parts["started"])):
        return "written"
    if parts["boot"] == _boot() and _boot_identity():
        return "abandoned"
    silence = time.time() - modified
    return "abandoned" if _is_known_machine() and silence > _SILENT_SECONDS else "unknown"


# Who writes. Another system than Linux tells less, and less is concluded there.


def _short(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:6]


def _system(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


@cache
def _machine() -> str:
    return _short(_system("/etc/machine-id") + socket.gethostname())


@cache
def _is_known_machine() -> bool:
    """Whether more than a name, which others may have too, tells this computer from others."""
    return bool(_system("/etc/machine-id"))


@cache
def _boot_identity() -> str:
    return _system("/proc/sys/kernel/random/boot_id")


def _boot() -> str:
    return _short(_boot_identity())


@cache
def _space() -> str:
    """Return the namespace that numbers of processes belong to: a container has its own."""
    try:
        return _short(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        return _short("")


def _started(process: int) -> int:
    """Return when a process began, in the system's ticks; 0 where nobody tells."""
    try:
        facts = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        # The second field is the program's name, which may hold anything.
        state, *rest = facts.rpartition(")")[2].split()
        return 0 if state in "ZX" else int(rest[18])
    except (OSError, IndexError, ValueError):
        return 0


def _is_running(process: int, started: int) -> bool:
    """Whether a process of this system, which began then, still runs; never called on Windows."""
    now = _started(process)
    if now and started:
        return now == started  # numbers of processes are given again
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        pass
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Whether a process has ended, and its parent has not asked how."""
    facts = _system(f"/proc/{process}/stat")
    return facts.rpartition(")")[2].split()[:1] in (["Z"], ["X"])
