"""The experiment: every setting, validated, and what each of them is for; without torch."""

from engine.config.backbone import Backbone
from engine.config.baselines import ClassMean, Discriminant, Distance, Logistic, Neighbours, Ridge
from engine.config.declaration import Declaration, Role, declared
from engine.config.experiment import (
    DEFAULT_KINDS,
    Experiment,
    Kinds,
    all_kinds,
    experiment_from_dict,
    experiment_from_yaml,
    kinds_of,
    load_experiment,
    mistakes,
    setting_titles,
    setting_values,
    settings,
    settings_of_all_kinds,
    suited_kinds,
    used_settings,
    used_values,
)
from engine.config.layouts import current_path
from engine.config.learner_section import QueriesTogether
from engine.config.learners import Learner, Leo, LinearMaml, Matching, ProtoNet, Variant
from engine.config.messages import allowed_values
from engine.config.names import checked_name
from engine.config.narrowed import classification, leo_settings, regression
from engine.config.regression_learners import LeoRegression, Maml
from engine.config.regression_task import Regression
from engine.config.roles import (
    changes_to,
    counted_sizes,
    declarations,
    differ_in_seed_alone,
    differing_settings,
    groups_of_seeds,
    joined_paths,
    paths_with,
    populations,
    why_other_episodes,
)
from engine.config.sections import (
    Classification,
    Data,
    Optimizer,
    RunSettings,
    Schedule,
    Task,
)
from engine.config.transductive import AlphaTim, SoftKMeans

__all__ = [
    "DEFAULT_KINDS",
    "AlphaTim",
    "Backbone",
    "ClassMean",
    "Classification",
    "Data",
    "Declaration",
    "Discriminant",
    "Distance",
    "Experiment",
    "Kinds",
    "Learner",
    "Leo",
    "LeoRegression",
    "LinearMaml",
    "Logistic",
    "Maml",
    "Matching",
    "Neighbours",
    "Optimizer",
    "ProtoNet",
    "QueriesTogether",
    "Regression",
    "Ridge",
    "Role",
    "RunSettings",
    "Schedule",
    "SoftKMeans",
    "Task",
    "Variant",
    "all_kinds",
    "allowed_values",
    "changes_to",
    "checked_name",
    "classification",
    "counted_sizes",
    "current_path",
    "declarations",
    "declared",
    "differ_in_seed_alone",
    "differing_settings",
    "experiment_from_dict",
    "experiment_from_yaml",
    "groups_of_seeds",
    "joined_paths",
    "kinds_of",
    "leo_settings",
    "load_experiment",
    "mistakes",
    "paths_with",
    "populations",
    "regression",
    "setting_titles",
    "setting_values",
    "settings",
    "settings_of_all_kinds",
    "suited_kinds",
    "used_settings",
    "used_values",
    "why_other_episodes",
]
