"""How a study stands: what its folder holds of each cell; no torch.

```
study.yaml             the study as it was last asked for
study.lock             held by the process that carries it out
runs/                  run folders, named after their cells
claims/                a lock for each cell, held by the worker that carries it out
workers/               what each worker printed
```

The truth about a cell is its run folder, so that whatever was killed goes on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.config import experiment_from_yaml
from engine.errors import BadInput
from engine.evaluation.record import Evaluation, kept_evaluations
from engine.io.text import required_text
from engine.runs.folders import MOMENT
from engine.runs.record import Record, own_checkpoint, read_record
from engine.studies.cells import Cell
from engine.studies.study import Study
from engine.studies.work_folder import WorkFolder

FILE = "study.yaml"

State = Literal["open", "trained", "failed", "evaluated"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cell stands.

    Attributes
    ----------
    cell
        The cell.
    run
        The folder of its run; None where there is none.
    record
        What the run says of itself.
    evaluation
        What its evaluation measured; None as long as there is none.
    """

    cell: Cell
    run: Path | None = None
    record: Record | None = None
    evaluation: Evaluation | None = None

    @property
    def state(self) -> State:
        """What is left to do: nothing for "evaluated", and for "failed" nothing that helps."""
        if self.evaluation is not None:
            return "evaluated"
        if self.record is None:
            return "open"
        if self.record.status == "failed":
            return "failed"
        return "trained" if self.record.status == "finished" else "open"

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, or nothing that helps."""
        return self.state in ("evaluated", "failed")

    @property
    def progress(self) -> float:
        """How much of the training is done, 0 to 1."""
        if self.record is None:
            return 0.0
        if self.record.status == "finished":  # also where it was stopped early
            return 1.0
        return min(self.record.step / max(self.record.steps, 1), 1.0)

    @property
    def share_done(self) -> float:
        """How much of it all is done, 0 to 1; the evaluation is the last hundredth."""
        return 1.0 if self.state in ("evaluated", "failed") else 0.99 * self.progress


class StudyFolder(WorkFolder):
    """The folder of a study."""

    file_name = FILE
    lock_name = "study.lock"

    def standings(self, study: Study, cells: Sequence[Cell]) -> list[Standing]:
        """Return how each cell stands, in their order."""
        folders = self._run_folders()
        return [_standing(study, cell, folders) for cell in cells]

    def standing(self, study: Study, cell: Cell) -> Standing:
        """Return how a cell stands."""
        return _standing(study, cell, self._run_folders())

    def _run_folders(self) -> Mapping[str, Sequence[Path]]:
        """Return the folders of runs by what they were named after, a person's own names by "".

        Their names are all that is read here: a look at a study of many runs must not ask the file
        system for each of those that are done.
        """
        found: dict[str, list[Path]] = {}
        place = self.runs.resolve()
        for path in sorted(place.iterdir() if place.is_dir() else ()):
            moment = MOMENT.search(path.name)
            after = "" if moment is None else path.name[: moment.start()]
            found.setdefault(after, []).append(path)
        return found


def _standing(study: Study, cell: Cell, folders: Mapping[str, Sequence[Path]]) -> Standing:
    own = [path for path in folders.get("", ()) if path.name.startswith(cell.name)]
    found = [
        Standing(cell, path, record, evaluation_of(path, record, cell, study))
        for path in (*folders.get(cell.name, ()), *own)
        if (record := _record_of(path, cell)) is not None
    ]
    # Two only where a file system without locks let two workers begin the same cell.
    return max(found, key=_advance, default=Standing(cell))


def evaluation_of(run: Path, record: Record, cell: Cell, study: Study) -> Evaluation | None:
    """Return a run's evaluation on the study's episodes, of the checkpoint that counts."""
    best = None if record.best is None else record.best.step
    is_best = own_checkpoint(best, cell.experiment.data.train_splits) == "best"
    step = best if is_best else record.step
    wanted = (study.split, study.episodes, step)
    return next(
        (
            each
            for each in kept_evaluations(run).evaluations
            if (each.split, each.episodes, each.step) == wanted and len(each.accuracies)
        ),
        None,
    )


def _advance(standing: Standing) -> tuple[bool, float]:
    return standing.evaluation is not None, standing.progress


def _record_of(path: Path, cell: Cell) -> Record | None:
    """Return the record of a run of a cell; None for a run of another one, or one half made."""
    file = path / "experiment.yaml"
    try:
        text = required_text(file)
        # As it was written, mostly: reading settings takes ten times as long as writing them.
        if text != cell.experiment.to_yaml() and not cell.is_of(
            experiment_from_yaml(text, str(file))
        ):
            return None
        return read_record(path)
    except BadInput:
        return None
