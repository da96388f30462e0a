"""Places that are moved apart as little as they must be, so that labels do not overprint."""

from collections.abc import Sequence


def parted(places: Sequence[float], least: float) -> list[float]:
    """Return ascending places, moved so that neighbours are at least so far from each other.

    Those that are too close become a row with equal steps around the middle of where they were.
    """
    rows: list[tuple[float, int]] = []  # the middle, and how many
    for place in places:
        middle, count = place, 1
        while rows and middle - rows[-1][0] < least * (count + rows[-1][1]) / 2:
            before, number = rows.pop()
            middle = (middle * count + before * number) / (count + number)
            count += number
        rows.append((middle, count))
    return [
        middle + least * (each - (count - 1) / 2) for middle, count in rows for each in range(count)
    ]


def kept_between(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Return ascending places pushed into a range, at least so far from each other.

    Where the range has no room for all, the lowest ones are in it.
    """
    kept, top = list(places), high
    for place in reversed(range(len(kept))):
        kept[place] = top = min(kept[place], top)
        top -= least
    for place in range(len(kept)):
        kept[place] = low = max(kept[place], low)
        low += least
    return kept
