"""A run on disk: one folder that can be copied, zipped and opened elsewhere.

```
run.json               what it is and how it stands, replaced in one move
experiment.yaml        the whole resolved experiment
train.csv              one row per outer step
validation.csv         one row per validation
checkpoints/           see `engine.runs.checkpoints`
evaluations/           results of evaluations, one JSON file each
notes.json             see `engine.runs.annotations`
log.txt                what happened, in words
run.lock               held by the process that trains
```
"""

import os
import platform
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import Experiment, load_experiment
from engine.data.fingerprint import fingerprint
from engine.data.store import EmbeddingStore
from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.listing import listed
from engine.learners.catalogue import learner_kind
from engine.learners.columns import ColumnSpec
from engine.runs.checkpoints import Checkpoint, list_checkpoints, remove_checkpoint, save_checkpoint
from engine.runs.metrics import training_metrics, validation_metrics, validation_numbers
from engine.runs.record import (
    OWNED,
    Record,
    Status,
    StoreRecord,
    best_of,
    own_checkpoint,
    read_record,
    write_record,
)
from engine.tasks.catalogue import task_kind
from engine.tasks.scores import Score, ScoreSpec

# A run that was copied from another computer while it ran has an owner that cannot be asked.
_HEARTBEAT_SECONDS = 5.0
_DEAD_AFTER_SECONDS = 120.0
_LOCK_SECONDS = 0.2


