"""The rule of which runs have a latent space to look at, and the sentence for those that have none.

Latent space, Episodes, Episode and Classes show what LEO's adaptation does; whoever offers a run to
them asks here.
"""

from pathlib import Path

from engine.config import Experiment
from engine.errors import BadInput
from engine.learners.catalogue import learner_kind


class NoLatentSpace(BadInput):
    """Somebody wants to look at the latent codes of a run that has none.

    Parameters
    ----------
    run
        The run's folder.
    experiment
        Its settings.
    """

    def __init__(self, run: Path, experiment: Experiment) -> None:
        super().__init__(why_no_latent_space(run.name, experiment))
        self.run = run
        self.experiment = experiment


def why_no_latent_space(name: str, experiment: Experiment | None) -> str:
    """Say why a run has no latent codes to look at; "" where it has, or cannot be read."""
    if experiment is None or learner_kind(experiment).has_latent_space:
        return ""
    if not experiment.task.needs_store:
        what = experiment.task.title.lower()
        return (
            f"{name} learns {what}; this panel shows classification. The panel Functions shows "
            f"{what}."
        )
    return f"{name} learns by {experiment.learner.noun()}; it has no latent codes."
