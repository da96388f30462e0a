"""Declarations of settings: default, limits, words and role, in one place."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Role = Literal["result", "machine", "seed", "label", "layout"]
"""What a setting is for.

``result``: it decides what is learned, or what is measured of it; runs in which one differs are
different experiments. ``machine``: where and how the same is computed. ``seed``: which draws.
``label``: what people call it. ``layout``: how the file is laid out, nothing about the run.
"""


ONE_OF_KINDS: Any = Field(discriminator="kind")
"""Makes a union of sections one of several kinds, told apart by their setting `kind`."""

_NO_KINDS: Mapping[str, str] = MappingProxyType({})


class Section(BaseModel):
    """Some settings that belong together.

    `title` is what people call them, and `group` the heading that the form puts them under: their
    title, or what the kinds of one thing share.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    title: ClassVar[str]
    group: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared of a setting beside its default, its sentence and its limits.

    Attributes
    ----------
    label
        What the form calls it.
    role
        What it is for. By default ``result``, the one role that no rule overlooks.
    unit
        What it counts, such as "outer steps"; "" for a plain number.
    nothing
        What null means, in a word for a check box.
    symbol
        The paper's.
    scale
        How a person steps through its values.
    varies_in_population
        Whether models that are trained side by side, as one population, may differ in it.
    decides_episodes
        Whether runs in which it differs meet other episodes at evaluation.
    is_for_training
        Whether only training reads it, so that it says nothing of a learner that needs none.
    is_rare
        Whether the form keeps it behind "More".
    is_counted_singly
        Whether arrow keys go by one, however large it is.
    option
        The option of ``leo-studio train`` that stands for it, where there is one besides --set.
    """

    label: str
    role: Role = "result"
    unit: str = ""
    nothing: str = ""
    symbol: str = ""
    scale: Literal["linear", "log"] = "linear"
    varies_in_population: bool = False
    decides_episodes: bool = False
    is_for_training: bool = False
    is_rare: bool = False
    is_counted_singly: bool = False
    option: str = ""


def setting(
    default: Any,
    description: str,
    *,
    label: str,
    role: Role = "result",
    unit: str = "",
    nothing: str = "",
    symbol: str = "",
    scale: Literal["linear", "log"] = "linear",
    varies_in_population: bool = False,
    decides_episodes: bool = False,
    is_for_training: bool = False,
    is_rare: bool = False,
    is_counted_singly: bool = False,
    option: str = "",
    **limits: Any,
) -> Any:
    """Declare a setting: its default, a sentence, what `Declaration` says of it, and its limits.

    A setting that is added needs no other place: the form, the comparison of runs, populations
    and reports read what stands here.
    """
    if not label.strip():
        raise ValueError(f'"{description}" needs a label: what the form calls it.')
    declaration = Declaration(
        label=label,
        role=role,
        unit=unit,
        nothing=nothing,
        symbol=symbol,
        scale=scale,
        varies_in_population=varies_in_population,
        decides_episodes=decides_episodes,
        is_for_training=is_for_training,
        is_rare=is_rare,
        is_counted_singly=is_counted_singly,
        option=option,
    )
    return Field(default, description=description, json_schema_extra=asdict(declaration), **limits)


def declared(info: FieldInfo) -> Declaration:
    """Return what was declared of a setting; raises `TypeError` for a field without a label."""
    extra: Any = info.json_schema_extra
    if not isinstance(extra, dict) or not extra.get("label"):
        raise TypeError(f'"{info.description}" is no setting: declare it with setting(label=...).')
    return Declaration(**extra)


def kinds_in(info: FieldInfo) -> dict[str, type[Section]]:
    """Return the sections that a field chooses from, by their kind; none for a single setting.

    A section that has no kind is the only choice, and its kind is "".
    """
    found = [
        each
        for each in get_args(info.annotation) or (info.annotation,)
        if isinstance(each, type) and issubclass(each, Section)
    ]
    return {_kind_of(section): section for section in found}


def _kind_of(section: type[Section]) -> str:
    kind = section.model_fields.get("kind")
    return "" if kind is None else str(kind.default)


def settings_in(
    section: type[Section], prefix: str = "", kinds: Mapping[str, str] = _NO_KINDS
) -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over the settings of a section and of those inside it, with dotted paths.

    Parameters
    ----------
    section, prefix
        The section, and what its paths begin with.
    kinds
        The kind of each section, by its path, that is one of several; by default its default's.
    """
    for path, info, _ in _walk(section, prefix, kinds):
        yield path, info


def titles_in(
    section: type[Section], prefix: str = "", kinds: Mapping[str, str] = _NO_KINDS
) -> Iterator[tuple[str, str]]:
    """Iterate over the same settings, each with the heading that it stands under."""
    for path, _, inside in _walk(section, prefix, kinds):
        yield path, inside.group or inside.title


def _walk(
    section: type[Section], prefix: str, kinds: Mapping[str, str]
) -> Iterator[tuple[str, FieldInfo, type[Section]]]:
    for name, info in section.model_fields.items():
        path = prefix + (info.alias or name)
        choices = kinds_in(info)
        if not choices:
            yield path, info, section
            continue
        default = _kind_of(type(info.default)) if len(choices) > 1 else next(iter(choices))
        inside = choices[kinds.get(path, default)]
        for own, setting_info, where in _walk(inside, path + ".", kinds):
            is_choice = own == f"{path}.kind" and len(choices) > 1
            yield own, _choice(setting_info, choices, default) if is_choice else setting_info, where


def _choice(info: FieldInfo, choices: Mapping[str, type[Section]], default: str) -> FieldInfo:
    """Return the setting that chooses between kinds, of which each section knows its own alone."""
    literal: Any = Literal
    merged = copy(info)
    merged.annotation = literal[tuple(choices)]
    merged.default = default
    return merged
