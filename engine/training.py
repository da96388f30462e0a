"""The meta-training loop (Rusu et al. 2019, algorithm 1): top to bottom, yielding events."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from engine.config import Experiment, Schedule
from engine.data.fitting import VALIDATION_SPLIT, misfits
from engine.data.store import EmbeddingStore, Split
from engine.devices import choose_device, cpu_threads, keep_freed_memory
from engine.errors import BadInput
from engine.evaluation import Classifier, EvaluationResult, Protocol, evaluation
from engine.events import (
    CheckpointSaved,
    Finished,
    Prepared,
    StepsTaken,
    TrainingEvent,
    Validated,
    Validating,
)
from engine.inspection.probes import Probes
from engine.leo.adaptation import adapt
from engine.leo.model import Parameters
from engine.leo.variants import algorithm_of
from engine.runs import Run, best_of
from engine.step import OuterStep

# Metrics are fetched from the device and written this often: rarely enough to cost nothing, often
# enough that a window moves and Stop is heard.
_SECONDS_BETWEEN_EVENTS = 0.1
# Between validations a checkpoint is kept this often, so that no crash costs more.
_SECONDS_BETWEEN_CHECKPOINTS = 60.0
_HOPELESS_STEPS = 50


@dataclass(slots=True)
class Pace:
    """What the reader of the training loop asks of it between two events."""

    is_single_step: bool = False  # take one outer step before the next `StepsTaken`
    wants_checkpoint: bool = False  # save one next; the loop takes this back when it has
    wants_probes: bool = False  # look at the probe episodes every so often


def train(
    experiment: Experiment, store: EmbeddingStore, run: Run, pace: Pace | None = None
) -> Generator[TrainingEvent]:
    """Meta-train LEO, going on from the run's newest checkpoint; the run is whole at every yield.

    To stop, close the generator: it keeps a checkpoint first. Steps, validations and checkpoints
    do not depend on where a run was stopped or killed; on the CPU not by a bit.

    Parameters
    ----------
    experiment
        All settings.
    store
        Embeddings with the splits to train on, and "val" to validate on.
    run
        Where everything is written; its status follows what happens here.
    pace
        The reader's wishes, which may change between two events; none by default.

    Raises
    ------
    BadInput
        If store and task do not fit, or the loss stays not-a-number.
    """
    pace = pace or Pace()
    schedule = experiment.schedule
    device = choose_device(experiment.run.device)
    keep_freed_memory()
    with run.owned(), cpu_threads(_threads(experiment, device)):
        split, validation_split = load_splits(experiment, store, device)
        take_step = OuterStep(experiment, split)
        probes = Probes(experiment, validation_split, run.name, run.record.id)
        checkpoint = run.rewind()
        step, nan_steps, seconds = 0, 0, run.record.seconds
        if checkpoint is not None:
            take_step.restore(checkpoint.weights(), checkpoint.optimizer())
            step = checkpoint.step
        run.update(status="running", device=str(device), **run.owner())
        run.log(f"trains from step {step} to {schedule.steps} on {device}")
        saved_at, saved_step = time.perf_counter(), step
        validated = {int(row["step"]) for row in run.validation.read()}

        def save() -> CheckpointSaved:
            nonlocal saved_at, saved_step
            pace.wants_checkpoint = False
            checkpoint = run.save(step, take_step.weights(), take_step.moments())
            saved_at, saved_step = time.perf_counter(), step
            return CheckpointSaved(step, str(checkpoint.weights_path))

        def save_if_due() -> Iterator[CheckpointSaved]:
            seconds = time.perf_counter() - saved_at
            if pace.wants_checkpoint or seconds > _SECONDS_BETWEEN_CHECKPOINTS:
                yield save()

        try:
            yield Prepared(str(run.path), step, schedule.steps, str(device))
            while True:
                yield from save_if_due()
                if step > 0 and is_due(step, schedule) and step not in validated:
                    result = yield from validate(
                        experiment, take_step.parameters, validation_split, step, run, save_if_due
                    )
                    run.append_validation(result)
                    validated.add(step)
                    saved = save()
                    yield result
                    yield saved
                    continue  # a checkpoint may be wanted since, of this very step
                stopped_early = has_stalled(run, schedule)
                if step >= schedule.steps or stopped_early:
                    break
                started = time.perf_counter()
                rows: list[torch.Tensor] = []
                while not rows or (
                    not pace.is_single_step
                    and not is_due(step, schedule)
                    and time.perf_counter() - started < _SECONDS_BETWEEN_EVENTS
                ):
                    rows.append(take_step(step))
                    step += 1
                metrics = torch.stack(rows).cpu().numpy()
                elapsed = time.perf_counter() - started
                seconds += elapsed
                taken = StepsTaken(step, metrics, seconds, len(rows) / elapsed)
                run.append_steps(taken)
                yield taken
                if pace.wants_probes:
                    yield from probes.if_due(step, take_step.parameters)
                nan_steps = nan_steps_in_a_row(nan_steps, run, taken)
                run.beat()
        except GeneratorExit:
            if step > saved_step:
                run.save(step, take_step.weights(), take_step.moments())
            run.update(status="stopped", step=step)
            run.log(f"stopped at step {step}")
            raise
        run.update(status="finished", step=step)
        run.log(f"finished at step {step}" + (", early" if stopped_early else ""))
        yield Finished(step, stopped_early)


def load_splits(
    experiment: Experiment, store: EmbeddingStore, device: torch.device
) -> tuple[Split, Split]:
    """Load what an experiment trains and validates on; raises `BadInput` if it does not fit."""
    require_fit(experiment, store)
    normalize = experiment.data.normalize
    split = store.load(experiment.data.train_splits, normalize=normalize)
    return split.to(device), store.load([VALIDATION_SPLIT], normalize=normalize).to(device)


def require_fit(experiment: Experiment, store: EmbeddingStore) -> None:
    """Raise `BadInput` unless the store has enough classes and examples for the task."""
    for sentence in misfits(experiment, store.path.name, store.splits):
        raise BadInput(sentence)


def validate(
    experiment: Experiment,
    parameters: Parameters,
    split: Split,
    step: int,
    run: Run,
    meanwhile: Callable[[], Iterator[CheckpointSaved]],
) -> Generator[Validating | CheckpointSaved, None, Validated]:
    """Evaluate on the validation episodes, which are the same at every step of every run.

    `meanwhile` is asked some times a second for a checkpoint that cannot wait for the end.
    """
    task, episodes = experiment.task, experiment.schedule.validation_episodes
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)
    steps = evaluation(classifier_of(experiment, parameters), split, protocol)
    told = time.perf_counter()
    with closing(steps):
        while True:
            try:
                done = next(steps)
            except StopIteration as end:
                result: EvaluationResult = end.value
                break
            if time.perf_counter() - told > _SECONDS_BETWEEN_EVENTS:
                told = time.perf_counter()
                yield Validating(step, done, episodes)
                yield from meanwhile()
    best = run.record.best
    return Validated(
        step=step,
        accuracy=result.accuracy,
        ci95=result.ci95,
        loss=result.loss,
        calibration_error=result.calibration_error,
        is_best=best is None or result.accuracy > best.accuracy,
    )


def classifier_of(experiment: Experiment, parameters: Parameters) -> Classifier:
    """Return the deterministic adaptation that an experiment's evaluations use."""
    algorithm = algorithm_of(experiment.leo)
    return partial(
        adapt,
        parameters,
        inner_steps=algorithm.inner_steps,
        finetuning_steps=algorithm.finetuning_steps,
        has_encoder=algorithm.has_encoder,
    )


