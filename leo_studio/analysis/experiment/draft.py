"""An experiment while somebody edits it, right or wrong, and what it differs from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from engine.config import (
    Experiment,
    Kinds,
    experiment_from_dict,
    kinds_of,
    mistakes,
    setting_values,
    settings,
    suited_kinds,
    used_settings,
)
from engine.data.built_in import BUILT_IN_STORE
from leo_studio.analysis.experiment.own_functions import REMARKS, REPLACED, has_file

_STEPS, _EVERY = "schedule.steps", "schedule.validate_every"
_USUAL_VALIDATIONS = 10  # of a run, which is enough to see its curve


@dataclass(frozen=True)
class Draft:
    """An experiment that is being edited.

    Attributes
    ----------
    base
        What differences are counted against.
    title
        What people call the base, such as a preset's name.
    values
        Every setting of its kinds by its dotted path, as in YAML; a value may be wrong.
    put_by
        What was there before another kind was chosen, by section and kind, to come back to.
    """

    base: Experiment
    title: str
    values: Mapping[str, object]
    put_by: Mapping[tuple[str, str], Mapping[str, object]] = field(
        default_factory=dict, compare=False
    )

    @classmethod
    def of(cls, experiment: Experiment, base: Experiment | None = None, title: str = "") -> "Draft":
        """Return the draft of an experiment that nobody has edited yet."""
        base = base or experiment
        return cls(base, title or base.name, setting_values(experiment))

    @cached_property
    def kinds(self) -> Kinds:
        """What it is of, where an experiment is one of several kinds."""
        return Kinds.of(nested(self.values))

    @cached_property
    def base_values(self) -> Mapping[str, Any]:
        """What is not changed: the base's values, or the defaults of a kind that it is not of."""
        own = setting_values(self.base)
        kinds = [f"{name}.kind" for name in Kinds._fields]
        return setting_values(self._base_of(self.kinds)) | {path: own[path] for path in kinds}

    def _base_of(self, kinds: Kinds) -> Experiment:
        """Return the base with other kinds, and the defaults of those that it is not of."""
        changes = {f"{name}.kind": kind for name, kind in kinds._asdict().items()}
        if not self.base.task.needs_store and kinds.task != self.base.task.kind:
            changes["data.store"] = BUILT_IN_STORE
        return self.base.with_settings(changes)

    @cached_property
    def remarks(self) -> Mapping[str, str]:
        """What is said beneath settings, by their paths: what others make of them."""
        found = dict(REMARKS) if has_file(self.values) else {}
        steps, every = self.values.get(_STEPS), self.values.get(_EVERY)
        if isinstance(steps, int) and isinstance(every, int) and 1 <= steps < every:
            found[_EVERY] = (
                f"The length is {steps:,}, so there is one validation, after the last step. "
                f"For more, choose {max(1, steps // _USUAL_VALIDATIONS):,} or so."
            )
        return found

    @cached_property
    def replaced(self) -> frozenset[str]:
        """The settings that others take the place of; their values wait until these are gone."""
        return REPLACED if has_file(self.values) else frozenset()

    @property
    def changed(self) -> tuple[str, ...]:
        """The settings that differ from the base, in their order, of those that are of use."""
        base = self.base_values
        used = (path for path, _ in used_settings(self.kinds) if path not in self.replaced)
        return tuple(path for path in used if self.values[path] != base[path])

    def with_value(self, path: str, value: object) -> "Draft":
        """Return a draft of which one setting is another.

        Another kind comes with the values that were put by when it was left, else the base's.
        """
        name, _, key = path.partition(".")
        if key == "kind" and value != self.values[path] and value in kinds_of(name):
            return self._of_kind(name, str(value))
        return replace(self, values={**self.values, path: value})

    def _of_kind(self, name: str, kind: str) -> "Draft":
        """Change a kind; where the other one does not suit it, it becomes one that does."""
        kinds = suited_kinds(self.kinds, **{name: kind})
        unchanged = setting_values(self._base_of(kinds))
        known, put_by = {**unchanged, **self.values}, dict(self.put_by)
        for section, own_kind in self.kinds._asdict().items():
            new_kind = getattr(kinds, section)
            if new_kind != own_kind:
                put_by[section, own_kind] = _inside(self.values, section)
                # Kinds may have settings of one name, which are still none of each other's.
                known |= put_by.get((section, new_kind), _inside(unchanged, section))
                known[f"{section}.kind"] = new_kind
        values = {path: known[path] for path, _ in settings(kinds)}
        return replace(self, values=values, put_by=put_by)

    def reset(self, path: str) -> "Draft":
        """Return a draft of which one setting is the base's."""
        return self.with_value(path, self.base_values[path])

    def reset_all(self) -> "Draft":
        """Return a draft that does not differ from its base."""
        return replace(self, values=setting_values(self.base))

    def mistakes(self) -> dict[str, str]:
        """Return what the schema finds wrong: sentences by the path of a setting or section."""
        return mistakes(self._of_use())

    def experiment(self) -> Experiment | None:
        """Return the experiment; None while the schema finds something wrong."""
        values = self._of_use()
        return None if mistakes(values) else experiment_from_dict(values, self.title)

    def _of_use(self) -> dict[str, Any]:
        """Return what the schema reads: settings that say nothing here, and show nowhere, as is."""
        used = {path: self.values[path] for path, _ in used_settings(self.kinds)}
        every = {**self.base_values, **used}
        return nested({path: every[path] for path in every if path not in self.replaced})


def _inside(values: Mapping[str, object], name: str) -> dict[str, object]:
    """Return the settings of one section."""
    return {path: value for path, value in values.items() if path.startswith(f"{name}.")}


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
