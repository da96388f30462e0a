"""The experiment: every setting, validated, and what each of them is for; without torch."""

from engine.config.declaration import Declaration, Role, declared, titles_in
from engine.config.experiment import (
    Experiment,
    experiment_from_dict,
    experiment_from_yaml,
    load_experiment,
    mistakes,
    setting_values,
    settings,
)
from engine.config.messages import allowed_values
from engine.config.names import checked_name
from engine.config.roles import (
    declarations,
    differ_in_seed_alone,
    differing_settings,
    groups_of_seeds,
    paths_with,
    populations,
    why_other_episodes,
)
from engine.config.sections import Data, Leo, Optimizer, RunSettings, Schedule, Task, Variant

__all__ = [
    "Data",
    "Declaration",
    "Experiment",
    "Leo",
    "Optimizer",
    "Role",
    "RunSettings",
    "Schedule",
    "Task",
    "Variant",
    "allowed_values",
    "checked_name",
    "declarations",
    "declared",
    "differ_in_seed_alone",
    "differing_settings",
    "experiment_from_dict",
    "experiment_from_yaml",
    "groups_of_seeds",
    "load_experiment",
    "mistakes",
    "paths_with",
    "populations",
    "setting_values",
    "settings",
    "titles_in",
    "why_other_episodes",
]
