"""Tasks count by the roots of their errors in training for as many steps as the settings say."""

import pytest
import torch

from engine.config import load_experiment
from engine.config.built_in import built_in_presets
from engine.learners.registry import function_learner_of


@pytest.mark.parametrize("preset", ["sine-line-5shot", "sine-line-5shot-maml"])
@pytest.mark.parametrize(("share", "steps"), [(0.07, 100), (0.77, 1000), (0.5, 3), (0, 10)])
def test_training_counts_by_roots_for_the_steps_that_the_settings_say(
    preset: str, share: float, steps: int
) -> None:
    experiment = load_experiment(built_in_presets() / f"{preset}.yaml").with_settings(
        {"learner.root_share": share, "schedule.steps": steps}
    )
    learner = function_learner_of([experiment], torch.device("cpu"), 1.0)
    end = experiment.learner.steps_of_roots(steps)
    counted = [step for step in range(steps) if learner.draws(step).takes_roots]
    assert counted == list(range(end))
    first_phase = experiment.learner.phase_at(0, steps).end
    assert abs(end - share * first_phase) <= 1
