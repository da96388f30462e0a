"""Stdout and stderr as they are found: letters that they lack, closed ones, and full disks.

What a stream's encoding has no letter for is written readably, never refused. A result that cannot
be printed is said on stderr, and by the exit status; remarks that cannot be printed are let go.
"""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Final, Self, TextIO

from engine.errors import BadInput

_READABLE: Final = MappingProxyType(
    {"±": "+/-", "−": "-", "–": "-", "—": "-", "…": "...", "×": "x", "→": "->"}
)
_ERRORS = "leo-studio-readable"


def prepare_streams() -> None:
    """Make stdout and stderr take every letter, and notice where they are closed."""
    _occupy_descriptors()
    codecs.register_error(_ERRORS, readable)
    if sys.stdout is None:
        sys.stdout = _Closed()
    elif type(sys.stdout) is io.TextIOWrapper:
        sys.stdout = _Results.of(sys.stdout)
    if sys.stderr is None:
        # A file that nobody reads; `print(file=None)` would print errors among the results.
        sys.stderr = _silent_stream()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def deliver() -> None:
    """Hand on what was printed, so that the exit status can say whether it arrived.

    Raises
    ------
    BadInput
        If it did not. Where who reads has gone, as `head` does, it ends quietly with status 1.
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        forget_the_rest()
        sys.exit(1)


def forget_the_rest() -> None:
    """Drop what stdout still holds and cannot take, or Python would complain of it at its end."""
    try:
        sys.stdout.flush()
    except (OSError, BadInput):
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def complain(sentence: str) -> None:
    """Print what went wrong to stderr, if it can be."""
    with suppress(OSError):
        print(f"leo-studio: {sentence}", file=sys.stderr, flush=True)


def readable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return what is written for a letter that an encoding lacks, and where to go on.

    Signs become those of ASCII, bytes of a file's name that are no text in the system's encoding
    stay the bytes that they are, and everything else is escaped as in Python.
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter, after = error.object[error.start], error.start + 1
    if os.name == "posix" and "\udc80" <= letter <= "\udcff":
        return bytes([ord(letter) - 0xDC00]), after
    return _READABLE.get(letter) or letter.encode("ascii", "backslashreplace").decode(), after


class _Results(io.TextIOWrapper):
    """Stdout; where it takes no more, that is said of it, and of no file of ours."""

    @classmethod
    def of(cls, stream: io.TextIOWrapper) -> Self:
        """Take the place of a stream."""
        encoding, is_line_buffered = stream.encoding, stream.line_buffering
        return cls(stream.detach(), encoding, line_buffering=is_line_buffered)

    def write(self, text: str) -> int:
        """Write, or say that it is not possible."""
        with _said():
            return super().write(text)

    def flush(self) -> None:
        """Hand on what was written, or say that it is not possible."""
        with _said():
            super().flush()


class _Closed(io.TextIOBase):
    """A stdout that was closed before we came."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """Say so."""
        raise _not_printed("it is closed")


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # who reads has gone, and knows it
    except OSError as error:
        raise _not_printed(error.strerror or str(error)) from error


def _not_printed(reason: str) -> BadInput:
    return BadInput(
        f"What was to be printed could not be written to stdout ({reason}); print it to a file or "
        "a terminal that can be written to."
    )


def _silent_stream() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  # as long as we live


def _occupy_descriptors() -> None:
    """Keep the numbers of closed streams from files of ours: a library may print to number 1."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free: this one
