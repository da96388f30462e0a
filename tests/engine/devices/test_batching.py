"""Work is cut to a device's memory, and cut again where that runs out; no GPU is needed."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.config import Experiment, leo_settings
from engine.data.store import EmbeddingStore
from engine.devices import batching
from engine.devices.batching import batch_size, run_with_halving
from engine.evaluation.evaluator import evaluate
from engine.evaluation.protocol import Protocol
from engine.inspection.records import Provenance
from engine.inspection.tables import tabulated
from engine.learners.leo.variants import model_of
from engine.learners.registry import adapter_of
from engine.tasks.predictor import Predictor
from engine.training.outer_step import OuterStep

CPU = torch.device("cpu")


class Small:
    """A device on which so many things fit at a time."""

    def __init__(self, room: int) -> None:
        self.room, self.sizes = room, list[int]()

    def hold(self, count: int) -> None:
        if count > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        self.sizes.append(count)


@pytest.mark.parametrize(("count", "room"), [(1, 1), (10, 3), (64, 64), (7, 1)])
def test_halves_come_back_in_order(count: int, room: int) -> None:
    device = Small(room)

    def work(items: Tensor) -> Tensor:
        device.hold(len(items))
        return items * 2

    items = torch.arange(count)
    assert torch.equal(torch.cat(run_with_halving(work, items)), items * 2)
    assert max(device.sizes) <= room and sum(device.sizes) == count


def test_what_does_not_fit_at_all_is_told_and_a_bug_is_no_reason_to_go_on() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        run_with_halving(lambda items: Small(0).hold(len(items)), range(8))
    tried = []

    def broken(items: Sequence[int]) -> None:
        tried.append(items)
        raise RuntimeError("an error of ours")

    with pytest.raises(RuntimeError, match="of ours"):
        run_with_halving(broken, range(8))
    assert len(tried) == 1


def test_free_memory_says_how_much_is_done_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sized = partial(batch_size, CPU, 100, on_cpu=7, most=1000)
    assert sized() == 7
    for free, expected in ((4000, 10), (10**9, 1000), (3, 1)):
        monkeypatch.setattr(batching, "free_memory", lambda device, free=free: free)
        assert sized() == expected


def test_a_small_memory_changes_no_result(
    toy_experiment: Experiment, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = toy_store.load(["test"])
    parameters = OuterStep([toy_experiment], split).members[0]
    classifier = adapter_of(toy_experiment, parameters, split)
    protocol = Protocol(4, 2, 25, 150)
    whole = evaluate(classifier, split, protocol)
    device = Small(5)

    def cramped(support: Tensor) -> Predictor:
        device.hold(len(support))
        return classifier(support)

    # Little memory, of which less can be had than it says.
    monkeypatch.setattr(batching, "free_memory", lambda device: 3_000_000)
    small = evaluate(cramped, split, protocol)
    assert max(device.sizes) <= 5 and len(device.sizes) >= 30
    assert np.array_equal(small.accuracies, whole.accuracies)
    assert np.array_equal(small.calibration.counts, whole.calibration.counts)
    assert small.loss == pytest.approx(whole.loss, rel=1e-6)
    assert small.calibration_error == pytest.approx(whole.calibration_error, rel=1e-6)


def test_tables_go_on_in_halves(
    toy_experiment: Experiment, toy_store: EmbeddingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = toy_store.load(["test"])
    model = model_of(leo_settings(toy_experiment), OuterStep([toy_experiment], split).members[0])
    provenance = Provenance(split.name, 0, "run", "id", 0)

    def accuracies() -> list[NDArray[np.float64]]:
        return [t.accuracies for t in tabulated(model, split, range(40), (4, 2, 9), provenance)]

    whole, device = accuracies(), Small(10)
    from engine.inspection import tables

    original = tables._rows

    def cramped(split: object, provenance: object, task: object, numbers: range) -> object:
        device.hold(len(numbers))
        return original(split, provenance, task, numbers)  # type: ignore[arg-type]

    monkeypatch.setattr(tables, "_rows", cramped)
    parts = accuracies()
    assert len(parts) > len(whole) and max(device.sizes) <= 10
    assert np.array_equal(np.concatenate(parts), np.concatenate(whole))
