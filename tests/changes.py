"""One change of each setting, for rules that must say something about every one of them."""

from typing import Any, get_args

from engine.config import Experiment, experiment_from_dict, setting_values, settings

_TEXTS = {"name": "other", "description": "Other.", "data.store": "other", "run.device": "cpu"}
_BASE = experiment_from_dict({"name": "base", "data": {"store": "s"}}, "base")


def a_change_of(path: str, experiment: Experiment) -> Any:
    """Return another value that a setting can have; None where it has only one.

    None also for a kind: of another kind an experiment has other settings.
    """
    if path.endswith(".kind"):
        return None
    choices = get_args(dict(settings())[path].annotation)
    value = setting_values(experiment)[path]
    match value:
        case bool():
            return not value
        case int() if not choices:
            return value + 1
        case float():
            return value / 2 or 0.25
        case None:
            return 3
        case list():
            return ["train", "val"]
    return _TEXTS.get(path) or next((choice for choice in choices if choice != value), None)


CHANGEABLE = [path for path, _ in settings() if a_change_of(path, _BASE) is not None]
"""All settings but the kinds, and those that have one value so far."""


def changed(experiment: Experiment, *paths: str) -> Experiment:
    """Return an experiment that differs in some settings."""
    return experiment.with_settings({path: a_change_of(path, experiment) for path in paths})
