"""The embedding store: one HDF5 file with the embeddings of every split, sorted by class.

Root attributes `schema`, `name`, `embedding_dim`, `source`, and for embeddings that were made here
`encoder` (`engine.data.encoder_record`); optionally `left_out`, sentences about pictures that could
not be read; one group per split with

- `embeddings` float32 (n, D), sorted by class,
- `class_names` (C,),
- `class_offsets` int64 (C + 1,): class c owns rows offsets[c]:offsets[c + 1],
- `image_names` (n,),
- optionally `images` uint8 (n, h, w, 1 or 3), for thumbnails.

Shapes: n examples, C classes, D embedding size.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.encoder_record import EncoderRecord, caution_about, read_encoder_record
from engine.data.features import NORMALIZED, Features
from engine.data.normalizing import normalize_
from engine.data.requirements import no_such_split
from engine.data.splits import SPLITS, SplitSummary
from engine.errors import BadInput
from engine.io.hdf5 import Contents, opened
from engine.io.listing import counted

SCHEMA = 1
# Rows that are read, checked and written at a time: 20 MB at 640 numbers each.
CHUNK_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Split:
    """One split, or several joined, in memory.

    Attributes
    ----------
    name
        The split's name; joined splits are named "train+val".
    embeddings
        (n, D) float32, sorted by class.
    class_offsets
        (C + 1,) int64; class c owns rows `class_offsets[c]:class_offsets[c + 1]`.
    class_names
        C names.
    smallest_class, largest_class
        Examples in the smallest and in the largest class: plain numbers, so that nothing has to
        wait for a device to know them.
    """

    name: str
    embeddings: Tensor
    class_offsets: Tensor
    class_names: tuple[str, ...]
    smallest_class: int
    largest_class: int

    @classmethod
    def of(
        cls, name: str, embeddings: Tensor, class_offsets: Tensor, class_names: Sequence[str]
    ) -> "Split":
        """Make a split from tensors in memory."""
        sizes = class_offsets.diff()
        return cls(
            name,
            embeddings,
            class_offsets,
            tuple(class_names),
            int(sizes.min()),
            int(sizes.max()),
        )

    @property
    def class_sizes(self) -> Tensor:
        """Examples in each class, (C,) int64."""
        return self.class_offsets.diff()

    def to(self, device: torch.device) -> "Split":
        """Return the same split on `device`."""
        return replace(
            self,
            embeddings=self.embeddings.to(device),
            class_offsets=self.class_offsets.to(device),
        )


class EmbeddingStore:
    """An embedding store on disk, its layout checked on opening.

    Parameters
    ----------
    path
        The HDF5 file.

    Raises
    ------
    BadInput
        If the file is missing, is no HDF5 file, or breaks a rule of the layout; the sentence names
        the dataset and the rule.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as contents:
            _require_store(contents)
            self.name = contents.text("name")
            self.source = contents.text("source")
            self.embedding_dim = contents.whole("embedding_dim")
            self.encoder = _encoder(contents)
            self.splits: Mapping[str, SplitSummary] = {
                split: _checked_summary(contents, split, self.embedding_dim)
                for split in SPLITS
                if contents.holds(split)
            }
        if not self.splits:
            raise BadInput(f"{path.name} holds no split; one of {', '.join(SPLITS)} must be there.")

    @property
    def left_out(self) -> list[str]:
        """What could not become an example when the store was made, a sentence each."""
        with self._opened() as contents:
            return contents.texts("left_out") if contents.holds("left_out") else []

    def caution(self, split: str = "test") -> str:
        """Say that the encoder has, or may have, seen the classes of a split; "" if not."""
        if self.encoder is None or split not in self.splits:
            return ""
        return caution_about(self.encoder, self.class_names(split))

    def load(self, names: Sequence[str], features: Features = NORMALIZED) -> Split:
        """Read splits into memory, joined in the order given.

        No copy of embeddings that are at most normalised is made: the file is read straight into
        the tensor that is returned, and they are normalised there.

        Parameters
        ----------
        names
            Splits of this store.
        features
            What is done to each embedding; by default it is divided by its Euclidean norm, as the
            released code does. An embedding of zeros stays zero.

        Raises
        ------
        BadInput
            If a split is not in the store, or a row is not finite.
        """
        summaries = [self._summary(name) for name in names]
        size = features.seen_size(self.embedding_dim)
        embeddings = torch.empty(sum(s.examples for s in summaries), size)
        offsets, class_names, start = [np.zeros(1, np.int64)], [], 0
        with self._opened() as contents:
            for summary in summaries:
                target = embeddings[start : start + summary.examples]
                self._read_embeddings(contents, summary.name, target, features)
                offsets.append(contents.file[summary.name]["class_offsets"][1:] + start)
                class_names += contents.texts(f"{summary.name}/class_names")
                start += summary.examples
        return Split.of(
            "+".join(names), embeddings, torch.from_numpy(np.concatenate(offsets)), class_names
        )

    def chunks(self, split: str) -> Iterator[NDArray[np.float32]]:
        """Iterate over the raw embeddings of a split, some thousand rows at a time."""
        summary = self._summary(split)
        with self._opened() as contents:
            for start in range(0, summary.examples, CHUNK_ROWS):
                yield contents.file[split]["embeddings"][start : start + CHUNK_ROWS]

    def class_offsets(self, split: str) -> NDArray[np.int64]:
        """Return where each class of a split begins, (C + 1,)."""
        self._summary(split)
        with self._opened() as contents:
            return np.asarray(contents.file[split]["class_offsets"][:], np.int64)

    def class_names(self, split: str) -> list[str]:
        """Return the names of a split's classes."""
        self._summary(split)
        with self._opened() as contents:
            return contents.texts(f"{split}/class_names")

    def image_names(self, split: str, rows: slice = slice(None)) -> list[str]:
        """Return the names of a split's examples."""
        self._summary(split)
        with self._opened() as contents:
            return contents.texts(f"{split}/image_names", rows)

    def embeddings(self, split: str, rows: Sequence[int]) -> NDArray[np.float32]:
        """Return the raw embeddings of some rows, rising and distinct, (rows, D)."""
        self._summary(split)
        with self._opened() as contents:
            return np.asarray(contents.file[split]["embeddings"][rows], np.float32)

    def images(self, split: str, rows: Sequence[int]) -> NDArray[np.uint8] | None:
        """Return the images of some rows, (rows, h, w, 1 or 3), or None where none are kept."""
        if not self._summary(split).has_images:
            return None
        with self._opened() as contents:
            # HDF5 wants rising, distinct rows; the caller's order is put back afterwards.
            distinct, back = np.unique(np.asarray(rows, np.int64), return_inverse=True)
            return np.asarray(contents.file[split]["images"][distinct], np.uint8)[back]

    def image_chunks(self, split: str, count: int) -> Iterator[NDArray[np.uint8]]:
        """Iterate over all images of a split that keeps them, `count` at a time."""
        summary = self._summary(split)
        with self._opened() as contents:
            for start in range(0, summary.examples, count):
                chunk = contents.file[split]["images"][start : start + count]
                yield np.asarray(chunk, np.uint8)

    def _read_embeddings(
        self, contents: Contents, split: str, target: Tensor, features: Features
    ) -> None:
        source = contents.file[split]["embeddings"]
        for start in range(0, len(target), CHUNK_ROWS):
            stop = min(start + CHUNK_ROWS, len(target))
            seen = target[start:stop]
            chunk = seen if features.is_plain else torch.empty(stop - start, self.embedding_dim)
            source.read_direct(chunk.numpy(), np.s_[start:stop])
            finite = chunk.isfinite().all(dim=1)
            if not finite.all():
                raise BadInput(self._not_finite(split))
            if not features.is_plain:
                seen.copy_(features(chunk))
            elif features.normalize:
                normalize_(chunk)

    def _not_finite(self, split: str) -> str:
        rows = np.concatenate([~np.isfinite(chunk).all(axis=1) for chunk in self.chunks(split)])
        first = int(np.flatnonzero(rows)[0])
        name = self.image_names(split, slice(first, first + 1))[0]
        return (
            f"{self.path.name}: {split}/embeddings has {int(rows.sum())} rows that are not finite "
            f'(first: row {first}, "{name}"); remove or re-extract them.'
        )

    def _summary(self, split: str) -> SplitSummary:
        try:
            return self.splits[split]
        except KeyError:
            raise BadInput(no_such_split(self.path.name, split, self.splits)) from None

    def _opened(self) -> AbstractContextManager[Contents]:
        return opened(self.path, "store", "import it again")


def _require_store(contents: Contents) -> None:
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


def _encoder(contents: Contents) -> EncoderRecord | None:
    """Read how the embeddings were made of pictures; None where the store does not say."""
    if contents.attribute("encoder") is None:
        return None
    return read_encoder_record(contents.text("encoder"), contents.path.name)


def _checked_summary(contents: Contents, split: str, embedding_dim: int) -> SplitSummary:
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
