"""Classes, pictures and drawings of "Try it" as plain values of JSON, to be kept in a file."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter

from leo_studio.services.try_records import Example, Stroke
from leo_studio.ui.tryit.images import array_image, image_array

_LARGEST_SIDE = 1024  # pixels of a pasted picture; encoders look at fewer
_LONGEST_NAME = 1000  # letters of an example's name
_MOST_POINTS = 100_000  # of all strokes of a drawing


@dataclass(frozen=True, slots=True)
class KeptClass:
    """A class: its name and its examples."""

    name: str
    examples: tuple[Example, ...]


def plain_classes(classes: Iterable[KeptClass]) -> list[dict[str, object]]:
    """Return plain values, for `read_classes`."""
    return [{"name": each.name, "examples": plain_examples(each.examples)} for each in classes]


def read_classes(plain: object, most: int) -> tuple[KeptClass, ...]:
    """Read classes, at most so many; what makes no sense is left out."""
    rows = plain if isinstance(plain, list) else []
    return tuple(
        KeptClass(row["name"], read_examples(row.get("examples")))
        for row in rows[:most]
        if isinstance(row, dict) and isinstance(row.get("name"), str)
    )


def plain_examples(examples: Iterable[Example]) -> list[dict[str, object]]:
    """Return plain values, for `read_examples`."""
    return list(map(_plain, examples))


def read_examples(plain: object) -> tuple[Example, ...]:
    """Read examples; what makes no sense is left out."""
    each = plain if isinstance(plain, list) else []
    found = (_example(kept) for kept in each if isinstance(kept, dict))
    return tuple(example for example in found if example is not None)


def plain_strokes(strokes: Sequence[Stroke]) -> list[str]:
    """Return strokes as short texts, for `read_strokes`."""
    return [" ".join(f"{value:.4f}" for value in stroke.ravel().tolist()) for stroke in strokes]


def read_strokes(plain: object) -> tuple[Stroke, ...]:
    """Read strokes; none at all where one makes no sense."""
    texts = plain if isinstance(plain, list) else []
    strokes: list[Stroke] = []
    for text in texts:
        try:
            values = np.array([float(word) for word in text.split()], np.float64)
            strokes.append(values.reshape(-1, 2))
        except (AttributeError, ValueError):
            return ()
    are_points = all(len(each) and ((each >= 0) & (each <= 1)).all() for each in strokes)
    return tuple(strokes) if are_points and sum(map(len, strokes)) <= _MOST_POINTS else ()


def _plain(example: Example) -> dict[str, object]:
    plain: dict[str, object] = {"name": example.name}
    if example.strokes:
        return plain | {"strokes": plain_strokes(example.strokes)}
    if example.image is not None:
        plain["image"] = _png(example.image)
    if example.run is not None:
        return plain | {"run": str(example.run), "place": list(example.place)}
    return plain if example.path is None else plain | {"path": str(example.path)}


def _example(plain: Mapping[str, object]) -> Example | None:
    """Return an example; a picture that was pasted is what was kept of it."""
    name, path, run = (plain.get(key) for key in ("name", "path", "run"))
    if not isinstance(name, str) or len(name) > _LONGEST_NAME:
        return None
    if strokes := read_strokes(plain.get("strokes")):
        return Example(name, strokes=strokes)
    image = _pixels(plain.get("image"))
    if isinstance(run, str):
        place = plain.get("place")
        match place:
            case [str() as split, int() as row] if row >= 0:
                return Example(name, image, run=Path(run), place=(split, row))
        return None
    if isinstance(path, str):
        return Example(name, image, path=Path(path))
    return None if image is None else Example(name, image, pixels=image)


def _png(array: NDArray[np.uint8]) -> str:
    image = array_image(array)
    if max(image.width(), image.height()) > _LARGEST_SIDE:
        image = image.scaled(
            _LARGEST_SIDE,
            _LARGEST_SIDE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return base64.b64encode(buffer.data().data()).decode("ascii")


def _pixels(plain: object) -> NDArray[np.uint8] | None:
    if not isinstance(plain, str):
        return None
    try:
        image = QImage.fromData(base64.b64decode(plain, validate=True))
    except (binascii.Error, ValueError):
        return None
    return None if image.isNull() else image_array(image)
