"""The store of the glyphs: all classes drawn, with their embeddings, split by split."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.glyphs.gradient_histograms import EMBEDDING_DIM, features
from engine.data.glyphs.hands import HANDS, draw_class
from engine.data.splits import SPLITS
from engine.data.store_writing import create_store

CLASSES_PER_SPLIT = (160, 40, 50)


def write_glyphs(path: Path, progress: Callable[[float], None] | None = None) -> None:
    """Create the Glyphs store at `path`: 160 train, 40 val and 50 test classes of 40 images.

    Takes a few seconds. Classes are called "glyph-017" and images "glyph-017/hand-05".

    Parameters
    ----------
    path
        The HDF5 file to be; replaced if it is there.
    progress
        Called with the fraction, 0 to 1, that is drawn, after each class, so many times a second;
        an exception that it raises ends the drawing, and no file appears.
    """
    drawn = count(1)

    def drawn_class(class_: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        images = draw_class(class_)
        # Here rather than for a whole split at once, which for a second would heed nobody.
        embeddings = features(images)
        if progress is not None:
            progress(next(drawn) / sum(CLASSES_PER_SPLIT))
        return images, embeddings

    source = "drawn by LEO Studio: strokes by simulated hands, histograms of gradient orientations"
    with create_store(path, "glyphs", source, EMBEDDING_DIM) as store:
        for split in SPLITS:
            classes = classes_of(split)
            names = [f"glyph-{class_:03d}" for class_ in classes]
            images, embeddings = zip(*(drawn_class(class_) for class_ in classes), strict=True)
            store.add_split(
                split,
                np.concatenate(embeddings),
                np.repeat(np.arange(len(classes)), HANDS),
                names,
                [f"{name}/hand-{hand:02d}" for name in names for hand in range(HANDS)],
                np.concatenate(images),
            )


def classes_of(split: str) -> range:
    """Return the numbers of the classes in a split; no class is in two."""
    index = SPLITS.index(split)
    start = sum(CLASSES_PER_SPLIT[:index])
    return range(start, start + CLASSES_PER_SPLIT[index])
