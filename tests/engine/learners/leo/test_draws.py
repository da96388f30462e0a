from dataclasses import replace

import pytest
import torch

from engine.config import experiment_from_dict
from engine.learners.leo.draws import DrawShapes, draw, dropout_masks
from engine.learners.leo.variants import draw_shapes_of

SHAPES = DrawShapes(
    tasks=2,
    n_way=3,
    k_shot=2,
    queries=4,
    embedding_dim=7,
    latent_size=5,
    inner_steps=3,
    finetuning_steps=2,
    dropout=0.3,
    is_sampled=True,
)


def test_draws_are_a_function_of_seed_and_step_alone() -> None:
    fresh, used = torch.Generator(), torch.Generator()
    torch.rand(100, generator=used)
    one, other = draw(SHAPES, 3, 5, fresh), draw(SHAPES, 3, 5, used)
    for mine, its in zip(one, other, strict=True):
        assert mine is not None and its is not None and torch.equal(mine, its)
    for seed, step in ((3, 6), (4, 5)):
        changed = draw(SHAPES, seed, step, fresh)
        assert one.weight_noise is not None and changed.weight_noise is not None
        assert not torch.equal(one.weight_noise, changed.weight_noise)


def test_one_draw_for_each_decode_and_each_support_gradient() -> None:
    draws = draw(SHAPES, 0, 0, torch.Generator())
    shapes = [None if part is None else tuple(part.shape) for part in draws]
    assert shapes == [(2, 2, 3, 5), (4, 2, 2, 3, 7), (2, 3, 2, 7), (5, 2, 3, 2, 7), (2, 3, 4, 7)]


def test_what_is_not_random_is_not_drawn() -> None:
    quiet = draw(replace(SHAPES, dropout=0.0, is_sampled=False), 0, 0, torch.Generator())
    assert all(part is None for part in quiet)


@pytest.mark.parametrize("rate", [0.1, 0.307651, 0.475126, 0.9])
def test_masks_keep_at_their_rate_and_have_mean_one(rate: float) -> None:
    masks = dropout_masks(2_000_001, rate, torch.Generator().manual_seed(0))
    kept = masks > 0
    assert float(kept.double().mean()) == pytest.approx(1 - rate, abs=1.5e-3)
    assert float(masks.double().mean()) == pytest.approx(1, abs=0.005 + rate**4 / 50)
    assert float(masks[kept].unique()[0]) == pytest.approx(1 / (1 - rate), rel=1e-3)
    # Four masks come from one 64-bit draw: neighbours must not know of one another.
    lanes = kept[:2_000_000].view(-1, 4).double()
    correlation = torch.corrcoef(lanes.T) - torch.eye(4)
    assert correlation.abs().max() < 5e-3


def test_the_highest_rate_still_keeps_something() -> None:
    masks = dropout_masks(10, 0.9999999, torch.Generator().manual_seed(0))
    assert torch.isfinite(masks).all()


def test_noise_is_standard_normal() -> None:
    draws = draw(replace(SHAPES, embedding_dim=20_000), 0, 0, torch.Generator())
    assert draws.weight_noise is not None
    noise = draws.weight_noise.double()
    assert float(noise.mean()) == pytest.approx(0, abs=5e-3)
    assert float(noise.std()) == pytest.approx(1, abs=5e-3)


def test_variants_draw_what_they_use() -> None:
    experiment = experiment_from_dict({"name": "x", "data": {"store": "s"}}, "test")
    no_steps = experiment.with_settings({"learner.variant": "conditional_generator"})
    shapes = draw_shapes_of(no_steps, 8)
    assert (shapes.inner_steps, shapes.finetuning_steps, shapes.is_sampled) == (0, 0, True)
    means = experiment.with_settings({"learner.variant": "deterministic"})
    assert not draw_shapes_of(means, 8).is_sampled
