"""The experiment: every setting of a run, validated, with what each of them is for; without torch."""

from engine.config.experiment import (
    Data,
    Experiment,
    Leo,
    Optimizer,
    RunSettings,
    Schedule,
    Task,
    allowed_values,
    checked_name,
    experiment_from_dict,
    experiment_from_yaml,
    load_experiment,
    mistakes,
    settings,
)

__all__ = [
    "Data",
    "Experiment",
    "Leo",
    "Optimizer",
    "RunSettings",
    "Schedule",
    "Task",
    "allowed_values",
    "checked_name",
    "experiment_from_dict",
    "experiment_from_yaml",
    "load_experiment",
    "mistakes",
    "settings",
]
