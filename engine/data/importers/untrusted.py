"""Safe reading of untrusted files: never past their size, never more than they can hold.

A size that a file declares is compared with what is left of the file before anything is read, and
long payloads arrive in pieces, so memory follows the bytes that are really there.
"""

import io
import lzma
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.kinds import FileKind, kind_of
from engine.errors import BadInput

# Long payloads are read this many bytes at a time.
PIECE = 1 << 20
# A member that would unpack to more than this, and to more than so many times its packed size, is
# a bomb: embeddings hardly pack at all, pictures of glyphs about fifty to one.
BOMB_SIZE = 64 << 20
BOMB_RATIO = 200
HIGHEST_CODE_POINT = 0x10FFFF
# How members of a zip archive may be packed, and what programs call the other ways.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
OTHER_METHODS: Mapping[int, str] = MappingProxyType(
    {
        1: "Shrink",
        **dict.fromkeys(range(2, 6), "Reduce"),
        6: "Implode",
        9: "Deflate64",
        10: "PKWARE's Implode",
        18: "IBM TERSE",
        19: "IBM LZ77",
        93: "Zstandard",
        94: "MP3",
        95: "xz",
        96: "JPEG",
        97: "WavPack",
        98: "PPMd",
        99: "AES",
    }
)
UNPACK = "unpack the archive and import the folder, or zip it again with Deflate, the usual method"
# What zipfile and its decompressors raise for a damaged or a forged archive.
ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
)


Payload = bytes | bytearray | memoryview
"""The bytes of an array, in memory or mapped."""


class BoundedStream:
    """A binary stream that is read once, from front to back, and never past its declared size.

    Parameters
    ----------
    stream
        Buffered: `read(n)` returns fewer than n bytes only at the end.
    name
        What to call the file in an error.
    size
        How many bytes it declares to hold.
    """

    def __init__(self, stream: IO[bytes], name: str, size: int) -> None:
        self._stream = stream
        self.size = size
        self.name = name
        self.position = 0

    def take(self, count: int) -> bytes:
        """Read exactly `count` bytes, a piece at a time where they are many."""
        if count > PIECE:
            return joined(self.pieces(count))
        self._require(count)
        data = self._stream.read(count)
        self.position += len(data)
        if len(data) < count:
            raise self.damaged("it ends too early")
        return data

    def pieces(self, count: int) -> Iterator[bytes]:
        """Read exactly `count` bytes, as pieces of at most `PIECE` bytes."""
        self._require(count)
        for start in range(0, count, PIECE):
            yield self.take(min(PIECE, count - start))

    def line_pieces(self) -> Iterator[bytes]:
        """Read to the next line feed, which is left out, as pieces of at most `PIECE` bytes."""
        while True:
            piece = self._stream.readline(min(PIECE, self.size - self.position))
            self.position += len(piece)
            if piece.endswith(b"\n"):
                yield piece[:-1]
                return
            if not piece:
                raise self.damaged("it ends within a line")
            yield piece

    def line(self) -> bytes:
        """Read a short line without its line feed."""
        line = next(self.line_pieces())
        if len(line) >= PIECE - 1:
            raise self.damaged("a line is too long")
        return line

    def integer(self, size: int, *, signed: bool = False) -> int:
        """Read a little-endian integer of `size` bytes."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def require_end(self) -> None:
        """Require that nothing follows; a zip member checks its checksum here."""
        if self.position != self.size or self._stream.read(1):
            raise self.damaged("it should end there but goes on")

    def damaged(self, what: str) -> BadInput:
        """Return the error for a file that is not what it should be at the present position."""
        return BadInput(
            f"{self.name} is damaged at byte {self.position:,}: {what}; copy or download it again."
        )

    def _require(self, count: int) -> None:
        if not 0 <= count <= self.size - self.position:
            left = self.size - self.position
            raise self.damaged(f"{count:,} bytes should follow where {left:,} are left")


def joined(pieces: Iterable[bytes]) -> bytes:
    """Join pieces without holding them twice: `BytesIO` gives its own buffer away, uncopied."""
    whole = io.BytesIO()
    for piece in pieces:
        whole.write(piece)
    return whole.getvalue()


def array_over(
    payload: Payload,
    dtype: np.dtype[Any],
    shape: tuple[Any, ...],
    *,
    fortran_order: bool,
    name: str,
) -> NDArray[Any]:
    """Return an array over `payload`, not a copy; read-only unless it is a `bytearray`.

    Raises
    ------
    BadInput
        If shape, dtype and payload do not fit each other, or text is not Unicode.
    """
    # NumPy allows 64 dimensions, and 32 before version 2; zeros must not hide an absurd length.
    if not (len(shape) <= 32 and all(type(n) is int and 0 <= n < 2**40 for n in shape)):
        raise BadInput(f"{name} holds an array without a proper shape; copy or download it again.")
    if dtype.itemsize == 0:
        raise BadInput(f"{name} holds text of no letter at all (type {dtype}); save it again.")
    if dtype.itemsize * math.prod(shape) != len(payload):
        raise BadInput(
            f"{name} holds an array of shape {shape} and type {dtype} that does not fit its "
            f"{len(payload):,} bytes; copy or download it again."
        )
    if dtype.kind == "U":
        points = np.frombuffer(payload, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if points.max(initial=0) > HIGHEST_CODE_POINT:
            raise BadInput(f"{name} holds text that is not Unicode; copy or download it again.")
    try:
        return np.ndarray(shape, dtype, payload, order="F" if fortran_order else "C")
    except ValueError as error:  # lengths whose product overflows, beside one that is zero
        raise BadInput(f"{name} holds an array of an absurd shape; download it again.") from error


@contextmanager
def opened_zip(
    path: Path, wanted: str = "a zip archive", how: Callable[[FileKind], str] = lambda _: ""
) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive.

    Parameters
    ----------
    path
        The archive.
    wanted
        What it should be, for the sentence that says what it is instead.
    how
        What to do about a file of another kind that has no remedy of its own.

    Raises
    ------
    BadInput
        If it is none, or only a part of one.
    """
    if not path.is_file():
        raise BadInput(f"There is no file at {path}; check the path.")
    try:
        archive = zipfile.ZipFile(path)
    except ZIP_ERRORS as error:
        raise other_kind(path, wanted, how) from error
    with archive:
        yield archive


