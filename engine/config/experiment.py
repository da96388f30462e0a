"""The experiment: everything that a run depends on; from YAML and to it."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ValidationError
from pydantic.fields import FieldInfo

from engine.config.declaration import Section, setting, settings_in
from engine.config.messages import mistake, sentence_of, unknown_setting
from engine.config.names import valid_name
from engine.config.sections import Data, Evaluation, Leo, Optimizer, RunSettings, Schedule, Task
from engine.errors import BadInput
from engine.io.yaml_text import parse_yaml, written_yaml


class Experiment(Section):
    """Everything that a run depends on."""

    title: ClassVar[str] = RunSettings.title  # a run's name stands beside its seed and device

    schema_version: Literal[1] = setting(
        1,
        "The version of this file's layout.",
        label="Layout",
        role="layout",
        alias="schema",
    )
    name: Annotated[str, AfterValidator(valid_name)] = setting(
        ...,
        "What runs are called.",
        label="Name",
        role="label",
        varies_in_population=True,
        option="--name",
    )
    description: str = setting(
        "",
        "A sentence for people.",
        label="Description",
        role="label",
        varies_in_population=True,
        is_rare=True,
    )
    data: Data
    task: Task = Task()
    leo: Leo = Leo()
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    evaluation: Evaluation = Evaluation()
    run: RunSettings = RunSettings()

    def to_dict(self) -> dict[str, Any]:
        """Return plain nested containers, keys as in the YAML file."""
        return self.model_dump(mode="json", by_alias=True)

    def to_yaml(self) -> str:
        """Return the whole experiment as YAML; reading it gives an equal experiment."""
        return written_yaml(self.to_dict())

    def with_settings(self, changes: Mapping[str, Any], source: str = "--set") -> "Experiment":
        """Return a copy with some settings changed.

        Parameters
        ----------
        changes
            New values by dotted path, such as ``{"leo.dropout": 0.3}``.
        source
            What a message calls the place where the changes come from.

        Raises
        ------
        BadInput
            If a path is no setting or a value is not allowed.
        """
        values = self.to_dict()
        for path, value in changes.items():
            *sections, key = path.split(".")
            section = values
            for name in sections:
                inner = section.get(name)
                if not isinstance(inner, dict):
                    raise BadInput(unknown_setting(path, dict(settings()), source))
                section = inner
            section[key] = value
        return experiment_from_dict(values, source)


def experiment_from_dict(values: object, source: str) -> Experiment:
    """Validate plain containers; `source` is what messages call the place they come from."""
    if not isinstance(values, dict):
        raise BadInput(f"{source} is not an experiment; it must hold keys such as name and data.")
    try:
        return Experiment.model_validate(values)
    except ValidationError as error:
        raise BadInput(sentence_of(error, dict(settings()), source)) from None


def mistakes(values: Mapping[str, object]) -> dict[str, str]:
    """Return all that is wrong with plain containers: sentences by dotted path.

    A path is that of a setting, or of a section of which a rule about several settings is broken.
    """
    sentences: dict[str, str] = {}
    try:
        Experiment.model_validate(values)
    except ValidationError as error:
        for found in error.errors():
            path, sentence = mistake(found, dict(settings()), "experiment")
            sentences.setdefault(path, sentence.removeprefix("experiment: "))
    return sentences


def experiment_from_yaml(text: str, source: str) -> Experiment:
    """Read an experiment from YAML; raises `BadInput` with `source` and the key's path."""
    return experiment_from_dict(parse_yaml(text, source), source)


def load_experiment(path: Path) -> Experiment:
    """Read an experiment file; raises `BadInput` when it is missing or not valid."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is not text in UTF-8; save it as UTF-8.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from None
    return experiment_from_yaml(text, path.name)


def settings() -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over all settings with their dotted paths, in the order of their declaration."""
    yield from _settings()


@cache
def _settings() -> tuple[tuple[str, FieldInfo], ...]:
    return tuple(settings_in(Experiment))


def setting_values(experiment: Experiment) -> dict[str, Any]:
    """Return every setting's value by its dotted path, as YAML has it."""
    values = experiment.to_dict()
    return {path: _at(values, path) for path, _ in settings()}


def _at(values: Mapping[str, Any], path: str) -> Any:
    found: Any = values
    for key in path.split("."):
        found = found[key]
    return found
