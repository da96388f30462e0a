"""Rules about two experiments or more, read from what each setting is declared to be for."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from engine.config.declaration import Declaration, Role, declared
from engine.config.experiment import Experiment, setting_values, settings

Sizes = Mapping[str, Mapping[str, int]]
"""How many classes and examples are in each split of a store."""


@cache
def declarations() -> Mapping[str, Declaration]:
    """Return what is declared of every setting, by dotted path."""
    return {path: declared(info) for path, info in settings()}


def paths_with(*roles: Role) -> tuple[str, ...]:
    """Return the settings that have one of some roles."""
    return tuple(path for path, each in declarations().items() if each.role in roles)


def differing_settings(
    one: Experiment, other: Experiment, roles: tuple[Role, ...] = ("result", "machine", "seed")
) -> tuple[str, ...]:
    """Return the settings of some roles, all but names by default, that two do not share."""
    mine, theirs = setting_values(one), setting_values(other)
    return tuple(path for path in paths_with(*roles) if mine[path] != theirs[path])


def differ_in_seed_alone(one: Experiment, other: Experiment) -> bool:
    """Whether two experiments differ in their seed, and else at most in machine and names."""
    return groups_of_seeds((one, other)) == [[0, 1]]


def groups_of_seeds(experiments: Sequence[Experiment]) -> list[list[int]]:
    """Put experiments together that differ in their seed alone, by their places, in order.

    A seed that is in its group already begins another one: a mean over seeds counts each once.
    """
    alike: dict[str, list[tuple[set[str], list[int]]]] = {}
    groups: list[list[int]] = []
    for place, experiment in enumerate(experiments):
        values = setting_values(experiment)
        seed = _text(values, lambda each: each.role == "seed")
        candidates = alike.setdefault(_text(values, lambda each: each.role == "result"), [])
        for seeds, group in candidates:
            if seed not in seeds:
                seeds.add(seed)
                group.append(place)
                break
        else:
            candidates.append(({seed}, [place]))
            groups.append(candidates[-1][1])
    return groups


def populations(experiments: Sequence[Experiment]) -> list[list[int]]:
    """Put experiments together that can be members of one population, by their places, in order."""
    groups: dict[str, list[int]] = {}
    for place, experiment in enumerate(experiments):
        values = setting_values(experiment)
        shared = _text(values, lambda each: not each.varies_in_population)
        groups.setdefault(shared, []).append(place)
    return list(groups.values())


def why_other_episodes(one: Experiment, other: Experiment, stores: tuple[Sizes, Sizes]) -> str:
    """Say why two experiments meet other episodes at evaluation; "" where they are the same.

    Parameters
    ----------
    one, other
        The experiments.
    stores
        What is in the store of each: episodes are numbers of classes and examples, so stores of
        the same sizes give the same ones, wherever they lie and whatever they are called.
    """
    mine, theirs = setting_values(one), setting_values(other)
    for path, each in declarations().items():
        if each.decides_episodes and mine[path] != theirs[path]:
            return f"{path} is {mine[path]} in one and {theirs[path]} in the other."
    if stores[0] != stores[1]:
        return "their stores hold other classes or examples."
    return ""


def _text(values: Mapping[str, Any], counts: Callable[[Declaration], bool]) -> str:
    """Return a text that is equal for experiments that share all settings that count."""
    every = declarations()
    return json.dumps([value for path, value in values.items() if counts(every[path])])
