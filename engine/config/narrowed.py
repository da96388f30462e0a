"""The task or the learner of an experiment where it has to be of one kind; else a sentence."""

from engine.config.experiment import Experiment
from engine.config.learners import Leo
from engine.config.regression_task import Regression
from engine.config.sections import Classification
from engine.errors import BadInput


def classification(experiment: Experiment, why: str = "it has no classes") -> Classification:
    """Return the settings of a classification task; raises `BadInput` for another task.

    Parameters
    ----------
    experiment
        All settings.
    why
        What a message says that other tasks lack.
    """
    task = experiment.task
    if isinstance(task, Classification):
        return task
    raise BadInput(f"{experiment.name} learns {task.title.lower()}; {why}.")


def regression(experiment: Experiment) -> Regression:
    """Return the settings of a regression task; raises `BadInput` for another task."""
    task = experiment.task
    if isinstance(task, Regression):
        return task
    raise BadInput(f"{experiment.name} learns {task.title.lower()}, not functions.")


def leo_settings(experiment: Experiment, why: str = "it has no latent codes") -> Leo:
    """Return the settings of LEO; raises `BadInput` for an experiment of another learner.

    Parameters
    ----------
    experiment
        All settings.
    why
        What a message says that other learners lack.
    """
    learner = experiment.learner
    if isinstance(learner, Leo):
        return learner
    raise BadInput(f"{experiment.name} learns by {learner.noun()}; {why}.")
