"""Tables of episodes in files; no Qt and no torch."""

import csv
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.files import write_text
from engine.inspection.records import EpisodeTable
from leo_studio.episode_filter import FIELDS, classes_text


def save_episodes(path: Path, table: EpisodeTable, rows: NDArray[np.int64]) -> None:
    """Write some rows of a table, in their order; shares are fractions of one.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*FIELDS, "classes"])
    columns = [read(table)[rows].tolist() for read in FIELDS.values()]
    for row, values in zip(rows.tolist(), zip(*columns, strict=True), strict=True):
        writer.writerow([*values, classes_text(table, row)])
    write_text(path, text.getvalue())