class Run:
    """A run folder.

    Parameters
    ----------
    path
        The folder.

    Raises
    ------
    BadInput
        If it is no run, or one of a later version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.record = read_record(self.path)
        self.experiment = load_experiment(self.path / "experiment.yaml")
        self.training = training_metrics(self.path, self.columns)
        self.validation = validation_metrics(self.path, self.scores)

    @classmethod
    def create(cls, folder: Path, experiment: Experiment, store: StoreRecord) -> "Run":
        """Make a new run in `folder`, named after the experiment and the time.

        Parameters
        ----------
        folder
            Where runs are.
        experiment
            All settings.
        store
            What the run is trained on, kept in run.json.
        """
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        path = folder / f"{experiment.name}-{stamp}"
        while True:
            try:
                (path / "checkpoints").mkdir(parents=True)
                break
            except FileExistsError:
                path = folder / f"{experiment.name}-{stamp}-{secrets.token_hex(2)}"
            except OSError as error:
                raise BadInput(
                    f"No run can be made in {folder} ({error.strerror}); choose another "
                    "folder with --runs."
                ) from None
        now = _now()
        record = Record(
            id=secrets.token_hex(8),
            name=path.name,
            status="created",
            preset=experiment.name,
            created=now,
            updated=now,
            host=socket.gethostname(),
            process_id=os.getpid(),
            heartbeat=time.time(),
            device="",
            step=0,
            steps=experiment.last_step,
            seconds=0.0,
            best=None,
            error=None,
            store=store,
            versions=_versions(),
        )
        write_text(path / "experiment.yaml", experiment.to_yaml())
        write_record(path, record)
        return cls(path)

    @property
    def name(self) -> str:
        """The folder's name, by which people call the run."""
        return self.path.name

    @property
    def status(self) -> Status:
        """How it stands; a run that nobody trains any more, though it says so, is interrupted."""
        if self.record.status in OWNED and not self.has_owner():
            return "interrupted"
        return self.record.status

    @property
    def checkpoints(self) -> list[Checkpoint]:
        """All checkpoints by rising step."""
        return list_checkpoints(self.path / "checkpoints")

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """What each outer step reports."""
        return learner_kind(self.experiment).columns

    @property
    def scores(self) -> tuple[ScoreSpec, ...]:
        """What its validations measure; the first one says which of them is best."""
        return task_kind(self.experiment).scores

    @property
    def trains_on_validation_classes(self) -> bool:
        """Whether its validations say nothing about new classes."""
        return "val" in self.experiment.data.train_splits

    @property
    def has_stalled(self) -> bool:
        """Whether the last validations, as many as early stopping waits for, were no better."""
        patience = self.experiment.schedule.early_stopping
        if patience is None:
            return False
        validations = self.validation.read()
        best = best_of(validations, self.scores)
        since = [row for row in validations if best is None or row["step"] > best.step]
        return len(since) >= patience

    def checkpoint(self, which: str | None = None) -> Checkpoint:
        """Return the checkpoint called "best", "last" or by its step.

        By default the best, or the last where validation watched classes that were trained on.

        Raises
        ------
        BadInput
            If there is none of that name.
        """
        checkpoints = self.checkpoints
        if not checkpoints:
            raise BadInput(f"{self.name} has no checkpoint yet; train it further.")
        best = self.record.best
        which = which or own_checkpoint(
            best.step if best else None, self.experiment.data.train_splits
        )
        if which == "last" or (which == "best" and best is None):
            return checkpoints[-1]
        wanted = str(best.step) if which == "best" and best else which
        for checkpoint in checkpoints:
            if wanted == str(checkpoint.step):
                return checkpoint
        steps = ", ".join(str(checkpoint.step) for checkpoint in checkpoints)
        raise BadInput(
            f'{self.name} has no checkpoint "{which}"; say best, last or one of the steps {steps}.'
        )

    def has_owner(self) -> bool:
        """Whether a living process trains this run."""
        if self.record.host != socket.gethostname():
            return time.time() - self.record.heartbeat < _DEAD_AFTER_SECONDS
        try:
            with self._lock():
                return False
        except filelock.Timeout:
            return True
        except (OSError, BadInput):
            # On a medium that cannot be written to, and where no run is any more, nobody trains.
            return False

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Train this run: nobody else can meanwhile, and a failure is written down.

        The lock is the system's own, so it goes when the process goes, however that happens.
        """
        try:
            with self._lock():
                try:
                    yield
                except GeneratorExit:
                    raise
                except KeyboardInterrupt:
                    # Its owner is gone and it says "running": it reads as interrupted.
                    raise
                except BaseException as error:
                    # A disk that is full takes no word of it either; the run then reads as
                    # interrupted, and what went wrong is what is raised.
                    with suppress(BadInput, OSError):
                        self.update(status="failed", error=f"{type(error).__name__}: {error}")
                        self.log(f"failed at step {self.record.step}: {error}")
                    raise
        except filelock.Timeout:
            raise BadInput(
                f"{self.name} is being trained by process {self.record.process_id} on "
                f"{self.record.host}; stop that one first."
            ) from None

    def update(self, **changes: Any) -> None:
        """Change run.json, in one move."""
        self.require_folder()
        changes |= {"updated": _now(), "heartbeat": time.time()}
        self.record = self.record.model_copy(update=changes)
        write_record(self.path, self.record)

    @staticmethod
    def owner() -> dict[str, Any]:
        """Say who this process is, for `update`."""
        return {"host": socket.gethostname(), "process_id": os.getpid()}

    def beat(self) -> None:
        """Show that the owner lives, every few seconds."""
        if time.time() - self.record.heartbeat > _HEARTBEAT_SECONDS:
            self.update()

    def log(self, line: str) -> None:
        """Append a line to log.txt."""
        with (self.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{_now()} {line}\n")

    def change_steps(self, steps: int) -> None:
        """Let the run be as long as `steps` outer steps."""
        self._change({"schedule.steps": steps}, "--steps")
        self.update(steps=steps)

    def change_device(self, device: str) -> None:
        """Go on on another device."""
        self._change({"run.device": device}, "--device")

    def append_steps(
        self, step: int, metrics: NDArray[np.float32], seconds: float, steps_per_second: float
    ) -> None:
        """Write the metrics of outer steps up to `step`, (steps, columns).

        `seconds` are those of training so far, over all sittings.
        """
        first, times = step - len(metrics) + 1, (seconds, steps_per_second)
        self.training.append(
            (first + index, (*row, *times)) for index, row in enumerate(metrics.tolist())
        )
        self.record = self.record.model_copy(update={"step": step, "seconds": seconds})

    def append_validation(self, step: int, measured: Mapping[str, Score], *, is_best: bool) -> None:
        """Write what a validation after a step measured, by the scores' names."""
        numbers = validation_numbers(measured, self.scores)
        self.validation.append([(step, list(numbers.values()))])
        if is_best:
            best = best_of([{"step": step, **numbers}], self.scores)
            self.record = self.record.model_copy(update={"best": best})

    def save(
        self, step: int, weights: Mapping[str, Tensor], optimizer: Mapping[str, Tensor]
    ) -> Checkpoint:
        """Save a checkpoint; the metrics up to it are on disk before it is."""
        self.require_folder()
        self.training.flush_to_disk()
        self.validation.flush_to_disk()
        rows = [row for row in self.validation.read() if row["step"] == step]
        metrics = {name: number for row in rows for name, number in row.items() if name != "step"}
        folder = self.path / "checkpoints"
        checkpoint = save_checkpoint(folder, step, weights, optimizer, metrics)
        self.update(step=step)
        return checkpoint

    def newest_resumable(self) -> Checkpoint | None:
        """Return the newest checkpoint that training can go on from; None for a run without any.

        Raises
        ------
        BadInput
            If there are checkpoints, but none of them will do: starting anew would discard them.
        """
        checkpoints = self.checkpoints
        for checkpoint in reversed(checkpoints):
            if checkpoint.is_resumable:
                return checkpoint
        if checkpoints:
            steps = listed([str(each.step) for each in checkpoints])
            raise BadInput(
                f"{self.name} cannot go on: its checkpoints (of step {steps}) lack Adam's moments "
                "or are damaged. They can still be evaluated; restore the .optimizer files from a "
                "copy to go on."
            )
        return None

    def rewind(self) -> Checkpoint | None:
        """Go back to the newest checkpoint that training can go on from, or to the start.

        Whatever is later is dropped: going on writes the same again, to the bit on the CPU.
        """
        checkpoint = self.newest_resumable()
        step = 0 if checkpoint is None else checkpoint.step
        for later in self.checkpoints:
            if later.step > step:
                remove_checkpoint(later)
        self.training.keep(lambda row: row <= step)
        schedule = self.experiment.schedule
        # A validation whose checkpoint was not written any more is done again, and one at the old
        # end of a run that is now longer is none of the longer run's.
        is_validated = checkpoint is not None and checkpoint.is_validated
        last = step if is_validated else step - 1
        self.validation.keep(
            lambda row: (
                row <= last and (row % schedule.validate_every == 0 or row == schedule.steps)
            )
        )
        best = best_of(self.validation.read(), self.scores)
        self.update(step=step, best=best, error=None)
        return checkpoint

    def _change(self, settings: Mapping[str, Any], source: str) -> None:
        self.experiment = self.experiment.with_settings(settings, source)
        write_text(self.path / "experiment.yaml", self.experiment.to_yaml())

    def require_folder(self) -> None:
        """Make no new folder, with a part of the run in it, where somebody took the run away."""
        if not self.path.is_dir():
            raise BadInput(f"{self.path} is gone; it was removed, moved or renamed meanwhile.")

    def _lock(self) -> filelock.BaseFileLock:
        self.require_folder()
        # Whoever asks for the owner holds it for a moment too, which must not look like one.
        return filelock.FileLock(self.path / "run.lock", timeout=_LOCK_SECONDS, poll_interval=0.01)


def store_record(store: EmbeddingStore) -> StoreRecord:
    """Return what a run remembers of `store`."""
    return StoreRecord(
        path=str(store.path),
        name=store.name,
        embedding_dim=store.embedding_dim,
        splits={
            split.name: {"classes": split.classes, "examples": split.examples}
            for split in store.splits.values()
        },
        fingerprint=fingerprint(store),
    )


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "platform": platform.platform(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
