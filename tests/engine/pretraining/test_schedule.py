"""The step size falls as it is said to."""

import pytest

from engine.config import Backbone
from engine.pretraining.schedule import step_size


def test_a_cosine_falls_from_the_whole_to_almost_nothing() -> None:
    settings = Backbone(lr=0.2, decay="cosine")
    sizes = [step_size(settings, step, 100) for step in range(100)]
    assert sizes[0] == 0.2 and sizes[50] == pytest.approx(0.1) and sizes[-1] < 1e-3
    assert sizes == sorted(sizes, reverse=True)


def test_steps_fall_by_a_factor_at_each_milestone() -> None:
    settings = Backbone(lr=1.0, decay="step", milestones="0.5, 0.75", decay_factor=0.1)
    sizes = [step_size(settings, step, 8) for step in range(8)]
    assert sizes == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])
