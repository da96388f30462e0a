"""Steps of a replay are the steps one by one, and what does not agree is not used.

No GPU is needed: a capture of the tests' own stands in for CUDA graphs, behind the same interface.
"""

import threading

import pytest
import torch
from torch import Tensor

from engine.config import Experiment
from engine.data.store import EmbeddingStore, Split
from engine.learners.leo.draws import Draws
from engine.learners.leo.kernels import OPERATIONS
from engine.learners.leo.learner import LeoLearner
from engine.tasks.classification import ClassificationTasks
from engine.training.cuda_graph import Work
from engine.training.executor import (
    AheadExecutor,
    EagerExecutor,
    GraphExecutor,
    choose_executor,
    steps_per_replay,
)
from engine.training.outer_step import OuterStep
from tests.problems import leo_step


def record(work: Work) -> Work:
    """Warm up as a capture does, which moves the weights, and call the work again to replay."""
    work()
    work()
    return work


@pytest.fixture
def split(toy_store: EmbeddingStore) -> Split:
    return toy_store.load(["train"])


def taken(split: Split, *experiments: Experiment) -> OuterStep:
    return OuterStep(experiments, split)


def test_steps_whose_size_changes_are_never_replayed(
    split: Split, toy_experiment: Experiment
) -> None:
    outer_step = taken(split, toy_experiment.with_settings({"optimizer.decay": "cosine"}))
    log = list[str]()
    executor = choose_executor(outer_step, 0, every=4, capture=record, log=log.append)
    assert isinstance(executor, EagerExecutor) and "their size changes" in log[0]


def rows(outer_step: OuterStep) -> list[Tensor]:
    return [tensor.clone() for member in outer_step.members for tensor in member]


@pytest.mark.parametrize("seeds", [[0], [0, 5, 2]])
def test_replays_and_what_is_left_over_are_the_same_steps(
    seeds: list[int], split: Split, toy_experiment: Experiment
) -> None:
    members = [toy_experiment.with_settings({"run.seed": seed}) for seed in seeds]
    plain, fast = taken(split, *members), taken(split, *members)
    log = list[str]()
    executor = choose_executor(fast, 7, every=4, capture=record, log=log.append)
    assert log == ["replays 4 steps at a time"]
    assert isinstance(executor, GraphExecutor) and executor.steps == 4
    expected = EagerExecutor(plain)(7, 11)
    assert torch.equal(executor(7, 11), expected)
    for one, other in zip(rows(plain), rows(fast), strict=True):
        assert torch.equal(one, other)


def not_recordable(work: Work) -> Work:
    work()
    raise RuntimeError("operation not permitted when stream is capturing\nand more")


def forgetful(work: Work) -> Work:
    return lambda: None


def test_what_cannot_be_recorded_is_taken_one_by_one_and_says_why(
    split: Split, toy_experiment: Experiment
) -> None:
    for capture, reason in (
        (not_recordable, "cannot be recorded (operation not permitted when stream is capturing)"),
        (forgetful, "away from the same steps one by one"),
    ):
        outer_step, log = taken(split, toy_experiment), list[str]()
        before = rows(outer_step)
        executor = choose_executor(outer_step, 0, every=10, capture=capture, log=log.append)
        assert isinstance(executor, EagerExecutor)
        assert len(log) == 1 and reason in log[0]
        assert all(torch.equal(*pair) for pair in zip(before, rows(outer_step), strict=True))
        assert torch.equal(executor(0, 3), EagerExecutor(taken(split, toy_experiment))(0, 3))


def test_wrong_kernels_are_found_out(split: Split, toy_experiment: Experiment) -> None:
    def biased(*arguments: object) -> object:
        weights, codes = OPERATIONS.inner_loop(*arguments)
        return weights * 1.001, codes

    wrong = OPERATIONS._replace(inner_loop=biased)
    outer_step, log = leo_step([toy_experiment], split, kernels=wrong), list[str]()
    executor = choose_executor(outer_step, 0, every=10, capture=None, log=log.append)
    assert outer_step.is_plain and "away from a plain step's" in log[0]
    assert torch.equal(executor(0, 3), EagerExecutor(taken(split, toy_experiment))(0, 3))


def test_kernels_that_do_not_compile_are_not_used(split: Split, toy_experiment: Experiment) -> None:
    class CompilationError(Exception):
        pass

    def uncompilable(*arguments: object) -> object:
        raise CompilationError("at 29:4:\nsomething about types")

    broken = OPERATIONS._replace(inner_loop=uncompilable)
    for capture in (None, record):
        outer_step, log = leo_step([toy_experiment], split, kernels=broken), list[str]()
        executor = choose_executor(outer_step, 0, every=10, capture=capture, log=log.append)
        assert log == ["takes plain steps, one by one: CompilationError: at 29:4:"]
        assert torch.equal(executor(0, 3), EagerExecutor(taken(split, toy_experiment))(0, 3))


