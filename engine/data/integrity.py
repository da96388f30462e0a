"""Integrity report of a store: counts of what it holds, and its problems.

A store that opens has the right layout; this looks at the numbers inside.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data.store import EmbeddingStore

NAMES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SplitReport:
    """One split in numbers.

    Attributes
    ----------
    name, classes, examples
        The split and how much it holds.
    smallest_class, median_class, largest_class
        Images per class.
    duplicate_rows
        Rows that equal an earlier row of the split bit for bit.
    duplicate_names
        The names of the first few of them.
    not_finite_rows
        Rows that hold a NaN or an infinity.
    zero_rows
        Rows of nothing but zeros, which have no direction to normalise.
    norm_min, norm_mean, norm_max
        Euclidean norms of the finite rows, as they are stored; None where no row is finite.
    has_images
        Whether thumbnails are kept.
    """

    name: str
    classes: int
    examples: int
    smallest_class: int
    median_class: float
    largest_class: int
    duplicate_rows: int
    duplicate_names: tuple[str, ...]
    not_finite_rows: int
    zero_rows: int
    norm_min: float | None
    norm_mean: float | None
    norm_max: float | None
    has_images: bool


@dataclass(frozen=True, slots=True)
class StoreReport:
    """A store in numbers.

    Attributes
    ----------
    path, name, source, embedding_dim
        As the store says.
    splits
        A report for each, in the store's order.
    shared_classes
        Classes that are in more than one split.
    problems
        Sentences about what should be put right; empty for a sound store.
    """

    path: Path
    name: str
    source: str
    embedding_dim: int
    splits: tuple[SplitReport, ...]
    shared_classes: tuple[str, ...]
    problems: tuple[str, ...]


def inspect_store(store: EmbeddingStore) -> StoreReport:
    """Read a store from end to end and report what it holds.

    Embeddings are read some thousand at a time; a hash of each is kept, some 100 bytes.

    Raises
    ------
    BadInput
        If the file cannot be read any more.
    """
    reports = tuple(_inspect_split(store, split) for split in store.splits)
    splits_of: defaultdict[str, list[str]] = defaultdict(list)
    for split in store.splits:
        for name in store.class_names(split):
            splits_of[name].append(split)
    shared = {name: splits for name, splits in splits_of.items() if len(splits) > 1}
    problems = [problem for report in reports for problem in _problems(report)]
    problems += [
        f'Class "{name}" is in {" and ".join(splits)}; few-shot splits must not share classes.'
        for name, splits in shared.items()
    ]
    return StoreReport(
        store.path,
        store.name,
        store.source,
        store.embedding_dim,
        reports,
        tuple(shared),
        tuple(problems),
    )


def _inspect_split(store: EmbeddingStore, split: str) -> SplitReport:
    seen: set[bytes] = set()
    duplicates: list[int] = []
    zero_rows, finite_rows, start = 0, 0, 0
    norm_sum, norm_min, norm_max = 0.0, np.inf, -np.inf
    for chunk in store.chunks(split):
        for row, embedding in enumerate(chunk, start):
            digest = hashlib.blake2b(embedding, digest_size=16).digest()
            if digest in seen:
                duplicates.append(row)
            seen.add(digest)
        start += len(chunk)
        zero_rows += int((~chunk.any(axis=1)).sum())
        finite = chunk[np.isfinite(chunk).all(axis=1)]
        if len(finite):
            # In double precision: the square of a large float32 overflows.
            norms = np.sqrt(np.einsum("nd,nd->n", finite, finite, dtype=np.float64))
            finite_rows += len(finite)
            norm_sum += float(norms.sum())
            norm_min, norm_max = min(norm_min, norms.min()), max(norm_max, norms.max())
    sizes = np.diff(store.class_offsets(split))
    summary = store.splits[split]
    return SplitReport(
        name=split,
        classes=summary.classes,
        examples=summary.examples,
        smallest_class=summary.smallest_class,
        median_class=float(np.median(sizes)),
        largest_class=summary.largest_class,
        duplicate_rows=len(duplicates),
        duplicate_names=tuple(
            store.image_names(split, slice(row, row + 1))[0] for row in duplicates[:NAMES_SHOWN]
        ),
        not_finite_rows=summary.examples - finite_rows,
        zero_rows=zero_rows,
        norm_min=float(norm_min) if finite_rows else None,
        norm_mean=norm_sum / finite_rows if finite_rows else None,
        norm_max=float(norm_max) if finite_rows else None,
        has_images=summary.has_images,
    )


def _problems(report: SplitReport) -> list[str]:
    """Return what is wrong with one split, in sentences."""
    problems = []
    if report.not_finite_rows:
        problems.append(
            f"{report.name} has {_rows(report.not_finite_rows)} not finite; remove or re-extract "
            "before training."
        )
    if report.zero_rows:
        problems.append(
            f"{report.name} has {_rows(report.zero_rows)} nothing but zeros; these images were "
            "probably not embedded, so re-extract them."
        )
    if report.duplicate_rows:
        first = ", ".join(f'"{name}"' for name in report.duplicate_names)
        problems.append(
            f"{report.name} has {_rows(report.duplicate_rows)} an exact copy of an earlier one "
            f"({first}{' ...' if report.duplicate_rows > NAMES_SHOWN else ''}); a copy in the "
            "query set gives its class away, so remove copies."
        )
    if report.smallest_class < 2:
        problems.append(
            f"{report.name} has a class of one image; an episode needs one to learn from and one "
            "to be asked about, so add images or remove the class."
        )
    return problems


def _rows(count: int) -> str:
    return f"{count} {'row that is' if count == 1 else 'rows that are'}"
