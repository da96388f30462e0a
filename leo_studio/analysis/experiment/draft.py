"""An experiment while somebody edits it, right or wrong, and what it differs from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.config import Experiment, experiment_from_dict, mistakes, setting_values


@dataclass(frozen=True, slots=True)
class Draft:
    """An experiment that is being edited.

    Attributes
    ----------
    base
        What differences are counted against.
    title
        What people call the base, such as a preset's name.
    values
        Every setting by its dotted path, as in YAML; a value may be wrong.
    """

    base: Experiment
    title: str
    values: Mapping[str, object]

    @classmethod
    def of(cls, experiment: Experiment, base: Experiment | None = None, title: str = "") -> "Draft":
        """Return the draft of an experiment that nobody has edited yet."""
        base = base or experiment
        return cls(base, title or base.name, setting_values(experiment))

    @property
    def changed(self) -> tuple[str, ...]:
        """The settings that differ from the base, in their order."""
        return differing(setting_values(self.base), self.values)

    def with_value(self, path: str, value: object) -> "Draft":
        """Return a draft of which one setting is another."""
        return replace(self, values={**self.values, path: value})

    def reset(self, path: str) -> "Draft":
        """Return a draft of which one setting is the base's."""
        return self.with_value(path, setting_values(self.base)[path])

    def reset_all(self) -> "Draft":
        """Return a draft that does not differ from its base."""
        return replace(self, values=setting_values(self.base))

    def mistakes(self) -> dict[str, str]:
        """Return what the schema finds wrong: sentences by the path of a setting or section."""
        return mistakes(nested(self.values))

    def experiment(self) -> Experiment | None:
        """Return the experiment; None while the schema finds something wrong."""
        values = nested(self.values)
        return None if mistakes(values) else experiment_from_dict(values, self.title)


def nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Return settings by dotted path as the containers that the schema reads."""
    containers: dict[str, Any] = {}
    for path, value in values.items():
        *sections, key = path.split(".")
        inside = containers
        for name in sections:
            inside = inside.setdefault(name, {})
        inside[key] = value
    return containers


def differing(one: Mapping[str, object], other: Mapping[str, object]) -> tuple[str, ...]:
    """Return the paths of the settings that two experiments do not share."""
    return tuple(path for path in one if one[path] != other[path])
