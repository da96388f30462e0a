"""Pictures as arrays in pickles, as copies of miniImageNet are passed on.

They are read by the safe interpreter of `engine.data.importers.pickles`, which makes arrays and
plain values and calls nothing. Known are dictionaries with

- `image_data` uint8 (n, h, w, 3) and `class_dict`, class to the rows of its pictures,
- `data` uint8 (n, h, w, 3) and `labels`, n, perhaps with `catname2label`.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.class_splits import SPLIT_WORDS
from engine.data.importers.pickles import read_pickle
from engine.data.importers.untrusted import PIECE, unreadable_as_bad_input
from engine.errors import BadInput
from engine.images.sources.source import Picture
from engine.io.listing import shown

_WANTED = "image_data and class_dict, or data and labels, as copies of miniImageNet have them"


class PictureArrays:
    """Pictures in memory; a `PictureSource`."""

    def __init__(
        self, name: str, parts: Sequence[tuple[NDArray[np.uint8], Sequence[tuple[int, Picture]]]]
    ) -> None:
        self.name = name
        rows = [
            (picture, part, row)
            for part, (_, pictures) in enumerate(parts)
            for row, picture in pictures
        ]
        rows.sort(key=lambda each: (each[0].class_name, each[1:]))
        self.pictures: Sequence[Picture] = [picture for picture, _, _ in rows]
        self.notes: Sequence[str] = ()
        self._places = [(part, row) for _, part, row in rows]
        self._arrays = [array for array, _ in parts]

    def pixels(self, index: int, side: int = 0) -> NDArray[np.uint8]:
        """Return a picture, (height, width, 3); see `PictureSource`."""
        part, row = self._places[index]
        return np.asarray(self._arrays[part][row], np.uint8)


def array_pictures(paths: Sequence[Path], name: str) -> PictureArrays:
    """Read pickles of pictures; one whose name tells a split is that split.

    Raises
    ------
    BadInput
        If one is damaged, asks for anything but arrays, or holds something else.
    """
    return PictureArrays(name, [_read(path) for path in paths])


def _read(path: Path) -> tuple[NDArray[np.uint8], list[tuple[int, Picture]]]:
    size = path.stat().st_size
    with (
        unreadable_as_bad_input(path.name),
        io.BufferedReader(io.FileIO(path), PIECE) as stream,
    ):
        content = read_pickle(stream, path.name, size)
    if not isinstance(content, dict):
        raise BadInput(f"{path.name} holds no dictionary; it must hold {_WANTED}.")
    fields = {_text(key): value for key, value in content.items()}
    images = fields.get("image_data", fields.get("data"))
    if not (
        isinstance(images, np.ndarray)
        and images.dtype == np.uint8
        and images.ndim == 4
        and images.shape[-1] == 3
    ):
        raise BadInput(
            f"{path.name} holds no pictures as uint8 (n, height, width, 3); it must hold {_WANTED}."
        )
    rows = _rows_of(fields, len(images), path.name)
    split = _split_in(path.stem)
    return images, [(row, Picture(f"{label}/{row}", label, split)) for row, label in rows]


def _rows_of(fields: dict[str, object], count: int, where: str) -> list[tuple[int, str]]:
    """Return the rows that belong to classes, with the names of these."""
    if isinstance(classes := fields.get("class_dict"), dict):
        pairs = [(int(row), _text(name)) for name, rows in classes.items() for row in rows]
    elif (labels := fields.get("labels")) is not None and len(labels) == count:  # type: ignore[arg-type]
        names = fields.get("catname2label")
        called = {int(at): _text(n) for n, at in names.items()} if isinstance(names, dict) else {}
        values = np.asarray(labels).tolist()
        pairs = [(row, called.get(label, _text(label))) for row, label in enumerate(values)]
    else:
        raise BadInput(f"{where} tells no classes of its pictures; it must hold {_WANTED}.")
    beyond = [row for row, _ in pairs if not 0 <= row < count]
    if beyond:
        raise BadInput(
            f"{where}: class_dict names row {beyond[0]}, and there are {count:,} pictures; copy or "
            "download it again."
        )
    return pairs


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else shown(str(value), 200)


def _split_in(stem: str) -> str:
    words = stem.lower().replace("_", "-").split("-")
    return next((SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS), "")
