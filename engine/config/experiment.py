"""The experiment: everything that a run depends on, validated; YAML in and out.

Each setting is declared once, with its limits, the paper's symbol and a sentence; the form in the
window, the messages below and the command line are made from that declaration.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin

import annotated_types
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from engine.errors import BadInput
from engine.yaml_text import parse_yaml, written_yaml

Variant = Literal[
    "full",
    "no_finetuning",
    "deterministic",
    "random_prior",
    "conditional_generator",
    "conditional_generator_finetuning",
]


def setting(
    default: Any,
    description: str,
    *,
    symbol: str = "",
    scale: Literal["linear", "log"] = "linear",
    **limits: Any,
) -> Any:
    """Declare a setting: its default, a sentence, the paper's symbol, its scale and its limits."""
    return Field(
        default,
        description=description,
        json_schema_extra={"symbol": symbol, "scale": scale},
        **limits,
    )


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", name):
        raise ValueError(
            "it must be 1 to 100 letters, digits and the signs . _ + -, beginning with a letter "
            "or a digit, since folders are named after it"
        )
    return name


def checked_name(name: str, what: str) -> str:
    """Return a name that folders and files can have; raises `BadInput`, calling it `what`."""
    try:
        return _checked_name(name)
    except ValueError as error:
        raise BadInput(f'{what} is "{name}"; {error}.') from None


def _checked_device(device: str) -> str:
    if not re.fullmatch(r"auto|cpu|(cuda|xpu)(:\d+)?|mps", device):
        raise ValueError("it must be auto, cpu, cuda, cuda:0 and so on, mps or xpu")
    return device


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Data(_Section):
    """Where examples come from."""

    store: str = setting(..., "A store's name in the library, or a path to an .h5 file.")
    train_splits: Annotated[
        tuple[Literal["train", "val"], ...],
        BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    ] = setting(
        ("train",),
        "Splits whose classes are trained on; the paper's test figures used train and val.",
        min_length=1,
    )
    normalize: bool = setting(True, "Divide each embedding by its Euclidean norm, as released.")

    @model_validator(mode="after")
    def _splits_differ(self) -> Self:
        if len(set(self.train_splits)) != len(self.train_splits):
            raise ValueError("data.train_splits names a split twice; name each once.")
        return self


class Task(_Section):
    """What one episode asks."""

    kind: Literal["classification"] = setting("classification", "The kind of task.")
    n_way: int = setting(5, "Classes in an episode.", symbol="N", ge=2, le=1000)
    k_shot: int = setting(1, "Labelled examples per class.", symbol="K", ge=1, le=1000)
    queries: int = setting(15, "Queries per class in a training episode.", ge=1, le=10000)
    examples_per_class: int = setting(
        600, "At evaluation each class has this many examples less k_shot as queries.", ge=2
    )

    @model_validator(mode="after")
    def _has_queries_left(self) -> Self:
        if self.examples_per_class <= self.k_shot:
            raise ValueError(
                f"task.examples_per_class is {self.examples_per_class} and task.k_shot is "
                f"{self.k_shot}; examples_per_class must be larger, or no query is left to "
                "evaluate on."
            )
        return self


class Leo(_Section):
    """Latent Embedding Optimization."""

    variant: Variant = setting(
        "full", "Which LEO: all of it, or one of the paper's ablations (table 2)."
    )
    latent_size: int = setting(64, "Numbers in a latent code.", symbol="n_z", ge=1, le=4096)
    inner_steps: int = setting(
        5, "Gradient steps on the latent codes.", symbol="steps on z", ge=0, le=100
    )
    finetuning_steps: int = setting(
        5, "Gradient steps on the classifier weights.", symbol="steps on θ", ge=0, le=100
    )
    inner_lr: float = setting(
        1.0, "Initial step size on latent codes; learned.", symbol="α", scale="log", gt=0, le=1000
    )
    finetuning_lr: float = setting(
        0.001,
        "Initial step size on classifier weights; learned.",
        symbol="α (fine-tuning)",
        scale="log",
        gt=0,
        le=1000,
    )
    dropout: float = setting(
        0.3, "Chance that an input number is dropped in training.", symbol="p", ge=0, lt=1
    )
    kl_weight: float = setting(
        0.001, "Weight of the codes' divergence from the prior.", symbol="β", scale="log", ge=0
    )
    encoder_penalty_weight: float = setting(
        1e-6,
        "Weight of the distance between initial and adapted codes.",
        symbol="γ",
        scale="log",
        ge=0,
    )
    l2_weight: float = setting(
        1e-8, "Weight of the L2 term on the weight matrices.", symbol="λ₁", scale="log", ge=0
    )
    orthogonality_weight: float = setting(
        0.01, "Weight of the decoder rows' correlation.", symbol="λ₂", scale="log", ge=0
    )


class Optimizer(_Section):
    """The outer loop's optimiser, Adam."""

    outer_lr: float = setting(3e-4, "Adam's step size.", symbol="η", scale="log", gt=0, le=10)
    meta_batch: int = setting(12, "Tasks per outer step.", ge=1, le=4096)
    clip_value: float | None = setting(
        0.1, "Each gradient element is clipped to this size; null for no clipping.", gt=0
    )
    clip_norm: float | None = setting(
        0.1, "Then each variable's gradient to this norm; null for no clipping.", gt=0
    )


class Schedule(_Section):
    """How long to train, and when to look."""

    steps: int = setting(100_000, "Outer steps.", ge=1, le=100_000_000)
    validate_every: int = setting(
        1000, "Outer steps between validations; each keeps a checkpoint.", ge=1
    )
    validation_episodes: int = setting(2000, "Episodes per validation, always the same.", ge=2)
    early_stopping: int | None = setting(
        None, "Stop after this many validations without a better one; null for never.", ge=1
    )


