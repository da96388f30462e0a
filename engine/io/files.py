"""Atomic writing: files are either whole or absent."""

import errno
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath

from engine.errors import BadInput


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes the place of `path` in one move.

    The bytes are on the disk before the move, so a reader, a crash or a power cut sees the old
    file or the new one, never a part. When the block raises, `path` is left as it was.

    Raises
    ------
    BadInput
        If the system does not let the file be written: a full disk, a folder of somebody else's.
    """
    # Of this thread alone: two that write the same file must not write into one draft.
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(path)
        flush_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError):
            raise not_written(path, error) from error
        raise


def require_place(path: Path) -> None:
    """Raise `BadInput` if a file or folder cannot be made because a part of its path is a file.

    It says early what `replacing` would say after all the work; nothing is made.
    """
    there = next((each for each in path.parents if each.exists()), None)
    if there is not None and not there.is_dir():
        raise not_written(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))


def not_written(path: Path, error: OSError) -> BadInput:
    """Say that a file cannot be written, and what to do."""
    reason = error.strerror or error
    return BadInput(f"{path} cannot be written ({reason}); make room or choose another folder.")


def flush_folder(folder: Path) -> None:
    """Make a rename inside `folder` outlast a power cut, where the system has a way to do so."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Replace `path` by `text` in one move."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def write_bytes(path: Path, contents: bytes) -> None:
    """Replace `path` by `contents` in one move."""
    with replacing(path) as draft:
        draft.write_bytes(contents)


def last_name(path: str) -> str:
    """Return the last part of a path of any system, which may be told to others."""
    return PurePosixPath(PureWindowsPath(path).as_posix()).name or path


def deliver(out: Path, write: Callable[[Path], object]) -> None:
    """Write what took long to compute; where that fails, it goes to a folder for temporary files.

    Parameters
    ----------
    out
        The file that was asked for.
    write
        Writes to the path that it is given.

    Raises
    ------
    BadInput
        If `out` cannot be written; the sentence says where the result is instead.
    """
    try:
        write(out)
    except (BadInput, OSError) as error:
        reason = error if isinstance(error, BadInput) else not_written(out, error)
        folder = Path(tempfile.mkdtemp(prefix="leo-studio-"))
        elsewhere = folder / out.name
        try:
            write(elsewhere)
        except (BadInput, OSError):
            shutil.rmtree(folder, ignore_errors=True)
            raise reason from error
        raise BadInput(f"{reason} What was computed is in {elsewhere}.") from error
