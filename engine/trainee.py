"""What the training loop does for one run: writes down what happened, validates, keeps checkpoints.

The loop trains one run or many side by side, and each of them has one of these.
"""

import time
from collections.abc import Generator
from contextlib import closing

import numpy as np

from engine.config import Schedule
from engine.data.store import Split
from engine.errors import BadInput
from engine.evaluation.evaluator import evaluation
from engine.evaluation.protocol import Protocol
from engine.evaluation.record import Evaluation
from engine.events import CheckpointSaved, StepsTaken, Validated, Validating
from engine.leo.model import Parameters
from engine.leo.variants import classifier_of
from engine.runs.record import best_of
from engine.runs.run import Run
from engine.step import OuterStep
from engine.stepping import Done

# A validation that takes long is told of so often.
_SECONDS_BETWEEN_EVENTS = 0.1
_HOPELESS_STEPS = 50


class Trainee:
    """One run that is trained, and its place among the members of an outer step.

    Parameters
    ----------
    run
        Where everything is written.
    take
        What takes the steps.
    member
        The run's place there.
    step
        How many it has taken already, of which there is a checkpoint unless it is none.

    Attributes
    ----------
    is_active
        Whether it is trained further; a run that is at its end, among others, is not.
    saved_step, saved_at
        What the last checkpoint is of, and when that was, on the clock of `time.perf_counter`.
    """

    def __init__(self, run: Run, take: OuterStep, member: int, step: int) -> None:
        self.run, self.member = run, member
        self.saved_step, self.saved_at = step, time.perf_counter()
        self.is_active = True
        self._take = take
        self._validated = {int(row["step"]) for row in run.validation.read()}
        self._nan_steps = 0
        self._seconds = run.record.seconds

    @property
    def parameters(self) -> Parameters:
        """Its weights, as they are now."""
        return self._take.members[self.member]

    def took(self, done: Done) -> StepsTaken:
        """Write down steps that were taken."""
        metrics = done.metrics[:, self.member]
        self._seconds += done.seconds
        taken = StepsTaken(done.step, metrics, self._seconds, len(metrics) / done.seconds)
        self.run.append_steps(taken)
        return taken

    def require_hope(self, taken: StepsTaken) -> None:
        """Raise `BadInput` if the loss stays not-a-number."""
        self._nan_steps = nan_steps_in_a_row(self._nan_steps, self.run, taken)

    def must_validate(self, step: int) -> bool:
        """Whether a validation follows this step, and was not done yet."""
        due = step > 0 and is_due(step, self.run.experiment.schedule)
        return due and step not in self._validated

    def validate(self, step: int, split: Split) -> Generator[Validating | Validated]:
        """Validate, telling how far it is and at last what came of it, which is written down."""
        result = yield from validate(self.run, self.parameters, split, step)
        self.run.append_validation(result)
        self._validated.add(step)
        yield result

    def save(self, step: int) -> CheckpointSaved:
        """Keep a checkpoint."""
        take, member = self._take, self.member
        checkpoint = self.run.save(step, take.weights(member), take.moments(member))
        self.saved_step, self.saved_at = step, time.perf_counter()
        return CheckpointSaved(step, str(checkpoint.weights_path))

    def finish(self, step: int, *, stopped_early: bool) -> None:
        """End the run."""
        self.is_active = False
        self.run.update(status="finished", step=step)
        self.run.log(f"finished at step {step}" + (", early" if stopped_early else ""))

    def stop(self, step: int) -> None:
        """Stop the run, which keeps a checkpoint and can be resumed."""
        if step > self.saved_step:
            self.save(step)
        self.run.update(status="stopped", step=step)
        self.run.log(f"stopped at step {step}")

    def give_up(self, reason: str) -> None:
        """End the run as failed, while others go on."""
        self.is_active = False
        self.run.update(status="failed", error=reason)
        self.run.log(f"failed at step {self.run.record.step}: {reason}")


def validate(
    run: Run, parameters: Parameters, split: Split, step: int
) -> Generator[Validating, None, Validated]:
    """Evaluate on the validation episodes, which are the same at every step of every run."""
    experiment = run.experiment
    task, episodes = experiment.task, experiment.schedule.validation_episodes
    protocol = Protocol(task.n_way, task.k_shot, task.examples_per_class, episodes)
    steps = evaluation(classifier_of(experiment, parameters), split, protocol)
    told = time.perf_counter()
    with closing(steps):
        while True:
            try:
                done = next(steps)
            except StopIteration as end:
                result: Evaluation = end.value
                break
            if time.perf_counter() - told > _SECONDS_BETWEEN_EVENTS:
                told = time.perf_counter()
                yield Validating(step, done, episodes)
    best = run.record.best
    return Validated(
        step=step,
        accuracy=result.accuracy,
        ci95=result.ci95,
        loss=result.loss,
        calibration_error=result.calibration_error,
        is_best=best is None or result.accuracy > best.accuracy,
    )


def is_due(step: int, schedule: Schedule) -> bool:
    """Whether a validation follows this step."""
    return step % schedule.validate_every == 0 or step >= schedule.steps


def steps_until_due(step: int, schedule: Schedule) -> int:
    """Return how many steps can be taken before the next validation."""
    every = schedule.validate_every
    return min(every - step % every, schedule.steps - step)


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
