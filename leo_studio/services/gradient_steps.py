"""Says which runs adapt a linear classifier by gradient steps, and why others do not."""

from engine.config import Experiment
from engine.learners.catalogue import learner_kind


def why_no_gradient_steps(name: str, experiment: Experiment | None) -> str:
    """Say why a run's adaptation has no curvature to measure; "" where it has, or is unreadable."""
    if experiment is None or learner_kind(experiment).has_path:
        return ""
    return (
        f"{name} learns by {experiment.learner.noun()}; it takes no gradient steps on a linear "
        "classifier whose curvature could be measured. LEO does, and so do MAML and Meta-SGD."
    )
