"""Locks on files, also where a file system refuses them (some network folders do)."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import filelock

from engine.io.files import not_written

if sys.platform != "win32":
    import fcntl

LockState = Literal["free", "held", "unknown"]

_HELD_BY_ANOTHER = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK)
_REFUSED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)
_POLL_SECONDS = 0.01


def lock_state(path: Path) -> LockState:
    """Ask whether somebody holds a lock; nothing is made or changed, so any reader may ask.

    "unknown" is what nobody can tell: the file system refuses locks, or the file may not be read.
    """
    if sys.platform == "win32":  # whose locks `filelock` knows alone
        return _state_by_trying(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return "free"  # whoever holds it has made it
    except OSError:
        return "unknown"
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return "held" if error.errno in _HELD_BY_ANOTHER else "unknown"
    finally:
        os.close(descriptor)
    return "free"


@contextmanager
def holding(path: Path, timeout: float) -> Iterator[bool]:
    """Hold a lock inside the block; yields whether it is held, False where locks are refused.

    The lock is the system's own, so it goes when the process goes, however that happens.

    Raises
    ------
    filelock.Timeout
        If somebody else holds it for `timeout` seconds.
    BadInput
        If the file cannot be made or written; the sentence names it.
    """
    lock = filelock.FileLock(path, timeout=timeout, poll_interval=_POLL_SECONDS)
    try:
        if not path.exists():
            path.touch()
        # Asked first: where the system has no locks at all, `filelock` would make a lasting file
        # of its own, which outlives a process that is killed.
        is_held = lock_state(path) != "unknown"
        if is_held:
            lock.acquire()
    except filelock.Timeout:
        raise
    except OSError as error:
        if error.errno not in _REFUSED:
            raise not_written(path, error) from error
        is_held = False
    try:
        yield is_held
    finally:
        if is_held:
            lock.release()


def _state_by_trying(path: Path) -> LockState:
    if not path.exists():
        return "free"
    try:
        with filelock.FileLock(path, timeout=0):
            return "free"
    except filelock.Timeout:
        return "held"
    except OSError:
        return "unknown"
