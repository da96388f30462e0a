"""Reading of pickles of features (.plk, .pkl), as S2M2 and PT-MAP have them, without a risk."""

import io
from pathlib import Path

from engine.data.importers.features.contents import features_of
from engine.data.importers.features.feature_set import FeatureSet
from engine.data.importers.metering import Meter, Metered
from engine.data.importers.pickles import read_pickle
from engine.data.importers.untrusted import PIECE, unreadable_as_bad_input


def read_pickled(path: Path, where: str, meter: Meter) -> FeatureSet:
    """Read a pickle of features.

    Raises
    ------
    BadInput
        If it asks for anything but arrays and plain containers, is damaged, or holds no features.
    """
    with unreadable_as_bad_input(where):
        size = path.stat().st_size
        with (
            io.FileIO(path) as raw,
            io.BufferedReader(Metered(raw, where, meter), PIECE) as stream,
        ):
            content = read_pickle(stream, where, size)
    return features_of(content, where, size)
