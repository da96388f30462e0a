"""Declarations of settings: default, limits, words and role, in one place."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Role = Literal["result", "machine", "seed", "label", "layout"]
"""What a setting is for.

``result``: it decides what is learned, or what is measured of it; runs in which one differs are
different experiments. ``machine``: where and how the same is computed. ``seed``: which draws.
``label``: what people call it. ``layout``: how the file is laid out, nothing about the run.
"""


class Section(BaseModel):
    """Some settings that belong together; `title` is what people call them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    title: ClassVar[str]


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


def settings_in(section: type[Section], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Iterate over the settings of a section and of those inside it, with dotted paths."""
    for name, info in section.model_fields.items():
        path = prefix + (info.alias or name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            yield from settings_in(info.annotation, path + ".")
        else:
            yield path, info


def titles_in(section: type[Section], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Iterate over the same settings, each with the title of the section that it stands in."""
    for name, info in section.model_fields.items():
        path = prefix + (info.alias or name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            yield from titles_in(info.annotation, path + ".")
        else:
            yield path, section.title
