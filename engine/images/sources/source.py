"""Pictures with their classes, wherever they lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, not read yet.

    Attributes
    ----------
    name
        What it is called: "Apple/014.jpg".
    class_name
        Its class.
    split
        "train", "val" or "test", where its place says so; "" where it does not.
    """

    name: str
    class_name: str
    split: str = ""


class PictureSource(Protocol):
    """A collection of pictures that is open for reading, also by several threads at once."""

    @property
    def name(self) -> str:
        """What the collection is called, without folders and ending."""

    @property
    def pictures(self) -> Sequence[Picture]:
        """Every picture, in the order of their classes."""

    @property
    def notes(self) -> Sequence[str]:
        """Sentences about what the person may not expect, such as files that were left out."""

    def pixels(self, index: int, side: int = 0) -> NDArray[np.uint8]:
        """Read the picture `pictures[index]`, (height, width, 3).

        Parameters
        ----------
        index
            Its place among the pictures.
        side
            A large photograph may come smaller, with no side below this; 0 for its full size.

        Raises
        ------
        BrokenPicture
            If it cannot be read.
        """
