"""The space of a sweep: which settings vary, and between what; from YAML, without torch."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic.fields import FieldInfo

from engine.config import Experiment, Kinds, current_path, declared, settings, used_values
from engine.config.declaration import Section, setting, settings_in
from engine.config.messages import Known, allowed_values, sentence_of
from engine.config.names import valid_name
from engine.errors import BadInput
from engine.io.text import required_text
from engine.io.versions import require_known_version
from engine.io.yaml_text import parse_yaml

SCHEMA = 1

Value = bool | int | float | str | None
"""A value of a setting that can vary."""

# What would make the validations of two trials incomparable, or is no setting of a result.
_FIXED_SECTIONS = ("schedule", "evaluation", "run")
_FIXED = ("data.store", "data.train_splits", "learner.kind")


class Parameter(Section):
    """What one setting may be: a range, or some choices."""

    title: ClassVar[str] = "Parameter"

    low: float | None = setting(None, "The least value of a range.", label="Low")
    high: float | None = setting(None, "The greatest value of a range.", label="High")
    log: bool = setting(False, "Whether it is searched by factors.", label="Log")
    step: float | None = setting(None, "From value to value of a range.", label="Step", gt=0)
    choices: list[Any] | None = setting(
        None, "All values that it may have, instead of a range.", label="Choices"
    )

    @model_validator(mode="after")
    def _is_range_or_choices(self) -> Self:
        if self.choices is not None:
            if {"low", "high", "log", "step"} & self.model_fields_set:
                raise ValueError("it has choices and a range; leave one of them out.")
            self._require_plain(self.choices)
            return self
        if self.low is None or self.high is None:
            raise ValueError("it lacks low or high; give both, or choices.")
        if not self.low < self.high:
            raise ValueError(f"low is {self.low:g} and high {self.high:g}; low must be below high.")
        if self.log and self.low <= 0:
            raise ValueError(f"low is {self.low:g}, and log needs it above 0.")
        if self.log and self.step is not None:
            raise ValueError("it has log and step; leave one of them out.")
        if self.step is not None and not _is_whole((self.high - self.low) / self.step):
            last = self.low + math.floor((self.high - self.low) / self.step) * self.step
            raise ValueError(
                f"high is {self.high:g}, which no steps of {self.step:g} from low lead to; set it "
                f"to {last:g}."
            )
        return self

    @staticmethod
    def _require_plain(choices: Sequence[Any]) -> None:
        if len(choices) < 2:
            raise ValueError("it has fewer than two choices; give more, or leave it out.")
        for place, choice in enumerate(choices):
            if not isinstance(choice, (bool, int, float, str, type(None))):
                raise ValueError(f"choice {choice!r} is no single number, text, true, false, null.")
            if any(_is_same(choice, other) for other in choices[:place]):
                raise ValueError(f"choice {choice!r} stands there twice; name each once.")

    def holds(self, value: object) -> bool:
        """Whether a value is one that the setting may have here."""
        if self.choices is not None:
            return any(_is_same(value, choice) for choice in self.choices)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        assert self.low is not None
        assert self.high is not None
        is_on_grid = self.step is None or _is_whole((value - self.low) / self.step)
        return self.low <= value <= self.high and is_on_grid

    @property
    def words(self) -> str:
        """What it may be, in words."""
        if self.choices is not None:
            return f"one of {', '.join(map(str, self.choices))}"
        step = "" if self.step is None else f" in steps of {self.step:g}"
        return f"{self.low:g} to {self.high:g}{step}{' by factors' if self.log else ''}"


class _SpaceFile(Section):
    """The file of a space."""

    title: ClassVar[str] = "Space"

    schema_version: Literal[1] = setting(
        SCHEMA, "The version of this file's layout.", label="Layout", alias="schema"
    )
    name: Annotated[str, AfterValidator(valid_name)] = setting(
        ..., "What sweeps of it are called.", label="Name"
    )
    about: str = setting("", "What it is to find out, in a sentence.", label="About")
    parameters: dict[str, dict[str, Any]] = setting(
        ..., "What each setting may be, by its dotted path.", label="Parameters", min_length=1
    )


@dataclass(frozen=True, slots=True)
class Space:
    """The settings that vary in a sweep, by dotted path; see `load_space`."""

    name: str
    about: str
    parameters: Mapping[str, Parameter]

    def values_of(self, experiment: Experiment) -> dict[str, Value]:
        """Return what an experiment has in the place of each parameter."""
        values = used_values(experiment)
        return {path: values[path] for path in self.parameters}


def load_space(path: Path) -> Space:
    """Read a space's file; raises `BadInput` where it is missing or not valid."""
    values = parse_yaml(required_text(path), str(path))
    if not isinstance(values, dict):
        raise BadInput(f"{path} is no space; it must hold the keys name and parameters.")
    require_known_version(values, path, SCHEMA)
    try:
        file = _SpaceFile.model_validate(values)
    except ValidationError as error:
        raise BadInput(sentence_of(error, _KNOWN, str(path))) from None
    return Space(file.name, file.about, parameters_of(file.parameters, str(path)))


