"""Pictures become a store: which encoders there are, and the import.

What reads pictures and computes embeddings is loaded when somebody looks at pictures.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.importers.checks import ImportedStore
from engine.data.placement import KeepOld
from engine.errors import BadInput
from leo_studio.services.pictures import EncoderEntry, FoundPictures, PictureChoice

if TYPE_CHECKING:
    from engine.data.class_splits import SplitChoice
    from engine.data.importers.found import FoundStore
    from engine.runs.library import Library
    from leo_studio.services.background import Task

SAMPLE_SIDE = 96  # pixels
_SAMPLES = 12
_UNKNOWN = (
    "Nobody knows what it was trained on, unless it says so itself: where it has seen the test "
    "classes, figures are better than for classes that it has never seen."
)


def encoder_entries() -> tuple[tuple[EncoderEntry, ...], str]:
    """Return the encoders that may be chosen, and how to get the usual one where it is missing."""
    from engine.images.encoders import DEFAULT_ENCODER, default_encoder
    from engine.images.encoders.pixel_encoder import PIXELS

    usual = EncoderEntry(
        DEFAULT_ENCODER,
        "EfficientNet-Lite0 (17 MB, ImageNet)",
        "Trained on the 1,000 classes of ImageNet: where test classes are among them, figures are "
        "better than for classes that it has never seen.",
    )
    others = (
        EncoderEntry("", "An ONNX file...", _UNKNOWN, "file"),
        EncoderEntry("", "A folder of transformers...", _UNKNOWN, "folder"),
        EncoderEntry(
            PIXELS,
            "Pixels (no encoder)",
            "Trained on nothing: grey values on a grid, which any encoder has to beat.",
        ),
    )
    try:
        default_encoder()
    except BadInput as error:
        return others, str(error)
    return (usual, *others), ""


def look_at_pictures(
    path: Path, splits: "SplitChoice", progress: Callable[[], None]
) -> "tuple[FoundStore, FoundPictures]":
    """Say what store pictures would become, and show some; raises `BadInput` if there are none."""
    from engine.images.looking import seen_in, store_of
    from engine.images.sources import opened_pictures

    with opened_pictures(path) as source:
        store = store_of(source, splits)
        look = seen_in(source, SAMPLE_SIDE, _SAMPLES, progress)
    return store, FoundPictures(look, *encoder_entries())


def make_store(
    library: "Library",
    source: Path,
    out: Path,
    choice: PictureChoice,
    keep_old: KeepOld | None,
    task: "Task",
    kept_at: Path | None = None,
) -> ImportedStore:
    """Embed pictures; what an earlier try did, for a store at `kept_at` perhaps, is kept.

    Where an encoder is to be trained first, the pictures themselves are kept.

    Raises
    ------
    BadInput
        If the encoder, the splits or the pictures cannot be used.
    StoreTaken
        If another store is at `out`.
    Cancelled
        If nobody wants it any more; what is done is kept for the next try.
    """
    from engine.devices.selection import choose_device
    from engine.images.encoders import Framing
    from engine.images.extraction import move_extraction
    from engine.images.importing import import_pictures
    from leo_studio.services.encoders import find_encoder
    from leo_studio.services.picture_stores import make_picture_store

    def tell(note: str, done: float) -> None:
        task.report(done, note)

    if kept_at is not None:
        move_extraction(kept_at, out)
    if choice.trains:
        return make_picture_store(source, out, choice.kept_side, choice.splits, keep_old, tell)
    task.report(None, "opening the encoder")
    device = choose_device("auto")
    encoder = find_encoder(library, choice.encoder, device, Framing(views=choice.views))
    return import_pictures(
        source,
        out,
        encoder,
        device,
        splits=choice.splits,
        keep_old=keep_old,
        progress=tell,
    )
