"""Confusions of classes as a figure, and the numbers behind it."""

import numpy as np

from leo_studio.analysis.classes.confusion import Confusions
from leo_studio.figures.plots import short
from leo_studio.figures.records import Column, Exported, Figure, Matrix, Plot, Table

_MOST_NAMED, _MOST_NUMBERED = 60, 16  # classes


def exported_classes(found: Confusions, words: str) -> Exported:
    """Return confusions in their order, and the accuracy of each class.

    `words` say which episodes they are of.
    """
    count = len(found.names)
    names = [short(name, 18) if count <= _MOST_NAMED else "" for name in found.names]
    cells = Matrix(
        found.shares,
        names,
        names,
        number_format=".0%" if count <= _MOST_NUMBERED else "",
        limits=(0.0, 1.0),
        value_label="share of the class's queries",
    )
    plot = Plot([cells], "What queries are taken for", "taken for", "true class")
    rows, columns = np.nonzero(found.asked > 0)
    pairs: dict[str, Column] = {
        "true_class": [found.names[row] for row in rows.tolist()],
        "taken_for": [found.names[column] for column in columns.tolist()],
        "share": found.shares[rows, columns],
        "queries": found.counts[rows, columns],
        "asked": found.asked[rows, columns],
        "episodes": found.episodes[rows, columns],
    }
    classes: dict[str, Column] = {
        "class": found.names,
        "accuracy": found.accuracies,
        "queries": found.asked.diagonal(),
        "episodes": found.episodes.diagonal(),
    }
    tables = [Table("confusions", pairs), Table("classes", classes)]
    return Exported("classes", Figure([plot]), tables, words)
