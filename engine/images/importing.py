"""Import of pictures: a store of the embeddings that an encoder makes of them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from engine.data.class_splits import DRAWN, SplitChoice
from engine.data.importers.checks import ImportedStore, imported_store
from engine.data.placement import KeepOld, Placement, require_own_name
from engine.data.store_writing import ChosenRows, StoreWriter, create_store
from engine.errors import BadInput
from engine.images.dividing import LEAST, DividedPictures, divided
from engine.images.encoders import Encoder
from engine.images.extraction import (
    THUMBNAIL,
    Extraction,
    extraction_folder,
    extraction_in,
    remove_extraction,
)
from engine.images.framing import VIEWS
from engine.images.sources import PictureSource, opened_pictures
from engine.io.listing import counted, listed


def import_pictures(
    path: Path,
    out: Path,
    encoder: Encoder,
    device: torch.device,
    *,
    name: str | None = None,
    splits: SplitChoice = DRAWN,
    kept_side: int = THUMBNAIL,
    keep_old: KeepOld | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ImportedStore:
    """Make a store of the embeddings of pictures.

    It may be stopped at any time, also by raising in `progress`: the next try goes on from there.

    Parameters
    ----------
    path
        The pictures; see `engine.images.sources.opened_pictures`.
    out
        The store to be.
    encoder, device
        What embeds them, and where.
    name
        What the store is called; by default as its file.
    splits
        How classes are divided.
    kept_side
        Height and width in pixels of the pictures that the store keeps.
    keep_old
        Moves another store at `out` away; without it, none is replaced.
    progress
        Called with what is done and the fraction of it, 0 to 1.

    Raises
    ------
    BadInput
        If there are no pictures, too few can be read, or the splits do not fit.
    StoreTaken
        If another store is at `out`.
    """
    called = name or out.stem
    require_own_name(called, out)
    place = Placement(out, keep_old)
    folder = extraction_folder(out)
    with opened_pictures(path) as source:
        parts = divided(source, splits)
        rows = [row for each in parts.rows.values() for row in each]

        def tell(done: int, total: int) -> None:
            if progress is not None:
                progress(f"{done:,} of {total:,} pictures", done / total)

        with extraction_in(folder, source, rows, encoder.record, kept_side) as extraction:
            extraction.run(encoder, device, tell)
            notes = [*parts.notes, *_about_problems(extraction, len(rows))]
            with create_store(
                out,
                called,
                f"{path.name}, {encoder.record.words}",
                encoder.record.embedding_dim,
                place.publish,
                encoder.record,
                list(extraction.problems.values()),
            ) as writer:
                notes += _write(writer, source, parts, extraction)
    remove_extraction(folder)
    return imported_store(place, notes)


def _about_problems(extraction: Extraction, count: int) -> list[str]:
    problems = list(extraction.problems.values())
    if len(problems) == count:
        raise BadInput(f"None of {count:,} pictures can be read; the first: {problems[0]}")
    if not problems:
        return []
    first = listed([problem.rstrip(".") for problem in problems], 2)
    return [f"{len(problems):,} of {count:,} pictures were left out: {first}."]


def _write(
    writer: StoreWriter, source: PictureSource, parts: DividedPictures, extraction: Extraction
) -> list[str]:
    """Write every split of what could be read; returns notes."""
    readable, notes, start = set(extraction.readable.tolist()), [], 0
    for split, rows in parts.rows.items():
        pictures = {start + at: source.pictures[row] for at, row in enumerate(rows)}
        start += len(rows)
        kept = [at for at in pictures if at in readable]
        sizes = Counter(pictures[at].class_name for at in kept)
        all_names = dict.fromkeys(picture.class_name for picture in pictures.values())
        lost = [name for name in all_names if sizes[name] < LEAST]
        if lost:
            which = counted(lost, "class was", "classes were")
            notes.append(f"{which} left out of {split}: too few pictures of it can be read.")
        kept = [at for at in kept if pictures[at].class_name not in lost]
        if not kept:
            continue
        names = list(dict.fromkeys(pictures[at].class_name for at in kept))
        index = {name: number for number, name in enumerate(names)}
        each, views = extraction.embeddings.reshape(-1, extraction.embeddings.shape[-1]), 1
        if extraction.embeddings.ndim == 3 and split == "train":
            views = VIEWS
        stride = len(each) // len(extraction.embeddings)
        # Which rows, view by view; the first view of a picture is its centre.
        places = np.array([(at, view) for at in kept for view in range(views)])
        writer.add_split(
            split,
            ChosenRows(each, places[:, 0] * stride + places[:, 1]),
            np.array([index[pictures[at].class_name] for at in places[:, 0].tolist()]),
            names,
            [pictures[at].name + (f"#{view}" if view else "") for at, view in places.tolist()],
            ChosenRows(extraction.thumbnails, places[:, 0]),
        )
    return notes
