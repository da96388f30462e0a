"""A run on disk: one folder that can be copied, zipped and opened elsewhere.

```
run.json               what it is and how it stands, replaced in one move
experiment.yaml        the whole resolved experiment
features.safetensors   what is done to embeddings, where it is fitted; see `engine.data.features`
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
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import Experiment, load_experiment
from engine.data.features import Features, keep_features, kept_features
from engine.errors import BadInput
from engine.io.files import write_text
from engine.io.locks import holding
from engine.io.times import stamp, utc_now
from engine.learners.catalogue import learner_kind
from engine.learners.columns import ColumnSpec
from engine.runs.checkpoints import Checkpoint, save_checkpoint
from engine.runs.folders import require_no_folder, run_identity
from engine.runs.kept_checkpoints import KeptCheckpoints
from engine.runs.metrics import training_metrics, validation_metrics, validation_numbers
from engine.runs.ownership import HEARTBEAT_SECONDS, LOCK, Owner, owner_of
from engine.runs.record import (
    OWNED,
    Record,
    Status,
    StoreRecord,
    best_of,
    read_record,
    write_record,
)
from engine.tasks.catalogue import task_kind
from engine.tasks.scores import Score, ScoreSpec

# Whoever asks for the owner holds the lock for a moment too, which must not look like one.
_LOCK_SECONDS = 0.2
_NO_LOCKS = (
    f"{LOCK} cannot be locked in this folder: its file system refuses locks. Until this run ends, "
    "its heartbeat alone tells other machines that it is being trained."
)


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
        self.path = run_identity(path)
        self.record = read_record(self.path)
        self.experiment = load_experiment(self.path / "experiment.yaml")
        self.training = training_metrics(self.path, self.columns)
        self.validation = validation_metrics(self.path, self.scores)
        self._is_under_way = False

    @classmethod
    def create(
        cls,
        folder: Path,
        experiment: Experiment,
        store: StoreRecord,
        preset: str = "",
        features: Features | None = None,
    ) -> "Run":
        """Make a new run in `folder`, named after the experiment and the time.

        Parameters
        ----------
        folder
            Where runs are.
        experiment
            All settings.
        store
            What the run is trained on, kept in run.json.
        preset
            What the experiment began as; "" for the one that has its name.
        features
            What was fitted to the examples that it is to be trained on.
        """
        path = folder / f"{experiment.name}-{stamp()}"
        while True:
            try:
                (path / "checkpoints").mkdir(parents=True)
                break
            except FileExistsError:
                path = folder / f"{experiment.name}-{stamp()}-{secrets.token_hex(2)}"
            except OSError as error:
                why = f"No run can be made in {folder} ({error.strerror})"
                raise BadInput(f"{why}; choose another folder with --runs.") from None
        now = utc_now()
        record = Record(
            id=secrets.token_hex(8),
            name=path.name,
            status="created",
            preset=preset or experiment.name,
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
        if features is not None:
            keep_features(path, features)
        write_record(path, record)
        return cls(path)

    def reread(self) -> None:
        """Read again how it stands, which another process may have changed."""
        self.record = read_record(self.path)

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
        return self.kept.all

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

    @property
    def kept(self) -> KeptCheckpoints:
        """Its checkpoints, to choose from; see `KeptCheckpoints`."""
        return KeptCheckpoints(
            self.path / "checkpoints",
            self.name,
            self.record,
            self.experiment.data.train_splits,
            self.validation,
            self.scores,
        )

    def features(self) -> Features:
        """Return what is done to embeddings; raises `BadInput` if what was fitted is missing."""
        return kept_features(self.path, self.experiment.data, self.record.store.embedding_dim)

    def checkpoint(self, which: str | None = None) -> Checkpoint:
        """Return the checkpoint called "best", "last" or by its step; see `KeptCheckpoints`."""
        return self.kept.choose(which)

    @property
    def owner(self) -> Owner:
        """Whether a living process trains it, as far as that is known; see `ownership`."""
        return owner_of(self.path, self.record)

    @property
    def watched_host(self) -> str:
        """The machine that may still train it, as far as is known yet; "" where it is known."""
        return self.record.host if self.owner == "perhaps" else ""

    def has_owner(self) -> bool:
        """Whether a living process trains this run, or may do so."""
        return self.owner != "nobody"

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Train this run: nobody else can meanwhile, and a failure is written down.

        What a person has to put right before an old run can go on (a damaged file, a store that
        does not fit) is no failure of that run, which stays as it was until `begin`. Where the file
        system refuses locks, the heartbeat alone keeps others away.
        """
        self.require_folder()
        try:
            with holding(self.path / LOCK, _LOCK_SECONDS) as is_locked:
                try:
                    if not is_locked:
                        self.log(_NO_LOCKS)
                    yield
                except GeneratorExit:
                    raise
                except (KeyboardInterrupt, SystemExit):  # SIGTERM too
                    # Its owner is gone and it says "running": it reads as interrupted.
                    raise
                except BadInput as error:
                    if self._is_under_way or self.record.status == "created":
                        self._note_failure(error)
                    raise
                except BaseException as error:
                    self._note_failure(error)
                    raise
                finally:
                    self._is_under_way = False
        except filelock.Timeout:
            raise BadInput(
                f"{self.name} is being trained by process {self.record.process_id} on "
                f"{self.record.host}; stop that one first."
            ) from None

    def _note_failure(self, error: BaseException) -> None:
        """Write down what training ended with."""
        # A disk that is full takes no word of it either; the run then reads as interrupted, and
        # what went wrong is what is raised.
        with suppress(BadInput, OSError):
            text = str(error) if isinstance(error, BadInput) else f"{type(error).__name__}: {error}"
            self.update(status="failed", error=text)
            self.log(f"failed at step {self.record.step}: {error}")

    def update(self, **changes: Any) -> None:
        """Change run.json, in one move."""
        self.require_folder()
        changes = {"updated": utc_now(), "heartbeat": time.time()} | changes
        record = self.record.model_copy(update=changes)
        write_record(self.path, record)
        self.record = record

    def amend(self, **changes: Any) -> None:
        """Change run.json without a sign of life: whoever does so does not train it."""
        self.update(heartbeat=self.record.heartbeat, **changes)

    @staticmethod
    def this_process() -> dict[str, Any]:
        """Say who this process is, for `update`."""
        return {"host": socket.gethostname(), "process_id": os.getpid()}

    def beat(self) -> None:
        """Show that the owner lives, every few seconds."""
        if time.time() - self.record.heartbeat > HEARTBEAT_SECONDS:
            self.update()

    def log(self, line: str) -> None:
        """Append a line to log.txt."""
        with (self.path / "log.txt").open("a", encoding="utf-8") as file:
            file.write(f"{utc_now()} {line}\n")

    def require_sound(self) -> None:
        """Raise `BadInput` where training on would meet damage: all before anything is written."""
        written = ("run.json", "experiment.yaml", "train.csv", "validation.csv", "log.txt")
        checkpoints = sorted((self.path / "checkpoints").glob("step-*"))
        require_no_folder((*(self.path / name for name in written), *checkpoints))
        self.training.arrays()
        self.validation.arrays()

    def begin(self, device: str) -> None:
        """Say that this process trains it from now on; before, nothing of it is to be changed."""
        self._is_under_way = True
        length = self.experiment.last_step  # the settings say it; the record repeats it for lists
        self.update(status="running", steps=length, device=device, **self.this_process())

    def change_steps(self, steps: int) -> None:
        """Let the run be as long as `steps` outer steps."""
        self._change({"schedule.steps": steps}, "--steps")
        self.amend(steps=steps)

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

    def rewind(self) -> Checkpoint | None:
        """Go back to the newest checkpoint that training can go on from, or to the start.

        Whatever is later is dropped: going on writes the same again, to the bit on the CPU.
        """
        # Read before anything is changed: what a person has to mend first leaves the run as it is.
        checkpoint = self.kept.newest_resumable()
        self.training.require_header()
        self.validation.read()
        step = 0 if checkpoint is None else checkpoint.step
        self.kept.remove_after(step)
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


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "platform": platform.platform(),
    }