class Evaluation(_Section):
    """The released protocol's evaluation."""

    episodes: int = setting(10_000, "Episodes of an evaluation.", ge=2, le=10_000_000)


class RunSettings(_Section):
    """Where and from which seed."""

    seed: int = setting(0, "Fixes weights, episodes and every draw.", ge=0, le=2**63 - 1)
    device: Annotated[str, AfterValidator(_checked_device)] = setting(
        "auto", "auto takes a CUDA GPU where there is one, else the CPU."
    )
    cuda_graph: bool = setting(
        True, "On a CUDA GPU, replay whole outer steps as one graph: the same steps, faster."
    )
    compile: bool = setting(
        False, "Let torch.compile make the step's code; it takes about a minute at the start."
    )
    tf32: bool = setting(
        False, "On a CUDA GPU, multiply in TensorFloat-32: faster, with three digits instead of 7."
    )
    deterministic: bool = setting(
        False, "Use only algorithms that repeat to the bit on the same device."
    )
    threads: int | None = setting(
        None, "CPU threads of the training loop; null for 1, which is fastest.", ge=1, le=1024
    )


class Experiment(_Section):
    """Everything that a run depends on."""

    schema_version: Literal[1] = Field(
        1, alias="schema", description="The version of this file's layout."
    )
    name: Annotated[str, AfterValidator(_checked_name)] = setting(..., "What runs are called.")
    description: str = setting("", "A sentence for people.")
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
                    raise BadInput(_unknown_setting(source, path))
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
        raise BadInput(_sentence(error, source)) from None


def mistakes(values: Mapping[str, object]) -> dict[str, str]:
    """Return all that is wrong with plain containers: sentences by dotted path.

    A path is that of a setting, or of a section of which a rule about several settings is broken.
    """
    sentences: dict[str, str] = {}
    try:
        Experiment.model_validate(values)
    except ValidationError as error:
        for found in error.errors():
            path, sentence = _mistake(found, "experiment")
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


def settings(
    section: type[BaseModel] = Experiment, prefix: str = ""
) -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over all settings with their dotted paths."""
    for name, info in section.model_fields.items():
        path = prefix + (info.alias or name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from settings(info.annotation, path + ".")
        else:
            yield path, info


def allowed_values(info: FieldInfo) -> str:
    """Say in words what a setting accepts: "a number, at least 0 and below 1"."""
    kind, limits = _kind(info.annotation), _limits(info)
    optional = " or null" if type(None) in get_args(info.annotation) else ""
    return f"{kind}{', ' if limits else ''}{limits}{optional}"


def _kind(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        choices = [str(choice) for choice in get_args(annotation)]
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    if get_origin(annotation) is tuple:
        return f"a list of {_kind(get_args(annotation)[0]).removeprefix('one of ')}"
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    for candidate in get_args(annotation) or (annotation,):
        if candidate in kinds:
            return kinds[candidate]
    return "a group of settings"


def _limits(info: FieldInfo) -> str:
    words = []
    for limit in info.metadata:
        match limit:
            case annotated_types.Ge():
                words.append(f"at least {limit.ge}")
            case annotated_types.Gt():
                words.append(f"above {limit.gt}")
            case annotated_types.Le():
                words.append(f"at most {limit.le}")
            case annotated_types.Lt():
                words.append(f"below {limit.lt}")
            case annotated_types.MinLen():
                words.append(f"with at least {limit.min_length} entry")
    return " and ".join(words)


def _sentence(error: ValidationError, source: str) -> str:
    """Turn the first thing that pydantic found wrong into one sentence."""
    return _mistake(error.errors()[0], source)[1]


def _mistake(found: ErrorDetails, source: str) -> tuple[str, str]:
    """Return where something that pydantic found is wrong, and a sentence."""
    # A tuple's index and a union's branch are no part of the path that a person wrote.
    names = [str(part) for part in found["loc"] if isinstance(part, str)]
    known = dict(settings())
    while len(names) > 1 and ".".join(names) not in known and found["type"] != "extra_forbidden":
        if any(path.startswith(".".join(names) + ".") for path in known):
            break
        names.pop()
    path = ".".join(names)
    return path, _words(found, path, source)


def _words(found: ErrorDetails, path: str, source: str) -> str:
    known = dict(settings())
    if found["type"] == "extra_forbidden":
        return _unknown_setting(source, path)
    if found["type"] == "missing":
        words = allowed_values(known[path]) if path in known else "a group of settings"
        return f"{source} lacks {path}; add it: {words}."
    if found["type"] == "value_error":
        reason = str(found["ctx"]["error"])
        # A rule about several settings names them itself.
        return (
            f"{source}: {reason}"
            if path not in known
            else (f"{source}: {path} is {_shown(found['input'])}; {reason}.")
        )
    if path not in known:
        return f"{source}: {path} is {_shown(found['input'])}; it must be a group of settings."
    is_off_limits = found["type"] in (
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
    )
    allowed = _limits(known[path]) if is_off_limits else allowed_values(known[path])
    return f"{source}: {path} is {_shown(found['input'])}; it must be {allowed}."


def _unknown_setting(source: str, path: str) -> str:
    known = [name for name, _ in settings()]
    close = difflib.get_close_matches(path, known, n=1)
    section = path.rpartition(".")[0]
    siblings = [name for name in known if name.rpartition(".")[0] == section] or known
    hint = f"did you mean {close[0]}?" if close else f"settings are {', '.join(siblings)}."
    return f"{source}: {path} is not a setting; {hint}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