def is_due(step: int, schedule: Schedule) -> bool:
    """Whether a validation follows this step."""
    return step % schedule.validate_every == 0 or step >= schedule.steps


def has_stalled(run: Run, schedule: Schedule) -> bool:
    """Whether the last validations, as many as early stopping waits for, brought no better one."""
    if schedule.early_stopping is None:
        return False
    validations = run.validation.read()
    best = best_of(validations)
    since = [row for row in validations if best is not None and row["step"] > best.step]
    return len(since) >= schedule.early_stopping


def nan_steps_in_a_row(before: int, run: Run, taken: StepsTaken) -> int:
    """Return how many losses up to now were not a number; raise `BadInput` at the 50th."""
    is_nan = np.isnan(taken.metrics[:, 0])
    if not is_nan.any():
        return 0
    run.log(f"{int(is_nan.sum())} of the losses up to step {taken.step} were not a number")
    last_number = np.flatnonzero(~is_nan)
    in_a_row = len(is_nan) - 1 - int(last_number[-1]) if len(last_number) else before + len(is_nan)
    if in_a_row >= _HOPELESS_STEPS:
        raise BadInput(
            f"The loss was not a number for {in_a_row} steps up to step {taken.step}; lower "
            "optimizer.outer_lr or leo.inner_lr and train again."
        )
    return in_a_row


def _threads(experiment: Experiment, device: torch.device) -> int | None:
    """One thread on the CPU: LEO's matrices are too small to share among several."""
    if device.type != "cpu":
        return None
    return experiment.run.threads or 1
