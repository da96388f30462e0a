"""Reading of arrays (.npy) of which each holds the vectors of one class, named after it."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.data.importers.checks import checked_embeddings
from engine.data.importers.features.feature_set import FeatureSet, feature_set
from engine.data.importers.metering import Meter, Metered
from engine.data.importers.npy import read_npy
from engine.data.importers.untrusted import PIECE, unreadable_as_bad_input
from engine.errors import BadInput


def read_class_arrays(paths: Sequence[Path], where: str, meter: Meter) -> FeatureSet:
    """Read arrays (n, D), one for each class; the name of a file is that of the class.

    Raises
    ------
    BadInput
        If one is damaged or no such array, or they are of different D.
    """
    blocks = []
    for path in paths:
        place = f"{where}/{path.name}"
        with unreadable_as_bad_input(place):
            size = path.stat().st_size
            with (
                io.FileIO(path) as raw,
                io.BufferedReader(Metered(raw, place, meter), PIECE) as stream,
            ):
                array = read_npy(stream, place, size)
        if array.ndim == 1:
            raise BadInput(
                f"{place} has shape {array.shape}; in a folder of arrays each holds the vectors "
                "(n, D) of one class. Embeddings and their labels are imported from one .npz: "
                "numpy.savez(file, embeddings=..., labels=...)."
            )
        blocks.append(checked_embeddings(array, place))
        if blocks[-1].shape[1] != blocks[0].shape[1]:
            raise BadInput(
                f"{place} has vectors of {blocks[-1].shape[1]:,} numbers, and {paths[0].name} has "
                f"{blocks[0].shape[1]:,}; all must be of one size."
            )
    labels = np.repeat(np.arange(len(paths)), [len(block) for block in blocks])
    embeddings = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    return feature_set(where, embeddings, labels, class_names=[path.stem for path in paths])
