"""Time so far and time left, which count validations."""

import numpy as np
import pytest

from engine.config import Schedule
from engine.events import Event, Prepared, State, StateChanged, StepsTaken, Validating
from leo_studio.services.records import TrainingStatus
from leo_studio.services.training_progress import TrainingProgress
from tests.measured import COLUMNS, SCORES, STEP_COLUMNS, validated

RATE = 10.0  # steps a second
EPISODES = 200


class Training:
    """A run whose events come when a test says so."""

    def __init__(self, steps: int = 300, every: int = 100, step: int = 0) -> None:
        self.now = 1000.0
        self.status = TrainingStatus()
        self._progress = TrainingProgress(clock=lambda: self.now)
        schedule = Schedule(steps=steps, validate_every=every) if steps else None
        self.enter("preparing")
        self.tell(Prepared("run", step, steps, "cpu", COLUMNS, SCORES, schedule))
        self.enter("running")

    def tell(self, event: Event) -> TrainingStatus:
        self.status = self._progress.after(self.status, event)
        return self.status

    def enter(self, state: State) -> TrainingStatus:
        return self.tell(StateChanged(state, "run"))

    def train(self, to: int) -> TrainingStatus:
        """Take steps, at their rate."""
        count = to - self.status.step
        self.now += count / RATE
        metrics = np.zeros((count, len(STEP_COLUMNS)), np.float32)
        return self.tell(StepsTaken(to, metrics, to / RATE, RATE))

    def validate(self, seconds: float, done: int = EPISODES) -> TrainingStatus:
        """Go on validating for so long, until so many episodes are done in all."""
        self.now += seconds
        return self.tell(Validating(self.status.step, done, EPISODES))

    def end_validation(self) -> TrainingStatus:
        return self.tell(validated(self.status.step, 0.5))


def test_validations_to_come_take_as_long_as_those_before() -> None:
    run = Training()
    run.train(100)
    run.validate(20)
    # Two more, and 200 steps.
    status = run.end_validation()
    assert status.seconds_left == pytest.approx(2 * 20 + 20)
    assert not status.is_left_at_least
    run.train(200)
    run.validate(40)
    status = run.end_validation()
    assert status.seconds_left == pytest.approx(30 + 10)


def test_the_first_validation_tells_of_the_others_by_its_progress() -> None:
    run = Training()
    status = run.train(60)
    # Nobody knows yet how long validations take: no less than the steps.
    assert status.seconds_left == pytest.approx(24) and status.is_left_at_least
    run.train(100)
    status = run.validate(5, EPISODES // 4)
    assert status.seconds_left == pytest.approx(15 + 40 + 20)
    assert not status.is_left_at_least


def test_the_last_validation_is_no_moment_without_time_left() -> None:
    run = Training(steps=100)
    status = run.train(100)
    assert status.is_left_at_least
    for quarters in (1, 2, 3):
        status = run.validate(5, quarters * EPISODES // 4)
        assert status.seconds_left == pytest.approx(20 - 5 * quarters)
    assert run.end_validation().seconds_left == 0


def test_what_is_made_ready_before_the_episodes_does_not_count_for_each_of_them() -> None:
    run = Training(steps=100)
    run.train(100)
    run.validate(30, 0)
    assert run.validate(1, EPISODES // 2).seconds_left == pytest.approx(1)


def test_time_so_far_counts_validations_and_no_pauses() -> None:
    run = Training()
    run.train(100)
    assert run.validate(20).seconds_so_far == pytest.approx(30)
    run.enter("paused")
    run.now += 1000
    run.enter("running")
    assert run.end_validation().seconds_so_far == pytest.approx(30)
    assert run.status.seconds == pytest.approx(10)  # of training alone
    assert run.status.seconds_left == pytest.approx(2 * 20 + 20)


def test_a_run_that_goes_on_counts_what_is_left_of_it() -> None:
    run = Training(step=200)
    run.train(250)
    assert run.status.is_left_at_least
    assert run.status.seconds_so_far == pytest.approx(5)
    run.train(300)
    run.validate(20)
    assert run.end_validation().seconds_left == 0


def test_validations_of_which_nothing_was_heard_are_measured() -> None:
    run = Training()
    run.train(90)
    run.now += 2  # steps and a validation that were told of at once
    status = run.tell(validated(100, 0.5))
    assert not status.is_left_at_least


def test_a_learner_without_steps_has_one_validation() -> None:
    run = Training(steps=0)
    assert run.validate(5, EPISODES // 2).seconds_left == pytest.approx(5)


def test_of_the_next_run_nothing_is_known() -> None:
    run = Training()
    run.train(100)
    run.validate(20)
    run.end_validation()
    run.enter("stopped")
    assert run.status.seconds_left is None
    run.enter("preparing")
    assert run.status.seconds_so_far == 0
