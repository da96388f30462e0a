"""Recorder of one run in training: writes down its metrics, validations, checkpoints and end.

The loop trains one run or many side by side, and each of them has one of these.
"""

import time
from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.events import CheckpointSaved, Failed, Finished, StepsTaken, Validated, Validating
from engine.learners.catalogue import learner_kind
from engine.runs.run import Run
from engine.training.pipeline import FinishedSteps
from engine.training.trainee import Examine, Trainee
from engine.training.validation import validate

_HOPELESS_STEPS = 50


class RunRecorder:
    """Records what training does to one run, a member of what is trained.

    Parameters
    ----------
    run
        Where everything is written.
    trainee
        What is trained.
    member
        The run's place there.
    step
        How many steps it has taken already, of which there is a checkpoint unless it is none.

    Attributes
    ----------
    is_active
        Whether it is trained further; a run that is at its end, among others, is not.
    saved_at
        When the last checkpoint was saved, on the clock of `time.perf_counter`.
    """

    def __init__(self, run: Run, trainee: Trainee, member: int, step: int) -> None:
        self.run, self.member = run, member
        self.is_active = True
        self.saved_at = time.perf_counter()
        self._saved_step = step
        self._trainee = trainee
        self._validated = {int(row["step"]) for row in run.validation.read()}
        # As if it had never been left: a loss that is hopeless is given up at the same step.
        self._nan_steps = _nan_steps_at_the_end(run)
        self._seconds = run.record.seconds

    def record(self, finished: FinishedSteps) -> list[StepsTaken | Failed]:
        """Write down steps that were taken, and give the run up where its loss is hopeless."""
        metrics = finished.metrics[:, self.member]
        self._seconds += finished.seconds
        rate = len(metrics) / finished.seconds
        taken = StepsTaken(finished.step, metrics, self._seconds, rate)
        self.run.append_steps(taken.step, metrics, taken.seconds, rate)
        self._nan_steps = nan_steps_in_a_row(self._nan_steps, self.run, taken)
        if self._nan_steps < _HOPELESS_STEPS:
            self.run.beat()
            return [taken]
        sentence = (
            f"The loss was not a number for {self._nan_steps} steps up to step {taken.step}; lower "
            f"{learner_kind(self.run.experiment).advice} and train again."
        )
        self.is_active = False
        self.run.update(status="failed", error=sentence)
        self.run.log(f"failed at step {taken.step}: {sentence}")
        return [taken, Failed(str(self.run.path), sentence, "")]

    def must_validate(self, step: int) -> bool:
        """Whether a validation follows this step, and was not done yet."""
        schedule = self.run.experiment.schedule
        return schedule.is_validated_after(step) and step not in self._validated

    def validate(
        self, step: int, examine: Examine
    ) -> Generator[Validating | Validated | CheckpointSaved]:
        """Validate, telling how far it is and, once that is on disk, what came of it."""
        result = yield from validate(self.run, examine(self.member), step)
        self.run.append_validation(step, result.scores, is_best=result.is_best)
        self._validated.add(step)
        # Before the result is told of: a reader that stops at it finds the weights that it is of.
        saved = self.save(step)
        yield result
        yield saved

    def save(self, step: int) -> CheckpointSaved:
        """Keep a checkpoint."""
        trainee, member = self._trainee, self.member
        checkpoint = self.run.save(step, trainee.weights(member), trainee.moments(member))
        self._saved_step, self.saved_at = step, time.perf_counter()
        return CheckpointSaved(step, str(checkpoint.weights_path))

    def ends(self, step: int) -> list[Finished]:
        """End the run where it is at its last step or does not get better."""
        stopped_early = self.run.has_stalled
        if step < self.run.experiment.schedule.steps and not stopped_early:
            return []
        self.is_active = False
        self.run.update(status="finished", step=step)
        self.run.log(f"finished at step {step}" + (", early" if stopped_early else ""))
        return [Finished(step, stopped_early)]

    def stop(self, step: int) -> None:
        """Stop the run, which keeps a checkpoint and can be resumed."""
        if step > self._saved_step:
            self.save(step)
        self.run.update(status="stopped", step=step)
        self.run.log(f"stopped at step {step}")


def still_trained(recorders: Sequence[RunRecorder]) -> list[RunRecorder]:
    """Return those whose run is neither at its end nor given up."""
    return [recorder for recorder in recorders if recorder.is_active]


def nan_steps_in_a_row(before: int, run: Run, taken: StepsTaken) -> int:
    """Return how many losses up to now were not a number, `before` of them until these steps."""
    is_nan = np.isnan(taken.metrics[:, 0])
    if not is_nan.any():
        return 0
    run.log(f"{int(is_nan.sum())} of the losses up to step {taken.step} were not a number")
    return before + len(is_nan) if is_nan.all() else _at_the_end(is_nan)


def _nan_steps_at_the_end(run: Run) -> int:
    """Return how many of the last losses that a run has written were not a number."""
    losses = run.training.arrays()[run.columns[0].name]
    return _at_the_end(np.isnan(losses))


def _at_the_end(is_nan: NDArray[np.bool_]) -> int:
    """Return how many of some truths, (steps,), are true at the end, one after the other."""
    numbers = np.flatnonzero(~is_nan)
    return len(is_nan) - 1 - int(numbers[-1]) if len(numbers) else len(is_nan)
