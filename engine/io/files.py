"""Atomic writing: files are either whole or absent."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from engine.errors import BadInput
from engine.io.drafts import new_draft, remove

# How HDF5 and safetensors say, inside a sentence of their own, what the system told them.
_NUMBER_IN_TEXT = re.compile(r"\berrno = (\d+)|\bos error (\d+)")
# What libraries say that keep the system's reason to themselves.
_FAILED_WRITE = re.compile(
    r"PytorchStreamWriter failed|unexpected pos \d+ vs \d+|file write failed|"
    r"[Uu]nable to (flush|close|extend|write)|"
    r"[Cc]an't (write|flush|close) (data|file)"
)
_LITTLE_ROOM = 1 << 20
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_OF_THE_DISK = (*_NO_ROOM, errno.EIO, errno.EROFS, errno.EFBIG)


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
    with drafted(path, os.replace) as draft:
        yield draft


@contextmanager
def drafted(path: Path, publish: Callable[[Path, Path], None]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success `publish` moves it from there to `path`.

    See `replacing`; `publish_new` is a `publish` that replaces nothing.
    """
    # Of this thread alone: two that write the same file must not write into one draft.
    draft = new_draft(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        publish(draft, path)
        flush_folder(path.parent)
    except BaseException as error:
        number = refused(error, path.parent)  # while the draft still takes its room
        remove(draft)
        if number is not None:
            raise not_written(path, number) from error
        raise


def publish_new(draft: Path, path: Path) -> None:
    """Move a draft to a path where nothing is; raises `FileExistsError` where something is.

    Of two who do this at once, one succeeds.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # No links on this file system, or not to files: the name is taken first, then filled.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        draft.replace(path)
    else:
        draft.unlink()


def refused(error: BaseException, folder: Path) -> int | None:
    """Return the system's number of why nothing can be written into `folder`, if that is it.

    Whichever library tells of it: HDF5, torch and safetensors have errors of their own. 0 where
    the system's number is not known; None where the error is of another kind.
    """
    if isinstance(error, BadInput) or not isinstance(error, Exception):
        return None
    number = _number(error)
    if number is None and _FAILED_WRITE.search(str(error)) and _free(folder) < _LITTLE_ROOM:
        return errno.ENOSPC
    return 0 if number is None and isinstance(error, OSError) else number


def not_written(path: Path, error: OSError | int) -> BadInput:
    """Say that a file cannot be written, and what to do; `error` is the system's or its number."""
    number = error if isinstance(error, int) else refused(error, path.parent)
    return BadInput(
        f"{path} cannot be written ({reason_of(number or 0, path.parent)}); make room or choose "
        "another folder."
    )


def reason_of(number: int, folder: Path) -> str:
    """Return the system's words for a number of `refused`, and what is free where it is full."""
    if number == 0:
        return "the system does not say why"
    reason = os.strerror(number)
    if number in _NO_ROOM and folder.is_dir():
        return f"{reason}: {size_text(_free(folder))} are free"
    return reason


def _number(error: BaseException) -> int | None:
    """Return the system's number of what went wrong, told by an error or by one behind it."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = _NUMBER_IN_TEXT.search(str(error))
    if found is not None:
        return int(found[1] or found[2])
    behind = error.__cause__ or error.__context__
    number = None if behind is None else _number(behind)
    # Another error may have come about while one was handled; a full disk has only consequences.
    return number if number in _OF_THE_DISK or isinstance(error, OSError) else None


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def require_place(path: Path) -> None:
    """Raise `BadInput` if a file or folder cannot be made because a part of its path is a file.

    It says early what `replacing` would say after all the work; nothing is made.
    """
    there = next((each for each in path.parents if each.exists()), None)
    if there is not None and not there.is_dir():
        raise not_written(path, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))


def size_text(count: int) -> str:
    """Write 4_194_304 as "4.2 MB"."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1000:.0f} kB"


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


def unnamed_file(folder: Path) -> IO[bytes]:
    """Open a new file that is gone when it is closed or its process ends.

    It is on the disk of `folder`, or where temporary files go if nothing can be written there.
    """
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError:
        return tempfile.TemporaryFile()


def link_or_copy(path: Path, target: Path) -> None:
    """Give a file a second name, or a second copy where the file system has no such names."""
    try:
        os.link(path, target)
    except FileNotFoundError:
        raise
    except OSError:
        with replacing(target) as draft:
            shutil.copy2(path, draft)
