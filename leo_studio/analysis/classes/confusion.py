"""Confusions of classes over thousands of episodes.

Shapes: E episodes, N ways, C classes of the split.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.statistics import wilson_interval
from engine.inspection.records import EpisodeTable


@dataclass(frozen=True, slots=True, eq=False)
class Confusions:
    """Counts of what the queries of each class were taken for.

    Attributes
    ----------
    names
        Of the classes that occur, (C,).
    labels
        Their places among all classes of the split, (C,).
    counts
        Queries of class i that were taken for class j, (C, C).
    asked
        Queries of class i in episodes that have class j too, (C, C).
    episodes
        How many episodes have both, (C, C).
    """

    names: tuple[str, ...]
    labels: NDArray[np.int64]
    counts: NDArray[np.int64]
    asked: NDArray[np.int64]
    episodes: NDArray[np.int64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of class i's queries that are taken for class j where they can be, (C, C).

        Not-a-number for classes that never meet; the diagonal holds accuracies.
        """
        with np.errstate(invalid="ignore"):
            shares: NDArray[np.float64] = self.counts / self.asked
        return shares

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """Share of each class's queries that are right, (C,)."""
        return self.shares.diagonal()

    def interval(self, row: int, column: int) -> tuple[float, float]:
        """Return Wilson's 95 % interval of a share, as if queries were independent."""
        return wilson_interval(int(self.counts[row, column]), int(self.asked[row, column]))

    def ordered(self, order: NDArray[np.int64]) -> "Confusions":
        """Return the same with the classes in another order."""
        grid = np.ix_(order, order)
        return Confusions(
            tuple(self.names[place] for place in order.tolist()),
            self.labels[order],
            self.counts[grid],
            self.asked[grid],
            self.episodes[grid],
        )


def confusions(table: EpisodeTable) -> Confusions:
    """Add up the confusions of all episodes of a table."""
    labels, places = np.unique(table.classes, return_inverse=True)
    places = places.reshape(table.classes.shape)
    size, n_way = len(labels), table.classes.shape[1]
    rows = np.broadcast_to(places[:, :, None], table.confusions.shape)
    columns = np.broadcast_to(places[:, None, :], table.confusions.shape)
    counts, asked, episodes = (np.zeros((size, size), np.int64) for _ in range(3))
    np.add.at(counts, (rows, columns), table.confusions)
    queries = np.repeat(table.confusions.sum(2)[:, :, None], n_way, axis=2)
    np.add.at(asked, (rows, columns), queries)
    np.add.at(episodes, (rows, columns), 1)
    names = tuple(table.class_names[label] for label in labels.tolist())
    return Confusions(names, labels, counts, asked, episodes)


def by_name(found: Confusions) -> NDArray[np.int64]:
    """Return the order of the alphabet, (C,)."""
    return np.argsort(np.array([name.casefold() for name in found.names]), kind="stable")


def by_difficulty(found: Confusions) -> NDArray[np.int64]:
    """Return the hardest class first, (C,)."""
    return np.argsort(np.nan_to_num(found.accuracies, nan=2.0), kind="stable")


def by_likeness(found: Confusions) -> NDArray[np.int64]:
    """Return an order in which classes that are taken for one another stand together, (C,).

    By the second eigenvector of the graph of confusions (Fiedler's), which puts strongly joined
    ones near one another.
    """
    joint = np.nan_to_num(found.shares)
    joint = joint + joint.T
    np.fill_diagonal(joint, 0.0)
    laplacian = np.diag(joint.sum(1)) - joint
    if len(joint) < 3:
        return np.arange(len(joint))
    return np.argsort(np.linalg.eigh(laplacian)[1][:, 1], kind="stable")


def worst_pairs(found: Confusions, most: int) -> list[tuple[int, int]]:
    """Return the most confused ordered pairs of classes, the worst first."""
    shares = np.nan_to_num(found.shares.copy())
    np.fill_diagonal(shares, 0.0)
    flat = np.argsort(-shares, axis=None, kind="stable")[:most]
    pairs = zip(*np.unravel_index(flat, shares.shape), strict=True)
    return [(int(row), int(column)) for row, column in pairs if shares[row, column] > 0]


def episodes_behind(
    table: EpisodeTable, true: int, taken: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the episodes in which class `true` was taken for `taken`, the worst first.

    Both are places among all classes of the split; for a class and itself, all its episodes by
    rising accuracy of the class. Also returns how many queries it was, in the same order.
    """
    is_true, is_taken = table.classes == true, table.classes == taken
    counts = (table.confusions * (is_true[:, :, None] & is_taken[:, None, :])).sum((1, 2))
    if true == taken:
        has = is_true.any(1)
        wrong = (table.confusions.sum(2) * is_true).sum(1) - counts
        order = np.argsort(-wrong[has], kind="stable")
        return table.numbers[has][order], wrong[has][order]
    has = counts > 0
    order = np.argsort(-counts[has], kind="stable")
    return table.numbers[has][order], counts[has][order]
