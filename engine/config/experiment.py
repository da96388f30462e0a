"""The experiment: everything that a run depends on; from YAML and to it."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic.fields import FieldInfo

from engine.config.backbone import Backbone
from engine.config.built_in import built_in_presets
from engine.config.declaration import Section, declared, kinds_in, setting, settings_in, titles_in
from engine.config.layouts import SCHEMA, current_path, upgraded
from engine.config.learner_section import LearnerSection
from engine.config.learners import Learner, Leo
from engine.config.messages import Known, mistake, sentence_of, unknown_setting
from engine.config.names import valid_name
from engine.config.regression_task import Regression
from engine.config.sections import (
    Classification,
    Data,
    Evaluation,
    Optimizer,
    RunSettings,
    Schedule,
    Task,
)
from engine.config.task_section import TaskSection
from engine.errors import BadInput
from engine.io.text import required_text
from engine.io.versions import require_known_version
from engine.io.yaml_text import parse_yaml, written_yaml


class Experiment(Section):
    """Everything that a run depends on."""

    title: ClassVar[str] = RunSettings.title  # a run's name stands beside its seed and device

    schema_version: Literal[2] = setting(
        SCHEMA,
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
    task: Task = Classification()
    learner: Learner = Leo()
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    evaluation: Evaluation = Evaluation()
    run: RunSettings = RunSettings()

    @model_validator(mode="after")
    def _learner_suits_task(self) -> Self:
        if self.task.kind not in self.learner.tasks:
            suited = [
                kind
                for kind, section in kinds_of("learner").items()
                if issubclass(section, LearnerSection) and self.task.kind in section.tasks
            ]
            raise ValueError(
                f"learner.kind is {self.learner.kind}, which does not learn tasks of the kind "
                f"{self.task.kind}; set it to one of {', '.join(suited)}, or change task.kind."
            )
        return self

    @model_validator(mode="after")
    def _features_suit_learner(self) -> Self:
        data = self.data
        if self.learner.reads_pictures and (data.centre or data.power or data.components):
            raise ValueError(
                "data.power, data.centre and data.components change embeddings, and learner.kind "
                f"{self.learner.kind} learns from pictures; leave them out."
            )
        return self

    @property
    def last_step(self) -> int:
        """The outer step that training ends at; 0 for a learner that needs no training."""
        return self.schedule.steps if self.learner.is_trained else 0

    @property
    def source(self) -> str:
        """Where its tasks come from: a store's name or path, families or a file of functions."""
        task = self.task
        if isinstance(task, Regression):
            return task.functions or ", ".join(task.families)
        return self.data.store

    def with_source(self, source: str) -> "Experiment":
        """Return a copy that calls its store, or its file of functions, otherwise."""
        if self.task.needs_store:
            return self.with_settings({"data.store": source})
        if isinstance(self.task, Regression) and self.task.functions:
            return self.with_settings({"task.functions": source})
        return self

    @property
    def seen_in_step(self) -> int:
        """How many tasks a step learns from, or pictures where it learns from those."""
        learner = self.learner
        return learner.batch if isinstance(learner, Backbone) else self.optimizer.meta_batch

    def to_dict(self) -> dict[str, Any]:
        """Return plain nested containers, keys as in the YAML file."""
        values = _every_value(self)
        if not self.task.needs_store:
            del values["data"]
        # So that files of experiments on drawn functions are as they always were.
        if isinstance(self.task, Regression) and not self.task.functions:
            del values["task"]["functions"]
        return values

    def to_yaml(self) -> str:
        """Return the whole experiment as YAML; reading it gives an equal experiment."""
        return written_yaml(self.to_dict())

    def with_settings(self, changes: Mapping[str, Any], source: str = "--set") -> "Experiment":
        """Return a copy with some settings changed.

        A section that becomes of another kind has the defaults of that kind, but for the changes.

        Parameters
        ----------
        changes
            New values by dotted path, such as ``{"learner.dropout": 0.3}``.
        source
            What a message calls the place where the changes come from.

        Raises
        ------
        BadInput
            If a path is no setting or a value is not allowed.
        """
        values = self.to_dict()
        today = {current_path(path): value for path, value in changes.items()}
        kinds = {f"{name}.kind": name for name in Kinds._fields}
        for path, name in kinds.items():
            if path in today and today[path] != values[name]["kind"]:
                values[name] = {"kind": today[path]}
        if _needs_store(Kinds.of(values)):
            values.setdefault("data", {})
        else:
            values.pop("data", None)
        for path, value in today.items():
            *sections, key = path.split(".")
            section = values
            for name in sections:
                inner = section.get(name)
                if not isinstance(inner, dict):
                    raise BadInput(unknown_setting(path, _known(Kinds.of(values)), source))
                section = inner
            section[key] = value
        return experiment_from_dict(values, source)


