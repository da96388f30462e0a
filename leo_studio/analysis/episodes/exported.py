"""Episodes as a figure of what adaptation does to them, and as a table."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.inspection.records import EpisodeTable
from leo_studio.analysis.episodes.filter import FIELDS, classes_text
from leo_studio.figures.plots import before_and_after, gains, provenance_facts
from leo_studio.figures.records import Column, Exported, Figure, Table


def exported_episodes(table: EpisodeTable, rows: NDArray[np.int64]) -> Exported:
    """Return some rows of a table, in their order; shares are fractions of one."""
    provenance = table.provenance
    columns: dict[str, Column] = {name: read(table)[rows] for name, read in FIELDS.items()}
    columns["classes"] = [classes_text(table, row) for row in rows.tolist()]
    few = replace(
        table,
        numbers=table.numbers[rows],
        accuracies=table.accuracies[rows],
    )
    title = f"{provenance.run}, step {provenance.step:,}: {len(rows):,} {provenance.split} episodes"
    figure = Figure([before_and_after(few), gains(few)], title, columns=2) if len(rows) else None
    return Exported(
        "episodes", figure, [Table("episodes", columns, provenance_facts(provenance))], title
    )
