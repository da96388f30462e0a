"""The kinds of learner by what they learn from: embeddings, pictures or functions."""

from engine.config import Experiment, kinds_of
from engine.config.learner_section import LearnerSection
from engine.learners.catalogue import LEARNERS


def section_of(kind: str) -> type[LearnerSection]:
    section = kinds_of("learner")[kind]
    assert issubclass(section, LearnerSection)
    return section


ON_FUNCTIONS = {
    kind: each for kind, each in LEARNERS.items() if "regression" in section_of(kind).tasks
}
ON_EMBEDDINGS = {
    kind: each
    for kind, each in LEARNERS.items()
    if kind not in ON_FUNCTIONS and not section_of(kind).reads_pictures
}

_SMALL = {"learner.hidden_units": 8, "learner.inner_steps": 2, "learner.evaluation_steps": 3}
_SMALL_LEO = {"learner.latent_size": 4, "learner.evaluation_samples": 5}


def of_kind(experiment: Experiment, kind: str) -> Experiment:
    """Return the experiment with a learner of a kind, and with tasks that it learns."""
    if kind not in ON_FUNCTIONS:
        return experiment.with_settings({"learner.kind": kind})
    kinds = {"task.kind": "regression", "learner.kind": kind}
    small = _SMALL | (_SMALL_LEO if kind == "leo_regression" else {})
    return experiment.with_settings(kinds | small)
