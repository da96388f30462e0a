"""Ownership of a run: whether a living process trains it, on this machine or another one.

What is asked, in this order:

1. The lock `run.lock`. The system drops it when its process ends, however that happens. One that is
   held means a living owner. One that is free means none, if the run was trained on this machine:
   that counts more than any time or name that is written down.
2. Where the record names another machine, a free lock proves nothing, since not every network
   folder shows locks to other machines; and where a file system refuses locks, there is none to
   ask. There the heartbeat in run.json is *watched*: a living owner writes a new one every few
   seconds, whatever its clock says. One that advances is alive. One that stood still for
   `watch_seconds` is nobody's: a container that was killed, a run that was copied.
3. A heartbeat that was seen once says nothing yet ("perhaps"). Lists and windows do not wait: they
   take one of the last two minutes for a sign of life until they have watched it for long enough,
   and one in the future, or older, for none. Whoever wants to change the run waits and watches.
"""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Self

from engine.errors import BadInput
from engine.io.locks import LockState, lock_state
from engine.io.text import read_text
from engine.runs.record import FILE, OWNED, Record, read_record

LOCK = "run.lock"
HEARTBEAT_SECONDS = 5.0  # an owner writes a new one when the last is older

Owner = Literal["nobody", "somebody", "perhaps"]

# Two heartbeats, and what a network folder may take to show them.
_WATCH_SECONDS = 2 * HEARTBEAT_SECONDS + 2.0
_FRESH_SECONDS = 120.0  # also what clocks of two machines may differ by
_DEAD_AFTER_SECONDS = 120.0  # without a heartbeat, of an owner that was seen alive
_LOOK_SECONDS = 0.25
_LONG_AGO_SECONDS = 3600.0  # no clock that people work by is so far behind


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks that owners are judged by; tests have their own."""

    now: Callable[[], float] = time.time
    ticks: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class _Sighting:
    """The newest heartbeat of a run that was seen, when first, and whether it came meanwhile."""

    heartbeat: float
    since: float
    has_advanced: bool


class Signs(NamedTuple):
    """What a run's record says of whoever trains it."""

    id: str = ""
    host: str = ""
    status: str = ""
    heartbeat: float = 0.0
    seconds_a_step: float = 0.0

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return those of a record that was read."""
        seconds_a_step = record.seconds / record.step if record.step > 0 else 0.0
        return cls(record.id, record.host, record.status, record.heartbeat, seconds_a_step)


class _Sightings:
    """Remembers the heartbeats that this process has seen, from whichever thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[Path, str], _Sighting] = {}

    def look(self, folder: Path, signs: Signs) -> _Sighting:
        """Note a heartbeat, and return what is known of it."""
        key, heartbeat = (folder, signs.id), signs.heartbeat
        with self._lock:
            seen = self._seen.get(key)
            if seen is None or heartbeat != seen.heartbeat:
                has_advanced = seen is not None and heartbeat > seen.heartbeat
                seen = _Sighting(heartbeat, CLOCK.ticks(), has_advanced)
                self._seen[key] = seen
            return seen


_SIGHTINGS = _Sightings()


def owner_of(folder: Path, record: Record) -> Owner:
    """Say at once whether somebody trains a run, as far as that is known; see the module."""
    owner = _judged(folder, Signs.of(record))
    is_fresh = abs(CLOCK.now() - record.heartbeat) < _FRESH_SECONDS
    return "nobody" if owner == "perhaps" and not is_fresh else owner


def require_free(
    folder: Path,
    *,
    waits: bool = True,
    say: Callable[[str], object] | None = None,
    look: Callable[[], object] | None = None,
) -> None:
    """Raise `BadInput` if somebody trains a run, before it is changed.

    The run may be one that this version of LEO Studio cannot read.

    Parameters
    ----------
    folder
        The run's.
    waits
        Whether there is time to watch a heartbeat for some seconds; a window's thread has none, and
        is told to try again.
    say
        Told, once, what is waited for.
    look
        Called several times a second meanwhile; what it raises ends the wait.
    """
    has_said = False
    while True:
        # Read anew each time: it is somebody else who writes it.
        signs = _read_signs(folder)
        owner = _judged(folder, signs)
        if owner == "nobody":
            return
        if owner == "somebody":
            where = "" if signs.host == socket.gethostname() else f" on {signs.host}"
            raise BadInput(
                f"{folder.name} is being trained by another process{where}; stop that one first."
            )
        left = watch_seconds(signs) - (CLOCK.ticks() - _SIGHTINGS.look(folder, signs).since)
        if not waits:
            raise BadInput(
                f"{folder.name} may still be trained on {signs.host}; try again in "
                f"{max(1, round(left))} seconds, when its heartbeat has been watched for long "
                "enough."
            )
        if say is not None and not has_said:
            has_said = True
            say(f"Looking whether {folder.name} is still being trained on {signs.host} ...")
        if look is not None:
            look()
        CLOCK.sleep(min(_LOOK_SECONDS, max(left, 0.0)))


def watch_seconds(signs: Signs) -> float:
    """Return how long a heartbeat must stand still to be nobody's; longer where steps are slow."""
    return min(_WATCH_SECONDS + 2 * signs.seconds_a_step, _DEAD_AFTER_SECONDS)


def _read_signs(folder: Path) -> Signs:
    """Read a run's signs, also of a record of a later version, or of one that is damaged."""
    try:
        return Signs.of(read_record(folder))
    except BadInput:
        pass
    try:
        values = json.loads(read_text(folder / FILE))
        return Signs(
            str(values["id"]),
            str(values["host"]),
            str(values["status"]),
            float(values["heartbeat"]),
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Signs(host=socket.gethostname())


def _judged(folder: Path, signs: Signs) -> Owner:
    """Judge by the lock, and by the heartbeat where that says nothing."""
    lock: LockState = lock_state(folder / LOCK)
    if lock == "held":
        return "somebody"
    is_of_this_machine = signs.host == socket.gethostname()
    if lock == "free" and is_of_this_machine:
        return "nobody"
    if signs.status not in (*OWNED, "created"):
        return "nobody"
    seen = _SIGHTINGS.look(folder, signs)
    silent = CLOCK.ticks() - seen.since
    if seen.has_advanced:
        return "somebody" if silent < _DEAD_AFTER_SECONDS else "nobody"
    is_old = CLOCK.now() - signs.heartbeat > _LONG_AGO_SECONDS
    return "nobody" if is_old or silent >= watch_seconds(signs) else "perhaps"
