"""Makes an embedding store of feature files, and says beforehand what it would be.

Shapes: n examples, D embedding size.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.class_splits import DRAWN, SplitChoice
from engine.data.importers.checks import ImportedStore, imported_store, named, require_finite
from engine.data.importers.features.merging import MergedFeatures, Part, merged
from engine.data.importers.features.reading import read_source
from engine.data.importers.features.sources import sources_of, store_name_of
from engine.data.importers.features.splitting import divided
from engine.data.importers.found import FoundStore, summary_of
from engine.data.importers.labels import SharedLabels, separated
from engine.data.importers.metering import Meter
from engine.data.placement import KeepOld, Placement, require_own_name
from engine.data.splits import SPLITS
from engine.data.store_writing import create_store
from engine.errors import BadInput
from engine.io.listing import listed

# Files up to this size, all together, are read by a look: a second or two.
QUICK_SIZE = 32 << 20
Progress = Callable[[str, float], None]


def import_features(
    paths: Sequence[Path],
    out: Path,
    name: str | None = None,
    keep_old: KeepOld | None = None,
    *,
    splits: SplitChoice = DRAWN,
    labels_per_split: bool = False,
    progress: Progress | None = None,
) -> ImportedStore:
    """Make an embedding store of feature files.

    Parameters
    ----------
    paths
        Files and folders.
    out
        The store; it appears only when it is whole.
    name
        What the store is called; the name of `out` by default.
    keep_old
        Moves another store at `out` away; without it, that one is not replaced.
    splits
        How classes are divided where the files do not say it.
    labels_per_split
        The same label in two splits of a table stands for two classes.
    progress
        Called with what is being read and the fraction, 0 to 1, of all bytes that has been; an
        exception that it raises ends the import.

    Returns
    -------
    ImportedStore
        A note says how classes were divided.

    Raises
    ------
    BadInput
        If a file cannot be used; the sentence names it.
    StoreTaken
        If another store has that place, or would have the name of the built-in one.
    SharedLabels
        If splits of a table share labels, and it was not said that they are different classes.
    """
    if out.is_dir():
        raise BadInput(f"{out} is a folder; name the file of the store, such as {out.name}.h5.")
    require_own_name(name or out.stem, out)
    features = _read(paths, progress, labels_per_split=labels_per_split)
    split_of, notes = divided(features, splits)
    for part in features.parts:
        where = f"{part.features.where}: embeddings"
        require_finite(part.features.embeddings, _image_names(features, part), where)
    notes = [*features.notes, *notes]
    notes += [f"{out.stem} has no {split} split." for split in SPLITS if split not in split_of]
    source = listed([part.features.where for part in features.parts])
    place = Placement(out, keep_old)
    size = features.embedding_dim
    with create_store(out, name or out.stem, source, size, place.publish) as writer:
        for split in SPLITS:
            if progress is not None:
                progress(f"writing {split}", 1.0)
            classes = np.flatnonzero(np.array(split_of, np.object_) == split)
            if len(classes):
                with named(source):
                    writer.add_split(split, *_examples_of(features, classes))
    return imported_store(place, notes)


def look_at_features(
    paths: Sequence[Path], splits: SplitChoice = DRAWN, progress: Progress | None = None
) -> FoundStore:
    """Say which store files would become; what it holds only where that is read quickly.

    Raises
    ------
    BadInput
        If they cannot be imported, as far as a quick look tells.
    """
    name = store_name_of(paths)
    sources = sources_of(paths)
    if sum(source.size for source in sources) > QUICK_SIZE:
        known = {source.split for source in sources} if len(sources) > 1 else set()
        return FoundStore(name, split_names=tuple(each for each in SPLITS if each in known))
    features = _read(paths, progress)
    try:
        split_of, notes = divided(features, splits)
    except SharedLabels as shared:  # the import asks what they mean
        return FoundStore(name, features.embedding_dim, notes=(shared.question,))
    kept = [split or "" for split in split_of]
    summary = summary_of(features.labels, features.class_names, kept)
    return FoundStore(name, features.embedding_dim, summary, notes=(*features.notes, *notes))


def _read(
    paths: Sequence[Path], progress: Progress | None, *, labels_per_split: bool = False
) -> MergedFeatures:
    sources = sources_of(paths)
    meter = Meter(progress, sum(source.size for source in sources) or 1)
    features = merged(sources, [read_source(source, meter) for source in sources])
    if not labels_per_split:
        return features
    if len(features.parts) > 1:
        raise BadInput(
            "Labels are read per split in a single table alone; of several files they are read per "
            "file anyway, so leave out --labels-per-split."
        )
    (part,) = features.parts
    given, where = part.features.splits or None, part.features.where
    labels, names, note = separated(given, part.labels, features.class_names, where)
    return MergedFeatures([Part(part.features, labels, part.split)], names, [*features.notes, note])


def _examples_of(
    features: MergedFeatures, classes: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64], list[str], list[str]]:
    """Return what `StoreWriter.add_split` wants to know of some classes."""
    blocks, labels, names = [], [], []
    for part in features.parts:
        indices = np.flatnonzero(np.isin(part.labels, classes))
        if not len(indices):
            continue
        # The whole, where all are wanted, is not copied.
        embeddings = part.features.embeddings
        blocks.append(embeddings if len(indices) == len(embeddings) else embeddings[indices])
        labels.append(np.searchsorted(classes, part.labels[indices]))
        called = _image_names(features, part)
        names += [called[index] for index in indices]
    return (
        blocks[0] if len(blocks) == 1 else np.concatenate(blocks),
        np.concatenate(labels),
        [features.class_names[index] for index in classes],
        names,
    )


def _image_names(features: MergedFeatures, part: Part) -> list[str]:
    """Return what the examples of a file are called; after their classes, where it says nothing."""
    if part.features.image_names:
        return part.features.image_names
    return [f"{features.class_names[label]}/{row}" for row, label in enumerate(part.labels)]
