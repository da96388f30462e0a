"""Integrity report of a store: counts of what it holds, and its problems.

A store that opens has the right layout; this looks at the numbers inside.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.store import EmbeddingStore
from engine.io.listing import counted, shown

NAMES_SHOWN = 3
_DIGEST = 16  # bytes of a row's hash


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
    not_finite_rows, not_finite_names
        Rows that hold a NaN or an infinity, and the names of the first few.
    zero_rows, zero_names
        Rows of nothing but zeros, which have no direction to normalise, and the names of the first
        few.
    single_classes
        Classes of one image.
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
    not_finite_names: tuple[str, ...]
    zero_names: tuple[str, ...]
    single_classes: tuple[str, ...]


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

    Embeddings are read some thousand at a time; a hash of each is kept, 16 bytes.

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
    digests = np.empty((store.splits[split].examples, _DIGEST), np.uint8)
    zeros: list[NDArray[np.int64]] = []
    not_finite: list[NDArray[np.int64]] = []
    start = 0
    norm_sum, norm_min, norm_max = 0.0, np.inf, -np.inf
    for chunk in store.chunks(split):
        each = (hashlib.blake2b(row, digest_size=_DIGEST).digest() for row in chunk)
        own = np.frombuffer(b"".join(each), np.uint8)
        digests[start : start + len(chunk)] = own.reshape(-1, _DIGEST)
        is_finite = np.isfinite(chunk).all(axis=1)
        zeros.append(start + np.flatnonzero(~chunk.any(axis=1)))
        not_finite.append(start + np.flatnonzero(~is_finite))
        start += len(chunk)
        finite = chunk[is_finite]
        if len(finite):
            # In double precision: the square of a large float32 overflows.
            norms = np.sqrt(np.einsum("nd,nd->n", finite, finite, dtype=np.float64))
            norm_sum += float(norms.sum())
            norm_min, norm_max = min(norm_min, norms.min()), max(norm_max, norms.max())
    sizes = np.diff(store.class_offsets(split))
    summary = store.splits[split]
    duplicates = repeated_rows(digests)
    zero_rows, bad_rows = np.concatenate(zeros), np.concatenate(not_finite)
    finite_rows = summary.examples - len(bad_rows)

    def names(rows: NDArray[np.int64]) -> tuple[str, ...]:
        first = rows[:NAMES_SHOWN].tolist()
        return tuple(store.image_names(split, slice(row, row + 1))[0] for row in first)

    return SplitReport(
        name=split,
        classes=summary.classes,
        examples=summary.examples,
        smallest_class=summary.smallest_class,
        median_class=float(np.median(sizes)),
        largest_class=summary.largest_class,
        duplicate_rows=len(duplicates),
        duplicate_names=names(duplicates),
        not_finite_rows=len(bad_rows),
        zero_rows=len(zero_rows),
        norm_min=float(norm_min) if finite_rows else None,
        norm_mean=norm_sum / finite_rows if finite_rows else None,
        norm_max=float(norm_max) if finite_rows else None,
        has_images=summary.has_images,
        not_finite_names=names(bad_rows),
        zero_names=names(zero_rows),
        single_classes=_single_classes(store, split, sizes),
    )


def repeated_rows(digests: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return which rows of digests (n, 16) equal an earlier one, rising."""
    whole = digests.view(np.dtype((np.void, _DIGEST))).ravel()
    # By the first half, for which there is a fast sort that keeps the order of equal ones; few
    # differ after that, and only those are compared in full.
    halves = digests.view(np.uint64)[:, 0]
    order = np.argsort(halves, kind="stable")
    in_order = halves[order]
    is_alike = in_order[1:] == in_order[:-1]
    if not is_alike.any():
        return np.empty(0, np.int64)
    alike = np.zeros(len(order), np.bool_)
    alike[1:] |= is_alike
    alike[:-1] |= is_alike
    rows = np.sort(order[alike])
    _, first, group = np.unique(whole[rows], return_index=True, return_inverse=True)
    repeated: NDArray[np.int64] = rows[np.arange(len(rows)) != first[group]]
    return repeated


def _single_classes(store: EmbeddingStore, split: str, sizes: NDArray[np.int64]) -> tuple[str, ...]:
    if sizes.min() > 1:
        return ()
    class_names = store.class_names(split)
    return tuple(class_names[index] for index in np.flatnonzero(sizes == 1))


def _problems(report: SplitReport) -> list[str]:
    """Return what is wrong with one split, in sentences."""
    problems = []
    if report.not_finite_rows:
        problems.append(
            f"{report.name} has {_rows(report.not_finite_rows)} not finite "
            f"({_names(report.not_finite_names, report.not_finite_rows)}); remove or re-extract "
            "before training."
        )
    if report.zero_rows:
        problems.append(
            f"{report.name} has {_rows(report.zero_rows)} nothing but zeros "
            f"({_names(report.zero_names, report.zero_rows)}); these images were probably not "
            "embedded, so re-extract them."
        )
    if report.duplicate_rows:
        problems.append(
            f"{report.name} has {_rows(report.duplicate_rows)} an exact copy of an earlier one "
            f"({_names(report.duplicate_names, report.duplicate_rows)}); a copy in the query set "
            "gives its class away, so remove copies."
        )
    if report.single_classes:
        which = counted(report.single_classes, "class has", "classes have")
        problems.append(
            f"{report.name}: {which} one image each; an episode needs one to learn from and one to "
            "be asked about, so add images or remove the class."
        )
    return problems


def _names(first: tuple[str, ...], count: int) -> str:
    return ", ".join(f'"{shown(name)}"' for name in first) + " ..." * (count > len(first))


def _rows(count: int) -> str:
    return f"{count} {'row that is' if count == 1 else 'rows that are'}"
