"""Rules about two experiments or more, read from what each setting is declared to be for."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from engine.config.declaration import Declaration, Role, declared
from engine.config.experiment import (
    DEFAULT_KINDS,
    Experiment,
    Kinds,
    setting_values,
    settings,
    settings_of_all_kinds,
    used_values,
)

Sizes = Mapping[str, Mapping[str, int]]
"""How many classes and examples are in each split of a store."""


_NOWHERE = object()  # the value of a setting that an experiment's kinds do not have


@cache
def declarations(kinds: Kinds = DEFAULT_KINDS) -> Mapping[str, Declaration]:
    """Return what is declared of every setting, by dotted path."""
    return {path: declared(info) for path, info in settings(kinds)}


def paths_with(*roles: Role) -> tuple[str, ...]:
    """Return the settings, of whatever kind, that have one of some roles."""
    every = settings_of_all_kinds()
    return tuple(path for path, info in every.items() if declared(info).role in roles)


def differing_settings(
    one: Experiment, other: Experiment, roles: tuple[Role, ...] = ("result", "machine", "seed")
) -> tuple[str, ...]:
    """Return the settings of some roles, all but names by default, that two do not share.

    Where they are of different kinds, also those that only one has.
    """
    mine, theirs = used_values(one), used_values(other)
    found = []
    for path in joined_paths((mine, theirs)):
        kinds = Kinds.in_experiment(one if path in mine else other)
        if declarations(kinds)[path].role not in roles:
            continue
        if mine.get(path, _NOWHERE) != theirs.get(path, _NOWHERE):
            found.append(path)
    return tuple(found)


def joined_paths(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the paths that stand in some columns, each section's together.

    In the order of the first column that has them; what only a later one has follows its section.
    """
    joined: list[str] = []
    for column in columns:
        place = 0
        for path in column:
            if path in joined:
                place = joined.index(path) + 1
                continue
            section = path.rpartition(".")[0]
            while place < len(joined) and joined[place].rpartition(".")[0] == section:
                place += 1
            joined.insert(place, path)
            place += 1
    return joined


def changes_to(wanted: Experiment, base: Experiment) -> dict[str, Any]:
    """Return what `base.with_settings` needs to become another experiment, by dotted path."""
    own, new = Kinds.in_experiment(base)._asdict(), Kinds.in_experiment(wanted)._asdict()
    kinds = {f"{name}.kind": kind for name, kind in new.items() if kind != own[name]}
    if wanted.task.needs_store and not base.task.needs_store:
        kinds["data.store"] = wanted.data.store  # which has no default
    start = setting_values(base.with_settings(kinds))
    return {
        path: value
        for path, value in setting_values(wanted).items()
        if path in kinds or value != start[path]
    }


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
        seed = _text(experiment, lambda each: each.role == "seed")
        candidates = alike.setdefault(_text(experiment, lambda each: each.role == "result"), [])
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
        shared = _text(experiment, lambda each: not each.varies_in_population)
        groups.setdefault(shared, []).append(place)
    return list(groups.values())


def counted_sizes(splits: Sizes) -> dict[str, dict[str, int]]:
    """Return what a run remembers of its splits' sizes, without how it draws episodes from them."""
    return {
        name: {key: count for key, count in sizes.items() if key != "sampling"}
        for name, sizes in splits.items()
    }


def why_other_episodes(one: Experiment, other: Experiment, stores: tuple[Sizes, Sizes]) -> str:
    """Say why two experiments meet other episodes at evaluation; "" where they are the same.

    Parameters
    ----------
    one, other
        The experiments.
    stores
        What is in the store of each: episodes are numbers of classes and examples, so stores of
        the same sizes give the same ones, wherever they lie and whatever they are called. Of a file
        of functions the same of tasks and points.
    """
    if (one.learner.queries_together is None) != (other.learner.queries_together is None):
        return "one sees all queries of an episode at once, and the other each alone."
    mine, theirs = used_values(one), used_values(other)
    every = declarations(Kinds.in_experiment(one))
    # The kind stands first in its section, so where two differ in it, it is what is said.
    for path, value in mine.items():
        if every[path].decides_episodes and value != theirs.get(path, _NOWHERE):
            return f"{path} is {value} in one and {theirs[path]} in the other."
    if not (stores[0] and stores[1]) and stores[0] != stores[1] and not one.task.needs_store:
        return "one learns functions of a file, and the other drawn ones."
    if stores[0] != stores[1] and not one.task.needs_store:
        return "their files hold other tasks or points."
    if counted_sizes(stores[0]) != counted_sizes(stores[1]):
        return "their stores hold other classes or examples."
    if stores[0] != stores[1]:
        return "one draws them as earlier versions did, from a store of very many; train it anew."
    return ""


def _text(experiment: Experiment, counts: Callable[[Declaration], bool]) -> str:
    """Return a text that is equal for experiments that share all settings that count.

    Those that say nothing of an experiment's learner do not count.
    """
    every = declarations(Kinds.in_experiment(experiment))
    values = used_values(experiment)
    return json.dumps({path: value for path, value in values.items() if counts(every[path])})
