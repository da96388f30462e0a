"""Progress of an import: how much of all files has been read."""

import io
from collections.abc import Callable
from typing import IO, Any


class Meter:
    """Tells `progress` how much of all the pickles has been read."""

    def __init__(self, progress: Callable[[str, float], None] | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def add(self, name: str, count: int) -> None:
        """Count `count` more bytes."""
        self._done += count
        if self._progress is not None and count:
            self._progress(name, min(self._done / self._total, 1.0))


class Metered(io.RawIOBase):
    """A stream that tells a meter what is read from it."""

    def __init__(self, inner: IO[bytes], name: str, meter: Meter) -> None:
        self._inner = inner
        self._name = name
        self._meter = meter

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # its type has a name from Python 3.12 on
        """Read into `buffer` and return how many bytes."""
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        self._meter.add(self._name, len(data))
        return len(data)
