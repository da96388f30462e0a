"""Names in sentences: the first few, and how many more there are."""

from collections.abc import Sequence


def listed(names: Sequence[str], most: int = 4) -> str:
    """Write "a", "a and b", "a, b and c", or "a, b, c, d and 12 more"; "" for none."""
    first = list(names[:most])
    rest = len(names) - len(first)
    if rest > 0:
        return f"{', '.join(first)} and {rest:,} more"
    return " and ".join([", ".join(first[:-1]), first[-1]]) if len(first) > 1 else "".join(first)
