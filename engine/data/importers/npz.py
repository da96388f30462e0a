"""Reading of NumPy archives (.npz): which arrays there are, and what they hold."""

import io
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from numpy.typing import NDArray

from engine.data.importers.array_roles import ArrayInfo
from engine.data.importers.kinds import PICKLE, ZIP, FileKind, kind_of_members
from engine.data.importers.metering import Meter, Metered
from engine.data.importers.npy import read_npy, read_npy_header
from engine.data.importers.untrusted import (
    PIECE,
    BoundedStream,
    member_name,
    open_member,
    opened_zip,
    other_kind,
    unreadable_as_bad_input,
)
from engine.errors import BadInput
from engine.io.files import not_written, unnamed_file
from engine.io.listing import listed, shown
from engine.io.memory import is_large, map_file

_WANTED = "an .npz with the arrays embeddings and labels"
_ZIP_AGAIN = "save it with numpy.savez, or zip its arrays again with Deflate, the usual method"
# Of what stands before a member of a zip archive: its length, and where it says how long the name
# and the extra field are that follow it (APPNOTE 4.3.7).
_HEADER, _LENGTHS_AT = 30, 26


class Npz:
    """An open archive of arrays.

    Attributes
    ----------
    where
        What it is called in an error.
    members
        The arrays by name; where all are in one folder, as after zipping it, without that.
    problems
        What is wrong with arrays whose header cannot be read, by their names.
    """

    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self._archive = archive
        self.where = where
        self.members = _members(archive, where)
        self.problems: dict[str, BadInput] = {}

    def headers(self) -> tuple[ArrayInfo, ...]:
        """Read what shapes and types the arrays have; none of their numbers."""
        found = []
        for name, member in self.members.items():
            called = f"{self.where}: {shown(name)}"
            try:
                with (
                    unreadable_as_bad_input(called),
                    open_member(self._archive, member, called, _ZIP_AGAIN) as stream,
                ):
                    dtype, shape = read_npy_header(stream, called, member.file_size)
            except BadInput as error:
                self.problems[name] = error
            else:
                found.append(ArrayInfo(name, shape, dtype))
        return tuple(found)

    def read(self, name: str, meter: Meter | None = None) -> NDArray[Any]:
        """Read an array; raises `BadInput` if it is damaged or of no use.

        A large one is read once to see that it is whole, and then mapped: where it lies in the
        archive or, if it is packed, in a file without a name beside it, as large as the array.
        """
        member, called = self.members[name], f"{self.where}: {shown(name)}"
        with (
            unreadable_as_bad_input(called),
            open_member(self._archive, member, called, _ZIP_AGAIN) as raw,
            io.BufferedReader(Metered(raw, called, meter or Meter(None, 1)), PIECE) as stream,
        ):
            if not is_large(member.file_size):
                return read_npy(stream, called, member.file_size)
            return read_npy(stream, called, member.file_size, partial(self._set_aside, member))

    def _set_aside(self, member: zipfile.ZipInfo, source: BoundedStream, count: int) -> memoryview:
        """Read the last so many bytes of a member to its end, and return them mapped."""
        path = Path(self._archive.filename or "")
        if member.compress_type == zipfile.ZIP_STORED:
            for _ in source.pieces(count):
                pass
            with path.open("rb") as archive:
                archive.seek(member.header_offset + _LENGTHS_AT)
                name, extra = struct.unpack("<HH", archive.read(4))
                begin = member.header_offset + _HEADER + name + extra + source.size - count
                return memoryview(map_file(archive))[begin : begin + count]
        with unnamed_file(path.parent) as unpacked:
            for piece in source.pieces(count):
                try:
                    unpacked.write(piece)
                    unpacked.flush()
                except OSError as error:
                    raise not_written(Path(f"A copy of {source.name}"), error) from error
            return memoryview(map_file(unpacked))[:count]

    def size(self, name: str) -> int:
        """Return how many bytes an array has."""
        return self.members[name].file_size

    def lacks(self, missing: list[str]) -> BadInput:
        """Say which arrays there are, and of a file of another program what it is."""
        kind = kind_of_members(self._archive.namelist())
        if kind != ZIP:
            how = _how_to_make(self.where, kind)
            return BadInput(f"{self.where} is {kind.noun}, and not {_WANTED}; {how}.")
        if self.problems:
            return next(iter(self.problems.values()))
        return BadInput(
            f"{self.where} lacks {' and '.join(missing)}; its arrays are "
            f"{listed([shown(name) for name in self.members]) or 'none'}: save it with "
            "numpy.savez(file, embeddings=..., labels=...)."
        )


@contextmanager
def opened_npz(source: Path) -> Iterator[Npz]:
    """Open an archive of arrays; raises `BadInput` if it is none."""
    with opened_zip(source, _WANTED, lambda kind: _how_to_make(source.name, kind)) as archive:
        yield Npz(archive, source.name)


def no_npz(source: Path) -> BadInput:
    """Say what a file is that is no archive, and how one is made of it."""
    return other_kind(source, _WANTED, lambda kind: _how_to_make(source.name, kind))


def _members(archive: zipfile.ZipFile, where: str) -> Mapping[str, zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member_name(member).endswith("/")]
    names = [member_name(member).removesuffix(".npy") for member in members]
    folders = {name.rpartition("/")[0] for name in names}
    if len(folders) == 1:
        names = [name.rpartition("/")[2] for name in names]
    twice = [shown(name) for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadInput(f"{where} holds {listed(twice)} twice; save it again with numpy.savez.")
    return dict(zip(names, members, strict=True))


def _how_to_make(name: str, kind: FileKind) -> str:
    """Say how an archive is made of a file of another kind."""
    load = kind.load.replace("FILE", ascii(name)) or "..."
    made = ascii(f"{PurePath(name).stem}.npz")
    how = f"make one in Python: numpy.savez({made}, embeddings={load}, labels=...)"
    if kind == PICKLE:
        released = "import the folder of one of LEO's release with leo-studio import deepmind"
        return f"{released}, or {how}"
    return how
