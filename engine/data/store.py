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

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config.sections import Access
from engine.data.encoder_record import caution_about
from engine.data.features import NORMALIZED, Features
from engine.data.mapping import Embeddings, MappedEmbeddings, MappedFile, MappedPart
from engine.data.normalizing import normalize_
from engine.data.requirements import no_such_split
from engine.data.splits import SPLITS, Sampling, SplitSummary, embeddings_size, is_mapped
from engine.data.store_layout import checked_summary, encoder_in, require_store
from engine.errors import BadInput
from engine.io.files import not_written, size_text, unnamed_file
from engine.io.hdf5 import Contents, opened

# Rows that are read, checked and written at a time, 20 MB at 640 numbers each; and bytes at most.
CHUNK_ROWS = 8192
_CHUNK = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Split:
    """One split, or several joined, in memory or mapped.

    Attributes
    ----------
    name
        The split's name; joined splits are named "train+val".
    embeddings
        (n, D) float32, sorted by class; a tensor, or rows of a mapped file.
    class_offsets
        (C + 1,) int64; class c owns rows `class_offsets[c]:class_offsets[c + 1]`.
    class_names
        C names.
    smallest_class, largest_class
        Examples in the smallest and in the largest class: plain numbers, so that nothing has to
        wait for a device to know them.
    sampling
        How episodes are drawn from it.
    """

    name: str
    embeddings: Embeddings
    class_offsets: Tensor
    class_names: tuple[str, ...]
    smallest_class: int
    largest_class: int
    sampling: Sampling = 1

    @classmethod
    def of(
        cls, name: str, embeddings: Embeddings, class_offsets: Tensor, class_names: Sequence[str]
    ) -> "Split":
        """Make a split of its embeddings, and of where each class begins."""
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

    @property
    def in_memory(self) -> Tensor:
        """All embeddings as one tensor, (n, D), which takes memory for mapped ones."""
        return self.embeddings if isinstance(self.embeddings, Tensor) else self.embeddings[:]

    @property
    def how_kept(self) -> str:
        """How its embeddings are at hand, in words for a log."""
        size, words = size_text(self.embeddings.nbytes), "loaded"
        if not isinstance(self.embeddings, Tensor):
            words = "mapped, not loaded: the file is read where rows are needed"
        return f"{size} of embeddings of {self.name} are {words}"

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
            require_store(contents)
            self.name = contents.text("name")
            self.source = contents.text("source")
            self.embedding_dim = contents.whole("embedding_dim")
            self.encoder = encoder_in(contents)
            self.splits: Mapping[str, SplitSummary] = {
                split: checked_summary(contents, split, self.embedding_dim)
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

    def load(
        self, names: Sequence[str], features: Features = NORMALIZED, access: Access = "auto"
    ) -> Split:
        """Read splits into memory, or map them, joined in the order given; the bits are the same.

        Nothing is copied of embeddings that are at most normalised. Loaded, the file is read
        straight into the tensor that is returned, and they are normalised there; mapped, rows are
        read and normalised when they are asked for, and one that is not finite is found then.
        Others, and those of a file that is packed or in pieces, are mapped in a file without a name
        that is written here, as large as what a learner sees of them.

        Parameters
        ----------
        names
            Splits of this store.
        features
            What is done to each embedding; by default it is divided by its Euclidean norm, as the
            released code does. An embedding of zeros stays zero.
        access
            "auto" maps them where a learner would see more of the whole store, all splits together,
            than a quarter of the free memory; "load" and "map" do the one or the other.

        Raises
        ------
        BadInput
            If a split is not in the store, a row is not finite, or there is no room for the file
            without a name.
        """
        summaries = [self._summary(name) for name in names]
        offsets, class_names, start = [np.zeros(1, np.int64)], [], 0
        with self._opened() as contents:
            for summary in summaries:
                offsets.append(contents.file[summary.name]["class_offsets"][1:] + start)
                class_names += contents.texts(f"{summary.name}/class_names")
                start += summary.examples
            every = self.splits.values()
            size = embeddings_size(every, features.seen_size(self.embedding_dim))
            read = self._mapped if is_mapped(access, size) else self._loaded
            embeddings = read(contents, summaries, features)
        return Split.of(
            "+".join(names), embeddings, torch.from_numpy(np.concatenate(offsets)), class_names
        )

    def chunks(self, split: str) -> Iterator[NDArray[np.float32]]:
        """Iterate over the raw embeddings of a split, some thousand rows at a time."""
        summary = self._summary(split)
        with self._opened() as contents:
            count = chunk_rows(self.embedding_dim)
            for start in range(0, summary.examples, count):
                yield contents.file[split]["embeddings"][start : start + count]

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

    def image_name_chunks(self, split: str) -> Iterator[list[str]]:
        """Iterate over the names of a split's examples, some thousand at a time."""
        summary = self._summary(split)
        with self._opened() as contents:
            for block in _blocks(summary):
                yield contents.texts(f"{split}/image_names", block)

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

    def _loaded(
        self, contents: Contents, summaries: Sequence[SplitSummary], features: Features
    ) -> Tensor:
        rows = sum(summary.examples for summary in summaries)
        embeddings = torch.empty(rows, features.seen_size(self.embedding_dim))
        start = 0
        for summary in summaries:
            for block in _blocks(summary):
                seen = embeddings[start + block.start : start + block.stop]
                self._read(contents, summary.name, block, seen, features)
            start += summary.examples
        return embeddings

    def _mapped(
        self, contents: Contents, summaries: Sequence[SplitSummary], features: Features
    ) -> MappedEmbeddings:
        offsets = [contents.file[each.name]["embeddings"].id.get_offset() for each in summaries]
        if not features.is_plain or None in offsets:
            return self._mapped_anew(contents, summaries, features)
        file = MappedFile(self.path.open("rb"), self.path, "import it again")
        size = self.embedding_dim
        parts = [
            MappedPart(file, offset, each.examples, size)
            for offset, each in zip(offsets, summaries, strict=True)
        ]

        def not_finite() -> str:
            return next(filter(None, (self._not_finite(each.name) for each in summaries)))

        return MappedEmbeddings(parts, size, normalize=features.normalize, not_finite=not_finite)

    def _mapped_anew(
        self, contents: Contents, summaries: Sequence[SplitSummary], features: Features
    ) -> MappedEmbeddings:
        """Write what a learner sees into a file without a name, block by block, and map that."""
        size = features.seen_size(self.embedding_dim)
        with ExitStack() as stack:
            draft = stack.enter_context(unnamed_file(self.path.parent))
            for summary in summaries:
                for block in _blocks(summary):
                    seen = torch.empty(block.stop - block.start, size)
                    self._read(contents, summary.name, block, seen, features)
                    try:
                        draft.write(seen.numpy().data)
                        draft.flush()
                    except OSError as error:
                        raise not_written(Path(f"A copy of {self.path.name}"), error) from error
            stack.pop_all()  # whoever maps it closes it
        file = MappedFile(draft, self.path, "")
        rows = sum(summary.examples for summary in summaries)
        part = MappedPart(file, 0, rows, size)
        return MappedEmbeddings([part], size, normalize=False, not_finite=lambda: "")

    def _read(
        self, contents: Contents, split: str, block: slice, seen: Tensor, features: Features
    ) -> None:
        """Read some rows into `seen`, as a learner sees them."""
        raw = seen if features.is_plain else torch.empty(len(seen), self.embedding_dim)
        contents.file[split]["embeddings"].read_direct(raw.numpy(), block)
        if not raw.isfinite().all():
            raise BadInput(self._not_finite(split))
        if not features.is_plain:
            seen.copy_(features(raw))
        elif features.normalize:
            normalize_(raw)

    def _not_finite(self, split: str) -> str:
        """Say which rows of a split are not finite; "" where all are."""
        rows = np.concatenate([~np.isfinite(chunk).all(axis=1) for chunk in self.chunks(split)])
        if not rows.any():
            return ""
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


def chunk_rows(embedding_dim: int) -> int:
    """Return how many rows of embeddings are worked on at a time; fewer of very long ones."""
    return max(1, min(CHUNK_ROWS, _CHUNK // (4 * embedding_dim)))


def _blocks(summary: SplitSummary) -> Iterator[slice]:
    """Yield the rows of a split, some thousand at a time."""
    for start in range(0, summary.examples, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, summary.examples))