class Kinds(NamedTuple):
    """The kind of each section that is one of several; by default those of the defaults."""

    task: str = "classification"
    learner: str = "leo"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the kinds that plain containers name; the default's for what is none."""
        kinds = cls()
        for name, sections in _choices().items():
            section = values.get(name)
            kind = section.get("kind") if isinstance(section, dict) else None
            if isinstance(kind, str) and kind in sections:
                kinds = kinds._replace(**{name: kind})
        return kinds

    @classmethod
    def in_experiment(cls, experiment: Experiment) -> Self:
        """Return the kinds of an experiment."""
        return cls(task=experiment.task.kind, learner=experiment.learner.kind)


DEFAULT_KINDS = Kinds()


def experiment_from_dict(values: object, source: str) -> Experiment:
    """Validate plain containers; `source` is what messages call the place they come from."""
    if not isinstance(values, dict):
        raise BadInput(f"{source} is not an experiment; it must hold keys such as name and data.")
    require_known_version(values, source, SCHEMA)
    complete = _completed(upgraded(values, source))
    try:
        return Experiment.model_validate(complete)
    except ValidationError as error:
        raise BadInput(sentence_of(error, _known(Kinds.of(complete)), source)) from None


def mistakes(values: Mapping[str, object]) -> dict[str, str]:
    """Return all that is wrong with plain containers: sentences by dotted path.

    A path is that of a setting, or of a section of which a rule about several settings is broken.
    """
    sentences: dict[str, str] = {}
    try:
        complete = _completed(upgraded(values, "experiment"))
    except BadInput as error:
        return {"learner": str(error)}
    try:
        Experiment.model_validate(complete)
    except ValidationError as error:
        for found in error.errors():
            path, sentence = mistake(found, _known(Kinds.of(complete)), "experiment")
            sentences.setdefault(path, sentence.removeprefix("experiment: "))
    return sentences


def _completed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Name the default kind where a section says none, as every other setting has a default.

    Tasks that need no store get an empty section of data, which no person writes.
    """
    complete = dict(values)
    for name, kind in DEFAULT_KINDS._asdict().items():
        if isinstance(complete.get(name), dict):
            complete[name] = {"kind": kind, **complete[name]}
    if not _needs_store(Kinds.of(complete)):
        complete.setdefault("data", {"store": ""})
    return complete


def _needs_store(kinds: Kinds) -> bool:
    task = kinds_of("task")[kinds.task]
    assert issubclass(task, TaskSection)
    return task.needs_store


@lru_cache(maxsize=256)
def experiment_from_yaml(text: str, source: str, *, is_ours: bool = False) -> Experiment:
    """Read an experiment from YAML; raises `BadInput` with `source` and the key's path.

    Reading takes many milliseconds, and the same presets and runs are read again and again: what
    was read lately is remembered. Nobody can change an experiment. For `is_ours` see `parse_yaml`.
    """
    return experiment_from_dict(parse_yaml(text, source, is_ours=is_ours), source)


def load_experiment(path: Path) -> Experiment:
    """Read an experiment file; raises `BadInput` when it is missing or not valid."""
    is_ours = path.parent == built_in_presets()
    return experiment_from_yaml(required_text(path), str(path), is_ours=is_ours)


def kinds_of(name: str) -> dict[str, type[Section]]:
    """Return the sections that an experiment's "learner", or "task", is one of, by their kind."""
    return dict(_choices()[name])


