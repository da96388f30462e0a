from itertools import pairwise

import pytest
import torch

from engine.config import Experiment, load_experiment
from engine.config.built_in import built_in_presets
from engine.data.store import EmbeddingStore
from engine.training.outer_step import OuterStep
from engine.training.rates import has_constant_rate, rate_share

SINES = load_experiment(built_in_presets() / "sine-line-5shot.yaml")
MAML = load_experiment(built_in_presets() / "sine-line-5shot-maml.yaml")
SMALL = {"schedule.steps": 1000, "optimizer.warm_up": 0.1}


def test_the_rate_of_most_learners_is_that_of_the_settings(toy_experiment: Experiment) -> None:
    assert has_constant_rate(toy_experiment)
    assert not has_constant_rate(SINES) and not has_constant_rate(MAML)
    assert not has_constant_rate(toy_experiment.with_settings({"optimizer.warm_up": 0.1}))


def test_the_rate_rises_from_nothing_and_falls_by_half_a_cosine() -> None:
    experiment = MAML.with_settings(SMALL)
    shares = [rate_share(experiment, step) for step in range(1000)]
    assert shares[0] == pytest.approx(0.01, rel=1e-3)
    assert shares[49] == pytest.approx(0.5, rel=0.01)
    assert max(shares) == max(shares[95:105]) and shares[500] == pytest.approx(0.5)
    assert all(later < earlier for earlier, later in pairwise(shares[100:]))
    assert shares[-1] < 1e-5
    constant = experiment.with_settings({"optimizer.decay": "constant"})
    assert [rate_share(constant, step) for step in (100, 999)] == [1.0, 1.0]


def test_each_phase_warms_up_and_decays_by_itself() -> None:
    changes = {"learner.last_phase": 0.2, "learner.last_phase_rate": 0.5}
    experiment = SINES.with_settings(SMALL | changes)
    shares = [rate_share(experiment, step) for step in range(1000)]
    assert max(shares[:800]) > 0.95 and shares[799] < 1e-4
    assert shares[800] == pytest.approx(0.5 / 20)
    assert 0.45 < max(shares[800:]) <= 0.5 and shares[-1] < 1e-3
    alone = experiment.with_settings({"learner.last_phase": 0.0})
    assert rate_share(alone, 900) == pytest.approx(rate_share(MAML.with_settings(SMALL), 900))


def test_a_step_is_as_long_as_its_share_says(
    toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    """Adam's first step moves every weight by its step size, whatever the gradient is."""
    split = toy_store.load(["train"])

    def moved(experiment: Experiment, step: int) -> torch.Tensor:
        outer_step = OuterStep([experiment], split)
        before = {name: each.clone() for name, each in outer_step.weights().items()}
        outer_step(range(step, step + 1))
        return torch.cat([(outer_step.weights()[name] - before[name]).flatten() for name in before])

    warm = toy_experiment.with_settings({"optimizer.warm_up": 0.5, "optimizer.decay": "cosine"})
    for step in (0, 10, 39):
        share = rate_share(warm, step)
        assert 0 < share < 1
        torch.testing.assert_close(moved(warm, step), share * moved(toy_experiment, step))


def test_a_step_is_the_same_after_a_restart_and_among_others(
    toy_experiment: Experiment, toy_store: EmbeddingStore
) -> None:
    split = toy_store.load(["train"])
    base = toy_experiment.with_settings({"optimizer.warm_up": 0.2, "optimizer.decay": "cosine"})
    rates = [{"optimizer.outer_lr": rate} for rate in (1e-3, 3e-4)]
    members = [base.with_settings(each) for each in rates]
    together = OuterStep(members, split)
    together(range(6))
    for place, member in enumerate(members):
        alone = OuterStep([member], split)
        alone(range(3))
        again = OuterStep([member], split)
        again.restore(alone.weights(), alone.moments())
        again(range(3, 6))
        for mine, other in zip(again.members[0], together.members[place], strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-6)
