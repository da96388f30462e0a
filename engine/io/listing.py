"""Names in sentences: fit for one line, the first few, and how many more there are."""

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 4) -> str:
    """Write "a", "a and b", "a, b and c", or "a, b, c, d and 12 more"; "" for none."""
    first = list(names[:most])
    rest = len(names) - len(first)
    if rest > 0:
        return f"{', '.join(first)} and {rest:,} more"
    return " and ".join([", ".join(first[:-1]), first[-1]]) if len(first) > 1 else "".join(first)


def counted(names: Sequence[str], one: str, several: str) -> str:
    """Name some things that a sentence is about: 'class "a" is', '2 classes ("a" and "b") are'.

    `one` and `several` are a noun and a verb, for one thing and for more.
    """
    noun, _, verb = (one if len(names) == 1 else several).partition(" ")
    if len(names) == 1:
        return f'{noun} "{shown(names[0])}" {verb}'
    quoted = listed([f'"{shown(name)}"' for name in names])
    return f"{len(names):,} {noun} ({quoted}) {verb}"


def shown(text: str, longest: int = 80) -> str:
    """Return a file's words, made fit for one line of an error message."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:longest])