def other_kind(path: Path, wanted: str, how: Callable[[FileKind], str]) -> BadInput:
    """Say what a file is, and what to do, where another kind was wanted."""
    try:
        kind = kind_of(path)
    except OSError as error:
        return BadInput(f"{path.name} cannot be read: {error.strerror or error}.")
    remedy = kind.remedy or how(kind) or "copy or download it again"
    return BadInput(f"{path.name} is {kind.noun}, and not {wanted}; {remedy}.")


def member_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name with slashes, whichever separators its program wrote."""
    return member.filename.replace("\\", "/")


def open_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, remedy: str = UNPACK
) -> IO[bytes]:
    """Open a member of a zip archive; nothing is unpacked to disk.

    `remedy` is what to do about one that is packed in a way that cannot be read here.

    Raises
    ------
    BadInput
        If the member is encrypted or packed by a method that is not supported, would unpack to
        absurdly much, or cannot be found.
    """
    if member.flag_bits & 1:
        raise BadInput(f"{name} is encrypted; {remedy}.")
    if member.compress_type not in METHODS:
        method = OTHER_METHODS.get(member.compress_type, f"method {member.compress_type}")
        raise BadInput(f"{name} is packed with {method}, which cannot be read here; {remedy}.")
    if member.file_size > max(BOMB_SIZE, BOMB_RATIO * member.compress_size):
        raise BadInput(
            f"{name} would unpack from {member.compress_size:,} bytes to {member.file_size:,}, "
            "as no file of embeddings does, so it was not read; get it from its authors again."
        )
    with unreadable_as_bad_input(name):
        try:
            return archive.open(member)
        except NotImplementedError as error:  # such as a patch of another file
            raise BadInput(
                f"{name} is packed in a way that cannot be read here; {remedy}."
            ) from error


@contextmanager
def unreadable_as_bad_input(name: str) -> Iterator[None]:
    """Turn what the system and zipfile raise while a file is read into `BadInput`."""
    try:
        yield
    except ZIP_ERRORS as error:
        if isinstance(error, OSError) and error.strerror:
            raise BadInput(f"{name} cannot be read: {error.strerror}.") from error
        raise BadInput(f"{name} is damaged; copy or download it again.") from error
