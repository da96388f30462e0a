"""Grids: many experiments made from one, by seeds and by settings."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from engine.config import Experiment, current_path
from engine.errors import BadInput
from engine.io.listing import listed

# A name grows by what is varied, up to what a folder's name may be.
_LONGEST_NAME = 100


def grid(
    experiment: Experiment, choices: Mapping[str, Sequence[object]], source: str = "--set"
) -> list[Experiment]:
    """Return an experiment for each combination of some settings' values, named after them.

    Parameters
    ----------
    experiment
        All other settings.
    choices
        Values by dotted path; the last setting varies fastest.
    source
        What a message calls the place where they come from.

    Raises
    ------
    BadInput
        If a path is no setting, or a value is not allowed or stands there twice.
    """
    choices = {current_path(path): values for path, values in choices.items()}
    for path, values in choices.items():
        written = Counter(json.dumps(value) for value in values)
        twice = [value for value, count in written.items() if count > 1]
        if twice:
            raise BadInput(f"{source}: {path} has {listed(twice)} twice; name each value once.")
    combinations = itertools.product(*choices.values())
    return [
        _named(experiment, dict(zip(choices, values, strict=True)), source)
        for values in combinations
    ]


def seeds_from(experiment: Experiment, count: int) -> list[int]:
    """Return so many seeds, from the experiment's own on; raises `BadInput` unless it is some."""
    if count < 1:
        raise BadInput(f"--seeds is {count}; it must be at least 1.")
    return list(range(experiment.run.seed, experiment.run.seed + count))


def _named(experiment: Experiment, values: Mapping[str, object], source: str) -> Experiment:
    varied = experiment.with_settings(values, source)
    parts = [f"{path.rpartition('.')[2]}-{value}" for path, value in values.items()]
    name = re.sub(r"[^A-Za-z0-9._+-]", "-", "-".join([experiment.name, *parts]))
    if not values or len(name) > _LONGEST_NAME:
        return varied
    return varied.with_settings({"name": name})
