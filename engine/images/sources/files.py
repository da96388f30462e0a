"""Picture files in a folder, or in a zip archive that is read in place."""

import os
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from engine.data.importers.untrusted import (
    member_name,
    open_member,
    opened_zip,
    unreadable_as_bad_input,
)
from engine.errors import BadInput
from engine.images.sources.decoding import ENDINGS, BrokenPicture, decoded
from engine.images.sources.paths import is_picture, pictures_at
from engine.images.sources.source import Picture
from engine.io.listing import counted, shown

# A file that is larger holds no photograph.
_LARGEST_FILE = 256 << 20


@dataclass(frozen=True, slots=True)
class PictureFiles:
    """Picture files whose bytes are read one at a time.

    Attributes
    ----------
    name, pictures, notes
        As a `PictureSource` has them.
    read
        Returns the bytes of the picture with this place.
    """

    name: str
    pictures: Sequence[Picture]
    notes: Sequence[str]
    read: Callable[[int], bytes]

    def pixels(self, index: int, side: int = 0) -> NDArray[np.uint8]:
        """Read a picture, (height, width, 3); see `PictureSource`."""
        name = self.pictures[index].name
        try:
            data = self.read(index)
        except BadInput as error:
            raise BrokenPicture(str(error)) from error
        return decoded(data, name, side)


def folder_pictures(folder: Path) -> PictureFiles:
    """Return the pictures of a folder that has a folder for each class, at any depth.

    Links to folders are not followed, and links to files only inside of `folder`.

    Raises
    ------
    BadInput
        If there are none, or they lie in no folders of classes.
    """
    paths, outside = files_below(folder)
    if not paths:
        raise no_pictures(folder.name)
    pictures, notes = pictures_at(paths, folder.name)
    files = [folder / path for path in paths]
    order = sorted(range(len(files)), key=lambda index: (pictures[index].class_name, files[index]))
    if outside:
        left_out = counted(outside, "link leads", "links lead")
        notes.append(f"{left_out} out of the folder and was not followed.")
    return PictureFiles(
        folder.resolve().name,
        [pictures[index] for index in order],
        notes,
        lambda index: read_file(files[order[index]]),
    )


@contextmanager
def archived_pictures(path: Path) -> Iterator[PictureFiles]:
    """Open a zip archive that has a folder for each class, at any depth; nothing is unpacked.

    Raises
    ------
    BadInput
        If it is no archive, holds no pictures, or a name in it leads out of it.
    """
    with opened_zip(path, "a zip archive of pictures") as archive:
        members, notes = _members(archive, path.name)
        if not members:
            raise no_pictures(path.name)
        paths = [PurePosixPath(member_name(member)) for member in members]
        pictures, more = pictures_at(paths, path.name)
        order = sorted(
            range(len(paths)), key=lambda index: (pictures[index].class_name, paths[index])
        )
        lock = threading.Lock()  # the archive is one file, with one place to read at

        def read(index: int) -> bytes:
            member = members[order[index]]
            called = shown(f"{path.name}/{member_name(member)}", 300)
            with (
                lock,
                unreadable_as_bad_input(called),
                open_member(archive, member, called) as stream,
            ):
                return stream.read(_LARGEST_FILE)

        yield PictureFiles(path.stem, [pictures[index] for index in order], [*notes, *more], read)


def read_file(path: Path) -> bytes:
    """Read a picture's file; raises `BadInput` if it cannot be, or is absurdly large."""
    with unreadable_as_bad_input(shown(path.name)):
        if path.stat().st_size > _LARGEST_FILE:
            raise BadInput(f"{shown(path.name)} is too large to be a picture; leave it out.")
        return path.read_bytes()


def no_pictures(name: str) -> BadInput:
    """Say that something holds no pictures."""
    endings = ", ".join(sorted(ENDINGS))
    return BadInput(
        f"{name} holds no pictures ({endings}); name a folder, or a .zip, that has a folder with "
        "pictures for each class."
    )


def files_below(folder: Path) -> tuple[list[PurePosixPath], list[str]]:
    """Return pictures below a folder, and links that lead out of it."""
    root = folder.resolve()
    found, outside = [], []
    for place, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            relative = PurePosixPath(path.relative_to(root).as_posix())
            if not is_picture(relative):
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(root):
                outside.append(str(relative))
            else:
                found.append(relative)
    return found, outside


def _members(archive: zipfile.ZipFile, where: str) -> tuple[list[zipfile.ZipInfo], list[str]]:
    """Return the pictures of an archive, and notes; raises `BadInput` for names that escape."""
    members, links = [], []
    for member in archive.infolist():
        path = PurePosixPath(member_name(member))
        if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
            raise BadInput(
                f'{where} holds the name "{shown(str(path))}", which leads out of the archive; '
                "such an archive is not read: pack it again."
            )
        if not is_picture(path):
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            links.append(str(path))
        else:
            members.append(member)
    notes = [f"{counted(links, 'link was', 'links were')} left out."] if links else []
    return members, notes
