"""Steps of a replay are the steps one by one, and what does not agree is not used.

No GPU is needed: a recorder of the tests' own stands in for CUDA graphs, behind the same interface.
"""

import pytest
import torch
from torch import Tensor

from engine.config import Experiment
from engine.data.store import EmbeddingStore, Split
from engine.graphs import Work
from engine.leo.kernels import OPERATIONS
from engine.step import OuterStep
from engine.stepping import (
    OneByOne,
    Replayed,
    StepsAhead,
    stepper_of,
    steps_of_a_replay,
)

CPU = torch.device("cpu")


def record(work: Work) -> Work:
    """Warm up as a recorder does, which moves the weights, and call the work again to replay."""
    work()
    work()
    return work


@pytest.fixture
def split(toy_store: EmbeddingStore) -> Split:
    return toy_store.load(["train"])


def taken(split: Split, *experiments: Experiment) -> OuterStep:
    return OuterStep(experiments, split)


def rows(take: OuterStep) -> list[Tensor]:
    return [tensor.clone() for member in take.members for tensor in member]


@pytest.mark.parametrize("seeds", [[0], [0, 5, 2]])
def test_replays_and_what_is_left_over_are_the_same_steps(
    seeds: list[int], split: Split, toy_experiment: Experiment
) -> None:
    members = [toy_experiment.with_settings({"run.seed": seed}) for seed in seeds]
    plain, fast = taken(split, *members), taken(split, *members)
    log = list[str]()
    stepper = stepper_of(fast, 7, every=4, recorder=record, log=log.append)
    assert log == ["replays 4 steps at a time"]
    assert isinstance(stepper, Replayed) and stepper.steps == 4
    expected = OneByOne(plain)(7, 11)
    assert torch.equal(stepper(7, 11), expected)
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
    for recorder, reason in (
        (not_recordable, "cannot be recorded (operation not permitted when stream is capturing)"),
        (forgetful, "away from the same steps one by one"),
    ):
        take, log = taken(split, toy_experiment), list[str]()
        before = rows(take)
        stepper = stepper_of(take, 0, every=10, recorder=recorder, log=log.append)
        assert isinstance(stepper, OneByOne)
        assert len(log) == 1 and reason in log[0]
        assert all(torch.equal(*pair) for pair in zip(before, rows(take), strict=True))
        assert torch.equal(stepper(0, 3), OneByOne(taken(split, toy_experiment))(0, 3))


def test_wrong_kernels_are_found_out(split: Split, toy_experiment: Experiment) -> None:
    def biased(*arguments: object) -> object:
        weights, codes = OPERATIONS.inner_loop(*arguments)
        return weights * 1.001, codes

    wrong = OPERATIONS._replace(inner_loop=biased)
    take, log = OuterStep([toy_experiment], split, kernels=wrong), list[str]()
    stepper = stepper_of(take, 0, every=10, recorder=None, log=log.append)
    assert take.is_plain and "away from a plain step's" in log[0]
    assert torch.equal(stepper(0, 3), OneByOne(taken(split, toy_experiment))(0, 3))


def test_kernels_that_do_not_compile_are_not_used(split: Split, toy_experiment: Experiment) -> None:
    class CompilationError(Exception):
        pass

    def uncompilable(*arguments: object) -> object:
        raise CompilationError("at 29:4:\nsomething about types")

    broken = OPERATIONS._replace(inner_loop=uncompilable)
    for recorder in (None, record):
        take, log = OuterStep([toy_experiment], split, kernels=broken), list[str]()
        stepper = stepper_of(take, 0, every=10, recorder=recorder, log=log.append)
        assert log == ["takes plain steps, one by one: CompilationError: at 29:4:"]
        assert torch.equal(stepper(0, 3), OneByOne(taken(split, toy_experiment))(0, 3))


def test_a_mistake_of_plain_steps_is_raised(
    split: Split, toy_experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = taken(split, toy_experiment)

    def broken(*arguments: object) -> Tensor:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(OuterStep, "learn", broken)
    stepper = stepper_of(take, 0, every=10, recorder=record, log=list[str]().append)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        stepper(0, 1)


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

    take = OuterStep([toy_experiment], split, kernels=OPERATIONS._replace(finetuning=astray))
    log = list[str]()
    stepper_of(take, 0, every=10, recorder=None, log=log.append)
    assert "astray from where a plain one goes" in log[0]


@pytest.mark.parametrize(
    ("members", "every", "steps"),
    [(1, 1000, 10), (1, 16, 16), (1, 7, 7), (1, 17, 1), (8, 1000, 8), (64, 1000, 1), (900, 10, 1)],
)
def test_a_replay_ends_where_a_validation_is_due(members: int, every: int, steps: int) -> None:
    assert steps_of_a_replay(members, every) == steps


def test_examples_on_the_host_are_sampled_ahead(split: Split, toy_experiment: Experiment) -> None:
    class Elsewhere(OuterStep):
        samples_on_host = True  # as on a GPU whose memory is smaller than the store

    here, elsewhere = taken(split, toy_experiment), Elsewhere([toy_experiment], split)
    log = list[str]()
    stepper = stepper_of(elsewhere, 0, every=5, recorder=record, log=log.append)
    assert log == ["replays 5 steps at a time"]
    # Also when steps are not asked for in their order.
    for first, count in ((0, 10), (10, 7), (3, 5)):
        assert torch.equal(stepper(first, count), OneByOne(here)(first, count))
    stepper.close()


def test_chunks_end_where_they_must(split: Split, toy_experiment: Experiment) -> None:
    ahead = StepsAhead(OneByOne(taken(split, toy_experiment)), 0, CPU)
    told = []
    while ahead.step < 20:
        ahead.launch(20)
        done = ahead.next()
        told.append(done.step)
        assert done.metrics.shape[1:] == (1, 10) and done.seconds > 0
    assert told[0] == 1 and told[-1] == 20 and not ahead.is_under_way
    ahead.launch(30, is_single=True)
    assert [done.step for done in ahead.rest()] == [21]
