"""What-if changes: edits of an episode by hand, and their text, which reproduces them.

`swap 2 17; drop 0 1234; add 0 1240; inner_steps 3; inner_lr 0.5` takes class 17 of the split for
the third class, takes row 1234 out of the first class's support set, puts row 1240 into it, takes
three inner steps, each half as long. Classes and rows are counted from 0 within the split.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Literal, get_args

from engine.errors import BadInput

EditKind = Literal["swap", "drop", "add"]
_MOST_STEPS = 1000
_LARGEST_FACTOR = 1e6  # with which no code leaves what single precision holds
_EXAMPLE = "swap 2 17; drop 0 1234; add 0 1240; inner_steps 3; inner_lr 0.5"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the support set.

    Attributes
    ----------
    kind
        "swap" takes another class, "drop" takes an example out, "add" puts one in.
    place
        The class's place in the episode, 0 to N - 1.
    target
        The class that is taken instead, or the example's row.
    """

    kind: EditKind
    place: int
    target: int

    def __str__(self) -> str:
        return f"{self.kind} {self.place} {self.target}"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """All changes to an episode, in their order, and to its adaptation.

    Attributes
    ----------
    edits
        Changes of the support set.
    inner_steps, finetuning_steps
        Steps to take instead of the run's; None takes the run's.
    inner_lr, finetuning_lr
        The learned step sizes are multiplied with these.
    """

    edits: tuple[Edit, ...] = ()
    inner_steps: int | None = None
    finetuning_steps: int | None = None
    inner_lr: float = 1.0
    finetuning_lr: float = 1.0

    @property
    def is_nothing(self) -> bool:
        """Whether the episode stays as it is."""
        return self == WhatIf()

    def with_edit(self, edit: Edit) -> "WhatIf":
        """Return these changes and one more; taking out what was put in takes both back."""
        opposite: EditKind = "drop" if edit.kind == "add" else "add"
        kept = self.edits
        if edit.kind == "swap":
            # What was changed about the class that goes means nothing any more.
            kept = tuple(each for each in kept if each.place != edit.place)
        elif (undone := replace(edit, kind=opposite)) in kept:
            return replace(self, edits=tuple(each for each in kept if each != undone))
        return replace(self, edits=(*kept, edit))

    def __str__(self) -> str:
        parts = [str(edit) for edit in self.edits]
        plain = WhatIf()
        for name in _SETTINGS:
            if getattr(self, name) != getattr(plain, name):
                # All digits, so that the text means the same changes.
                parts.append(f"{name} {str(getattr(self, name)).removesuffix('.0')}")
        return "; ".join(parts)


def parse_what_if(text: str) -> WhatIf:
    """Read what `str` of some changes wrote.

    Raises
    ------
    BadInput
        If a part is not understood; the sentence names it.
    """
    changes = WhatIf()
    for part in filter(None, map(str.strip, text.split(";"))):
        words = part.split()
        try:
            if words[0] in get_args(EditKind):
                place, target = map(_count, words[1:])
                edit = Edit(words[0], place, target)  # type: ignore[arg-type]  # looked at above
                changes = replace(changes, edits=(*changes.edits, edit))
            else:
                (value,) = words[1:]
                setting: dict[str, Any] = {words[0]: _SETTINGS[words[0]](value)}
                changes = replace(changes, **setting)
        except (ValueError, KeyError):
            raise BadInput(
                f'The change "{part}" is not understood; write changes like "{_EXAMPLE}".'
            ) from None
    return changes


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _steps(text: str) -> int:
    number = _count(text)
    if number > _MOST_STEPS:
        raise ValueError(text)
    return number


def _factor(text: str) -> float:
    number = float(text)
    if not 0 <= number <= _LARGEST_FACTOR:  # nor not-a-number
        raise ValueError(text)
    return number


_SETTINGS: Final[Mapping[str, Callable[[str], float]]] = MappingProxyType(
    {
        "inner_steps": _steps,
        "finetuning_steps": _steps,
        "inner_lr": _factor,
        "finetuning_lr": _factor,
    }
)
