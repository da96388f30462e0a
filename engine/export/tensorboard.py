"""Export to TensorBoard: a run's scalars, hyper-parameters and settings in an event file.

There is one file for a run, DIR/RUN/events.out.tfevents..., which says nothing of this machine. It
is written anew from the run's metrics whenever writing begins, so a run that was resumed has every
step once; live, what happens is then appended.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.config import used_values
from engine.errors import BadInput
from engine.events import Prepared, StepsTaken, TrainingEvent, Validated
from engine.io.files import replacing
from engine.runs.metrics import validation_numbers
from engine.runs.run import Run

_RATE_TAG = "speed/steps_per_second"
_PROGRESS_ROWS = 2000


def require_tensorboard() -> None:
    """Raise `BadInput` unless the extra is installed."""
    if find_spec("tensorboard") is None:
        raise BadInput(
            "Event files need tensorboard; install it with: pip install 'leo-studio[tensorboard]'"
        )


def event_file(run: Run, folder: Path) -> Path:
    """Return where a run's event file is inside a folder of TensorBoard's."""
    created = round(_created(run))
    return folder / run.name / f"events.out.tfevents.{created}.{run.record.id}"


def save_events(run: Run, folder: Path, progress: Callable[[float], None]) -> Path:
    """Write all that a run has measured so far; the file is whole or absent.

    Parameters
    ----------
    run
        The run; it may be training.
    folder
        What `tensorboard --logdir` is given; the run has a folder of its own inside.
    progress
        Called with the fraction done.

    Raises
    ------
    BadInput
        If tensorboard is not installed, or the file cannot be written.
    """
    require_tensorboard()
    path = event_file(run, folder)
    with replacing(path) as draft, draft.open("wb") as file:
        for done in _Events(run, file).everything():
            progress(done)
    return path


@contextmanager
def live_events(run: Run, folder: Path) -> Iterator[Callable[[TrainingEvent], None]]:
    """Yield a function that writes each event of a run's training as it happens.

    What was measured before is written when training is `Prepared`, and has dropped what it will
    do again. A disk that fills up later ends the writing, not the training: the run's own metrics
    files say so where it matters.
    """
    with ExitStack() as stack:
        events: _Events | None = None

        def write_event(event: TrainingEvent) -> None:
            nonlocal events
            if isinstance(event, Prepared):
                path = save_events(run, folder, lambda _: None)
                file = path.open("ab")
                stack.callback(_close, file)
                events = _Events(run, file, is_new=False)
            elif events is not None:
                try:
                    events.write(event)
                except OSError:
                    events = None

        yield write_event


def _close(file: IO[bytes]) -> None:
    """Close a file, also where the disk has no room for what it still holds."""
    with suppress(OSError):
        file.close()


class _Events:
    """Writes a run's numbers as TensorBoard's records."""

    def __init__(self, run: Run, file: IO[bytes], *, is_new: bool = True) -> None:
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._event: Any = event_pb2.Event
        self._summary: Any = summary_pb2.Summary
        self._run = run
        self._file = file
        self._writer: RecordWriter = RecordWriter(file)
        self._start = _created(run)
        self._seconds = run.record.seconds
        self._columns = run.columns
        self._tags = [*(column.tag for column in self._columns), _RATE_TAG]
        if is_new:
            self._write(self._event(wall_time=self._start, file_version="brain.Event:2"))

    def everything(self) -> Iterator[float]:
        """Write settings and all metrics, yielding the fraction done."""
        self._write_settings()
        training, validation = self._run.training.arrays(), self._run.validation.arrays()
        names = [*(column.name for column in self._columns), "steps_per_second"]
        rows = np.stack([training[name] for name in names], axis=1).tolist()
        steps, seconds = training["step"].astype(int).tolist(), training["seconds"].tolist()
        for place, row in enumerate(rows):
            self._scalars(steps[place], seconds[place], dict(zip(self._tags, row, strict=True)))
            if place % _PROGRESS_ROWS == 0:
                yield place / len(rows)
        for place, step in enumerate(validation["step"].tolist()):
            values = {name: float(column[place]) for name, column in validation.items()}
            del values["step"]
            self._validation(int(step), _at(step, training), values)
        yield 1.0

    def write(self, event: TrainingEvent) -> None:
        """Write what an event says, where it says a number."""
        if isinstance(event, StepsTaken):
            first = event.step - len(event.metrics) + 1
            self._seconds = event.seconds
            for place, row in enumerate(event.metrics.tolist()):
                values = zip(self._tags, (*row, event.steps_per_second), strict=True)
                self._scalars(first + place, event.seconds, dict(values))
            self._file.flush()
        elif isinstance(event, Validated):
            numbers = validation_numbers(event.scores, self._run.scores)
            self._validation(event.step, self._seconds, numbers)
            self._file.flush()

    def _validation(self, step: int, seconds: float, values: Mapping[str, float]) -> None:
        self._scalars(step, seconds, {f"validation/{name}": each for name, each in values.items()})

    def _scalars(self, step: int, seconds: float, values: Mapping[str, float]) -> None:
        value = self._summary.Value
        summary = self._summary(
            value=[value(tag=tag, simple_value=number) for tag, number in values.items()]
        )
        self._write(self._event(wall_time=self._start + seconds, step=step, summary=summary))

    def _write_settings(self) -> None:
        from tensorboard.plugins.hparams import summary_v2 as hparams
        from tensorboard.plugins.text import summary_v2 as text

        chosen = _hyper_parameters(self._run)
        identity = hparams.hparams_pb(chosen, self._run.record.id, start_time_secs=self._start)
        yaml = "```yaml\n" + _settings_text(self._run) + "```"
        for summary in (identity, text.text_pb("experiment", np.array(yaml))):
            # From one build of the protocol's messages to another, by their bytes.
            content = self._summary.FromString(summary.SerializeToString())
            self._write(self._event(wall_time=self._start, step=0, summary=content))

    def _write(self, event: Any) -> None:
        self._writer.write(event.SerializeToString())


def _hyper_parameters(run: Run) -> dict[str, str | float | int | bool]:
    """Return the settings that a person varies, by dotted path."""
    found: dict[str, str | float | int | bool] = {}
    experiment = run.experiment.with_source(run.record.store.name or "store")
    for path, value in used_values(experiment).items():
        section, _, name = path.partition(".")
        if name and section not in ("data", "evaluation") and value != "":
            found[path] = value if isinstance(value, str | float | int) else str(value)
    return found | ({"store": run.record.store.name} if run.experiment.task.needs_store else {})


def _settings_text(run: Run) -> str:
    """Return all settings, the store by its name wherever it lies."""
    return run.experiment.with_source(run.record.store.name or "store").to_yaml()


def _created(run: Run) -> float:
    return datetime.fromisoformat(run.record.created).timestamp()


def _at(step: float, training: Mapping[str, Any]) -> float:
    """Return how many seconds of training there were up to a step."""
    place = int(np.searchsorted(training["step"], step, side="right")) - 1
    return float(training["seconds"][place]) if place >= 0 else 0.0
