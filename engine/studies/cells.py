"""The cells of a study: one experiment for each row, column and seed; no torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.config import Experiment, differing_settings
from engine.config.names import name_like
from engine.errors import BadInput
from engine.studies.study import Column, Row, Study


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a study.

    Attributes
    ----------
    row, column
        Their names. A transductive learner stands in a column of its own beside the study's: what
        it reaches is never mixed with what others do; see `column_together`.
    seed
        The seed of a trained learner; None for one that draws nothing.
    experiment
        All settings; its name is the cell's, unlike any other in the study.
    """

    row: str
    column: str
    seed: int | None
    experiment: Experiment

    @property
    def name(self) -> str:
        """What its runs are called, but for the time."""
        return self.experiment.name

    def is_of(self, experiment: Experiment) -> bool:
        """Whether a run of this study with these settings is a run of this cell."""
        return experiment.name == self.name and not differing_settings(
            experiment, self.experiment, ("result", "seed")
        )


def column_together(column: str) -> str:
    """Return the name of the column beside a study's one for learners that see queries together."""
    return f"{column}, queries together"


def cells_of(study: Study, preset: Callable[[str], Experiment], device: str) -> list[Cell]:
    """Return the cells of a study: column by column, and in each seed by seed.

    So a column without gaps comes early, and then one of more seeds.

    Parameters
    ----------
    study
        The study.
    preset
        Loads the experiment that a preset, or a file, holds.
    device
        Where all are trained.

    Raises
    ------
    BadInput
        If a setting is not known or not allowed, or an experiment is no classification by
        episodes of a store.
    """
    cells: list[Cell] = []
    for column in study.columns:
        base = preset(column.preset or study.preset)
        found = [_cell(study, row, column, base, device) for row in study.rows]
        cells += [cell for cell in found if not cell.experiment.learner.is_trained]
        trained = [cell for cell in found if cell.experiment.learner.is_trained]
        cells += [_seeded(cell, seed) for seed in range(study.seeds) for cell in trained]
    _require_different_names(cells)
    return cells


def _cell(study: Study, row: Row, column: Column, base: Experiment, device: str) -> Cell:
    experiment = base
    for where, changes in (
        ("set", study.changes),
        (f'column "{column.name}"', column.changes),
        (f'row "{row.name}"', row.changes),
    ):
        experiment = experiment.with_settings(changes, f"study {study.name}, {where}")
    if not experiment.task.needs_store or experiment.learner.reads_pictures:
        raise BadInput(
            f'Study {study.name}, row "{row.name}": studies compare learners of classes on '
            f"embeddings, and this one is {experiment.learner.noun()} for "
            f"{experiment.task.title.lower()}; leave it out."
        )
    named = {"name": name_like(f"{row.name}-{column.name}"), "run.device": device}
    is_alone = experiment.learner.queries_together is None
    shown = column.name if is_alone else column_together(column.name)
    return Cell(row.name, shown, None, experiment.with_settings(named))


def _seeded(cell: Cell, seed: int) -> Cell:
    changes = {"name": f"{cell.name}-seed-{seed}", "run.seed": seed}
    return Cell(cell.row, cell.column, seed, cell.experiment.with_settings(changes))


def _require_different_names(cells: Sequence[Cell]) -> None:
    known: dict[str, Cell] = {}
    for cell in cells:
        other = known.setdefault(cell.name.lower(), cell)  # some file systems know no case
        if other is not cell:
            raise BadInput(
                f'The runs of "{cell.row}", "{cell.column}" and "{other.row}", "{other.column}" '
                f"would both be called {cell.name}; name rows and columns otherwise."
            )
