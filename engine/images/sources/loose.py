"""Pictures of unknown classes: one file, or all below a folder, however they lie there."""

from pathlib import Path, PurePosixPath

from engine.errors import BadInput
from engine.images.sources.files import PictureFiles, files_below, no_pictures, read_file
from engine.images.sources.paths import is_picture
from engine.images.sources.source import Picture
from engine.io.listing import counted


def loose_pictures(path: Path) -> PictureFiles:
    """Return the pictures at a path: a picture, or a folder with pictures at any depth.

    The class of each is the folder, below the path, that it lies in; "" where it lies in none.

    Raises
    ------
    BadInput
        If there are none.
    """
    if not path.exists():
        raise BadInput(f"There is nothing at {path}; name a picture, or a folder of pictures.")
    if path.is_dir():
        found, outside = files_below(path)
        files = [path / each for each in found]
    else:
        found = [PurePosixPath(path.name)] if is_picture(PurePosixPath(path.name)) else []
        files, outside = [path], []
    if not found:
        raise no_pictures(path.name)
    pictures = [
        Picture(each.as_posix(), "" if str(each.parent) == "." else each.parent.as_posix())
        for each in found
    ]
    notes = []
    if outside:
        left_out = counted(outside, "link leads", "links lead")
        notes.append(f"{left_out} out of the folder and was not followed.")
    return PictureFiles(path.resolve().name, pictures, notes, lambda index: read_file(files[index]))
