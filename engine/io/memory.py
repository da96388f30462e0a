"""Memory of this process and of its machine: what can still be had, and what mapped files take.

Pages of a mapped file stay in the process's memory until the system needs it. That is harmless, as
they can be dropped at any time, but a process would seem to take as much as the files that it has
read. So whoever maps a file tells of it here, and after each part of a long way through it gives
the pages back: they stay in the system's page cache, at the cost of a page fault.
"""

import ctypes
import mmap
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from weakref import WeakSet

# Data that takes more of the free memory than one part in so many stays on disk.
SHARE_FOR_LOADED = 4
# What of mapped files may be in this process's memory before it is given back.
MOST_MAPPED = 384 * 2**20
_MAPPINGS: WeakSet[mmap.mmap] = WeakSet()
_PAGE = mmap.PAGESIZE
# No limit is a number near 2**63 in the first version of control groups.
_UNLIMITED = 1 << 60


def available_memory(root: Path = Path("/")) -> int | None:
    """Return how many bytes can be had without swapping; None where the system does not say.

    On Linux what files take in the page cache counts as free, and limits of control groups, which
    are those of containers and of clusters' jobs, count as the machine's own. On macOS it is what
    the machine has.

    Parameters
    ----------
    root
        Where the system's files about memory lie.
    """
    if sys.platform == "win32":
        return _available_on_windows()
    amounts = [_available_on_linux(root), *_left_of_groups(root)]
    known = [amount for amount in amounts if amount is not None]
    if known:
        return max(0, min(known))
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def is_large(size: int) -> bool:
    """Whether so many bytes are better mapped than loaded: over a quarter of the free memory."""
    free = available_memory()
    return free is not None and size > free // SHARE_FOR_LOADED


def map_file(file: IO[bytes]) -> mmap.mmap:
    """Map a file for reading; the file may be closed then."""
    mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    remember_mapping(mapping)
    return mapping


def remember_mapping(mapping: mmap.mmap) -> None:
    """Let `give_back_mapped` give back what a mapping that somebody else has made takes."""
    _MAPPINGS.add(mapping)


def give_back_mapped() -> None:
    """Give back what mapped files take of this process's memory, if it is much; nothing is lost."""
    advice = getattr(mmap, "MADV_DONTNEED", None)
    if sys.platform != "linux" or advice is None:  # elsewhere it means other things
        return
    if (mapped_memory() or 0) < MOST_MAPPED:
        return
    for mapping in list(_MAPPINGS):
        mapping.madvise(advice)


def mapped_memory() -> int | None:
    """Return how many bytes of mapped files are in this process's memory; None if unknown."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None
    try:  # by the shortest way, as it is asked many times a second
        return int(os.read(descriptor, 256).split()[2]) * _PAGE
    finally:
        os.close(descriptor)


def _available_on_linux(root: Path) -> int | None:
    kilobytes = _numbers(root / "proc/meminfo").get("MemAvailable:")
    return None if kilobytes is None else kilobytes * 1024


def _left_of_groups(root: Path) -> Iterator[int]:
    """Yield what is left of the limits of this process's control groups and those around them."""
    groups = root / "sys/fs/cgroup"
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            names, top, cache = ("memory.max", "memory.current"), groups, ""
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
            top, cache = groups / "memory", "total_"
        else:
            continue
        own = PurePosixPath(path.lstrip("/"))
        # Inside of a container the path may be that of outside; then only the top is there.
        for folder in (top / own, *(top / parent for parent in own.parents)):
            limit, used = (_text(folder / name).strip() for name in names)
            if not limit.isdecimal() or not used.isdecimal() or int(limit) >= _UNLIMITED:
                continue
            stat = _numbers(folder / "memory.stat")
            files = sum(stat.get(f"{cache}{age}_file", 0) for age in ("inactive", "active"))
            yield int(limit) - int(used) + files


def _numbers(path: Path) -> dict[str, int]:
    """Read a file of lines of a name and a number."""
    words = [line.split() for line in _text(path).splitlines()]
    return {each[0]: int(each[1]) for each in words if len(each) > 1 and each[1].isdecimal()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""


class _MemoryStatus(ctypes.Structure):
    """What Windows says of its memory: MEMORYSTATUSEX."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("available", ctypes.c_uint64),
        ("others", ctypes.c_uint64 * 5),
    )


def _available_on_windows() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available)