def parameters_of(values: Mapping[str, Mapping[str, Any]], source: str) -> dict[str, Parameter]:
    """Return parameters by path from plain containers; raises `BadInput`."""
    found: dict[str, Parameter] = {}
    for path, each in values.items():
        try:
            parameter = Parameter.model_validate(each)
        except ValidationError as error:
            known = Known(dict(settings_in(Parameter)), {}, {})
            raise BadInput(sentence_of(error, known, f"{source}: {path}")) from None
        today = current_path(path)
        if today in found:
            raise BadInput(f"{source}: {path} stands there twice, as {today} too; leave one out.")
        found[today] = parameter
    return found


def plain(parameter: Parameter) -> dict[str, Any]:
    """Return a parameter as its file has it."""
    return parameter.model_dump(mode="json", exclude_defaults=True)


def require_fitting(space: Space, experiment: Experiment, source: str) -> None:
    """Raise `BadInput` unless a space varies settings that the experiment has, as it may.

    Its own values must lie in the space: they are the first trial.

    Parameters
    ----------
    space, experiment
        What varies, and what has the other settings.
    source
        What messages call the space's file.
    """
    for path, parameter in space.parameters.items():
        info = _setting(path, experiment, source)
        if parameter.choices is None and not _numbers(info):
            raise BadInput(
                f"{source}: {path} has a range, and is {allowed_values(info)}; give choices."
            )
        for value in _ends(path, parameter, source, info):
            experiment.with_settings({path: value}, source)
        own = used_values(experiment)[path]
        if not parameter.holds(own):
            raise BadInput(
                f"{source}: {path} may be {parameter.words}, and is {own} in {experiment.name}, "
                f"whose values are the first trial; widen it, or change that one with --set."
            )


def is_whole_number(path: str, experiment: Experiment) -> bool:
    """Whether a setting that has a range takes whole numbers alone."""
    info = dict(settings(Kinds.in_experiment(experiment)))[path]
    return float not in _numbers(info)


def _setting(path: str, experiment: Experiment, source: str) -> FieldInfo:
    """Return a setting that can vary; raises `BadInput` for another one."""
    info = dict(settings(Kinds.in_experiment(experiment))).get(path)
    if info is None:
        experiment.with_settings({path: None}, source)  # which raises: there is none
        raise BadInput(f"{source}: {path} is not a setting of {experiment.name}; leave it out.")
    declaration = declared(info)
    is_fixed = path in _FIXED or path.partition(".")[0] in _FIXED_SECTIONS
    if is_fixed or declaration.role != "result" or declaration.decides_episodes:
        raise BadInput(
            f"{source}: {path} cannot vary: all trials meet the same episodes for the same number "
            "of steps. Set it for all of them with --set, or make a sweep for each."
        )
    if path not in used_values(experiment):
        raise BadInput(
            f"{source}: {path} says nothing of {experiment.learner.noun()}; leave it out."
        )
    return info


def _ends(path: str, parameter: Parameter, source: str, info: FieldInfo) -> Iterator[Value]:
    """Yield the values to check: all choices, or both ends of a range."""
    if parameter.choices is not None:
        yield from parameter.choices
        return
    ends = {"low": parameter.low, "high": parameter.high, "step": parameter.step}
    is_whole = float not in _numbers(info)
    for name, value in ends.items():
        if value is not None and is_whole and not value.is_integer():
            raise BadInput(f"{source}: {path} has {name} {value:g}; it must be a whole number.")
    for value in (parameter.low, parameter.high):
        assert value is not None
        yield int(value) if is_whole else value


def _numbers(info: FieldInfo) -> set[type]:
    kinds = get_args(info.annotation) or (info.annotation,)
    return {kind for kind in kinds if kind in (int, float)}


def _is_same(one: object, other: object) -> bool:
    """Whether two values are the same; true is not 1, and 1 is 1.0."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-9 * max(1.0, abs(number))


_KNOWN = Known(
    {"parameters": _SpaceFile.model_fields["parameters"], **dict(settings_in(_SpaceFile))}, {}, {}
)
