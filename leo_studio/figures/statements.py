"""Collects the statements that draw a figure, and names for the numbers in them."""

import json
import re
from collections.abc import Mapping

import numpy as np

from leo_studio.figures.records import Color, Numbers
from leo_studio.figures.styles import Style

_WIDEST = 100  # characters of a line
_LOCALS = "figure ax axes drawn keys row column value is_dark is_short text color"
_TAKEN = frozenset(f"np plt {_LOCALS} center w h angle point word".split(" "))


class Code(str):
    """A piece of a program, which is not quoted."""

    __slots__ = ()


class Statements:
    """Collects statements, and names for the numbers in them."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self._imports: dict[str, set[str]] = {}
        self.values: dict[str, Numbers] = {}
        self.statements: list[str] = []
        self._names: dict[bytes, str] = {}

    def say(self, *statements: str) -> None:
        """Add statements as they are."""
        self.statements += statements

    def need(self, module: str, name: str) -> Code:
        """Import a name."""
        self._imports.setdefault(module, set()).add(name)
        return Code(name)

    @property
    def imports(self) -> tuple[str, ...]:
        """A statement for each module."""
        return tuple(
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self._imports.items())
        )

    def name(self, numbers: Numbers, *hints: str) -> Code:
        """Return the name of some numbers; equal ones have one name."""
        numbers = np.asarray(numbers, np.float64)
        content = repr(numbers.shape).encode() + numbers.tobytes()
        if content not in self._names:
            words = re.sub(r"\W+", "_", " ".join(hints), flags=re.ASCII).strip("_").lower()[:30]
            stem = words.strip("_") if words[:1].isalpha() else f"values_{words}".strip("_")
            name, number = stem, 2
            while name in self.values or name in _TAKEN:
                name, number = f"{stem}_{number}", number + 1
            self._names[content] = name
            self.values[name] = numbers
        return Code(self._names[content])

    def call(self, function: str, *given: object, result: object = "", **named: object) -> None:
        """Add a call; what is None is left out."""
        texts = [text_of(each) for each in given]
        texts += [f"{key}={text_of(value)}" for key, value in named.items() if value is not None]
        start = f"{result} = {function}" if result else function
        whole = f"{start}({', '.join(texts)})"
        if len(whole) > _WIDEST:
            whole = "\n".join([f"{start}(", *(f"    {text}," for text in texts), ")"])
        self.say(whole)

    def color(self, color: Color) -> str:
        """Return a colour as matplotlib knows it."""
        if isinstance(color, int):
            return f"C{color % len(self.style.palette)}"
        return self.style.text if color == "text" else self.style.muted


def text_of(value: object) -> str:
    """Return a value as a program has it."""
    if isinstance(value, Code):
        return value
    if isinstance(value, float | np.floating):
        return format(value, ".10g") if np.isfinite(value) else f"float({str(value)!r})"
    if isinstance(value, str):
        # Python reads JSON's strings alike where nothing in them needs an escape for its number.
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, list):
        return f"[{', '.join(text_of(each) for each in value)}]"
    return repr(value)


def named(values: Mapping[str, object]) -> str:
    """Return values as named arguments."""
    return ", ".join(f"{name}={text_of(value)}" for name, value in values.items())