@cache
def _choices() -> Mapping[str, Mapping[str, type[Section]]]:
    return MappingProxyType(
        {name: kinds_in(Experiment.model_fields[name]) for name in Kinds._fields}
    )


def settings(kinds: Kinds = DEFAULT_KINDS) -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over all settings with their dotted paths, in the order of their declaration."""
    yield from _settings(kinds)


@cache
def _settings(kinds: Kinds) -> tuple[tuple[str, FieldInfo], ...]:
    needs_store = _needs_store(kinds)
    every = settings_in(Experiment, kinds=kinds._asdict())
    return tuple(pair for pair in every if needs_store or not pair[0].startswith("data."))


def setting_titles(kinds: Kinds = DEFAULT_KINDS) -> Iterator[tuple[str, str]]:
    """Iterate over the same settings, each with the heading that it stands under."""
    own = dict(settings(kinds))
    for path, title in titles_in(Experiment, kinds=kinds._asdict()):
        if path in own:
            yield path, title


def used_settings(kinds: Kinds = DEFAULT_KINDS) -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over the settings that say something of a learner of that kind.

    All, but for those of training where the learner needs none, and those that it never reads.
    """
    yield from _used_settings(kinds)


@cache
def _used_settings(kinds: Kinds) -> tuple[tuple[str, FieldInfo], ...]:
    learner = kinds_of("learner")[kinds.learner]
    assert issubclass(learner, LearnerSection)
    return tuple(
        (path, info)
        for path, info in settings(kinds)
        if (learner.is_trained or not declared(info).is_for_training)
        and path not in learner.unused
        and path.partition(".")[0] not in learner.unused
    )


def settings_of_all_kinds() -> dict[str, FieldInfo]:
    """Return the settings that an experiment of any kind has, by path; the first kind's of each."""
    return dict(pair for kinds in reversed(all_kinds()) for pair in settings(kinds))


def all_kinds() -> list[Kinds]:
    """Return every combination of kinds that suit one another, that of the defaults first."""
    every = [Kinds(*each) for each in product(*(_choices()[name] for name in Kinds._fields))]
    return [kinds for kinds in every if _suits(kinds)]


def suited_kinds(kinds: Kinds, **wanted: str) -> Kinds:
    """Return the first kinds that suit one another and have what is wanted.

    The others stay as they are, where that can be.
    """
    changed = kinds._replace(**wanted)
    if _suits(changed):
        return changed
    return next(
        each
        for each in all_kinds()
        if all(getattr(each, name) == kind for name, kind in wanted.items())
    )


def _suits(kinds: Kinds) -> bool:
    learner = kinds_of("learner")[kinds.learner]
    assert issubclass(learner, LearnerSection)
    return kinds.task in learner.tasks


@cache
def _known(kinds: Kinds) -> Known:
    """Return what messages have to know of an experiment of some kinds."""
    own, elsewhere = dict(settings(kinds)), dict[str, str]()
    for others in all_kinds():
        for path in dict(settings(others)).keys() - own.keys():
            section = path.partition(".")[0]
            if section in Kinds._fields:
                elsewhere.setdefault(path, getattr(others, section))
    several = {name: kind for name, kind in kinds._asdict().items() if len(_choices()[name]) > 1}
    return Known(own, several, elsewhere)


def setting_values(experiment: Experiment) -> dict[str, Any]:
    """Return every setting's value by its dotted path, as YAML has it."""
    return _values(experiment, settings(Kinds.in_experiment(experiment)))


def used_values(experiment: Experiment) -> dict[str, Any]:
    """Return the same of the settings that say something of the experiment's learner."""
    return _values(experiment, used_settings(Kinds.in_experiment(experiment)))


def _values(experiment: Experiment, chosen: Iterable[tuple[str, FieldInfo]]) -> dict[str, Any]:
    values = _every_value(experiment)
    return {path: _at(values, path) for path, _ in chosen}


def _every_value(experiment: Experiment) -> dict[str, Any]:
    return experiment.model_dump(mode="json", by_alias=True)


def _at(values: Mapping[str, Any], path: str) -> Any:
    found: Any = values
    for key in path.split("."):
        found = found[key]
    return found
