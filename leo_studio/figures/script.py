"""A figure as a short Python script that draws it again, with its numbers."""

import textwrap

import numpy as np

from leo_studio.figures.drawing import DOTS_PER_INCH, Look
from leo_studio.figures.records import Figure, Numbers
from leo_studio.figures.source import source_of

_WIDEST = 96
_DIGITS = 7  # of a number: as many as float32 has


def script_of(figure: Figure, look: Look, title: str = "", name: str = "figure") -> str:
    """Return a script that needs numpy and matplotlib alone.

    Parameters
    ----------
    figure
        What it draws.
    look
        How.
    title
        A line about where the numbers are from.
    name
        Of the PDF that its last line would save.
    """
    source = source_of(figure, look.style, look.width)
    settings = [f"        {name!r}: {value!r}," for name, value in look.style.settings.items()]
    told = f"{title.rstrip('.')}. " if title else ""
    lines = [
        _comment(f"{told}Exported by LEO Studio; run with Python, numpy and matplotlib."),
        "import matplotlib.pyplot as plt",
        "import numpy as np",
        *source.imports,
        "",
        "plt.rcParams.update(",
        "    {",
        *settings,
        "    }",
        ")",
        "",
        *(f"{key} = {_array(values)}" for key, values in source.values.items()),
        "",
        f"figure = plt.figure(figsize=({look.width:g}, {look.height:g}), "
        f'dpi={DOTS_PER_INCH}, layout="constrained")',
        *source.statements,
        "",
        "plt.show()",
        f"# figure.savefig({name + '.pdf'!r})",
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return textwrap.fill(printable, _WIDEST, initial_indent="# ", subsequent_indent="# ")


def _array(values: Numbers) -> str:
    if values.ndim == 2:
        rows = ",\n".join(textwrap.indent(_list(row), "        ") for row in values)
        return f"np.array(\n    [\n{rows},\n    ]\n)"
    if len(values) > 3 and np.isfinite(values).all():
        first, step = values[0], values[1] - values[0]
        is_whole = first.is_integer() and step.is_integer() and step > 0
        if is_whole and np.array_equal(values, first + step * np.arange(len(values))):
            return f"np.arange({first:.0f}, {values[-1] + step:.0f}, {step:.0f})"
    return f"np.array({_list(values)})"


def _list(values: Numbers) -> str:
    numbers = ", ".join(_number(value) for value in values.tolist())
    if len(numbers) <= _WIDEST - 30:
        return f"[{numbers}]"
    filled = textwrap.fill(
        numbers, _WIDEST, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
    )
    return f"[\n{filled},\n]"


def _number(value: float) -> str:
    if np.isnan(value):
        return "np.nan"
    if np.isinf(value):
        return "np.inf" if value > 0 else "-np.inf"
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return f"{value:.{_DIGITS}g}"