def test_a_mistake_of_plain_steps_is_raised(
    split: Split, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer_step = taken(split, toy_experiment)

    def broken(*arguments: object) -> Tensor:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(OuterStep, "gradients", broken)
    executor = choose_executor(outer_step, 0, every=10, capture=record, log=list[str]().append)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        executor(0, 1)


def test_a_gradient_that_goes_astray_is_found_out(split: Split, toy_experiment: Experiment) -> None:
    class Reversed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: object, weights: Tensor) -> Tensor:
            return weights.clone()

        @staticmethod
        def backward(ctx: object, *grads: Tensor) -> Tensor:
            return -grads[0]

    def astray(*arguments: object) -> object:
        weights = OPERATIONS.finetuning(*arguments)
        return Reversed.apply(weights)  # type: ignore[no-untyped-call]

    kernels = OPERATIONS._replace(finetuning=astray)
    outer_step = leo_step([toy_experiment], split, kernels=kernels)
    log = list[str]()
    choose_executor(outer_step, 0, every=10, capture=None, log=log.append)
    assert "astray from where a plain one goes" in log[0]


@pytest.mark.parametrize(
    ("members", "every", "steps"),
    [(1, 1000, 10), (1, 16, 16), (1, 7, 7), (1, 17, 1), (8, 1000, 8), (64, 1000, 1), (900, 10, 1)],
)
def test_a_replay_ends_where_a_validation_is_due(members: int, every: int, steps: int) -> None:
    assert steps_per_replay(members, every) == steps


def test_examples_on_the_host_are_sampled_ahead(split: Split, toy_experiment: Experiment) -> None:
    class Elsewhere(ClassificationTasks):
        samples_on_host = True  # as on a GPU whose memory is smaller than the store

    here, elsewhere = taken(split, toy_experiment), OuterStep([toy_experiment], split)
    elsewhere.tasks = Elsewhere([toy_experiment], split, elsewhere.device)
    log = list[str]()
    executor = choose_executor(elsewhere, 0, every=5, capture=record, log=log.append)
    assert log == ["replays 5 steps at a time"]
    # Also when steps are not asked for in their order.
    for first, count in ((0, 10), (10, 7), (3, 5)):
        assert torch.equal(executor(first, count), EagerExecutor(here)(first, count))
    executor.close()


@pytest.mark.parametrize("seeds", [[0], [0, 5]])
def test_steps_prepared_ahead_are_the_same_steps(
    seeds: list[int], split: Split, toy_experiment: Experiment
) -> None:
    members = [toy_experiment.with_settings({"run.seed": seed}) for seed in seeds]
    in_turn, ahead = taken(split, *members), taken(split, *members)
    before = set(threading.enumerate())
    executor = AheadExecutor(ahead)
    # Also when steps are not asked for in their order.
    for first, count in ((0, 10), (10, 7), (3, 5)):
        assert torch.equal(executor(first, count), EagerExecutor(in_turn)(first, count))
    executor.close()
    assert torch.equal(EagerExecutor(ahead)(8, 3), EagerExecutor(in_turn)(8, 3))
    begun = set(threading.enumerate()) - before
    assert not any(thread.name.startswith("leo-prefetch") for thread in begun)


def test_another_thread_makes_what_steps_are_made_of(
    split: Split, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only while there is a second core, and never two of them: draws share a generator."""
    drawn_by = list[str]()
    draws = LeoLearner.draws

    def noted(self: LeoLearner, step: int) -> Draws:
        drawn_by.append(threading.current_thread().name)
        return draws(self, step)

    monkeypatch.setattr(LeoLearner, "draws", noted)
    for cores, ours in ((2, "leo-prefetch_0"), (1, threading.current_thread().name)):
        monkeypatch.setattr("engine.training.executor.usable_cores", lambda cores=cores: cores)
        drawn_by.clear()
        executor = choose_executor(
            taken(split, toy_experiment), 0, every=10, capture=None, log=list[str]().append
        )
        executor(0, 4)
        executor(9, 2)
        executor.close()
        assert set(drawn_by) == {ours}


def test_a_mistake_ahead_is_raised_at_the_step_that_it_is_of(
    split: Split, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = LeoLearner.draws

    def broken(self: LeoLearner, step: int) -> Draws:
        if step == 3:
            raise ZeroDivisionError("a bug")
        return draws(self, step)

    monkeypatch.setattr(LeoLearner, "draws", broken)
    executor = AheadExecutor(taken(split, toy_experiment))
    assert len(executor(0, 3)) == 3
    with pytest.raises(ZeroDivisionError, match="a bug"):
        executor(3, 1)
    executor.close()
