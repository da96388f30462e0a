"""The rules of a store's layout, which `engine.data.store` describes: checked when it is opened."""

from collections import Counter

import numpy as np

from engine.data.encoder_record import EncoderRecord, read_encoder_record
from engine.data.splits import SplitSummary
from engine.errors import BadInput
from engine.io.hdf5 import Contents
from engine.io.listing import counted

SCHEMA = 1


def require_store(contents: Contents) -> None:
    """Raise `BadInput` unless a file is a store of this version."""
    contents.require_known_version(SCHEMA)
    for name in ("schema", "name", "embedding_dim", "source"):
        if contents.attribute(name) is None:
            raise BadInput(
                f"{contents.path.name} is not an embedding store: it lacks the attribute {name}; "
                "make one with leo-studio import."
            )
    schema = contents.whole("schema")
    if schema != SCHEMA:
        raise BadInput(
            f"{contents.path} has schema {schema}; this version of LEO Studio reads schema "
            f"{SCHEMA}: import the data again."
        )


def encoder_in(contents: Contents) -> EncoderRecord | None:
    """Read how the embeddings were made of pictures; None where the store does not say."""
    if contents.attribute("encoder") is None:
        return None
    return read_encoder_record(contents.text("encoder"), contents.path.name)


def checked_summary(contents: Contents, split: str, embedding_dim: int) -> SplitSummary:
    """Check the layout of one split, all but the numbers inside `embeddings`."""

    def require(holds: bool, dataset: str, rule: str) -> None:
        if not holds:
            raise contents.bad(f"{split}/{dataset}", rule)

    contents.require_group(split)
    embeddings = contents.dataset(f"{split}/embeddings", "f", 2)
    require(embeddings.dtype == np.float32, "embeddings", f"is {embeddings.dtype}, not float32")
    require(
        embeddings.shape[1] == embedding_dim and len(embeddings) > 0,
        "embeddings",
        f"has shape {embeddings.shape}, not (n, {embedding_dim}) with n at least 1",
    )
    class_names = contents.texts(f"{split}/class_names")
    n, classes = len(embeddings), len(class_names)
    twice = [name for name, count in Counter(class_names).items() if count > 1]
    require(
        not twice,
        "class_names",
        f"must differ: {counted(twice, 'name means', 'names mean')} several",
    )
    offsets = contents.array(f"{split}/class_offsets", "iu", 1)
    require(len(offsets) == classes + 1, "class_offsets", f"must have {classes + 1} entries")
    sizes = np.diff(offsets.astype(np.int64))
    require(
        len(sizes) > 0 and offsets[0] == 0 and offsets[-1] == n and bool((sizes > 0).all()),
        "class_offsets",
        f"must rise from 0 to {n}",
    )
    image_names = contents.dataset(f"{split}/image_names", "O", 1)
    require(len(image_names) == n, "image_names", f"must have {n} entries")
    has_images, image_side = contents.holds(f"{split}/images"), 0
    if has_images:
        images = contents.dataset(f"{split}/images", "iu", 4)
        require(
            images.dtype == np.uint8 and len(images) == n and images.shape[3] in (1, 3),
            "images",
            "must be uint8 of shape (n, h, w, 1 or 3)",
        )
        image_side = images.shape[1] if images.shape[1] == images.shape[2] else 0
    smallest = int(sizes.argmin())
    return SplitSummary(
        split,
        classes,
        n,
        int(sizes.min()),
        int(sizes.max()),
        has_images,
        class_names[smallest],
        image_side,
    )
