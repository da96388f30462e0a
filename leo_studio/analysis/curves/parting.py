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
